/* SPDX-License-Identifier: Apache-2.0 */
/* Sums are integers, so adding and removing a tile is exact. */
#include "policy/tile_reward.h"

static double tile_reward_now(const struct tile_reward *j)
{
    return tile_mix_dice(j->sums, &j->mix, NULL) - j->cost * j->chosen / j->sums->tiles;
}

static int reward_tile(const struct tile_reward *j, int item)
{
    return j->from ? j->from[item] : item;
}

static void tile_reward_move(struct tile_reward *j, int in, int out)
{
    if (in >= 0) tile_mix_take(j->sums, reward_tile(j, in), &j->mix);
    if (out >= 0) tile_mix_leave(j->sums, reward_tile(j, out), &j->mix);
    j->chosen += (in >= 0) - (out >= 0);
}

double tile_reward_of(void *reward, const int *item, int k)
{
    struct tile_reward *j = reward;
    tile_mix_begin(j->sums, &j->mix);
    for (int i = 0; i < k; i++) tile_mix_take(j->sums, reward_tile(j, item[i]), &j->mix);
    j->chosen = k;
    return tile_reward_now(j);
}

double tile_reward_change(void *reward, int in, int out, bool keep)
{
    struct tile_reward *j = reward;
    tile_reward_move(j, in, out);
    const double changed = tile_reward_now(j);
    if (!keep) tile_reward_move(j, out, in);
    return changed;
}

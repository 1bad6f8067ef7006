/* SPDX-License-Identifier: Apache-2.0 */
/* Sums are integers, so adding and removing a tile is exact. */
#include "policy/judge.h"

static double worth(const struct judge *j)
{
    return tile_mix_dice(j->sums, &j->mix, NULL) - j->cost * j->chosen / j->sums->tiles;
}

static int tile(const struct judge *j, int item) { return j->from ? j->from[item] : item; }

static void judge_move(struct judge *j, int in, int out)
{
    if (in >= 0) tile_mix_take(j->sums, tile(j, in), &j->mix);
    if (out >= 0) tile_mix_leave(j->sums, tile(j, out), &j->mix);
    j->chosen += (in >= 0) - (out >= 0);
}

double judge_reward(void *judge, const int *item, int k)
{
    struct judge *j = judge;
    tile_mix_begin(j->sums, &j->mix);
    for (int i = 0; i < k; i++) tile_mix_take(j->sums, tile(j, item[i]), &j->mix);
    j->chosen = k;
    return worth(j);
}

double judge_change(void *judge, int in, int out, bool keep)
{
    struct judge *j = judge;
    judge_move(j, in, out);
    const double changed = worth(j);
    if (!keep) judge_move(j, out, in);
    return changed;
}

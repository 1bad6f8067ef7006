/* SPDX-License-Identifier: Apache-2.0 */
/* Reward of a choice of tiles: the Dice of the merged labels minus the cost of looking. For struct
 * rewards (policy/reinforce.h). */
#pragma once

#include <stdbool.h>

#include "policy/tile_sums.h"

struct tile_reward {
    const struct tile_sums *sums;
    const int *from;     /* tile of each item; NULL: items are tiles */
    double cost;         /* of looking at all tiles, in Dice */
    struct tile_mix mix; /* the last choice evaluated, and its number of tiles */
    int chosen;
};

/* `reward` is a struct tile_reward. */
double tile_reward_of(void *reward, const int *item, int k);
double tile_reward_change(void *reward, int in, int out, bool keep);

/* SPDX-License-Identifier: Apache-2.0 */
/* Reward of a choice of tiles: the Dice of the merged labels minus the cost of looking. For struct
 * rewards (policy/reinforce.h). */
#pragma once

#include <stdbool.h>

#include "policy/tile_sums.h"

struct judge {
    const struct tile_sums *sums;
    const int *from;     /* tile of each item; NULL: items are tiles */
    double cost;         /* of looking at all tiles, in Dice */
    struct tile_mix mix; /* the last choice evaluated, and its number of tiles */
    int chosen;
};

/* `judge` is a struct judge. */
double judge_reward(void *judge, const int *item, int k);
double judge_change(void *judge, int in, int out, bool keep);

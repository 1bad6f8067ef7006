/* SPDX-License-Identifier: Apache-2.0 */
/* What choices of tiles are worth: the Dice of the merged labels, less what looking costs.  For
 * struct rewards (policy/reinforce.h). */
#ifndef POLICY_JUDGE_H
#define POLICY_JUDGE_H

#include <stdbool.h>

#include "policy/tile_sums.h"

struct judge {
    const struct tile_sums *sums;
    const int *from;     /* which tile an item is; NULL: items are tiles */
    double cost;         /* of looking at all tiles, in Dice */
    struct tile_mix mix; /* of the choice that was asked about last, and the number of its tiles */
    int chosen;
};

/* `judge` is a struct judge. */
double judge_reward(void *judge, const int *item, int k);
double judge_change(void *judge, int in, int out, bool keep);

#endif

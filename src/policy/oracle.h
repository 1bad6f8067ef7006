/* SPDX-License-Identifier: Apache-2.0 */
/* Choices that use the truth. */
#pragma once

#include "policy/tile_sums.h"

/* At most k tiles in order, each the one that gains most Dice (the first of equals), while one
 * gains. Returns their number. */
int oracle_greedy(const struct tile_sums *s, int k, int *chosen);

/* The best choice of at most k tiles, for one class. `value` is scratch, [k]. Returns their
 * number. */
int oracle_optimum(const struct tile_sums *s, int k, int *chosen, double *value);

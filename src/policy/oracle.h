/* SPDX-License-Identifier: Apache-2.0 */
/* Choices that know the truth. */
#ifndef POLICY_ORACLE_H
#define POLICY_ORACLE_H

#include "policy/tile_sums.h"

/* At most k tiles, in order: always the one that gains most Dice (the first of equal ones), while
 * one gains. Returns how many. */
int oracle_greedy(const struct tile_sums *s, int k, int *chosen);

/* The best of all choices of at most k tiles, for one class. `value` is scratch, [k]. Returns how
 * many. */
int oracle_optimum(const struct tile_sums *s, int k, int *chosen, double *value);

#endif

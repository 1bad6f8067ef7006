/* SPDX-License-Identifier: Apache-2.0 */
/* Held-out training cases: they train both networks in stage 1 only. Later they compare policies
 * (hard_best.h), and the models before and after the joint stage (hard_keep.h). */
#pragma once

#include "dataset/split.h"

/* How many are held out: about a fifth, at most 12; none of fewer than 5. */
int hard_holdout_count(int cases);
/* Puts those cases last; the same ones for any order. */
att_status hard_holdout_order(struct split *s, struct err *e);

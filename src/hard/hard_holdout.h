/* SPDX-License-Identifier: Apache-2.0 */
/* Training cases that are held back: they train the two nets, then no more.  Policies are compared
 * on them (hard_best.h), and so are the models before and after the joint stage (hard_keep.h). */
#pragma once

#include "dataset/split.h"

/* How many of so many training cases are held back: about a fifth, at most 12; none of fewer
 * than 5. */
int hard_holdout_count(int cases);
/* Puts those cases last, whatever the order was. */
att_status hard_holdout_order(struct split *s, struct err *e);

/* SPDX-License-Identifier: Apache-2.0 */
/* Nearly equal images, mostly of one patient. In both training and validation they make scores too
 * good. */
#pragma once

#include <stdbool.h>

#include "base/pool.h"
#include "base/status.h"

struct duplicate {
    int a, b;       /* a < b */
    float likeness; /* correlation of their signatures (image/signature.h) */
    bool mirrored;
};

/* Similar pairs of `n` signatures, sorted: a correlation of at least 0.75, for volumes 0.85; for
 * flat ones also with the mirror image. Of several that are similar to one case and to each other,
 * only the nearest earlier one is in a pair with it, so that the list grows with n. The pairs join
 * all similar cases. The caller frees *list (mem_free). */
att_status duplicates_find(const float *signatures, int n, bool flat, struct pool *pool,
    struct duplicate **list, int *count, struct err *e);

/* The same between `n` signatures and the `others` after them. Each of these that is similar to
 * any of the first is in a pair; the pairs do not join the first ones with each other. */
att_status duplicates_across(const float *signatures, int n, int others, bool flat,
    struct pool *pool, struct duplicate **list, int *count, struct err *e);

/* Joins pairs and the groups of `group` (NULL: none) into larger groups; out[i] is case i's, from 0
 * in case order. Returns their number. */
int duplicates_groups(const struct duplicate *list, int count, const int *group, int n, int *out);

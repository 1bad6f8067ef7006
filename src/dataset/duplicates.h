/* SPDX-License-Identifier: Apache-2.0 */
/* Nearly equal images, mostly of one patient: on both sides of a split they make scores too
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

/* All similar pairs of `n` signatures, sorted: correlation of at least 0.75, for volumes 0.85; flat
 * ones also with the mirror image. *list is for mem_free. */
att_status duplicates_find(const float *signatures, int n, bool flat, struct pool *pool,
    struct duplicate **list, int *count, struct err *e);

/* The same between `n` signatures and the `others` after them. */
att_status duplicates_across(const float *signatures, int n, int others, bool flat,
    struct pool *pool, struct duplicate **list, int *count, struct err *e);

/* Merge linked pairs and the given groups (NULL: none); out[i] is case i's group, from 0 in case
 * order. Returns the number of groups. */
int duplicates_groups(const struct duplicate *list, int count, const int *group, int n, int *out);

/* SPDX-License-Identifier: Apache-2.0 */
/* Images that are nearly equal, of one patient mostly: on both sides of a split they make scores
 * too good.  Called by check.c and leakage.c.
 */
#ifndef DATASET_DUPLICATES_H
#define DATASET_DUPLICATES_H

#include <stdbool.h>

#include "base/pool.h"
#include "base/status.h"

struct alike {
    int a, b;       /* a < b */
    float likeness; /* the correlation of their signatures (image/signature.h) */
    bool mirrored;
};

/* All pairs of `n` signatures that look alike, by a and b: correlation of at least 0.75, of volumes
 * 0.85; flat ones also with the other's mirror image.  *list is for mem_free. */
att_status duplicates_find(const float *signatures, int n, bool flat, struct pool *pool,
    struct alike **list, int *count, struct err *e);

/* The same of `n` signatures with `others` that follow them: no pairs within either. */
att_status duplicates_across(const float *signatures, int n, int others, bool flat,
    struct pool *pool, struct alike **list, int *count, struct err *e);

/* Joins into one group what is linked by pairs, and what `group` (NULL: nothing) holds together
 * already; out[i] becomes the number of case i's group, from 0 in the order of the cases.  Returns
 * how many groups there are. */
int duplicates_groups(const struct alike *list, int count, const int *group, int n, int *out);

#endif

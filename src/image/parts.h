/* SPDX-License-Identifier: Apache-2.0 */
/* Connected components of some classes of a mask, within their bounding box. */
#pragma once

#include "base/status.h"
#include "image/box.h"

struct parts {
    struct box box;
    int32_t *label;  /* [box] 1..count, 0 outside; NULL if there is none */
    int64_t *voxels; /* [count] */
    int count;
};

/* classes: [d][h][w]; member: values to include. Connected by faces, edges and corners. */
att_status parts_find(const uint8_t *classes, const int size[3], const bool member[256],
    struct parts *p, struct err *e);
/* The same within a given box that contains all members. */
att_status parts_find_in(const struct box *b, const uint8_t *classes, const int size[3],
    const bool member[256], struct parts *p, struct err *e);
int parts_largest(const struct parts *p); /* the first of the largest, 0..count-1; -1: none */
void parts_free(struct parts *p);

/* SPDX-License-Identifier: Apache-2.0 */
/* What pictures show of one plane of a case; for overlay.c and the pictures of reports. */
#ifndef REPORT_VIEW_H
#define REPORT_VIEW_H

#include "draw/plane.h"
#include "draw/slice.h"
#include "predict/predict.h"

/* A case: all of its grid's size. */
struct view_source {
    const struct image *image; /* data may be NULL */
    const uint8_t *classes;    /* found */
    const uint8_t *truth;      /* may be NULL */
    const struct attention_map *maps;
    int nmaps;
};

struct view {
    const struct view_source *from;
    struct plane plane;
    struct slice slice;
    const uint8_t *classes, *truth; /* of the plane's pixels; truth: NULL where there is none */
    unsigned char
        *base; /* the image as it is drawn, [slice.rows][slice.columns][3]; NULL: there is none */
    int channels; /* of it that are drawn */
    float *
        samples; /* those and then the maps; NULL: the case is one slice, and all is where it was */
    uint8_t *labels; /* what classes and truth point to, of a volume */
};

/* step, factor: of the slice, see slice.h.  The source has to live as long; after an error the view
 * has to be ended, too. */
att_status view_begin(struct view *v, const struct view_source *from, const struct plane *plane,
    int step, int factor, struct err *e);
void view_end(struct view *v);

/* Which classes are there; `of`: v->classes or v->truth. */
void view_classes(const struct view *v, const uint8_t *of, bool seen[256]);
/* The map of a gate, [h][w] of the plane. */
const float *view_map(const struct view *v, int gate);
/* Where a box of voxels lies in the drawn plane, in pixels; false: not in it. */
bool view_box(
    const struct view *v, const struct box *b, int *left, int *top, int *right, int *bottom);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Prepares one plane of a case for pictures. */
#pragma once

#include "draw/plane.h"
#include "draw/slice.h"
#include "predict/predict.h"

/* A case; all parts have the size of its grid. */
struct view_source {
    const struct image *image; /* data may be NULL */
    const uint8_t *classes;    /* predicted */
    const uint8_t *truth;      /* may be NULL */
    const struct attention_map *maps;
    int nmaps;
};

struct view {
    const struct view_source *from;
    struct plane plane;
    struct slice slice;
    const uint8_t *classes, *truth; /* at the plane's pixels; truth may be NULL */
    unsigned char *base; /* the image as drawn, [slice.rows][slice.columns][3], or NULL */
    int channels;        /* number of drawn channels */
    float *samples;      /* those channels, then the maps; NULL: a single slice, used in place */
    uint8_t *labels;     /* data of classes and truth, for a volume */
};

/* step, factor: see slice.h. The source must outlive the view; call view_end even after an
 * error. */
att_status view_begin(struct view *v, const struct view_source *from, const struct plane *plane,
    int step, int factor, struct err *e);
void view_end(struct view *v);

/* Sets seen[c] for the classes present; `of`: v->classes or v->truth. */
void view_classes(const struct view *v, const uint8_t *of, bool seen[256]);
/* The map of a gate, [h][w] of the plane. */
const float *view_map(const struct view *v, int gate);
/* Position of a box of voxels in the drawn plane, in pixels; false: not in it. */
bool view_box(
    const struct view *v, const struct box *b, int *left, int *top, int *right, int *bottom);

/* SPDX-License-Identifier: Apache-2.0 */
/* What an overlay shows of one plane of a predicted image; for overlay.c. */
#ifndef MEASURE_OVERLAY_VIEW_H
#define MEASURE_OVERLAY_VIEW_H

#include "measure/plane.h"
#include "measure/slice.h"
#include "predict/predict_files.h"

struct view {
    const struct predicted *p;
    struct plane plane;
    struct slice slice;
    const uint8_t *classes; /* of the plane's pixels, as all below; the values of result->classes */
    const uint8_t *truth;   /* the true classes, or NULL; only what differs counts */
    bool seen[256];         /* classes in this plane */
    unsigned char *base;    /* the image as it is drawn: [slice.rows][slice.columns][3] */
    int channels;           /* that are drawn */
    float *samples;         /* those and then the maps; NULL: the image is one slice, and they are where they were */
    uint8_t *labels;        /* what classes and truth point to */
};

/* step, factor: of the slice, see slice.h; truth: the labels of the whole image, or NULL.  After an error it has to be ended, too. */
att_status view_begin(struct view *v, const struct predicted *p, const struct plane *plane, int step, int factor,
                      const struct labelmap *truth, struct err *e);
void view_end(struct view *v);

/* The map of a gate, [h][w] of the plane. */
const float *view_map(const struct view *v, int gate);

/* Where a tile that was looked at lies in the drawn plane; false: not in it. */
bool view_tile(const struct view *v, const struct box *tile, int *left, int *top, int *right, int *bottom);

#endif

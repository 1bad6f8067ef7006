/* SPDX-License-Identifier: Apache-2.0 */
/* From a loaded image to a network's input, the same in training and prediction, and back from the
 * network's grid. */
#pragma once

#include "image/box.h"
#include "model/model.h"

/* Mapping of an image's voxels; d, h, w. */
struct placed {
    int whole[3];      /* the image's grid */
    struct box crop;   /* the part used */
    int grid[3];       /* that part at prep->spacing or prep->resize */
    int shrink[3];     /* voxels of `grid` per network voxel, 1 or more */
    int size[3];       /* network grid of that part: shrink_length of `grid` */
    double spacing[3]; /* of the network's grid; in mm if the image has a spacing */
    bool splines;      /* resampled by cubic splines to a spacing, not linearly to a size */
    int thick_axis;    /* an axis with unmixed planes (resample.h), or -1 */
    /* the same on the way back; the network's voxels decide first (as in nnU-Net) */
    int thick_back;
    bool flattened; /* set by preparation (image_normalise) */
};

/* Map an image; without samples, no crop. ATT_DATA if prep needs a spacing and the image has
 * none. */
att_status prepare_place(
    const struct preparation *prep, const struct image *m, struct placed *where, struct err *e);
bool prepare_crops(const struct preparation *prep); /* to the non-zero box */
/* prepare_place with that box given. */
att_status prepare_place_box(const struct preparation *prep, const struct image *m,
    const struct box *crop, struct placed *where, struct err *e);
/* Voxel sizes within this factor count as equal. */
#define PREPARE_SAME 1.05
/* An image's voxels compared with the training images' (prep->trained), along axes of more than one
 * voxel. */
enum spacing_fit {
    SPACING_FITS,      /* similar or unknown; or prep sets a size or spacing */
    SPACING_RESAMPLED, /* a factor above 5/4: resampled to the training spacing */
    SPACING_FAR        /* a factor of ten or more, probably a wrong header: not resampled */
};
/* m needs no samples. */
enum spacing_fit prepare_spacing_fit(const struct preparation *prep, const struct image *m);
/* True if all images go to one spacing, by splines, rather than to one size. */
bool prepare_by_spacing(const struct preparation *prep);
/* Crop to non-zero, normalise each channel, resample to prep->spacing, prep->resize or
 * (SPACING_RESAMPLED) prep->trained, and average blocks of prep->shrink voxels. In place; geometry
 * is unchanged. ATT_DATA if prep needs a spacing and the image has none. `where` may be NULL. */
att_status prepare_image(const struct preparation *prep, struct image *m, struct pool *pool,
    struct placed *where, struct err *e);
/* Its maximum bytes besides the loaded image, and the image's growth (negative: shrinks). */
void prepare_bytes(const struct preparation *prep, const struct placed *where, int channels,
    int threads, double *max, double *grown);
/* The same for classes [where->whole] to `out`, [where->size]: resample_classes, or without splines
 * the nearest voxel; then shrink_classes. */
att_status prepare_labels(const struct placed *where, const uint8_t *classes, uint8_t *out,
    struct pool *pool, struct err *e);
/* The same in place, reallocating *classes if the grid changes. */
att_status prepare_replace_labels(
    const struct placed *where, uint8_t **classes, struct pool *pool, struct err *e);
/* True if both map to the same grid in the same way. */
bool prepare_agree(const struct placed *a, const struct placed *b);
bool prepare_resamples(const struct placed *where); /* the crop */
bool prepare_moves(const struct placed *where); /* the network's grid differs from the image's */
/* Back: x, planar [channels][where->size], linearly to y, [channels][where->whole]. Outside the
 * crop, channel c becomes outside[c], or 0 if NULL. */
att_status prepare_back(const struct placed *where, const float *x, int channels,
    const float *outside, float *y, struct pool *pool, struct err *e);
/* A part of one channel, bit-identical: x, [have->size] of the network's grid, to y, [want->size]
 * of the crop. For planes from..from + count - 1 of an axis, prepare_back_needs gives the network's
 * planes first..end - 1. */
void prepare_back_needs(
    const struct placed *where, int axis, int from, int count, int *first, int *end);
att_status prepare_back_part(const struct placed *where, const float *x, const struct box *have,
    float *y, const struct box *want, struct pool *pool, struct err *e);

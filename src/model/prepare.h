/* SPDX-License-Identifier: Apache-2.0 */
/* From an image as loaded to a network's input, the same way in training and in prediction, and
 * from the network's grid back. */
#ifndef MODEL_PREPARE_H
#define MODEL_PREPARE_H

#include "image/box.h"
#include "model/model.h"

/* Where an image's voxels went; d, h, w. */
struct placed {
    int whole[3];      /* the image's own grid */
    struct box crop;   /* the part of it that was taken */
    int grid[3];       /* of that part at prep->spacing or prep->resize */
    int shrink[3];     /* voxels of that in one of the network's, 1 and more */
    int size[3];       /* of that part on the network's grid: shrink_length of `grid` */
    double spacing[3]; /* of the network's grid, in mm where the image's own is known */
    bool splines; /* cubic ones took it there, to other voxels, and not linear ones to another size
                   */
    int thick_axis; /* an axis whose planes do not mix (resample.h), or -1 */
    int thick_back; /* the same on the way back, where the network's own voxels are asked first (as
                       nnU-Net does) */
    bool flattened; /* once it is prepared: image_normalise */
};

/* Where the voxels of an image would go; all of them, where it has no samples yet. An image whose
 * spacing is not known is ATT_DATA where prep asks for one. */
att_status prepare_place(
    const struct preparation *prep, const struct image *m, struct placed *where, struct err *e);
/* Whether the box of what is not 0 is taken, and the same where that box is known. */
bool prepare_crops(const struct preparation *prep);
att_status prepare_place_box(const struct preparation *prep, const struct image *m,
    const struct box *taken, struct placed *where, struct err *e);
/* Voxels that differ by no more along an axis count as those of one set. */
#define PREPARE_ALIKE 1.05
/* How an image that prep would take as it is compares with those that trained (prep->trained),
 * along axes with more than one voxel: */
enum stray {
    STRAY_NONE,    /* about alike, or not known; or all images go to one size or spacing anyway */
    STRAY_BROUGHT, /* voxels of more than 5/4 or less than 4/5: it is brought to theirs */
    STRAY_LEFT     /* ten times as large or small, and more: rather a slip in a header than another
                      scanner, so it is left as it is */
};
/* m needs no samples. */
enum stray prepare_strays(const struct preparation *prep, const struct image *m);
/* Whether all images go to one spacing, by splines, rather than to one size. */
bool prepare_by_spacing(const struct preparation *prep);
/* Takes what is not zero, normalises each channel, brings it to prep->spacing, prep->resize or, if
 * it strays, prep->trained, and averages blocks of prep->shrink voxels. In place; the geometry is
 * left as it is. An image whose spacing is not known is ATT_DATA where prep asks for one. `where`
 * may be NULL. */
att_status prepare_image(const struct preparation *prep, struct image *m, struct pool *pool,
    struct placed *where, struct err *e);
/* What that holds at most beside the image as loaded, and by how much the image has grown then
 * (below 0: shrunk); in bytes. */
void prepare_bytes(const struct preparation *prep, const struct placed *where, int channels,
    int threads, double *max, double *grown);
/* The same way for classes [where->whole] to `out`, [where->size]: resample_classes, or the nearest
 * voxel without splines; then shrink_classes. */
att_status prepare_labels(const struct placed *where, const uint8_t *classes, uint8_t *out,
    struct pool *pool, struct err *e);
/* The same in the place of *classes, which become fresh memory where the network's grid is another
 * one. */
att_status prepare_replace_labels(
    const struct placed *where, uint8_t **classes, struct pool *pool, struct err *e);
/* Whether both bring an image to the same grid, in the same way. */
bool prepare_agree(const struct placed *a, const struct placed *b);
/* Whether what was taken goes to other voxels, and whether the network's grid is another one than
 * the image's. */
bool prepare_resamples(const struct placed *where);
bool prepare_moves(const struct placed *where);
/* Back: x, planar [channels][where->size], linearly to y, [channels][where->whole]. Where nothing
 * was taken channel c becomes outside[c], 0 when `outside` is NULL. */
att_status prepare_back(const struct placed *where, const float *x, int channels,
    const float *outside, float *y, struct pool *pool, struct err *e);
/* A part of it, of one channel and bit for bit the same: x, [have->size] of the network's grid, to
 * y, [want->size] of what was taken, where prepare_back_needs says for each axis which planes of
 * the network's grid, first..end - 1, are needed for planes from..from + count - 1.
 */
void prepare_back_needs(
    const struct placed *where, int axis, int from, int count, int *first, int *end);
att_status prepare_back_part(const struct placed *where, const float *x, const struct box *have,
    float *y, const struct box *want, struct pool *pool, struct err *e);

#endif

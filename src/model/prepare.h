/* SPDX-License-Identifier: Apache-2.0 */
/* From an image as loaded to a network's input, the same way in training and in prediction, and from the network's grid back. */
#ifndef MODEL_PREPARE_H
#define MODEL_PREPARE_H

#include "model/model.h"

/* Where an image's voxels went; d, h, w. */
struct placed {
    int whole[3];                   /* the image's own grid */
    int crop_from[3], crop_size[3]; /* the part of it that was taken */
    int size[3];                    /* of that part on the network's grid */
    float spacing[3];               /* of the network's grid, in mm where the image's own is known */
    int apart;                      /* an axis whose planes do not mix (resample.h), or -1 */
};

/* Takes what is not zero, normalises each channel, and brings it to prep->spacing or prep->resize. In place; the geometry is left as it is.
 * An image whose spacing is not known is ATT_DATA where prep asks for one. `where` may be NULL. */
att_status prepare_image(const struct preparation *prep, struct image *m, struct pool *pool, struct placed *where, struct err *e);
/* The same way for classes [where->whole] to `out`, [where->size]: resample_classes, or the nearest voxel where prep says resize. */
att_status prepare_labels(const struct preparation *prep, const struct placed *where, const uint8_t *classes, uint8_t *out,
                          struct pool *pool, struct err *e);
/* False when the network's grid is the image's own. */
bool prepare_moves(const struct placed *where);
/* Back: x, planar [channels][where->size], linearly to y, [channels][where->whole]. Where nothing was taken channel c becomes outside[c], 0
 * when `outside` is NULL. */
att_status prepare_back(const struct preparation *prep, const struct placed *where, const float *x, int channels, const float *outside,
                        float *y, struct pool *pool, struct err *e);

#endif

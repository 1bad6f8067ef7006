/* SPDX-License-Identifier: Apache-2.0 */
/* From an image as loaded to a network's input: the same way in training and in prediction. */
#ifndef MODEL_PREPARE_H
#define MODEL_PREPARE_H

#include "model/model.h"

/* Normalises each channel and brings the image to prep->resize where that is set. In place; the geometry is left as it is. */
att_status prepare_image(const struct preparation *prep, struct image *m, struct pool *pool, struct err *e);
/* The grid that an image of `size` is brought to. */
void prepare_size(const struct preparation *prep, const int size[3], int out[3]);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The mask of an image that stays in its files: a temporary file of classes, a byte per voxel,
 * while it is predicted; then written by parts. */
#ifndef PREDICT_MASK_H
#define PREDICT_MASK_H

#include "predict/predict_decode.h"

/* Makes out->mask, all 0, in `folder`, which stays the caller's. */
att_status mask_begin(const char *folder, const int size[3], struct prediction *out, struct err *e);
/* Of a voxel in the file that mask_save writes, at most: 2 where a label is above 255. */
int mask_bytes(const struct labelling *l);
/* Writes the labels: the bytes of format_save_labels. */
att_status mask_save(
    const char *path, const struct prediction *p, const struct labelling *l, struct err *e);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The mask of a streamed image: a temporary file with a byte per voxel, then written by parts. */
#pragma once

#include "predict/predict_decode.h"

/* Makes out->mask, all 0, in `folder` (not copied). */
att_status mask_begin(const char *folder, const int size[3], struct prediction *out, struct err *e);
/* Max bytes per voxel of the saved mask: 2 if a label exceeds 255. */
int mask_bytes(const struct labelling *l);
/* Writes the same bytes as format_save_labels. */
att_status mask_save(
    const char *path, const struct prediction *p, const struct labelling *l, struct err *e);

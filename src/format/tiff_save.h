/* SPDX-License-Identifier: Apache-2.0 */
/* Writes TIFF files, for fmt_tiff.c. */
#pragma once

#include "format/labels_out.h"

/* One deflated page per slice and channel. Several pages, or spacing, add ImageJ's description
 * (channels before slices, mm), which Fiji and tifffile read. BigTIFF from 4 GiB of samples on. */
att_status tiff_save_image(const char *path, const struct image *m, struct err *e); /* float32 */
/* 8 or 16 bits */
att_status tiff_save_labels(
    const char *path, const struct labelmap *grid, struct labels_out labels, struct err *e);

/* SPDX-License-Identifier: Apache-2.0 */
/* Writes TIFF files, for fmt_tiff.c. */
#pragma once

#include "format/by_parts.h"
#include "image/image.h"

/* One deflated page per slice and channel. Several pages, or spacing, add ImageJ's description
 * (channels before slices, mm), which Fiji and tifffile read. BigTIFF from 4 GiB of samples on. */
att_status tiff_save_image(const char *path, const struct image *m, struct err *e); /* float32 */
/* 8 or 16 bits */
att_status tiff_save_labels(const char *path, const struct labelmap *m, struct err *e);
att_status tiff_save_parts(const char *path, const struct labelmap *grid, bool wide,
    labels_fn *next, void *user, struct err *e);

/* SPDX-License-Identifier: Apache-2.0 */
/* Picture files of any library (fmt_png.c, fmt_jpeg.c, fmt_tiff.c): a format surveys a file and
 * passes its samples in runs. */
#pragma once

#include "format/format.h"

/* Passes all samples of the image that f->survey put into `grid`, each once. ATT_DATA if the file
 * has changed since. */
att_status raster_decode(const struct format *f, const char *path, const struct image *grid,
    samples_fn *take, void *user, struct err *e);
att_status raster_changed(const char *path, struct err *e); /* sets that message */
att_status raster_load_image(
    const struct format *f, const char *path, struct image *m, struct err *e);

/* For `decode` of a format: passes row y of an image of depth 1 with `width` pixels of interleaved
 * samples of 1 or 2 bytes. */
att_status raster_give_row(const void *row, size_t bytes, int channels, int width, int y,
    samples_fn *take, void *user, struct err *e);

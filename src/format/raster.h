/* SPDX-License-Identifier: Apache-2.0 */
/* Files of pictures, whatever library decodes them (fmt_png.c, fmt_jpeg.c, fmt_tiff.c): such a
 * format surveys a file and gives its samples in runs; what becomes of them is here and in
 * places.c, called by format.c. */
#ifndef FORMAT_RASTER_H
#define FORMAT_RASTER_H

#include "format/format.h"

/* All samples of the image that f->survey found, `grid`, each once; of a file that has become
 * another one meanwhile ATT_DATA. */
att_status raster_decode(const struct format *f, const char *path, const struct image *grid,
    samples_fn *take, void *user, struct err *e);
att_status raster_changed(const char *path, struct err *e); /* that sentence */
att_status raster_load_image(
    const struct format *f, const char *path, struct image *m, struct err *e);

/* For the `decode` of a format: row y of an image of depth 1, `width` pixels whose samples of 1 or
 * 2 bytes lie together. */
att_status raster_give_row(const void *row, size_t bytes, int channels, int width, int y,
    samples_fn *take, void *user, struct err *e);

#endif

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
/* ATT_DATA for sizes beyond limits, and if `size` bytes of a file, of which each becomes at most
 * `ratio`, cannot hold `bytes` of samples. */
enum { RASTER_SIDE = 65535 };
att_status raster_check_size(const char *path, uint64_t width, uint64_t height, uint64_t bytes,
    uint64_t ratio, size_t size, struct err *e);
/* A picture of depth 1. */
struct image raster_grid(int channels, int height, int width);
att_status raster_load_image(
    const struct format *f, const char *path, struct image *m, struct err *e);
/* Stored numbers, or indices of a palette. Equal channels are grey. Lossy masks near 0 and 255 are
 * cut at 128. Up to 64 other colours have numbers (labelmap.coloured); ATT_DATA for more. */
att_status raster_load_labels(
    const struct format *f, const char *path, struct labelmap *m, struct err *e);

/* For `decode` of a format: passes row y of an image of depth 1 with `width` pixels of interleaved
 * samples of 1 or 2 bytes. */
att_status raster_give_row(const void *row, size_t bytes, int channels, int width, int y,
    samples_fn *take, void *user, struct err *e);

/* Memory where samples of a run can be put without `take`, which would copy them there; NULL: pass
 * them. */
float *raster_room(samples_fn *take, void *user, int channel, size_t start, size_t count);

/* Samples 0, step, 2 step, ... of 1 or 2 bytes, of this machine's order, as floats. */
void raster_widen(
    const unsigned char *restrict from, size_t bytes, size_t step, size_t count, float *restrict x);

/* Colours of indices; unused ones are black. */
struct raster_palette {
    unsigned char rgb[256][3];
    float value[3][256]; /* the same, by raster_palette_judge */
    bool grey;           /* all are, so an image has one channel */
    bool two;            /* only black and one white: labels are 0 and 255, whichever comes first */
    int black;           /* then the index of background; labels have no other black one */
};
void raster_palette_judge(struct raster_palette *p);
/* Keeps colours of indices with labels; otherwise does nothing. */
void raster_note(samples_fn *take, void *user, const unsigned char rgb[256][3]);
/* The same as raster_give_row for a row of indices. */
att_status raster_give_indices(const struct raster_palette *p, bool labels,
    const unsigned char *row, int width, int y, samples_fn *take, void *user, struct err *e);

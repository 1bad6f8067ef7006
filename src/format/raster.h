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
/* The number of a colour in labels, the same in every file (image.h). */
uint16_t raster_colour_code(const unsigned char c[3]);
/* Stored numbers, or indices of a palette. Equal channels are grey. Lossy masks near 0 and 255 are
 * cut at 128. Up to 64 other colours have numbers (labelmap.coloured); ATT_DATA for more. */
att_status raster_load_labels(
    const struct format *f, const char *path, struct labelmap *m, struct err *e);

/* ---- for `decode` of a format */

/* Samples as stored, in this machine's order: uint8, uint16 or, of 4 bytes, int32. Pixels are
 * `step` samples apart. Sample c of each belongs to channel `channel` + c. */
struct raster_run {
    const unsigned char *from;
    size_t bytes, step, count; /* count: pixels */
    int channel, channels;
    size_t start;              /* voxel of the first pixel */
    const float (*value)[256]; /* value[c][index] is channel c of a palette; NULL: numbers */
};
/* Passes a run as floats. */
att_status raster_give(const struct raster_run *run, samples_fn *take, void *user, struct err *e);
/* Passes row y of an image of depth 1: `width` pixels of interleaved samples of 1 or 2 bytes. */
att_status raster_give_row(const void *row, size_t bytes, int channels, int width, int y,
    samples_fn *take, void *user, struct err *e);

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

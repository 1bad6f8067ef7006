/* SPDX-License-Identifier: Apache-2.0 */
/* The samples of a file, whatever header describes them: from their bytes to the floats of an image
 * or to labels, and back.  Samples pass through a small buffer, so a volume is in memory once, as
 * float or label. */
#ifndef FORMAT_SAMPLES_H
#define FORMAT_SAMPLES_H

#include "format/labels_out.h"
#include "format/sink.h"
#include "format/source.h"
#include "image/image.h"

struct sample_type {
    char kind; /* u, i or f */
    unsigned char bytes;
    const char *name; /* "uint8" */
};
const struct sample_type *sample_type_find(char kind, size_t bytes); /* NULL: there is none */

/* How a run of samples is turned into numbers: times slope plus inter. */
struct sample_kind {
    char kind;
    size_t bytes;
    bool swapped; /* the other byte order than this machine's */
    double slope, inter;
};
/* Turns the bytes of `raw` round where they are swapped. */
void samples_widen(const struct sample_kind *k, unsigned char *raw, size_t count, double *out);

enum { SAMPLE_AXES = 6 };

struct samples {
    const struct sample_type *type;
    struct sample_kind kind;
    bool text; /* numbers between white space */
    int channels, size[3];
    /* Axes of the file, the fastest first: how many samples, and how far apart in
     * [channel][d][h][w].  Of the first axis samples from `keep` on are passed over: alpha. */
    int axes;
    size_t count[SAMPLE_AXES], step[SAMPLE_AXES], keep;
    size_t total; /* samples in the file */
};

/* Integers, whose scale takes none of them beyond float32. */
bool samples_finite(const struct samples *x);
/* An empty description of samples of this type, 1 times which plus 0 is their value. */
struct samples samples_of(const struct sample_type *type, bool swapped);
/* Adds an axis of the file; false when all of them together are more than 2^40 bytes. */
bool samples_axis(struct samples *x, size_t count, size_t step);
/* ATT_DATA when a file cannot hold what its header claims; the samples begin `offset` bytes behind
 * the source's first. */
att_status samples_fit(
    const struct source *s, size_t offset, const struct samples *x, struct err *e);
/* Reads all of them. The source may have been read up to `offset`. On failure the caller frees m,
 * whose size and data these set. */
att_status samples_load_image(
    struct source *s, size_t offset, const struct samples *x, struct image *m, struct err *e);
att_status samples_load_labels(
    struct source *s, size_t offset, const struct samples *x, struct labelmap *m, struct err *e);

/* What is written: float32, or labels in their smallest unsigned type; planar or, `together`, with
 * the channels of a voxel side by side. */
struct samples_out {
    const float *image; /* NULL: labels */
    struct labels_out labels;
    size_t voxels, channels;
    size_t bytes; /* of a sample */
    bool swapped, together;
};
struct samples_out samples_of_image(const struct image *m);
struct samples_out samples_of_labels(struct labels_out labels, const int size[3]);
att_status samples_write(struct sink *s, const struct samples_out *x, struct err *e);

/* Whether a sample is a label: a whole number from 0 to 65535, but for a rounding of a millionth.
 */
bool samples_label(double value, uint16_t *label);
/* ATT_DATA: voxel `at` of a label image of that size is no label. */
att_status samples_bad_label(
    const char *path, const int size[3], size_t at, double value, struct err *e);
/* Turns `count` samples of `bytes` bytes each to the other byte order. */
void samples_swap(unsigned char *p, size_t count, size_t bytes);

#endif

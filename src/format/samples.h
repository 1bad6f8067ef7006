/* SPDX-License-Identifier: Apache-2.0 */
/* Converts samples of a file with any header to floats or labels, and back, through a small buffer:
 * a volume is in memory once. */
#pragma once

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

/* Conversion of samples to numbers: times slope plus inter. */
struct sample_kind {
    size_t bytes;
    char kind;
    bool swapped; /* not in this machine's byte order */
    double slope, inter;
};
/* Convert samples; swaps the bytes of `raw` in place where needed. */
void samples_widen(const struct sample_kind *k, unsigned char *raw, size_t count, double *out);

enum { SAMPLE_AXES = 6 };

struct samples {
    const struct sample_type *type;
    struct sample_kind kind;
    bool text; /* numbers between white space */
    int channels, size[3];
    /* Axes of the file, fastest first: number of samples, and step in [channel][d][h][w]. On the
     * first axis ignore samples from `keep` on (alpha). */
    int axes;
    size_t count[SAMPLE_AXES], step[SAMPLE_AXES], keep;
    size_t total; /* samples in the file */
};

/* Whether they are integers whose scaled values fit float32. */
bool samples_finite(const struct samples *x);
/* A description without axes, with slope 1 and inter 0. */
struct samples samples_of(const struct sample_type *type, bool swapped);
/* Add an axis of the file; false if the total exceeds 2^40 bytes. */
bool samples_axis(struct samples *x, size_t count, size_t step);
/* ATT_DATA if the file is too short for its header; samples begin `offset` bytes after the source's
 * first. */
att_status samples_fit(
    const struct source *s, size_t offset, const struct samples *x, struct err *e);
/* Read all samples. The source may have been read up to `offset`. These set size and data of m; on
 * failure the caller frees it. */
att_status samples_load_image(
    struct source *s, size_t offset, const struct samples *x, struct image *m, struct err *e);
att_status samples_load_labels(
    struct source *s, size_t offset, const struct samples *x, struct labelmap *m, struct err *e);

/* Samples to write: float32, or labels in their smallest unsigned type; planar or, if `together`,
 * interleaved. */
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

/* Whether a sample is a label: an integer of 0..65535, within 1e-6. */
bool samples_label(double value, uint16_t *label);
/* Set the ATT_DATA message: voxel `at` of a label image of that size is not a label. */
att_status samples_bad_label(
    const char *path, const int size[3], size_t at, double value, struct err *e);
void samples_swap(unsigned char *p, size_t count, size_t bytes);

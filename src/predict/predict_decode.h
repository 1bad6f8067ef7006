/* SPDX-License-Identifier: Apache-2.0 */
/* Labels from logits, part by part. */
#pragma once

#include <stdatomic.h>

#include "predict/predict.h"

/* Classes exclude each other (softmax; the first largest wins). Regions are independent (sigmoid
 * above 1/2); later ones overwrite earlier ones. A single channel without regions is class 1. */
bool decode_by_region(const struct model *m, int channels);
/* File value of an entry of prediction.classes. */
static inline uint16_t decode_value(const struct labelling *l, int class)
{
    return l->regions > 0 && class > 0 ? l->region_value[class - 1] : l->value[class];
}
/* Name of channel k. */
const char *decode_name(const struct model *m, int channels, int k);

/* Decides an image part by part, all channels at once or one after the other. */
struct decoder {
    const struct model *model;
    int channels, size[3];
    bool by_region;
    size_t voxels;
    uint8_t *classes;       /* prediction's, initially 0; NULL if it has a file */
    uint16_t *labels;       /* prediction's, at the end */
    int64_t (*count)[256];  /* per thread: voxels of each class */
    atomic_bool overflowed; /* a logit is not finite */
    struct pool *pool;
};

/* Allocates results for `size` in `out`; classes only without out->mask. */
att_status decode_begin(struct decoder *d, const struct model *m, int channels, const int size[3],
    struct pool *pool, struct prediction *out, struct err *e);

/* One channel's logits of a part: (d, h, w) at data[d * plane + h * row + w]. `stride`: distance of
 * channels, 0 if they come one by one. */
struct decode_part {
    struct box box; /* of the image */
    const float *data;
    size_t plane, row, stride;
    uint8_t *classes; /* caller's [box], initially 0; NULL: the decoder's */
    float *best;      /* caller's [box], largest logit so far, if stride is 0 */
};
/* Channels in order, every voxel once. */
void decode_channel(struct decoder *d, int channel, const struct decode_part *p);
/* All channels of a box, planar [channels][extent]. Several threads may decide different boxes. */
void decode_box(struct decoder *d, const int first[3], const int extent[3], const float *logits);
/* Post-processes within `max` bytes, then writes labels and counts voxels. */
att_status decode_end(struct decoder *d, const struct postprocess *post, double max,
    struct prediction *out, struct err *e);
void decode_free(struct decoder *d);

/* Of probabilities [channels][voxels] the first channel becomes the entropy in 0..1: of classes
 * their entropy over its maximum; of regions the mean of their entropies. */
void decode_entropy(const struct model *m, float *probabilities, int channels, size_t voxels);

/* Logits [channels][voxels], divided by the temperature, become probabilities. */
void decode_probabilities(const struct model *m, double temperature, float *logits, int channels,
    size_t voxels, const struct kernels *k, struct pool *pool);

/* SPDX-License-Identifier: Apache-2.0 */
/* From logits to labels and probabilities. */
#ifndef PREDICT_DECODE_H
#define PREDICT_DECODE_H

#include <stdatomic.h>

#include "predict/predict.h"

/* Channels that stand for classes exclude each other (softmax, the largest wins, the first of
 * equals); regions are decided one by one (sigmoid above 1/2) and written in order, later ones over
 * earlier ones. A single channel without regions is class 1. */
bool decode_by_region(const struct model *m, int channels);
/* The value in files of what stands for a class in prediction.classes. */
static inline uint16_t decode_value(const struct labelling *l, int class)
{
    return l->regions > 0 && class > 0 ? l->region_value[class - 1] : l->value[class];
}
/* What channel k is called. */
const char *decode_name(const struct model *m, int channels, int k);

/* Deciding part by part of an image: all channels of one at hand, or one after the other, so that
 * they need not be in memory all at once.
 */
struct decoder {
    const struct model *model;
    int channels, size[3];
    bool by_region;
    size_t voxels;
    uint8_t
        *classes; /* the prediction's; 0 where nothing was decided. NULL where that has a file */
    uint16_t *labels; /* the prediction's, at the end */
    int64_t (
        *count)[256]; /* voxels of each value of classes, per thread, so that nobody shares one */
    atomic_bool overflowed; /* a logit is no finite number */
    struct pool *pool;
};

/* Makes room for the results of an image of `size` in `out`; of the classes, unless there is
 * out->mask. */
att_status decode_begin(struct decoder *d, const struct model *m, int channels, const int size[3],
    struct pool *pool, struct prediction *out, struct err *e);

/* Where a part's logits of one channel are: (d, h, w) of the part at data[d * plane + h * row + w].
 * `stride`: samples from a channel to the next, where all are at hand; 0: they come one by one. */
struct decode_part {
    struct box box; /* of the image */
    const float *data;
    size_t plane, row, stride;
    uint8_t *classes; /* [box], of the caller: where to, 0 at first; NULL: to the decoder's */
    float *best; /* [box], of the caller: the largest logit so far, where they come one by one */
};
/* Channels in order, every voxel once. */
void decode_channel(struct decoder *d, int channel, const struct decode_part *p);
/* All channels of a box at hand, logits: planar [channels][extent]; boxes at once on several
 * threads. */
void decode_box(struct decoder *d, const int first[3], const int extent[3], const float *logits);
/* Labels and voxels of what was decided and is left by `post`, which may take `most` bytes. */
att_status decode_end(struct decoder *d, const struct postprocess *post, double max,
    struct prediction *out, struct err *e);
void decode_free(struct decoder *d);

/* Turns logits, [channels][voxels], into probabilities. */
void decode_probabilities(const struct model *m, float *logits, int channels, size_t voxels,
    const struct kernels *k, struct pool *pool);

#endif

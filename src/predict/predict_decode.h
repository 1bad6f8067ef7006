/* SPDX-License-Identifier: Apache-2.0 */
/* From logits to labels and probabilities. */
#ifndef PREDICT_DECODE_H
#define PREDICT_DECODE_H

#include "predict/predict.h"

/* Channels that stand for classes exclude each other (softmax, the largest wins, the first of equals); regions are decided one by one
 * (sigmoid above 1/2) and written in order, later ones over earlier ones. A single channel without regions is class 1. */
bool decode_by_region(const struct model *m, int channels);
/* What channel k is called. */
const char *decode_name(const struct model *m, int channels, int k);

/* Deciding plane by plane, in the order of the channels, so that they need not be in memory all at once. */
struct decoder {
    const struct model *model;
    int channels;
    bool by_region;
    size_t voxels, voxels_per_task, tasks;
    float *best;      /* the largest logit so far: [voxels], or where `stride` is not 0 all planes, which the caller holds */
    size_t stride;    /* of the planes in `best`; 0: one of our own */
    uint8_t *classes; /* the prediction's */
    uint16_t *labels;
    int64_t (*count)[LABELLING_MAX]; /* per task, so that nobody shares one */
    struct pool *pool;
    int channel; /* at work */
    const float *plane;
};

/* Makes room for the results of an image of `size` in `out`. `all`: every plane, [channels][size], or NULL when they come one by one. */
att_status decode_begin(struct decoder *d, const struct model *m, int channels, const int size[3], const float *all, struct pool *pool,
                        struct prediction *out, struct err *e);
void decode_plane(struct decoder *d, int channel, const float *plane);
/* Labels and voxels of what was decided and is left by `post` (may be NULL). */
att_status decode_end(struct decoder *d, const struct postprocess *post, struct prediction *out, struct err *e);
void decode_free(struct decoder *d);

/* All of it. Takes over `logits`, [channels][size], also on failure: fills labels' samples, classes, voxels and, when `probabilities`,
 * turns the logits into them. */
att_status decode_logits(const struct model *m, float *logits, int channels, const int size[3], bool probabilities,
                         const struct postprocess *post, struct prediction *out, const struct kernels *k, struct pool *pool, struct err *e);

#endif

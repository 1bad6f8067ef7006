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

/* Takes over `logits`, [channels][size], also on failure: fills labels' samples, classes, voxels and, when `probabilities`, turns the
 * logits into them. */
att_status decode_logits(const struct model *m, float *logits, int channels, const int size[3], bool probabilities, struct prediction *out,
                         const struct kernels *k, struct pool *pool, struct err *e);

#endif

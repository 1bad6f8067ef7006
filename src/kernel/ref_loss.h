/* SPDX-License-Identifier: Apache-2.0 */
/* Probabilities of a pixel, and divisors of weighted means. */
#pragma once

#include "base/kmath.h"
#include "kernel/loss.h"
#include "kernel/ref.h"

/* All pixels of all images, and the label of one. */
#define REF_PIXELS(in, image, pixel)                                                               \
    for (int image = 0; image < (in)->logits.s.n; image++)                                         \
        for (size_t pixel = 0; pixel < shape_pixels((in)->logits.s); pixel++)
static inline int ref_label(const struct loss_input *in, int n, size_t i)
{
    return in->label[(size_t)n * shape_pixels(in->logits.s) + i];
}

/* For one pixel's logits: exp(z[k] - top) / sum. */
struct softmax {
    double top, sum;
};

static inline struct softmax ref_softmax(const struct tensor *z, int n, size_t i)
{
    struct softmax s = {(double)tensor_channel(z, n, 0)[i], 0};
    for (int k = 1; k < z->s.c; k++) s.top = fmax(s.top, (double)tensor_channel(z, n, k)[i]);
    for (int k = 0; k < z->s.c; k++) s.sum += kmath_exp((double)tensor_channel(z, n, k)[i] - s.top);
    return s;
}

static inline double ref_probability(
    const struct loss_input *in, struct softmax s, int n, int k, size_t i)
{
    double v = (double)tensor_channel(&in->logits, n, k)[i];
    return in->region ? kmath_sigmoid(v) : kmath_exp(v - s.top) / s.sum;
}

static inline double ref_weight(const struct loss_input *in, int k)
{
    return in->weight ? (double)in->weight[k] : 1;
}

/* The targets' weights (softmax), or pixels times regions. */
static inline double ref_divisor(const struct loss_input *in)
{
    size_t pixels = shape_pixels(in->logits.s) * (size_t)in->logits.s.n;
    double sum = 0;
    for (size_t i = 0; i < pixels; i++)
        if (loss_valid(in, in->label[i]))
            sum += in->region ? in->logits.s.c : ref_weight(in, in->label[i]);
    return sum;
}

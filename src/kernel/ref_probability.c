/* SPDX-License-Identifier: Apache-2.0 */
/* exp(x - max) / sum over exclusive classes, or each one's sigmoid. */
#include "base/kmath.h"
#include "kernel/ref.h"

static void ref_probability_softmax(float *x, int channels, size_t pixels)
{
    double max = (double)x[0], sum = 0;
    for (int c = 1; c < channels; c++)
        if ((double)x[(size_t)c * pixels] > max) max = (double)x[(size_t)c * pixels];
    for (int c = 0; c < channels; c++) sum += kmath_exp((double)x[(size_t)c * pixels] - max);
    for (int c = 0; c < channels; c++)
        x[(size_t)c * pixels] = (float)(kmath_exp((double)x[(size_t)c * pixels] - max) / sum);
}

static void ref_probability_probabilities(
    float *logits, int channels, size_t pixels, bool exclusive, struct pool *pool)
{
    (void)pool;
    if (exclusive)
        for (size_t i = 0; i < pixels; i++) ref_probability_softmax(logits + i, channels, pixels);
    else
        for (size_t i = 0; i < pixels * (size_t)channels; i++)
            logits[i] = (float)kmath_sigmoid((double)logits[i]);
}

void ref_probability_fill(struct kernels *k) { k->probabilities = ref_probability_probabilities; }

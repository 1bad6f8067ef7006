/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of probabilities and targets, for Dice and its relatives, over softmax classes or sigmoid
 * regions, plainly. */
#include <string.h>

#include "kernel/ref_loss.h"

static void ref_overlap_overlap(const struct loss_input *in, double *sums, struct pool *pool)
{
    (void)pool;
    const struct tensor *z = &in->logits;
    size_t pixels = shape_pixels(z->s);
    memset(sums, 0, (size_t)z->s.n * (size_t)z->s.c * 3 * sizeof *sums);
    for (int n = 0; n < z->s.n; n++)
        for (size_t i = 0; i < pixels; i++) {
            int label = in->label[(size_t)n * pixels + i];
            if (!loss_valid(in, label)) continue;
            struct softmax s = ref_softmax(z, n, i);
            for (int k = 0; k < z->s.c; k++) {
                double p = ref_probability(in, s, n, k, i), *out = sums + (n * z->s.c + k) * 3;
                int t = loss_target(in, label, k);
                out[0] += p * t;
                out[1] += p;
                out[2] += t;
            }
        }
}

static void ref_overlap_dx(const struct loss_input *in, const double *slopes, double scale,
    const struct tensor *dx, bool add, struct pool *pool)
{
    (void)pool;
    const struct tensor *z = &in->logits;
    size_t pixels = shape_pixels(z->s);
    for (int n = 0; n < z->s.n; n++)
        for (size_t i = 0; i < pixels; i++) {
            int label = in->label[(size_t)n * pixels + i];
            const double *slope = slopes + n * z->s.c * 2;
            bool valid = loss_valid(in, label);
            struct softmax s = {0, 1};
            double mean = 0; /* sum of slope times probability: softmax only */
            if (valid && !in->region) {
                s = ref_softmax(z, n, i);
                for (int k = 0; k < z->s.c; k++)
                    mean +=
                        slope[2 * k + loss_target(in, label, k)] * ref_probability(in, s, n, k, i);
            }
            for (int k = 0; k < z->s.c; k++) {
                double g = 0;
                if (valid) {
                    double p = ref_probability(in, s, n, k, i),
                           by_p = slope[2 * k + loss_target(in, label, k)];
                    g = scale * p * (in->region ? (1 - p) * by_p : by_p - mean);
                }
                ref_store(&tensor_channel(dx, n, k)[i], (real)g, add);
            }
        }
}

void ref_overlap_fill(struct kernels *k)
{
    k->overlap = ref_overlap_overlap;
    k->overlap_dx = ref_overlap_dx;
}

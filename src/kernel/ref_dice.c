/* SPDX-License-Identifier: Apache-2.0 */
/* Soft Dice loss (arXiv 1606.04797, without the squares) over softmax classes or sigmoid regions, plainly. */
#include <string.h>

#include "base/kmath.h"
#include "kernel/loss.h"
#include "kernel/ref.h"

/* What turns the logits of one pixel into probabilities: exp(z[k] - top) / sum. */
struct softmax {
    double top, sum;
};

static struct softmax softmax_of(const struct tensor *z, int n, size_t i)
{
    struct softmax s = {(double)tensor_channel(z, n, 0)[i], 0};
    for (int k = 1; k < z->s.c; k++) s.top = fmax(s.top, (double)tensor_channel(z, n, k)[i]);
    for (int k = 0; k < z->s.c; k++) s.sum += kmath_exp((double)tensor_channel(z, n, k)[i] - s.top);
    return s;
}

static double probability(const struct loss_input *in, struct softmax s, int n, int k, size_t i)
{
    double v = (double)tensor_channel(&in->logits, n, k)[i];
    return in->region ? kmath_sigmoid(v) : kmath_exp(v - s.top) / s.sum;
}

static double dice(const struct loss_input *in, double *sums, struct pool *pool)
{
    (void)pool;
    const struct tensor *z = &in->logits;
    size_t pixels = shape_pixels(z->s);
    memset(sums, 0, (size_t)z->s.n * (size_t)z->s.c * 3 * sizeof *sums);
    for (int n = 0; n < z->s.n; n++)
        for (size_t i = 0; i < pixels; i++) {
            int label = in->label[(size_t)n * pixels + i];
            if (!loss_valid(in, label)) continue;
            struct softmax s = softmax_of(z, n, i);
            for (int k = 0; k < z->s.c; k++) {
                double p = probability(in, s, n, k, i), *out = sums + (n * z->s.c + k) * 3;
                int t = loss_target(in, label, k);
                out[0] += p * t;
                out[1] += p;
                out[2] += t;
            }
        }
    double total;
    int terms = loss_dice_total(in, sums, &total);
    return terms ? 1 - total / terms : 0;
}

/* d loss / d p of channel k of image n at a pixel with this target: with D = (2 pt + s) / B the term is -(2 t - D) / B / terms. */
static double slope(const struct loss_input *in, const double *sums, int n, int k, int target, int terms)
{
    double s[3], value, below;
    if (k < loss_first_class(in)) return 0;
    loss_dice_sums(in, sums, n, k, s);
    if (!loss_dice_term(s, (double)in->smooth, &value, &below)) return 0;
    return -(2 * target - value) / below / terms;
}

static void dice_dx(const struct loss_input *in, const double *sums, double scale, const struct tensor *dx, bool add, struct pool *pool)
{
    (void)pool;
    const struct tensor *z = &in->logits;
    size_t pixels = shape_pixels(z->s);
    double total;
    int terms = loss_dice_total(in, sums, &total);
    for (int n = 0; n < z->s.n; n++)
        for (size_t i = 0; i < pixels; i++) {
            int label = in->label[(size_t)n * pixels + i];
            bool valid = terms && loss_valid(in, label);
            struct softmax s = {0, 1};
            double mean = 0; /* sum of slope times probability: softmax only */
            if (valid && !in->region) {
                s = softmax_of(z, n, i);
                for (int k = 0; k < z->s.c; k++)
                    mean += slope(in, sums, n, k, loss_target(in, label, k), terms) * probability(in, s, n, k, i);
            }
            for (int k = 0; k < z->s.c; k++) {
                double g = 0;
                if (valid) {
                    double p = probability(in, s, n, k, i), by_p = slope(in, sums, n, k, loss_target(in, label, k), terms);
                    g = scale * p * (in->region ? (1 - p) * by_p : by_p - mean);
                }
                ref_store(&tensor_channel(dx, n, k)[i], (real)g, add);
            }
        }
}

void ref_dice_fill(struct kernels *k)
{
    k->dice = dice;
    k->dice_dx = dice_dx;
}

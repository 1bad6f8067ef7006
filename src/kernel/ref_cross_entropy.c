/* SPDX-License-Identifier: Apache-2.0 */
/* Cross-entropy over classes (softmax) and over regions (sigmoid), plainly. */
#include "base/kmath.h"
#include "kernel/loss.h"
#include "kernel/ref.h"

static double weight_of(const struct loss_input *in, int k) { return in->weight ? (double)in->weight[k] : 1; }

/* What the sum is divided by: the weights of the targets (softmax), or pixels times regions. */
static double divisor(const struct loss_input *in)
{
    size_t pixels = shape_pixels(in->logits.s) * (size_t)in->logits.s.n;
    double sum = 0;
    for (size_t i = 0; i < pixels; i++)
        if (loss_valid(in, in->label[i])) sum += in->region ? in->logits.s.c : weight_of(in, in->label[i]);
    return sum;
}

/* log(sum over k of exp(z[k])) of one pixel, the largest taken out first. */
static double log_sum_exp(const struct tensor *z, int n, size_t i)
{
    double top = (double)tensor_channel(z, n, 0)[i], sum = 0;
    for (int k = 1; k < z->s.c; k++) top = fmax(top, (double)tensor_channel(z, n, k)[i]);
    for (int k = 0; k < z->s.c; k++) sum += kmath_exp((double)tensor_channel(z, n, k)[i] - top);
    return top + kmath_log(sum);
}

static double cross_entropy(const struct loss_input *in, struct pool *pool)
{
    (void)pool;
    const struct tensor *z = &in->logits;
    size_t pixels = shape_pixels(z->s);
    double sum = 0, below = divisor(in);
    for (int n = 0; n < z->s.n; n++)
        for (size_t i = 0; i < pixels; i++) {
            int label = in->label[(size_t)n * pixels + i];
            if (!loss_valid(in, label)) continue;
            if (!in->region) sum += weight_of(in, label) * (log_sum_exp(z, n, i) - (double)tensor_channel(z, n, label)[i]);
            for (int k = 0; in->region && k < z->s.c; k++) {
                double v = (double)tensor_channel(z, n, k)[i];
                sum += weight_of(in, k) * (fmax(v, 0) - v * loss_target(in, label, k) + kmath_log1p(kmath_exp(-fabs(v))));
            }
        }
    return below > 0 ? sum / below : 0;
}

static void cross_entropy_dx(const struct loss_input *in, double scale, const struct tensor *dx, bool add, struct pool *pool)
{
    (void)pool;
    const struct tensor *z = &in->logits;
    size_t pixels = shape_pixels(z->s);
    double below = divisor(in);
    for (int n = 0; n < z->s.n; n++)
        for (size_t i = 0; i < pixels; i++) {
            int label = in->label[(size_t)n * pixels + i];
            bool valid = below > 0 && loss_valid(in, label);
            double lse = valid && !in->region ? log_sum_exp(z, n, i) : 0;
            for (int k = 0; k < z->s.c; k++) {
                double v = (double)tensor_channel(z, n, k)[i], g = 0;
                if (valid) {
                    double p = in->region ? kmath_sigmoid(v) : kmath_exp(v - lse);
                    g = scale / below * weight_of(in, in->region ? k : label) * (p - loss_target(in, label, k));
                }
                ref_store(&tensor_channel(dx, n, k)[i], (real)g, add);
            }
        }
}

void ref_cross_entropy_fill(struct kernels *k)
{
    k->cross_entropy = cross_entropy;
    k->cross_entropy_dx = cross_entropy_dx;
}

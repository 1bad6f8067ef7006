/* SPDX-License-Identifier: Apache-2.0 */
/* Plain cross-entropy over classes (softmax) and regions (sigmoid). */
#include "kernel/ref_loss.h"
#include "kernel/top.h"

/* Of one pixel, weighted; regions are summed. */
static double ref_cross_entropy_entropy(const struct loss_input *in, int n, size_t i, int label)
{
    const struct tensor *z = &in->logits;
    double sum = 0;
    if (!in->region) {
        struct softmax s = ref_softmax(z, n, i);
        return ref_weight(in, label) *
            (s.top + kmath_log(s.sum) - (double)tensor_channel(z, n, label)[i]);
    }
    for (int k = 0; k < z->s.c; k++) {
        double v = (double)tensor_channel(z, n, k)[i];
        sum += ref_weight(in, k) *
            (fmax(v, 0) - v * loss_target(in, label, k) + kmath_log1p(kmath_exp(-fabs(v))));
    }
    return sum;
}

static void ref_cross_entropy_cross_entropy(
    const struct loss_input *in, real *loss, struct pool *pool)
{
    (void)pool;
    double sum = 0, below = ref_divisor(in);
    REF_PIXELS(in, n, i)
    {
        int label = ref_label(in, n, i);
        if (loss_valid(in, label)) sum += ref_cross_entropy_entropy(in, n, i, label);
    }
    *loss = (real)(below > 0 ? sum / below : 0);
}

static void ref_cross_entropy_cross_entropy_map(
    const struct loss_input *in, real *map, struct pool *pool)
{
    (void)pool;
    size_t pixels = shape_pixels(in->logits.s);
    for (int n = 0; n < in->logits.s.n; n++)
        for (size_t i = 0; i < pixels; i++) {
            int label = in->label[(size_t)n * pixels + i];
            map[(size_t)n * pixels + i] =
                loss_valid(in, label) ? (real)ref_cross_entropy_entropy(in, n, i, label) : -1;
        }
}

static void ref_cross_entropy_cross_entropy_dx(const struct loss_input *in, const real *seed,
    const struct tensor *dx, bool add, struct pool *pool)
{
    (void)pool;
    const struct tensor *z = &in->logits;
    double below = ref_divisor(in);
    REF_PIXELS(in, n, i)
    {
        int label = ref_label(in, n, i);
        bool valid = below > 0 && loss_valid(in, label);
        struct softmax s = {0, 1};
        if (valid && !in->region) s = ref_softmax(z, n, i);
        for (int k = 0; k < z->s.c; k++) {
            double g = 0;
            if (valid)
                g = (double)*seed / below * ref_weight(in, in->region ? k : label) *
                    (ref_probability(in, s, n, k, i) - loss_target(in, label, k));
            ref_store(&tensor_channel(dx, n, k)[i], (real)g, add);
        }
    }
}

void ref_cross_entropy_fill(struct kernels *k)
{
    k->top_labels = top_labels;
    k->cross_entropy = ref_cross_entropy_cross_entropy;
    k->cross_entropy_dx = ref_cross_entropy_cross_entropy_dx;
    k->cross_entropy_map = ref_cross_entropy_cross_entropy_map;
}

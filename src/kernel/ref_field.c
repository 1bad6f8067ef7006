/* SPDX-License-Identifier: Apache-2.0 */
/* Plain losses with a weight per probability: probabilities, their sum times a field, the chain
 * rule through softmax or sigmoid. */
#include "kernel/ref_loss.h"

static void ref_field_soft(const struct loss_input *in, const struct tensor *p, struct pool *pool)
{
    (void)pool;
    const struct tensor *z = &in->logits;
    REF_PIXELS(in, n, i)
    {
        bool valid = loss_valid(in, ref_label(in, n, i));
        struct softmax s = ref_softmax(z, n, i);
        for (int k = 0; k < z->s.c; k++)
            tensor_channel(p, n, k)[i] = valid ? (real)ref_probability(in, s, n, k, i) : 0;
    }
}

static void ref_field_field(const struct loss_input *in, const struct tensor *f,
    const double *below, real *loss, struct pool *pool)
{
    (void)pool;
    const struct tensor *z = &in->logits;
    double sum = 0;
    REF_PIXELS(in, n, i)
    {
        if (!loss_valid(in, ref_label(in, n, i))) continue;
        struct softmax s = ref_softmax(z, n, i);
        for (int k = 0; k < z->s.c; k++)
            sum += ref_probability(in, s, n, k, i) * (double)tensor_channel(f, n, k)[i];
    }
    *loss = loss_over(sum, below);
}

static void ref_field_dx(const struct loss_input *in, const struct tensor *f, const double *below,
    const real *seed, const struct tensor *dx, bool add, struct pool *pool)
{
    (void)pool;
    const struct tensor *z = &in->logits;
    double scale = loss_scale(*seed, below);
    REF_PIXELS(in, n, i)
    {
        bool valid = loss_valid(in, ref_label(in, n, i));
        struct softmax s = ref_softmax(z, n, i);
        double mean = 0; /* of the field: softmax only */
        for (int k = 0; valid && !in->region && k < z->s.c; k++)
            mean += ref_probability(in, s, n, k, i) * (double)tensor_channel(f, n, k)[i];
        for (int k = 0; k < z->s.c; k++) {
            double g = 0;
            if (valid) {
                double p = ref_probability(in, s, n, k, i),
                       price = (double)tensor_channel(f, n, k)[i];
                g = scale * p * (in->region ? (1 - p) * price : price - mean);
            }
            ref_store(&tensor_channel(dx, n, k)[i], (real)g, add);
        }
    }
}

void ref_field_fill(struct kernels *k)
{
    k->soft = ref_field_soft;
    k->field = ref_field_field;
    k->field_dx = ref_field_dx;
}

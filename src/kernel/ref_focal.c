/* SPDX-License-Identifier: Apache-2.0 */
/* Plain focal loss (arXiv 1708.02002) over classes (softmax) and regions (sigmoid). A term is f = a
 * u^gamma nll, with p the probability of the truth, u = 1 - p, nll = -log p, a its weight. Its
 * derivative is -a u^gamma (u + gamma p nll) by the truth's logit, a p_k u^gamma (1 + gamma p nll /
 * u) by another class's. u sums the other probabilities, and a small nll is log(1 + u / p), which
 * keeps precision near p = 1, where nll / u is 1. */
#include "kernel/ref_loss.h"

/* Of one pixel's truth, or one region's. */
struct truth {
    double a, p, u, nll;
};

static double ref_focal_power(double u, double gamma)
{
    return gamma > 0 ? kmath_pow(u, gamma) : 1;
}
static double ref_focal_term(struct truth t, double gamma)
{
    return t.a * ref_focal_power(t.u, gamma) * t.nll;
}
/* The gradients' common factor: times p of another class, or -u of the truth. */
static double ref_focal_slope(struct truth t, double gamma)
{
    return t.a * ref_focal_power(t.u, gamma) * (1 + gamma * t.p * (t.u > 0 ? t.nll / t.u : 1));
}

static struct truth ref_focal_of_class(const struct loss_input *in, const struct focal *f,
    struct softmax s, int n, size_t i, int label)
{
    double z = (double)tensor_channel(&in->logits, n, label)[i], others = 0;
    for (int k = 0; k < in->logits.s.c; k++)
        if (k != label) others += kmath_exp((double)tensor_channel(&in->logits, n, k)[i] - s.top);
    struct truth t = {ref_weight(in, label) * f->balance[label > 0], kmath_exp(z - s.top) / s.sum,
        others / s.sum, 0};
    t.nll = t.u < t.p ? kmath_log1p(t.u / t.p) : s.top + kmath_log(s.sum) - z;
    return t;
}

static struct truth ref_focal_of_region(
    const struct loss_input *in, const struct focal *f, int n, size_t i, int label, int k)
{
    int target = loss_target(in, label, k);
    double v = (double)tensor_channel(&in->logits, n, k)[i], z = target ? v : -v;
    return (struct truth){ref_weight(in, k) * f->balance[target], kmath_sigmoid(z),
        kmath_sigmoid(-z), fmax(-z, 0) + kmath_log1p(kmath_exp(-fabs(z)))};
}

static void ref_focal_focal(
    const struct loss_input *in, const struct focal *f, real *loss, struct pool *pool)
{
    (void)pool;
    const struct tensor *z = &in->logits;
    double sum = 0, below = ref_divisor(in);
    REF_PIXELS(in, n, i)
    {
        int label = ref_label(in, n, i);
        if (!loss_valid(in, label)) continue;
        if (!in->region)
            sum += ref_focal_term(
                ref_focal_of_class(in, f, ref_softmax(z, n, i), n, i, label), f->gamma);
        for (int k = 0; in->region && k < z->s.c; k++)
            sum += ref_focal_term(ref_focal_of_region(in, f, n, i, label, k), f->gamma);
    }
    *loss = (real)(below > 0 ? sum / below : 0);
}

static void ref_focal_dx(const struct loss_input *in, const struct focal *f, const real *seed,
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
        struct truth t = {0, 0, 0, 0};
        if (valid && !in->region) {
            s = ref_softmax(z, n, i);
            t = ref_focal_of_class(in, f, s, n, i, label);
        }
        for (int k = 0; k < z->s.c; k++) {
            double g = 0;
            int target = valid ? loss_target(in, label, k) : 0;
            if (valid && in->region) t = ref_focal_of_region(in, f, n, i, label, k);
            if (valid)
                g = ref_focal_slope(t, f->gamma) *
                    (target              ? -t.u
                            : in->region ? t.u
                                         : ref_probability(in, s, n, k, i));
            ref_store(
                &tensor_channel(dx, n, k)[i], valid ? (real)(g * (double)*seed / below) : 0, add);
        }
    }
}

void ref_focal_fill(struct kernels *k)
{
    k->focal = ref_focal_focal;
    k->focal_dx = ref_focal_dx;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Plain sums of probabilities and targets for overlap losses, over softmax classes or sigmoid
 * regions. */
#include <string.h>

#include "kernel/ref_loss.h"

static void ref_overlap_overlap(const struct loss_input *in, double *sums, struct pool *pool)
{
    (void)pool;
    const struct tensor *z = &in->logits;
    memset(sums, 0, (size_t)z->s.n * (size_t)z->s.c * 3 * sizeof *sums);
    REF_PIXELS(in, n, i)
    {
        int label = ref_label(in, n, i);
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

static void ref_overlap_dx(const struct loss_input *in, const double *slopes, const real *seed,
    const struct tensor *dx, bool add, struct pool *pool)
{
    (void)pool;
    const struct tensor *z = &in->logits;
    REF_PIXELS(in, n, i)
    {
        int label = ref_label(in, n, i);
        const double *slope = slopes + n * z->s.c * 2;
        bool valid = loss_valid(in, label);
        struct softmax s = {0, 1};
        double mean = 0; /* sum of slope times probability: softmax only */
        if (valid && !in->region) {
            s = ref_softmax(z, n, i);
            for (int k = 0; k < z->s.c; k++)
                mean += slope[2 * k + loss_target(in, label, k)] * ref_probability(in, s, n, k, i);
        }
        for (int k = 0; k < z->s.c; k++) {
            double g = 0;
            if (valid) {
                double p = ref_probability(in, s, n, k, i),
                       by_p = slope[2 * k + loss_target(in, label, k)];
                g = (double)*seed * p * (in->region ? (1 - p) * by_p : by_p - mean);
            }
            ref_store(&tensor_channel(dx, n, k)[i], (real)g, add);
        }
    }
}

static int overlap_group(const struct overlap_loss *l, const double *set,
    const struct overlap_sums *sums, int classes, double *total, struct overlap_slope *by)
{
    int terms = 0;
    for (int k = 0; k < (l->of_all ? 1 : classes); k++) {
        double term;
        if (!(l->of_all ? l->of_all(set, sums, classes, &term, by)
                        : l->of_class(set, &sums[k], &term, &by[k])))
            continue;
        *total += term;
        terms++;
    }
    return terms;
}

static void overlap_rule(const struct overlap_rule *r, struct shape shape,
    struct overlap_sums *sums, double *slopes, real *loss)
{
    int groups = r->batch ? 1 : shape.n, terms = 0;
    double total = 0;
    if (r->batch) loss_join(&sums->both, shape.n, 3 * shape.c);
    memset(slopes, 0, (size_t)shape.n * (size_t)shape.c * 2 * sizeof *slopes);
    for (int i = 0; i < groups && r->first < shape.c; i++) {
        int at = i * shape.c + r->first;
        terms += overlap_group(r->loss, r->set, sums + at, shape.c - r->first, &total,
            (struct overlap_slope *)(void *)(slopes + (size_t)at * 2));
    }
    for (int i = 0; i < groups * shape.c;
         i++) { /* derivatives by the sums become derivatives by a probability */
        double by_both = slopes[2 * i], by_soft = slopes[2 * i + 1];
        slopes[2 * i] = terms ? by_soft / terms : 0;
        slopes[2 * i + 1] = terms ? (by_both + by_soft) / terms : 0;
    }
    for (int i = groups * shape.c * 2; i < shape.n * shape.c * 2; i++)
        slopes[i] = slopes[i % (shape.c * 2)];
    *loss = (real)(terms ? total / terms : 0);
}

void ref_overlap_fill(struct kernels *k)
{
    k->overlap_rule = overlap_rule;
    k->overlap = ref_overlap_overlap;
    k->overlap_dx = ref_overlap_dx;
}

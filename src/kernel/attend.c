/* SPDX-License-Identifier: Apache-2.0 */
/* Folding the norms of an attention gate into its weights: attend.h. */
#include "kernel/attend.h"

#include <math.h>
#include <string.h>

static size_t blocks(int channels) { return (size_t)(channels + LANES - 1) / LANES; }
static size_t weights(const struct attend *a) { return blocks(a->inter) * (blocks(a->x.s.c) + blocks(a->g.s.c)) * LANES * LANES; }

size_t attend_floats(const struct attend *a) { return weights(a) + 2 * blocks(a->inter) * LANES + LANES; }

/* What the norm multiplies a channel by, and what is added then. */
static double factor(const struct attend_layer *l, double eps, int k, double *shift)
{
    double scale = l->gamma ? (double)l->gamma[k] / sqrt((double)l->var[k] + eps) : 1;
    *shift = (double)l->b[k] * scale;
    if (l->gamma) *shift += (double)l->beta[k] - (double)l->mean[k] * scale;
    return scale;
}

/* The rows of `from`, a convolution of `in` blocks, times a scale per output, to their place among `all` blocks; b gains the shifts. */
static void fold_layer(const struct attend_layer *l, double eps, int inter, size_t in, size_t first, size_t all, real *w, real *b)
{
    for (size_t kb = 0; kb < blocks(inter); kb++) {
        real scale[LANES] = {0};
        for (int k = 0; k < LANES && (int)kb * LANES + k < inter; k++) {
            double shift;
            scale[k] = (real)factor(l, eps, (int)kb * LANES + k, &shift);
            b[kb * LANES + (size_t)k] += (real)shift;
        }
        const real *from = l->w + kb * in * LANES * LANES;
        real *to = w + (kb * all + first) * LANES * LANES;
        for (size_t i = 0; i < in * LANES * LANES; i += LANES)
            for (size_t k = 0; k < LANES; k++) to[i + k] = from[i + k] * scale[k];
    }
}

void attend_fold(struct attend *a, const struct attend_layer *wx, const struct attend_layer *wg, const struct attend_layer *psi, double eps,
                 real *memory)
{
    const size_t bx = blocks(a->x.s.c), bg = blocks(a->g.s.c), lanes = blocks(a->inter) * LANES;
    a->w = memory;
    a->b = a->w + weights(a);
    a->psi = a->b + lanes;
    a->c = a->psi + lanes;
    memset(a->b, 0, (2 * lanes + LANES) * sizeof *a->b);
    fold_layer(wx, eps, a->inter, bx, 0, bx + bg, a->w, a->b);
    fold_layer(wg, eps, a->inter, bg, bx, bx + bg, a->w, a->b);
    double shift, scale = factor(psi, eps, 0, &shift);
    for (size_t i = 0; i < (size_t)a->inter; i++) a->psi[i] = (real)((double)psi->w[i * LANES] * scale); /* [block][c][k], k = 0 */
    a->c[0] = (real)shift;
}

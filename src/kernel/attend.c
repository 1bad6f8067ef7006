/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/attend.h"

#include <math.h>
#include <string.h>

static size_t blocks(int channels) { return (size_t)(channels + LANES - 1) / LANES; }
static size_t attend_weights(const struct attend *a)
{
    return blocks(a->inter) * (blocks(a->x.s.c) + blocks(a->g.s.c)) * LANES * LANES;
}

size_t attend_floats(const struct attend *a)
{
    return attend_weights(a) + 2 * blocks(a->inter) * LANES + LANES;
}

size_t attend_scratch(const struct attend *a)
{
    return (blocks(a->x.s.c) + blocks(a->g.s.c)) * ATTEND_PIXELS * LANES;
}

/* What the norm multiplies a channel by, and then adds. */
static double attend_factor(const struct attend_layer *l, double eps, int k, double *shift)
{
    double scale = l->gamma ? (double)l->gamma[k] / sqrt((double)l->var[k] + eps) : 1;
    *shift = (double)l->b[k] * scale;
    if (l->gamma) *shift += (double)l->beta[k] - (double)l->mean[k] * scale;
    return scale;
}

/* Both layers' weights side by side, times a scale per output; b gains their shifts. A task is a
 * block of outputs. */
struct fold {
    struct attend *a;
    const struct attend_layer *layer[2];
    size_t in[2]; /* blocks */
    double eps;
};

static void fold_task(void *arg, int task, int worker)
{
    const struct fold *f = arg;
    const size_t kb = (size_t)task;
    real *to = f->a->w + kb * (f->in[0] + f->in[1]) * LANES * LANES, *b = f->a->b + kb * LANES;
    (void)worker;
    for (int l = 0; l < 2; l++) {
        real scale[LANES] = {0};
        for (int k = 0; k < LANES && task * LANES + k < f->a->inter; k++) {
            double shift;
            scale[k] = (real)attend_factor(f->layer[l], f->eps, task * LANES + k, &shift);
            b[k] += (real)shift;
        }
        const real *from = f->layer[l]->w + kb * f->in[l] * LANES * LANES;
        for (size_t i = 0; i < f->in[l] * LANES; i++, from += LANES, to += LANES)
            for (size_t k = 0; k < LANES; k++) to[k] = from[k] * scale[k];
    }
}

void attend_fold(struct attend *a, const struct attend_layer *wx, const struct attend_layer *wg,
    const struct attend_layer *psi, double eps, real *memory, struct pool *pool)
{
    const size_t lanes = blocks(a->inter) * LANES;
    struct fold f = {a, {wx, wg}, {blocks(a->x.s.c), blocks(a->g.s.c)}, eps};
    a->w = memory;
    a->b = a->w + attend_weights(a);
    a->psi = a->b + lanes;
    a->c = a->psi + lanes;
    memset(a->b, 0, (2 * lanes + LANES) * sizeof *a->b);
    pool_run(pool, (int)blocks(a->inter), fold_task, &f);
    double shift, scale = attend_factor(psi, eps, 0, &shift);
    for (size_t i = 0; i < (size_t)a->inter; i++)
        a->psi[i] = (real)((double)psi->w[i * LANES] * scale); /* [block][c][k], k = 0 */
    a->c[0] = (real)shift;
}

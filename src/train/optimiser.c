/* SPDX-License-Identifier: Apache-2.0 */
#include "train/optimiser.h"

#include <math.h>

att_status optimiser_init(struct optimiser *o, const struct params *p, struct err *e)
{
    const bool two = o->kind == OPTIMISER_ADAMW;
    if (!buffer_create(&o->moments, p->numbers.memory, p->size, (two ? 2 : 1) * sizeof *o->m))
        return buffer_refused(
            p->numbers.memory, 2 * p->size * sizeof *o->m, "the optimiser's moments", e);
    o->m = o->moments.p;
    o->v = two ? o->m + p->size : NULL;
    return ATT_OK;
}

void optimiser_reset(struct optimiser *o) { o->moments.memory->fill(o->m, 0, o->moments.bytes); }

void optimiser_free(struct optimiser *o)
{
    buffer_destroy(&o->moments);
    o->m = o->v = NULL;
}

double optimiser_step(struct optimiser *o, const struct run *r, double lr, int64_t step)
{
    const struct kernels *k = r->plan.kernels;
    const struct params *p = r->plan.graph->params;
    run_unmap(r);
    buffer_unmap(&o->moments);
    double norm = sqrt(k->sum_squares(r->grads, p->size, r->pool));
    if (!isfinite(norm)) return norm;
    double scale = o->clip > 0 ? o->clip / (norm + 1e-6) : 1; /* torch's clip_grad_norm_ */
    if (scale > 1) scale = 1;
    for (int i = 0; i < p->count; i++) {
        if (!r->plan.trained[i]) continue;
        size_t at = p->list[i].offset, n = p->list[i].size;
        if (o->kind == OPTIMISER_SGD)
            k->sgd(p->data + at, r->grads + at, o->m + at, n, (real)lr, (real)o->momentum, true,
                (real)o->decay, (real)scale, step == 1, r->pool);
        else
            k->adamw(p->data + at, r->grads + at, o->m + at, o->v + at, n, (real)lr, (real).9,
                (real).999, (real)1e-8, (real)o->decay, (real)scale, step, r->pool);
    }
    return norm;
}

double optimiser_squares(
    const struct optimiser *o, const struct params *p, const struct kernels *k, struct pool *pool)
{
    buffer_unmap(&p->numbers);
    buffer_unmap(&o->moments);
    return k->sum_squares(p->data, p->size, pool) + k->sum_squares(p->state, p->state_size, pool) +
        k->sum_squares(o->m, p->size, pool) + (o->v ? k->sum_squares(o->v, p->size, pool) : 0);
}

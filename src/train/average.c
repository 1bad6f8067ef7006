/* SPDX-License-Identifier: Apache-2.0 */
/* Averaging weights; called by the training loop. */
#include "train/average.h"

#include <string.h>

#include "base/ints.h"
#include "base/mem.h"

att_status average_init(struct average *a, const struct params *p, struct err *e)
{
    a->data = a->state = NULL;
    if (!(a->decay > 0)) return ATT_OK;
    a->data = mem_array(p->size, sizeof *a->data);
    a->state = mem_array(p->state_size, sizeof *a->state);
    if (!a->data || !a->state) {
        average_free(a);
        return err_memory(
            e, (p->size + p->state_size) * sizeof *a->data, "the average of the weights");
    }
    average_reset(a, p);
    return ATT_OK;
}

void average_reset(struct average *a, const struct params *p)
{
    if (!a->data) return;
    memcpy(a->data, p->data, p->size * sizeof *a->data);
    memcpy(a->state, p->state, p->state_size * sizeof *a->state);
}

void average_free(struct average *a)
{
    mem_free(a->data);
    mem_free(a->state);
    a->data = a->state = NULL;
}

/* Numbers are independent of each other, so any cut gives the same bits. */
enum { PIECE = 1 << 16 };

struct blend {
    real *to;
    const real *from;
    size_t count;
    real share; /* of `from` */
};

static void blend_piece(void *arg, int task, int worker)
{
    const struct blend *b = arg;
    (void)worker;
    size_t at = (size_t)task * PIECE, n = b->count - at < PIECE ? b->count - at : PIECE;
    real *to = b->to + at;
    const real *from = b->from + at;
    for (size_t i = 0; i < n; i++) to[i] += b->share * (from[i] - to[i]);
}

static void blend(real *to, const real *from, size_t count, real share, struct pool *pool)
{
    struct blend b = {to, from, count, share};
    pool_run(pool, (int)divide_up_size(count, PIECE), blend_piece, &b);
}

void average_update(
    struct average *a, const struct params *p, const bool *trained, int64_t step, struct pool *pool)
{
    if (!a->data) return;
    double ramp = (1 + (double)step) / (10 + (double)step);
    real share = (real)(1 - (ramp < a->decay ? ramp : a->decay));
    for (int i = 0; i < p->count; i++) {
        const struct param *q = &p->list[i];
        if (q->kind == STATE_COUNT) /* two numbers that only together mean something: the newest */
            memcpy(a->state + q->offset, p->state + q->offset, q->size * sizeof *a->state);
        else if (q->kind == STATE_VECTOR)
            blend(a->state + q->offset, p->state + q->offset, q->size, share, pool);
        else if (trained[i])
            blend(a->data + q->offset, p->data + q->offset, q->size, share, pool);
    }
}

struct params average_params(const struct average *a, const struct params *p)
{
    struct params view = *p;
    if (a && a->data) {
        view.data = a->data;
        view.state = a->state;
    }
    return view;
}

struct model average_model(const struct average *a, const struct model *m)
{
    struct model view = *m;
    view.params = average_params(a, &m->params);
    return view;
}

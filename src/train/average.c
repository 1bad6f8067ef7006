/* SPDX-License-Identifier: Apache-2.0 */
#include "train/average.h"

att_status average_init(struct average *a, const struct params *p, struct err *e)
{
    *a = (struct average){.decay = a->decay};
    if (!(a->decay > 0)) return ATT_OK;
    if (!buffer_create(&a->numbers, p->numbers.memory, p->size + p->state_size, sizeof(real)))
        return buffer_refused(p->numbers.memory, (p->size + p->state_size) * sizeof(real),
            "the average of the weights", e);
    a->data = a->numbers.p;
    a->state = a->data + p->size;
    average_reset(a, p);
    return ATT_OK;
}

void average_reset(struct average *a, const struct params *p)
{
    if (a->data) a->numbers.memory->upload(a->data, buffer_map(&p->numbers), a->numbers.bytes);
}

void average_free(struct average *a)
{
    buffer_destroy(&a->numbers);
    a->data = a->state = NULL;
}

void average_update(struct average *a, const struct params *p, const bool *trained, int64_t step,
    const struct kernels *k, struct pool *pool)
{
    if (!a->data) return;
    buffer_unmap(&a->numbers);
    buffer_unmap(&p->numbers);
    double ramp = (1 + (double)step) / (10 + (double)step);
    real share = (real)(1 - (ramp < a->decay ? ramp : a->decay));
    for (int i = 0; i < p->count; i++) {
        const struct param *q = &p->list[i];
        if (!param_trains(q)) /* copies counts, which have no mean */
            k->blend(a->state + q->offset, p->state + q->offset, q->size,
                q->kind == STATE_COUNT ? 1 : share, pool);
        else if (trained[i])
            k->blend(a->data + q->offset, p->data + q->offset, q->size, share, pool);
    }
}

struct params average_params(const struct average *a, const struct params *p)
{
    struct params view = *p;
    if (a && a->data) {
        view.numbers = a->numbers;
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

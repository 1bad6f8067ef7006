/* SPDX-License-Identifier: Apache-2.0 */
#include "predict/predict_passes.h"

#include <string.h>

#include "base/mem.h"
#include "base/pool.h"
#include "base/tasks.h"

enum { TASK = 1 << 14 }; /* samples of a task */

att_status passes_begin(struct passes *p, const struct run *r, int64_t total, struct err *e)
{
    size_t samples = 0;
    for (int i = 0; i < p->count; i++) {
        p->result[i] = run_tensor(r, p->values[i]);
        samples += tensor_size(&p->result[i]);
    }
    if (total == 1) return ATT_OK;
    real *at = p->means = mem_array(samples, sizeof *p->means);
    if (!at) return err_memory(e, samples * sizeof *at, "the mean of several passes");
    for (int i = 0; i < p->count; i++) {
        p->result[i].p = at;
        at += tensor_size(&p->result[i]);
    }
    return ATT_OK;
}

/* Rows along w. */
struct averaging {
    const real *x;
    real *mean;
    struct shape s;
    size_t lanes;
    struct tasks rows;
    real share;
    const bool *mirror;
};

static void average_row(const struct averaging *a, size_t row)
{
    size_t h = row % (size_t)a->s.h, d = row / (size_t)a->s.h % (size_t)a->s.d,
           block = row / (size_t)a->s.h / (size_t)a->s.d;
    size_t length = (size_t)a->s.w, from_h = a->mirror[1] ? (size_t)a->s.h - 1 - h : h,
           from_d = a->mirror[0] ? (size_t)a->s.d - 1 - d : d;
    const real *x =
        a->x + ((block * (size_t)a->s.d + from_d) * (size_t)a->s.h + from_h) * length * a->lanes;
    real *mean = a->mean + row * length * a->lanes;
    for (size_t w = 0; w < length; w++)
        for (size_t l = 0; l < a->lanes; l++) {
            real *m = &mean[w * a->lanes + l];
            *m += (x[(a->mirror[2] ? length - 1 - w : w) * a->lanes + l] - *m) * a->share;
        }
}

static void average_rows(void *arg, int task, int worker)
{
    const struct averaging *a = arg;
    (void)worker;
    for (size_t row = tasks_from(&a->rows, task); row < tasks_till(&a->rows, task); row++)
        average_row(a, row);
}

void passes_add(
    struct passes *p, const struct run *r, int64_t index, const bool mirror[3], struct pool *pool)
{
    for (int i = 0; i < p->count; i++) {
        struct tensor x = run_tensor(r, p->values[i]), *mean = &p->result[i];
        if (!p->means) {
            *mean = x;
            continue;
        }
        size_t length = (size_t)x.s.w * (size_t)x.lanes;
        if (index == 0) memset(mean->p, 0, tensor_size(mean) * sizeof *mean->p);
        struct averaging a = {
            .x = x.p, .mean = mean->p, .s = x.s, .lanes = (size_t)x.lanes, .mirror = mirror};
        a.share = (real)(1 / ((double)index + 1));
        a.rows = tasks_cut(tensor_size(&x) / length, length, TASK);
        pool_run(pool, tasks_count(&a.rows), average_rows, &a);
    }
}

void passes_free(struct passes *p)
{
    mem_free(p->means);
    memset(p, 0, sizeof *p);
}

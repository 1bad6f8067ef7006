/* SPDX-License-Identifier: Apache-2.0 */
#include "predict/predict_passes.h"

#include <math.h>
#include <string.h>

#include "base/kmath.h"
#include "base/mem.h"
#include "base/pool.h"
#include "base/tasks.h"

enum { TASK = 1 << 14 }; /* samples of a task */

static att_status moments_begin(struct passes *p, struct err *e)
{
    p->pass = p->result[0];
    p->pass.lanes = 1;
    p->pass.s.c++;
    const size_t samples = tensor_size(&p->pass);
    TRY(MEM_ARRAY(p->pass.p, 2 * samples, "the probabilities of a pass", e));
    p->result[p->count] = p->pass;
    p->result[p->count].p += samples;
    return ATT_OK;
}

att_status passes_begin(struct passes *p, const struct run *r, int64_t total, struct err *e)
{
    size_t samples = 0;
    for (int i = 0; i < p->count; i++) {
        p->result[i] = run_tensor(r, p->values[i]);
        samples += tensor_size(&p->result[i]);
    }
    if (p->moments) TRY(moments_begin(p, e));
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

static void average(const struct tensor *x, struct tensor *mean, int64_t index,
    const bool mirror[3], struct pool *pool)
{
    size_t length = (size_t)x->s.w * (size_t)x->lanes;
    if (index == 0) memset(mean->p, 0, tensor_size(mean) * sizeof *mean->p);
    struct averaging a = {
        .x = x->p, .mean = mean->p, .s = x->s, .lanes = (size_t)x->lanes, .mirror = mirror};
    a.share = (real)(1 / ((double)index + 1));
    a.rows = tasks_cut(tensor_size(x) / length, length, TASK);
    pool_run(pool, tasks_count(&a.rows), average_rows, &a);
}

struct moments {
    const struct tensor *logits, *to;
    bool regions;
    double sharpness;
    struct tasks pixels;
};

/* Also the sum of the squares, behind them. */
static void pixel_moments(const struct moments *m, size_t i)
{
    const int channels = m->logits->s.c;
    const size_t lanes = (size_t)m->logits->lanes;
    double max = 0, sum = 1, squares = 0;
    for (int c = 0; c < channels && !m->regions; c++) {
        const double z = (double)tensor_channel(m->logits, 0, c)[i * lanes];
        max = c && max > z ? max : z;
        sum = 0;
    }
    for (int c = 0; c < channels; c++) {
        const double z = (double)tensor_channel(m->logits, 0, c)[i * lanes],
                     x = m->sharpness * (z - max), p = m->regions ? kmath_sigmoid(x) : kmath_exp(x);
        tensor_channel(m->to, 0, c)[i] = (real)p;
        sum += m->regions ? 0 : p;
    }
    for (int c = 0; c < channels; c++) {
        real *p = tensor_channel(m->to, 0, c) + i;
        *p = (real)((double)*p / sum);
        squares += (double)*p * (double)*p;
    }
    tensor_channel(m->to, 0, channels)[i] = (real)squares;
}

static void run_moments(void *arg, int task, int worker)
{
    const struct moments *m = arg;
    (void)worker;
    for (size_t i = tasks_from(&m->pixels, task); i < tasks_till(&m->pixels, task); i++)
        pixel_moments(m, i);
}

void passes_variance(float *moments, int channels, bool regions, size_t voxels)
{
    const double max = regions ? channels / 4. : 1 - 1. / channels;
    for (size_t i = 0; i < voxels; i++) {
        double v = (double)moments[(size_t)channels * voxels + i];
        for (int c = 0; c < channels; c++) {
            const double p = (double)moments[(size_t)c * voxels + i];
            v -= p * p;
        }
        moments[i] = (float)fmin(fmax(v / max, 0), 1); /* rounding may leave it */
    }
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
        average(&x, mean, index, mirror, pool);
    }
    if (!p->moments) return;
    const struct tensor logits = run_tensor(r, p->values[0]);
    struct moments m = {
        .logits = &logits, .to = &p->pass, .regions = p->regions, .sharpness = p->sharpness};
    m.pixels = tasks_cut(shape_pixels(logits.s), (size_t)logits.s.c, TASK);
    pool_run(pool, tasks_count(&m.pixels), run_moments, &m);
    average(&p->pass, &p->result[p->count], index, mirror, pool);
}

void passes_free(struct passes *p)
{
    mem_free(p->means);
    mem_free(p->pass.p);
    memset(p, 0, sizeof *p);
}

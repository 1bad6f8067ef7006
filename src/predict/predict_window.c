/* SPDX-License-Identifier: Apache-2.0 */
#include "predict/predict_window.h"

#include <math.h>
#include <stdbool.h>

#include "base/kmath.h"
#include "base/mem.h"
#include "base/tasks.h"

enum { TASK = 1 << 14 }; /* samples of a task */

int window_origins(int size, int window, double overlap, int *origin)
{
    if (size <= window) {
        if (origin) origin[0] = 0;
        return 1;
    }
    const int travel = size - window;
    const double step = window * (1 - overlap);
    const int count = 1 + (int)ceil(travel / (step > 1 ? step : 1) - 1e-9);
    for (int i = 0; origin && i < count; i++)
        origin[i] = (int)rint((double)travel / (count - 1) * i);
    return count;
}

void window_gaussian(int window, double *weight)
{
    double sigma = window / 8.0;
    for (int i = 0; i < window; i++) {
        int from_middle = i - window / 2;
        double z = from_middle / sigma;
        weight[i] = kmath_exp(-0.5 * z * z);
    }
}

int window_before(int size, int window) { return size < window ? (window - size) / 2 : 0; }

void window_axis_free(struct window_axis *a)
{
    mem_free(a->first);
    mem_free(a->weight);
    *a = (struct window_axis){0};
}

/* Adds up the weights on the grid, or divides them by the sum. */
static void share(const struct window_axis *a, double *sum, const double *gaussian,
    const double *shift, bool divide)
{
    for (int k = 0; k < a->count; k++)
        for (int tap = 0; tap < 2; tap++)
            for (int i = 0; i < a->cells; i++) {
                double part = gaussian[i] * (tap ? shift[k] : 1 - shift[k]);
                int at = a->first[k] + i + tap;
                if (at < 0 || at >= a->size) continue;
                if (divide)
                    a->weight[((size_t)k * 2 + (size_t)tap) * (size_t)a->cells + (size_t)i] =
                        (float)(part / sum[at]);
                else
                    sum[at] += part;
            }
}

static att_status fill_axis(struct window_axis *a, int stride, int before, struct err *e)
{
    size_t count = (size_t)a->count, cells = (size_t)a->cells, size = (size_t)a->size;
    double *numbers;
    TRY(MEM_ARRAY(numbers, count + cells + size, "window weights", e));
    double *shift = numbers, *gaussian = shift + count, *sum = gaussian + cells;
    for (int k = 0; k < a->count; k++) { /* `first` holds the origin */
        shift[k] = (double)(a->first[k] % stride) / stride;
        a->first[k] = a->first[k] / stride - before;
    }
    window_gaussian(a->cells, gaussian);
    share(a, sum, gaussian, shift, false);
    share(a, sum, gaussian, shift, true);
    mem_free(numbers);
    return ATT_OK;
}

att_status window_axis_make(
    int size, int window, double overlap, int stride, struct window_axis *a, struct err *e)
{
    int padded = size > window ? size : window,
        before = stride == 1 ? window_before(size, window) : 0;
    *a = (struct window_axis){
        .size = stride == 1 ? size : (padded - 1) / stride + 1, .cells = window / stride};
    a->count = window_origins(size, window, overlap, NULL);
    size_t count = (size_t)a->count, cells = (size_t)a->cells;
    a->first = mem_array(count, sizeof *a->first);
    a->weight = mem_array(count, 2 * cells * sizeof *a->weight);
    if (!a->first || !a->weight) {
        window_axis_free(a);
        return err_memory(e, count * (2 * cells + 1) * sizeof(float), "window weights");
    }
    window_origins(size, window, overlap, a->first);
    att_status status = fill_axis(a, stride, before, e);
    if (status != ATT_OK) window_axis_free(a);
    return status;
}

struct addition {
    const struct window_axis *axis;
    const int *index;
    const struct tensor *result;
    float share, *sum;
    const struct box *part;
    bool second;      /* some cells use two places */
    int lo[3], hi[3]; /* range in the part */
    struct tasks rows;
};

static float window_weight(const struct addition *a, int axis, int tap, int cell)
{
    const struct window_axis *x = &a->axis[axis];
    if (cell < 0 || cell >= x->cells) return 0;
    return x->weight[((size_t)a->index[axis] * 2 + (size_t)tap) * (size_t)x->cells + (size_t)cell];
}

/* `row`: place lo[2] of the grid row. */
static void window_add_row(
    const struct addition *a, const real *x, size_t lanes, float scale, float *row)
{
    const struct window_axis *axis = &a->axis[2];
    int first = axis->first[a->index[2]];
    for (int tap = 0; tap < 2; tap++) {
        const float *w =
            axis->weight + ((size_t)a->index[2] * 2 + (size_t)tap) * (size_t)axis->cells;
        int from = a->lo[2] - first - tap > 0 ? a->lo[2] - first - tap : 0;
        int to = axis->cells < a->hi[2] - first - tap ? axis->cells : a->hi[2] - first - tap;
        if (from >= to || (tap && !a->second)) continue;
        float *out = row + (first + tap + from - a->lo[2]);
        for (int i = from; i < to; i++) out[i - from] += scale * w[i] * (float)x[(size_t)i * lanes];
    }
}

/* A row sums up to two cells in d and two in h. */
static void gather_row(const struct addition *a, size_t row)
{
    const struct tensor *r = a->result;
    size_t nh = (size_t)(a->hi[1] - a->lo[1]), nd = (size_t)(a->hi[0] - a->lo[0]),
           lanes = (size_t)r->lanes;
    int h = a->lo[1] + (int)(row % nh), d = a->lo[0] + (int)(row / nh % nd),
        c = (int)(row / nh / nd);
    int dc = d - a->axis[0].first[a->index[0]], hc = h - a->axis[1].first[a->index[1]];
    const int *from = a->part->from, *size = a->part->size;
    size_t at = (((size_t)c * (size_t)size[0] + (size_t)(d - from[0])) * (size_t)size[1] +
                    (size_t)(h - from[1])) *
        (size_t)size[2];
    for (int dt = 0; dt < 2; dt++)
        for (int ht = 0; ht < 2; ht++) {
            float scale =
                a->share * window_weight(a, 0, dt, dc - dt) * window_weight(a, 1, ht, hc - ht);
            if (scale == 0) continue;
            const real *x = tensor_channel(r, 0, c) +
                ((size_t)(dc - dt) * (size_t)r->s.h + (size_t)(hc - ht)) * (size_t)r->s.w * lanes;
            window_add_row(a, x, lanes, scale, a->sum + at + (size_t)(a->lo[2] - from[2]));
        }
}

static void add_rows(void *arg, int task, int worker)
{
    const struct addition *a = arg;
    (void)worker;
    for (size_t row = tasks_from(&a->rows, task); row < tasks_till(&a->rows, task); row++)
        gather_row(a, row);
}

/* Whether any second weight is not 0. */
static bool has_second(const struct window_axis *a, int index)
{
    const float *w = a->weight + ((size_t)index * 2 + 1) * (size_t)a->cells;
    for (int i = 0; i < a->cells; i++)
        if (w[i] != 0) return true;
    return false;
}

void window_add(const struct window_axis axis[3], const int index[3], const struct tensor *result,
    float share, const struct box *part, float *sum, struct pool *pool)
{
    struct addition a = {
        .axis = axis, .index = index, .result = result, .share = share, .part = part, .sum = sum};
    for (int i = 0; i < 3; i++) {
        int first = axis[i].first[index[i]], end = first + axis[i].cells + 1,
            last = part->from[i] + part->size[i];
        if (last > axis[i].size) last = axis[i].size;
        a.lo[i] = first < part->from[i] ? part->from[i] : first;
        a.hi[i] = end < last ? end : last;
        if (a.lo[i] >= a.hi[i]) return;
    }
    a.second = has_second(&axis[2], index[2]);
    size_t rows = (size_t)result->s.c * (size_t)(a.hi[0] - a.lo[0]) * (size_t)(a.hi[1] - a.lo[1]);
    a.rows = tasks_cut(rows, (size_t)axis[2].cells, TASK);
    pool_run(pool, tasks_count(&a.rows), add_rows, &a);
}

void window_reaching(const struct window_axis *a, int first, int end, int *from, int *till)
{
    *from = 0;
    while (*from < a->count && a->first[*from] + a->cells <= first) ++*from;
    *till = *from;
    while (*till < a->count && a->first[*till] < end) ++*till;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Results as in ref_window.c. Rows of the input combine first column by column, into a buffer with
 * margins; then neighbouring columns combine. */
#include <string.h>

#include "kernel/fast.h"
#include "kernel/fast_map.h"
#include "kernel/window.h"

enum { CHUNK = 512, ROOM = 16, ROWS = 9, TASK_PIXELS = 8192 };

struct window {
    const struct tensor *x, *y; /* gradient: dy, dx */
    const float *code;
    float *code_out;
    bool box, add;
    int together; /* rows per task */
};

/* The existing rows around one. */
struct rows {
    int count, middle;  /* middle: the row itself */
    size_t at[ROWS];    /* its start */
    float number[ROWS]; /* its left neighbour's in the window */
};

/* Pixels from..from + many of a row, and the columns around them. */
struct part {
    int from, many, first, last, w;
};

/* A pixel at [ROOM]. */
typedef float buffer[ROOM + CHUNK + 2 * ROOM];

/* row: counted over all maps. */
INLINE struct rows rows_around(struct shape s, int row, bool box)
{
    struct rows r = {0, 0, {0}, {0}};
    int d = row / s.h % s.d, h = row % s.h;
    for (int z = -1; z <= 1; z++)
        for (int y = -1; y <= 1; y++) {
            if (d + z < 0 || d + z >= s.d || h + y < 0 || h + y >= s.h || (!box && z && y))
                continue;
            if (!z && !y) r.middle = r.count;
            r.number[r.count] = (float)((z + 1) * 9 + (y + 1) * 3);
            r.at[r.count++] = (size_t)(row + z * s.h + y) * (size_t)s.w;
        }
    return r;
}

INLINE struct part part_from(int from, int w)
{
    struct part p = {.from = from, .many = w - from < CHUNK ? w - from : CHUNK, .w = w};
    p.first = from > 0 ? from - 1 : 0;
    p.last = from + p.many < w ? from + p.many + 1 : w;
    return p;
}

INLINE size_t lanes_of(int left) { return left < VEC_LANES ? (size_t)left : VEC_LANES; }

/* Outside the map. */
INLINE void pad(float *b, struct part p, float value)
{
    if (p.from == 0) b[ROOM - 1] = value;
    if (p.from + p.many == p.w) b[ROOM + p.many] = value;
}

/* a and its place become b if that is better, or equal and earlier. */
INLINE void better(vec *a, vec *at, vec b, vec b_at, bool coded)
{
    mask m = vec_greater(b, *a);
    if (!coded) {
        *a = vec_max(b, *a);
        return;
    }
    vec first = vec_pick(vec_equal(b, *a), vec_min(b_at, *at), *at);
    *at = vec_pick(m, b_at, first);
    *a = vec_pick(m, b, *a);
}

INLINE void largest_row(
    const struct window *j, const struct rows *r, struct part p, size_t to, bool coded)
{
    buffer column, number;
    for (int i = p.first; i < p.last; i += VEC_LANES) {
        size_t lanes = lanes_of(p.last - i);
        vec best = vec_get(j->x->p + r->at[0] + i, lanes), at = vec_set(r->number[0]);
        for (int k = 1; k < r->count; k++)
            better(
                &best, &at, vec_get(j->x->p + r->at[k] + i, lanes), vec_set(r->number[k]), coded);
        vec_store(column + ROOM + i - p.from, best);
        if (coded) vec_store(number + ROOM + i - p.from, at);
    }
    pad(column, p, -__builtin_inff());
    if (coded) pad(number, p, WINDOW);
    for (int i = 0; i < p.many; i += VEC_LANES) {
        vec best = vec_load(column + ROOM + i - 1), at = vec_zero();
        if (coded) at = vec_load(number + ROOM + i - 1);
        for (int x = 0; x <= 1; x++) {
            vec here =
                coded ? vec_add(vec_load(number + ROOM + i + x), vec_set((float)(x + 1))) : at;
            better(&best, &at, vec_load(column + ROOM + i + x), here, coded);
        }
        vec_put(j->y->p + to + i, best, lanes_of(p.many - i));
        if (coded) vec_put(j->code_out + to + i, at, lanes_of(p.many - i));
    }
}

/* Only the row itself has left and right neighbours: numbers rise, so the first of equal ones
 * stays. */
INLINE void min_row(
    const struct window *j, const struct rows *r, struct part p, size_t to, bool coded)
{
    buffer middle;
    memcpy(middle + ROOM + p.first - p.from, j->x->p + r->at[r->middle] + p.first,
        (size_t)(p.last - p.first) * sizeof *middle);
    memset(middle + ROOM + p.last - p.from, 0, ROOM * sizeof *middle);
    pad(middle, p, __builtin_inff());
    for (int i = 0; i < p.many; i += VEC_LANES) {
        size_t lanes = lanes_of(p.many - i);
        vec best = vec_set(__builtin_inff()), at = vec_zero();
        for (int k = 0; k < r->count; k++)
            for (int x = k == r->middle ? -1 : 0; x <= (k == r->middle ? 1 : 0); x++) {
                vec v = k == r->middle ? vec_load(middle + ROOM + i + x)
                                       : vec_get(j->x->p + r->at[k] + p.from + i, lanes);
                if (coded)
                    at = vec_pick(vec_greater(best, v), vec_set(r->number[k] + (float)(x + 1)), at);
                best = vec_min(v, best);
            }
        vec_put(j->y->p + to + i, best, lanes);
        if (coded) vec_put(j->code_out + to + i, at, lanes);
    }
}

static void window_task(void *arg, int task, int worker)
{
    (void)worker;
    const struct window *j = arg;
    struct shape s = j->x->s;
    int rows = s.n * s.c * s.d * s.h, first = task * j->together,
        last = rows - first < j->together ? rows : first + j->together;
    for (int row = first; row < last; row++) {
        struct rows r = rows_around(s, row, j->box);
        for (int from = 0; from < s.w; from += CHUNK) {
            struct part p = part_from(from, s.w);
            size_t to = (size_t)row * (size_t)s.w + (size_t)from;
            if (j->box && j->code_out)
                largest_row(j, &r, p, to, true);
            else if (j->box)
                largest_row(j, &r, p, to, false);
            else if (j->code_out)
                min_row(j, &r, p, to, true);
            else
                min_row(j, &r, p, to, false);
        }
    }
}

/* A pixel collects from all neighbours whose extreme it is; seen from there it has the opposite
 * number. sum[x + 1]: for the pixel x places earlier. */
INLINE void dx_row(const struct window *j, const struct rows *r, struct part p, size_t to, bool box)
{
    buffer sum[3];
    for (int i = p.first; i < p.last; i += VEC_LANES) {
        size_t lanes = lanes_of(p.last - i);
        vec give[3] = {vec_zero(), vec_zero(), vec_zero()};
        for (int k = 0; k < r->count; k++) {
            vec code = vec_get(j->code + r->at[k] + i, lanes),
                dy = vec_get(j->x->p + r->at[k] + i, lanes);
            vec opposite = vec_set((float)(WINDOW - 1) - r->number[k]);
            UNROLL for (int x = 0; x < 3; x++)
            {
                mask mine = vec_equal(code, vec_sub(opposite, vec_set((float)x)));
                if (box || x == 1 || k == r->middle) give[x] = vec_add(give[x], vec_keep(mine, dy));
            }
        }
        for (int x = 0; x < 3; x++) vec_store(sum[x] + ROOM + i - p.from, give[x]);
    }
    for (int x = 0; x < 3; x++) pad(sum[x], p, 0);
    for (int i = 0; i < p.many; i += VEC_LANES) {
        vec all = vec_add(vec_add(vec_load(sum[0] + ROOM + i - 1), vec_load(sum[1] + ROOM + i)),
            vec_load(sum[2] + ROOM + i + 1));
        vec_put_or_add(j->y->p + to + i, all, lanes_of(p.many - i), j->add);
    }
}

static void window_dx_task(void *arg, int task, int worker)
{
    (void)worker;
    const struct window *j = arg;
    struct shape s = j->x->s;
    int rows = s.n * s.c * s.d * s.h, first = task * j->together,
        last = rows - first < j->together ? rows : first + j->together;
    for (int row = first; row < last; row++) {
        struct rows r = rows_around(s, row, j->box);
        for (int from = 0; from < s.w; from += CHUNK) {
            size_t to = (size_t)row * (size_t)s.w + (size_t)from;
            if (j->box)
                dx_row(j, &r, part_from(from, s.w), to, true);
            else
                dx_row(j, &r, part_from(from, s.w), to, false);
        }
    }
}

static void window_run(struct window *j, pool_fn *task, struct pool *pool)
{
    struct shape s = j->x->s;
    int rows = s.n * s.c * s.d * s.h;
    j->together = s.w < TASK_PIXELS ? TASK_PIXELS / s.w : 1;
    pool_run(pool, (rows + j->together - 1) / j->together, task, j);
}

static void window_erode(
    const struct tensor *x, const struct tensor *y, real *code, struct pool *pool)
{
    window_run(&(struct window){.x = x, .y = y, .code_out = code}, window_task, pool);
}

static void window_dilate(
    const struct tensor *x, const struct tensor *y, real *code, struct pool *pool)
{
    window_run(&(struct window){.x = x, .y = y, .code_out = code, .box = true}, window_task, pool);
}

static void window_gradient(const real *code, const struct tensor *dy, const struct tensor *dx,
    bool box, bool add, struct pool *pool)
{
    window_run(&(struct window){.x = dy, .y = dx, .code = code, .box = box, .add = add},
        window_dx_task, pool);
}

void fast_window_fill(struct kernels *k)
{
    k->erode = window_erode;
    k->dilate = window_dilate;
    k->window_dx = window_gradient;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Linear interpolation and its gradient for any sizes. Forward, a task blends the (up to) four rows
 * of x that an output row reads, then reads the blend along w. Backward, a task blends all rows of
 * dy that read a row of dx, then gathers along w. */
#include <string.h>

#include "kernel/fast.h"
#include "kernel/fast_map.h"
#include "kernel/resize.h"

enum { SEGMENT = 256 /* pixels of a blended row */, MOST_ROWS = 16 /* rows per blend */ };

struct resize_linear {
    const struct tensor *x, *y; /* backward: dx, dy */
    struct resize how;
    bool add;
    int rows, together; /* rows of all planes; per task */
};

/* Rows to blend: sum of weight * row. */
struct blend {
    const void *row[MOST_ROWS];
    float weight[MOST_ROWS];
    int count;
    bool half;
};

INLINE void blend_some(
    const struct blend *b, size_t from, size_t count, float *out, bool add, const bool half)
{
    for (size_t i = 0; i < count; i += VEC_LANES) {
        size_t some = count - i < VEC_LANES ? count - i : VEC_LANES;
        vec sum = add ? vec_get(out + i, some) : vec_zero();
        for (int r = 0; r < b->count; r++)
            sum = vec_fma(vec_set(b->weight[r]), map_get(b->row[r], from + i, some, half), sum);
        vec_put(out + i, sum, some);
    }
}

/* out (+)= blend of `count` numbers from `from` on. */
static void blend_rows(const struct blend *b, size_t from, size_t count, float *out, bool add)
{
    if (b->half)
        blend_some(b, from, count, out, add, true);
    else
        blend_some(b, from, count, out, add, false);
}

static void blend_row(struct blend *b, const void *row, double weight)
{
    if (weight == 0) return;
    b->row[b->count] = row;
    b->weight[b->count++] = (float)weight;
}

/* The four rows of x for row (d, h) of y. */
static struct blend resize_rows_of(const struct resize_linear *l, int plane, int d, int h)
{
    const struct tensor *x = l->x;
    struct resize_tap td = resize_at(l->how, x->s.d, l->y->s.d, d),
                      th = resize_at(l->how, x->s.h, l->y->s.h, h);
    struct blend b = {.half = x->half};
    for (int i = 0; i < 4; i++)
        blend_row(&b, tensor_at(x, row_at(x, plane, i & 2 ? td.i1 : td.i0, i & 1 ? th.i1 : th.i0)),
            (i & 2 ? td.t : 1 - td.t) * (i & 1 ? th.t : 1 - th.t));
    return b;
}

/* Where pixels along w read, relative to the segment's first pixel of x. */
struct taps {
    int near[SEGMENT], far[SEGMENT];
    float t[SEGMENT];
    int count, first, pixels; /* pixels of y; of x: the first, and their number */
};

/* The taps of pixels of y from `from` on, while they read at most SEGMENT pixels of x. */
static void find_taps(const struct resize_linear *l, int from, struct taps *s)
{
    s->count = s->first = s->pixels = 0;
    while (s->count < SEGMENT && from + s->count < l->y->s.w) {
        struct resize_tap tap = resize_at(l->how, l->x->s.w, l->y->s.w, from + s->count);
        if (s->count == 0) s->first = tap.i0;
        if (tap.i1 - s->first >= SEGMENT) break;
        s->near[s->count] = tap.i0 - s->first;
        s->far[s->count] = tap.i1 - s->first;
        s->t[s->count++] = (float)tap.t;
        s->pixels = tap.i1 - s->first + 1;
    }
}

INLINE void read_row(
    const struct taps *s, const float *row, void *y, const size_t lanes, const bool half)
{
    for (int i = 0; i < s->count; i++) {
        const float *near = row + (size_t)s->near[i] * lanes,
                    *far = row + (size_t)s->far[i] * lanes;
        if (lanes == 1) {
            ((float *)y)[i] = (1 - s->t[i]) * *near + s->t[i] * *far;
            continue;
        }
        vec t = vec_set(s->t[i]), u = vec_set(1 - s->t[i]);
        UNROLL for (size_t v = 0; v < BLOCK_VECS; v++) map_put(y, (size_t)i * LANES + v * VEC_LANES,
            vec_fma(t, vec_load(far + v * VEC_LANES), vec_mul(u, vec_load(near + v * VEC_LANES))),
            VEC_LANES, half);
    }
}

static void linear_task(void *arg, int task, int worker)
{
    (void)worker;
    const struct resize_linear *l = arg;
    const struct tensor *x = l->x, *y = l->y;
    size_t lanes = (size_t)x->lanes;
    int first = task * l->together,
        last = first + l->together < l->rows ? first + l->together : l->rows;
    float row[SEGMENT * LANES];
    struct taps taps;
    for (int from = 0; from < y->s.w; from += taps.count) {
        find_taps(l, from, &taps);
        for (int r = first; r < last; r++) {
            int plane = r / (y->s.d * y->s.h), d = r / y->s.h % y->s.d, h = r % y->s.h;
            struct blend b = resize_rows_of(l, plane, d, h);
            void *out = tensor_at(y, row_at(y, plane, d, h) + (size_t)from * lanes);
            blend_rows(&b, (size_t)taps.first * lanes, (size_t)taps.pixels * lanes, row, false);
            if (lanes == 1)
                read_row(&taps, row, out, 1, false);
            else if (y->half)
                read_row(&taps, row, out, LANES, true);
            else
                read_row(&taps, row, out, LANES, false);
        }
    }
}

static void linear_run(
    struct resize_linear *l, const struct tensor *owned, pool_fn *fn, struct pool *pool)
{
    size_t row = (size_t)l->y->s.w * (size_t)l->y->lanes;
    l->rows = owned->s.n * tensor_blocks(owned) * owned->s.d * owned->s.h;
    l->together = row < PIECE ? (int)(PIECE / row) : 1; /* computed once per task */
    pool_run(pool, (l->rows + l->together - 1) / l->together, fn, l);
}

static void resize_linear(
    const struct tensor *x, const struct tensor *y, struct resize how, struct pool *pool)
{
    struct resize_linear l = {.x = x, .y = y, .how = how};
    linear_run(&l, y, linear_task, pool);
}

/* Blends all rows of dy that read row (d, h) of dx, for the segment's pixels. */
static void gather_rows(
    const struct resize_linear *l, int plane, int d, int h, size_t from, size_t count, float *out)
{
    struct shape in = l->x->s, big = l->y->s;
    int d0, d1, h0, h1;
    double by_h[MOST_ROWS];
    struct blend b = {.half = l->y->half};
    bool begun = false;
    resize_readers(l->how, in.d, big.d, d, &d0, &d1);
    resize_readers(l->how, in.h, big.h, h, &h0, &h1);
    for (; h0 <= h1; h0 += MOST_ROWS) {
        int rows = h1 - h0 + 1 < MOST_ROWS ? h1 - h0 + 1 : MOST_ROWS;
        for (int j = 0; j < rows; j++) by_h[j] = resize_share(l->how, in.h, big.h, h0 + j, h);
        for (int i = d0; i <= d1; i++) {
            double by_d = resize_share(l->how, in.d, big.d, i, d);
            if (b.count + rows > MOST_ROWS) {
                blend_rows(&b, from, count, out, begun);
                begun = true;
                b.count = 0;
            }
            for (int j = 0; j < rows; j++)
                blend_row(&b, tensor_at(l->y, row_at(l->y, plane, i, h0 + j)), by_d * by_h[j]);
        }
    }
    blend_rows(&b, from, count, out, begun);
}

INLINE void add_to(float *dx, const vec sum[BLOCK_VECS], const size_t lanes)
{
    const size_t vecs = lanes == 1 ? 1 : BLOCK_VECS;
    UNROLL for (size_t v = 0; v < vecs; v++)
        vec_put_or_add(dx + v * VEC_LANES, sum[v], lanes == 1 ? 1 : VEC_LANES, true);
}

/* Adds a segment to the row of dx; the two current pixels stay in registers. */
INLINE void scatter_row(const struct taps *s, const float *row, float *dx, const size_t lanes)
{
    const size_t vecs = lanes == 1 ? 1 : BLOCK_VECS, some = lanes == 1 ? 1 : VEC_LANES;
    vec near[BLOCK_VECS], far[BLOCK_VECS];
    UNROLL for (size_t v = 0; v < vecs; v++) near[v] = far[v] = vec_zero();
    for (int i = 0; i < s->count; i++, row += lanes) {
        if (i && s->near[i] != s->near[i - 1]) {
            bool next = s->near[i] == s->far[i - 1];
            add_to(dx + (size_t)s->near[i - 1] * lanes, near, lanes);
            if (!next) add_to(dx + (size_t)s->far[i - 1] * lanes, far, lanes);
            UNROLL for (size_t v = 0; v < vecs; v++)
            {
                near[v] = next ? far[v] : vec_zero();
                far[v] = vec_zero();
            }
        }
        vec t = vec_set(s->t[i]), u = vec_set(1 - s->t[i]);
        UNROLL for (size_t v = 0; v < vecs; v++)
        {
            vec g = vec_get(row + v * VEC_LANES, some);
            near[v] = vec_fma(u, g, near[v]);
            far[v] = vec_fma(t, g, far[v]);
        }
    }
    add_to(dx + (size_t)s->near[s->count - 1] * lanes, near, lanes);
    add_to(dx + (size_t)s->far[s->count - 1] * lanes, far, lanes);
}

static void linear_dx_task(void *arg, int task, int worker)
{
    (void)worker;
    const struct resize_linear *l = arg;
    const struct tensor *dx = l->x;
    size_t lanes = (size_t)dx->lanes;
    int first = task * l->together,
        last = first + l->together < l->rows ? first + l->together : l->rows;
    float row[SEGMENT * LANES];
    struct taps taps;
    for (int from = 0; from < l->y->s.w; from += taps.count) {
        find_taps(l, from, &taps);
        for (int r = first; r < last; r++) {
            int plane = r / (dx->s.d * dx->s.h), d = r / dx->s.h % dx->s.d, h = r % dx->s.h;
            const size_t out = row_at(dx, plane, d, h), at = out + (size_t)taps.first * lanes;
            if (from == 0 && !l->add)
                memset(tensor_at(dx, out), 0, (size_t)dx->s.w * lanes * tensor_element(dx));
            gather_rows(l, plane, d, h, (size_t)from * lanes, (size_t)taps.count * lanes, row);
            if (lanes == 1)
                scatter_row(&taps, row, dx->p + at, 1);
            else
                scatter_row(&taps, row, dx->p + at, LANES);
        }
    }
}

/* Sums of neighbouring pixels of a half row of dx, stored when no later segment adds to them. */
struct waiting {
    float sum[SEGMENT * LANES];
    int first, count; /* pixels */
};

static void leave(struct waiting *w, int count, const struct tensor *dx, size_t row)
{
    const size_t at = row + (size_t)w->first * LANES, left = (size_t)(w->count - count) * LANES;
    for (size_t i = 0; i < (size_t)count * LANES; i += VEC_LANES)
        map_put_or_add(dx->p, at + i, vec_load(w->sum + i), VEC_LANES, true, true);
    memmove(w->sum, w->sum + (size_t)count * LANES, left * sizeof *w->sum);
    w->first += count;
    w->count -= count;
}

static void linear_dx_half_task(void *arg, int task, int worker)
{
    (void)worker;
    const struct resize_linear *l = arg;
    const struct tensor *dx = l->x;
    int first = task * l->together,
        last = first + l->together < l->rows ? first + l->together : l->rows;
    float row[SEGMENT * LANES];
    struct taps taps;
    for (int r = first, have = -1; r < last; r++) {
        int plane = r / (dx->s.d * dx->s.h), d = r / dx->s.h % dx->s.d, h = r % dx->s.h;
        const size_t out = row_at(dx, plane, d, h);
        struct waiting w = {.count = 0};
        if (!l->add) memset(tensor_at(dx, out), 0, (size_t)dx->s.w * LANES * tensor_element(dx));
        for (int from = 0; from < l->y->s.w; from += taps.count) {
            if (have != from) find_taps(l, from, &taps);
            have = from;
            gather_rows(l, plane, d, h, (size_t)from * LANES, (size_t)taps.count * LANES, row);
            leave(&w, w.count < taps.first - w.first ? w.count : taps.first - w.first, dx, out);
            w.first = taps.first;
            memset(w.sum + w.count * LANES, 0,
                (size_t)(taps.pixels - w.count) * LANES * sizeof *w.sum);
            w.count = taps.pixels;
            scatter_row(&taps, row, w.sum, LANES);
        }
        leave(&w, w.count, dx, out);
    }
}

static void resize_linear_dx(const struct tensor *dy, const struct tensor *dx, struct resize how,
    bool add, struct pool *pool)
{
    struct resize_linear l = {.x = dx, .y = dy, .how = how, .add = add};
    linear_run(&l, dx, dx->half ? linear_dx_half_task : linear_dx_task, pool);
}

void fast_resize_fill(struct kernels *k)
{
    k->linear = resize_linear;
    k->linear_dx = resize_linear_dx;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Max-pooling. Tasks are rows of the small grid, several if short; backward gathers, so each task
 * writes its own part of the gradient. */
#include <string.h>

#include "kernel/fast.h"
#include "kernel/fast_map.h"

/* A large grid and a small one, `factor` apart. */
struct grid {
    const struct tensor *large, *small, *dy, *dx;
    int factor[3];
    int rows_d, rows_h; /* rows of the small grid in a plane, with the large grid's dropped ones */
    int rows, together; /* of all planes; per task */
    bool add;
    void (*row)(const struct grid *g, int plane, int d, int h);
};

static void grid_task(void *arg, int task, int worker)
{
    (void)worker;
    const struct grid *g = arg;
    int first = task * g->together,
        last = first + g->together < g->rows ? first + g->together : g->rows;
    for (int r = first; r < last; r++)
        g->row(g, r / (g->rows_d * g->rows_h), r / g->rows_h % g->rows_d, r % g->rows_h);
}

static void grid_run(struct grid *g, struct pool *pool)
{
    const struct tensor *t = g->large;
    size_t touched = (size_t)t->s.w * (size_t)t->lanes * (size_t)(g->factor[0] * g->factor[1]);
    g->rows_d = (t->s.d + g->factor[0] - 1) / g->factor[0];
    g->rows_h = (t->s.h + g->factor[1] - 1) / g->factor[1];
    g->rows = t->s.n * tensor_blocks(t) * g->rows_d * g->rows_h;
    g->together = touched < PIECE ? (int)(PIECE / touched) : 1;
    pool_run(pool, (g->rows + g->together - 1) / g->together, grid_task, g);
}

INLINE void max_row(
    const struct grid *g, int plane, int d, int h, const size_t lanes, const bool half)
{
    const struct tensor *x = g->large;
    const int *f = g->factor;
    size_t px = row_at(x, plane, d * f[0], h * f[1]), py = row_at(g->small, plane, d, h);
    size_t slice = (size_t)x->s.h * (size_t)x->s.w * lanes, row = (size_t)x->s.w * lanes,
           fw = (size_t)f[2];
    for (size_t w = 0; w < (size_t)g->small->s.w; w++, px += fw * lanes, py += lanes)
        for (size_t v = 0; v < lanes; v += VEC_LANES) {
            vec best = lanes == 1 ? vec_set(x->p[px]) : map_get(x->p, px + v, VEC_LANES, half);
            for (int i = 0; i < f[0]; i++)
                for (int j = 0; j < f[1]; j++) {
                    const size_t p = px + v + (size_t)i * slice + (size_t)j * row;
                    for (size_t k = 0; k < fw; k++)
                        best = vec_max(lanes == 1 ? vec_set(x->p[p + k])
                                                  : map_get(x->p, p + k * lanes, VEC_LANES, half),
                            best);
                }
            map_put(g->small->p, py + v, best, lanes == 1 ? 1 : VEC_LANES, half);
        }
}

static void maxpool_row(const struct grid *g, int plane, int d, int h)
{
    if (d >= g->small->s.d || h >= g->small->s.h) return;
    if (g->large->lanes == 1)
        max_row(g, plane, d, h, 1, false);
    else if (g->large->half)
        max_row(g, plane, d, h, LANES, true);
    else
        max_row(g, plane, d, h, LANES, false);
}

static void grid_maxpool(
    const struct tensor *x, const struct tensor *y, const int factor[3], struct pool *pool)
{
    struct grid g = {
        .large = x, .small = y, .factor = {factor[0], factor[1], factor[2]}, .row = maxpool_row};
    grid_run(&g, pool);
}

/* Zeros where pooling dropped pixels: whole rows, or the end of each. */
static void clear_dropped(const struct grid *g, int plane, int d, int h, size_t from)
{
    const struct tensor *dx = g->dx;
    for (int i = d * g->factor[0]; i < (d + 1) * g->factor[0] && i < dx->s.d; i++)
        for (int j = h * g->factor[1]; j < (h + 1) * g->factor[1] && j < dx->s.h; j++)
            memset(tensor_at(dx, row_at(dx, plane, i, j) + from), 0,
                ((size_t)dx->s.w * (size_t)dx->lanes - from) * tensor_element(dx));
}

INLINE void max_row_dx(
    const struct grid *g, int plane, int d, int h, const size_t lanes, const bool half)
{
    const int *f = g->factor;
    const size_t fw = (size_t)f[2], some = lanes == 1 ? 1 : VEC_LANES;
    size_t at = row_at(g->large, plane, d * f[0], h * f[1]), small = row_at(g->small, plane, d, h);
    size_t row = (size_t)g->large->s.w * lanes, slice = row * (size_t)g->large->s.h;
    for (size_t w = 0; w < (size_t)g->small->s.w; w++, at += fw * lanes, small += lanes)
        for (size_t v = 0; v < lanes; v += VEC_LANES) {
            vec best = map_get(g->small->p, small + v, some, half),
                dy = map_get(g->dy->p, small + v, some, half);
            mask found = mask_none();
            for (int i = 0; i < f[0]; i++)
                for (int j = 0; j < f[1]; j++)
                    for (size_t k = 0; k < fw; k++) {
                        size_t p = at + v + (size_t)i * slice + (size_t)j * row + k * lanes;
                        mask here = vec_equal(map_get(g->large->p, p, some, half), best);
                        map_put_or_add(
                            g->dx->p, p, vec_keep(mask_but(here, found), dy), some, half, g->add);
                        found = mask_or(found, here);
                    }
        }
}

static void maxpool_dx_row(const struct grid *g, int plane, int d, int h)
{
    bool dropped = d >= g->small->s.d || h >= g->small->s.h;
    size_t used = dropped ? 0 : (size_t)g->small->s.w * (size_t)(g->factor[2] * g->dx->lanes);
    if (!g->add) clear_dropped(g, plane, d, h, used);
    if (dropped) return;
    if (g->large->lanes == 1)
        max_row_dx(g, plane, d, h, 1, false);
    else if (g->large->half)
        max_row_dx(g, plane, d, h, LANES, true);
    else
        max_row_dx(g, plane, d, h, LANES, false);
}

static void grid_maxpool_dx(const struct tensor *x, const struct tensor *y, const struct tensor *dy,
    const struct tensor *dx, const int factor[3], bool add, struct pool *pool)
{
    struct grid g = {.large = x,
        .small = y,
        .dy = dy,
        .dx = dx,
        .factor = {factor[0], factor[1], factor[2]},
        .add = add,
        .row = maxpool_dx_row};
    grid_run(&g, pool);
}

void fast_grid_fill(struct kernels *k)
{
    k->maxpool = grid_maxpool;
    k->maxpool_dx = grid_maxpool_dx;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Windows over planar maps: results as in ref_window.c.  The rows of a window are copied beside each other with room at their ends, so that
 * all neighbours of a vector of pixels are plain loads. */
#include <string.h>

#include "kernel/fast.h"
#include "kernel/fast_map.h"
#include "kernel/window.h"

enum { CHUNK = 256, ROOM = 16, ROWS = 9, TASK_PIXELS = 8192 };

struct window {
    const struct tensor *x, *y; /* window_dx: dy, dx */
    const float *code;
    float *code_out;
    bool box, add;
    int together; /* rows of one task */
};

/* The rows around one, which exist, of some pixels: pixel i at [ROOM + i]. */
struct rows {
    int count, first[ROWS]; /* the number of a row's left neighbour */
    bool wide[ROWS];        /* left and right count too */
    float x[ROWS][ROOM + CHUNK + ROOM];
};

/* `many` pixels from `from`, and one at either end; `pad` beyond the map and up to a whole vector. */
INLINE void load_row(float *to, const float *row, int from, int many, int w, float pad)
{
    to[ROOM - 1] = from > 0 ? row[from - 1] : pad;
    memcpy(to + ROOM, row + from, (size_t)many * sizeof *to);
    to[ROOM + many] = from + many < w ? row[from + many] : pad;
    for (int i = many + 1; i % VEC_LANES != 1; i++) to[ROOM + i] = pad;
}

/* row: counted through all maps. */
INLINE void load_rows(struct rows *r, const float *p, struct shape s, int row, int from, int many, bool box, float pad)
{
    int d = row / s.h % s.d, h = row % s.h;
    r->count = 0;
    for (int z = -1; z <= 1; z++)
        for (int y = -1; y <= 1; y++) {
            if (d + z < 0 || d + z >= s.d || h + y < 0 || h + y >= s.h || (!box && z && y)) continue;
            r->first[r->count] = (z + 1) * 9 + (y + 1) * 3;
            r->wide[r->count] = box || (!z && !y);
            load_row(r->x[r->count++], p + (ptrdiff_t)(row + z * s.h + y) * s.w, from, many, s.w, pad);
        }
}

/* The extreme of VEC_LANES pixels from i, the first of equal ones, and where it stands. */
INLINE void extreme(const struct rows *r, int i, bool box, vec *best, vec *code)
{
    bool begun = false;
    for (int k = 0; k < r->count; k++)
        for (int x = r->wide[k] ? -1 : 0; x <= (r->wide[k] ? 1 : 0); x++) {
            vec v = vec_load(r->x[k] + ROOM + i + x), number = vec_set((float)(r->first[k] + x + 1));
            mask better = box ? vec_greater(v, *best) : vec_greater(*best, v);
            *best = begun ? vec_pick(better, v, *best) : v;
            *code = begun ? vec_pick(better, number, *code) : number;
            begun = true;
        }
}

INLINE void window_rows(const struct window *j, int task, bool box)
{
    struct shape s = j->x->s;
    struct rows r;
    int rows = s.n * s.c * s.d * s.h, first = task * j->together, last = rows - first < j->together ? rows : first + j->together;
    for (int row = first; row < last; row++)
        for (int from = 0; from < s.w; from += CHUNK) {
            int many = s.w - from < CHUNK ? s.w - from : CHUNK;
            size_t at = (size_t)row * (size_t)s.w + (size_t)from;
            load_rows(&r, j->x->p, s, row, from, many, box, box ? -__builtin_inff() : __builtin_inff());
            for (int i = 0; i < many; i += VEC_LANES) {
                vec best = vec_zero(), code = vec_zero();
                size_t lanes = many - i < VEC_LANES ? (size_t)(many - i) : VEC_LANES;
                extreme(&r, i, box, &best, &code);
                vec_put(j->y->p + at + i, best, lanes);
                if (j->code_out) vec_put(j->code_out + at + i, code, lanes);
            }
        }
}

static void window_task(void *arg, int task, int worker)
{
    (void)worker;
    const struct window *j = arg;
    if (j->box)
        window_rows(j, task, true);
    else
        window_rows(j, task, false);
}

/* A pixel collects from every neighbour whose extreme it is: seen from there it has the opposite number. */
static void dx_task(void *arg, int task, int worker)
{
    (void)worker;
    const struct window *j = arg;
    struct shape s = j->x->s;
    struct rows dy, code;
    int rows = s.n * s.c * s.d * s.h, first = task * j->together, last = rows - first < j->together ? rows : first + j->together;
    for (int row = first; row < last; row++)
        for (int from = 0; from < s.w; from += CHUNK) {
            int many = s.w - from < CHUNK ? s.w - from : CHUNK;
            float *dx = j->y->p + (size_t)row * (size_t)s.w + (size_t)from;
            load_rows(&dy, j->x->p, s, row, from, many, j->box, 0);
            load_rows(&code, j->code, s, row, from, many, j->box, -1);
            for (int i = 0; i < many; i += VEC_LANES) {
                vec sum = vec_zero();
                for (int k = 0; k < dy.count; k++)
                    for (int x = dy.wide[k] ? -1 : 0; x <= (dy.wide[k] ? 1 : 0); x++) {
                        vec opposite = vec_set((float)(WINDOW - 1 - (dy.first[k] + x + 1)));
                        mask mine = vec_equal(vec_load(code.x[k] + ROOM + i + x), opposite);
                        sum = vec_add(sum, vec_keep(mine, vec_load(dy.x[k] + ROOM + i + x)));
                    }
                vec_put_or_add(dx + i, sum, many - i < VEC_LANES ? (size_t)(many - i) : VEC_LANES, j->add);
            }
        }
}

static void run(struct window *j, pool_fn *task, struct pool *pool)
{
    struct shape s = j->x->s;
    int rows = s.n * s.c * s.d * s.h;
    j->together = s.w < TASK_PIXELS ? TASK_PIXELS / s.w : 1;
    pool_run(pool, (rows + j->together - 1) / j->together, task, j);
}

static void erode(const struct tensor *x, const struct tensor *y, real *code, struct pool *pool)
{
    run(&(struct window){.x = x, .y = y, .code_out = code}, window_task, pool);
}

static void dilate(const struct tensor *x, const struct tensor *y, real *code, struct pool *pool)
{
    run(&(struct window){.x = x, .y = y, .code_out = code, .box = true}, window_task, pool);
}

static void window_dx(const real *code, const struct tensor *dy, const struct tensor *dx, bool box, bool add, struct pool *pool)
{
    run(&(struct window){.x = dy, .y = dx, .code = code, .box = box, .add = add}, dx_task, pool);
}

void fast_window_fill(struct kernels *k)
{
    k->erode = erode;
    k->dilate = dilate;
    k->window_dx = window_dx;
}

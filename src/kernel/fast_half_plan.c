/* SPDX-License-Identifier: Apache-2.0 */
/* How fast_half_conv.c cuts the work, the memory it needs, and how maps are read. */
#include <string.h>

#include "base/cpu.h"
#include "kernel/fast_half_conv.h"

enum {
    SLAB_BYTES = 4 * 1024 * 1024,
    BOX_BYTES = 384 * 1024,      /* of a worker's slab, */
    WEIGHTS_BYTES = 1280 * 1024, /* and of all weights: they share L2 */
    ROWS_LEAST = 4,
    TASKS_LEAST = 16,
    AHEAD = 512,              /* numbers to fetch early */
    CHUNK_BYTES = 256 * 1024, /* of the source under one task: L2 with the weights next to it */
    CHUNK_MOST = 2048,
    CHUNK_LEAST = 256
};

static void half_plan_axis(
    struct half_axis *a, const struct conv *c, int i, bool backward, int size)
{
    const int kernel = c->kernel[i], stride = c->stride[i], pad = c->pad[i];
    int off[CONV_BF16_KERNEL][CONV_BF16_KERNEL], least = 1 << 30;
    a->in_step = backward ? 1 : stride;
    a->out_step = backward ? stride : 1;
    for (int f = 0; f < a->out_step; f++) {
        struct half_phase *p = &a->phase[f];
        p->outputs = size > f ? divide_up(size - f, a->out_step) : 0;
        for (int t = 0; t < kernel; t++) {
            if (backward && (f + pad - t) % stride != 0) continue;
            p->tap[p->taps] = t;
            off[f][p->taps] = backward ? (f + pad - t) / stride : t - pad;
            least = min_int(least, off[f][p->taps++]);
        }
        a->outputs = max_int(a->outputs, p->outputs);
    }
    a->before = -least;
    for (int f = 0; f < a->out_step; f++)
        for (int t = 0; t < a->phase[f].taps; t++) {
            const int at = off[f][t] + a->before;
            a->phase[f].from[t] = at % a->in_step;
            a->phase[f].shift[t] = at / a->in_step;
            a->reach = max_int(a->reach, at / a->in_step);
        }
}

/* Bytes of a row of all source blocks. */
static size_t half_row_bytes(const struct half_conv *g)
{
    const int phases = g->axis[0].in_step * g->axis[1].in_step * g->axis[2].in_step;
    return (size_t)(g->axis[2].outputs + g->axis[2].reach) * HALF_DEPTH * sizeof(uint16_t) *
        (size_t)(phases * g->pairs);
}

/* Slabs that fit the cache of a core with the weights beside them. False: too many weights, or too
 * few slabs for the threads. */
static bool half_plan_apart(struct half_conv *g, int threads)
{
    const struct half_axis *d = &g->axis[0], *h = &g->axis[1];
    const int images = g->dst[0].s.n, wanted = max_int(TASKS_LEAST, 8 * threads);
    const size_t window = half_row_bytes(g) * (size_t)(d->reach + 1);
    const int rows = max_int(ROWS_LEAST, (int)(BOX_BYTES / window) - h->reach);
    int deep = 1, high = divide_up(h->outputs, rows);
    while (images * deep * high < wanted) {
        if (d->outputs / (deep + 1) >= 2 * ROWS_LEAST)
            deep++;
        else if (h->outputs / (high + 1) >= ROWS_LEAST)
            high++;
        else
            break;
    }
    g->each[0] = divide_up(d->outputs, deep);
    g->each[1] = divide_up(h->outputs, high);
    g->ring = d->reach + 1;
    return (size_t)g->dst_blocks * g->w_block * sizeof(uint16_t) <= WEIGHTS_BYTES &&
        images * deep * high >= 2 * threads;
}

/* Cuts the first long axis. */
static void half_plan_shared(struct half_conv *g)
{
    const int cut = g->axis[0].outputs > 1 ? 0 : 1, other = 1 - cut;
    const struct half_axis *a = &g->axis[cut];
    const size_t unit = half_row_bytes(g) * (size_t)(g->axis[other].outputs + g->axis[other].reach),
                 most = SLAB_BYTES / unit;
    int each = most > (size_t)(a->outputs + a->reach) ? a->outputs : (int)most - a->reach;
    each = max_int(each, min_int(a->outputs, ROWS_LEAST)); /* else most is read again */
    g->each[cut] = divide_up(a->outputs, divide_up(a->outputs, each));
    g->each[other] = g->axis[other].outputs;
    g->ring = g->each[0] + g->axis[0].reach;
}

static void half_plan_slabs(struct half_conv *g, int threads)
{
    g->apart = half_plan_apart(g, threads);
    if (!g->apart) half_plan_shared(g);
    const struct half_axis *a = g->axis;
    g->plane = (size_t)(g->ring * (g->each[1] + a[1].reach)) * (size_t)(a[2].outputs + a[2].reach) *
        HALF_DEPTH;
    g->a_pair = g->plane * (size_t)(a[0].in_step * a[1].in_step * a[2].in_step);
    /* the last tiles read on */
    g->a_size = g->a_pair * (size_t)g->pairs + HALF_TILES * HALF_ROWS * HALF_DEPTH;
}

void half_plan(struct half_conv *g, const struct conv *c, bool backward, int threads)
{
    memset(g, 0, sizeof *g);
    g->c = *c;
    g->backward = backward;
    g->src = backward ? &g->c.y : g->c.x;
    g->dst = backward ? g->c.x : &g->c.y;
    g->nsrc = backward ? 1 : c->nx;
    g->ndst = backward ? c->nx : 1;
    g->src_blocks = backward ? conv_out_blocks(c) : conv_in_blocks(c);
    g->pairs = divide_up(g->src_blocks, 2);
    g->paired = conv_bf16_pairs(c, backward);
    for (int i = 0; i < g->ndst; i++)
        if (!backward || !c->skip[i]) g->dst_blocks += lane_blocks(&g->dst[i]);
    const struct shape s = g->dst[0].s;
    const int size[3] = {s.d, s.h, s.w};
    for (int i = 0; i < 3; i++) half_plan_axis(&g->axis[i], c, i, backward, size[i]);
    g->w_block = (size_t)(g->pairs * conv_taps(c)) * HALF_DEPTH * LANES;
    half_plan_slabs(g, threads);
    const int fit = CHUNK_BYTES / (g->pairs * HALF_DEPTH * (int)sizeof(uint16_t));
    g->chunk = max_int(CHUNK_LEAST, min_int(CHUNK_MOST, fit / 64 * 64));
}

struct half_block half_block_at(
    const struct half_conv *g, const struct tensor *list, int count, int at, bool wanted)
{
    int base = 0;
    for (int i = 0; i < count; i++) {
        const int blocks = lane_blocks(&list[i]);
        if (!wanted || !g->backward || !g->c.skip[i]) {
            if (at < blocks) return (struct half_block){&list[i], i, at, base + at};
            at -= blocks;
        }
        base += blocks;
    }
    return (struct half_block){NULL, 0, 0, 0};
}

int half_source(const struct half_axis *a, int phase, int place, int size)
{
    const int at = place * a->in_step + phase - a->before;
    return at >= 0 && at < size ? at : -1;
}

struct half_pixels_job {
    const struct tensor *t;
    size_t from, step; /* numbers */
    int count, apart;
    uint16_t *to;
    const float *scale, *shift;
    enum act act;
};

INLINE void half_copy(const struct half_pixels_job *j, const bool fast)
{
    size_t from = j->from;
    uint16_t *to = j->to;
    for (int i = 0; i < j->count; i++, from += j->step, to += j->apart) {
        if (j->t->half) {
            fetch_to_l1((const void *)((const uint16_t *)tensor_at(j->t, from) + 2 * AHEAD));
            memcpy(to, tensor_at(j->t, from), LANES * sizeof *to);
        } else {
            fetch_to_l1(j->t->p + from + AHEAD);
            for (size_t v = 0; v < LANES; v += VEC_LANES)
                half_put(to + v, vec_load(j->t->p + from + v), fast);
        }
    }
}

/* Not fused: backward decides by the same sum where the activation cuts off. */
INLINE void half_norm(const struct half_pixels_job *j, const bool fast)
{
    size_t from = j->from;
    uint16_t *to = j->to;
    for (int i = 0; i < j->count; i++, from += j->step, to += j->apart)
        for (size_t v = 0; v < LANES; v += VEC_LANES) {
            const vec x = map_get(j->t->p, from + v, VEC_LANES, j->t->half),
                      y = vec_add(vec_mul(x, vec_load(j->scale + v)), vec_load(j->shift + v));
            half_put(to + v, vec_act(y, j->act), fast);
        }
}

void half_pixels(const struct half_conv *g, int n, const struct half_block *b, size_t pixel,
    int step, int count, uint16_t *to, int apart)
{
    const struct conv_load *l = &g->c.load;
    const bool fast = g->unit != HALF_PLAIN;
    struct half_pixels_job j = {.t = b->t,
        .from = tensor_first(b->t, n, b->block * LANES) + pixel * LANES,
        .step = (size_t)step * LANES,
        .count = count,
        .apart = apart,
        .to = to,
        .act = l->act};
    if (l->scale && b->t != &g->c.y) {
        const size_t at =
            (size_t)(l->per_image ? n * tensor_padded(b->t) : 0) + (size_t)(b->block * LANES);
        j.scale = l->scale + at;
        j.shift = l->shift + at;
        if (fast)
            half_norm(&j, true);
        else
            half_norm(&j, false);
    } else if (fast)
        half_copy(&j, true);
    else
        half_copy(&j, false);
}

#if defined(ATT_ISA_avx512)
bool half_pairs_fits(const struct conv *c)
{
    return (cpu_features() & CPU_AVX512_BF16) && conv_bf16_fits(c);
}
bool half_matrix_fits(const struct conv *c) { return conv_bf16_fits(c) && cpu_matrix(); }
#endif

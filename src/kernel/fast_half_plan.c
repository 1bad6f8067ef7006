/* SPDX-License-Identifier: Apache-2.0 */
/* How fast_half_conv.c cuts the work, the memory it needs, and how maps are read. */
#include <string.h>

#include "kernel/fast_half_conv.h"

enum {
    SLAB_BYTES = 4 * 1024 * 1024,
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

static void half_plan_slabs(struct half_conv *g)
{
    size_t unit = (size_t)g->depth;
    for (int i = 0; i < 3; i++)
        if (i != g->cut) unit *= (size_t)(g->axis[i].outputs + g->axis[i].reach);
    const struct half_axis *cut = &g->axis[g->cut];
    const size_t phases =
        (size_t)g->axis[0].in_step * (size_t)g->axis[1].in_step * (size_t)g->axis[2].in_step;
    const size_t most = SLAB_BYTES / sizeof(uint16_t) / (unit * phases * (size_t)g->pairs);
    int each = most > (size_t)(cut->outputs + cut->reach) ? cut->outputs : (int)most - cut->reach;
    each = max_int(each, min_int(cut->outputs, 4)); /* else most of a slab is read again */
    g->each = divide_up(cut->outputs, divide_up(cut->outputs, each));
    g->plane = unit * (size_t)(g->each + cut->reach);
    g->a_pair = g->plane * phases;
    /* the last tiles read on */
    g->a_size = g->a_pair * (size_t)g->pairs + HALF_TILES * HALF_ROWS * HALF_DEPTH;
}

void half_plan(struct half_conv *g, const struct conv *c, bool backward)
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
    g->depth = g->paired ? LANES : HALF_DEPTH;
    for (int i = 0; i < g->ndst; i++)
        if (!backward || !c->skip[i]) g->dst_blocks += lane_blocks(&g->dst[i]);
    const struct shape s = g->dst[0].s;
    const int size[3] = {s.d, s.h, s.w};
    for (int i = 0; i < 3; i++) half_plan_axis(&g->axis[i], c, i, backward, size[i]);
    g->cut = s.d > 1 ? 0 : 1;
    half_plan_slabs(g);
    g->w_block = (size_t)(g->pairs * conv_taps(c)) * HALF_DEPTH * LANES;
    const int fit = CHUNK_BYTES / (g->pairs * g->depth * (int)sizeof(uint16_t));
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

INLINE void half_copy(const struct half_pixels_job *j, const bool matrix)
{
    size_t from = j->from;
    uint16_t *to = j->to;
    for (int i = 0; i < j->count; i++, from += j->step, to += j->apart) {
        if (j->t->half)
            memcpy(to, tensor_at(j->t, from), LANES * sizeof *to);
        else
            for (size_t v = 0; v < LANES; v += VEC_LANES)
                half_put(to + v, vec_load(j->t->p + from + v), matrix);
    }
}

/* Not fused: backward decides by the same sum where the activation cuts off. */
INLINE void half_norm(const struct half_pixels_job *j, const bool matrix)
{
    size_t from = j->from;
    uint16_t *to = j->to;
    for (int i = 0; i < j->count; i++, from += j->step, to += j->apart)
        for (size_t v = 0; v < LANES; v += VEC_LANES) {
            const vec x = map_get(j->t->p, from + v, VEC_LANES, j->t->half),
                      y = vec_add(vec_mul(x, vec_load(j->scale + v)), vec_load(j->shift + v));
            half_put(to + v, vec_act(y, j->act), matrix);
        }
}

void half_pixels(const struct half_conv *g, int n, const struct half_block *b, size_t pixel,
    int step, int count, uint16_t *to, int apart)
{
    const struct conv_load *l = &g->c.load;
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
        if (g->matrix)
            half_norm(&j, true);
        else
            half_norm(&j, false);
    } else if (g->matrix)
        half_copy(&j, true);
    else
        half_copy(&j, false);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of both Winograd variants: transform weights and patches, multiply, transform back. */
#include <string.h>

#include "kernel/fast_wino_run.h"

static struct wino_block src_block(const struct wino *w, int index)
{
    return wino_block_of(w->src, NULL, index);
}
static struct wino_block dst_block(const struct wino *w, int index)
{
    return wino_block_of(w->dst, w->backward ? w->c.skip : NULL, index);
}

/* ---- weights */

/* One plane of weights between two blocks, [tap][source][destination], transposed into `turned` if
 * needed. */
static const float *plane_of_weights(
    const struct wino *w, int phase, int src, int dst, int tap_d, float *turned)
{
    const ptrdiff_t taps = w->s->taps, in_blocks = conv_in_blocks(&w->c), depth = w->c.kernel[0];
    ptrdiff_t pair = w->backward ? src * in_blocks + dst : dst * in_blocks + src;
    const float *plane = w->c.w + (pair * depth + tap_d) * taps * BLOCK;
    if (!w->backward) return plane;
    for (ptrdiff_t t = 0; t < taps; t++)
        if (w->s->reads[phase] >> t & 1)
            transpose_blocks(
                plane + t * BLOCK, turned + (w->s->reverse ? taps - 1 - t : t) * BLOCK, 1);
    return turned;
}

/* From w3 (kernel.h, up_expand): a tap along z is one plane or the sum of two; forward reads the
 * others in reverse. */
static const float *plane_of_w3(const struct wino *w, int src, int dst, int tap_d, float *turned)
{
    enum { TAPS = 9 };
    static const int first[] = {2, 1, 0, 0};
    const bool flat_kernel = w->c.kernel[0] == 1, two = !flat_kernel && (tap_d == 1 || tap_d == 2);
    const ptrdiff_t pair =
        (ptrdiff_t)(w->backward ? dst : src) * conv_out_blocks(&w->c) + (w->backward ? src : dst);
    const float *plane = w->c.w3 + (flat_kernel ? pair : pair * 3 + first[tap_d]) * TAPS * BLOCK;
    if (w->backward && !two) return plane;
    for (int t = 0; t < TAPS; t++, plane += BLOCK) {
        float both[BLOCK], *sum = w->backward ? turned + t * BLOCK : both;
        for (int i = 0; two && i < BLOCK; i++) sum[i] = plane[i] + plane[TAPS * BLOCK + i];
        if (!w->backward) transpose_blocks(two ? sum : plane, turned + (TAPS - 1 - t) * BLOCK, 1);
    }
    return turned;
}

void wino_turn_weights(const struct wino *w, int phase, const struct depth_phase *p, int dst,
    int first, int end, float *u, ptrdiff_t u_freq)
{
    enum { MOST_TAPS = 16 };
    float turned[MOST_TAPS * BLOCK];
    const int taps = p ? p->taps : w->c.kernel[0], base = dst_block(w, dst).base;
    for (int i = 0; i < taps; i++)
        for (int b = first; b < end; b++, u += BLOCK) {
            int tap = p ? p->tap[i] : i;
            if (w->c.w3)
                w->s->weights3(plane_of_w3(w, b, base, tap, turned), phase, u, u_freq);
            else
                w->s->weights(plane_of_weights(w, phase, b, base, tap, turned), phase, u, u_freq);
        }
}

/* ---- patches */

void wino_load_tiles(
    const struct wino *w, int n, int d, int phase, int block, int t, int t_end, float *v)
{
    float copy[WINO_MOST_PATCH * WINO_MOST_PATCH * LANES];
    if (d < 0 || d >= w->src[0].s.d) {
        for (int f = 0; f < w->freqs; f++)
            memset(v + f * w->v_freq, 0, (size_t)(t_end - t) * LANES * sizeof *v);
        return;
    }
    struct wino_block b = src_block(w, block);
    const struct wino_scheme *s = w->s;
    const struct wino_plane plane = wino_plane_of(b.t, &w->c.load, n, d, b.block);
    for (; t < t_end; t++, v += LANES) {
        ptrdiff_t row;
        int h = t / w->columns * s->patch_step + s->patch_from + phase / s->out_step;
        int x = t % w->columns * s->patch_step + s->patch_from + phase % s->out_step;
        const float *patch = wino_patch(&plane, h, x, s->patch, copy, &row);
        s->load(patch, row, v, w->v_freq);
    }
}

/* ---- products */

/* A plane's first number. */
static size_t plane_of_result(const struct wino_result *r, const struct wino_block *b)
{
    return tensor_first(b->t, r->n, b->block * LANES) +
        (size_t)r->d * (size_t)b->t->s.h * (size_t)b->t->s.w * LANES;
}

/* A tile's place in a plane, clipped. */
struct spot {
    size_t at; /* its first number */
    ptrdiff_t row, pixel;
    int rows, columns;
};

static struct spot find_spot(const struct wino *w, size_t plane, int phase, int tile)
{
    const struct wino_scheme *s = w->s;
    const struct shape size = w->dst[0].s;
    const int side = s->tile * s->out_step, line = tile / w->columns;
    const int h = line * side + phase / s->out_step,
              x = (tile - line * w->columns) * side + phase % s->out_step;
    return (struct spot){.at = plane + ((size_t)h * (size_t)size.w + (size_t)x) * LANES,
        .row = (ptrdiff_t)size.w * LANES * s->out_step,
        .pixel = (ptrdiff_t)s->out_step * LANES,
        .rows = min_int(s->tile, divide_up(size.h - h, s->out_step)),
        .columns = min_int(s->tile, divide_up(size.w - x, s->out_step))};
}

/* Prefetches the product's output lines into L2 while memory is idle, one of `parts` parts at a
 * time. */
static void fetch_results(const struct wino *w, const struct wino_result *r, int part, int parts)
{
    const int all = r->tiles * r->blocks;
    for (int i = all * part / parts; i < all * (part + 1) / parts; i++) {
        const struct wino_block b = dst_block(w, r->block + i / r->tiles);
        const struct spot at =
            find_spot(w, plane_of_result(r, &b), r->phase, r->tile + i % r->tiles);
        for (int j = 0; j < at.rows; j++)
            for (int k = 0; k < at.columns; k++)
                fetch_to_l2(tensor_at(b.t, at.at + (size_t)(j * at.row + k * at.pixel)));
    }
}

static int list_products(const struct wino *w, const struct wino_product *p, struct term *to)
{
    int count = 0;
    for (int part = 0; part < w->s->parts; part++)
        for (int i = 0; i < p->taps; i++)
            for (int b = p->first; b < p->end; b++) {
                struct wino_block s = src_block(w, b);
                to[count++] =
                    (struct term){.x = p->v[i] + part * w->s->freqs * w->v_freq + b * w->v_block,
                        .w = part * w->s->freqs * p->u_freq + p->tap[i] * p->tap_step +
                            (ptrdiff_t)(b - p->first) * BLOCK,
                        .lanes = min_int(LANES, s.t->s.c - s.block * LANES)};
            }
    return count;
}

void wino_multiply(const struct wino *w, const struct wino_product *p)
{
    static const unsigned char edge[1] = {EDGE_NONE};
    struct term terms[WINO_MAX_TERMS];
    struct tile t = {.terms = terms,
        .edge = edge,
        .w_block = p->u_block,
        .b = tile_no_bias,
        .y_block = w->m_block,
        .y_pixel = LANES,
        .add = p->add};
    t.count = list_products(w, p, terms);
    const int pieces = divide_up(p->tiles, TILE_WIDE_PIXELS);
    const int calls = w->s->freqs * divide_up(p->blocks, TILE_WIDE) * pieces;
    int call = 0;
    for (int f = 0; f < w->s->freqs; f++)
        for (int block = 0; block < p->blocks; block += TILE_WIDE)
            for (int i = 0; i < pieces; i++, call++) {
                if (p->result) fetch_results(w, p->result, call, calls);
                int at = part_of(p->tiles, pieces, i),
                    pixels = part_of(p->tiles, pieces, i + 1) - at;
                t.x_at = f * w->v_freq + (ptrdiff_t)at * LANES;
                t.w = p->u + f * p->u_freq + block * p->u_block;
                t.y = p->m + f * w->m_freq + block * w->m_block + (ptrdiff_t)at * LANES;
                tile_sum(tile_kernel(STEP_16, min_int(TILE_WIDE, p->blocks - block), pixels), &t);
            }
}

/* ---- results */

enum { MOST_TILE = 4 };

/* Copies a tile's inside pixels from or to `whole`, the complete tile. */
static void read_spot(const struct tensor *t, const struct spot *at, ptrdiff_t line, float *whole)
{
    for (int i = 0; i < at->rows; i++)
        for (int j = 0; j < at->columns; j++) {
            const void *y = tensor_at(t, at->at + (size_t)(i * at->row + j * at->pixel));
            for (size_t v = 0; v < LANES; v += VEC_LANES)
                vec_store(whole + i * line + j * LANES + v, map_get(y, v, VEC_LANES, t->half));
        }
}

static void write_spot(
    const struct tensor *t, const struct spot *at, ptrdiff_t line, const float *whole)
{
    for (int i = 0; i < at->rows; i++)
        for (int j = 0; j < at->columns; j++) {
            void *y = tensor_at(t, at->at + (size_t)(i * at->row + j * at->pixel));
            for (size_t v = 0; v < LANES; v += VEC_LANES)
                map_put(y, v, vec_load(whole + i * line + j * LANES + v), VEC_LANES, t->half);
        }
}

static void store_tile(const struct wino *w, const float *m, const struct wino_end *end,
    const struct tensor *t, size_t plane, int phase, int tile)
{
    const struct wino_scheme *s = w->s;
    const struct spot at = find_spot(w, plane, phase, tile);
    if (at.rows == s->tile && at.columns == s->tile && !t->half) {
        s->store(m, w->m_freq, end, t->p + at.at, at.row, at.pixel);
        return;
    }
    float whole[MOST_TILE * MOST_TILE * LANES] = {0};
    const ptrdiff_t line = s->tile * LANES;
    if (end->add) read_spot(t, &at, line, whole);
    s->store(m, w->m_freq, end, whole, line, LANES);
    write_spot(t, &at, line, whole);
}

void wino_store_tiles(const struct wino *w, const struct wino_result *r)
{
    for (int i = 0; i < r->blocks; i++) {
        struct wino_block b = dst_block(w, r->block + i);
        struct wino_end end = {.scale = w->c.scale ? w->c.scale + b.base * LANES : NULL,
            .b = w->c.b ? w->c.b + b.base * LANES : NULL,
            .act = w->c.act,
            .add = w->c.add[b.tensor]};
        const size_t plane = plane_of_result(r, &b);
        const float *m = r->m + i * w->m_block;
        for (int t = 0; t < r->tiles; t++, m += LANES)
            store_tile(w, m, &end, b.t, plane, r->phase, r->tile + t);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The weights of ref_up.c: transposes each tap, then sums whole blocks in the order of the plain
 * kernel. */
#include "kernel/conv_up.h"
#include "kernel/fast.h"
#include "kernel/fast_conv.h"

enum { MOST_TAPS = 27 };

struct expansion {
    const struct conv_up_axis *axis[3];
    int rows, columns; /* blocks in w; swapped in w3 */
    const float *w3;
    float *w;
};

/* One tap of w. */
static void conv_up_sum_taps(
    const struct expansion *e, const float *turned, const int tap[3], float *to)
{
    const struct conv_up_axis *d = e->axis[0], *h = e->axis[1], *w = e->axis[2];
    for (int i = 0; i < BLOCK; i += LANES) {
        vec sum[BLOCK_VECS];
        UNROLL for (int v = 0; v < BLOCK_VECS; v++) sum[v] = vec_zero();
        for (int td = d->first[tap[0]]; td < d->first[tap[0]] + d->count[tap[0]]; td++)
            for (int th = h->first[tap[1]]; th < h->first[tap[1]] + h->count[tap[1]]; th++)
                for (int tw = w->first[tap[2]]; tw < w->first[tap[2]] + w->count[tap[2]]; tw++) {
                    const float *block = turned + ((td * h->from + th) * w->from + tw) * BLOCK + i;
                    UNROLL for (int v = 0; v < BLOCK_VECS; v++) sum[v] =
                        vec_add(sum[v], vec_load(block + v * VEC_LANES));
                }
        UNROLL for (int v = 0; v < BLOCK_VECS; v++) vec_store(to + i + v * VEC_LANES, sum[v]);
    }
}

static void expand_task(void *arg, int task, int worker)
{
    const struct expansion *e = arg;
    (void)worker;
    const int from_taps = e->axis[0]->from * e->axis[1]->from * e->axis[2]->from;
    const int to_taps = e->axis[0]->to * e->axis[1]->to * e->axis[2]->to;
    float turned[MOST_TAPS * BLOCK], *to = e->w + (ptrdiff_t)task * to_taps * BLOCK;
    transpose_blocks(
        e->w3 + ((ptrdiff_t)(task % e->columns) * e->rows + task / e->columns) * from_taps * BLOCK,
        turned, from_taps);
    for (int t = 0; t < to_taps; t++, to += BLOCK) {
        const int tap[3] = {t / (e->axis[1]->to * e->axis[2]->to),
            t / e->axis[2]->to % e->axis[1]->to, t % e->axis[2]->to};
        conv_up_sum_taps(e, turned, tap, to);
    }
}

static void conv_up_expand(const struct conv *c, const float *w3, float *w, struct pool *pool)
{
    struct expansion e = {
        .rows = conv_out_blocks(c), .columns = conv_in_blocks(c), .w3 = w3, .w = w};
    for (int i = 0; i < 3; i++) e.axis[i] = c->kernel[i] == 1 ? &conv_up_flat : &conv_up_wider;
    pool_run(pool, e.rows * e.columns, expand_task, &e);
}

void fast_conv_up_fill(struct kernels *k) { k->up_expand = conv_up_expand; }

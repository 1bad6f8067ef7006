/* SPDX-License-Identifier: Apache-2.0 */
/* Weights of the transposed convolution for nearest upsampling by 2 and a convolution (kernel.h,
 * up_expand). Along an axis, output 2i is x[i-1] w0 + x[i] (w1 + w2), output 2i+1 is x[i] (w0 + w1)
 * + x[i+1] w2. */
#include "kernel/conv_up.h"

#include <string.h>

#include "kernel/ref.h"

enum { BLOCK = LANES * LANES };

const struct conv_up_axis conv_up_wider = {3, 4, {2, 1, 0, 0}, {1, 2, 2, 1}},
                          conv_up_flat = {1, 1, {0}, {1}};
static const struct conv_up_axis narrower = {4, 3, {2, 1, 0}, {2, 2, 2}};

struct change {
    const struct conv_up_axis *axis[3];
    int rows, columns; /* blocks in `to`; swapped in `from` */
    const real *from;
    real *to;
    bool add;
};

/* One tap of `to` between two blocks, ordered as in `from`. */
static void ref_up_sum_taps(
    const struct change *c, const real *from, const int tap[3], real sum[BLOCK])
{
    const struct conv_up_axis *d = c->axis[0], *h = c->axis[1], *w = c->axis[2];
    for (int j = 0; j < BLOCK; j++) sum[j] = 0;
    for (int td = d->first[tap[0]]; td < d->first[tap[0]] + d->count[tap[0]]; td++)
        for (int th = h->first[tap[1]]; th < h->first[tap[1]] + h->count[tap[1]]; th++)
            for (int tw = w->first[tap[2]]; tw < w->first[tap[2]] + w->count[tap[2]]; tw++) {
                const real *block = from + ((td * h->from + th) * w->from + tw) * BLOCK;
                for (int j = 0; j < BLOCK; j++) sum[j] += block[j];
            }
}

static void change_task(void *arg, int task, int worker)
{
    const struct change *c = arg;
    (void)worker;
    const int to_taps = c->axis[0]->to * c->axis[1]->to * c->axis[2]->to;
    const int from_taps = c->axis[0]->from * c->axis[1]->from * c->axis[2]->from;
    const real *from = c->from +
        ((ptrdiff_t)(task % c->columns) * c->rows + task / c->columns) * from_taps * BLOCK;
    real *to = c->to + (ptrdiff_t)task * to_taps * BLOCK;
    for (int t = 0; t < to_taps; t++, to += BLOCK) {
        const int tap[3] = {t / (c->axis[1]->to * c->axis[2]->to),
            t / c->axis[2]->to % c->axis[1]->to, t % c->axis[2]->to};
        real sum[BLOCK];
        ref_up_sum_taps(c, from, tap, sum);
        for (int i = 0; i < LANES; i++)
            for (int j = 0; j < LANES; j++)
                to[i * LANES + j] = sum[j * LANES + i] + (c->add ? to[i * LANES + j] : 0);
    }
}

static void ref_up_expand(const struct conv *c, const real *w3, real *w, struct pool *pool)
{
    struct change e = {
        .rows = conv_out_blocks(c), .columns = conv_in_blocks(c), .from = w3, .to = w};
    for (int i = 0; i < 3; i++) e.axis[i] = c->kernel[i] == 1 ? &conv_up_flat : &conv_up_wider;
    pool_run(pool, e.rows * e.columns, change_task, &e);
}

static void up_contract(const struct conv *c, const real *w, real *w3, bool add, struct pool *pool)
{
    struct change e = {
        .rows = conv_in_blocks(c), .columns = conv_out_blocks(c), .from = w, .to = w3, .add = add};
    for (int i = 0; i < 3; i++) e.axis[i] = c->kernel[i] == 1 ? &conv_up_flat : &narrower;
    pool_run(pool, e.rows * e.columns, change_task, &e);
}

static void upsample(const struct tensor *x, const struct tensor *y)
{
    const size_t pixel = LANES * tensor_element(x);
    const unsigned char *from = (const void *)x->p;
    unsigned char *to = (void *)y->p;
    const int planes = x->s.n * tensor_blocks(x) * y->s.d, deep = y->s.d / x->s.d,
              high = y->s.h / x->s.h, wide = y->s.w / x->s.w;
    for (int p = 0; p < planes; p++)
        for (int h = 0; h < y->s.h; h++) {
            const unsigned char *row = from +
                ((size_t)(p / deep) * (size_t)x->s.h + (size_t)(h / high)) * (size_t)x->s.w * pixel;
            for (int w = 0; w < y->s.w; w++, to += pixel)
                memcpy(to, row + (size_t)(w / wide) * pixel, pixel);
        }
}

void ref_up_fill(struct kernels *k)
{
    k->upsample = upsample;
    k->up_expand = ref_up_expand;
    k->up_contract = up_contract;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Plain pointwise kernels, and the product of the attention gate. */
#include "base/kmath.h"
#include "kernel/ref.h"

static void add_act(const struct tensor *a, const struct tensor *b, const struct tensor *y,
    enum act act, struct pool *pool)
{
    (void)pool;
    size_t pixels = shape_pixels(y->s), la = (size_t)a->lanes, lb = (size_t)b->lanes,
           ly = (size_t)y->lanes;
    for (int n = 0; n < y->s.n; n++)
        for (int c = 0; c < y->s.c; c++) {
            size_t pa = tensor_first(a, n, c), pb = tensor_first(b, n, c),
                   py = tensor_first(y, n, c);
            for (size_t i = 0; i < pixels; i++)
                tensor_write(y, py + i * ly,
                    act_apply(tensor_read(a, pa + i * la) + tensor_read(b, pb + i * lb), act));
        }
    ref_clear_pads(y);
}

static void ref_pointwise_act_dx(const struct tensor *y, const struct tensor *dy,
    const struct tensor *dx, enum act act, bool add, struct pool *pool)
{
    (void)pool;
    size_t pixels = shape_pixels(dy->s), ldy = (size_t)dy->lanes, ldx = (size_t)dx->lanes;
    const struct tensor *z = act == ACT_NONE ? dy : y;
    for (int n = 0; n < dy->s.n; n++)
        for (int c = 0; c < dy->s.c; c++) {
            size_t pdy = tensor_first(dy, n, c), pz = tensor_first(z, n, c), lz = (size_t)z->lanes;
            size_t pdx = tensor_first(dx, n, c);
            for (size_t i = 0; i < pixels; i++)
                ref_put(dx, pdx + i * ldx,
                    tensor_read(dy, pdy + i * ldy) * act_slope(tensor_read(z, pz + i * lz), act),
                    add);
        }
    ref_clear_pads(dx);
}

static void ref_pointwise_prelu(
    const struct tensor *x, const real *slope, const struct tensor *y, struct pool *pool)
{
    (void)pool;
    size_t pixels = shape_pixels(x->s), lx = (size_t)x->lanes, ly = (size_t)y->lanes;
    for (int n = 0; n < x->s.n; n++)
        for (int c = 0; c < x->s.c; c++) {
            size_t px = tensor_first(x, n, c), py = tensor_first(y, n, c);
            for (size_t i = 0; i < pixels; i++) {
                real v = tensor_read(x, px + i * lx);
                tensor_write(y, py + i * ly, v > 0 ? v : *slope * v);
            }
        }
    ref_clear_pads(y);
}

static void ref_pointwise_prelu_dx(const struct tensor *x, const real *slope,
    const struct tensor *dy, const struct tensor *dx, bool add, struct pool *pool)
{
    (void)pool;
    size_t pixels = shape_pixels(x->s), lx = (size_t)x->lanes, ldy = (size_t)dy->lanes,
           ldx = (size_t)dx->lanes;
    for (int n = 0; n < x->s.n; n++)
        for (int c = 0; c < x->s.c; c++) {
            size_t px = tensor_first(x, n, c), pdy = tensor_first(dy, n, c),
                   pdx = tensor_first(dx, n, c);
            for (size_t i = 0; i < pixels; i++)
                ref_put(dx, pdx + i * ldx,
                    tensor_read(dy, pdy + i * ldy) * (tensor_read(x, px + i * lx) > 0 ? 1 : *slope),
                    add);
        }
    ref_clear_pads(dx);
}

static void ref_pointwise_prelu_dslope(
    const struct tensor *x, const struct tensor *dy, real *dslope, bool add, struct pool *pool)
{
    (void)pool;
    size_t pixels = shape_pixels(x->s), lx = (size_t)x->lanes, ldy = (size_t)dy->lanes;
    double sum = 0;
    for (int n = 0; n < x->s.n; n++)
        for (int c = 0; c < x->s.c; c++) {
            size_t px = tensor_first(x, n, c), pdy = tensor_first(dy, n, c);
            for (size_t i = 0; i < pixels; i++) {
                real v = tensor_read(x, px + i * lx);
                if (!(v > 0)) sum += (double)v * (double)tensor_read(dy, pdy + i * ldy);
            }
        }
    *dslope = (real)(sum + (add ? (double)*dslope : 0));
}

static void ref_pointwise_sigmoid(const struct tensor *x, const struct tensor *y, struct pool *pool)
{
    (void)pool;
    size_t pixels = shape_pixels(x->s), lx = (size_t)x->lanes, ly = (size_t)y->lanes;
    for (int n = 0; n < x->s.n; n++)
        for (int c = 0; c < x->s.c; c++) {
            size_t px = tensor_first(x, n, c), py = tensor_first(y, n, c);
            for (size_t i = 0; i < pixels; i++)
                tensor_write(
                    y, py + i * ly, (real)kmath_sigmoid((double)tensor_read(x, px + i * lx)));
        }
    ref_clear_pads(y);
}

static void ref_pointwise_sigmoid_dx(const struct tensor *y, const struct tensor *dy,
    const struct tensor *dx, bool add, struct pool *pool)
{
    (void)pool;
    size_t pixels = shape_pixels(y->s), ly = (size_t)y->lanes, ldy = (size_t)dy->lanes,
           ldx = (size_t)dx->lanes;
    for (int n = 0; n < y->s.n; n++)
        for (int c = 0; c < y->s.c; c++) {
            size_t py = tensor_first(y, n, c), pdy = tensor_first(dy, n, c),
                   pdx = tensor_first(dx, n, c);
            for (size_t i = 0; i < pixels; i++) {
                real v = tensor_read(y, py + i * ly);
                ref_put(dx, pdx + i * ldx, tensor_read(dy, pdy + i * ldy) * v * (1 - v), add);
            }
        }
    ref_clear_pads(dx);
}

/* y (+)= x * map: forward, and with dy for x the gradient by x. */
static void ref_pointwise_multiply(
    const struct tensor *x, const struct tensor *map, const struct tensor *y, bool add)
{
    size_t pixels = shape_pixels(x->s), lx = (size_t)x->lanes, ly = (size_t)y->lanes;
    for (int n = 0; n < x->s.n; n++) {
        size_t pm = tensor_first(map, n, 0);
        for (int c = 0; c < x->s.c; c++) {
            size_t px = tensor_first(x, n, c), py = tensor_first(y, n, c);
            for (size_t i = 0; i < pixels; i++)
                ref_put(
                    y, py + i * ly, tensor_read(x, px + i * lx) * tensor_read(map, pm + i), add);
        }
    }
    ref_clear_pads(y);
}

static void ref_pointwise_gate(
    const struct tensor *x, const struct tensor *map, const struct tensor *y, struct pool *pool)
{
    (void)pool;
    ref_pointwise_multiply(x, map, y, false);
}

static void ref_pointwise_gate_dx(const struct tensor *map, const struct tensor *dy,
    const struct tensor *dx, bool add, struct pool *pool)
{
    (void)pool;
    ref_pointwise_multiply(dy, map, dx, add);
}

static void ref_pointwise_gate_dmap(const struct tensor *x, const struct tensor *dy,
    const struct tensor *dmap, bool add, struct pool *pool)
{
    (void)pool;
    size_t pixels = shape_pixels(x->s), lx = (size_t)x->lanes, ldy = (size_t)dy->lanes;
    for (int n = 0; n < x->s.n; n++) {
        size_t pm = tensor_first(dmap, n, 0);
        for (size_t i = 0; i < pixels; i++) {
            double sum = 0;
            for (int c = 0; c < x->s.c; c++)
                sum += (double)tensor_read(x, tensor_first(x, n, c) + i * lx) *
                    (double)tensor_read(dy, tensor_first(dy, n, c) + i * ldy);
            ref_put(dmap, pm + i, (real)sum, add);
        }
    }
}

void ref_pointwise_fill(struct kernels *k)
{
    k->add_act = add_act;
    k->act_dx = ref_pointwise_act_dx;
    k->prelu = ref_pointwise_prelu;
    k->prelu_dx = ref_pointwise_prelu_dx;
    k->prelu_dslope = ref_pointwise_prelu_dslope;
    k->sigmoid = ref_pointwise_sigmoid;
    k->sigmoid_dx = ref_pointwise_sigmoid_dx;
    k->gate = ref_pointwise_gate;
    k->gate_dx = ref_pointwise_gate_dx;
    k->gate_dmap = ref_pointwise_gate_dmap;
}

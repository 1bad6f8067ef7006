/* SPDX-License-Identifier: Apache-2.0 */
/* Plain pointwise kernels, and the product of the attention gate. */
#include "base/kmath.h"
#include "kernel/ref.h"

static void add_act(const struct tensor *a, const struct tensor *b, const struct tensor *y,
    enum act act, struct pool *pool)
{
    (void)pool;
    REF_EACH(y, n, c, i)
    {
        ref_set(y, n, c, i, act_apply(ref_get(a, n, c, i) + ref_get(b, n, c, i), act), false);
    }
    ref_clear_pads(y);
}

static void ref_pointwise_act_dx(const struct tensor *y, const struct tensor *dy,
    const struct tensor *dx, enum act act, bool add, struct pool *pool)
{
    (void)pool;
    const struct tensor *z = act == ACT_NONE ? dy : y;
    REF_EACH(dy, n, c, i)
    {
        ref_set(dx, n, c, i, ref_get(dy, n, c, i) * act_slope(ref_get(z, n, c, i), act), add);
    }
    ref_clear_pads(dx);
}

static void ref_pointwise_prelu(
    const struct tensor *x, const real *slope, const struct tensor *y, struct pool *pool)
{
    (void)pool;
    REF_EACH(x, n, c, i)
    {
        const real v = ref_get(x, n, c, i);
        ref_set(y, n, c, i, v > 0 ? v : *slope * v, false);
    }
    ref_clear_pads(y);
}

static void ref_pointwise_prelu_dx(const struct tensor *x, const real *slope,
    const struct tensor *dy, const struct tensor *dx, bool add, struct pool *pool)
{
    (void)pool;
    REF_EACH(x, n, c, i)
    {
        ref_set(dx, n, c, i, ref_get(dy, n, c, i) * (ref_get(x, n, c, i) > 0 ? 1 : *slope), add);
    }
    ref_clear_pads(dx);
}

static void ref_pointwise_prelu_dslope(
    const struct tensor *x, const struct tensor *dy, real *dslope, bool add, struct pool *pool)
{
    (void)pool;
    double sum = 0;
    REF_EACH(x, n, c, i)
    {
        const real v = ref_get(x, n, c, i);
        if (!(v > 0)) sum += (double)v * (double)ref_get(dy, n, c, i);
    }
    *dslope = (real)(sum + (add ? (double)*dslope : 0));
}

static void ref_pointwise_sigmoid(const struct tensor *x, const struct tensor *y, struct pool *pool)
{
    (void)pool;
    REF_EACH(x, n, c, i)
    {
        ref_set(y, n, c, i, (real)kmath_sigmoid((double)ref_get(x, n, c, i)), false);
    }
    ref_clear_pads(y);
}

static void ref_pointwise_sigmoid_dx(const struct tensor *y, const struct tensor *dy,
    const struct tensor *dx, bool add, struct pool *pool)
{
    (void)pool;
    REF_EACH(y, n, c, i)
    {
        const real v = ref_get(y, n, c, i);
        ref_set(dx, n, c, i, ref_get(dy, n, c, i) * v * (1 - v), add);
    }
    ref_clear_pads(dx);
}

/* y (+)= x * map: forward, and with dy for x the gradient by x. */
static void ref_pointwise_multiply(
    const struct tensor *x, const struct tensor *map, const struct tensor *y, bool add)
{
    REF_EACH(x, n, c, i) { ref_set(y, n, c, i, ref_get(x, n, c, i) * ref_get(map, n, 0, i), add); }
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
    for (int n = 0; n < x->s.n; n++)
        for (size_t i = 0; i < shape_pixels(x->s); i++) {
            double sum = 0;
            for (int c = 0; c < x->s.c; c++)
                sum += (double)ref_get(x, n, c, i) * (double)ref_get(dy, n, c, i);
            ref_set(dmap, n, 0, i, (real)sum, add);
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

/* SPDX-License-Identifier: Apache-2.0 */
/* Pointwise kernels. */
#include "device/device_kernels.h"

/* Of two or three tensors; the result is the last. */
static struct launch pointwise_of(
    const char *kernel, const struct tensor *a, const struct tensor *b, const struct tensor *c)
{
    struct launch l = launch_of("pointwise", kernel, NULL);
    launch_args(&l, a, b);
    if (c) launch_tensor(&l, c);
    return l;
}

static void device_add_act(const struct tensor *a, const struct tensor *b, const struct tensor *y,
    enum act act, struct pool *pool)
{
    (void)pool;
    struct launch l = pointwise_of("add_act", a, b, y);
    launch_int(&l, (int)act);
    launch_elements(&l, y);
}

static void device_act_dx(const struct tensor *y, const struct tensor *dy, const struct tensor *dx,
    enum act act, bool add, struct pool *pool)
{
    (void)pool;
    struct launch l = pointwise_of("act_dx", act == ACT_NONE ? dy : y, dy, dx);
    launch_args(&l, (int)act, add);
    launch_elements(&l, dx);
}

static void device_prelu(
    const struct tensor *x, const real *slope, const struct tensor *y, struct pool *pool)
{
    (void)pool;
    struct launch l = launch_of("pointwise", "prelu", NULL);
    launch_args(&l, x, slope, y);
    launch_elements(&l, y);
}

static void device_prelu_dx(const struct tensor *x, const real *slope, const struct tensor *dy,
    const struct tensor *dx, bool add, struct pool *pool)
{
    (void)pool;
    struct launch l = launch_of("pointwise", "prelu_dx", NULL);
    launch_args(&l, x, slope, dy, dx, add);
    launch_elements(&l, dx);
}

static void device_prelu_dslope(
    const struct tensor *x, const struct tensor *dy, real *dslope, bool add, struct pool *pool)
{
    (void)pool;
    const size_t parts = device_parts(tensor_size(x));
    void *part = launch_borrow(parts * sizeof(double));
    struct launch l = launch_of("norm", "prelu_dslope_part", NULL);
    launch_args(&l, x, dy, part);
    launch_groups(&l, parts, 1, 1);
    l = launch_of("norm", "one_end", NULL);
    launch_args(&l, part, (int)parts, dslope, add);
    launch_groups(&l, 1, 1, 1);
    launch_return();
}

static void device_sigmoid(const struct tensor *x, const struct tensor *y, struct pool *pool)
{
    (void)pool;
    struct launch l = pointwise_of("sigmoid", x, y, NULL);
    launch_elements(&l, y);
}

static void device_sigmoid_dx(const struct tensor *y, const struct tensor *dy,
    const struct tensor *dx, bool add, struct pool *pool)
{
    (void)pool;
    struct launch l = pointwise_of("sigmoid_dx", y, dy, dx);
    launch_int(&l, add);
    launch_elements(&l, dx);
}

static void device_gate(
    const struct tensor *x, const struct tensor *map, const struct tensor *y, struct pool *pool)
{
    (void)pool;
    struct launch l = pointwise_of("gate", x, map, y);
    launch_int(&l, false);
    launch_elements(&l, y);
}

static void device_gate_dx(const struct tensor *map, const struct tensor *dy,
    const struct tensor *dx, bool add, struct pool *pool)
{
    (void)pool;
    struct launch l = pointwise_of("gate", dy, map, dx);
    launch_int(&l, add);
    launch_elements(&l, dx);
}

static void device_gate_dmap(const struct tensor *x, const struct tensor *dy,
    const struct tensor *dmap, bool add, struct pool *pool)
{
    (void)pool;
    struct launch l = pointwise_of("gate_dmap", x, dy, dmap);
    launch_int(&l, add);
    launch_elements(&l, dmap);
}

void device_pointwise_fill(struct kernels *k)
{
    k->add_act = device_add_act;
    k->act_dx = device_act_dx;
    k->prelu = device_prelu;
    k->prelu_dx = device_prelu_dx;
    k->prelu_dslope = device_prelu_dslope;
    k->sigmoid = device_sigmoid;
    k->sigmoid_dx = device_sigmoid_dx;
    k->gate = device_gate;
    k->gate_dx = device_gate_dx;
    k->gate_dmap = device_gate_dmap;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A work-item per number of the result; pad lanes become zero. */

#define ELEMENT(t)                                                                                 \
    const struct element e = element_of(t.v);                                                      \
    if (e.inside && e.pad) tensor_write(t, e.i, 0);                                                \
    if (!e.inside || e.pad) return

KERNEL void affine(
    TENSOR(x), TENSOR(y), AT(scale), AT(shift), int per_image, int act)
{
    const struct tensor x = TENSOR_OPEN(x), y = TENSOR_OPEN(y);
    const global float *scale = OPEN(const float, scale), *shift = OPEN(const float, shift);
    ELEMENT(y);
    const int k = per_image ? e.n * padded_of(x.v) + e.c : e.c;
    tensor_write(
        y, e.i, act_apply(tensor_read(x, same_in(x.v, y.v, e)) * scale[k] + shift[k], act));
}

KERNEL void norm_dx(TENSOR(x), TENSOR(dy), TENSOR(dx), AT(scale), AT(shift), AT(a), AT(b), AT(c),
    int per_image, int act, int add)
{
    const struct tensor x = TENSOR_OPEN(x), dy = TENSOR_OPEN(dy), dx = TENSOR_OPEN(dx);
    const global float *scale = OPEN(const float, scale), *shift = OPEN(const float, shift),
                       *a = OPEN(const float, a), *b = OPEN(const float, b),
                       *c = OPEN(const float, c);
    ELEMENT(dx);
    const int k = per_image ? e.n * padded_of(x.v) + e.c : e.c;
    const float v = tensor_read(x, same_in(x.v, dx.v, e)),
                dz = tensor_read(dy, same_in(dy.v, dx.v, e)) *
        act_slope(v * scale[k] + shift[k], act);
    tensor_put(dx, e.i, a[k] * dz + b[k] * v + c[k], add);
}

KERNEL void add_act(TENSOR(a), TENSOR(b), TENSOR(y), int act)
{
    const struct tensor a = TENSOR_OPEN(a), b = TENSOR_OPEN(b), y = TENSOR_OPEN(y);
    ELEMENT(y);
    const float sum =
        tensor_read(a, same_in(a.v, y.v, e)) + tensor_read(b, same_in(b.v, y.v, e));
    tensor_write(y, e.i, act_apply(sum, act));
}

KERNEL void act_dx(TENSOR(y), TENSOR(dy), TENSOR(dx), int act, int add)
{
    const struct tensor y = TENSOR_OPEN(y), dy = TENSOR_OPEN(dy), dx = TENSOR_OPEN(dx);
    ELEMENT(dx);
    const float d = tensor_read(dy, same_in(dy.v, dx.v, e));
    const float z = act == ACT_NONE ? 1.0f : tensor_read(y, same_in(y.v, dx.v, e));
    tensor_put(dx, e.i, d * act_slope(z, act), add);
}

KERNEL void prelu(TENSOR(x), AT(slope), TENSOR(y))
{
    const struct tensor x = TENSOR_OPEN(x), y = TENSOR_OPEN(y);
    const float slope = OPEN(const float, slope)[0];
    ELEMENT(y);
    const float v = tensor_read(x, same_in(x.v, y.v, e));
    tensor_write(y, e.i, v > 0 ? v : slope * v);
}

KERNEL void prelu_dx(TENSOR(x), AT(slope), TENSOR(dy), TENSOR(dx), int add)
{
    const struct tensor x = TENSOR_OPEN(x), dy = TENSOR_OPEN(dy), dx = TENSOR_OPEN(dx);
    const float slope = OPEN(const float, slope)[0];
    ELEMENT(dx);
    tensor_put(dx, e.i,
        tensor_read(dy, same_in(dy.v, dx.v, e)) *
            (tensor_read(x, same_in(x.v, dx.v, e)) > 0 ? 1.0f : slope),
        add);
}

static float sigmoid_of(float x)
{
    const float e = exp(-fabs(x));
    return x >= 0 ? 1 / (1 + e) : e / (1 + e);
}

KERNEL void sigmoid(TENSOR(x), TENSOR(y))
{
    const struct tensor x = TENSOR_OPEN(x), y = TENSOR_OPEN(y);
    ELEMENT(y);
    tensor_write(y, e.i, sigmoid_of(tensor_read(x, same_in(x.v, y.v, e))));
}

KERNEL void sigmoid_dx(TENSOR(y), TENSOR(dy), TENSOR(dx), int add)
{
    const struct tensor y = TENSOR_OPEN(y), dy = TENSOR_OPEN(dy), dx = TENSOR_OPEN(dx);
    ELEMENT(dx);
    const float v = tensor_read(y, same_in(y.v, dx.v, e));
    tensor_put(dx, e.i, tensor_read(dy, same_in(dy.v, dx.v, e)) * v * (1 - v), add);
}

/* y (+)= x * map: the gate, and with dy for x its gradient by x. */
KERNEL void gate(TENSOR(x), TENSOR(map), TENSOR(y), int add)
{
    const struct tensor x = TENSOR_OPEN(x), map = TENSOR_OPEN(map), y = TENSOR_OPEN(y);
    ELEMENT(y);
    tensor_put(y, e.i,
        tensor_read(x, same_in(x.v, y.v, e)) * tensor_read(map, map_at(map.v, e)), add);
}

/* A work-item per pixel of the map. */
KERNEL void gate_dmap(TENSOR(x), TENSOR(dy), TENSOR(dmap), int add)
{
    const struct tensor x = TENSOR_OPEN(x), dy = TENSOR_OPEN(dy), dmap = TENSOR_OPEN(dmap);
    ELEMENT(dmap);
    wide sum = 0;
    for (int block = 0; block < x.v.blocks; block++) {
        const size_t at = index_of(x.v, e.n, block * x.v.lanes, e.pixel),
                     dat = index_of(dy.v, e.n, block * x.v.lanes, e.pixel);
        const int lanes = min(x.v.lanes, x.v.c - block * x.v.lanes);
        for (int k = 0; k < lanes; k++)
            sum = wide_add(sum, wide_product(tensor_read(x, at + k), tensor_read(dy, dat + k)));
    }
    tensor_put(dmap, e.i, sum.x, add);
}

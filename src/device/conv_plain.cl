/* SPDX-License-Identifier: Apache-2.0 */
/* Plain convolutions of any shape (kernel/conv.h). Forward and backward by input: a work-item
 * computes the LANES channels of a block at one pixel. */

#define TAPS(g) (g.kernel_[0] * g.kernel_[1] * g.kernel_[2])

static void lanes_load(struct tensor t, int n, int block, size_t pixel, float v[LANES])
{
    const size_t at = index_of(t.v, n, block * LANES, pixel);
    if (t.v.lanes == LANES) {
        for (int i = 0; i < LANES; i++) v[i] = tensor_read(t, at + i);
        return;
    }
    for (int i = 0; i < LANES; i++)
        v[i] = block * LANES + i < t.v.c ? tensor_read(t, at + i * pixels_of(t.v)) : 0.0f;
}
static void lanes_store(struct tensor t, int n, int block, size_t pixel, const float v[LANES],
    int add)
{
    const size_t at = index_of(t.v, n, block * LANES, pixel),
                 step = t.v.lanes == LANES ? 1 : pixels_of(t.v);
    for (int i = 0; i < LANES; i++)
        if (t.v.lanes == LANES || block * LANES + i < t.v.c)
            tensor_put(t, at + i * step, v[i], add);
}

/* Dimension 0: pixels of t; 1: its images times blocks of LANES channels. */
#define STRIP(t)                                                                                   \
    const size_t pixel = get_global_id(0);                                                         \
    const int blocks = (t.v.c + LANES - 1) / LANES, n = (int)get_global_id(1) / blocks,            \
              block = (int)get_global_id(1) % blocks;                                              \
    if (pixel >= pixels_of(t.v)) return;                                                           \
    const int plane = t.v.h * t.v.w, at_d = (int)(pixel / plane),                                  \
              at_h = (int)(pixel % plane) / t.v.w, at_w = (int)(pixel % plane) % t.v.w

static int in_at(struct geometry g, int axis, int o, int t, int size)
{
    const int i = o * g.stride[axis] + t - g.pad[axis];
    return i >= 0 && i < size ? i : -1;
}
static int out_at(struct geometry g, int axis, int i, int t, int size)
{
    const int o = i + g.pad[axis] - t, at = o / g.stride[axis];
    return o >= 0 && o % g.stride[axis] == 0 && at < size ? at : -1;
}

/* act(scale*map*sum + b), the channels from `first` on. */
#define FINISH_SUM(sum, first, at)                                                                 \
    for (int i = 0; i < LANES; i++) {                                                              \
        if (map_buffer) sum[i] *= OPEN(const float, map)[at];                                      \
        if (scale_buffer) sum[i] *= OPEN(const float, scale)[(first) + i];                         \
        if (b_buffer) sum[i] += OPEN(const float, b)[(first) + i];                                 \
        sum[i] = act_apply(sum[i], act);                                                           \
    }

KERNEL void forward(TENSOR(x0), TENSOR(x1), TENSOR(x2), TENSOR(x3), TENSOR(x4), TENSOR(x5), int nx,
    TENSOR(y), AT(w), struct geometry g, FINISH, int add)
{
    const struct tensor x[] = {TENSOR_OPEN(x0), TENSOR_OPEN(x1), TENSOR_OPEN(x2), TENSOR_OPEN(x3),
        TENSOR_OPEN(x4), TENSOR_OPEN(x5)};
    const struct tensor y = TENSOR_OPEN(y);
    STRIP(y);
    const global float *w =
        OPEN(const float, w) + (size_t)block * g.blocks * TAPS(g) * LANES * LANES;
    float sum[LANES];
    for (int k = 0; k < LANES; k++) sum[k] = 0;
    for (int i = 0; i < nx; i++)
        for (int ib = 0; ib < (x[i].v.c + LANES - 1) / LANES; ib++)
            for (int td = 0; td < g.kernel_[0]; td++)
                for (int th = 0; th < g.kernel_[1]; th++)
                    for (int tw = 0; tw < g.kernel_[2]; tw++, w += LANES * LANES) {
                        const int d = in_at(g, 0, at_d, td, x[i].v.d),
                                  h = in_at(g, 1, at_h, th, x[i].v.h),
                                  q = in_at(g, 2, at_w, tw, x[i].v.w);
                        float v[LANES];
                        if (d < 0 || h < 0 || q < 0) continue;
                        lanes_load(x[i], n, ib, ((size_t)d * x[i].v.h + h) * x[i].v.w + q, v);
                        for (int c = 0; c < LANES; c++)
                            for (int k = 0; k < LANES; k++)
                                sum[k] = fma(v[c], w[c * LANES + k], sum[k]);
                    }
    FINISH_SUM(sum, block * LANES, n * pixels_of(y.v) + pixel)
    lanes_store(y, n, block, pixel, sum, add);
}

/* Of one input, whose first block is `first`. */
KERNEL void backward_x(
    TENSOR(x), TENSOR(y), AT(w), struct geometry g, int first, FINISH, int add)
{
    const struct tensor x = TENSOR_OPEN(x), y = TENSOR_OPEN(y);
    STRIP(x);
    float sum[LANES];
    for (int c = 0; c < LANES; c++) sum[c] = 0;
    for (int kb = 0; kb < (y.v.c + LANES - 1) / LANES; kb++) {
        const global float *w = OPEN(const float, w) +
            ((size_t)kb * g.blocks + first + block) * TAPS(g) * LANES * LANES;
        for (int td = 0; td < g.kernel_[0]; td++)
            for (int th = 0; th < g.kernel_[1]; th++)
                for (int tw = 0; tw < g.kernel_[2]; tw++, w += LANES * LANES) {
                    const int d = out_at(g, 0, at_d, td, y.v.d), h = out_at(g, 1, at_h, th, y.v.h),
                              q = out_at(g, 2, at_w, tw, y.v.w);
                    float v[LANES];
                    if (d < 0 || h < 0 || q < 0) continue;
                    lanes_load(y, n, kb, ((size_t)d * y.v.h + h) * y.v.w + q, v);
                    for (int c = 0; c < LANES; c++)
                        for (int k = 0; k < LANES; k++)
                            sum[c] = fma(v[k], w[c * LANES + k], sum[c]);
                }
    }
    FINISH_SUM(sum, (first + block) * LANES, n * pixels_of(x.v) + pixel)
    lanes_store(x, n, block, pixel, sum, add);
}

/* A part of the rows of y, for one tap between two blocks: dimension 0 counts input channels times
 * output channels, 1 taps, 2 parts times blocks of x times blocks of y. part[part][weights]. */
KERNEL void backward_w(TENSOR(x), TENSOR(y), struct geometry g, int first, int parts, AT(part))
{
    const struct tensor x = TENSOR_OPEN(x), y = TENSOR_OPEN(y);
    const int c = (int)get_global_id(0) / LANES, k = (int)get_global_id(0) % LANES,
              tap = (int)get_global_id(1), own = (x.v.c + LANES - 1) / LANES,
              outs = (y.v.c + LANES - 1) / LANES, ib = (int)get_global_id(2) % own,
              kb = (int)get_global_id(2) / own % outs, p = (int)get_global_id(2) / own / outs;
    const int td = tap / (g.kernel_[1] * g.kernel_[2]), th = tap / g.kernel_[2] % g.kernel_[1],
              tw = tap % g.kernel_[2];
    const size_t rows = (size_t)y.v.n * y.v.d * y.v.h,
                 weights = (size_t)outs * g.blocks * TAPS(g) * LANES * LANES;
    const int cx = ib * LANES + c, ky = kb * LANES + k;
    wide all = 0;
    for (size_t row = part_from(rows, p, parts);
         cx < x.v.c && ky < y.v.c && row < part_till(rows, p, parts); row++) {
        const int n = (int)(row / (y.v.d * y.v.h)), at_d = (int)(row / y.v.h % y.v.d),
                  at_h = (int)(row % y.v.h), d = in_at(g, 0, at_d, td, x.v.d),
                  h = in_at(g, 1, at_h, th, x.v.h);
        if (d < 0 || h < 0) continue;
        const size_t from = index_of(x.v, n, cx, ((size_t)d * x.v.h + h) * x.v.w),
                     dy = index_of(y.v, n, ky, ((size_t)at_d * y.v.h + at_h) * y.v.w);
        float sum = 0;
        for (int o = 0; o < y.v.w; o++) {
            const int q = in_at(g, 2, o, tw, x.v.w);
            if (q >= 0)
                sum = fma(tensor_read(x, from + (size_t)q * x.v.lanes),
                    tensor_read(y, dy + (size_t)o * y.v.lanes), sum);
        }
        all = wide_plus(all, sum);
    }
    const size_t block = ((size_t)kb * g.blocks + first + ib) * TAPS(g) + tap;
    OPEN(float, part)[p * weights + (block * LANES + c) * LANES + k] = all.x;
}

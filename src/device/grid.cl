/* SPDX-License-Identifier: Apache-2.0 */
/* Kernels that change the grid. */

#define ELEMENT(t)                                                                                 \
    const struct element e = element_of(t.v);                                                      \
    if (!e.inside) return

struct point {
    int d, h, w;
};
static struct point point_of(struct view v, size_t pixel)
{
    const int plane = v.h * v.w, rest = (int)(pixel % plane);
    return (struct point){(int)(pixel / plane), rest / v.w, rest % v.w};
}
static size_t pixel_of(struct view v, int d, int h, int w)
{
    return ((size_t)d * v.h + h) * v.w + w;
}

/* ---- max-pooling: the first maximum in d, h, w order */
static size_t window_max(struct tensor x, int n, int c, struct point at, int fd, int fh, int fw)
{
    size_t best = index_of(x.v, n, c, pixel_of(x.v, at.d * fd, at.h * fh, at.w * fw));
    float most = tensor_read(x, best);
    for (int i = 0; i < fd; i++)
        for (int j = 0; j < fh; j++)
            for (int k = 0; k < fw; k++) {
                const size_t here =
                    index_of(x.v, n, c, pixel_of(x.v, at.d * fd + i, at.h * fh + j, at.w * fw + k));
                const float v = tensor_read(x, here);
                if (v > most) {
                    most = v;
                    best = here;
                }
            }
    return best;
}

KERNEL void maxpool(TENSOR(x), TENSOR(y), int fd, int fh, int fw)
{
    const struct tensor x = TENSOR_OPEN(x), y = TENSOR_OPEN(y);
    ELEMENT(y);
    const float r = e.pad
        ? 0.0f
        : tensor_read(x, window_max(x, e.n, e.c, point_of(y.v, e.pixel), fd, fh, fw));
    tensor_write(y, e.i, r);
}

/* A work-item per number of dx, which is in one window at most. dx is laid out like x. */
KERNEL void maxpool_dx(TENSOR(x), TENSOR(dy), TENSOR(dx), int fd, int fh, int fw, int add)
{
    const struct tensor x = TENSOR_OPEN(x), dy = TENSOR_OPEN(dy), dx = TENSOR_OPEN(dx);
    ELEMENT(dx);
    struct point at = point_of(dx.v, e.pixel);
    at = (struct point){at.d / fd, at.h / fh, at.w / fw};
    if (e.pad || at.d >= dy.v.d || at.h >= dy.v.h || at.w >= dy.v.w ||
        window_max(x, e.n, e.c, at, fd, fh, fw) != same_in(x.v, dx.v, e)) {
        if (!add) tensor_write(dx, e.i, 0);
        return;
    }
    const size_t from = index_of(dy.v, e.n, e.c, pixel_of(dy.v, at.d, at.h, at.w));
    tensor_put(dx, e.i, tensor_read(dy, from), add);
}

/* ---- linear interpolation: resize.h */
struct tap {
    int i0, i1;
    float t;
};
static struct tap tap_at(int align, int in, int out, int dst)
{
    /* the source times `below`, a whole number */
    const ulong at = align ? (ulong)dst * (in - 1) : (2 * (ulong)dst + 1) * in,
                before = align ? 0 : out;
    const uint below = align ? max(out - 1, 1) : 2 * out;
    const ulong from = at > before ? at - before : 0;
    const uint i = from >> 32 ? (uint)(from / below) : (uint)from / below;
    struct tap tap;
    tap.i0 = min((int)i, in - 1);
    tap.i1 = min(tap.i0 + 1, in - 1);
    tap.t = (float)((uint)from - i * below) / below;
    return tap;
}

KERNEL void linear(TENSOR(x), TENSOR(y), int align)
{
    const struct tensor x = TENSOR_OPEN(x), y = TENSOR_OPEN(y);
    ELEMENT(y);
    if (e.pad) {
        tensor_write(y, e.i, 0);
        return;
    }
    const struct point at = point_of(y.v, e.pixel);
    const struct tap d = tap_at(align, x.v.d, y.v.d, at.d), h = tap_at(align, x.v.h, y.v.h, at.h),
                     w = tap_at(align, x.v.w, y.v.w, at.w);
    float sum = 0;
    for (int i = 0; i < 8; i++) {
        const size_t from = index_of(x.v, e.n, e.c,
            pixel_of(x.v, i & 4 ? d.i1 : d.i0, i & 2 ? h.i1 : h.i0, i & 1 ? w.i1 : w.i0));
        sum += (i & 4 ? d.t : 1 - d.t) * (i & 2 ? h.t : 1 - h.t) * (i & 1 ? w.t : 1 - w.t) *
            tensor_read(x, from);
    }
    tensor_write(y, e.i, sum);
}

/* Numbers of y that read number i: a guess, then corrected. */
static int2 readers(int align, int in, int out, int i)
{
    int at = (int)((float)i * out / in);
    int2 range;
    while (at > 0 && tap_at(align, in, out, at - 1).i1 >= i) at--;
    while (tap_at(align, in, out, at).i1 < i && at < out - 1) at++;
    range.x = at;
    while (at < out && tap_at(align, in, out, at).i0 <= i) at++;
    range.y = at;
    return range;
}
static float share_of(int align, int in, int out, int dst, int i)
{
    const struct tap tap = tap_at(align, in, out, dst);
    return (tap.i0 == i ? 1 - tap.t : 0.0f) + (tap.i1 == i ? tap.t : 0.0f);
}

KERNEL void linear_dx(TENSOR(dy), TENSOR(dx), int align, int add)
{
    const struct tensor dy = TENSOR_OPEN(dy), dx = TENSOR_OPEN(dx);
    ELEMENT(dx);
    if (e.pad) {
        if (!add) tensor_write(dx, e.i, 0);
        return;
    }
    const struct point at = point_of(dx.v, e.pixel);
    const int2 rd = readers(align, dx.v.d, dy.v.d, at.d), rh = readers(align, dx.v.h, dy.v.h, at.h),
               rw = readers(align, dx.v.w, dy.v.w, at.w);
    wide sum = 0;
    for (int d = rd.x; d < rd.y; d++) {
        const float by_d = share_of(align, dx.v.d, dy.v.d, d, at.d);
        for (int h = rh.x; h < rh.y; h++) {
            const float by_h = by_d * share_of(align, dx.v.h, dy.v.h, h, at.h);
            for (int w = rw.x; w < rw.y; w++)
                sum = wide_plus(sum,
                    by_h * share_of(align, dx.v.w, dy.v.w, w, at.w) *
                        tensor_read(dy, index_of(dy.v, e.n, e.c, pixel_of(dy.v, d, h, w))));
        }
    }
    tensor_put(dx, e.i, sum.x, add);
}

/* ---- nearest */
static int source_of(int i, int in, int out) { return (int)((long)i * in / out); }

/* Bytes [n][d][h][w]. The views are of maps with one channel. */
KERNEL void label_nearest(TENSOR(x), TENSOR(y))
{
    const struct tensor x = TENSOR_OPEN(x), y = TENSOR_OPEN(y);
    ELEMENT(y);
    const struct point at = point_of(y.v, e.pixel);
    y.p[e.i] = x.p[(size_t)e.n * pixels_of(x.v) +
        pixel_of(x.v, source_of(at.d, x.v.d, y.v.d), source_of(at.h, x.v.h, y.v.h),
            source_of(at.w, x.v.w, y.v.w))];
}

/* Whole factors; pads come along. */
KERNEL void upsample_map(TENSOR(x), TENSOR(y))
{
    const struct tensor x = TENSOR_OPEN(x), y = TENSOR_OPEN(y);
    ELEMENT(y);
    const struct point at = point_of(y.v, e.pixel);
    tensor_write(y, e.i,
        tensor_read(x,
            index_of(x.v, e.n, e.c,
                pixel_of(x.v, at.d / (y.v.d / x.v.d), at.h / (y.v.h / x.v.h),
                    at.w / (y.v.w / x.v.w)))));
}

/* ---- up_expand, up_contract: along an axis, tap i of the new kernel is the sum of count[i] taps
 * of the old one, from first[i] (conv_up.h) */
struct axis {
    int from, to, first[4], count[4];
};
KERNEL void change_taps(AT(from), AT(to), int rows, int columns, struct axis d, struct axis h,
    struct axis w, int add)
{
    const int block = LANES * LANES, taps = d.to * h.to * w.to;
    const size_t i = get_global_id(0);
    if (i >= (size_t)rows * columns * taps * block) return;
    const int j = (int)(i % block), tap = (int)(i / block % taps), task = (int)(i / block / taps);
    const int td = tap / (h.to * w.to), th = tap / w.to % h.to, tw = tap % w.to;
    const global float *from = OPEN(const float, from) +
        ((size_t)(task % columns) * rows + task / columns) * (d.from * h.from * w.from) * block +
        j % LANES * LANES + j / LANES;
    global float *to = OPEN(float, to);
    float sum = 0;
    for (int a = d.first[td]; a < d.first[td] + d.count[td]; a++)
        for (int b = h.first[th]; b < h.first[th] + h.count[th]; b++)
            for (int c = w.first[tw]; c < w.first[tw] + w.count[tw]; c++)
                sum += from[(size_t)((a * h.from + b) * w.from + c) * block];
    to[i] = add ? sum + to[i] : sum;
}

/* ---- the fused gate (attend.h) */
static wide attend_scale(float gamma, float var, wide eps)
{
    return wide_divide((wide)(gamma, 0), wide_root(wide_plus(eps, var)));
}
KERNEL void attend_weights(AT(from), AT(to), AT(b), int inter, int blocks, int first, int all,
    AT(bias), AT(gamma), AT(beta), AT(mean), AT(var), wide eps, int begin)
{
    const global float *bias = OPEN(const float, bias), *gamma = OPEN(const float, gamma),
                       *beta = OPEN(const float, beta), *mean = OPEN(const float, mean),
                       *var = OPEN(const float, var);
    global float *b = OPEN(float, b);
    const int block = LANES * LANES, i = (int)get_global_id(0),
              kb = i / (blocks * block), inside = i % (blocks * block),
              k = kb * LANES + inside % LANES;
    if (kb >= (inter + LANES - 1) / LANES) return;
    wide scale = 0, shift = 0;
    if (k < inter) {
        scale = (wide)(1, 0);
        shift = (wide)(bias[k], 0);
        if (gamma) {
            scale = attend_scale(gamma[k], var[k], eps);
            shift = wide_plus(wide_multiply(scale, wide_sum(bias[k], -mean[k])), beta[k]);
        }
    }
    OPEN(float, to)[((size_t)kb * all + first) * block + inside] =
        OPEN(const float, from)[(size_t)kb * blocks * block + inside] * scale.x;
    if (inside < LANES) b[k] = begin ? shift.x : b[k] + shift.x;
}
KERNEL void attend_psi(AT(from), AT(psi), AT(c), int inter, AT(bias), AT(gamma), AT(beta), AT(mean),
    AT(var), wide eps)
{
    const global float *gamma = OPEN(const float, gamma);
    const int i = (int)get_global_id(0), lanes = (inter + LANES - 1) / LANES * LANES;
    if (i >= lanes) return;
    wide scale = (wide)(1, 0), shift = (wide)(OPEN(const float, bias)[0], 0);
    if (gamma) {
        scale = attend_scale(gamma[0], OPEN(const float, var)[0], eps);
        shift = wide_plus(
            wide_multiply(scale, wide_sum(shift.x, -OPEN(const float, mean)[0])),
            OPEN(const float, beta)[0]);
    }
    OPEN(float, psi)[i] =
        i < inter ? wide_times(scale, OPEN(const float, from)[(size_t)i * LANES]).x : 0.0f;
    if (i < LANES) OPEN(float, c)[i] = i == 0 ? shift.x : 0.0f;
}

static void attend_add(struct tensor t, struct element e, const global float *w, float sum[LANES])
{
    for (int block = 0; block < t.v.blocks; block++) {
        const size_t at = index_of(t.v, e.n, block * LANES, e.pixel);
        for (int c = 0; c < LANES; c++, w += LANES) {
            const float v = tensor_read(t, at + c);
            for (int k = 0; k < LANES; k++) sum[k] = fma(w[k], v, sum[k]);
        }
    }
}
/* A work-item per pixel. y may be x. */
KERNEL void attend(TENSOR(x), TENSOR(g), TENSOR(y), TENSOR(map), AT(w), AT(b), AT(psi), AT(c),
    int inter)
{
    const struct tensor x = TENSOR_OPEN(x), g = TENSOR_OPEN(g), y = TENSOR_OPEN(y),
                        map = TENSOR_OPEN(map);
    const global float *w = OPEN(const float, w), *b = OPEN(const float, b),
                       *psi = OPEN(const float, psi);
    ELEMENT(map);
    float q = OPEN(const float, c)[0];
    for (int kb = 0; kb < (inter + LANES - 1) / LANES; kb++) {
        float sum[LANES];
        for (int k = 0; k < LANES; k++) sum[k] = b[kb * LANES + k];
        attend_add(x, e, w, sum);
        w += x.v.blocks * LANES * LANES;
        attend_add(g, e, w, sum);
        w += g.v.blocks * LANES * LANES;
        for (int k = 0; k < LANES; k++)
            if (!(sum[k] < 0)) q = fma(psi[kb * LANES + k], sum[k], q);
    }
    const float s = exp(-fabs(q)), value = q >= 0 ? 1 / (1 + s) : s / (1 + s);
    tensor_write(map, e.i, value);
    for (int block = 0; block < x.v.blocks; block++) {
        const size_t at = index_of(x.v, e.n, block * LANES, e.pixel);
        for (int k = 0; k < LANES; k++) tensor_write(y, at + k, tensor_read(x, at + k) * value);
    }
}

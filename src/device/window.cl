/* SPDX-License-Identifier: Apache-2.0 */
/* Windows of 3 on planar maps, and centreline Dice. */

enum { WINDOW = 27 };
static bool window_cross(int r)
{
    return r == 13 || r == 12 || r == 14 || r == 10 || r == 16 || r == 4 || r == 22;
}
/* The pixel of neighbour r of a pixel, or -1 outside. */
static long neighbour(struct view v, size_t pixel, int r)
{
    const int plane = v.h * v.w, rest = (int)(pixel % plane);
    const int d = (int)(pixel / plane) + r / 9 - 1, h = rest / v.w + r / 3 % 3 - 1,
              w = rest % v.w + r % 3 - 1;
    if (d < 0 || h < 0 || w < 0 || d >= v.d || h >= v.h || w >= v.w) return -1;
    return ((long)d * v.h + h) * v.w + w;
}

/* Maximum of the box, or minimum of the cross; a work-item per number. */
KERNEL void window(TENSOR(x), TENSOR(y), AT(code), int box)
{
    const struct tensor x = TENSOR_OPEN(x), y = TENSOR_OPEN(y);
    global float *code = OPEN(float, code);
    const struct element e = element_of(y.v);
    if (!e.inside) return;
    const global float *map = (const global float *)x.p + (e.i - e.pixel);
    int best = -1;
    float value = 0;
    for (int r = 0; r < WINDOW; r++) {
        const long i = box || window_cross(r) ? neighbour(y.v, e.pixel, r) : -1;
        if (i < 0 || (best >= 0 && !(box ? map[i] > value : map[i] < value))) continue;
        value = map[i];
        best = r;
    }
    tensor_write(y, e.i, value);
    if (code) code[e.i] = (float)best;
}

KERNEL void window_dx(AT(code), TENSOR(dy), TENSOR(dx), int box, int add)
{
    const struct tensor dy = TENSOR_OPEN(dy), dx = TENSOR_OPEN(dx);
    const struct element e = element_of(dx.v);
    if (!e.inside) return;
    const global float *code = OPEN(const float, code) + (e.i - e.pixel),
                       *from = (const global float *)dy.p + (e.i - e.pixel);
    wide sum = 0;
    for (int r = 0; r < WINDOW; r++) {
        const long i = box || window_cross(r) ? neighbour(dx.v, e.pixel, r) : -1;
        if (i >= 0 && code[i] == (float)(WINDOW - 1 - r)) sum = wide_plus(sum, from[i]);
    }
    tensor_put(dx, e.i, sum.x, add);
}

/* ---- soft skeletons (skeleton.c), a number per work-item */
KERNEL void skeleton_join(AT(e), AT(before), AT(taken), AT(product), ulong n)
{
    const global float *before = OPEN(const float, before);
    global float *taken = OPEN(float, taken), *product = OPEN(float, product);
    const size_t i = get_global_id(0);
    if (i >= n) return;
    const float rest = OPEN(const float, e)[i] - taken[i], t = rest > 0 ? rest : 0;
    taken[i] = t;
    product[i] = before ? before[i] * (1 - t) : 1 - t;
}
KERNEL void skeleton_complement(AT(x), ulong n)
{
    global float *x = OPEN(float, x);
    const size_t i = get_global_id(0);
    if (i < n) x[i] = 1 - x[i];
}
KERNEL void skeleton_slope(
    AT(dy), AT(before), AT(taken), AT(rest), AT(de), AT(g), ulong n, int last)
{
    const global float *before = OPEN(const float, before);
    global float *rest = OPEN(float, rest);
    const size_t i = get_global_id(0);
    if (i >= n) return;
    const float taken = OPEN(const float, taken)[i], after = last ? 1.0f : rest[i];
    float de = OPEN(const float, dy)[i] * after;
    if (before) de *= before[i];
    de = taken > 0 ? de : 0;
    OPEN(float, de)[i] = de;
    OPEN(float, g)[i] = -de;
    rest[i] = after * (1 - taken);
}

/* ---- centreline Dice (ref_cldice.c). Sums of a class: found, predicted, covered, present. */
static bool target_of(int label, int channel, const global ulong *region)
{
    if (label == 255) return false;
    return region ? region[channel * 4 + (label >> 6)] >> (label & 63) & 1 : label == channel;
}
/* Derivatives by precision and sensitivity, each with its divisor; precision itself. */
static wide cldice_ratio(const global wide *s, wide smooth)
{
    return wide_divide(wide_add(s[0], smooth), wide_add(s[1], smooth));
}
static float3 cldice_slopes(const global wide *s, wide smooth, float terms)
{
    const float precision = cldice_ratio(s, smooth).x, sensitivity = cldice_ratio(s + 2, smooth).x,
                both = precision + sensitivity, scale = -2 / (both * both) / terms;
    return (float3)(precision,
        scale * sensitivity * sensitivity / wide_add(s[1], smooth).x,
        scale * precision * precision / wide_add(s[3], smooth).x);
}
/* A number for each target of one image: itself, or the gradient by S(p). Dimension 1: classes. */
KERNEL void cldice_mark(AT(label), AT(region), ulong pixels, int first, AT(sums),
    wide smooth, float terms, int back, AT(to))
{
    const size_t i = get_global_id(0);
    const int k = (int)get_global_id(1);
    if (i >= pixels) return;
    float out = 0, in = 1;
    if (back) {
        const float3 s = cldice_slopes(OPEN(const wide, sums) + k * 4, smooth, terms);
        out = -s.y * s.x;
        in = s.y * (1 - s.x);
    }
    OPEN(float, to)[k * pixels + i] =
        target_of(OPEN(const uchar, label)[i], k + first, OPEN(const ulong, region)) ? in
                                                                                          : out;
}
/* Of one image; dimension 0: parts, 1: classes. [part][class][4] */
KERNEL void cldice_part(AT(label), AT(region), ulong pixels, int first, AT(bone),
    AT(skeleton), AT(p), AT(part))
{
    local wide room[GROUP];
    const int k = (int)get_group_id(1), part = (int)get_group_id(0),
              parts = (int)get_num_groups(0);
    const global float *bone = OPEN(const float, bone) + k * pixels,
                       *skeleton = OPEN(const float, skeleton) + k * pixels,
                       *p = OPEN(const float, p) + k * pixels;
    wide s[4] = {0, 0, 0, 0};
    for (size_t i = part_from(pixels, part, parts) + get_local_id(0);
         i < part_till(pixels, part, parts); i += GROUP) {
        if (target_of(OPEN(const uchar, label)[i], k + first, OPEN(const ulong, region)))
            s[0] = wide_plus(s[0], skeleton[i]);
        s[1] = wide_plus(s[1], skeleton[i]);
        s[2] = wide_add(s[2], wide_product(bone[i], p[i]));
        s[3] = wide_plus(s[3], bone[i]);
    }
    for (int j = 0; j < 4; j++) {
        const wide sum = group_sum(s[j], room);
        if (get_local_id(0) == 0)
            OPEN(wide, part)[((size_t)part * get_num_groups(1) + k) * 4 + j] = sum;
    }
}
/* One work-item: joins the images if there is one group, and the loss. */
KERNEL void cldice_end(AT(sums), int images, int classes, int groups, wide smooth, AT(loss))
{
    global wide *sums = OPEN(wide, sums);
    wide total = 0;
    if (get_global_id(0) > 0) return;
    if (groups == 1)
        for (int i = 4 * classes; i < images * 4 * classes; i++)
            sums[i % (4 * classes)] = wide_add(sums[i % (4 * classes)], sums[i]);
    for (int i = 0; i < groups * classes; i++) {
        const wide precision = cldice_ratio(sums + i * 4, smooth),
                   sensitivity = cldice_ratio(sums + i * 4 + 2, smooth);
        total = wide_add(total,
            wide_plus(-2 * wide_divide(wide_multiply(precision, sensitivity),
                               wide_add(precision, sensitivity)),
                1));
    }
    OPEN(float, loss)[0] = classes ? wide_divide(total, (wide)(groups * classes, 0)).x : 0.0f;
}
/* Dimension 1: classes. */
KERNEL void cldice_covered(AT(bone), ulong pixels, AT(sums), wide smooth, float terms, AT(to))
{
    const size_t i = get_global_id(0);
    const int k = (int)get_global_id(1);
    if (i >= pixels) return;
    const float3 s = cldice_slopes(OPEN(const wide, sums) + k * 4, smooth, terms);
    OPEN(float, to)[k * pixels + i] += s.z * OPEN(const float, bone)[k * pixels + i];
}

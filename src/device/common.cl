/* SPDX-License-Identifier: Apache-2.0 */
/* Before every source: parameters as src/device/launch.h passes them. LANES and GROUP (the size of
 * a work-group of launch_over and of sums) are defined by who builds. */
#pragma OPENCL FP_CONTRACT OFF
/* All work-groups are of one size: where registers are few, the compiler must make room for it. */
#define KERNEL kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))

/* ---- parameters: an address is a buffer and an offset in bytes. The buffer of NULL is NULL. */
#define AT(name) global uchar *name##_buffer, ulong name##_offset
#define OPEN(type, name)                                                                           \
    (name##_buffer ? (global type *)(name##_buffer + name##_offset) : (global type *)0)

/* A tensor: launch_tensor. */
struct view {
    int n, c, d, h, w, lanes, is_half, blocks;
};
#define TENSOR(name) AT(name), struct view name##_view
#define TENSOR_OPEN(name) {name##_buffer + name##_offset, name##_view}
struct tensor {
    global uchar *p;
    struct view v;
};

static size_t pixels_of(struct view v) { return (size_t)v.d * v.h * v.w; }
static size_t image_of(struct view v) { return pixels_of(v) * v.lanes * v.blocks; }
static size_t numbers_of(struct view v) { return image_of(v) * v.n; }
static int padded_of(struct view v) { return v.blocks * v.lanes; }
/* The number of channel c at a pixel of image n. */
static size_t index_of(struct view v, int n, int c, size_t pixel)
{
    return (size_t)n * image_of(v) + (size_t)(c / v.lanes) * pixels_of(v) * v.lanes +
        pixel * v.lanes + c % v.lanes;
}

/* ---- bfloat16 */
static float half_read(ushort h) { return as_float((uint)h << 16); }
static ushort half_round(float f)
{
    uint u = as_uint(f);
    return f != f ? (ushort)(u >> 16 | 0x40) : (ushort)((u + 0x7fff + (u >> 16 & 1)) >> 16);
}
static float tensor_read(struct tensor t, size_t at)
{
    return t.v.is_half ? half_read(((const global ushort *)t.p)[at])
                       : ((const global float *)t.p)[at];
}
static void tensor_write(struct tensor t, size_t at, float value)
{
    if (t.v.is_half)
        ((global ushort *)t.p)[at] = half_round(value);
    else
        ((global float *)t.p)[at] = value;
}
static void tensor_put(struct tensor t, size_t at, float value, int add)
{
    tensor_write(t, at, add ? tensor_read(t, at) + value : value);
}

/* ---- activations: enum act */
enum { ACT_NONE, ACT_RELU, ACT_LEAKY };
static float act_apply(float z, int act)
{
    if (act == ACT_NONE || !(z < 0)) return z; /* NaN stays */
    return act == ACT_RELU ? 0.0f : 0.01f * z;
}
static float act_slope(float z, int act)
{
    if (act == ACT_NONE || z > 0) return 1;
    return act == ACT_RELU ? 0.0f : 0.01f;
}

/* ---- elements: launch_elements gives every number of a tensor a work-item, pad lanes too */
struct element {
    size_t i, pixel; /* the number in its tensor, and its pixel */
    int n, c;
    bool inside, pad; /* false: no such number; a channel past the last */
};
static struct element element_of(struct view v)
{
    const size_t in_block = get_global_id(0), block = pixels_of(v) * v.lanes;
    const int image_block = (int)get_global_id(1), lane = (int)in_block & (v.lanes - 1);
    struct element e;
    e.i = image_block * block + in_block;
    e.n = image_block / v.blocks;
    e.c = image_block % v.blocks * v.lanes + lane;
    e.pixel = v.lanes == 1 ? in_block : in_block / LANES;
    e.inside = in_block < block;
    e.pad = e.c >= v.c;
    return e;
}
/* Where the same number is in a tensor that may have other lanes; not for pads. */
static size_t same_in(struct view v, struct view of, struct element e)
{
    return v.lanes == of.lanes ? e.i : index_of(v, e.n, e.c, e.pixel);
}
/* Where a planar map of one channel has the pixel. */
static size_t map_at(struct view v, struct element e)
{
    return (size_t)e.n * pixels_of(v) + e.pixel;
}

/* ---- wide numbers: x + y with y within half a last digit of x, together 48 bits. Many GPUs have
 * no double. Dekker's and Knuth's steps are exact only as they are written: device_wide.c tests the
 * compiler. */
typedef float2 wide;
/* a + b, if |a| >= |b|; for any two; a * b. */
static wide wide_ordered(float a, float b)
{
    const float s = a + b;
    return (wide)(s, b - (s - a));
}
static wide wide_sum(float a, float b)
{
    const float s = a + b, t = s - a;
    return (wide)(s, (a - (s - t)) + (b - t));
}
static wide wide_product(float a, float b)
{
    const float p = a * b;
    return (wide)(p, fma(a, b, -p));
}
static wide wide_plus(wide a, float b)
{
    const wide s = wide_sum(a.x, b);
    return wide_ordered(s.x, s.y + a.y);
}
static wide wide_add(wide a, wide b)
{
    const wide s = wide_sum(a.x, b.x);
    return wide_ordered(s.x, s.y + (a.y + b.y));
}
static wide wide_times(wide a, float b)
{
    const wide p = wide_product(a.x, b);
    return wide_ordered(p.x, fma(a.y, b, p.y));
}
static wide wide_multiply(wide a, wide b)
{
    const wide p = wide_product(a.x, b.x);
    return wide_ordered(p.x, p.y + (a.x * b.y + a.y * b.x));
}
static wide wide_divide(wide a, wide b)
{
    const float q = a.x / b.x;
    return wide_ordered(q, wide_add(a, -wide_times(b, q)).x / b.x);
}
static wide wide_root(wide a)
{
    const float r = sqrt(a.x);
    return r > 0 ? wide_ordered(r, wide_add(a, -wide_product(r, r)).x / (2 * r)) : (wide)(r, 0);
}

/* ---- sums in a fixed order */
/* Of the work-items of one lane (local id % lanes) in a work-group of GROUP; for ids < lanes. */
static wide lane_sum(wide x, int lanes, local wide *room)
{
    const int me = (int)get_local_id(0);
    barrier(CLK_LOCAL_MEM_FENCE);
    room[me] = x;
    for (int step = GROUP / 2; step >= lanes; step /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (me < step) room[me] = wide_add(room[me], room[me + step]);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    return room[me % lanes];
}
static wide group_sum(wide x, local wide *room) { return lane_sum(x, 1, room); }
/* Part `part` of `parts` of n things. */
static size_t part_from(size_t n, int part, int parts) { return (n + parts - 1) / parts * part; }
static size_t part_till(size_t n, int part, int parts)
{
    const size_t till = part_from(n, part + 1, parts);
    return till < n ? till : n;
}
/* In a work-group: the total of numbers that are `step` apart. */
static wide total_of(const global wide *part, int parts, int step, local wide *room)
{
    wide sum = 0;
    for (int i = (int)get_local_id(0); i < parts; i += GROUP)
        sum = wide_add(sum, part[(size_t)i * step]);
    return group_sum(sum, room);
}

/* ---- convolutions: conv_geometry, conv_finish */
struct geometry {
    int kernel_[3], stride[3], pad[3], blocks; /* blocks: of all inputs */
};
#define FINISH AT(scale), AT(b), AT(map), int act

/* ---- products of matrices (conv_gather.cl, conv_ends.cl, conv_outer.cl). Who builds them defines
 * GPU; MATRIX: maps are bfloat16; MMA: mma.sync multiplies them; HALF: a map is bfloat16; PLANAR:
 * one is. */
#ifdef MATRIX
/* On GPUs arrays stay in registers only when all their indices are constants. */
#if GPU
#define UNROLL _Pragma("unroll")
#define INLINE static inline
#else
#define UNROLL
#define INLINE inline /* with `static`, pocl's code takes half as long again */
#endif

#if MATRIX
typedef uint2 map_four;
#else
typedef float4 map_four;
#endif
/* Four channels of a block at a pixel. */
INLINE map_four fours_of(const struct tensor t, int n, int block, int pixel, int quad)
{
    const int pixels = t.v.d * t.v.h * t.v.w;
#if PLANAR
    if (t.v.lanes == 1) {
        float v[4];
        UNROLL
        for (int i = 0; i < 4; i++) {
            const int c = block * LANES + quad * 4 + i;
            v[i] = c < t.v.c ? ((const global float *)t.p)[(n * t.v.c + c) * pixels + pixel] : 0;
        }
        return (float4)(v[0], v[1], v[2], v[3]);
    }
#endif
    const int at = ((n * t.v.blocks + block) * pixels + pixel) * (LANES / 4) + quad;
#if MATRIX
    return ((const global uint2 *)t.p)[at];
#elif HALF
    const ushort4 h = ((const global ushort4 *)t.p)[at];
    return as_float4(convert_uint4(h) << 16);
#else
    return ((const global float4 *)t.p)[at];
#endif
}

/* act(scale*map*sum + b) for four channels from `first` of all on. */
#define FINISH_FOUR(sum, first, at)                                                                \
    if (map_buffer) sum *= OPEN(const float, map)[at];                                             \
    if (scale_buffer) sum *= OPEN(const float4, scale)[(first) / 4];                               \
    if (b_buffer) sum += OPEN(const float4, b)[(first) / 4];                                       \
    sum = (float4)(act_apply(sum.x, act), act_apply(sum.y, act), act_apply(sum.z, act),            \
        act_apply(sum.w, act))
/* Four channels of `to` from channel c on. */
INLINE void fours_put(const struct tensor to, int n, int c, int pixel, float4 v, int add)
{
    const int pixels = to.v.d * to.v.h * to.v.w;
    const float four[4] = {v.x, v.y, v.z, v.w};
    if (to.v.lanes == 1) {
        UNROLL
        for (int i = 0; i < 4 && c + i < to.v.c; i++)
            tensor_put(to, (size_t)(n * to.v.c + c + i) * pixels + pixel, four[i], add);
        return;
    }
    const size_t at =
        ((size_t)(n * to.v.blocks + c / LANES) * pixels + pixel) * (LANES / 4) + c % LANES / 4;
    if (to.v.is_half) {
        global ushort4 *p = (global ushort4 *)to.p + at;
        if (add) v += as_float4(convert_uint4(*p) << 16);
        *p = (ushort4)(half_round(v.x), half_round(v.y), half_round(v.z), half_round(v.w));
    } else {
        global float4 *p = (global float4 *)to.p + at;
        *p = add ? v + *p : v;
    }
}

#if MMA
/* Of 8 columns: s0, s1 += the products of the rows a, b and of w. */
#define MULTIPLY(s0, s1, e0, e1, a, b, w0, w1)                                                     \
    {                                                                                              \
        float c0 = s0.e0, c1 = s0.e1, c2 = s1.e0, c3 = s1.e1;                                      \
        asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, "         \
                     "{%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"                                      \
                     : "+f"(c0), "+f"(c1), "+f"(c2), "+f"(c3)                                      \
                     : "r"(a.x), "r"(b.x), "r"(a.y), "r"(b.y), "r"(w0), "r"(w1));                  \
        s0.e0 = c0;                                                                                \
        s0.e1 = c1;                                                                                \
        s1.e0 = c2;                                                                                \
        s1.e1 = c3;                                                                                \
    }
#endif
#endif

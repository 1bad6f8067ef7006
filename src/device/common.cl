/* SPDX-License-Identifier: Apache-2.0 */
/* Before every source: parameters as src/device/launch.h passes them. LANES and GROUP (the size of
 * a work-group of launch_over and of sums) are defined by who builds. */
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#pragma OPENCL FP_CONTRACT OFF

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

inline size_t pixels_of(struct view v) { return (size_t)v.d * v.h * v.w; }
inline size_t image_of(struct view v) { return pixels_of(v) * v.lanes * v.blocks; }
inline size_t numbers_of(struct view v) { return image_of(v) * v.n; }
inline int padded_of(struct view v) { return v.blocks * v.lanes; }
/* The number of channel c at a pixel of image n. */
inline size_t index_of(struct view v, int n, int c, size_t pixel)
{
    return (size_t)n * image_of(v) + (size_t)(c / v.lanes) * pixels_of(v) * v.lanes +
        pixel * v.lanes + c % v.lanes;
}

/* ---- bfloat16 */
inline float half_read(ushort h) { return as_float((uint)h << 16); }
inline ushort half_round(float f)
{
    uint u = as_uint(f);
    return f != f ? (ushort)(u >> 16 | 0x40) : (ushort)((u + 0x7fff + (u >> 16 & 1)) >> 16);
}
inline float tensor_read(struct tensor t, size_t at)
{
    return t.v.is_half ? half_read(((const global ushort *)t.p)[at])
                       : ((const global float *)t.p)[at];
}
inline void tensor_write(struct tensor t, size_t at, float value)
{
    if (t.v.is_half)
        ((global ushort *)t.p)[at] = half_round(value);
    else
        ((global float *)t.p)[at] = value;
}
inline void tensor_put(struct tensor t, size_t at, float value, int add)
{
    tensor_write(t, at, add ? tensor_read(t, at) + value : value);
}

/* ---- activations: enum act */
enum { ACT_NONE, ACT_RELU, ACT_LEAKY };
inline float act_apply(float z, int act)
{
    if (act == ACT_NONE || !(z < 0)) return z; /* NaN stays */
    return act == ACT_RELU ? 0.0f : 0.01f * z;
}
inline float act_slope(float z, int act)
{
    if (act == ACT_NONE || z > 0) return 1;
    return act == ACT_RELU ? 0.0f : 0.01f;
}

/* The sum over a work-group of GROUP, in a fixed order; valid for item 0. */
inline double group_sum(double x, local double *room)
{
    const uint me = get_local_id(0);
    barrier(CLK_LOCAL_MEM_FENCE);
    room[me] = x;
    for (uint step = GROUP / 2; step > 0; step /= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (me < step) room[me] += room[me + step];
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    return room[0];
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Forward and (BACK) backward by input as one product of matrices: a work-group sums TILE pixels
 * times COLUMNS channels over blocks of the source's channels and taps. A step is one tap of one
 * block: TILE pixels of LANES numbers, and the tap's weights, both in local memory.
 *
 * Backward with a stride: pixels whose coordinates have the same remainders see the same taps, so a
 * work-group computes pixels of one such phase.
 *
 * Defined by who builds: COLUMN_BLOCKS; PIXELS and QUADS: pixels and fours of channels that a
 * work-item sums; ACROSS: work-items side by side along the channels; MORE: sources besides the
 * first; and what common.cl names.
 *
 * MATRIX: the sources are bfloat16, and each 32 work-items multiply matrices (mma.sync; without MMA
 * by their definition). A weight is then the sum of two bfloat16 (conv_ends.cl). The hardware's
 * columns are mixed so that a work-item gets four channels side by side. */
#define COLUMNS (COLUMN_BLOCKS * LANES)
#define DOWN (GROUP / ACROSS)
#define TILE (PIXELS * DOWN)
#define ROW (LANES + 4) /* apart in banks */
#define W_ROW (COLUMNS + 4 * BACK)
#define W_FOURS_OF (LANES * LANES / 4) /* a tap between two blocks */
#define W_FOURS (COLUMN_BLOCKS * W_FOURS_OF)
#define PIXEL_LOADS (TILE * LANES / 4 / GROUP)
#define W_LOADS ((W_FOURS + GROUP - 1) / GROUP)

/* An axis of one phase: pixel j of the phase is at first + step*j; its tap u is number
 * tap + tap_step*u and leads to j*from_step + from + u*turn. */
struct axis {
    int count, first, step, from, from_step, turn, taps, tap, tap_step;
};
INLINE struct axis axis_of(struct geometry g, int a, int phase, int size)
{
    const int s = g.stride[a];
#if BACK
    const int tap = (phase + g.pad[a]) % s;
    const struct axis at = {(size - phase + s - 1) / s, phase, s, (phase + g.pad[a] - tap) / s, 1,
        -1, (g.kernel_[a] - tap + s - 1) / s, tap, s};
#else
    const struct axis at = {size, 0, 1, -g.pad[a], s, 1, g.kernel_[a], 0, 1};
#endif
    return at;
}

#if MATRIX
#define PIXEL_OF(i) (me / 32 * (PIXELS * 8) + (i) * 8 + me % 32 / 4) /* of both */
#define SUMMED PIXEL_OF
#define LOADED PIXEL_OF
typedef uint4 weight_four; /* bfloat16: four, and what is left of them */
#else
#define SUMMED(i) (down + (i) * DOWN)
#define LOADED(i) (me / 4 + (i) * (GROUP / 4))
typedef float4 weight_four;
#endif

/* The sources: their parameters, and moving on to the one that has block b. */
#define MORE_0
#define MORE_1 TENSOR(x1),
#define MORE_2 MORE_1 TENSOR(x2),
#define MORE_3 MORE_2 TENSOR(x3),
#define MORE_4 MORE_3 TENSOR(x4),
#define MORE_5 MORE_4 TENSOR(x5),
#define NEXT_SOURCE(i, x)                                                                          \
    if (source == i - 1 && b >= (t.v.c + LANES - 1) / LANES) {                                     \
        b -= (t.v.c + LANES - 1) / LANES;                                                          \
        t.p = x##_buffer + x##_offset;                                                             \
        t.v = x##_view;                                                                            \
        source = i;                                                                                \
    }
#define FIND_0
#define FIND_1 NEXT_SOURCE(1, x1)
#define FIND_2 FIND_1 NEXT_SOURCE(2, x2)
#define FIND_3 FIND_2 NEXT_SOURCE(3, x3)
#define FIND_4 FIND_3 NEXT_SOURCE(4, x4)
#define FIND_5 FIND_4 NEXT_SOURCE(5, x5)
#define JOIN(a, b) a##b
#define OF(what, more) JOIN(what, more)
#define FIND_SOURCE OF(FIND_, MORE)

#if MATRIX && MMA
#define HALF_OF_BLOCK(k, half, e0, e1)                                                             \
    {                                                                                              \
        const uint4 wk =                                                                           \
            wx[(k * LANES + me % 32 / 8 * 4 + half * 2 + me / 4 % 2) * (LANES / 4) + me % 4];      \
        UNROLL                                                                                     \
        for (int i = 0; i < PIXELS; i += 2) {                                                      \
            MULTIPLY(sum[i][k], sum[i + 1][k], e0, e1, px[i], px[i + 1], wk.x, wk.y)               \
            MULTIPLY(sum[i][k], sum[i + 1][k], e0, e1, px[i], px[i + 1], wk.z, wk.w)               \
        }                                                                                          \
    }
#define STORE_MATRIX                                                                               \
    map_four px[PIXEL_LOADS];                                                                      \
    local weight_four *wx = weight_room[step & 1];                                                 \
    UNROLL                                                                                         \
    for (int i = 0; i < PIXEL_LOADS; i++) px[i] = pixel_next[i];                                   \
    STORE_WEIGHTS
#define SUM_MATRIX                                                                                 \
    UNROLL                                                                                         \
    for (int k = 0; k < QUADS; k++) {                                                              \
        HALF_OF_BLOCK(k, 0, x, y)                                                                  \
        HALF_OF_BLOCK(k, 1, z, w)                                                                  \
    }
#elif MATRIX
INLINE float pair_sum(uint a, uint w, float sum)
{
    sum = fma(as_float(a << 16), as_float(w << 16), sum);
    return fma(as_float(a & 0xffff0000), as_float(w & 0xffff0000), sum);
}
INLINE float matrix_sum(const local uint2 *a, const local uint4 *w, float sum)
{
    for (int i = 0; i < LANES / 4; i++) {
        sum = pair_sum(a[i].y, w[i].y, pair_sum(a[i].x, w[i].x, sum));
        sum = pair_sum(a[i].y, w[i].w, pair_sum(a[i].x, w[i].z, sum));
    }
    return sum;
}
#define STORE_MATRIX                                                                               \
    local uint2 *px = pixel_room[step & 1];                                                        \
    local weight_four *wx = weight_room[step & 1];                                                 \
    for (int i = 0; i < PIXEL_LOADS; i++) px[LOADED(i) * (LANES / 4) + me % 4] = pixel_next[i];    \
    STORE_WEIGHTS
#define SUM_MATRIX                                                                                 \
    for (int i = 0; i < PIXELS; i++)                                                               \
        for (int k = 0; k < QUADS; k++) {                                                          \
            const local uint2 *a = px + SUMMED(i) * (LANES / 4);                                   \
            const local uint4 *b = wx + (k * LANES + side * 4) * (LANES / 4);                      \
            sum[i][k].x = matrix_sum(a, b, sum[i][k].x);                                           \
            sum[i][k].y = matrix_sum(a, b + LANES / 4, sum[i][k].y);                               \
            sum[i][k].z = matrix_sum(a, b + 2 * (LANES / 4), sum[i][k].z);                         \
            sum[i][k].w = matrix_sum(a, b + 3 * (LANES / 4), sum[i][k].w);                         \
        }
#endif
#define STORE_WEIGHTS                                                                              \
    UNROLL                                                                                         \
    for (int i = 0; i < W_LOADS; i++)                                                              \
        if (W_FOURS % GROUP == 0 || me + i * GROUP < W_FOURS) wx[me + i * GROUP] = weight_next[i];

/* Dimension 0: tiles of pixels of a phase; 1: COLUMNS channels of `to`; 2: phases times parts of
 * the sum. `first`: the first block of `to` among all inputs (BACK). part: sums of parts, blocked
 * like `to`; NULL: there is one, and it ends here. */
KERNEL void gather(TENSOR(x0),
    OF(MORE_, MORE) TENSOR(to), AT(w), struct geometry g, int first, int parts, AT(part), FINISH,
    int add)
{
#if !MATRIX
    local float4 pixel_room[2][TILE * ROW / 4], weight_room[2][LANES * W_ROW / 4];
#else
    local uint4 weight_room[2][W_FOURS];
#if !MMA
    local uint2 pixel_room[2][TILE * LANES / 4];
#endif
#endif
    const struct tensor to = TENSOR_OPEN(to);
    const int me = (int)get_local_id(0), side = me % ACROSS, down = me / ACROSS;
    const int column = (int)get_group_id(1) * COLUMN_BLOCKS;
    const int to_blocks = (to.v.c + LANES - 1) / LANES;
    const int phase = (int)get_group_id(2) / parts, p = (int)get_group_id(2) % parts;
#if BACK
    const struct axis ax[3] = {axis_of(g, 0, phase / g.stride[2] / g.stride[1], to.v.d),
        axis_of(g, 1, phase / g.stride[2] % g.stride[1], to.v.h),
        axis_of(g, 2, phase % g.stride[2], to.v.w)};
#else
    const struct axis ax[3] = {axis_of(g, 0, 0, to.v.d), axis_of(g, 1, 0, to.v.h),
        axis_of(g, 2, 0, to.v.w)};
#endif
    const int plane = ax[1].count * ax[2].count, image = ax[0].count * plane;
    const int tile = (int)get_group_id(0) * TILE, pixels = image * to.v.n;
    if (tile >= pixels) return;

    /* the pixels that this work-item loads */
    int at_n[PIXEL_LOADS], at_d[PIXEL_LOADS], at_h[PIXEL_LOADS], at_w[PIXEL_LOADS];
    UNROLL
    for (int i = 0; i < PIXEL_LOADS; i++) {
        const int m = tile + LOADED(i), j = m % image;
        at_n[i] = m / image;
        at_d[i] = j / plane * ax[0].from_step + ax[0].from;
        at_h[i] = j % plane / ax[2].count * ax[1].from_step + ax[1].from;
        at_w[i] = j % plane % ax[2].count * ax[2].from_step + ax[2].from;
        if (m >= pixels) at_n[i] = -1;
    }

    float4 sum[PIXELS][QUADS];
    map_four pixel_next[PIXEL_LOADS];
    weight_four weight_next[W_LOADS];
    UNROLL
    for (int i = 0; i < PIXELS; i++)
        UNROLL
        for (int k = 0; k < QUADS; k++) sum[i][k] = 0;

    /* and the weights: the first of the sum, -1: none */
    const int all_taps = g.kernel_[0] * g.kernel_[1] * g.kernel_[2];
    int at_weight[W_LOADS];
    UNROLL
    for (int i = 0; i < W_LOADS; i++) {
        const int at = me + i * GROUP, c = column + at / W_FOURS_OF;
        at_weight[i] = (BACK ? first + c : c * g.blocks) * all_taps * W_FOURS_OF + at % W_FOURS_OF;
        if (c >= to_blocks || at >= W_FOURS) at_weight[i] = -1;
    }

    /* steps: source, its block b, taps; `block` is among all of the sum */
    const int taps = ax[0].taps * ax[1].taps * ax[2].taps;
    const int blocks = BACK ? (x0_view.c + LANES - 1) / LANES : g.blocks;
    const int steps = blocks * taps, from = (int)((long)steps * p / parts),
              till = (int)((long)steps * (p + 1) / parts);
    int source = 0, block = taps ? from / taps : 0, b = block, ud = 0, uh = 0, uw = 0;
    if (taps) {
        uw = from % ax[2].taps;
        uh = from / ax[2].taps % ax[1].taps;
        ud = from % taps / ax[2].taps / ax[1].taps;
    }
    struct tensor t = TENSOR_OPEN(x0);
    FIND_SOURCE
    const global weight_four *weights = OPEN(const weight_four, w);
#define LOAD                                                                                       \
    {                                                                                              \
        const int number = ((ax[0].tap + ud * ax[0].tap_step) * g.kernel_[1] + ax[1].tap +         \
                               uh * ax[1].tap_step) *                                              \
                g.kernel_[2] +                                                                     \
            ax[2].tap + uw * ax[2].tap_step;                                                       \
        const int weight = (block * (BACK ? g.blocks : 1) * all_taps + number) * W_FOURS_OF;       \
        UNROLL                                                                                     \
        for (int i = 0; i < PIXEL_LOADS; i++) {                                                    \
            const int d = at_d[i] + ud * ax[0].turn, h = at_h[i] + uh * ax[1].turn,                \
                      q = at_w[i] + uw * ax[2].turn;                                               \
            const bool inside = at_n[i] >= 0 && (uint)d < (uint)t.v.d && (uint)h < (uint)t.v.h &&  \
                (uint)q < (uint)t.v.w;                                                             \
            pixel_next[i] = 0;                                                                     \
            if (inside)                                                                            \
                pixel_next[i] =                                                                    \
                    fours_of(t, at_n[i], b, (d * t.v.h + h) * t.v.w + q, me % 4);                  \
        }                                                                                          \
        UNROLL                                                                                     \
        for (int i = 0; i < W_LOADS; i++) {                                                        \
            weight_next[i] = 0;                                                                    \
            if (at_weight[i] >= 0) weight_next[i] = weights[at_weight[i] + weight];                \
        }                                                                                          \
    }
    if (from < till) LOAD
    for (int step = from; step < till; step++) {
#if MATRIX
        STORE_MATRIX
#else
        local float4 *px = pixel_room[step & 1], *wx = weight_room[step & 1];
        UNROLL
        for (int i = 0; i < PIXEL_LOADS; i++)
            px[(me / 4 + i * (GROUP / 4)) * (ROW / 4) + me % 4] = pixel_next[i];
        UNROLL
        for (int i = 0; i < W_LOADS; i++) {
            const int at = me + i * GROUP, c = at / W_FOURS_OF, row = at / 4 % LANES,
                      four = at % 4;
            if (W_FOURS % GROUP && at >= W_FOURS) break;
#if BACK
            local float *to_column = (local float *)wx + c * LANES + row;
            to_column[(four * 4 + 0) * W_ROW] = weight_next[i].x;
            to_column[(four * 4 + 1) * W_ROW] = weight_next[i].y;
            to_column[(four * 4 + 2) * W_ROW] = weight_next[i].z;
            to_column[(four * 4 + 3) * W_ROW] = weight_next[i].w;
#else
            wx[row * (W_ROW / 4) + c * 4 + four] = weight_next[i];
#endif
        }
#endif
        barrier(CLK_LOCAL_MEM_FENCE);
        if (++uw == ax[2].taps) {
            uw = 0;
            if (++uh == ax[1].taps) {
                uh = 0;
                if (++ud == ax[0].taps) {
                    ud = 0;
                    block++;
                    b++;
                    FIND_SOURCE
                }
            }
        }
        if (step + 1 < till) LOAD
#if MATRIX
        SUM_MATRIX
#else
        for (int c4 = 0; c4 < LANES / 4; c4++) {
            float4 a[PIXELS];
            UNROLL
            for (int i = 0; i < PIXELS; i++) a[i] = px[(down + i * DOWN) * (ROW / 4) + c4];
#define ROW_OF(element, i)                                                                         \
    {                                                                                              \
        float4 wk[QUADS];                                                                          \
        UNROLL                                                                                     \
        for (int k = 0; k < QUADS; k++)                                                            \
            wk[k] = wx[(c4 * 4 + i) * (W_ROW / 4) + side + k * ACROSS];                            \
        UNROLL                                                                                     \
        for (int j = 0; j < PIXELS; j++)                                                           \
            UNROLL                                                                                 \
            for (int k = 0; k < QUADS; k++) sum[j][k] = fma(a[j].element, wk[k], sum[j][k]);       \
    }
            ROW_OF(x, 0)
            ROW_OF(y, 1)
            ROW_OF(z, 2)
            ROW_OF(w, 3)
        }
#endif
    }

    UNROLL
    for (int i = 0; i < PIXELS; i++) {
        const int m = tile + SUMMED(i), j = m % image, n = m / image;
        const int d = ax[0].first + j / plane * ax[0].step,
                  h = ax[1].first + j % plane / ax[2].count * ax[1].step,
                  q = ax[2].first + j % plane % ax[2].count * ax[2].step;
        const int pixel = (d * to.v.h + h) * to.v.w + q;
        if (m >= pixels) continue;
        UNROLL
        for (int k = 0; k < QUADS; k++) {
            const int c = column * LANES + (side + k * ACROSS) * 4;
            float4 v = sum[i][k];
            if (c >= to_blocks * LANES) continue;
            if (part_buffer) {
                const size_t blocked = pixels_of(to.v) * (LANES / 4),
                             at = (n * to_blocks + c / LANES) * blocked + pixel * (LANES / 4);
                OPEN(float4, part)[p * to.v.n * to_blocks * blocked + at + c % LANES / 4] = v;
                continue;
            }
            FINISH_FOUR(v, first * LANES + c, n * pixels_of(to.v) + pixel);
            fours_put(to, n, c, pixel, v, add);
        }
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Backward by weight as a product of matrices: a work-group sums, over a part of the pixels of y,
 * SLOTS blocks of x, each moved by one tap, times COLUMN_BLOCKS blocks of dy. A step is STEP
 * pixels, whose numbers are in local memory.
 *
 * Defined by who builds: SLOTS, COLUMN_BLOCKS, QUADS: fours of channels of y that a work-item sums;
 * ACROSS: work-items side by side along the channels of y; and what common.cl names.
 *
 * MATRIX: x and y are bfloat16, and each 32 work-items multiply matrices (mma.sync; without MMA by
 * their definition). Local memory then has rows of STEP pixels, one per channel. */
#define DOWN (GROUP / ACROSS)
#define ROWS (SLOTS * LANES / 4 / DOWN) /* fours of channels of x */
#define STEP 16
#define ROW (SLOTS * LANES / 4 + 1)
#define Y_ROW (COLUMN_BLOCKS * LANES / 4 + 1)
#define PIXEL_ROW (STEP + 4)     /* apart in banks */
#define SIDES (GROUP / STEP / 4) /* slots that are loaded at once */
#define X_LOADS ((SLOTS + SIDES - 1) / SIDES)
#define Y_LOADS ((COLUMN_BLOCKS + SIDES - 1) / SIDES)

#if MATRIX
#define SLOT_OF(i) (me / 32 * (SLOTS / 4) + (i) / 2)   /* of a sum, */
#define CHANNEL_OF(i) (me % 32 / 4 + (i) % 2 * 8)      /* and its channel of x */
/* Four channels of one pixel. */
INLINE void pixel_put(local ushort *row, map_four v)
{
    row[0] = (ushort)v.x;
    row[PIXEL_ROW] = (ushort)(v.x >> 16);
    row[2 * PIXEL_ROW] = (ushort)v.y;
    row[3 * PIXEL_ROW] = (ushort)(v.y >> 16);
}
#if MMA
/* Pixels 4t to 4t+3 of a channel's row, t = me % 4. */
#define PIXELS_OF(room, row) ((const local uint2 *)(room + (row) * PIXEL_ROW))[me % 4]
#define HALF_OF_BLOCK(k, part, e0, e1)                                                             \
    {                                                                                              \
        const uint2 b = PIXELS_OF(ys, k * LANES + me % 32 / 8 * 4 + part * 2 + me / 4 % 2);        \
        UNROLL                                                                                     \
        for (int i = 0; i < SLOTS / 2; i += 2) {                                                   \
            MULTIPLY(sum[i][k], sum[i + 1][k], e0, e1, a[i], a[i + 1], b.x, b.y)                   \
        }                                                                                          \
    }
#define SUM_MATRIX                                                                                 \
    uint2 a[SLOTS / 2];                                                                            \
    UNROLL                                                                                         \
    for (int i = 0; i < SLOTS / 2; i++) a[i] = PIXELS_OF(xs, SLOT_OF(i) * LANES + CHANNEL_OF(i));  \
    UNROLL                                                                                         \
    for (int k = 0; k < COLUMN_BLOCKS; k++) {                                                      \
        HALF_OF_BLOCK(k, 0, x, y)                                                                  \
        HALF_OF_BLOCK(k, 1, z, w)                                                                  \
    }
#else
INLINE float row_sum(const local ushort *x, const local ushort *y, float sum)
{
    for (int i = 0; i < STEP; i++) sum = fma(half_read(x[i]), half_read(y[i]), sum);
    return sum;
}
#define SUM_MATRIX                                                                                 \
    for (int i = 0; i < SLOTS / 2; i++)                                                            \
        for (int k = 0; k < COLUMN_BLOCKS; k++) {                                                  \
            const local ushort *a = xs + (SLOT_OF(i) * LANES + CHANNEL_OF(i)) * PIXEL_ROW;         \
            const local ushort *b = ys + (k * LANES + me % 4 * 4) * PIXEL_ROW;                     \
            sum[i][k].x = row_sum(a, b, sum[i][k].x);                                              \
            sum[i][k].y = row_sum(a, b + PIXEL_ROW, sum[i][k].y);                                  \
            sum[i][k].z = row_sum(a, b + 2 * PIXEL_ROW, sum[i][k].z);                              \
            sum[i][k].w = row_sum(a, b + 3 * PIXEL_ROW, sum[i][k].w);                              \
        }
#endif
#endif

/* Dimension 0: SLOTS of blocks of x times taps; 1: COLUMN_BLOCKS of y; 2: parts. `first`: the first
 * block of x among all inputs. part: [part][weights]. */
KERNEL void outer(
    TENSOR(x), TENSOR(y), struct geometry g, int first, int parts, AT(part))
{
#if MATRIX
    local ushort x_room[2][SLOTS * LANES * PIXEL_ROW] __attribute__((aligned(16)));
    local ushort y_room[2][COLUMN_BLOCKS * LANES * PIXEL_ROW] __attribute__((aligned(16)));
    float4 sum[SLOTS / 2][COLUMN_BLOCKS];
    UNROLL
    for (int i = 0; i < SLOTS / 2; i++)
        UNROLL
        for (int k = 0; k < COLUMN_BLOCKS; k++) sum[i][k] = 0;
#else
    local float4 x_room[2][STEP * ROW], y_room[2][STEP * Y_ROW];
    float4 sum[ROWS][4][QUADS];
    UNROLL
    for (int i = 0; i < ROWS; i++)
        UNROLL
        for (int j = 0; j < 4; j++)
            UNROLL
            for (int k = 0; k < QUADS; k++) sum[i][j][k] = 0;
#endif
    const struct tensor x = TENSOR_OPEN(x), y = TENSOR_OPEN(y);
    const int me = (int)get_local_id(0), side = me % ACROSS, down = me / ACROSS;
    const int taps = g.kernel_[0] * g.kernel_[1] * g.kernel_[2];
    const int blocks = (x.v.c + LANES - 1) / LANES, y_blocks = (y.v.c + LANES - 1) / LANES;
    const int slot0 = (int)get_group_id(0) * SLOTS, column = (int)get_group_id(1) * COLUMN_BLOCKS,
              p = (int)get_group_id(2);
    const int lane = me / 4 % STEP, quad = me % 4, first_slot = me / (4 * STEP);

    /* the blocks and taps that this work-item loads */
    int block[X_LOADS], td[X_LOADS], th[X_LOADS], tw[X_LOADS];
    UNROLL
    for (int i = 0; i < X_LOADS; i++) {
        const int slot = slot0 + first_slot + i * SIDES, tap = slot % taps;
        block[i] = slot / taps;
        td[i] = tap / (g.kernel_[1] * g.kernel_[2]) - g.pad[0];
        th[i] = tap / g.kernel_[2] % g.kernel_[1] - g.pad[1];
        tw[i] = tap % g.kernel_[2] - g.pad[2];
        if (block[i] >= blocks || first_slot + i * SIDES >= SLOTS) block[i] = -1;
    }

    const int pixels = y.v.n * y.v.d * y.v.h * y.v.w, steps = (pixels + STEP - 1) / STEP,
              from = (int)((long)steps * p / parts), till = (int)((long)steps * (p + 1) / parts);
    int m = from * STEP + lane;
    int n = m / (y.v.d * y.v.h * y.v.w), d = m / (y.v.h * y.v.w) % y.v.d, h = m / y.v.w % y.v.h,
        q = m % y.v.w;
    map_four x_next[X_LOADS], y_next[Y_LOADS];
#define LOAD                                                                                       \
    {                                                                                              \
        UNROLL                                                                                     \
        for (int i = 0; i < X_LOADS; i++) {                                                        \
            const int xd = d * g.stride[0] + td[i], xh = h * g.stride[1] + th[i],                  \
                      xw = q * g.stride[2] + tw[i];                                                \
            x_next[i] = 0;                                                                         \
            if (block[i] >= 0 && m < pixels && (uint)xd < (uint)x.v.d && (uint)xh < (uint)x.v.h && \
                (uint)xw < (uint)x.v.w)                                                            \
                x_next[i] = fours_of(x, n, block[i], (xd * x.v.h + xh) * x.v.w + xw, quad);        \
        }                                                                                          \
        UNROLL                                                                                     \
        for (int i = 0; i < Y_LOADS; i++) {                                                        \
            const int b = column + first_slot + i * SIDES;                                         \
            y_next[i] = 0;                                                                         \
            if (b < y_blocks && m < pixels)                                                        \
                y_next[i] = fours_of(y, n, b, (d * y.v.h + h) * y.v.w + q, quad);                  \
        }                                                                                          \
        m += STEP;                                                                                 \
        q += STEP;                                                                                 \
        while (q >= y.v.w) {                                                                       \
            q -= y.v.w;                                                                            \
            if (++h == y.v.h) {                                                                    \
                h = 0;                                                                             \
                if (++d == y.v.d) {                                                                \
                    d = 0;                                                                         \
                    n++;                                                                           \
                }                                                                                  \
            }                                                                                      \
        }                                                                                          \
    }
    if (from < till) LOAD
    for (int step = from; step < till; step++) {
#if MATRIX
        local ushort *xs = x_room[step & 1], *ys = y_room[step & 1];
#define PUT(to, row, v) \
    pixel_put(to + ((first_slot + i * SIDES) * LANES + quad * 4) * PIXEL_ROW + lane, v)
#else
        local float4 *xs = x_room[step & 1], *ys = y_room[step & 1];
#define PUT(to, row, v) to[lane * row + (first_slot + i * SIDES) * 4 + quad] = v
#endif
        UNROLL
        for (int i = 0; i < X_LOADS; i++)
            if (SLOTS % SIDES == 0 || first_slot + i * SIDES < SLOTS)
                PUT(xs, ROW, x_next[i]);
        UNROLL
        for (int i = 0; i < Y_LOADS; i++)
            if (COLUMN_BLOCKS % SIDES == 0 || first_slot + i * SIDES < COLUMN_BLOCKS)
                PUT(ys, Y_ROW, y_next[i]);
        barrier(CLK_LOCAL_MEM_FENCE);
        if (step + 1 < till) LOAD
#if MATRIX
        SUM_MATRIX
#else
        for (int s = 0; s < STEP; s++) {
            float4 a[ROWS], b[QUADS];
            UNROLL
            for (int i = 0; i < ROWS; i++) a[i] = xs[s * ROW + down + i * DOWN];
            UNROLL
            for (int k = 0; k < QUADS; k++) b[k] = ys[s * Y_ROW + side + k * ACROSS];
            UNROLL
            for (int i = 0; i < ROWS; i++)
                UNROLL
                for (int k = 0; k < QUADS; k++) {
                    sum[i][0][k] = fma(a[i].x, b[k], sum[i][0][k]);
                    sum[i][1][k] = fma(a[i].y, b[k], sum[i][1][k]);
                    sum[i][2][k] = fma(a[i].z, b[k], sum[i][2][k]);
                    sum[i][3][k] = fma(a[i].w, b[k], sum[i][3][k]);
                }
        }
#endif
    }

    const size_t weights = (size_t)y_blocks * g.blocks * taps * (LANES * LANES / 4);
#if MATRIX
#define SLOT SLOT_OF
#define SUMS (SLOTS / 2)
#define FOURS COLUMN_BLOCKS
#define FOUR_OF(k) (me % 4 + (k) * 4)
#else
#define SLOT(i) ((down + (i) * DOWN) / 4)
#define SUMS ROWS
#define FOURS QUADS
#define FOUR_OF(k) (side + (k) * ACROSS)
#endif
    UNROLL
    for (int i = 0; i < SUMS; i++) {
        const int slot = slot0 + SLOT(i);
        if (slot >= blocks * taps) continue;
        UNROLL
        for (int k = 0; k < FOURS; k++) {
            const int kb = column + FOUR_OF(k) / 4;
            if (kb >= y_blocks) continue;
            global float4 *to = OPEN(float4, part) + p * weights +
                (((size_t)kb * g.blocks + first + slot / taps) * taps + slot % taps) *
                    (LANES * LANES / 4) +
                FOUR_OF(k) % 4;
#if MATRIX
            to[CHANNEL_OF(i) * (LANES / 4)] = sum[i][k];
#else
            UNROLL
            for (int j = 0; j < 4; j++)
                to[((down + i * DOWN) % 4 * 4 + j) * (LANES / 4)] = sum[i][j][k];
#endif
        }
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Winograd F(4x4, 2x2), backward by weight: 4x4 kernels, stride 2, padding 1 (3D: in every plane)
 * on even grids; also for the reverse transposed convolutions. As in fast_wino_4x4.c, even and odd
 * pixels of x make four problems with 2x2 taps in a plane; all use the same dy. */
#include "kernel/fast_wino4.h"
#include "kernel/fast_wino_w.h"
#include "kernel/kernel_fill.h"

enum { SIDE = 4, STRIDE = 2, FREQS = WINO4_IN * WINO4_IN, TAPS = SIDE * SIDE };

/* A dy A^T */
INLINE void wino_w_4x4_load_half(const float *dy, ptrdiff_t row, float *to, ptrdiff_t step)
{
    vec t[WINO4_IN][WINO4_OUT];
    UNROLL for (int j = 0; j < WINO4_OUT; j++)
    {
        vec y[WINO4_OUT], column[WINO4_IN];
        UNROLL for (int i = 0; i < WINO4_OUT; i++) y[i] = vec_load(dy + i * row + j * LANES);
        wino_a5(y, column);
        UNROLL for (int i = 0; i < WINO4_IN; i++) t[i][j] = column[i];
    }
    UNROLL for (int i = 0; i < WINO4_IN; i++)
    {
        vec line[WINO4_IN];
        wino_a5(t[i], line);
        UNROLL for (int j = 0; j < WINO4_IN; j++)
            vec_store(to + (i * WINO4_IN + j) * step, line[j]);
    }
}

static void load_dy(const float *dy, ptrdiff_t row, float *to, ptrdiff_t step)
{
    for (int half = 0; half < LANES; half += VEC_LANES)
        wino_w_4x4_load_half(dy + half, row, to + half, step);
}

/* dw (+)= G^T u G, for taps (0,0), (0,2), (2,0), (2,2) from dw on. */
INLINE void wino_w_4x4_finish_vector(const float *u, float *dw, bool add)
{
    vec t[WINO4_TAPS][WINO4_IN];
    UNROLL for (int j = 0; j < WINO4_IN; j++)
    {
        vec column[WINO4_IN], g[WINO4_TAPS];
        UNROLL for (int i = 0; i < WINO4_IN; i++) column[i] =
            vec_load(u + (i * WINO4_IN + j) * BLOCK);
        wino_gt5(column, g);
        UNROLL for (int i = 0; i < WINO4_TAPS; i++) t[i][j] = g[i];
    }
    UNROLL for (int i = 0; i < WINO4_TAPS; i++)
    {
        vec g[WINO4_TAPS];
        wino_gt5(t[i], g);
        UNROLL for (int j = 0; j < WINO4_TAPS; j++)
            wino_w_put(dw + (i * SIDE + j) * STRIDE * BLOCK, g[j], TAPS, add);
    }
}

static void finish(const float *u, float *dw, bool add)
{
    for (int h = 0; h < STRIDE; h++)
        for (int w = 0; w < STRIDE; w++, u += FREQS * BLOCK)
            for (int at = 0; at < BLOCK; at += VEC_LANES)
                wino_w_4x4_finish_vector(u + at, dw + (h * SIDE + w) * BLOCK + at, add);
}

static const struct wino_w_scheme scheme = {
    .x = &wino_4x4_down, .dy_freqs = FREQS, .load_dy = load_dy, .finish = finish};

static bool fits(const struct conv *c) { return wino_w_fits(&scheme, c); }
static bool wins(const struct conv *c) { return wino_w_wins(&scheme, c); }
static size_t workspace(const struct conv *c, int threads)
{
    return wino_w_workspace(&scheme, c, threads);
}
static void wino_w_4x4_backward_w(const struct conv *c, void *work, struct pool *pool)
{
    wino_w_run(&scheme, c, work, pool);
}

const struct conv_impl ISA(conv_winograd_4x4_backward_w) = {.name = "winograd",
    .fits = fits,
    .wins = wins,
    .workspace = workspace,
    .run = wino_w_4x4_backward_w};

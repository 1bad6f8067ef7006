/* SPDX-License-Identifier: Apache-2.0 */
/* Winograd F(4x4, 3x3), backward by weight: 3x3 kernels (3D: in every plane), stride 1, padding
 * 1. */
#include "kernel/fast_wino_w.h"
#include "kernel/kernel_fill.h"

enum { FREQS = WINO_IN * WINO_IN, TAPS = WINO_TAPS * WINO_TAPS };

/* A dy A^T */
INLINE void wino_w_3x3_load_half(const float *dy, ptrdiff_t row, float *to, ptrdiff_t step)
{
    vec t[WINO_IN][WINO_OUT];
    UNROLL for (int j = 0; j < WINO_OUT; j++)
    {
        vec y[WINO_OUT], column[WINO_IN];
        UNROLL for (int i = 0; i < WINO_OUT; i++) y[i] = vec_load(dy + i * row + j * LANES);
        wino_a(y, column);
        UNROLL for (int i = 0; i < WINO_IN; i++) t[i][j] = column[i];
    }
    UNROLL for (int i = 0; i < WINO_IN; i++)
    {
        vec line[WINO_IN];
        wino_a(t[i], line);
        UNROLL for (int j = 0; j < WINO_IN; j++) vec_store(to + (i * WINO_IN + j) * step, line[j]);
    }
}

static void load_dy(const float *dy, ptrdiff_t row, float *to, ptrdiff_t step)
{
    for (int half = 0; half < LANES; half += VEC_LANES)
        wino_w_3x3_load_half(dy + half, row, to + half, step);
}

/* dw (+)= G^T u G */
INLINE void wino_w_3x3_finish_vector(const float *u, float *dw, bool add)
{
    vec t[WINO_TAPS][WINO_IN];
    UNROLL for (int j = 0; j < WINO_IN; j++)
    {
        vec column[WINO_IN], g[WINO_TAPS];
        UNROLL for (int i = 0; i < WINO_IN; i++) column[i] =
            vec_load(u + (i * WINO_IN + j) * BLOCK);
        wino_gt(column, g);
        UNROLL for (int i = 0; i < WINO_TAPS; i++) t[i][j] = g[i];
    }
    UNROLL for (int i = 0; i < WINO_TAPS; i++)
    {
        vec g[WINO_TAPS];
        wino_gt(t[i], g);
        UNROLL for (int j = 0; j < WINO_TAPS; j++)
            wino_w_put(dw + (i * WINO_TAPS + j) * BLOCK, g[j], TAPS, add);
    }
}

static void finish(const float *u, float *dw, bool add)
{
    for (int at = 0; at < BLOCK; at += VEC_LANES) wino_w_3x3_finish_vector(u + at, dw + at, add);
}

static const struct wino_w_scheme scheme = {
    .x = &wino_3x3, .dy_freqs = FREQS, .load_dy = load_dy, .finish = finish};

static bool fits(const struct conv *c) { return wino_w_fits(&scheme, c); }
static bool wins(const struct conv *c) { return wino_w_wins(&scheme, c); }
static size_t workspace(const struct conv *c, int threads)
{
    return wino_w_workspace(&scheme, c, threads);
}
static void wino_w_3x3_backward_w(const struct conv *c, void *work, struct pool *pool)
{
    wino_w_run(&scheme, c, work, pool);
}

const struct conv_impl ISA(conv_winograd_backward_w) = {.name = "winograd",
    .fits = fits,
    .wins = wins,
    .workspace = workspace,
    .run = wino_w_3x3_backward_w,
    .loads = true};

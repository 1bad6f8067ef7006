/* SPDX-License-Identifier: Apache-2.0 */
/* Winograd F(4x4, 3x3) for 3x3 kernels (3D: in every plane) with stride 1. */
#include "kernel/fast_wino.h"
#include "kernel/kernel_fill.h"

enum { FREQS = WINO_IN * WINO_IN };

/* V = B^T d B */
INLINE void wino_3x3_load_half(const float *patch, ptrdiff_t row, float *v, ptrdiff_t step)
{
    vec t[WINO_IN][WINO_IN];
    UNROLL for (int j = 0; j < WINO_IN; j++)
    {
        vec d[WINO_IN];
        UNROLL for (int i = 0; i < WINO_IN; i++) d[i] = vec_load(patch + i * row + j * LANES);
        wino_bt(d);
        UNROLL for (int i = 0; i < WINO_IN; i++) t[i][j] = d[i];
    }
    UNROLL for (int i = 0; i < WINO_IN; i++)
    {
        wino_bt(t[i]);
        UNROLL for (int j = 0; j < WINO_IN; j++) vec_store(v + (i * WINO_IN + j) * step, t[i][j]);
    }
}

static void load(const float *patch, ptrdiff_t row, float *v, ptrdiff_t step)
{
    for (int half = 0; half < LANES; half += VEC_LANES)
        wino_3x3_load_half(patch + half, row, v + half, step);
}

/* U = G g G^T */
static void weights(const float *w, int phase, float *u, ptrdiff_t step)
{
    (void)phase;
    for (int at = 0; at < BLOCK; at += VEC_LANES) {
        vec t[WINO_IN][WINO_TAPS];
        UNROLL for (int j = 0; j < WINO_TAPS; j++)
        {
            vec g[WINO_TAPS], column[WINO_IN];
            UNROLL for (int i = 0; i < WINO_TAPS; i++) g[i] =
                vec_load(w + (i * WINO_TAPS + j) * BLOCK + at);
            wino_g(g, column);
            UNROLL for (int i = 0; i < WINO_IN; i++) t[i][j] = column[i];
        }
        UNROLL for (int i = 0; i < WINO_IN; i++)
        {
            vec row[WINO_IN];
            wino_g(t[i], row);
            UNROLL for (int j = 0; j < WINO_IN; j++)
                vec_store(u + (i * WINO_IN + j) * step + at, row[j]);
        }
    }
}

/* y = A^T m A */
INLINE void wino_3x3_store_half(const float *m, ptrdiff_t step, const struct wino_end *end,
    int half, float *y, ptrdiff_t row, ptrdiff_t pixel)
{
    vec t[WINO_OUT][WINO_IN];
    UNROLL for (int j = 0; j < WINO_IN; j++)
    {
        vec column[WINO_IN], out[WINO_OUT];
        UNROLL for (int i = 0; i < WINO_IN; i++) column[i] = vec_load(m + (i * WINO_IN + j) * step);
        wino_at(column, out);
        UNROLL for (int i = 0; i < WINO_OUT; i++) t[i][j] = out[i];
    }
    UNROLL for (int i = 0; i < WINO_OUT; i++)
    {
        vec out[WINO_OUT];
        wino_at(t[i], out);
        wino_put(out, WINO_OUT, end, half, y + i * row, pixel);
    }
}

static void store(const float *m, ptrdiff_t step, const struct wino_end *end, float *y,
    ptrdiff_t row, ptrdiff_t pixel)
{
    for (int half = 0; half < LANES; half += VEC_LANES)
        wino_3x3_store_half(m + half, step, end, half, y + half, row, pixel);
}

const struct wino_scheme wino_3x3 = {.phases = 1,
    .parts = 1,
    .freqs = FREQS,
    .taps = WINO_TAPS * WINO_TAPS,
    .reads = {(1u << WINO_TAPS * WINO_TAPS) - 1},
    .reverse = true,
    .tile = WINO_OUT,
    .patch = WINO_IN,
    .patch_step = WINO_OUT,
    .patch_from = -1,
    .out_step = 1,
    .load = load,
    .weights = weights,
    .store = store};

static bool fits(const struct conv *c)
{
    if (c->map || c->y.lanes != LANES) return false;
    for (int i = 0; i < 3; i++) {
        bool flat = i == 0 && c->kernel[0] == 1;
        if (c->stride[i] != 1 || c->kernel[i] != (flat ? 1 : WINO_TAPS) ||
            c->pad[i] != (flat ? 0 : 1))
            return false;
    }
    for (int i = 0; i < c->nx; i++)
        if (c->x[i].lanes != LANES) return false;
    return true;
}

/* Enough channels, and less work than direct sums: costs of tiles and of transforming weights in
 * multiples of a pixel's, as measured with AVX-512 between two channel blocks. */
static bool wins(const struct conv *c)
{
    enum { LEAST_CHANNELS = 8 };
    const double tile = 7.9, weights = 8.6;
    const struct shape s = c->y.s;
    const double planes = (double)s.n * s.d;
    int channels = 0;
    for (int i = 0; i < c->nx; i++) channels += c->x[i].s.c;
    return min_int(channels, s.c) >= LEAST_CHANNELS &&
        planes * divide_up(s.h, WINO_OUT) * divide_up(s.w, WINO_OUT) * tile + weights <
        planes * s.h * s.w;
}

static size_t wino_3x3_forward_workspace(const struct conv *c, int threads)
{
    return wino_run_workspace(&wino_3x3, c, false, threads);
}
static size_t wino_3x3_backward_workspace(const struct conv *c, int threads)
{
    return wino_run_workspace(&wino_3x3, c, true, threads);
}
static void wino_3x3_forward(const struct conv *c, void *workspace, struct pool *pool)
{
    wino_run(&wino_3x3, c, false, workspace, pool);
}
static void wino_3x3_backward(const struct conv *c, void *workspace, struct pool *pool)
{
    wino_run(&wino_3x3, c, true, workspace, pool);
}

const struct conv_impl ISA(conv_winograd_forward) = {.name = "winograd",
    .fits = fits,
    .workspace = wino_3x3_forward_workspace,
    .run = wino_3x3_forward,
    .wins = wins,
    .loads = true};
const struct conv_impl ISA(conv_winograd_backward_x) = {.name = "winograd",
    .fits = fits,
    .workspace = wino_3x3_backward_workspace,
    .run = wino_3x3_backward,
    .wins = wins};

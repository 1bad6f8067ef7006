/* SPDX-License-Identifier: Apache-2.0 */
/* Winograd F(4x4, 2x2) for 4x4 kernels, stride 2, padding 1 (3D: in every plane) on even grids.
 * Along one axis, with taps w[0..3]: y[o] = x[2o-1] w[0] + x[2o] w[1] + x[2o+1] w[2] + x[2o+2]
 * w[3].
 *
 * - By input (the transposed convolution), the even and odd pixels of x are two filters over y:
 * x[2i] = y[i-1] w[3] + y[i] w[1], x[2i+1] = y[i] w[2] + y[i+1] w[0]: four phases in a plane.
 *
 * - Forward, the odd and even pixels of x meet w[0], w[2] and w[1], w[3]: four parts in a plane
 * with one sum. */
#include "kernel/fast_wino4.h"
#include "kernel/kernel_fill.h"

enum { SIDE = 4, STRIDE = 2, PHASES = STRIDE * STRIDE, FREQS = WINO4_IN * WINO4_IN };
_Static_assert(
    STRIDE *WINO4_IN <= WINO_MOST_PATCH, "a patch of the wino_4x4_forward direction fits");

/* V = B^T d B of a patch with pixels `apart` in both directions. */
INLINE void load_patch(const float *patch, ptrdiff_t row, int step_x, float *v, ptrdiff_t step)
{
    vec t[WINO4_IN][WINO4_IN];
    UNROLL for (int j = 0; j < WINO4_IN; j++)
    {
        vec d[WINO4_IN];
        UNROLL for (int i = 0; i < WINO4_IN; i++) d[i] =
            vec_load(patch + i * step_x * row + j * step_x * LANES);
        wino_bt5(d);
        UNROLL for (int i = 0; i < WINO4_IN; i++) t[i][j] = d[i];
    }
    UNROLL for (int i = 0; i < WINO4_IN; i++)
    {
        wino_bt5(t[i]);
        UNROLL for (int j = 0; j < WINO4_IN; j++) vec_store(v + (i * WINO4_IN + j) * step, t[i][j]);
    }
}

static void load_up(const float *patch, ptrdiff_t row, float *v, ptrdiff_t step)
{
    for (int half = 0; half < LANES; half += VEC_LANES)
        load_patch(patch + half, row, 1, v + half, step);
}

static void load_down(const float *patch, ptrdiff_t row, float *v, ptrdiff_t step)
{
    for (int part = 0; part < PHASES; part++)
        for (int half = 0; half < LANES; half += VEC_LANES)
            load_patch(patch + part / STRIDE * row + part % STRIDE * LANES + half, row, STRIDE,
                v + part * FREQS * step + half, step);
}

/* U = G g G^T of 2x2 taps */
INLINE void turn_taps(vec g[WINO4_TAPS][WINO4_TAPS], float *u, ptrdiff_t step)
{
    vec t[WINO4_IN][WINO4_TAPS];
    UNROLL for (int j = 0; j < WINO4_TAPS; j++)
    {
        vec column[WINO4_IN];
        wino_g5((vec[]){g[0][j], g[1][j]}, column);
        UNROLL for (int i = 0; i < WINO4_IN; i++) t[i][j] = column[i];
    }
    UNROLL for (int i = 0; i < WINO4_IN; i++)
    {
        vec line[WINO4_IN];
        wino_g5(t[i], line);
        UNROLL for (int j = 0; j < WINO4_IN; j++) vec_store(u + (i * WINO4_IN + j) * step, line[j]);
    }
}

/* The taps from (i, j), `apart` in both directions. */
INLINE void turn_block(const float *w, int i, int j, int step_x, float *u, ptrdiff_t step)
{
    w += (i * SIDE + j) * BLOCK;
    for (int at = 0; at < BLOCK; at += VEC_LANES) {
        vec g[WINO4_TAPS][WINO4_TAPS];
        UNROLL for (int t = 0; t < WINO4_TAPS * WINO4_TAPS; t++) g[t / 2][t % 2] =
            vec_load(w + (t / 2 * SIDE + t % 2) * step_x * BLOCK + at);
        turn_taps(g, u + at, step);
    }
}

static void weights_up(const float *w, int phase, float *u, ptrdiff_t step)
{
    turn_block(w, SIDE - 1 - phase / STRIDE, SIDE - 1 - phase % STRIDE, -STRIDE, u, step);
}

static void weights_down(const float *w, int phase, float *u, ptrdiff_t step)
{
    (void)phase;
    for (int part = 0; part < PHASES; part++)
        turn_block(w, part / STRIDE, part % STRIDE, STRIDE, u + part * FREQS * step, step);
}

/* w0, w1 + w2 for even pixels, w0 + w1, w2 for odd ones */
INLINE void two_of_three(vec w0, vec w1, vec w2, const bool odd, vec g[WINO4_TAPS])
{
    g[0] = odd ? vec_add(w0, w1) : w0;
    g[1] = odd ? w2 : vec_add(w1, w2);
}

INLINE void turn_block3(
    const float *w3, const bool odd_row, const bool odd_column, float *u, ptrdiff_t step)
{
    enum { SIDE3 = 3 };
    for (int at = 0; at < BLOCK; at += VEC_LANES) {
        vec rows[SIDE3][WINO4_TAPS], g[WINO4_TAPS][WINO4_TAPS];
        UNROLL for (int i = 0; i < SIDE3; i++)
        {
            const float *row = w3 + i * SIDE3 * BLOCK + at;
            two_of_three(vec_load(row), vec_load(row + BLOCK), vec_load(row + 2 * BLOCK),
                odd_column, rows[i]);
        }
        UNROLL for (int j = 0; j < WINO4_TAPS; j++)
        {
            vec column[WINO4_TAPS];
            two_of_three(rows[0][j], rows[1][j], rows[2][j], odd_row, column);
            UNROLL for (int i = 0; i < WINO4_TAPS; i++) g[i][j] = column[i];
        }
        turn_taps(g, u + at, step);
    }
}

static void weights3_up(const float *w3, int phase, float *u, ptrdiff_t step)
{
    switch (phase) {
    case 0:
        turn_block3(w3, false, false, u, step);
        break;
    case 1:
        turn_block3(w3, false, true, u, step);
        break;
    case 2:
        turn_block3(w3, true, false, u, step);
        break;
    default:
        turn_block3(w3, true, true, u, step);
        break;
    }
}

/* With reversed taps the parts (odd pixels first) equal the phases by input. */
static void weights3_down(const float *w3, int phase, float *u, ptrdiff_t step)
{
    (void)phase;
    for (int part = 0; part < PHASES; part++) weights3_up(w3, part, u + part * FREQS * step, step);
}

/* y = A^T m A */
INLINE void wino_4x4_store_half(const float *m, ptrdiff_t step, const struct wino_end *end,
    int half, float *y, ptrdiff_t row, ptrdiff_t pixel)
{
    vec t[WINO4_OUT][WINO4_IN];
    UNROLL for (int j = 0; j < WINO4_IN; j++)
    {
        vec column[WINO4_IN], out[WINO4_OUT];
        UNROLL for (int i = 0; i < WINO4_IN; i++) column[i] =
            vec_load(m + (i * WINO4_IN + j) * step);
        wino_at5(column, out);
        UNROLL for (int i = 0; i < WINO4_OUT; i++) t[i][j] = out[i];
    }
    UNROLL for (int i = 0; i < WINO4_OUT; i++)
    {
        vec out[WINO4_OUT];
        wino_at5(t[i], out);
        wino_put(out, WINO4_OUT, end, half, y + i * row, pixel);
    }
}

static void store(const float *m, ptrdiff_t step, const struct wino_end *end, float *y,
    ptrdiff_t row, ptrdiff_t pixel)
{
    for (int half = 0; half < LANES; half += VEC_LANES)
        wino_4x4_store_half(m + half, step, end, half, y + half, row, pixel);
}

static const struct wino_scheme up_scheme = {.phases = PHASES,
    .parts = 1,
    .freqs = FREQS,
    .taps = SIDE * SIDE,
    /* odd rows and columns, odd rows and even columns, ... */
    .reads = {0xa0a0, 0x5050, 0x0a0a, 0x0505},
    .tile = WINO4_OUT,
    .patch = WINO4_IN,
    .patch_step = WINO4_OUT,
    .patch_from = -1,
    .out_step = STRIDE,
    .load = load_up,
    .weights = weights_up,
    .weights3 = weights3_up,
    .store = store};

const struct wino_scheme wino_4x4_down = {.phases = 1,
    .parts = PHASES,
    .freqs = FREQS,
    .taps = SIDE * SIDE,
    .tile = WINO4_OUT,
    .patch = STRIDE * WINO4_IN,
    .patch_step = STRIDE * WINO4_OUT,
    .patch_from = -1,
    .out_step = 1,
    .load = load_down,
    .weights = weights_down,
    .weights3 = weights3_down,
    .store = store};

static bool fits(const struct conv *c)
{
    const struct shape y = c->y.s, x = c->x[0].s;
    const int small[3] = {y.d, y.h, y.w}, large[3] = {x.d, x.h, x.w};
    if (c->map || c->y.lanes != LANES) return false;
    for (int i = 0; i < 3; i++) {
        bool flat = i == 0 && c->kernel[0] == 1;
        if (c->kernel[i] != (flat ? 1 : SIDE) || c->stride[i] != (flat ? 1 : STRIDE) ||
            c->pad[i] != (flat ? 0 : 1))
            return false;
        if (large[i] != (flat ? 1 : STRIDE) * small[i]) return false;
    }
    for (int i = 0; i < c->nx; i++)
        if (c->x[i].lanes != LANES) return false;
    return true;
}

/* Whether direct sums take longer. Work for a pair of channel blocks in hundreds of cycles,
 * measured with AVX-512; narrower vectors scale all of it. */
static bool wino_4x4_wins(const struct conv *c, int src, int dst, double result, double direct)
{
    enum { LEAST_CHANNELS = 8 };
    const double product = 9.4, patch = 7,
                 weights = 68; /* of all phases or parts; weights: without the cost of up_expand */
    const struct shape s = c->y.s;
    const double planes = (double)s.n * s.d,
                 tiles = planes * divide_up(s.h, WINO4_OUT) * divide_up(s.w, WINO4_OUT),
                 pixels = planes * s.h * s.w;
    int channels = s.c;
    for (int i = 0; i < c->nx; i++) channels = min_int(channels, c->x[i].s.c);
    return channels >= LEAST_CHANNELS &&
        tiles * (product + patch / dst + result / src) + weights < pixels * direct;
}

static bool forward_wins(const struct conv *c)
{
    return wino_4x4_wins(c, conv_in_blocks(c), conv_out_blocks(c), 3, 1.35);
}
static bool backward_wins(const struct conv *c)
{
    return wino_4x4_wins(c, conv_out_blocks(c), conv_in_blocks(c), 6, 1.7);
}

static size_t wino_4x4_forward_workspace(const struct conv *c, int threads)
{
    return wino_run_workspace(&wino_4x4_down, c, false, threads);
}
static size_t wino_4x4_backward_workspace(const struct conv *c, int threads)
{
    return wino_run_workspace(&up_scheme, c, true, threads);
}
static void wino_4x4_forward(const struct conv *c, void *workspace, struct pool *pool)
{
    wino_run(&wino_4x4_down, c, false, workspace, pool);
}
static void wino_4x4_backward(const struct conv *c, void *workspace, struct pool *pool)
{
    wino_run(&up_scheme, c, true, workspace, pool);
}

const struct conv_impl ISA(conv_winograd_4x4_forward) = {.name = "winograd",
    .fits = fits,
    .workspace = wino_4x4_forward_workspace,
    .run = wino_4x4_forward,
    .reads_w3 = true,
    .wins = forward_wins};
const struct conv_impl ISA(conv_winograd_4x4_backward_x) = {.name = "winograd",
    .fits = fits,
    .workspace = wino_4x4_backward_workspace,
    .run = wino_4x4_backward,
    .reads_w3 = true,
    .wins = backward_wins};

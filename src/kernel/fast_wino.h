/* SPDX-License-Identifier: Apache-2.0 */
/* Winograd's minimal filtering (Lavin and Gray, arXiv 1509.09308).
 *
 * F(4x4, 3x3) has the points 0, 1, -1, 2, -2 and infinity: 36 products instead of 144 give 4x4
 * outputs. With d a 6x6 patch of the source, g a 3x3 filter: y = A^T [ (G g G^T) . (B^T d B) ] A.
 * The sum over source channels moves inside the brackets, a matrix product for each of the 36
 * numbers ("frequencies").
 *
 * The gradient by g transposes the outer transforms: dg = G^T [ (B^T d B) . (A dy A^T) ] G, and the
 * sum over tiles moves inside.
 *
 * The functions below apply those matrices along one axis, to all lanes of a vector. */
#pragma once

#include "kernel/fast_conv.h"
#include "kernel/fast_map.h"

INLINE vec vec_fma_by(float c, vec a, vec b) { return vec_fma(vec_set(c), a, b); } /* c*a + b */

enum { WINO_OUT = 4, WINO_IN = 6, WINO_TAPS = 3 };

/* d = B^T d */
INLINE void wino_bt(vec d[WINO_IN])
{
    vec even = vec_fma_by(-4, d[2], d[4]), odd = vec_fma_by(-4, d[1], d[3]); /* points 1, -1 */
    /* points 2, -2 */
    vec even2 = vec_sub(d[4], d[2]), odd2 = vec_mul(vec_set(2), vec_sub(d[3], d[1]));
    d[0] = vec_fma_by(4, d[0], vec_fma_by(-5, d[2], d[4]));
    d[5] = vec_fma_by(4, d[1], vec_fma_by(-5, d[3], d[5]));
    d[1] = vec_add(even, odd);
    d[2] = vec_sub(even, odd);
    d[3] = vec_add(even2, odd2);
    d[4] = vec_sub(even2, odd2);
}

/* y = A^T m */
INLINE void wino_at(const vec m[WINO_IN], vec y[WINO_OUT])
{
    vec sum = vec_add(m[1], m[2]), diff = vec_sub(m[1], m[2]), sum2 = vec_add(m[3], m[4]),
        diff2 = vec_sub(m[3], m[4]);
    y[0] = vec_add(m[0], vec_add(sum, sum2));
    y[1] = vec_fma_by(2, diff2, diff);
    y[2] = vec_fma_by(4, sum2, sum);
    y[3] = vec_add(m[5], vec_fma_by(8, diff2, diff));
}

/* u = G g */
INLINE void wino_g(const vec g[WINO_TAPS], vec u[WINO_IN])
{
    vec ends = vec_add(g[0], g[2]), wide = vec_fma_by(4, g[2], g[0]), sixth = vec_set(-1.0f / 6),
        part = vec_set(1.0f / 24);
    vec twice = vec_add(g[1], g[1]);
    u[0] = vec_mul(vec_set(0.25f), g[0]);
    u[1] = vec_mul(sixth, vec_add(ends, g[1]));
    u[2] = vec_mul(sixth, vec_sub(ends, g[1]));
    u[3] = vec_mul(part, vec_add(wide, twice));
    u[4] = vec_mul(part, vec_sub(wide, twice));
    u[5] = g[2];
}

/* m = A y: wino_at transposed */
INLINE void wino_a(const vec y[WINO_OUT], vec m[WINO_IN])
{
    vec even = vec_add(y[0], y[2]), odd = vec_add(y[1], y[3]);
    vec even2 = vec_fma_by(4, y[2], y[0]), odd2 = vec_fma_by(8, y[3], vec_add(y[1], y[1]));
    m[0] = y[0];
    m[1] = vec_add(even, odd);
    m[2] = vec_sub(even, odd);
    m[3] = vec_add(even2, odd2);
    m[4] = vec_sub(even2, odd2);
    m[5] = y[3];
}

/* g = G^T u: wino_g transposed */
INLINE void wino_gt(const vec u[WINO_IN], vec g[WINO_TAPS])
{
    vec sum = vec_mul(vec_set(-1.0f / 6), vec_add(u[1], u[2])),
        sum2 = vec_mul(vec_set(1.0f / 24), vec_add(u[3], u[4]));
    vec diff = vec_sub(u[2], u[1]), diff2 = vec_sub(u[3], u[4]);
    g[0] = vec_fma_by(0.25f, u[0], vec_add(sum, sum2));
    g[1] = vec_fma_by(1.0f / 6, diff, vec_mul(vec_set(1.0f / 12), diff2));
    g[2] = vec_add(u[5], vec_fma_by(4, sum2, sum));
}

/* ---- blocks and patches (fast_wino_patch.c) */

/* One block of several concatenated tensors. */
struct wino_block {
    const struct tensor *t;
    int tensor, block; /* which tensor, which block of it */
    int base; /* its number among all blocks, skipped tensors included, as in the weights */
};
#define wino_block_of ISA(wino_block_of)
/* The index'th block of tensors that are not skipped; skip may be NULL. */
struct wino_block wino_block_of(const struct tensor *t, const bool *skip, int index);

enum { WINO_MOST_PATCH = 10 }; /* maximum side of a patch */

/* A plane of one channel block, and its norm; scale NULL: none. */
struct wino_plane {
    const void *p;
    bool half;
    struct shape s;
    const float *scale, *shift;
    enum act act;
};
#define wino_plane_of ISA(wino_plane_of)
#define wino_patch ISA(wino_patch)
/* load: the norm of t, or NULL. */
struct wino_plane wino_plane_of(
    const struct tensor *t, const struct conv_load *load, int n, int d, int block);
/* The square at (h, x), rows *row floats apart: in place, or in `copy` of side*side pixels. */
const float *wino_patch(
    const struct wino_plane *p, int h, int x, int side, float *copy, ptrdiff_t *row);

/* ---- one kernel size and stride; the rest is common */

/* The end of a product: act(scale*z + b), or an addition. */
struct wino_end {
    const float *scale, *b; /* of the block; NULL: 1 and 0 */
    enum act act;
    bool add;
};

INLINE void wino_put(const vec *out, const int count, const struct wino_end *end, int half,
    float *y, ptrdiff_t pixel)
{
    vec scale = end->scale ? vec_load(end->scale + half) : vec_set(1),
        b = end->b ? vec_load(end->b + half) : vec_zero();
    UNROLL for (int j = 0; j < count; j++)
    {
        vec z = vec_fma(out[j], scale, b);
        if (end->act == ACT_RELU)
            z = vec_act(z, ACT_RELU);
        else if (end->act == ACT_LEAKY)
            z = vec_act(z, ACT_LEAKY);
        if (end->add) z = vec_add(z, vec_load(y + j * pixel));
        vec_store(y + j * pixel, z);
    }
}

enum { WINO_PHASES = 4 };

/* Some destination pixels form interleaved grids (phases) in a plane, computed one by one. A source
 * patch gives parts*freqs vectors per block of channels; the product for frequency f sums over
 * parts, source blocks and z taps at part*freqs + f. */
struct wino_scheme {
    int phases, parts, freqs;
    int taps;                    /* in one plane */
    unsigned reads[WINO_PHASES]; /* backward by input: each phase's taps, as bits */
    bool reverse;                /* backward by input reads a plane's taps in reverse */
    int tile;                    /* destination pixels of one phase along h and w */
    /* side of a patch; tile t's begins at t*patch_step + patch_from, in odd phases one later */
    int patch, patch_step, patch_from;
    int out_step; /* pixels between neighbours of a phase */
    /* A patch with rows `row` floats apart, a vector at v + i*step for each i. */
    void (*load)(const float *patch, ptrdiff_t row, float *v, ptrdiff_t step);
    /* Weights of one plane [tap][c][k] between two blocks: [c][k] at u + i*step for the parts*freqs
     * numbers of a phase. */
    void (*weights)(const float *w, int phase, float *u, ptrdiff_t step);
    /* From the 3x3 taps of w3 (kernel.h, up_expand), or NULL. */
    void (*weights3)(const float *w3, int phase, float *u, ptrdiff_t step);
    /* Frequency f of a tile at m + f*step; the tile's first pixel at y. */
    void (*store)(const float *m, ptrdiff_t step, const struct wino_end *end, float *y,
        ptrdiff_t row, ptrdiff_t pixel);
};

#define wino_3x3 ISA(wino_3x3)
#define wino_4x4_down ISA(wino_4x4_down)
extern const struct wino_scheme wino_3x3;      /* stride 1 (fast_wino_3x3.c) */
extern const struct wino_scheme wino_4x4_down; /* stride 2, forward (fast_wino_4x4.c) */

#define wino_run ISA(wino_run)
#define wino_run_workspace ISA(wino_run_workspace)
/* Forward, or backward by input. */
void wino_run(const struct wino_scheme *s, const struct conv *c, bool backward, void *workspace,
    struct pool *pool);
size_t wino_run_workspace(
    const struct wino_scheme *s, const struct conv *c, bool backward, int threads);

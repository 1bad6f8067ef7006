/* SPDX-License-Identifier: Apache-2.0 */
/* Winograd backward by weight for one kernel size and stride (fast_wino_w_3x3.c,
 * fast_wino_w_4x4.c); the rest is fast_wino_w.c. */
#pragma once

#include "kernel/fast_wino.h"

struct wino_w_scheme {
    const struct wino_scheme *x; /* the forward scheme: cuts and transforms x */
    /* Of the transformed dy; number f of x meets number f % dy_freqs. */
    int dy_freqs;
    /* Outputs of one tile with rows `row` floats apart: a vector at to + i*step for each number. */
    void (*load_dy)(const float *dy, ptrdiff_t row, float *to, ptrdiff_t step);
    /* Between two blocks: numbers [c][k] from u on to weights of a plane [tap][c][k], written or
     * added. */
    void (*finish)(const float *u, float *dw, bool add);
};

/* Writes or adds a vector of dw, and fetches its place in the next plane of `taps` taps. */
INLINE void wino_w_put(float *dw, vec v, int taps, bool add)
{
    fetch_to_l1(dw + taps * BLOCK);
    vec_store(dw, add ? vec_add(v, vec_load(dw)) : v);
}

#define wino_w_fits ISA(wino_w_fits)
#define wino_w_wins ISA(wino_w_wins)
#define wino_w_workspace ISA(wino_w_workspace)
#define wino_w_run ISA(wino_w_run)
/* Whether the scheme fits kernel, stride and layout, and is faster than direct convolution. */
bool wino_w_fits(const struct wino_w_scheme *s, const struct conv *c);
bool wino_w_wins(const struct wino_w_scheme *s, const struct conv *c);
size_t wino_w_workspace(const struct wino_w_scheme *s, const struct conv *c, int threads);
void wino_w_run(
    const struct wino_w_scheme *s, const struct conv *c, void *workspace, struct pool *pool);

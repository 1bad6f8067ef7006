/* SPDX-License-Identifier: Apache-2.0 */
/* Winograd F(4, 2) along one axis, for 4x4 kernels with stride 2 (see fast_wino.h). Even and odd
 * pixels meet two taps each: y[i] = d[i] g[0] + d[i+1] g[1]. The points 0, 1, -1, 2 and infinity
 * need 5 products instead of 8. */
#pragma once

#include "kernel/fast_wino.h"

enum { WINO4_OUT = 4, WINO4_IN = 5, WINO4_TAPS = 2 };

/* d = B^T d */
INLINE void wino_bt5(vec d[WINO4_IN])
{
    vec for_2 = vec_sub(d[3], d[1]), past = vec_sub(d[4], d[2]);
    d[0] = vec_fma_by(2, vec_sub(d[0], d[2]), for_2);
    d[4] = vec_fma_by(-2, for_2, past);
    vec sum = vec_add(d[1], d[2]), diff = vec_sub(d[1], d[2]);
    d[1] = vec_sub(for_2, sum);
    d[2] = vec_fma_by(3, diff, for_2);
    d[3] = for_2;
}

/* y = A^T m */
INLINE void wino_at5(const vec m[WINO4_IN], vec y[WINO4_OUT])
{
    vec sum = vec_add(m[1], m[2]), diff = vec_sub(m[1], m[2]);
    y[0] = vec_add(vec_add(m[0], m[3]), sum);
    y[1] = vec_fma_by(2, m[3], diff);
    y[2] = vec_fma_by(4, m[3], sum);
    y[3] = vec_fma_by(8, m[3], vec_add(diff, m[4]));
}

/* u = G g */
INLINE void wino_g5(const vec g[WINO4_TAPS], vec u[WINO4_IN])
{
    vec sixth = vec_set(1.0f / 6);
    u[0] = vec_mul(vec_set(0.5f), g[0]);
    u[1] = vec_mul(vec_set(-0.5f), vec_add(g[0], g[1]));
    u[2] = vec_mul(sixth, vec_sub(g[1], g[0]));
    u[3] = vec_mul(sixth, vec_fma_by(2, g[1], g[0]));
    u[4] = g[1];
}

/* m = A y: wino_at5 transposed */
INLINE void wino_a5(const vec y[WINO4_OUT], vec m[WINO4_IN])
{
    vec even = vec_add(y[0], y[2]), odd = vec_add(y[1], y[3]);
    m[0] = y[0];
    m[1] = vec_add(even, odd);
    m[2] = vec_sub(even, odd);
    m[3] = vec_fma_by(2, vec_fma_by(4, y[3], y[1]), vec_fma_by(4, y[2], y[0]));
    m[4] = y[3];
}

/* g = G^T u: wino_g5 transposed */
INLINE void wino_gt5(const vec u[WINO4_IN], vec g[WINO4_TAPS])
{
    vec half = vec_set(0.5f), sixth = vec_set(1.0f / 6);
    g[0] = vec_fma(half, vec_sub(u[0], u[1]), vec_mul(sixth, vec_sub(u[3], u[2])));
    g[1] = vec_fma(sixth, vec_fma_by(2, u[3], u[2]), vec_fma_by(-0.5f, u[1], u[4]));
}

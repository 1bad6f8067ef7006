/* SPDX-License-Identifier: Apache-2.0 */
/* Winograd convolution, forward and backward by input, for all schemes of fast_wino.h. Transforms
 * source patches (V) and weights (U); M = V U is a matrix product per frequency by the direct
 * convolution's register tile; M is transformed back. In 3D the transforms stay in the plane and
 * the product sums over taps along z. Many tiles with few weights march, few tiles with many
 * weights gather. */
#include "kernel/fast_wino_run.h"

size_t wino_run_workspace(
    const struct wino_scheme *s, const struct conv *c, bool backward, int threads)
{
    struct wino w;
    wino_plan(&w, s, c, backward);
    size_t workers = (size_t)threads;
    return (w.march ? w.u_size + workers * (w.v_size + w.m_size)
                    : w.v_size + workers * (w.u_size + w.m_size)) *
        sizeof(float);
}

void wino_run(const struct wino_scheme *s, const struct conv *c, bool backward, void *workspace,
    struct pool *pool)
{
    struct wino w;
    wino_plan(&w, s, c, backward);
    size_t workers = (size_t)pool_threads(pool);
    if (w.march) {
        w.u = workspace;
        w.v = w.u + w.u_size;
        w.m = w.v + workers * w.v_size;
        wino_march(&w, pool);
    } else {
        w.v = workspace;
        w.u = w.v + w.v_size;
        w.m = w.u + workers * w.u_size;
        wino_gather(&w, pool);
    }
}

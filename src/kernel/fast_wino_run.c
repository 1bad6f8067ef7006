/* SPDX-License-Identifier: Apache-2.0 */
/* Winograd convolution, forward and backward by input, for every scheme of fast_wino.h.
 *
 * Source planes are transformed patch by patch (V), weights block by block (U); M = V U is a
 * product of matrices per frequency, done by the register tile of the direct convolution; its
 * results are transformed back.  In 3D the transforms stay in the plane and the product sums over
 * the taps along z.  Many tiles with few weights march, few tiles with many weights are gathered:
 * each a file of its own, like what they share (fast_wino_parts.c) and the choice between them
 * (fast_wino_plan.c). */
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

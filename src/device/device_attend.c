/* SPDX-License-Identifier: Apache-2.0 */
/* The fused attention gate. */
#include "device/device_kernels.h"

static int attend_blocks(int channels) { return (channels + LANES - 1) / LANES; }

static void attend_layer(struct launch *l, const struct attend_layer *layer, double eps)
{
    launch_args(l, layer->b, layer->gamma, layer->beta, layer->mean, layer->var, eps);
}

static void device_attend_fold(struct attend *a, const struct attend_layer *wx,
    const struct attend_layer *wg, const struct attend_layer *psi, double eps, real *memory,
    struct pool *pool)
{
    (void)pool;
    const struct attend_layer *layer[2] = {wx, wg};
    const int in[2] = {attend_blocks(a->x.s.c), attend_blocks(a->g.s.c)},
              lanes = attend_blocks(a->inter) * LANES;
    a->w = memory;
    a->b = a->w + (size_t)lanes * (size_t)(in[0] + in[1]) * LANES;
    a->psi = a->b + lanes;
    a->c = a->psi + lanes;
    for (int i = 0; i < 2; i++) {
        struct launch l = launch_of("grid", "attend_weights", NULL);
        launch_args(&l, layer[i]->w, a->w, a->b, a->inter, in[i], i ? in[0] : 0, in[0] + in[1]);
        attend_layer(&l, layer[i], eps);
        launch_int(&l, i == 0);
        launch_over(&l, (size_t)lanes * (size_t)in[i] * LANES);
    }
    struct launch l = launch_of("grid", "attend_psi", NULL);
    launch_args(&l, psi->w, a->psi, a->c, a->inter);
    attend_layer(&l, psi, eps);
    launch_over(&l, (size_t)lanes);
}

static void device_attend(const struct attend *a, struct pool *pool)
{
    (void)pool;
    struct launch l = launch_of("grid", "attend", NULL);
    launch_args(&l, &a->x, &a->g, &a->y, &a->map, a->w, a->b, a->psi, a->c, a->inter);
    launch_elements(&l, &a->map);
}

void device_attend_fill(struct kernels *k)
{
    k->attend_fold = device_attend_fold;
    k->attend = device_attend;
}

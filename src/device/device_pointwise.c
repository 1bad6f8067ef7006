/* SPDX-License-Identifier: Apache-2.0 */
/* Pointwise kernels of the device. */
#include "device/device_kernels.h"

static void device_add_act(const struct tensor *a, const struct tensor *b, const struct tensor *y,
    enum act act, struct pool *pool)
{
    (void)pool;
    struct launch l = launch_of("pointwise", "add_act", NULL);
    launch_tensor(&l, a);
    launch_tensor(&l, b);
    launch_tensor(&l, y);
    launch_int(&l, act);
    launch_over(&l, tensor_size(y));
}

void device_pointwise_fill(struct kernels *k) { k->add_act = device_add_act; }

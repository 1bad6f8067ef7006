/* SPDX-License-Identifier: Apache-2.0 */
#include "device/device_kernels.h"

#include <pthread.h>

static const struct kernel_set kernel_set_opencl = {"opencl", 0, NULL};

/* Written once, before any reader. */
static struct kernels table;
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

static void table_fill(void)
{
    table = (struct kernels){.set = &kernel_set_opencl, .memory = &memory_device};
    device_norm_fill(&table);
    device_pointwise_fill(&table);
    device_grid_fill(&table);
    device_attend_fill(&table);
    device_loss_fill(&table);
    device_window_fill(&table);
    device_cldice_fill(&table);
    device_optim_fill(&table);
    device_host_fill(&table);
    device_conv_fill(&table);
}

const struct kernels *device_kernels(void)
{
    if (!device_opened()) return NULL;
    pthread_once(&table_once, table_fill);
    return &table;
}

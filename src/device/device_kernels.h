/* SPDX-License-Identifier: Apache-2.0 */
/* The table of kernels of the opened device: every entry launches kernels of src/device/NAME.cl
 * unless its file says that the host computes it. */
#pragma once

#include "device/device.h"
#include "device/launch.h"
#include "kernel/kernel.h"

/* NULL: no device is open. */
const struct kernels *device_kernels(void);

/* Opens the device called "gpu" (the first GPU), "gpu:N" (from 0) or "opencl:N" (of all,
 * in the order of device_list). ATT_USAGE: another name, or as device_open. */
att_status device_choose(const char *name, const struct kernels **k, struct err *e);
/* What these kernels run on: "cpu", or the opened device's name for device_choose. Returns
 * `name`. */
const char *device_of_kernels(const struct kernels *k, char name[DEVICE_WORD]);
/* Whether the name is one of a device, so not of an instruction set. */
bool device_named(const char *name);

/* Into how many parts sums over n things are divided: by n only. */
static inline size_t device_parts(size_t n)
{
    const size_t parts = (n + 2047) / 2048;
    return parts > 512 ? 512 : parts ? parts : 1;
}

void device_norm_fill(struct kernels *k);
void device_pointwise_fill(struct kernels *k);
void device_grid_fill(struct kernels *k);
void device_attend_fill(struct kernels *k);
void device_loss_fill(struct kernels *k);
void device_window_fill(struct kernels *k);
void device_cldice_fill(struct kernels *k);
void device_optim_fill(struct kernels *k);
void device_host_fill(struct kernels *k);
void device_conv_fill(struct kernels *k);

/* SPDX-License-Identifier: Apache-2.0 */
/* The table of kernels of the opened device. */
#pragma once

#include "device/device.h"
#include "device/launch.h"
#include "kernel/kernel.h"

/* NULL: no device is open. */
const struct kernels *device_kernels(void);

void device_pointwise_fill(struct kernels *k);

/* SPDX-License-Identifier: Apache-2.0 */
/* The device "auto": the first GPU or the processor, whichever convolves faster. The times are kept
 * in the user's cache folder, so that the next run chooses the same without measuring. */
#pragma once

#include "base/host.h"
#include "device/device.h"

/* Of a convolution of 32 channels to 32 in 8x32x32 voxels, with both gradients. */
struct device_times {
    double host, device; /* seconds */
};

/* Whether they were measured with this version of attunet, GPU, driver, processor, instruction set
 * and number of threads. */
bool device_times_kept(const struct device_facts *f, int threads, struct device_times *t);

/* host->kernels are the processor's, and stay so unless a GPU is faster. Says which it chose, and
 * why. A GPU that cannot be used is no error. */
void device_auto(struct host *host);

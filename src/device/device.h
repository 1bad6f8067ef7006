/* SPDX-License-Identifier: Apache-2.0 */
/* An OpenCL device behind the table of kernels and `struct memory`. A process uses one device.
 *
 * Addresses in its memory are reserved on the host but cannot be read there, so arithmetic works
 * and any access by the host ends the process. A launch finds the buffer of an address.
 *
 * After a failure nothing more runs on the device, and what is read from it is not a number:
 * callers ask device_check where they read a loss or a result. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "kernel/buffer.h"

enum { DEVICE_NAME = 128 };

struct device_facts {
    char name[DEVICE_NAME], driver[DEVICE_NAME]; /* of the device; of its driver and platform */
    bool gpu, nvidia;
    bool apart;             /* its memory is its own, not the host's */
    bool usable;            /* runs attunet's kernels */
    bool matrix;            /* multiplies matrices of bfloat16: mma.sync */
    size_t memory, largest; /* bytes: of all, of one buffer */
    size_t local;           /* bytes a work-group shares */
    size_t group;           /* most work-items of a work-group */
};

/* Devices of this machine: GPUs that can be used, other GPUs, the rest. *count: as many as fit into
 * `list`. ATT_USAGE: no OpenCL. */
att_status device_list(struct device_facts *list, int room, int *count, struct err *e);

/* Its name for device_choose: "gpu:0", "opencl:1". Returns `name`. */
enum { DEVICE_WORD = 24 };
const char *device_word(const struct device_facts *f, int index, char name[DEVICE_WORD]);

/* Opens the device at this index of the list, once per process; the same again is fine. ATT_USAGE:
 * no such device, one that cannot run attunet's kernels, or another one is open. */
att_status device_open(int index, struct err *e);
const struct device_facts *device_opened(void); /* NULL: none */

extern const struct memory memory_device; /* of the opened device */

/* Waits for all kernels; ATT_MEMORY or ATT_IO with the first failure since it was opened. */
att_status device_check(struct err *e);

/* For tests: host memory becomes device memory of the same addresses, until device_release gives it
 * back. A GPU gets a copy; a device that is the processor computes in place. */
bool device_adopt(void *at, size_t bytes);
void device_release(void *at);

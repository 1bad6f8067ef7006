/* SPDX-License-Identifier: Apache-2.0 */
/* How a kernel of the opened device runs:
 *
 *     struct launch l = launch_of("pointwise", "add_act", "-DWIDE=4");   // options may be NULL
 *     launch_tensor(&l, a);                // in OpenCL C: TENSOR(a), used as TENSOR_OPEN(a)
 *     launch_at(&l, scale);                // AT(scale), then OPEN(const float, scale)
 *     launch_int(&l, act);                 // int act
 *     launch_run(&l, 2, (size_t[]){n, m}, (size_t[]){64, 1});
 *
 * Arguments come in the order of the kernel's parameters. The kernel "add_act" is in
 * src/device/pointwise.cl, behind src/device/common.cl. A program is built once per file and
 * options, and kept in the user's cache folder. Launches run in their order. An address may be
 * NULL, or lie anywhere in a buffer of memory_device. Any thread may launch. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "kernel/tensor.h"

enum { LAUNCH_ARGS = 48, LAUNCH_BYTES = 64, LAUNCH_OPTIONS = 256 };

struct launch {
    const char *source, *kernel, *options;
    int count;
    struct launch_arg {
        const void *at; /* of memory: two arguments, buffer and offset */
        enum { LAUNCH_AT, LAUNCH_VALUE, LAUNCH_CONSTANT } kind;
        size_t bytes;
        unsigned char value[LAUNCH_BYTES];
    } arg[LAUNCH_ARGS];
};

struct launch launch_of(const char *source, const char *kernel, const char *options);
void launch_at(struct launch *l, const void *at);
void launch_value(struct launch *l, const void *value, size_t bytes); /* a struct of ints, floats */
void launch_int(struct launch *l, int value);
void launch_long(struct launch *l, int64_t value);
void launch_float(struct launch *l, float value);
void launch_double(struct launch *l, double value);
/* A few numbers of the host, the same in most launches: the device keeps a copy. NULL is NULL. They
 * stay as they are until launch_run. */
void launch_constant(struct launch *l, const void *host, size_t bytes);
void launch_tensor(struct launch *l, const struct tensor *t); /* its address and struct view */
/* `local` divides `global`; NULL: the driver chooses. */
void launch_run(struct launch *l, int dims, const size_t *global, const size_t *local);
/* One work-item per number in groups of LAUNCH_GROUP; the kernel stops the ones past the end. */
enum { LAUNCH_GROUP = 128 };
void launch_over(struct launch *l, size_t n);
/* One per number of t, of which the kernel asks element_of. */
void launch_elements(struct launch *l, const struct tensor *t);
/* Work-groups of LAUNCH_GROUP: x times y times z. */
void launch_groups(struct launch *l, size_t x, size_t y, size_t z);

/* For measurements: from now on every launch waits and adds its time by the device's clock; NULL:
 * no longer. */
void launch_measure(double *seconds);

/* Memory for kernels that run in several stages: at least `bytes`, NULL after a failure. Nobody
 * else has it until launch_return; launches before that may use it. */
void *launch_borrow(size_t bytes);
void launch_return(void);

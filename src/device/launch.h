/* SPDX-License-Identifier: Apache-2.0 */
/* How a kernel of the opened device runs:
 *
 *     struct launch l = launch_of("pointwise", "add_act", "-DWIDE=4");   // options may be NULL
 *     launch_args(&l, a, scale, (int)act);
 *     launch_run(&l, 2, (size_t[]){n, m}, (size_t[]){64, 1});
 *
 * Arguments come in the order of the kernel's parameters: tensors (in OpenCL C: TENSOR(a), used as
 * TENSOR_OPEN(a)), addresses (AT(scale), then OPEN(const float, scale)) and numbers. The kernel
 * "add_act" is in src/device/pointwise.cl, behind src/device/common.cl. A program is built once per
 * file and options, and kept in the user's cache folder. Launches run in their order. An address
 * may be NULL, or lie anywhere in a buffer of memory_device. Any thread may launch. */
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
void launch_double(struct launch *l, double value); /* the kernel's parameter is a wide */
/* A few numbers of the host, the same in most launches: the device keeps a copy. NULL is NULL. They
 * stay as they are until launch_run. */
void launch_constant(struct launch *l, const void *host, size_t bytes);
void launch_tensor(struct launch *l, const struct tensor *t); /* its address and struct view */
/* Up to twelve arguments, passed by their types: launch_args(&l, tensor, address, number). */
#define launch_args(...)                                                                           \
    LAUNCH_PICK(__VA_ARGS__, LAUNCH_12, LAUNCH_11, LAUNCH_10, LAUNCH_9, LAUNCH_8, LAUNCH_7,        \
        LAUNCH_6, LAUNCH_5, LAUNCH_4, LAUNCH_3, LAUNCH_2, LAUNCH_1, none)                          \
    (__VA_ARGS__)
#define LAUNCH_PICK(l, a, b, c, d, e, f, g, h, i, j, k, m, pick, ...) pick
#define LAUNCH_1(l, x)                                                                             \
    _Generic((x), const struct tensor *: launch_tensor, struct tensor *: launch_tensor,            \
        int: launch_int, bool: launch_int, int64_t: launch_long, float: launch_float,              \
        double: launch_double, default: launch_at)(l, x)
#define LAUNCH_2(l, x, ...) LAUNCH_1(l, x), LAUNCH_1(l, __VA_ARGS__)
#define LAUNCH_3(l, x, ...) LAUNCH_1(l, x), LAUNCH_2(l, __VA_ARGS__)
#define LAUNCH_4(l, x, ...) LAUNCH_1(l, x), LAUNCH_3(l, __VA_ARGS__)
#define LAUNCH_5(l, x, ...) LAUNCH_1(l, x), LAUNCH_4(l, __VA_ARGS__)
#define LAUNCH_6(l, x, ...) LAUNCH_1(l, x), LAUNCH_5(l, __VA_ARGS__)
#define LAUNCH_7(l, x, ...) LAUNCH_1(l, x), LAUNCH_6(l, __VA_ARGS__)
#define LAUNCH_8(l, x, ...) LAUNCH_1(l, x), LAUNCH_7(l, __VA_ARGS__)
#define LAUNCH_9(l, x, ...) LAUNCH_1(l, x), LAUNCH_8(l, __VA_ARGS__)
#define LAUNCH_10(l, x, ...) LAUNCH_1(l, x), LAUNCH_9(l, __VA_ARGS__)
#define LAUNCH_11(l, x, ...) LAUNCH_1(l, x), LAUNCH_10(l, __VA_ARGS__)
#define LAUNCH_12(l, x, ...) LAUNCH_1(l, x), LAUNCH_11(l, __VA_ARGS__)
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

/* Kernels keep sums as two floats, for devices without double (wide in common.cl), in the place of
 * a double: the host's copies become such numbers, or doubles again. */
void wide_pack(double *numbers, size_t n);
void wide_unpack(double *numbers, size_t n);

/* Memory for kernels that run in several stages: at least `bytes`, NULL after a failure. Nobody
 * else has it until launch_return; launches before that may use it. */
void *launch_borrow(size_t bytes);
void launch_return(void);

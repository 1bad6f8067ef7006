/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters and running statistics of a network by their names in files, in one block. Several
 * graphs may share a set (training, validation, prediction at another size). Convolution weights
 * are packed (kernel/conv.h); others are per-channel vectors, zero-padded to whole blocks. Files
 * use torch's order. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "kernel/buffer.h"
#include "kernel/conv.h"

enum param_kind {
    PARAM_CONV,   /* packed weights of a convolution */
    PARAM_VECTOR, /* bias, norm scale and shift */
    STATE_VECTOR, /* running mean and variance; not trained */
    STATE_COUNT /* num_batches_tracked: an integer in files, two numbers in memory (count_read()) */
};

enum init_kind {
    INIT_CONSTANT, /* `value` */
    INIT_KAIMING,  /* normal, deviation sqrt(2 / fan_in) (He et al. 2015) */
};

struct param {
    const char *name; /* owned by the set */
    enum param_kind kind;
    int dims, shape[5];                    /* torch's shape */
    int k, nx, channels[CONV_MAX_X], taps; /* PARAM_CONV: the packing */
    size_t size;                           /* elements in memory, with padding */
    size_t count;                          /* elements in files */
    size_t offset;                         /* in params.data (trainable) or params.state */
    enum init_kind init;
    float value;
    bool frozen; /* not updated; set it before a training graph is built */
};

struct params {
    struct param *list;
    int count;
    size_t size, state_size; /* elements */
    struct buffer numbers;   /* in the memory that params_init sets, or its user */
    real *data, *state;      /* in `numbers`, for kernels */
};

void params_init(struct params *p);
void params_free(struct params *p);

/* The index of parameter `name`. Adds it, or checks its shape if it exists. */
att_status params_add(struct params *p, const struct param *wanted, int *index, struct err *e);
int params_find(const struct params *p, const char *name); /* -1: absent */
bool param_trains(const struct param *p);
bool param_same_shape(const struct param *a, const struct param *b); /* in files and in memory */

att_status params_allocate(struct params *p, struct err *e);
/* To this memory, with their numbers; nothing happens where they are there. */
att_status params_move(struct params *p, const struct memory *to, struct err *e);
/* Initial values; each depends on the seed and the parameter's name only. */
void params_initialise(struct params *p, uint64_t seed);
real *params_address(const struct params *p, int index); /* for kernels */
/* For the host: a parameter, or `count` numbers of a block with the set's layout in the same
 * memory. Valid until the set is unmapped, such as by a run. */
real *params_at(const struct params *p, int index);
real *params_map(const struct params *p, const real *at, size_t count);

/* Between torch's order (count numbers) and memory, for any block laid out like params.data
 * (gradients, moments). Not for STATE_COUNT: see count_read and count_write (kernel/small.h). */
void params_import(const struct param *p, const real *values, real *memory);
void params_export(const struct param *p, const real *memory, real *values);
int64_t params_trainable(const struct params *p); /* trained numbers, as torch counts them */

/* SPDX-License-Identifier: Apache-2.0 */
/* The trainable parameters and the running statistics of a network, by their circulating names, in
 * one block of memory.
 *
 * A parameter set may be shared by several graphs (training, validation, prediction at another
 * size).  A convolution's weights live in the packed order of kernel/conv.h; everything else is a
 * per-channel vector, padded with zeros to whole blocks.  The file order is torch's. */
#ifndef GRAPH_PARAMS_H
#define GRAPH_PARAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "kernel/buffer.h"
#include "kernel/conv.h"

enum param_kind {
    PARAM_CONV,   /* weights of a convolution, packed */
    PARAM_VECTOR, /* bias, norm scale and shift */
    STATE_VECTOR, /* running mean and variance: not trained */
    STATE_COUNT /* num_batches_tracked: an integer in files; in memory two numbers, see count_read()
                 */
};

/* How a parameter begins. */
enum init_kind {
    INIT_CONSTANT, /* value */
    INIT_KAIMING,  /* normal, standard deviation sqrt(2 / fan_in) (He et al. 2015) */
};

struct param {
    const char *name; /* a set's own copy */
    enum param_kind kind;
    int dims, shape[5];                    /* torch's shape */
    int k, nx, channels[CONV_MAX_X], taps; /* PARAM_CONV: the packing */
    size_t size;                           /* elements in memory, pads included */
    size_t count;                          /* elements in files */
    size_t offset;                         /* into params.data (trainable) or params.state */
    enum init_kind init;
    float value;
    bool frozen; /* keeps its numbers in a graph that trains: set before that is built */
};

struct params {
    struct param *list;
    int count;
    size_t size, state_size; /* elements */
    struct buffer numbers;   /* of the memory that params_init names, or its user */
    real *data, *state;      /* in it, by params_allocate: for kernels */
};

void params_init(struct params *p);
void params_free(struct params *p);

/* The index of the parameter called `name`; made when it is new, checked for the same shape when it
 * is not. */
att_status params_add(struct params *p, const struct param *wanted, int *index, struct err *e);
int params_find(const struct params *p, const char *name); /* -1 when absent */
bool param_trains(const struct param *p);
bool param_same_shape(const struct param *a, const struct param *b); /* in files and in memory */

att_status params_allocate(struct params *p, struct err *e);
/* Fills everything from the seed: a parameter's numbers depend on the seed and its name only. */
void params_initialise(struct params *p, uint64_t seed);
real *params_address(const struct params *p, int index); /* for kernels */
/* Where the host reads and writes a parameter, and `count` numbers of a block that is laid out like
 * the set and lies in the same memory: until the set is claimed, as a run over it does. */
real *params_at(const struct params *p, int index);
real *params_map(const struct params *p, const real *at, size_t count);

/* Between torch's order (count numbers) and memory. `from` may be any block laid out like
 * params.data (gradients, moments). Not of a STATE_COUNT, which has count_read and count_write
 * (kernel/small.h). */
void params_import(const struct param *p, const real *values, real *memory);
void params_export(const struct param *p, const real *memory, real *values);
int64_t params_trainable(
    const struct params *p); /* how many numbers are trained, as torch counts */

#endif

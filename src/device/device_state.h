/* SPDX-License-Identifier: Apache-2.0 */
/* The opened device, for the files of this room. */
#pragma once

#include <pthread.h>

#include "device/device.h"
#include "device/opencl.h"

/* Host addresses that stand for a buffer. */
struct device_range {
    unsigned char *at;
    size_t bytes;
    cl_handle buffer;
    bool adopted; /* the host's own memory */
};

/* A piece of a buffer that the host sees as `copy`. */
struct device_mapping {
    unsigned char *at;
    size_t bytes;
    void *copy;
};

struct device_built {
    const char *source;
    char *options;
    cl_handle program;
};

struct device_kernel {
    int built;
    const char *name;
    cl_handle kernel;
};

/* Numbers that launch_constant passed, and their buffer. */
struct device_constant {
    void *copy;
    size_t bytes;
    cl_handle buffer;
};
enum { DEVICE_CONSTANTS = 64 };

struct device {
    struct opencl cl;
    struct device_facts facts;
    int index; /* of the list */
    cl_handle id, context, queue;
    struct device_range *range;
    size_t ranges, range_room;
    struct device_mapping *mapping;
    size_t mappings, mapping_room;
    struct device_built *built;
    size_t builts, built_room;
    struct device_kernel *kernel;
    size_t kernels, kernel_room;
    struct device_constant constant[DEVICE_CONSTANTS];
    unsigned constants; /* so far: the oldest gives way */
    struct err failure; /* the first */
    double *seconds;    /* launch_measure */
    bool keeps;         /* binaries of programs, in the user's cache folder */
};

/* Locked until device_unlock; NULL: none is open, nothing is locked. */
struct device *device_lock(void);
void device_unlock(void);

/* Keeps the first failure. */
void device_fail(struct device *d, att_status status, const char *what, int32_t answer);
static inline bool device_failed(const struct device *d) { return d->failure.status != ATT_OK; }

/* A compiler that changes arithmetic, so that wide numbers lose digits, is a failure. */
void device_check_wide(void);

/* The buffer with this address, or NULL. */
const struct device_range *device_range_of(const struct device *d, const void *at);

/* The program of a source with these options; -1: failed. Built, or read from the cache. */
int device_program(struct device *d, const char *source, const char *options);

/* Sources, made by cmake/embed.cmake from src/device/NAME.cl. "common" stands before all others. */
struct device_source {
    const char *name;
    const unsigned char *text;
    size_t bytes;
};
extern const struct device_source device_sources[]; /* ends with a NULL name */

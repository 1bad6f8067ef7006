/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of a run, and `max-memory`. */
#pragma once

#include "train/training.h"

/* The network's buffers within a limit on the whole process. */
struct run_memory {
    double limit;       /* bytes; 0: none */
    double others;      /* estimate: later allocations other than the buffers */
    double without;     /* estimate: the same while the buffers are released */
    double past;        /* earlier peak, measured or estimated; 0: resident_peak */
    double on_device;   /* of a device: later allocations there */
    const char *advice; /* for the error: what helps; NULL: a smaller network */
    double peak;        /* set by run_memory_create: maximum of the process */
};

/* Plans and allocates the run within the limit, with recomputation if needed. Call it last, since
 * it measures the process. ATT_MEMORY names the smallest sufficient limit. */
att_status run_memory_create(struct run_memory *m, const struct graph *g, const struct kernels *k,
    struct pool *pool, const char *conv, struct run *r, struct err *e);

/* The same for a training, with log messages. */
att_status training_plan_memory(struct training *t, struct err *e);
double training_cases_bytes(const struct training *t); /* of loaded cases */
/* Under a limit, returns the maps' memory to the system until the next step. */
void training_release_maps(struct training *t);

/* SPDX-License-Identifier: Apache-2.0 */
/* What a run takes of the machine's memory, and --max-memory. */
#pragma once

#include "train/training.h"

/* The network's buffers within a limit on the whole process. */
struct run_memory {
    double limit;   /* bytes; 0: none */
    double others;  /* estimate: what the process will hold beside the buffers, and does not yet */
    double without; /* estimate: the same while there are no buffers */
    double past;    /* what the process held, or would have held, earlier; 0: resident_peak */
    const char *advice; /* what else would help, for the refusal; NULL: a smaller network */
    double peak;        /* after run_memory_create: what it will hold at most */
};

/* Plans and allocates the run so that the limit is kept; steps are repeated where that is needed.
 * Call it last: what the process holds by then is taken as it is.  ATT_MEMORY with the smallest
 * limit that would do. */
att_status run_memory_create(struct run_memory *m, const struct graph *g, const struct kernels *k,
    struct pool *pool, const char *conv, struct run *r, struct err *e);

/* After all else of a run is ready: plans the network's maps so that the whole process keeps the
 * limit, allocates them, and says what will be used.  ATT_MEMORY with the smallest limit that would
 * do. */
att_status training_plan_memory(struct training *t, struct err *e);
double training_cases_bytes(const struct training *t); /* those that are there */
/* Before something else than a step: under a limit the maps go back to the system until the next
 * step. */
void training_remaining(struct training *t);

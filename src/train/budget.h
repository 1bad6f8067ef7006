/* SPDX-License-Identifier: Apache-2.0 */
/* A limit on the memory of the whole process (--max-memory): what is left of it for a network's
 * maps, and whether that is enough. */
#ifndef TRAIN_BUDGET_H
#define TRAIN_BUDGET_H

#include "graph/run.h"

struct budget {
    double limit;  /* bytes; 0: none */
    double beside; /* of what the process will hold at the same time as the maps, what it does not
                      hold yet */
    double before; /* the same of what it will hold when there are no maps */
    double past; /* what the whole process held at one time before, or would have held; 0: only what
                    it did hold */
    const char *instead; /* what else would help, for the refusal; NULL: a smaller network */
    double total;        /* after budget_run: what it will hold at most */
};

/* Plans and allocates the run so that the limit is kept, with steps that are repeated where that is
 * needed.  Call it last: what the process holds by then is taken as it is.  ATT_MEMORY with the
 * smallest limit that would do if this one is too small. */
att_status budget_run(struct budget *b, const struct graph *g, const struct kernels *k,
    struct pool *pool, const char *conv, struct run *r, struct err *e);

#endif

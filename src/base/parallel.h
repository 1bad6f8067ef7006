/* SPDX-License-Identifier: Apache-2.0 */
/* Work on many things, such as cases that are read from files, several at a time.  Progress is
 * shown; a stop, and the first failure in the order of the things, is the end. */
#ifndef BASE_PARALLEL_H
#define BASE_PARALLEL_H

#include "base/host.h"
#include "base/pool.h"
#include "base/status.h"

struct several {
    int count;
    int together;      /* at a time; 1: one after the other, by the thread that calls */
    const char *doing; /* "looking at the labels": for progress, and "stopped while looking at the
                          labels" */
    void (*one)(void *arg, int index, struct err *e); /* in any thread; a failure goes to `e` */
    att_status (*then)(void *arg, int index,
        struct err *e); /* after it, in order, by the thread that calls; NULL: nothing */
    void *arg;
    /* About what a thing takes while it is worked on; NULL: little.  As many go together as fit
     * into a quarter of the memory that there is, and one where none does. */
    double (*bytes)(void *arg, int index);
};

att_status parallel_run(
    const struct several *s, struct pool *pool, struct host *host, struct err *e);

#endif

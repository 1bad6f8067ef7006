/* SPDX-License-Identifier: Apache-2.0 */
/* Runs work on many items, such as cases, several at a time. Reports progress; ends at a stop or
 * the first failure in item order. */
#pragma once

#include "base/host.h"
#include "base/pool.h"
#include "base/status.h"

struct several {
    int count;
    int together;      /* at a time; 1: on the calling thread */
    const char *doing; /* such as "reading labels"; also in "stopped while reading labels" */
    void (*one)(void *arg, int index, struct err *e); /* on any thread */
    att_status (*then)(
        void *arg, int index, struct err *e); /* then in order on the calling thread; may be NULL */
    void *arg;
    /* Bytes that an item takes at work, or NULL. Items at work together fit into a quarter of the
     * memory, but at least one runs, and within a limit (host.limit) just one. */
    double (*bytes)(void *arg, int index);
};

att_status parallel_run(
    const struct several *s, struct pool *pool, struct host *host, struct err *e);

/* SPDX-License-Identifier: Apache-2.0 */
/* Counters in the text format of Prometheus. */
#pragma once

#include <stdint.h>

#include "bytes.h"

struct metrics;
struct metrics *metrics_create(void); /* NULL: no memory */
void metrics_free(struct metrics *m);
/* A request that ended.  route: a constant text.  queued: seconds that it waited, < 0: it ran no
 * model; then voxels of its image. */
struct metrics_request {
    const char *route;
    int status;
    double seconds, queued;
    uint64_t in, out, voxels;
};
void metrics_count(struct metrics *m, const struct metrics_request *r);
void metrics_write(struct metrics *m, int waiting, int running, struct text *t);

/* SPDX-License-Identifier: Apache-2.0 */
/* Read ahead the sources of the next steps' patches from packed cases, on a separate thread.
 * Patches depend on seed and step, so they are known in advance. */
#pragma once

#include "feed/sampler_draw.h"

struct prefetch;

/* After s's tables are made; s must not change meanwhile. Allocates everything; the thread starts
 * with the first batch. */
att_status prefetch_create(const struct sampler *s, struct prefetch **out, struct err *e);
void prefetch_destroy(struct prefetch *f); /* NULL is fine */

/* Wait for a step's patches: source, part, origin and changes of jobs[batch], in memory until
 * prefetch_done. */
att_status prefetch_take(struct prefetch *f, int64_t step, struct augment_job *jobs, struct err *e);
void prefetch_done(struct prefetch *f);

/* Amount read, seconds waited in prefetch_take, and maximum memory. */
struct prefetch_report {
    int64_t patches, bytes;
    double waited;
    size_t memory;
};
void prefetch_report_fill(struct prefetch *f, struct prefetch_report *r);

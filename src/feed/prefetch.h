/* SPDX-License-Identifier: Apache-2.0 */
/* Reading ahead: what the patches of the next steps are made from comes out of packed cases on a
 * thread of its own.  Which patches those are is a function of seed and step, so they can be known
 * before their steps. */
#ifndef FEED_PREFETCH_H
#define FEED_PREFETCH_H

#include "feed/sampler_draw.h"

struct prefetch;

/* After s's tables are made; s stays as it is for as long as this lives.  All memory is taken here,
 * the thread begins with the first batch that is asked for. */
att_status prefetch_create(const struct sampler *s, struct prefetch **out, struct err *e);
void prefetch_destroy(struct prefetch *f); /* NULL is fine */

/* Waits for a step's patches: source, part, origin and changes of jobs[batch].  They are in memory
 * until prefetch_done. */
att_status prefetch_take(struct prefetch *f, int64_t step, struct augment_job *jobs, struct err *e);
void prefetch_done(struct prefetch *f);

/* What was read so far, how long prefetch_take has waited, and what memory is held at most. */
struct prefetch_report {
    int64_t patches, bytes;
    double waited;
    size_t memory;
};
void prefetch_tell(struct prefetch *f, struct prefetch_report *r);

#endif

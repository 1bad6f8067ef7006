/* SPDX-License-Identifier: Apache-2.0 */
/* Which patches a step takes and what happens to them, a function of (seed, step) alone; for
 * sampler.c, which makes the tables that this reads, and for prefetch.c, which reads what they are
 * made from ahead. */
#ifndef FEED_SAMPLER_DRAW_H
#define FEED_SAMPLER_DRAW_H

#include "base/pool.h"
#include "dataset/pack.h"
#include "feed/prepared.h"
#include "image/augment.h"

/* A place that the caller chooses: a case, and the patch's first voxel. A case of -1 leaves the
 * choice to the sampler. */
struct sampler_spot {
    int chosen, origin[3];
};

/* Settings of a run's patches, and what sampler_begin makes of them. */
struct sampler {
    const struct prepared *cases;
    int count, classes;
    /* Where cases are read ahead instead of being in memory: case i is pack->cases[list[i]], and
     * cases[i] has no voxels and no places; its `first` only tells which classes it has.  NULL: all
     * is in memory. */
    const struct pack *pack;
    const int *list;
    int patch[3], batch;
    /* Share of patches centred on foreground: of a class that is drawn first, all that occur in the
     * set being equally likely; then of a case that has it; then, half of the time each, on any
     * voxel of the class or of any of its components, large or small.  The other patches are those
     * of any case, anywhere: background, too; where a case has voxels that are ignored, on any that
     * is not. */
    double foreground;
    uint64_t seed;
    int dims;
    struct augment_options augment; /* but for `through` and `spacing`, which are each case's */
    struct pool *pool;
    const struct sampler_spot *spots; /* [batch] where patches are to lie, or NULL */

    /* made by sampler_begin */
    int present[LABELLING_MAX], npresent; /* classes that some case has */
    int *having,
        first[LABELLING_MAX +
            1]; /* class c is in the cases having[first[c]] .. having[first[c+1]-1] */
    struct augment_work *work;
    struct augment_job *jobs;
    struct prefetch *ahead; /* of packed cases */
};

/* Where the patch `index` of a step lies: which case, and the patch's first voxel, which is
 * negative when the case is smaller. `spots` do not count here. */
int sampler_place(const struct sampler *s, int64_t step, int index, int origin[3]);
/* The same in two steps: the case, with the class that the patch is centred on (-1: any place);
 * then where in it, with its places. */
int sampler_choose(const struct sampler *s, int64_t step, int index, struct rng *r, int *class);
void sampler_origin(
    const struct sampler *s, const struct prepared *p, int class, struct rng *r, int origin[3]);
/* What happens to it, when it lies in this case. */
void sampler_changes(
    const struct sampler *s, const struct prepared *p, int64_t step, int index, struct augment *a);

#endif

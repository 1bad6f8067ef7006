/* SPDX-License-Identifier: Apache-2.0 */
/* Patches of a step and their changes, from (seed, step) alone; for sampler.c, which makes the
 * tables, and prefetch.c. */
#pragma once

#include "base/pool.h"
#include "dataset/pack.h"
#include "feed/prepared.h"
#include "image/augment.h"

/* A position chosen by the caller: a case, and the patch's first voxel. Case -1: the sampler
 * chooses. */
struct sampler_position {
    int chosen, origin[3];
};

/* Settings of a run's patches, and tables by sampler_begin. */
struct sampler {
    const struct prepared *cases;
    int count, classes;
    /* For cases read ahead: case i is pack->cases[list[i]]; cases[i] has no voxels or places, and
     * `first` only shows its classes. NULL: all in memory. */
    const struct pack *pack;
    const int *list;
    int patch[3], batch;
    /* Of the batch of a team (base/team.h), this rank draws `pass` successive patches of each
     * pass * ranks. 0: all. */
    int rank, ranks, pass;
    /* Share of patches centred on foreground: draw a class, all equally likely; a case with it;
     * then, half the time each, any of its voxels or of any component's. Other patches are anywhere
     * in any case, or on any labelled voxel of cases with ignored ones. */
    double foreground;
    uint64_t seed;
    int dims;
    struct augment_options augment; /* except `through` and `spacing`, which are each case's */
    struct pool *pool;
    const struct sampler_position *positions; /* [batch] positions, or NULL */

    /* made by sampler_begin */
    int present[LABELLING_MAX], npresent; /* classes in some case */
    int *having,
        first[LABELLING_MAX + 1]; /* class c is in cases having[first[c]] .. having[first[c+1]-1] */
    struct augment_work *work;
    struct augment_job *jobs;
    struct prefetch *ahead; /* for packed cases */
};

/* The index in a step's batch of a patch that this rank draws. */
static inline int sampler_index(const struct sampler *s, int own)
{
    return s->ranks ? (own / s->pass * s->ranks + s->rank) * s->pass + own % s->pass : own;
}
/* Position of patch `index` of a step: its case, and its first voxel, negative if the case is
 * smaller. Ignores `positions`. */
int sampler_place(const struct sampler *s, int64_t step, int index, int origin[3]);
/* The same in two steps: the case, with the class to centre on (-1: anywhere); then the position,
 * with its places. */
int sampler_choose(const struct sampler *s, int64_t step, int index, struct rng *r, int *class);
void sampler_origin(
    const struct sampler *s, const struct prepared *p, int class, struct rng *r, int origin[3]);
/* Its changes if it is in this case. */
void sampler_changes(
    const struct sampler *s, const struct prepared *p, int64_t step, int index, struct augment *a);

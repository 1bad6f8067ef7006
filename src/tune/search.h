/* SPDX-License-Identifier: Apache-2.0 */
/* A search: which point is trained how far next.  It is asked for a job, and told the result; so
 * whatever has a number for a point at a rung can be searched: trainings (tune.c), or recorded ones
 * (bench/tune).  What it asks for is a function of its settings and of what it was told, so a
 * search that is told the same again goes on as if it had never stopped. */
#ifndef TUNE_SEARCH_H
#define TUNE_SEARCH_H

#include "tune/asha.h"

struct search_settings {
    const struct space *space;
    uint64_t seed;
    bool random;    /* every proposal is random, not only those of the start */
    int start;      /* so many proposals are a Latin hypercube (propose.h); 1 to SEARCH_START */
    int eta, rungs; /* asha.h; eta from 2, rungs 1 to ASHA_RUNGS */
    int max;        /* trials at most; 0: any number */
};
enum { SEARCH_START = 64, SEARCH_START_USUAL = 10, SEARCH_TRIALS = 100000 };

struct search {
    struct search_settings settings;
    struct trial *trial;
    int count;
    bool exhausted; /* every point of the space is a trial, as search_ask found */
};

struct search_job {
    int trial, rung; /* rung 0: the trial is new */
};

void search_begin(struct search *s, const struct search_settings *settings);
void search_free(struct search *s);

/* The next job; a new trial is added to `trial` with its point, which no other trial has unless the
 * space has real numbers and hardly any other values.  *job.trial is -1 when there is nothing left
 * to do.  Every job is told before the next is asked for. */
att_status search_ask(struct search *s, struct search_job *job, struct err *e);
/* The same without choosing: a trial that was chosen before. */
att_status search_add(struct search *s, const double *x, struct err *e);
void search_tell(struct search *s, struct search_job job, double value);
void search_fail(struct search *s,
    struct search_job job); /* the point cannot be trained so far: it counts as the worst */

void search_bar(struct search *s, int trial); /* it failed as the best: it is never that again */

/* The trial whose newest result is the best of all; of equal ones the one that got further, then
 * the earlier.  One that failed after it had a result only where no other has one, one that is
 * barred never.  -1: none has a result. */
int search_best(const struct search *s);
double search_value(const struct trial *t); /* the newest result; NaN: there is none */

#endif

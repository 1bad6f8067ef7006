/* SPDX-License-Identifier: Apache-2.0 */
/* A search: which point to train how far next, as jobs and their results. Any source of results can
 * be searched: training (tune.c) or recorded curves (bench/tune). Jobs depend only on settings and
 * results, so replaying results resumes a search exactly. */
#pragma once

#include "tune/asha.h"

struct search_settings {
    const struct space *space;
    uint64_t seed;
    bool random;    /* every proposal is random, not only the first ones */
    int start;      /* proposals from a Latin hypercube (propose.h); 1 to SEARCH_START */
    int eta, rungs; /* asha.h; eta from 2, rungs 1 to ASHA_RUNGS */
    int max;        /* maximum number of trials; 0: any */
};
enum { SEARCH_START = 64, SEARCH_START_DEFAULT = 10, SEARCH_TRIALS = 100000 };

struct search {
    struct search_settings settings;
    struct trial *trial;
    int count;
    bool exhausted; /* search_ask found every point of the space tried */
};

struct search_job {
    int trial, rung; /* rung 0: the trial is new */
};

void search_begin(struct search *s, const struct search_settings *settings);
void search_free(struct search *s);

/* The next job. A new trial is added with a new point (unless a space with real numbers has hardly
 * any values). *job.trial is -1 at the end. Report each job's result before asking again. */
att_status search_ask(struct search *s, struct search_job *job, struct err *e);
/* The same without choosing: a trial chosen before. */
att_status search_add(struct search *s, const double *x, struct err *e);
void search_add_result(struct search *s, struct search_job job, double value);
/* the point cannot be trained: it ranks worst */
void search_fail(struct search *s, struct search_job job);

void search_exclude(
    struct search *s, int trial); /* it failed as the best and cannot be chosen again */

/* The trial with the best newest result; among equals the one at the higher rung, then the earlier.
 * A failed one counts only if no other has a result, a barred one never. -1: none. */
int search_best(const struct search *s);
double search_value(const struct trial *t); /* the newest result; NaN: none */

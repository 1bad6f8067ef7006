/* SPDX-License-Identifier: Apache-2.0 */
/* A search: its settings, the journal's lines and the state so far. */
#pragma once

#include "files/lease.h"
#include "model/run_files.h"
#include "train/train_context.h"
#include "tune/search.h"
#include "tune/space_read.h"

/* Files of OUT: the final training cases, and cases of the score, which no trial sees. */
#define TUNE_TRAIN "train.txt"
#define TUNE_VAL "validate.txt"
/* Parts of the former: training cases of trials, and cases to compare trials. */
#define TUNE_INNER_TRAIN "trials_train.txt"
#define TUNE_INNER_VAL "trials_validate.txt"

enum {
    TUNE_ARMS = 64,           /* as in compare.c */
    TUNE_MIN_STEPS = 20,      /* minimum of a meaningful trial */
    TUNE_DEFAULT_TRIALS = 40, /* trials to the first rung in a search's time */
    TUNE_MAX_RUNG = 120       /* seconds, by default */
};

/* A job that was chosen. */
struct tuning_job {
    struct search_job job;
    enum { JOB_OPEN, JOB_DONE, JOB_FAILED } state;
    double value; /* of its result */
    double seconds;
    bool cut;
    struct lease_watch watch;
};

struct tuning {
    const struct train_context *c;
    const char *out;
    struct options options; /* of `tune`, from this call or the search's begin */
    struct options train;   /* of `train`: its table */
    char *dataset, *journal;
    json_t *lines;                 /* of the journal */
    struct tune_settings settings; /* searched and fixed settings */
    /* {option: true} of options from a plan; the search space overrides them */
    json_t *from_plan;
    /* no search space given: what `train` would choose (tune_settings_add_defaults); else NULL */
    json_t *train_defaults;
    json_t *plan; /* {option: text}: patch, batch, grid, shared by all trials */
    int cases[4]; /* final training and validation; training and validation in trials */
    uint64_t seed;
    double budget;       /* seconds in total; 0: count trials */
    double final_share;  /* its part for the last run */
    double rung_seconds; /* training time to rung 0; 0: use rung_steps */
    int64_t rung_steps, final_steps;
    int eta, rungs;
    int trials; /* maximum; 0: any */
    int repeat; /* runs per combination (repeat.h); 0: a search */
    bool random;
    bool fresh;          /* begun by this call and not complete */
    double began, spent; /* clock at the beginning; seconds of earlier processes */
    struct search search;
    struct tuning_job *jobs; /* in the order of the journal */
    int job_count;
    /* The search has the results of the jobs before this one. So what is chosen depends on results
     * in the order of jobs, not of their ends. */
    int seen;
    int ahead;       /* results that may be missing when the next job is chosen: `workers` - 1 */
    size_t replayed; /* lines of the journal that the above has */
    bool shared;     /* several processes may work: `workers` > 1 */
    int64_t size;    /* of the journal when `lines` was read; 0: read it again */
    struct lease *turn;
};

void tuning_close(struct tuning *t);

/* Seconds of the budget used. */
double tuning_spent(const struct tuning *t);
/* Training of a trial up to a rung, in seconds or steps. */
double tuning_reach(const struct tuning *t, int rung);
/* The budget for TUNE_DEFAULT_TRIALS trials with such a first rung. */
double tuning_budget_for(const struct tuning *t, double rung);
/* OUT/trials/0007, a fresh string. */
char *tuning_trial_path(const struct tuning *t, int trial);

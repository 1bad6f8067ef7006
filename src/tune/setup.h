/* SPDX-License-Identifier: Apache-2.0 */
/* What a search is: from options, a data set and, where it has begun, its journal. */
#ifndef TUNE_SETUP_H
#define TUNE_SETUP_H

#include "model/run_files.h"
#include "train/train.h"
#include "tune/search.h"
#include "tune/space_read.h"

/* Files of OUT beside the journal. */
#define TUNE_TRAIN                                                                                 \
    "train.txt" /* cases that train in the end, and those the score is of, which no trial sees */
#define TUNE_VAL "validate.txt"
#define TUNE_INNER_TRAIN                                                                           \
    "trials_train.txt" /* of the former: on which trials train, and on which they are compared */
#define TUNE_INNER_VAL "trials_validate.txt"

enum {
    TUNE_ARMS = 64,         /* as of compare.c */
    TUNE_LEAST_STEPS = 20,  /* of a trial that says something */
    TUNE_USUAL_TRIALS = 40, /* of the first rung, in a search's time */
    TUNE_LONGEST_RUNG = 120 /* seconds, unless --rung says otherwise */
};

struct tuning {
    const struct train_context *c;
    const char *out;
    struct options
        given; /* of the command `tune`: of this call, or those that the search was begun with */
    struct options train; /* of the command `train`: its table */
    char *dataset, *journal;
    json_t *lines;        /* of the journal */
    struct wishes wishes; /* what is searched, and what is fixed */
    json_t *of_plan;      /* {option: true} of those that --plan gave: --space goes before them */
    json_t *usual; /* nobody said what is searched: what `train` would choose (wishes_add_usual);
                      else NULL */
    json_t *plan;  /* {option: text}: patch, batch, grid, which every trial shares */
    int cases[4];  /* that train and validate in the end; that train and validate in trials */
    uint64_t seed;
    double budget;       /* seconds for everything; 0: trials are counted */
    double final_share;  /* of it for the last run */
    double rung_seconds; /* how long a trial trains to rung 0; 0: rung_steps */
    int64_t rung_steps, final_steps;
    int eta, rungs, trials, repeat; /* trials: at most; 0: any number.  repeat > 0: every
                                       combination so often (versus.h) */
    bool random;
    bool fresh;          /* begun by this call, and not ready yet */
    double began, spent; /* on this process's clock; what processes before it spent */
    struct search search;
};

/* Reads or begins OUT: afterwards the journal has its first line.  `o`: options of the command
 * `tune`. */
att_status tuning_open(
    struct tuning *t, const char *dataset, const struct options *o, struct err *e);
void tuning_close(struct tuning *t);

/* Seconds of the budget that are gone. */
double tuning_spent(const struct tuning *t);
/* What a trial has trained when it reaches a rung, in seconds, or in steps. */
double tuning_reach(const struct tuning *t, int rung);
/* The budget of a search with room for TUNE_USUAL_TRIALS of such a first rung. */
double tuning_budget_for(const struct tuning *t, double rung);
/* OUT/trials/0007, a fresh string. */
char *tuning_trial_path(const struct tuning *t, int trial);

#endif

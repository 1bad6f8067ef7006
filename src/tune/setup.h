/* SPDX-License-Identifier: Apache-2.0 */
/* The definition of a search, from options, a data set and its journal, if any. */
#pragma once

#include "model/run_files.h"
#include "train/train_context.h"
#include "tune/search.h"
#include "tune/space_read.h"

/* Files of OUT next to the journal. */
/* final training cases, and cases of the score, which no trial sees */
#define TUNE_TRAIN "train.txt"
/* of the former: training cases of trials, and cases to compare them on */
#define TUNE_VAL "validate.txt"
#define TUNE_INNER_TRAIN "trials_train.txt"
#define TUNE_INNER_VAL "trials_validate.txt"

enum {
    TUNE_ARMS = 64,         /* as in compare.c */
    TUNE_LEAST_STEPS = 20,  /* minimum of a meaningful trial */
    TUNE_USUAL_TRIALS = 40, /* trials to the first rung in a search's time */
    TUNE_LONGEST_RUNG = 120 /* seconds, by default */
};

struct tuning {
    const struct train_context *c;
    const char *out;
    struct options options; /* of `tune`, from this call or the search's begin */
    struct options train;   /* of `train`: its table */
    char *dataset, *journal;
    json_t *lines;        /* of the journal */
    struct wishes wishes; /* searched and fixed settings */
    /* {option: true} of those from a plan, over which the search space takes precedence */
    json_t *of_plan;
    /* no search space given: what `train` would choose (wishes_add_usual); else NULL */
    json_t *usual;
    json_t *plan; /* {option: text}: patch, batch, grid, shared by all trials */
    int cases[4]; /* final training and validation; training and validation in trials */
    uint64_t seed;
    double budget;       /* seconds in total; 0: count trials */
    double final_share;  /* its part for the last run */
    double rung_seconds; /* training time to rung 0; 0: use rung_steps */
    int64_t rung_steps, final_steps;
    int eta, rungs, trials,
        repeat; /* trials: maximum; 0: any. repeat > 0: runs per combination (versus.h) */
    bool random;
    bool fresh;          /* begun by this call, and not complete yet */
    double began, spent; /* on this process's clock; used by earlier processes */
    struct search search;
};

/* Read or begin OUT; afterwards the journal has its first line. `o`: options of `tune`. */
att_status tuning_open(
    struct tuning *t, const char *dataset, const struct options *o, struct err *e);
void tuning_close(struct tuning *t);

/* Seconds of the budget used. */
double tuning_spent(const struct tuning *t);
/* Training of a trial up to a rung, in seconds or steps. */
double tuning_reach(const struct tuning *t, int rung);
/* The budget for TUNE_USUAL_TRIALS trials with such a first rung. */
double tuning_budget_for(const struct tuning *t, double rung);
/* OUT/trials/0007, a fresh string. */
char *tuning_trial_path(const struct tuning *t, int trial);

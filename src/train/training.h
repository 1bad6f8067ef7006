/* SPDX-License-Identifier: Apache-2.0 */
/* A run of one network in memory. */
#pragma once

#include "base/clock.h"
#include "dataset/fingerprint.h"
#include "dataset/split.h"
#include "feed/sampler.h"
#include "graph/run.h"
#include "model/model.h"
#include "plan/recipe.h"
#include "train/average.h"
#include "train/optimiser.h"
#include "train/train_context.h"
#include "train/validate.h"

/* What parts of a run take on this machine, in seconds: a validation of all its cases; a checkpoint
 * and a model; all that follows on the last step, if that is known. */
struct durations {
    double step, validation, save, ending;
};

/* Of a run with a deadline: when it checked the clock last, when it does so next, and its step
 * then. */
struct deadline {
    double at, look;
    int64_t from;
};

struct training {
    const struct train_context *c;
    const char *run; /* folder */
    struct recipe recipe;
    struct dataset data;
    struct split split;
    int pack_lock;    /* of a packed set: for runlock_drop */
    bool shares_pack; /* pack_lock is held */
    struct model model;
    struct prepared *cases;
    struct sampler sampler;
    struct graph graph;
    struct run exec;
    int image, label, loss; /* values of the graph */
    struct optimiser optimiser;
    struct average average;
    float *batch;
    uint8_t *labels;       /* of a batch, where it is computed in several passes; or NULL */
    int extra_cases;       /* that a run would have, where this is its plan */
    double unloaded_bytes; /* estimate for cases that are not loaded, as the limit is too small */
    double loading_peak;   /* under a limit: estimate while cases are scanned and loaded */
    struct fingerprint_case *found; /* of the training cases; NULL in a resumed run */
    bool
        times_steps; /* before the first one, which copies the weights; set before training_build */
    bool fallback;   /* an older checkpoint was read, since the newest is damaged, and nothing was
                        saved since */
    double memory;   /* what the process will hold at most, when training_build is done */
    real *old_state; /* the running statistics before a step */
    int64_t step;    /* steps done, */
    int64_t updates; /* and those of them that changed the weights: not bad ones */
    struct rate_transition transition;
    struct durations duration;
    struct deadline deadline;
    double loss_sum, norm_sum;
    int rows_since;               /* steps in those sums */
    bool due;                     /* what comes after a step did not yet: a validation, a row */
    double sampling, stepping;    /* seconds since the last row: in the sampler, in whole steps */
    double batch_seconds;         /* that the sampler took for the last batch */
    double sampled, stepped;      /* the same before it, in this process */
    double validating, reporting; /* seconds of this process */
    double ended, ending; /* when its last step was done, on clock_now(); seconds from then on */
    json_t *record;       /* run_record.h; NULL: none is kept */
    double seconds;       /* spent before this run was resumed */
    double began;
    int diverged;  /* steps in a row without a finite gradient */
    bool finished; /* all steps are done, and the model is written */
    struct validation validation;
    int64_t validated; /* after which step that was */
};

/* Into how many passes a step is cut. */
static inline int training_passes(const struct training *t)
{
    return t->recipe.micro_batch ? (int)(t->recipe.batch / t->recipe.micro_batch) : 1;
}
/* Seconds of training, with those before the run was resumed. */
static inline double training_elapsed(const struct training *t)
{
    return t->seconds + clock_now() - t->began;
}

/* An empty run in memory.  `run`: its folder; "": it has none. */
void training_begin(struct training *t, const struct train_context *c, const char *run);
void training_free(struct training *t); /* what it holds */
/* The same on the heap, since it is too large for the stacks of some threads.  NULL: no memory, and
 * `e` says so. */
struct training *training_new(const struct train_context *c, const char *run, struct err *e);
void training_end(struct training *t);

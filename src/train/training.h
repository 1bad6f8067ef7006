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
#include "train/step_passes.h"
#include "train/train_context.h"
#include "train/validate.h"

/* Seconds on this machine. validation: of all cases; save: a checkpoint and a model; ending: after
 * the last step, 0 if unknown. */
struct durations {
    double step, validation, save, ending;
};

/* Last check of the clock, the next one, and the step at the last one. */
struct deadline {
    double checked, next;
    int64_t step;
};

/* Mean Dice of the same cases, predicted once and averaged over mirror images. */
struct mirror_scores {
    int cases; /* 0: not tried */
    double once, mirrored;
};

struct training {
    const struct train_context *c;
    const char *run; /* folder */
    struct recipe recipe;
    struct dataset data;
    struct split split;
    int pack_lock;    /* of a packed set; for runlock_drop */
    bool shares_pack; /* pack_lock is valid */
    struct model model;
    struct prepared *cases;
    struct sampler sampler;
    struct graph graph;
    struct run exec;
    int image, label, loss; /* values of the graph */
    struct optimiser optimiser;
    struct average average;
    struct step_passes passes;
    bool leads;                         /* other ranks follow (lead.h) */
    int net;                            /* of the networks that they train at once, this one */
    double met;                         /* lead_meet */
    struct sampler_position *positions; /* training_choose_positions; or NULL */
    float *batch;                       /* this rank's part */
    uint8_t *labels;                    /* of a batch in several passes; or NULL */
    int extra_cases;                    /* in planning: cases left out */
    double unloaded_bytes;              /* estimate for cases not loaded because of the limit */
    double loading_peak;            /* under a limit: estimate while cases are scanned and loaded */
    struct fingerprint_case *found; /* of the training cases; NULL in a resumed run */
    bool times_steps;               /* timing copies the weights; set before training_build */
    bool fallback;                  /* an older checkpoint was read, and none saved since */
    double memory;                  /* maximum of the process, set by training_build */
    real *old_state;                /* the running statistics before a step */
    int64_t step;                   /* steps done */
    int64_t updates;                /* steps that changed the weights */
    struct rate_transition transition;
    struct durations duration;
    struct deadline deadline;
    double loss_sum, norm_sum;
    int rows_since;               /* steps in those sums */
    bool due;                     /* actions after the last step are pending (course.h) */
    double sampling, stepping;    /* seconds since the last row: in the sampler, in whole steps */
    double batch_seconds;         /* sampler's time for the last batch */
    double sampled, stepped;      /* the same before that row, in this process */
    double validating, reporting; /* seconds of this process */
    double ended, ending;         /* clock_now() after the last step; seconds since */
    json_t *record;               /* run_record.h; or NULL */
    double seconds;               /* spent before this run was resumed */
    double began;
    int diverged;  /* steps in a row without a finite gradient */
    bool finished; /* all steps are done, and the model is written */
    struct validation validation;
    int64_t validated; /* its step */
    struct mirror_scores mirrored;
};

/* Passes per step. */
static inline int training_passes(const struct training *t)
{
    return t->recipe.micro_batch ? (int)(t->recipe.batch / t->recipe.micro_batch) : 1;
}
/* Patches per step that this rank computes. */
static inline int training_patches(const struct training *t)
{
    return (int)t->recipe.batch / team_size(t->c->host->team);
}
/* Seconds of training, with those before the run was resumed. */
static inline double training_elapsed(const struct training *t)
{
    return t->seconds + clock_now() - t->began;
}

/* An empty run. run: its folder, or "". */
void training_init(struct training *t, const struct train_context *c, const char *run);
void training_free(struct training *t); /* members */
/* The same on the heap: it is too large for some threads' stacks. NULL: no memory. */
struct training *training_new(const struct train_context *c, const char *run, struct err *e);
void training_delete(struct training *t);
/* In t->positions, [batch], the caller chooses where the next patches are. */
att_status training_choose_positions(struct training *t, struct err *e);

/* SPDX-License-Identifier: Apache-2.0 */
/* A run in memory and its loop. */
#ifndef TRAIN_LOOP_H
#define TRAIN_LOOP_H

#include "base/options.h"
#include "dataset/fingerprint.h"
#include "dataset/split.h"
#include "feed/sampler.h"
#include "graph/run.h"
#include "model/model.h"
#include "plan/recipe.h"
#include "train/average.h"
#include "train/optimiser.h"
#include "train/train.h"
#include "train/validate.h"

/* What parts of a run take on this machine, in seconds: a validation of all its cases; a checkpoint
 * and a model; all that follows on the last step, if that is known. */
struct durations {
    double step, validation, save, ending;
};

/* Of a run with a deadline: when it looked at the clock last, when it does so next, and how far it
 * was. */
struct pace {
    double at, look;
    int64_t from;
};

enum { TRAINING_BAD_STEPS = 10 }; /* in a row, without a finite gradient, are the end */

struct training {
    const struct train_context *c;
    const char *run; /* folder */
    struct recipe recipe;
    struct dataset data;
    struct split split;
    int readers; /* of a packed set: for runlock_drop */
    bool reads;  /* `readers` is held */
    struct model model;
    struct prepared *cases;
    struct sampler sampler;
    struct graph graph;
    struct run exec;
    int image, label, loss; /* values of the graph */
    struct optimiser optimiser;
    struct average average;
    float *batch;
    uint8_t *labels; /* of a batch, where it is computed in several passes; or NULL */
    int absent;      /* cases that a run would have, too: this is the plan of one */
    double
        estimated;  /* bytes of cases that are not loaded, since they do not fit under the limit */
    double loading; /* under a limit: what the process holds while cases are looked at and loaded,
                       at most and at least */
    struct fingerprint_case
        *looked;     /* the cases that train, as they were found; NULL in a run that goes on */
    bool timed;      /* steps are timed before the first one, which takes a copy of the weights; set
                        before training_prepare */
    bool fallback;   /* an older checkpoint was read, since the newest is damaged, and nothing was
                        saved since */
    double memory;   /* what the process will hold at most, when training_prepare is done */
    real *kept;      /* the running statistics before a step */
    int64_t step;    /* steps done, */
    int64_t updates; /* and those of them that changed the weights: not bad ones */
    struct leg leg;
    struct durations duration;
    struct pace pace;
    double loss_sum, norm_sum;
    int rows_since;               /* steps in those sums */
    bool due;                     /* what comes after a step did not yet: a validation, a row */
    double sampling, stepping;    /* seconds since the last row: in the sampler, in whole steps */
    double making;                /* seconds that the sampler took for the last batch */
    double sampled, stepped;      /* the same before it, in this process */
    double validating, reporting; /* seconds of this process */
    double ended, ending; /* when its last step was done, on log_clock(); seconds from then on */
    json_t *record;       /* run_record.h; NULL: none is kept */
    double seconds;       /* spent before this run was resumed */
    double began;
    int diverged;  /* steps in a row without a finite gradient */
    bool finished; /* all steps are done, and the model is written */
    struct validation validation;
    int64_t validated; /* after which step that was */
};

/* What train_start and train_resume (run/start.h) do of a run of one network (train.c, resuming.c).
 */
att_status training_start(const struct train_context *c, const char *dataset, const char *run,
    const struct options *o, struct err *e);
att_status training_resume(
    const struct train_context *c, const char *run, const struct train_more *more, struct err *e);
/* Opens the data set, shared with those that read it where it is packed (deciding.c). */
att_status training_open(struct training *t, const char *path, struct err *e);
/* Opens the data set, chooses its cases, looks at those that train, decides the recipe and makes
 * the model (deciding.c).  *fingerprint (may be NULL) becomes that of the cases, `why` (may be
 * NULL) what recipe_decide says. */
att_status training_decide(struct training *t, const char *dataset, const struct options *o,
    json_t **fingerprint, json_t *why, struct err *e);
/* The same where the data set is open. */
att_status training_decide_on(
    struct training *t, const struct options *o, json_t **fingerprint, json_t *why, struct err *e);
/* What training_to_json wrote, of a run whose model is there: opens the data set, where it was or
 * at `data`, and finds its cases (resuming.c).
 */
att_status training_read(struct training *t, const json_t *state, const char *data, struct err *e);
/* Into how many passes a step is cut. */
static inline int training_passes(const struct training *t)
{
    return t->recipe.micro_batch ? (int)(t->recipe.batch / t->recipe.micro_batch) : 1;
}
/* After recipe, data, split, model and began are set: loads the cases, builds and plans the network
 * (ready.c). */
att_status training_prepare(struct training *t, struct err *e);
/* For timing, before the first step of this process: a step with a learning rate of 0, which leaves
 * parameters and running statistics as they were, but not the moments and the average; those begin
 * anew with training_reset_moments(). */
att_status training_try_step(struct training *t, int64_t step, struct err *e);
void training_reset_moments(struct training *t);
/* One update. A step without finite loss, gradient and statistics changes nothing; ten of them in a
 * row are ATT_USAGE. */
att_status training_step(struct training *t, struct err *e);
/* Before the numbers are used: after bad steps at the end it tries more batches, which change
 * nothing. */
att_status training_settle(struct training *t, struct err *e);
att_status training_check_finite(
    const struct training *t, struct err *e); /* numbers that are not are never written */
/* Of the listed cases, with the model as it would be written. */
att_status training_validate(
    struct training *t, const int *cases, int count, struct validation *v, struct err *e);
/* Steps until the end, with logs, validation and checkpoints; ends with the model written. */
att_status training_loop(struct training *t, struct err *e);
/* Of a finished run, read back with its average: the model anew, with what its validation cases say
 * of it. */
att_status training_restore_model(struct training *t, struct err *e);
json_t *training_to_json(const struct training *t);          /* for the checkpoint */
json_t *training_settings(const struct training *t);         /* as RUN/settings.json has them */
att_status training_save(struct training *t, struct err *e); /* the checkpoint */
att_status training_write_settings(
    const struct training *t, struct err *e); /* RUN/settings.json (train.c) */
/* An empty run in memory, as all of the above begin with (ready.c). `run`: its folder, "" of a run
 * that has none. */
void training_begin(struct training *t, const struct train_context *c, const char *run);
void training_free(struct training *t); /* what it holds */
/* The same on the heap, since it is too large for the stacks of some threads; NULL, and `e` says
 * so, without memory. */
struct training *training_new(const struct train_context *c, const char *run, struct err *e);
void training_end(struct training *t);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of a run: the user's, and for the others what follows from the data. Options that
 * follow from other settings, such as augmentation from `augment`, stay undecided. In
 * RUN/settings.json and in checkpoints. */
#pragma once

#include "arch/spec.h"
#include "base/options.h"
#include "dataset/dataset.h"
#include "dataset/fingerprint.h"
#include "model/model.h"
#include "plan/schedule.h"
#include "plan/strength.h"

enum optimiser_kind { OPTIMISER_SGD, OPTIMISER_ADAMW };
enum {
    RECIPE_TEXT = 256,
    RECIPE_PATH = 4096,
    RECIPE_INTENSITIES = DATASET_CHANNELS * NORMALISE_TEXT
};
/* Default seconds of a run; validations of a run, including the last. */
enum { RECIPE_TIME = 900, RECIPE_VALIDATIONS = 5 };

struct recipe {
    char dataset[RECIPE_PATH], dataset_path[RECIPE_PATH]; /* as given; absolute */
    char train_list[RECIPE_PATH], val_list[RECIPE_PATH];
    char init[RECIPE_PATH], freeze[RECIPE_TEXT]; /* "": none */
    int64_t fold;                                /* -1: none */
    char folds[32]; /* a number, or "groups"; "": as the data set states */
    double holdout; /* 0: none */
    bool stratify;
    char spec[SPEC_TEXT], loss[RECIPE_TEXT], conv[32];
    float class_weight[LABELLING_MAX]; /* all 0: none */
    int patch[3], resize[3], batch;
    int64_t micro_batch; /* patches per pass, with gradients summed; 0: the whole batch */
    double max_memory;   /* max bytes of the process; 0: no limit */
    bool half;           /* feature maps and their gradients in bfloat16 */
    bool bf16;           /* products of convolutions in bfloat16, in training steps */
    bool exchange;       /* gradients of passes are added and exchanged in bfloat16 */
    char images[RECIPE_PATH], labels[RECIPE_PATH]; /* patterns of the data set; "": none */
    double voxel[3];     /* d, h, w in mm, replaces voxel sizes in headers; 0: use headers */
    char orientation[8]; /* volumes are turned to it, such as "LPS"; "none", "": as stored */
    char mask_values[8]; /* classes, one, objects, or "" (mask_values.h) */
    double spacing[3];   /* d, h, w in mm to resample to; 0: keeps this axis */
    int shrink[3];       /* d, h, w of blocks averaged to one voxel afterwards; 0,0,0: none */
    char normalise[RECIPE_TEXT];          /* see recipe_schemes */
    char intensities[RECIPE_INTENSITIES]; /* see recipe_intensities; "": no channel is CT */
    int64_t steps;                        /* 0: follows from `seconds` */
    double seconds;                       /* the user's; 0: steps were given */
    double speed;                         /* counted on (struct planner_time); 0: on none */
    enum optimiser_kind optimiser;
    enum schedule schedule;
    double lr, momentum, decay, clip, foreground;
    double ema;                     /* decay of the weights' average; 0: none */
    int64_t warmup, validate_every; /* -1: see recipe_settle; validate_every 0: only at the end */
    double checkpoint_every;        /* seconds */
    int64_t snapshots;              /* number of intermediate models to save */
    struct strength augment;
    bool nonzero;
    uint64_t seed;
};

/* What decisions follow from. */
struct recipe_sources {
    const struct options *o; /* the user's settings win */
    const struct dataset *d;
    const struct fingerprint *f;
    const struct model *init; /* to start from, with its network, patch and grid; or NULL */
    /* the preparation of packed cases; NULL: that of `init`, or undecided */
    const struct preparation *prep;
    struct host *host; /* its speed is measured if the plan needs it; NULL: the usual one counts */
    json_t *why;       /* gets a reason per decision, under the setting's name; or NULL */
};
att_status recipe_decide(const struct recipe_sources *from, struct recipe *r, struct err *e);
/* Part of it: decides grid, network, patch and batch for a run of r->seconds. */
att_status recipe_decide_network(
    const struct recipe_sources *from, struct recipe *r, struct arch_facts *facts, struct err *e);
/* Once the steps are known: sets what depends on them and was not given. */
void recipe_settle(struct recipe *r);
/* Defaults for a number of steps: warm-up steps; steps between validations (0: only at the end). */
int64_t recipe_warmup(int64_t steps);
int64_t recipe_validate_every(int64_t steps);
/* Reads the scheme of every channel: one word, or one per channel separated by commas. */
att_status recipe_schemes(
    const char *text, int channels, enum normalise_scheme *scheme, struct err *e);
/* Reads "A,B,MEAN,STD" of channels normalised as CT (normalise_read): one for all, or one for each,
 * with ';' between. */
att_status recipe_intensities(const char *text, int channels, const enum normalise_scheme *scheme,
    struct normalise *n, struct err *e);
/* Reads `fold`: a number, or 0 for "all" (a plan uses the first fold). False if it is neither. */
bool recipe_fold(const char *text, int *fold);
/* Sets the data set's folder, which must exist. A run may be resumed from another folder, or with a
 * data set that was moved. */
att_status recipe_set_dataset(const char *root, struct recipe *r, struct err *e);
/* True if a batch has at most 2^31 numbers. */
bool recipe_batch_fits(const struct recipe *r, int channels);

/* {"dataset", "dataset_path", "settings"}: settings have the names and values of the options of
 * `train`, to give them to it again; null if undecided. */
json_t *recipe_to_json(const struct recipe *r);
/* Removes paths and limits of this machine from "settings", because models are given to others. */
void recipe_drop_local(json_t *settings);
/* Precision, batch, patch and grid, and the speed that they count on, as option texts, for
 * trainings that are compared or predict together. A packed set fixes the grid; a model of `init`
 * fixes grid and patch. */
json_t *recipe_shared(const struct recipe *r, bool packed, bool init);
bool recipe_is_shared(const char *key); /* may be in recipe_shared */
att_status recipe_from_json(const json_t *j, struct recipe *r, struct err *e);

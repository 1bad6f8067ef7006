/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of a run, all decided: what the user gave, the rest from the data.  Written to RUN/settings.json, kept in checkpoints. */
#ifndef TRAIN_RECIPE_H
#define TRAIN_RECIPE_H

#include "arch/spec.h"
#include "base/options.h"
#include "dataset/dataset.h"
#include "model/model.h"
#include "train/optimiser.h"
#include "train/schedule.h"
#include "train/strength.h"

enum { RECIPE_TEXT = 256, RECIPE_PATH = 4096 };

struct recipe {
    char dataset[RECIPE_PATH], dataset_path[RECIPE_PATH]; /* as given, and from the root of the file system */
    char train_list[RECIPE_PATH], val_list[RECIPE_PATH];
    char init[RECIPE_PATH], freeze[RECIPE_TEXT]; /* "": none */
    int64_t fold;                                /* -1: none */
    char spec[SPEC_TEXT], loss[RECIPE_TEXT], conv[32];
    float class_weight[LABELLING_MAX]; /* all 0: none */
    int patch[3], resize[3], batch;
    double spacing[3]; /* d, h, w in mm that images are brought to; 0: this axis keeps its own */
    char normalise[16];
    int64_t steps;  /* 0: to be fixed from `seconds` */
    double seconds; /* what the user asked for; 0: steps were given */
    enum optimiser_kind optimiser;
    enum schedule schedule;
    double lr, momentum, decay, clip, foreground;
    double ema;                     /* decay of the average of the weights; 0: none */
    int64_t warmup, validate_every; /* 0: only at the end */
    double checkpoint_every;        /* seconds */
    struct strength augment;
    bool nonzero;
    uint64_t seed;
};

/* Sizes and spacings of the training cases as they are in their files, median per axis. */
struct recipe_facts {
    int median[3], cases;
    float spacing[3];
};

/* With `init`, a model to begin with, network, patch and grid are that model's as far as the options do not say otherwise. */
att_status recipe_decide_from(const struct model *init, const struct options *o, const struct dataset *d, const struct recipe_facts *f,
                              struct recipe *r, struct err *e);
att_status recipe_decide(const struct options *o, const struct dataset *d, const struct recipe_facts *f, struct recipe *r, struct err *e);
/* The number of a fold in --fold, and 0 of "all" (a plan looks at the first fold); false: the text is neither. */
bool recipe_fold(const char *text, int *fold);
/* The data set's folder, which must be there: a run may be resumed from another folder, and with a data set that was moved. */
att_status recipe_set_dataset(const char *root, struct recipe *r, struct err *e);
/* A batch is at most 2^31 numbers. */
bool recipe_batch_fits(const struct recipe *r, int channels);

/* {"dataset", "dataset_path", "settings"}: the settings are named and written like the flags of `train`, so that they can be given to it
 * again; what is not decided is null. */
json_t *recipe_to_json(const struct recipe *r);
att_status recipe_from_json(const json_t *j, struct recipe *r, struct err *e);

#endif

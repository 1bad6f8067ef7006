/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of a run: what the user gave, the rest from the data; what follows from other
 * settings alone, as augmentation's flags from
 * --augment, is left to these.  Written to RUN/settings.json, kept in checkpoints. */
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
enum {
    RECIPE_TIME = 900,
    RECIPE_VALIDATIONS = 5
}; /* seconds of a run without a length; validations of a run, the last one too */

struct recipe {
    char dataset[RECIPE_PATH],
        dataset_path[RECIPE_PATH]; /* as given, and from the root of the file system */
    char train_list[RECIPE_PATH], val_list[RECIPE_PATH];
    char init[RECIPE_PATH], freeze[RECIPE_TEXT]; /* "": none */
    int64_t fold;                                /* -1: none */
    char folds[32]; /* how many, or "groups"; "": as the data set says */
    double holdout; /* 0: none */
    bool stratify;
    char spec[SPEC_TEXT], loss[RECIPE_TEXT], conv[32];
    float class_weight[LABELLING_MAX]; /* all 0: none */
    int patch[3], resize[3], batch;
    int64_t micro_batch; /* patches at a time, whose gradients are added; 0: all of a batch */
    double max_memory;   /* bytes that the process may take; 0: no limit */
    bool half;           /* maps and their gradients in bfloat16 */
    double voxel[3]; /* d, h, w in mm that the files' voxels have, whatever their headers say; 0: as
                        those say */
    char orientation[8]; /* that volumes are turned to, such as "LPS"; "none", "": they stay as they
                            are stored */
    double spacing[3];   /* d, h, w in mm that images are brought to; 0: this axis keeps its own */
    int shrink[3];       /* d, h, w of blocks of voxels that become one after that; 0,0,0: none */
    char normalise[RECIPE_TEXT];          /* see recipe_schemes */
    char intensities[RECIPE_INTENSITIES]; /* see recipe_intensities; "": no channel is CT */
    int64_t steps;                        /* 0: to be fixed from `seconds` */
    double seconds;                       /* what the user asked for; 0: steps were given */
    enum optimiser_kind optimiser;
    enum schedule schedule;
    double lr, momentum, decay, clip, foreground;
    double ema;                     /* decay of the average of the weights; 0: none */
    int64_t warmup, validate_every; /* -1: see recipe_settle; validate_every 0: only at the end */
    double checkpoint_every;        /* seconds */
    int64_t snapshots;              /* how many models on the way are kept */
    struct strength augment;
    bool nonzero;
    uint64_t seed;
};

/* What decisions are made from. */
struct recipe_sources {
    const struct options *o; /* what the user gave wins */
    const struct dataset *d;
    const struct fingerprint *f;
    const struct model
        *init; /* a model to begin with, whose network, patch and grid are taken over; or NULL */
    /* How images are prepared, where packed cases have settled that; NULL: as `init` does, or to be
     * decided. */
    const struct preparation *prep;
    json_t *why; /* an object that gets a sentence for every decision, under the setting's name; or
                    NULL */
};
att_status recipe_decide(const struct recipe_sources *from, struct recipe *r, struct err *e);
/* Its part that decides grid, network, patch and batch for a run of r->seconds. */
att_status recipe_decide_network(
    const struct recipe_sources *from, struct recipe *r, struct arch_facts *facts, struct err *e);
/* After steps are fixed: what depends on them and was not given. */
void recipe_settle(struct recipe *r);
/* What is usual for so many steps: those in which the rate rises; those from validation to
 * validation (0: only at the end). */
int64_t recipe_warmup(int64_t steps);
int64_t recipe_validate_every(int64_t steps);
/* The scheme of every channel: `text` is one word, or one per channel separated by commas. */
att_status recipe_schemes(
    const char *text, int channels, enum normalise_scheme *scheme, struct err *e);
/* What channels that are normalised as CT have, "A,B,MEAN,STD" (normalise_read): one for all, or
 * one for each, with ';' between. */
att_status recipe_intensities(const char *text, int channels, const enum normalise_scheme *scheme,
    struct normalise *n, struct err *e);
/* The number of a fold in --fold, and 0 of "all" (a plan looks at the first fold); false: the text
 * is neither. */
bool recipe_fold(const char *text, int *fold);
/* The data set's folder, which must be there: a run may be resumed from another folder, and with a
 * data set that was moved. */
att_status recipe_set_dataset(const char *root, struct recipe *r, struct err *e);
/* A batch is at most 2^31 numbers. */
bool recipe_batch_fits(const struct recipe *r, int channels);

/* {"dataset", "dataset_path", "settings"}: the settings are named and written like the flags of
 * `train`, so that they can be given to it again; what is not decided is null. */
json_t *recipe_to_json(const struct recipe *r);
/* Takes out of its "settings" what is of one machine: models travel, and where a home folder lies
 * is nobody's business. */
void recipe_forget_place(json_t *settings);
/* The batch, patch and grid alone, as texts that set them: what several trainings share that are to
 * be compared, or to predict together. A packed set has a grid already, and so has a model to begin
 * with, with its patch. */
json_t *recipe_shared(const struct recipe *r, bool packed, bool init);
att_status recipe_from_json(const json_t *j, struct recipe *r, struct err *e);

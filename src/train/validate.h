/* SPDX-License-Identifier: Apache-2.0 */
/* Dice on whole cases during training. */
#pragma once

#include "dataset/dataset.h"
#include "model/model.h"
#include "train/train_context.h"

/* Mean Dice per foreground class (or region) over whole cases, predicted once, as by
 * `predict --no-mirror`, unless the job says otherwise; NaN if no label or mask has the class. */
struct validation {
    int count; /* classes or regions */
    double dice[LABELLING_MAX];
    double truth[LABELLING_MAX]; /* labelled voxels of each, in all cases */
    double mean;                 /* of those that are not NaN */
    double passes;               /* network runs, mean over cases */
    double tile_share;           /* mean share of tiles that hard attention computed; else 0 */
    double seconds;
};

/* Called for the first `cases` cases. predicted: classes of the labelling. */
struct validation_show {
    int cases;
    void (*show)(void *user, const char *id, const struct sample *s, const uint8_t *predicted);
    void *user;
};

struct validation_job {
    const struct dataset *data;
    const int *cases; /* [count], indices into the data set */
    int count;
    const struct model *model;
    const char *conv; /* and max_memory: as in struct predict_options */
    double max_memory;
    bool mirror[3];  /* averages over these mirror images */
    const char *run; /* writes masks on the images' own grids to RUN/validation; may be NULL */
    const struct validation_show *show; /* may be NULL */
    /* Several ranks share the cases, and all get the result; or NULL. */
    struct team *team;
    int shown; /* cases that rank 0 shows, and so computes */
};
/* Sets *v only on success. */
att_status validation_run(const struct train_context *c, const struct validation_job *job,
    struct validation *v, struct err *e);
/* RUN/validation/CASE with the image's ending, for mem_free; NULL: no memory. */
char *validation_mask(const char *run, const struct data_case *c);
enum { DICE_TEXT = 8 };
/* "0.8123", or "-" for NaN. */
const char *validation_text(double dice, char text[DICE_TEXT]);
/* {"mean": .., "classes": {NAME: dice, ...}} */
json_t *validation_to_json(const struct validation *v, const struct labelling *l);

/* SPDX-License-Identifier: Apache-2.0 */
/* Dice on whole cases while training goes on. */
#pragma once

#include "dataset/dataset.h"
#include "model/model.h"
#include "train/train_context.h"

/* Mean Dice of every foreground class (or region) over the listed cases, each predicted whole as
 * `attunet predict` would; a class that is in none of them and predicted in none has NaN. */
struct validation {
    int count; /* classes or regions */
    double dice[LABELLING_MAX];
    double mean;       /* of those that are not NaN */
    double tile_share; /* share of their tiles that a model of hard attention looked at, mean over
                      cases; of others 0 */
    double seconds;
};

/* Called for the first cases, with what has been predicted: classes of the labelling, as those of
 * the sample. */
struct validation_show {
    int cases;
    void (*show)(void *user, const char *id, const struct sample *s, const uint8_t *predicted);
    void *user;
};

/* `show` may be NULL.  `max_memory`: as of struct predict_options.  `run` (may be NULL): the folder
 * of a run, in whose folder `validation` the predicted masks are left, on the images' own grids. *v
 * is written when all cases are done, and left alone on failure. */
att_status validation_run(const struct train_context *c, const struct dataset *d, const int *list,
    int ncases, const struct model *m, const char *conv, double max_memory, const char *run,
    const struct validation_show *show, struct validation *v, struct err *e);
/* The mask's path (a fresh string): RUN/validation/CASE with the image's ending. NULL when there is
 * no memory. */
char *validation_mask(const char *run, const struct data_case *c);
enum { DICE_TEXT = 8 };
/* "0.8123"; "-" where there was nothing to find. */
const char *validation_text(double dice, char text[DICE_TEXT]);
/* {"mean": .., "classes": {NAME: dice, ...}} */
json_t *validation_to_json(const struct validation *v, const struct labelling *l);

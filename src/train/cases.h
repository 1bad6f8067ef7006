/* SPDX-License-Identifier: Apache-2.0 */
/* The training cases in memory, and what a recipe wants to know of them before they are loaded. */
#ifndef TRAIN_CASES_H
#define TRAIN_CASES_H

#include "dataset/sampler.h"
#include "model/model.h"
#include "train/recipe.h"
#include "train/train.h"

/* Median size and spacing over the cases listed. Reads headers only. */
att_status cases_facts(const struct dataset *d, const int *list, int count, struct recipe_facts *f, struct err *e);

/* Normalisation and names of the channels, as the recipe says: "auto" is "ct" for channels called CT, else "zscore". CT numbers (0.5
 * and 99.5 percentile, mean, deviation of the foreground) come from the listed cases. With a model to begin with (`init`, may be NULL),
 * "auto" is what that does. */
att_status cases_preparation(const struct train_context *c, const struct dataset *d, const int *list, int count, const struct recipe *r,
                             const struct model *init, struct preparation *p, struct err *e);

/* Loads, prepares and keeps the listed cases. */
att_status cases_load(const struct train_context *c, const struct dataset *d, const int *list, int count, const struct model *m,
                      struct prepared **cases, struct err *e);
void cases_free(struct prepared *cases, int count);

#endif

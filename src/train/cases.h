/* SPDX-License-Identifier: Apache-2.0 */
/* The training cases in memory, and what a recipe wants to know of them before they are loaded. */
#pragma once

#include "feed/sampler.h"
#include "model/prepare.h"
#include "plan/recipe.h"
#include "train/train_context.h"

/* How the recipe has images prepared. "ct" takes the foreground's 0.5 and 99.5 percentiles, mean
 * and deviation, or the numbers that are settled. */
att_status cases_preparation(const struct recipe_sources *from, const struct recipe *r,
    struct preparation *p, struct err *e);

/* Where a case's voxels would go, from its header alone; m becomes that, without samples. */
att_status cases_place(const struct dataset *d, int index, const struct preparation *prep,
    struct image *m, struct placed *where, struct err *e);
/* A case on the network's grid. */
att_status cases_load_one(const struct train_context *c, const struct dataset *d, int index,
    const struct model *m, struct prepared *p, struct err *e);
/* Loads, prepares and keeps the listed cases; limit, if not 0: in bytes, of the process, looked at
 * before each. */
att_status cases_load(const struct train_context *c, const struct dataset *d, const int *list,
    int count, const struct model *m, double limit, struct prepared **cases, struct err *e);
void cases_free(struct prepared *cases, int count);

/* ATT_DATA of a case without a label to `what` on ("train", "validate"), or with a name that JSON
 * cannot hold. */
att_status cases_check(
    const struct dataset *d, const int *list, int count, const char *what, struct err *e);

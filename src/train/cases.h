/* SPDX-License-Identifier: Apache-2.0 */
/* Load training cases; derive their preparation from a recipe. */
#pragma once

#include "feed/sampler.h"
#include "model/prepare.h"
#include "plan/recipe.h"
#include "train/train_context.h"

/* The preparation of a recipe. "ct" uses the foreground's 0.5 and 99.5 percentiles, mean and
 * deviation, or the recipe's numbers. */
att_status cases_preparation(const struct recipe_sources *from, const struct recipe *r,
    struct preparation *p, struct err *e);

/* Map a case from its header; m gets everything but samples. */
att_status cases_place(const struct dataset *d, int index, const struct preparation *prep,
    struct image *m, struct placed *where, struct err *e);
/* A case on the network's grid. */
att_status cases_load_one(const struct train_context *c, const struct dataset *d, int index,
    const struct model *m, struct prepared *p, struct err *e);
/* Load and prepare the listed cases. limit: bytes of the process, checked before each case; 0:
 * none.
 */
att_status cases_load(const struct train_context *c, const struct dataset *d, const int *list,
    int count, const struct model *m, double limit, struct prepared **cases, struct err *e);
void cases_free(struct prepared *cases, int count);

/* ATT_DATA for a case without a label to `what` on ("train", "validate"), or with a name that is
 * not UTF-8. */
att_status cases_check(
    const struct dataset *d, const int *list, int count, const char *what, struct err *e);

/* SPDX-License-Identifier: Apache-2.0 */
/* The data, cases, settings and network of a new run. */
#pragma once

#include "train/training.h"

/* Opens the data set; a packed one is locked for readers. */
att_status training_open(
    struct training *t, const char *path, const struct dataset_patterns *p, struct err *e);
/* Opens and splits the data set, takes the fingerprint of the training cases, decides the recipe
 * and creates the model. fingerprint and why (reasons, recipe_decide) may be NULL. */
att_status training_decide(struct training *t, const char *dataset, const struct options *o,
    json_t **fingerprint, json_t *why, struct err *e);
/* The same with an open data set. */
att_status training_decide_on(
    struct training *t, const struct options *o, json_t **fingerprint, json_t *why, struct err *e);

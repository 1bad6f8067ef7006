/* SPDX-License-Identifier: Apache-2.0 */
/* The data, cases, settings and network of a new run. */
#pragma once

#include "train/training.h"

/* Opens the data set; a packed one is locked for readers. */
att_status training_open(struct training *t, const char *path, struct err *e);
/* Opens the data set, chooses its cases, looks at the training cases, decides the recipe and makes
 * the model.  *fingerprint (may be NULL) becomes that of the cases, `why` (may be NULL) what
 * recipe_decide says. */
att_status training_decide(struct training *t, const char *dataset, const struct options *o,
    json_t **fingerprint, json_t *why, struct err *e);
/* The same where the data set is open. */
att_status training_decide_on(
    struct training *t, const struct options *o, json_t **fingerprint, json_t *why, struct err *e);

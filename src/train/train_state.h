/* SPDX-License-Identifier: Apache-2.0 */
/* A run's state in checkpoints and RUN/settings.json. */
#pragma once

#include "train/training.h"

json_t *training_to_json(const struct training *t);
/* The inverse, for a run with a model; opens the data set, at its old path or `data`, and finds the
 * cases. */
att_status training_from_json(
    struct training *t, const json_t *state, const char *data, struct err *e);
att_status training_save(struct training *t, struct err *e); /* the checkpoint */
json_t *training_settings(const struct training *t);         /* of RUN/settings.json */
att_status training_write_settings(const struct training *t, struct err *e);

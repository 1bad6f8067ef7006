/* SPDX-License-Identifier: Apache-2.0 */
/* What a checkpoint and RUN/settings.json hold of a run. */
#pragma once

#include "train/training.h"

json_t *training_to_json(const struct training *t);
/* What training_to_json wrote, of a run whose model is there: opens the data set, where it was or
 * at `data`, and finds its cases. */
att_status training_from_json(
    struct training *t, const json_t *state, const char *data, struct err *e);
att_status training_save(struct training *t, struct err *e); /* the checkpoint */
json_t *training_settings(const struct training *t);         /* of RUN/settings.json */
att_status training_write_settings(const struct training *t, struct err *e);

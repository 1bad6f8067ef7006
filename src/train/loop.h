/* SPDX-License-Identifier: Apache-2.0 */
/* The course of a run of one network. */
#pragma once

#include "train/training.h"

/* Of the listed cases, with the model as it would be written. */
att_status training_validate(
    struct training *t, const int *cases, int count, struct validation *v, struct err *e);
/* Steps until the end, with logs, validation and checkpoints; ends with the model written. */
att_status training_loop(struct training *t, struct err *e);
/* Of a finished run, read back with its average: the model anew, with what its validation cases say
 * of it. */
att_status training_restore_model(struct training *t, struct err *e);

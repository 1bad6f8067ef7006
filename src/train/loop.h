/* SPDX-License-Identifier: Apache-2.0 */
/* The training loop of one network. */
#pragma once

#include "train/training.h"

/* Validates the averaged model on the listed cases; mirror: NULL, or averages along these axes. */
att_status training_validate(struct training *t, const int *cases, int count, const bool mirror[3],
    struct validation *v, struct err *e);
/* A follower's part of a validation, in which rank 0 shows so many cases. */
att_status training_validate_part(struct training *t, int shown, struct err *e);
/* Trains to the end, with logs, validation and checkpoints, and writes the model. */
att_status training_loop(struct training *t, struct err *e);
/* Validates and writes the model of a finished run again. */
att_status training_restore_model(struct training *t, struct err *e);

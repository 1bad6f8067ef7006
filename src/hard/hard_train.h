/* SPDX-License-Identifier: Apache-2.0 */
/* Stages 2 and 3 of a hard model: first the policy alone, then everything jointly. */
#pragma once

#include "hard/hard_state.h"

/* Joins both trained networks and runs both stages. */
att_status hard_train_start(const struct hard_work *h, struct err *e);
/* Resumes from RUN's checkpoint, in either stage. */
att_status hard_train_resume(
    const struct hard_work *h, const struct train_more *more, struct err *e);

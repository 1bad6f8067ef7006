/* SPDX-License-Identifier: Apache-2.0 */
/* RUN/log.csv, RUN/log.jsonl and RUN/curves.png of a hard model's stages 2 and 3.  Steps count on
 * through both stages. */
#pragma once

#include "hard/hard_state.h"

/* At step 0 the logs begin anew; else rows beyond h->step are taken out. */
att_status hard_log_begin(const struct hard_training *h, struct err *e);
/* A row of the steps since the last one. lr: the policy's learning rate of the last step. */
att_status hard_log_row(const struct hard_training *h, double lr, bool validated, struct err *e);
void hard_log_next(
    struct hard_training *h); /* the steps until now have their row: sums begin anew */
void hard_log_draw(const struct hard_training *h); /* says why when it cannot */

/* SPDX-License-Identifier: Apache-2.0 */
/* RUN/log.csv, RUN/log.jsonl and RUN/curves.png of stages 2 and 3, with steps counted through both
 * stages. */
#pragma once

#include "hard/hard_state.h"

/* At step 0 starts new logs; later removes rows beyond h->step. */
att_status hard_log_begin(const struct hard_training *h, struct err *e);
/* Writes a row for the steps since the last one. lr: the policy's learning rate of the last
 * step. */
att_status hard_log_row(const struct hard_training *h, double lr, bool validated, struct err *e);
void hard_log_draw(const struct hard_training *h); /* logs a failure */

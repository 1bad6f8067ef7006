/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a run's report.html. */
#pragma once

#include "train/training.h"

/* Inputs of a report besides the run. */
struct report_wish {
    const char *data; /* current path of the data set; NULL: the recorded one */
    double failure;   /* PAGE_FAILURE or another Dice */
    bool unmeasured;  /* curves only */
};
/* Reads a run's folder (one network, folds or hard attention), measures its validation masks and
 * writes the page to `path`. Without masks it shows the rest. ATT_DATA if `run` is no run. */
att_status report_page_of(const struct train_context *c, const char *run,
    const struct report_wish *w, const char *path, struct err *e);

/* Members of struct pages. */
att_status report_page_training(struct training *t, bool measured, struct err *e);
att_status report_page_folder(
    const struct train_context *c, const char *run, const char *data, bool measured, struct err *e);

/* SPDX-License-Identifier: Apache-2.0 */
/* A run's report.html: at its end, when it is stopped, and whenever it is asked for. */
#ifndef APP_REPORT_PAGE_H
#define APP_REPORT_PAGE_H

#include "train/training.h"

/* What a report is made with, beside its run. */
struct report_wish {
    const char *data; /* where the data set is now; NULL: where it was */
    double failure;   /* PAGE_FAILURE, or another Dice */
    bool unmeasured;  /* curves alone */
};
/* Of a run's folder, finished or not, of one network, of folds, or of hard attention: reads its
 * settings, opens its data set, measures the masks of its validation and writes the page to `path`.
 * Without masks it shows what there is. ATT_DATA when `run` is no run. */
att_status report_page_of(const struct train_context *c, const char *run,
    const struct report_wish *w, const char *path, struct err *e);

/* Members of struct pages. */
att_status report_page_training(struct training *t, bool measured, struct err *e);
att_status report_page_folder(
    const struct train_context *c, const char *run, const char *data, bool measured, struct err *e);

#endif

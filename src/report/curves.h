/* SPDX-License-Identifier: Apache-2.0 */
/* RUN/curves.png: RUN/log.csv as a picture. */
#ifndef REPORT_CURVES_H
#define REPORT_CURVES_H

#include "dataset/labelling.h"

/* Rows that are not as runlog.h writes them are passed over. */
att_status curves_draw(const char *run, const struct labelling *l, struct err *e);
/* The same of another kind of run (struct log_columns), whose rows have `own` numbers before the
 * Dice, at most 16; number `upper` of them is drawn above, under the title. */
att_status curves_draw_column(const char *run, const struct labelling *l, int upper,
    const char *title, int own, struct err *e);

#endif

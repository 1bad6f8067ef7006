/* SPDX-License-Identifier: Apache-2.0 */
/* RUN/curves.png: RUN/log.csv as a picture. */
#ifndef REPORT_CURVES_H
#define REPORT_CURVES_H

#include "dataset/labelling.h"

/* Of a log (train/runlog.h) whose rows have `own` numbers before the Dice, at most 16; number
 * `upper` of them is drawn above, under the title. Other rows are passed over. */
att_status curves_draw(const char *run, const struct labelling *l, int upper, const char *title,
    int own, struct err *e);

#endif

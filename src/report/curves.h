/* SPDX-License-Identifier: Apache-2.0 */
/* RUN/curves.png: a picture of RUN/log.csv. */
#pragma once

#include "dataset/labelling.h"

/* Draw a log (train/runlog.h) with `own` numbers, at most 16, before Dice; number `upper` is drawn
 * above, with the title. Other rows are ignored. */
att_status curves_draw(const char *run, const struct labelling *l, int upper, const char *title,
    int own, struct err *e);

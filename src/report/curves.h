/* SPDX-License-Identifier: Apache-2.0 */
/* Draws RUN/log.csv as RUN/curves.png. */
#pragma once

#include "dataset/labelling.h"

/* Draws a log (train/runlog.h) with `own` numbers, at most 16, before Dice; the upper plot shows
 * number `upper`, with the title. Ignores other rows. */
att_status curves_draw(const char *run, const struct labelling *l, int upper, const char *title,
    int own, struct err *e);

/* SPDX-License-Identifier: Apache-2.0 */
/* Says at the end of a training what would most likely help next, from its own curves. */
#pragma once

#include "train/training.h"
#include "train/validate.h"

struct advice_point {
    int64_t step;
    double loss; /* mean since the last validation */
    double dice; /* mean over classes, of this validation */
};

enum { ADVICE_TEXT = 384 };
/* Of classes that are almost never found though the cases have them, else of a rare class that is
 * far behind the others; "" without one. early: too few validations tell whether the training was
 * long enough. */
void advice_classes(
    const struct validation *v, const struct labelling *l, bool early, char text[ADVICE_TEXT]);
/* Of the end of the curve; "" if n validations show nothing. */
void advice_curve(const struct advice_point *p, int n, char text[ADVICE_TEXT]);

/* Logs both for a finished training, from RUN/log.csv; nothing if that cannot be read. */
att_status advice_say(const struct training *t, struct err *e);

/* SPDX-License-Identifier: Apache-2.0 */
/* What a search shows of its runs: their warnings, once, and one line of progress for the search.
 */
#pragma once

#include "tune/setup.h"

struct trial_log {
    struct tuning *t;
    struct log outer; /* the search's */
    int trial;        /* -1: the last run */
    bool warned;      /* a run has ended: later ones repeat its warnings */
};

/* Before a run; `v` is zero before the first one. */
void trial_log_begin(struct trial_log *v, struct tuning *t, int trial);
void trial_log_end(struct trial_log *v); /* after it */

/* SPDX-License-Identifier: Apache-2.0 */
/* The log of a search's runs: warnings of the first run, and one line of progress. */
#pragma once

#include "tune/tuning.h"

struct trial_log {
    struct tuning *t;
    struct log outer; /* the search's */
    int trial;        /* -1: the last run */
    bool warned;      /* a run has ended: later ones repeat its warnings */
};

/* Before a run; `v` is zero before the first one. */
void trial_log_begin(struct trial_log *v, struct tuning *t, int trial);
void trial_log_end(struct trial_log *v); /* after it */

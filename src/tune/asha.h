/* SPDX-License-Identifier: Apache-2.0 */
/* Asynchronous successive halving: L. Li, K. Jamieson, A. Rostamizadeh et al., A System for
 * Massively Parallel Hyperparameter Tuning, MLSys 2020, algorithm 2.  Every trial is trained to
 * rung 0; whenever a trial is among the best 1/eta of those that have a result at its rung, it goes
 * on to the next rung.  Numbers only; larger is better. */
#ifndef TUNE_ASHA_H
#define TUNE_ASHA_H

#include <stdbool.h>

#include "tune/space.h"

enum { ASHA_RUNGS = 8 };

struct trial {
    double x[SPACE_MOST];
    double value[ASHA_RUNGS]; /* at rungs 0..done-1 */
    int done;                 /* rungs that have a result */
    bool failed;              /* did not reach rung `done`, and goes no further */
    bool dropped;             /* what it learnt was thrown away: it goes no further */
    bool barred;              /* the last run could not be trained with its settings */
};

/* The trial that goes on, to rung trial[i].done, of `rungs`: of the highest rung that has one, the
 * best; of equal ones the earliest.  -1: none, a new trial is due. */
int asha_next(const struct trial *trial, int count, int eta, int rungs);
/* How many trials with a result at the same rung as trial i wait there with it and would go on
 * before it. */
int asha_before(const struct trial *trial, int count, int i);

#endif

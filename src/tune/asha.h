/* SPDX-License-Identifier: Apache-2.0 */
/* Asynchronous successive halving: L. Li, K. Jamieson, A. Rostamizadeh et al., A System for
 * Massively Parallel Hyperparameter Tuning, MLSys 2020, algorithm 2. Every trial trains to rung 0;
 * one among the best 1/eta of those with a result at its rung continues to the next. Numbers only;
 * larger is better. */
#pragma once

#include <stdbool.h>

#include "tune/space.h"

enum { ASHA_RUNGS = 8 };

struct trial {
    double x[SPACE_MAX];
    double value[ASHA_RUNGS]; /* at rungs 0..done-1 */
    int done;                 /* rungs with a result */
    bool failed;              /* did not reach rung `done`; does not continue */
    bool dropped;             /* its checkpoint was deleted; does not continue */
    bool busy;                /* continues to the next rung */
    bool excluded;            /* the last run failed with its settings */
};

/* The trial to continue, to rung trial[i].done of `rungs`: of the highest rung with a candidate the
 * best, among equals the earliest. -1: start a new trial. */
int asha_next(const struct trial *trial, int count, int eta, int rungs);
/* Number of trials at the same rung that would continue before trial i. */
int asha_before(const struct trial *trial, int count, int i);

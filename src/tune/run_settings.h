/* SPDX-License-Identifier: Apache-2.0 */
/* The options of `train` with which the runs of a search begin: {NAME: TEXT}, new references, NULL
 * without memory. */
#ifndef TUNE_RUN_SETTINGS_H
#define TUNE_RUN_SETTINGS_H

#include "tune/setup.h"

/* A trial that trains for `seconds` (0: for as many steps as rung 0 has) on the inner cases. */
json_t *settings_of_trial(const struct tuning *t, const double *x, double seconds);
/* A run on all cases that train in the end; seed: its random numbers. */
json_t *settings_of_run(
    const struct tuning *t, const double *x, double seconds, int64_t steps, uint64_t seed);

/* "lr=0.002 loss=dice+ce": what is searched, without what is not active. */
void settings_describe(const struct space *s, const double *x, char *text, size_t size);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Options of `train` for runs of a search: {NAME: TEXT}, new references, NULL without memory. */
#pragma once

#include "tune/tuning.h"

/* A trial that trains for `seconds` (0: the steps of rung 0) on the inner cases. */
json_t *settings_of_trial(const struct tuning *t, const double *x, double seconds);
/* A run on all final training cases; seed: its random numbers. */
json_t *settings_of_run(
    const struct tuning *t, const double *x, double seconds, int64_t steps, uint64_t seed);

/* "lr=0.002 loss=dice+ce": searched settings, without inactive ones. */
void settings_describe(const struct space *s, const double *x, char *text, size_t size);

/* SPDX-License-Identifier: Apache-2.0 */
/* The learning rate of a step. */
#pragma once

#include "plan/recipe_member.h"

enum schedule { SCHEDULE_POLY, SCHEDULE_COSINE, SCHEDULE_CONSTANT };

/* For a step from 0: lr * (1 - step/steps)^0.9 (nnU-Net), lr * (1 + cos(pi*step/steps))/2
 * (Loshchilov and Hutter 2017), or lr; in the first `warmup` steps times (step + 1)/warmup. */
double schedule_rate(enum schedule s, double lr, int64_t step, int64_t steps, int64_t warmup);

/* The transition of a run to another number of steps. With r(t) the rate of a run of the new length
 * from its start, a the last step of the old one, q its rate and w = `rise`:
 *
 *     rate(t) = r(t) + (q - r(a)) * max(0, 1 - (t - a)/w),  and if q < r(a) at most q * 2^(t - a)
 *
 * It leaves q in a line and meets the new schedule after w steps. A finished run, with a rate near
 * 0, rises again and then falls to its new end. The second bound limits the growth per step, from a
 * rate of almost 0. */
struct rate_transition {
    int64_t after; /* a */
    int64_t rise;  /* w; 0: no transition */
    double rate;   /* q */
};

/* schedule_rate() with a transition. */
double schedule_transition_rate(enum schedule s, double lr, int64_t step, int64_t steps,
    int64_t warmup, const struct rate_transition *l);
/* The transition of a run that did `step` of `steps` and now has `more` steps in all. w is a tenth
 * of the remaining steps, at least the warm-up and at most a quarter of the rest; the whole rest if
 * the rate must fall. */
struct rate_transition schedule_extend(enum schedule s, double lr, int64_t step, int64_t steps,
    int64_t more, int64_t warmup, const struct rate_transition *before);

/* {"after", "rise", "rate"} of checkpoints. */
extern const struct member transition_members[];

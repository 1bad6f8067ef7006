/* SPDX-License-Identifier: Apache-2.0 */
/* The learning rate of a step. */
#pragma once

#include "plan/recipe_member.h"

enum schedule { SCHEDULE_POLY, SCHEDULE_COSINE, SCHEDULE_CONSTANT };

/* Step counted from 0 of `steps`: lr * (1 - step/steps)^0.9 (nnU-Net), lr * (1 +
 * cos(pi*step/steps))/2 (Loshchilov and Hutter 2017), or lr; in the first `warmup` steps times
 * (step + 1)/warmup. */
double schedule_rate(enum schedule s, double lr, int64_t step, int64_t steps, int64_t warmup);

/* What a run that was given another number of steps on its way, or at its end, still has of its old
 * plan.  With r(t) the rate of the new plan, as if the run had been planned so from its start, a
 * the last step done under the old one, q its rate and w = `rise`:
 *
 *     rate(t) = r(t) + (q - r(a)) * max(0, 1 - (t - a)/w),  and if q < r(a) at most q * 2^(t - a)
 *
 * so that it leaves q in a line and has met the new plan after w steps; a finished run, whose rate
 * has come close to 0, rises again and then falls to its new end.  The second bound keeps the first
 * steps of a rise from multiplying a rate that is next to nothing. */
struct leg {
    int64_t after; /* a */
    int64_t rise;  /* w; 0: there was no other plan */
    double rate;   /* q */
};

/* schedule_rate() for a run with such a history. */
double schedule_leg_rate(
    enum schedule s, double lr, int64_t step, int64_t steps, int64_t warmup, const struct leg *l);
/* The leg of a run that has done `step` steps of `steps` and from now on has `more` as its number
 * of steps; w is a tenth of what is left, but no less than the warm-up, and no more than a quarter
 * of what is left; all of it where the rate has to fall. */
struct leg schedule_extend(enum schedule s, double lr, int64_t step, int64_t steps, int64_t more,
    int64_t warmup, const struct leg *before);

/* {"after", "rise", "rate"}, as checkpoints have it. */
extern const struct member leg_members[];

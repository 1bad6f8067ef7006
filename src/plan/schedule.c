/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/schedule.h"

#include <math.h>

double schedule_rate(enum schedule s, double lr, int64_t step, int64_t steps, int64_t warmup)
{
    double share = steps > 0 ? (double)step / (double)steps : 0, factor = 1;
    if (share > 1) share = 1;
    if (s == SCHEDULE_POLY) factor = pow(1 - share, .9);
    if (s == SCHEDULE_COSINE) factor = .5 * (1 + cos(acos(-1.0) * share));
    if (step < warmup) factor *= (double)(step + 1) / (double)warmup;
    return lr * factor;
}

double schedule_transition_rate(enum schedule s, double lr, int64_t step, int64_t steps,
    int64_t warmup, const struct rate_transition *l)
{
    double rate = schedule_rate(s, lr, step, steps, warmup);
    if (l->rise < 1) return rate;
    double start = schedule_rate(s, lr, l->after, steps, warmup), since = (double)(step - l->after);
    double old = since < (double)l->rise ? 1 - since / (double)l->rise : 0;
    rate = rate - old * start + old * l->rate;
    return l->rate < start ? fmin(rate, l->rate * exp2(fmin(since, 1000))) : rate;
}

struct rate_transition schedule_extend(enum schedule s, double lr, int64_t step, int64_t steps,
    int64_t more, int64_t warmup, const struct rate_transition *before)
{
    if (step < 1 || more == steps) return *before;
    double rate = schedule_transition_rate(s, lr, step - 1, steps, warmup, before);
    int64_t left = more - step, rise = left / 10 > warmup ? left / 10 : warmup;
    if (rise > left / 4) rise = left / 4;
    if (rate > schedule_rate(s, lr, step - 1, more, warmup)) rise = left;
    return (struct rate_transition){step - 1, rise + 1, rate};
}

const struct member transition_members[] = {{MEMBER(rate_transition, after)},
    {MEMBER(rate_transition, rise)}, {MEMBER(rate_transition, rate)}, {0}};

/* SPDX-License-Identifier: Apache-2.0 */
/* Learning-rate schedules; called by the training loop. */
#include "train/schedule.h"

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

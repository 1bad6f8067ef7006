/* SPDX-License-Identifier: Apache-2.0 */
/* Round numbers for axes. */
#pragma once

#include <math.h>

/* 1, 2 or 5 times a power of ten, at most `max` of them in range > 0. */
static inline double tick_distance(double range, int max)
{
    double power = pow(10, floor(log10(range / max))), wanted = range / max / power;
    return power * (wanted <= 1 ? 1 : wanted <= 2 ? 2 : wanted <= 5 ? 5 : 10);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Which taps of w3 make up the taps of w along an axis (kernel.h, up_expand). */
#pragma once

#include "kernel/conv.h"

enum { CONV_UP_TAPS = 4 };

/* Tap i of one kernel is the sum of count[i] taps of the other, from first[i]. */
struct conv_up_axis {
    int from, to;
    int first[CONV_UP_TAPS], count[CONV_UP_TAPS];
};

/* From w3 to w; along an axis that keeps its size. */
extern const struct conv_up_axis conv_up_wider, conv_up_flat;

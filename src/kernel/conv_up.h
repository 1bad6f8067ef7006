/* SPDX-License-Identifier: Apache-2.0 */
/* Which taps of w3 make the taps of w along an axis (kernel.h, up_expand): for ref_up.c and
 * fast_conv_up.c. */
#ifndef KERNEL_CONV_UP_H
#define KERNEL_CONV_UP_H

#include "kernel/conv.h"

enum { CONV_UP_TAPS = 4 };

/* Tap i of one kernel is the sum of count[i] taps of the other, from first[i] on. */
struct conv_up_axis {
    int from, to;
    int first[CONV_UP_TAPS], count[CONV_UP_TAPS];
};

/* From w3 to w, and along an axis that stays as it is. */
extern const struct conv_up_axis conv_up_wider, conv_up_flat;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What the per-pixel losses share, plain and fast: which pixels count, and what their target is. */
#ifndef KERNEL_LOSS_H
#define KERNEL_LOSS_H

#include "kernel/kernel.h"

/* A label outside of the classes takes no part either: such input is refused at the border, not
 * here. Regions may hold any label. */
static inline bool loss_valid(const struct loss_input *in, int label)
{
    return label != LABEL_IGNORE && (in->region || label < in->logits.s.c);
}

/* The target of channel k: 0 or 1.  The label must be valid. */
static inline int loss_target(const struct loss_input *in, int label, int k)
{
    return in->region ? class_set_has(in->region[k], label) : k == label;
}

/* sum / *below and seed / *below: kernels.field */
static inline real loss_over(double sum, const double *below)
{
    return (real)(!below ? sum : *below > 0 ? sum / *below : 0);
}
static inline double loss_scale(real seed, const double *below)
{
    return !below ? (double)seed : *below > 0 ? (double)seed / *below : 0;
}

#endif

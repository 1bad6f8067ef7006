/* SPDX-License-Identifier: Apache-2.0 */
/* What the per-pixel losses share, plain and fast: which pixels count, and what their target is. */
#ifndef KERNEL_LOSS_H
#define KERNEL_LOSS_H

#include "kernel/kernel.h"

/* A label outside of the classes (or of a region's 64 bits) takes no part either: such input is refused at the border, not here. */
static inline bool loss_valid(const struct loss_input *in, int label)
{
    return label != LABEL_IGNORE && label < (in->region ? 64 : in->logits.s.c);
}

/* The target of channel k: 0 or 1.  The label must be valid. */
static inline int loss_target(const struct loss_input *in, int label, int k)
{
    return in->region ? (int)(in->region[k] >> label & 1) : k == label;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What the per-pixel losses share, plain and fast: which pixels count, what their target is, and how the Dice sums become a value. */
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

/* Dice: the first class that counts. */
static inline int loss_first_class(const struct loss_input *in) { return in->region || in->background ? 0 : 1; }

/* One term of the Dice loss from its sums: (2 pt + smooth) / (p + t + smooth).  Without a pixel of the class, in prediction and target, and
 * without smoothing it says nothing: false, and it is left out of the mean. */
static inline bool loss_dice_term(const double sums[3], double smooth, double *dice, double *below)
{
    *below = sums[1] + sums[2] + smooth;
    if (!(*below > 0)) return false;
    *dice = (2 * sums[0] + smooth) / *below;
    return true;
}

/* The sums of one group (an image, or the whole batch, added image by image) and class. */
static inline void loss_dice_sums(const struct loss_input *in, const double *sums, int group, int k, double out[3])
{
    int channels = in->logits.s.c, first = in->batch ? 0 : group, last = in->batch ? in->logits.s.n : group + 1;
    out[0] = out[1] = out[2] = 0;
    for (int n = first; n < last; n++)
        for (int j = 0; j < 3; j++) out[j] += sums[(n * channels + k) * 3 + j];
}

/* Adds up the terms of all groups and classes; returns how many there are. */
static inline int loss_dice_total(const struct loss_input *in, const double *sums, double *total)
{
    int terms = 0, groups = in->batch ? 1 : in->logits.s.n;
    *total = 0;
    for (int g = 0; g < groups; g++)
        for (int k = loss_first_class(in); k < in->logits.s.c; k++) {
            double s[3], dice, below;
            loss_dice_sums(in, sums, g, k, s);
            if (!loss_dice_term(s, (double)in->smooth, &dice, &below)) continue;
            *total += dice;
            terms++;
        }
    return terms;
}

#endif

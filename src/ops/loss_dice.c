/* SPDX-License-Identifier: Apache-2.0 */
/* Soft Dice (Milletari et al. 2016, arXiv 1606.04797; plain sums in the denominator as in nnU-Net):
 * 1 - mean (2 sum pt + smooth) / (sum p + sum t + smooth), per image or batch, with or without
 * background, over classes (softmax) or regions (sigmoid). */
#include <math.h>

#include "ops/overlap.h"

enum { BATCH, BACKGROUND, SMOOTH };

static bool of_class(
    const double *set, const struct overlap_sums *s, double *term, struct overlap_slope *by)
{
    double below = s->soft + s->hard + set[SMOOTH], dice = (2 * s->both + set[SMOOTH]) / below;
    if (!(below > 0)) return false; /* no pixel of the class */
    *term = 1 - dice;
    *by = (struct overlap_slope){-2 / below, dice / below};
    return true;
}

static const struct overlap_loss dice = {BATCH, BACKGROUND, .of_class = of_class};

static void forward(const struct step *s) { overlap_forward(s, &dice); }

const struct loss loss_dice = {
    .name = "dice",
    .settings = {OVERLAP_BATCH, OVERLAP_BACKGROUND(0), OVERLAP_SMOOTH},
    .outputs = OVERLAP_OUTPUTS,
    .op =
        {
            .name = "dice",
            .shape = overlap_shape,
            .forward = forward,
            .backward = overlap_backward,
            .reads = READS_OVERLAP,
        },
};

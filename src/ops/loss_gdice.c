/* SPDX-License-Identifier: Apache-2.0 */
/* Generalised Dice loss (Sudre et al. 2017, arXiv 1707.03237): one fraction for all classes of an
 * image or batch, 1 - (2 sum_k w_k sum pt + smooth) / (sum_k w_k (sum p + sum t) + smooth), w_k = 1
 * / (sum t)^2. Weights are scaled to a maximum of 1, which only changes the effect of smooth. A
 * class without pixels gets the weight of the rarest class. */
#include <math.h>

#include "ops/overlap.h"

enum { BATCH, BACKGROUND, SMOOTH };

static double weight_of(const struct overlap_sums *s, double rarest)
{
    double share = s->hard > 0 ? rarest / s->hard : 1;
    return share * share;
}

static bool of_all(const double *set, const struct overlap_sums *s, int classes, double *term,
    struct overlap_slope *by)
{
    double rarest = (double)INFINITY, both = 0, all = 0;
    for (int k = 0; k < classes; k++)
        if (s[k].hard > 0) rarest = fmin(rarest, s[k].hard);
    for (int k = 0; k < classes; k++) {
        both += weight_of(&s[k], rarest) * s[k].both;
        all += weight_of(&s[k], rarest) * (s[k].soft + s[k].hard);
    }
    double below = all + set[SMOOTH], dice = (2 * both + set[SMOOTH]) / below;
    if (!(below > 0)) return false;
    *term = 1 - dice;
    for (int k = 0; k < classes; k++) {
        double w = weight_of(&s[k], rarest);
        by[k] = (struct overlap_slope){-2 * w / below, dice * w / below};
    }
    return true;
}

static const struct overlap_loss gdice = {BATCH, BACKGROUND, .of_all = of_all};

static void forward(const struct step *s) { overlap_forward(s, &gdice); }

const struct loss loss_gdice = {
    .name = "gdice",
    .settings = {OVERLAP_BATCH, OVERLAP_BACKGROUND(1), OVERLAP_SMOOTH},
    .outputs = OVERLAP_OUTPUTS,
    .op =
        {
            .name = "gdice",
            .shape = overlap_shape,
            .forward = forward,
            .backward = overlap_backward,
            .reads = READS_OVERLAP,
        },
};

/* SPDX-License-Identifier: Apache-2.0 */
/* Tversky loss (Salehi et al. 2017, arXiv 1706.05721): mean of 1 - TI over classes, TI as in
 * overlap.h. alpha weighs false positives, beta false negatives; 1/2 each is Dice. */
#include <math.h>

#include "ops/overlap.h"

enum { ALPHA, BETA, BATCH, BACKGROUND, SMOOTH };

static bool of_class(
    const double *set, const struct overlap_sums *s, double *term, struct overlap_slope *by)
{
    return overlap_tversky(s, set[ALPHA], set[BETA], set[SMOOTH], term, by);
}

static const struct overlap_loss tversky = {BATCH, BACKGROUND, .of_class = of_class};

static void forward(const struct step *s) { overlap_forward(s, &tversky); }

const struct loss loss_tversky = {
    .name = "tversky",
    .settings = {{"alpha", LOSS_REAL, .3, 0, 10}, {"beta", LOSS_REAL, .7, 0, 10}, OVERLAP_BATCH,
        OVERLAP_BACKGROUND(0), OVERLAP_SMOOTH},
    .outputs = OVERLAP_OUTPUTS,
    .op =
        {
            .name = "tversky",
            .shape = overlap_shape,
            .forward = forward,
            .backward = overlap_backward,
            .reads = READS_OVERLAP,
        },
};

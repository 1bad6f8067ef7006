/* SPDX-License-Identifier: Apache-2.0 */
/* Focal Tversky loss (Abraham and Khan 2018, arXiv 1810.07842): mean of (1 - TI)^gamma over
 * classes, TI as in overlap.h. gamma is the exponent, .75 as in the authors' code; the paper writes
 * 1/gamma with gamma = 4/3. Below 1 it steepens the slope near TI = 1, above 1 it flattens it. */
#include <math.h>

#include "base/kmath.h"
#include "ops/overlap.h"

enum { ALPHA, BETA, GAMMA, BATCH, BACKGROUND, SMOOTH };

/* A lower bound of 1 - TI: for gamma < 1 the slope of x^gamma is infinite at 0. */
static const double LEAST = 1e-6;

static bool of_class(
    const double *set, const struct overlap_sums *s, double *term, struct overlap_slope *by)
{
    double miss;
    if (!overlap_tversky(s, set[ALPHA], set[BETA], set[SMOOTH], &miss, by)) return false;
    *term = kmath_pow(miss, set[GAMMA]);
    double at = fmax(miss, LEAST), slope = set[GAMMA] * kmath_pow(at, set[GAMMA]) / at;
    by->by_both *= slope;
    by->by_soft *= slope;
    return true;
}

static const struct overlap_loss focal_tversky = {BATCH, BACKGROUND, .of_class = of_class};

static void forward(const struct step *s) { overlap_forward(s, &focal_tversky); }

const struct loss loss_focal_tversky = {
    .name = "focal-tversky",
    .settings = {{"alpha", LOSS_REAL, .3, 0, 10}, {"beta", LOSS_REAL, .7, 0, 10},
        {"gamma", LOSS_REAL, .75, .1, 10}, OVERLAP_BATCH, OVERLAP_BACKGROUND(0), OVERLAP_SMOOTH},
    .outputs = OVERLAP_OUTPUTS,
    .op =
        {
            .name = "focal_tversky",
            .shape = overlap_shape,
            .forward = forward,
            .backward = overlap_backward,
            .reads = READS_OVERLAP,
        },
};

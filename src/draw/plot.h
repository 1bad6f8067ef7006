/* SPDX-License-Identifier: Apache-2.0 */
/* Draws the curves of a training run. */
#pragma once

#include "base/status.h"

enum { PLOT_CLASSES = 254, PLOT_WIDTH = 940, PLOT_HEIGHT = 600, PLOT_HEIGHT_LOSS = 330 };

/* The plot skips values that are not finite. */
struct plot {
    const char *title;
    const double *step, *loss; /* [n] */
    const char *upper;         /* title of the upper plot in place of the loss, or NULL */
    int n;
    const double *dice_step, *dice_mean; /* [validations] */
    const double *dice[PLOT_CLASSES];    /* [classes][validations] */
    const char *name[PLOT_CLASSES];
    int classes, validations;
};

/* Writes a PNG: loss over steps, below it Dice over the same steps, and the last values in the
 * legend. Without validations only the loss (PLOT_HEIGHT_LOSS). */
att_status plot_curves(const char *path, const struct plot *p, struct err *e);

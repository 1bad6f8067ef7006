/* SPDX-License-Identifier: Apache-2.0 */
/* Soft Dice (Milletari et al. 2016, arXiv 1606.04797, with the plain sums in the denominator as in nnU-Net):
 * 1 - mean (2 sum pt + smooth) / (sum p + sum t + smooth), per image or over the batch, with or without background, over classes (softmax)
 * or regions (sigmoid). */
#include <math.h>

#include "ops/overlap.h"

enum { BATCH, BACKGROUND, SMOOTH };

static int group(const double *set, const struct overlap_sums *s, int classes, double *total, struct overlap_slope *by)
{
    int terms = 0;
    for (int k = 0; k < classes; k++) {
        double below = s[k].soft + s[k].hard + set[SMOOTH], dice = (2 * s[k].both + set[SMOOTH]) / below;
        if (!(below > 0)) continue; /* the class is nowhere */
        *total += 1 - dice;
        by[k] = (struct overlap_slope){-2 / below, dice / below};
        terms++;
    }
    return terms;
}

static const struct overlap_loss dice = {BATCH, BACKGROUND, group};

static void forward(const struct step *s) { overlap_forward(s, &dice); }

static bool example(struct graph *g, int index, struct err *e)
{
    static const struct class_set region[] = {{{1u << 1 | 1u << 2}}, {{1u << 2}}};
    static const struct loss_attr list[] = {{.set = {[SMOOTH] = 1e-5}},
                                            {.set = {[SMOOTH] = 1e-5}, .region = region},
                                            {.set = {[SMOOTH] = 1, [BATCH] = 1, [BACKGROUND] = 1}},
                                            {.set = {[BATCH] = 1}}};
    static const struct shape shapes[] = {{2, 3, 1, 3, 4}, {2, 2, 1, 3, 4}, {2, 3, 2, 3, 2}, {2, 4, 1, 3, 3}};
    return index < 4 && loss_example(g, &loss_dice.op, OVERLAP_OUTPUTS, &list[index], shapes[index], e);
}

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
            .example = example,
        },
};

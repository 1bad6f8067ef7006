/* SPDX-License-Identifier: Apache-2.0 */
/* Choices of tiles that a learned policy is compared with, at an equal number of tiles. */
#ifndef POLICY_CHOOSER_H
#define POLICY_CHOOSER_H

#include "base/rng.h"
#include "policy/tile_sums.h"
#include "policy/tiling.h"

enum chooser {
    CHOOSER_RANDOM,            /* any tiles */
    CHOOSER_RANDOM_FOREGROUND, /* any tiles where the coarse network sees foreground, then any
                                  others */
    CHOOSER_ENTROPY,           /* those with most entropy of the coarse probabilities */
    CHOOSER_FOREGROUND,        /* those with most foreground probability */
    CHOOSER_BOX,   /* the box around the coarse foreground: its tiles from the middle outwards, then
                      those nearest to it */
    CHOOSER_PRIOR, /* where the training cases have most foreground */
    CHOOSER_ORACLE,  /* knows the truth: the tile that gains most Dice, again and again; ends when
                        none gains. A strong heuristic  only, since Dice is a ratio */
    CHOOSER_OPTIMUM, /* knows the truth: the best of all choices, for one class (Dinkelbach 1967) */
    CHOOSERS
};
extern const char
    *const chooser_name[CHOOSERS]; /* as in tables: "random", "random foreground", ... */

/* What choosers look at; each needs what its description says, others may be NULL. */
struct chooser_view {
    const struct tiling *tiling;
    const double *entropy;    /* [tiles] sum over the tile's voxels */
    const double *foreground; /* [tiles] sum of the foreground's probability */
    const double *labelled;   /* [tiles] voxels that the coarse network labels as foreground: random
                                 foreground, box */
    const double *prior;      /* [tiles] from prior_tiles */
    const struct tile_sums *sums; /* oracle, optimum */
};

/* Chooses k tiles (oracle and optimum: at most k; all choosers: at most tiling->count), in order;
 * *count of them. Ties go to the lower number. The optimum of several classes is ATT_USAGE. */
att_status chooser_choose(enum chooser kind, const struct chooser_view *v, int k,
    struct rng *stream, int *chosen, int *count, struct err *e);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Choices of tiles to compare a learned policy with, at an equal number of tiles. */
#pragma once

#include "base/rng.h"
#include "policy/tile_sums.h"
#include "policy/tiling.h"

enum chooser {
    CHOOSER_RANDOM,            /* random tiles */
    CHOOSER_RANDOM_FOREGROUND, /* random tiles with coarse foreground, then other random ones */
    CHOOSER_ENTROPY,           /* largest entropy of the coarse probabilities */
    CHOOSER_FOREGROUND,        /* largest foreground probability */
    /* tiles of the box around the coarse foreground from the middle outwards, then those nearest to
     * it */
    CHOOSER_BOX,
    CHOOSER_PRIOR, /* most foreground in the training cases */
    /* uses the truth: repeatedly the tile that gains most Dice, until none gains; a heuristic,
     * since Dice is a ratio */
    CHOOSER_ORACLE,
    CHOOSER_OPTIMUM, /* uses the truth: the best of all choices, for one class (Dinkelbach 1967) */
    CHOOSERS
};
/* for tables: "random", "random foreground", ... */
extern const char *const chooser_name[CHOOSERS];

/* Inputs of choosers; those a chooser does not read may be NULL. */
struct chooser_view {
    const struct tiling *tiling;
    const double *entropy;    /* [tiles] sum over the tile's voxels */
    const double *foreground; /* [tiles] sum of the foreground's probability */
    /* [tiles] voxels with a coarse foreground label: random foreground, box */
    const double *labelled;
    const double *prior;          /* [tiles] from prior_tiles */
    const struct tile_sums *sums; /* oracle, optimum */
};

/* Choose k tiles in order (oracle, optimum: at most k; all: at most tiling->count); *count is their
 * number. Ties go to the lower number. ATT_USAGE for the optimum of several classes. */
att_status chooser_choose(enum chooser kind, const struct chooser_view *v, int k,
    struct rng *stream, int *chosen, int *count, struct err *e);

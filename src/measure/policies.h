/* SPDX-License-Identifier: Apache-2.0 */
/* Compares choices of tiles on labelled cases at equal numbers of tiles: a hard model's policy,
 * other choosers (policy/chooser.h), the coarse network alone, and all tiles. Both networks compute
 * every tile once; sums then give the Dice of any choice (policy/tile_sums.h). With cluster > 1,
 * tiles share windows, and the model's own choice is computed again, as in prediction. Everything
 * is on the network's grid. */
#pragma once

#include <jansson.h>

#include "base/host.h"
#include "model/model.h"
#include "policy/chooser.h"
#include "policy/prior.h"

enum { POLICIES_K = 24, POLICIES_DRAWS = 8 /* a random choice is the mean of so many draws */ };
enum { METHOD_LEARNED = CHOOSERS, METHODS }; /* the choosers, and the model's policy */
const char *policies_method(int m);

struct policies_options {
    int k[POLICIES_K], ks; /* numbers of tiles, rising; none: 1, 2, 4, ... up to the first case's,
                              and the model's own */
    const struct prior *prior; /* foreground of the training cases; NULL: no location prior */
    uint64_t seed;
    const char *conv;
};

/* Result of a choice; NaN: none. */
struct policies_score {
    double tiles;
    /* multiply-adds of all networks, as a share of those of the fine network over the whole image
     * in one pass */
    double share;
    double dice;    /* mean over the classes in the truth */
    double outside; /* share of the true foreground outside the chosen tiles */
};

struct policies_case {
    char *id;
    int tiles; /* of its grid */
    double dense, coarse,
        tile; /* multiply-adds: the fine network over all; coarse network and policy; one tile */
    double coarse_seconds, tile_seconds;  /* coarse network and policy; a tile, mean */
    struct policies_score none, all, own; /* own: the model's, or its policy's, number of tiles */
    struct policies_score score[METHODS][POLICIES_K];
};

struct policies {
    int k[POLICIES_K], ks;
    struct policies_case *list;
    int count;
    struct policies_case mean; /* each over the cases that have the number; id NULL */
};

/* Mean foreground of these training cases on a fixed grid. host: not NULL. */
att_status policies_prior(const struct model *m, const struct dataset *d, const int *list,
    int count, struct host *host, struct prior *p, struct err *e);

/* ATT_USAGE for a model without a policy. */
att_status policies_possible(const struct model *m, struct err *e);
/* list: indices into d->cases, all labelled. */
att_status policies_run(const struct model *m, const struct dataset *d, const int *list, int count,
    const struct policies_options *o, struct host *host, struct policies *p, struct err *e);
void policies_free(struct policies *p);

/* {"cases": [{"case", "tiles", "multiply_adds": {"dense", "coarse", "tile"}, "seconds": {"coarse",
 * "tile"}, "none": SCORE, "all": SCORE, "own": SCORE, "methods": [{"method", "scores": [SCORE,
 * ...]}, ...]}, ...], "mean": {the same without "case"}, "k": [1, 2, ...]} with SCORE = {"tiles",
 * "share", "dice", "outside"}; NaN is null. */
json_t *policies_report(const struct policies *p);

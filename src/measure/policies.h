/* SPDX-License-Identifier: Apache-2.0 */
/* Which tiles to look at, measured on labelled cases: a hard model's policy and other choosers
 * (policy/chooser.h) at equal numbers of tiles, the coarse network alone, and all tiles.  Every
 * tile of a case is computed once by both networks; the Dice of any choice is then a matter of sums
 * (policy/tile_sums.h).  With cluster > 1 tiles are computed in windows that all of the case's
 * share, and the model's own choice again, as a prediction would.  All of it lies on the network's
 * grid: the image's own, unless the model has a spacing or size. */
#ifndef MEASURE_POLICIES_H
#define MEASURE_POLICIES_H

#include <jansson.h>

#include "base/host.h"
#include "model/model.h"
#include "policy/chooser.h"
#include "policy/prior.h"

enum { POLICIES_K = 24, POLICIES_DRAWS = 8 /* random choices are means of so many */ };
enum { METHOD_LEARNED = CHOOSERS, METHODS }; /* the choosers, and the model's policy */
const char *policies_method(int m);

struct policies_options {
    int k[POLICIES_K], ks; /* numbers of tiles, rising; none: 1, 2, 4, ... of the first case's, and
                              the model's own */
    const struct prior *prior; /* where training cases have foreground; NULL: no location prior */
    uint64_t seed;
    const char *conv;
};

/* What a choice comes to; NaN: there is none. */
struct policies_score {
    double tiles;
    double share; /* of the multiply-adds of the fine network over the whole image in one pass, all
                     networks of the choice counted */
    double dice;  /* mean over the classes that the truth has */
    double outside; /* share of the true foreground that lies outside of the chosen tiles */
};

struct policies_case {
    char *id;
    int tiles;                  /* of its grid */
    double dense, coarse, tile; /* multiply-adds: the fine network once over all; coarse network and
                                   policy; one tile */
    double coarse_seconds, tile_seconds; /* coarse network and policy; a tile, mean */
    struct policies_score none, all,
        own; /* own: as many tiles as the model says, or as its policy wants */
    struct policies_score score[METHODS][POLICIES_K];
};

struct policies {
    int k[POLICIES_K], ks;
    struct policies_case *list;
    int count;
    struct policies_case mean; /* over the cases that have a number; no id */
};

/* Where the foreground of these training cases is, on a grid of its own (policies_prior.c). */
att_status policies_prior(const struct model *m, const struct dataset *d, const int *list,
    int count, struct pool *pool, struct host *host, struct prior *p, struct err *e);

/* A model without a policy is ATT_USAGE. */
att_status policies_possible(const struct model *m, struct err *e);
/* list: indices into d->cases; all of them have labels. */
att_status policies_run(const struct model *m, const struct dataset *d, const int *list, int count,
    const struct policies_options *o, const struct kernels *kernels, struct pool *pool,
    struct host *host, struct policies *p, struct err *e);
void policies_free(struct policies *p);

/* {"cases": [{"case", "tiles", "multiply_adds": {"dense", "coarse", "tile"}, "seconds": {"coarse",
 * "tile"}, "none": SCORE, "all": SCORE, "own": SCORE, "methods": [{"method", "scores": [SCORE,
 * ...]}, ...]}, ...], "mean": {the same without "case"}, "k": [1, 2, ...]} with SCORE = {"tiles",
 * "share", "dice", "outside"}; NaN is null. */
json_t *policies_report(const struct policies *p);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Compares arms of an experiment with the first arm, over the same cases (`attunet compare`).
 * docs/metrics.md. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "dataset/dataset.h"

struct compare_options {
    const char *metric; /* "dice", ... */
    const char *wanted; /* a class; NULL: the mean over classes */
    bool permutation;   /* instead of Wilcoxon's test */
    /* the cases' data set, or NULL; its groups, if any, are the units of test and interval */
    const struct dataset *data;
};

/* arms: "NAME=FILE[,FILE...]", one file per seed (scores.h); a repeated name adds files. Each
 * case is averaged over seeds; one without a number in some arm is left out of all. ATT_DATA for
 * different cases, ATT_USAGE for a repeated file.
 * *result becomes {"metric": "dice", "class": null, "test": "wilcoxon", "cases": 40, "groups": 32
 * (if used), "fewest": 6 (stats_fewest), "left_out": ["a", ...], "arms": [{"arm": "none", "files":
 * [...], "seeds": 3, "mean": .88, "spread": .001}, {..., "difference": .004, "low": .001, "high":
 * .007, "p": .01, "p_holm": .02}], "definitions": {...}}; spread is null with one seed. */
att_status compare_results(const char *const *arms, int count, const struct compare_options *o,
    json_t **result, struct err *e);

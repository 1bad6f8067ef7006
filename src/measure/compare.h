/* SPDX-License-Identifier: Apache-2.0 */
/* Arms of an experiment against the first of them, over the same cases: what `attunet compare`
 * does. docs/metrics.md says how. */
#ifndef MEASURE_COMPARE_H
#define MEASURE_COMPARE_H

#include <jansson.h>
#include <stdbool.h>

#include "dataset/dataset.h"

struct compare_options {
    const char *metric;         /* "dice", ... */
    const char *wanted;         /* a class; NULL: the mean over classes */
    bool permutation;           /* instead of Wilcoxon's test */
    const struct dataset *data; /* that the cases are of: where it names groups, the test and the
                                   interval count these; or NULL */
};

/* arms: "NAME=FILE[,FILE...]", a file for each seed (scores.h); a name given twice has the files of
 * both. An arm's cases are averaged over its seeds; a case that an arm has no number for at all is
 * left out of every arm. Arms with different cases are ATT_DATA, named; an arm with one file twice
 * is ATT_USAGE.
 *
 * *result becomes {"metric": "dice", "class": null, "test": "wilcoxon", "cases": 40, "groups": 32
 * (where they count), "left_out": ["a",
 * ...], "arms": [{"arm": "none", "files": [...], "seeds": 3, "mean": .88, "spread": .001}, {...,
 * "difference": .004, "low": .001, "high": .007, "p": .01, "p_holm": .02}], "definitions": {...}};
 * spread is null with one seed. */
att_status compare_results(const char *const *arms, int count, const struct compare_options *o,
    json_t **result, struct err *e);

#endif

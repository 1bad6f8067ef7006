/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the meaning of mask values: as declared, else from the values themselves. */
#pragma once

#include "measure/pairs.h"
#include "measure/tally.h"

struct meaning {
    const char *from; /* its source, for messages; NULL: none */
    bool declared;    /* by a dataset.json: other values are errors */
    bool numbered;    /* labels number objects of one class */
    struct labelling labels;
};

/* Reads it from the dataset.json next to the labels; else from the model of the run `predictions`;
 * else from the labels' data set, over all labels. */
att_status meaning_read(const char *predictions, const char *labels, const struct mask_pairs *p,
    struct meaning *m, struct host *host, struct err *e);
/* After counting: uses `likely` (or NULL) if it covers all values. Else 0 is background and every
 * value a class, with two exceptions that become one class, "foreground": one other value on each
 * side, whether 1 or 255, and values that seem to number objects. ignore: -1, or a true value to
 * skip. *numbered: whether they number objects. */
att_status meaning_find(const struct meaning *likely, const struct tally *tally, int count,
    int ignore, struct labelling *l, bool *numbered, struct host *host, struct err *e);

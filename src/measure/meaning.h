/* SPDX-License-Identifier: Apache-2.0 */
/* Meaning of compared mask values: by declaration if there is one, else by the values. */
#pragma once

#include "measure/pairs.h"
#include "measure/tally.h"

struct meaning {
    const char *from; /* its source, for messages; NULL: none */
    bool declared;    /* by a dataset.json: other values are errors */
    bool numbered;    /* labels number objects of one class */
    struct labelling labels;
};

/* From the dataset.json next to the labels; else the model of the run `predictions`; else the data
 * set of the labels, over all of them. */
att_status meaning_ask(const char *predictions, const char *labels, const struct mask_pairs *p,
    struct meaning *m, struct host *host, struct err *e);
/* After counting: `likely` (or NULL), if it covers all values. Else 0 is background and every value
 * a class; but one other value on each side is one class ("foreground"), whether 1 or 255, and so
 * are objects that seem to be numbered. ignore: -1, or a true value to skip. */
att_status meaning_find(const struct meaning *likely, const struct tally *tally, int count,
    int ignore, struct labelling *l, struct host *host, struct err *e);

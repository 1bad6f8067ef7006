/* SPDX-License-Identifier: Apache-2.0 */
/* What the values of masks mean that are held against each other: who says it is asked first, and
 * only then the values are. */
#ifndef MEASURE_MEANING_H
#define MEASURE_MEANING_H

#include "measure/pairs.h"
#include "measure/tally.h"

struct meaning {
    const char *from; /* who says it, for people; NULL: nobody */
    bool declared;    /* by a dataset.json: values that it does not name are wrong */
    bool numbered;    /* labels number objects, which are one class */
    struct labelling labels;
};

/* The dataset.json beside the labels; else the model of `predictions`, where that is a run; else
 * the data set that the labels belong to, by all of them, whichever are measured. */
att_status meaning_ask(const char *predictions, const char *labels, const struct mask_pairs *p,
    struct meaning *m, struct host *host, struct err *e);
/* After counting: that of `likely` (may be NULL), where it knows the values that occur. Else 0 is
 * the background and every value a class; but where labels and predictions have one other value
 * each, that is one class ("foreground"), be it 1 or 255, and so are objects that seem to be
 * numbered. ignore: -1, or a true value that does not count. */
att_status meaning_find(const struct meaning *likely, const struct tally *tally, int count,
    int ignore, struct labelling *l, struct host *host, struct err *e);

#endif

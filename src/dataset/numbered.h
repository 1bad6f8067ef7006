/* SPDX-License-Identifier: Apache-2.0 */
/* Masks whose values number the objects of each image, as glands and nuclei are often drawn,
 * instead of naming classes. */
#ifndef DATASET_NUMBERED_H
#define DATASET_NUMBERED_H

#include "dataset/layout.h"

/* What the values of one case after the other say; zeroed at first. */
struct numbered {
    int cases, max, full;    /* cases with foreground, the most values other than 0 in one of them,
                                 how many cases have as many */
    int64_t values, highest; /* sums over cases */
};

void numbered_add(struct numbered *n, const struct values *v);
/* Whether these may be objects: the values of a case are 1, 2, 3... without many gaps, and most
 * cases have fewer than `most`. */
bool numbered_likely(const struct numbered *n);
/* Whether they are: nearly every value is one piece of its image, too, and they lie side by side,
 * for which the masks are read. Many values with gaps among them may be objects of which some were
 * taken away, or classes of which no image shows all, such as vertebrae. */
enum numbered_kind { NUMBERED_CLASSES, NUMBERED_DOUBTFUL, NUMBERED_OBJECTS };
att_status numbered_find(const struct numbered *n, const struct dataset *d,
    enum numbered_kind *kind, struct host *host, struct err *e);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Masks that number the objects of each image, common for glands and nuclei, instead of naming
 * classes. */
#pragma once

#include "dataset/layout.h"

/* Values of the cases so far; zeroed at first. */
struct numbered {
    int cases, max,
        full; /* cases with foreground, maximum of non-zero values in one, cases with that many */
    int64_t values, highest; /* sums over cases */
};

void numbered_add(struct numbered *n, const struct values *v);
/* True if these may be objects: values 1, 2, 3... with few gaps, and most cases have fewer than the
 * maximum. */
bool numbered_likely(const struct numbered *n);
/* Decide by reading masks: objects are mostly single pieces, side by side. Many values with gaps
 * may be objects with some removed, or classes that no image shows completely, such as
 * vertebrae. */
enum numbered_kind { NUMBERED_CLASSES, NUMBERED_DOUBTFUL, NUMBERED_OBJECTS };
att_status numbered_find(const struct numbered *n, const struct dataset *d,
    enum numbered_kind *kind, struct host *host, struct err *e);

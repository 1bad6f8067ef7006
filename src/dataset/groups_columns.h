/* SPDX-License-Identifier: Apache-2.0 */
/* Patients behind the beginning of names: in a later part of them, or in digits that touch the
 * number of an image. */
#pragma once

#include "dataset/groups_keyed.h"

/* What a part behind the first one may be. */
struct columns_tail {
    bool found;
    bool first; /* likelier than what begins names */
    bool clear; /* and nothing else is likely */
    bool alone; /* only where nothing else is found */
    bool count; /* what begins names counts images, or is a hash: no patient */
};
/* The keys of `list` become these parts, if *t says that there are any. `rest`: the names of cases
 * without words that one patient has several of, sorted. */
att_status columns_tail(const struct dataset *d, const struct keyed *rest, struct keyed *list,
    struct columns_tail *t, struct err *e);

/* The same for digits that are a patient and an image without a separator, as in A00101, A00102 and
 * A00201; *clear: they can be nothing else. */
att_status columns_joined(const struct dataset *d, const struct keyed *rest, struct keyed *list,
    bool *found, bool *clear, struct err *e);

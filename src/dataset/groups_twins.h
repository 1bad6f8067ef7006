/* SPDX-License-Identifier: Apache-2.0 */
/* Cases of one name in several folders: versions, sensors, times or spaces of one thing. */
#pragma once

#include "dataset/groups_keyed.h"

/* Whether cases with the same {id} are of one thing: nobody knows; perhaps; surely. */
enum twins { TWINS_UNKNOWN, TWINS_MAYBE, TWINS_SURE };

/* The texts of {id} as keys, sorted; `own` has room for all cases. Without TWINS_UNKNOWN each case
 * has one. */
att_status twins_find(const struct dataset *d, struct keyed *own, enum twins *are, struct err *e);

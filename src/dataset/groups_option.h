/* SPDX-License-Identifier: Apache-2.0 */
/* What a user may give so that cases of one patient stay together. */
#pragma once

#include "dataset/groups_keyed.h"

/* "give `images` ... `labels` ...", which make these groups (sorted by key); or a groups.csv. NULL:
 * no memory. */
char *groups_option(const struct dataset *d, const struct keyed *list);
/* The settings of a set with patterns that leave each case a group of its own. */
char *groups_option_apart(const struct dataset *d);

/* SPDX-License-Identifier: Apache-2.0 */
/* Which case a name in a list means. */
#ifndef DATASET_NAMES_H
#define DATASET_NAMES_H

#include "dataset/dataset.h"

/* The case that a name means, as it is or without folder, without ending, without a channel's
 * _0000; -1 when there is none. */
int names_find(const struct dataset *d, const char *name);
/* ATT_DATA: `where` (a file, a line of one) names a case that is not there; with the nearest one's
 * name. */
att_status names_unknown(
    const struct dataset *d, const char *where, const char *name, struct err *e);

/* ATT_DATA: JSON cannot hold the name, so neither can checkpoints and settings. */
att_status names_check(const struct data_case *c, struct err *e);

/* Calls fn for every name of a text file with one name a line; blank lines, blanks around names and
 * a byte order mark do not count. A file without a name is ATT_DATA. */
typedef att_status names_fn(void *arg, const char *name, struct err *e);
att_status names_read(const char *path, names_fn *fn, void *arg, struct err *e);
/* Sets wanted[case] of every case that such a file names, as `find`, such as names_find, takes a
 * name; one that it does not know (-1) is ATT_DATA. */
typedef int names_find_fn(const struct dataset *d, const char *name);
att_status names_mark(
    const struct dataset *d, const char *path, names_find_fn *find, bool *wanted, struct err *e);

#endif

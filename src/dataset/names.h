/* SPDX-License-Identifier: Apache-2.0 */
/* Finds cases by names in lists. */
#pragma once

#include "dataset/dataset.h"
#include "dataset/pattern.h"

/* The case with this id, from case `first` on; -1: none. */
int names_find_id(const struct dataset *d, int first, struct span id);
/* Case of a name, with or without folder, ending and a channel's _0000; -1: none. */
int names_find(const struct dataset *d, const char *name);
/* Fails with ATT_DATA: `where` (a file, or a line) names an unknown case; suggests a similar one.
 */
att_status names_unknown(
    const struct dataset *d, const char *where, const char *name, struct err *e);

/* ATT_DATA if JSON, and so checkpoints and settings, cannot hold the case's name. */
att_status names_check(const struct data_case *c, struct err *e);

/* Call fn for every name of a text file, one per line; ignores blank lines, surrounding blanks and
 * a byte order mark. ATT_DATA without names. */
typedef att_status names_fn(void *arg, const char *name, struct err *e);
att_status names_read(const char *path, names_fn *fn, void *arg, struct err *e);
/* Set wanted[case] for every case that such a file names, by `find`, such as names_find; -1 is
 * ATT_DATA. */
typedef int names_find_fn(const struct dataset *d, const char *name);
att_status names_mark(
    const struct dataset *d, const char *path, names_find_fn *find, bool *wanted, struct err *e);

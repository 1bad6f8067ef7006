/* SPDX-License-Identifier: Apache-2.0 */
/* --dry-run: where a command begins to write, it notes here what it would do and which files it
 * would write, and ends.  Found through the log, which goes wherever work goes. */
#ifndef FILES_DRY_RUN_H
#define FILES_DRY_RUN_H

#include <jansson.h>

#include "base/host.h"
#include "base/status.h"

struct dry_run {
    json_t *would, *files; /* sentences; an object with a key for each path, in their order */
};

bool is_dry_run(const struct host *host); /* false of NULL */
/* What would be done, as an infinitive: "train 400 steps on 8 cases".  Kept in a dry
 * run only. */
void note_dry_run(struct host *host, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A file that would be written; `name` may be NULL. */
void dry_run_file(struct host *host, const char *folder, const char *name);

/* {"dry_run": true, "would": [TEXT, ...], "files": [PATH, ...]}, fresh. */
json_t *dry_run_to_json(const struct dry_run *r);
void dry_run_begin(struct dry_run *r); /* with nothing in it */
void dry_run_free(struct dry_run *r);

#endif

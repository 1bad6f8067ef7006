/* SPDX-License-Identifier: Apache-2.0 */
/* Dry runs: a command notes here what it would do and write, then ends. */
#pragma once

#include <jansson.h>

#include "base/host.h"
#include "base/status.h"

struct dry_run {
    json_t *would, *files; /* sentences; object with a key per path, in order */
};

bool is_dry_run(const struct host *host); /* false for NULL */
/* An infinitive: "train 400 steps on 8 cases". Does nothing outside a dry run. */
void note_dry_run(struct host *host, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A file that would be written; `name` may be NULL. */
void dry_run_file(struct host *host, const char *folder, const char *name);

/* {"dry_run": true, "would": [TEXT, ...], "files": [PATH, ...]}. */
json_t *dry_run_to_json(const struct dry_run *r);
void dry_run_begin(struct dry_run *r); /* empty */
void dry_run_free(struct dry_run *r);

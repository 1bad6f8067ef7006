/* SPDX-License-Identifier: Apache-2.0 */
/* JSON files: those of a data set, of a run, of settings, and what is written for other programs.
 */
#ifndef FILES_JSON_FILE_H
#define FILES_JSON_FILE_H

#include <jansson.h>
#include <stddef.h>

#include "base/status.h"

/* Parses what was read from `path`, below so many lines of it; text that is no JSON, or names a key
 * twice, is `fault`, with its line.  Free by json_decref; NULL on failure. */
att_status json_parse(const char *text, size_t size, const char *path, size_t above,
    att_status fault, json_t **json, struct err *e);
/* The same of a file of at most 64 MiB. */
att_status json_file_read_as(const char *path, att_status fault, json_t **json, struct err *e);
att_status json_file_read(const char *path, json_t **json, struct err *e); /* ATT_DATA */
/* With jansson's flags. A NULL `json` counts as out of memory. */
att_status json_file_write_as(const char *path, const json_t *json, size_t flags, struct err *e);
/* Takes the reference; keys are sorted, numbers have 15 digits. A NULL `json` counts as out of
 * memory. */
att_status json_file_write(const char *path, json_t *json, struct err *e);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Reads and writes JSON files. */
#pragma once

#include <jansson.h>
#include <stddef.h>

#include "base/status.h"

/* Parses text from `path` that starts after line `above`; invalid JSON or a double key is `fault`,
 * with its line. Free with json_decref; NULL on failure. */
att_status json_parse(const char *text, size_t size, const char *path, size_t above,
    att_status fault, json_t **json, struct err *e);
/* For a file of at most 64 MiB. */
att_status json_file_read_as(const char *path, att_status fault, json_t **json, struct err *e);
att_status json_file_read(const char *path, json_t **json, struct err *e); /* ATT_DATA */
/* The file `name` of a folder; NULL if there is none. */
att_status json_file_read_in(const char *folder, const char *name, json_t **json, struct err *e);
/* Refuses a key that the NULL-terminated list lacks, and names the nearest one. */
att_status json_check_keys(const json_t *object, const char *const *known, const char *path,
    att_status fault, struct err *e);
/* jansson's flags; NULL counts as out of memory. */
att_status json_file_write_as(const char *path, const json_t *json, size_t flags, struct err *e);
/* Takes the reference; sorted keys, 15 digits. NULL counts as out of memory. */
att_status json_file_write(const char *path, json_t *json, struct err *e);
att_status json_file_write_in(const char *folder, const char *name, json_t *json, struct err *e);

/* SPDX-License-Identifier: Apache-2.0 */
/* JSON files: those of a data set, and what is written for other programs. */
#ifndef DATASET_JSON_FILE_H
#define DATASET_JSON_FILE_H

#include <jansson.h>

#include "base/status.h"

/* Reads and parses a file of at most 64 MiB; text that is no JSON, or names a key twice, is ATT_DATA with its line.  Free by json_decref.
 */
att_status json_file_read(const char *path, json_t **json, struct err *e);
/* Takes the reference; keys are sorted, numbers have 15 digits. A NULL `json` counts as out of memory. */
att_status json_file_write(const char *path, json_t *json, struct err *e);

#endif

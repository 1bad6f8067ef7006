/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON files that lie in a data set. */
#ifndef DATASET_JSON_FILE_H
#define DATASET_JSON_FILE_H

#include <jansson.h>

#include "base/status.h"

/* Reads and parses a file of at most 64 MiB; text that is no JSON, or names a key twice, is ATT_DATA with its line.  Free by json_decref.
 */
att_status json_file_read(const char *path, json_t **json, struct err *e);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files behind attunet.h, which check arguments, open a call, run it and close it. */
#pragma once

#include <jansson.h>

#include "app/call.h"

/* Clears the last error, sets the default floating-point environment, checks the context and that
 * the settings belong to `command` (NULL: no settings). Close after every open, even a failed one.
 * ATT_USAGE if a callback uses the context of its own call. */
att_status api_open(
    struct app_call *call, att_context *c, const att_settings *s, const char *command);
/* The same check of settings, for calls that keep the predictor; sets call->o. */
att_status api_settings(struct app_call *call, const att_settings *s, const char *command);
/* Returns `status`; a failure has a sentence in the context. */
att_status api_close(struct app_call *call, att_status status);
/* Copies a caller's structure of `struct_size` into ours of `size`, which may be older or newer.
 * ATT_USAGE below `first`, the size in the first version. from NULL: copies nothing. */
att_status api_receive(void *own, size_t size, const void *from, size_t struct_size, size_t first,
    const char *member, struct err *e);
/* ATT_USAGE if the pointer is NULL. */
att_status api_need(struct app_call *call, const void *pointer, const char *name);
/* ATT_USAGE if the path is NULL or empty. */
att_status api_need_path(struct app_call *call, const char *path, const char *name);
/* ATT_USAGE if the path is empty; NULL is fine. */
att_status api_not_empty(struct app_call *call, const char *path, const char *name);
/* Takes the output from argument `name`, or if NULL from the setting `output`. what: "folder was
 * given for the run". */
att_status api_output(struct app_call *call, const char **path, const char *name, const char *what);

void api_forget(att_context *c); /* drops the kept predictor */

/* A command's JSON; in a dry run what it would do. Takes the reference. */
att_status api_result(struct app_call *call, json_t *result, char **text);
/* JSON text for att_text_free; `text` NULL: not wanted. Takes the reference; NULL counts as out of
 * memory. */
att_status api_text(json_t *json, char **text, struct err *e);
/* The same with all digits, for settings and plans that are read back. */
att_status api_text_exact(json_t *json, char **text, struct err *e);

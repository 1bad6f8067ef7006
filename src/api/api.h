/* SPDX-License-Identifier: Apache-2.0 */
/* What the files behind attunet.h share: the border checks arguments, opens a call, asks the rooms
 * below, and closes the call. */
#ifndef API_API_H
#define API_API_H

#include <jansson.h>

#include "app/call.h"

/* The options table, options that say one thing in several ways, and the commands that have
 * options, NULL-terminated (options_table.c). */
extern const struct option_row api_options[];
extern const int api_option_count;
extern const char *const api_alternatives[], *const api_commands[];

/* Options of a command: `tune` has those of `train`, too, with any text. */
att_status api_options_init(struct options *o, const char *command, struct err *e);

/* Clears the last error, takes up the default floating-point environment and checks that the
 * context can work and that the settings are those of `command` (NULL: the call has none). Every
 * open, also a failed one, is closed. ATT_USAGE when a callback calls with the context of the call
 * that it belongs to. */
att_status api_open(
    struct api_call *call, att_context *c, const att_settings *s, const char *command);
/* The same check of settings for a call that keeps what the context holds; call->o is then theirs.
 */
att_status api_settings(struct api_call *call, const att_settings *s, const char *command);
/* Returns `status`, with a sentence in the context if it is a failure. */
att_status api_close(struct api_call *call, att_status status);
/* What a caller hands over in a structure that begins with its size, `told`: one built against an
 * older header knows less of it, one against a newer one more.  `first`: what the first version
 * had; less is ATT_USAGE, since it was not set. `from` NULL: nothing. */
att_status api_known(void *known, size_t size, const void *from, size_t told, size_t first,
    const char *member, struct err *e);
/* ATT_USAGE when a pointer that the call needs is NULL. */
att_status api_need(struct api_call *call, const void *pointer, const char *name);
/* The same of a path, and where it is empty, which would mean the folder that the process happens
 * to be in. */
att_status api_need_path(struct api_call *call, const char *path, const char *name);
/* ATT_USAGE for an empty path; NULL is fine. */
att_status api_not_empty(struct api_call *call, const char *path, const char *name);
/* Where to write: the argument `name`, or where that is NULL the setting `output`.  `what`: "folder
 * was given for the run". */
att_status api_output(struct api_call *call, const char **path, const char *name, const char *what);

void api_forget(att_context *c); /* what is kept */

/* What a command returns: with --dry-run what it would have done in the place of `result`, a
 * reference that is taken either way. */
att_status api_result(struct api_call *call, json_t *result, char **text);
/* The text of a JSON value for the caller to free with att_text_free; `text` NULL: not wanted.
 * Takes the reference; a NULL `json` counts as out of memory. */
att_status api_text(json_t *json, char **text, struct err *e);
/* The same of settings and plans, which are passed back: with all digits that numbers are given
 * with. */
att_status api_text_exact(json_t *json, char **text, struct err *e);

#endif

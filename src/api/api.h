/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files behind attunet.h, which open a call, check arguments, make one call downwards
 * and close. */
#pragma once

#include "app/call.h"
#include "image/image.h"

/* Opening and the checks of arguments below set call->status and return whether it is ATT_OK.
 *
 * Clears the last error, sets the default floating-point environment and checks the context.
 * json: where api_close puts the result, or NULL. Close after every open, even a failed one.
 * ATT_USAGE if a callback uses the context of its own call. */
bool api_open(struct app_call *call, att_context *c, char **json);
/* The same for a command: drops the kept predictor, takes the settings (NULL: defaults), and starts
 * a dry run if they say so. */
bool api_open_command(
    struct app_call *call, att_context *c, const att_settings *s, const char *command, char **json);
/* Checks that the settings belong to `command` and sets call->o. */
att_status api_settings(struct app_call *call, const att_settings *s, const char *command);
/* Writes the result of a call that succeeded or has a partial one; of a dry run what it would do.
 * Returns call->status, or why the result is not written; a failure has a sentence in the
 * context. */
att_status api_close(struct app_call *call);

/* Copies a caller's structure of `struct_size` into ours of `size`, which may be older or newer.
 * ATT_USAGE below `first`, the size in the first version. from NULL: copies nothing. */
att_status api_receive(void *own, size_t size, const void *from, size_t struct_size, size_t first,
    const char *member, struct err *e);
/* The caller's image, read-only, with its geometry. */
att_status api_borrow_image(struct app_call *call, const att_image *from, struct image *m);
/* ATT_USAGE if the pointer is NULL. */
bool api_need(struct app_call *call, const void *pointer, const char *name);
/* ATT_USAGE if the path is NULL or empty. */
bool api_need_path(struct app_call *call, const char *path, const char *name);
/* The same for a list. */
bool api_need_paths(struct app_call *call, const char *const *paths, int count, const char *name);
/* ATT_USAGE if the path is empty; NULL is fine. */
bool api_not_empty(struct app_call *call, const char *path, const char *name);
/* Takes the output from argument `name`, or if NULL from the setting `output`. what: "folder was
 * given for the run". */
bool api_output(struct app_call *call, const char **path, const char *name, const char *what);

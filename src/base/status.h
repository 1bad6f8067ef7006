/* SPDX-License-Identifier: Apache-2.0 */
/* Errors: who detects one writes a sentence (what, why, what to do) and returns its status; callers
 * only forward. */
#pragma once

#include "attunet.h"

struct err {
    att_status status;
    char text[2048];
};

/* Stores the sentence unless there is one already, and returns `status`. Drops letters cut by a
 * precision. */
att_status err_set(struct err *e, att_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
#define err_data(e, ...) err_set(e, ATT_DATA, __VA_ARGS__)
#define err_usage(e, ...) err_set(e, ATT_USAGE, __VA_ARGS__)
#define err_model(e, ...) err_set(e, ATT_MODEL, __VA_ARGS__)
/* Forwards the sentence of `cause`, or "WHERE: " and it. Returns ATT_OK unchanged. */
att_status err_pass(struct err *e, att_status status, const struct err *cause);
att_status err_where(struct err *e, att_status status, const char *where, const struct err *cause);
/* For a failed allocation of `bytes`; returns ATT_MEMORY. */
att_status err_memory(struct err *e, size_t bytes, const char *what);
att_status err_path(struct err *e); /* for a failed file name */
void err_clear(struct err *e);

/* Forwards a failure: `TRY(call(...));` */
#define TRY(call)                                                                                  \
    do {                                                                                           \
        att_status try_status_ = (call);                                                           \
        if (try_status_ != ATT_OK) return try_status_;                                             \
    } while (0)

/* SPDX-License-Identifier: Apache-2.0 */
/* Errors: whoever detects one writes a sentence (what, where, what to do) and returns its status;
 * everyone above only forwards. */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

#include "attunet.h"

struct err {
    att_status status;
    char text[1024];
};

/* Writes the sentence, unless there is one (the first is the cause), and returns `status`. A letter
 * that a precision cuts is left out. */
att_status err_set(struct err *e, att_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Forwards the sentence of `cause`; the second where it does not say where: after "WHERE: ". ATT_OK
 * is returned as it is. */
att_status err_pass(struct err *e, att_status status, const struct err *cause);
att_status err_where(struct err *e, att_status status, const char *where, const struct err *cause);
/* The sentence for a failed allocation of `bytes`; returns ATT_MEMORY. */
att_status err_memory(struct err *e, size_t bytes, const char *what);
att_status err_path(
    struct err *e); /* of one for a file name, which is too short to be worth its size */
void err_clear(struct err *e);

/* Forwards a failure: `TRY(call(...));` */
#define TRY(call)                                                                                  \
    do {                                                                                           \
        att_status try_status_ = (call);                                                           \
        if (try_status_ != ATT_OK) return try_status_;                                             \
    } while (0)

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Errors: one sentence, written where the failure is detected. */
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>

att_status err_set(struct err *e, att_status status, const char *format, ...)
{
    if (!e || e->status != ATT_OK) return status;
    va_list args;
    va_start(args, format);
    if (vsnprintf(e->text, sizeof e->text, format, args) < 0) e->text[0] = 0;
    va_end(args);
    e->status = status;
    return status;
}

att_status err_where(struct err *e, att_status status, const char *where, const struct err *cause)
{
    return status == ATT_OK ? ATT_OK : err_set(e, status, "%s: %s", where, cause->text);
}

att_status err_memory(struct err *e, size_t bytes, const char *what)
{
    return err_set(e, ATT_MEMORY, "out of memory: %zu bytes for %s could not be had", bytes, what);
}

void err_clear(struct err *e)
{
    if (!e) return;
    e->status = ATT_OK;
    e->text[0] = 0;
}

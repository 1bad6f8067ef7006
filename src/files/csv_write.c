/* SPDX-License-Identifier: Apache-2.0 */
#include "files/csv_write.h"

#include <ctype.h>
#include <string.h>

#include "files/csv_read.h"

att_status csv_text(struct file_writer *w, const char *text, struct err *e)
{
    return file_write(w, text, strlen(text), e);
}

att_status csv_name(struct file_writer *w, const char *name, struct err *e)
{
    const size_t length = strlen(name);
    const bool blank = length &&
        (isspace((unsigned char)name[0]) ||
            isspace((unsigned char)name[length - 1])); /* readers drop it */
    const char *shield = csv_is_formula(name) ? "'" : "";
    const bool plain = !strpbrk(name, ",\"\r\n") && !blank;
    TRY(csv_text(w, plain ? "" : "\"", e));
    TRY(csv_text(w, shield, e));
    if (plain) return csv_text(w, name, e);
    for (; *name; name++) TRY(file_write(w, *name == '"' ? "\"\"" : name, *name == '"' ? 2 : 1, e));
    return csv_text(w, "\"", e);
}

att_status csv_write(const char *path, csv_fill *fill, const void *arg, struct err *e)
{
    struct file_writer *w;
    TRY(file_create(path, &w, e));
    att_status status = fill(w, arg, e);
    if (status == ATT_OK) return file_commit(w, e);
    file_abandon(w);
    return status;
}

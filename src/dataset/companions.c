/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/companions.h"

#include <string.h>

#include "base/mem.h"
#include "files/file_at.h"
#include "format/format.h"

att_status companions_of(const char *path, char **companion, struct err *e)
{
    struct err cause = {0};
    *companion = NULL;
    if (!file_exists(path) || file_is_folder(path)) return ATT_OK;
    att_status status = format_companion(path, companion, &cause);
    if (status == ATT_DATA) return ATT_OK;
    TRY(err_pass(e, status, &cause));
    if (*companion && file_exists(*companion)) return ATT_OK;
    mem_free(*companion);
    *companion = NULL;
    return ATT_OK;
}

bool companions_copied(const char *a, const char *b)
{
    char *x = NULL, *y = NULL;
    struct err unread = {0};
    struct file_facts first, second;
    if (!file_facts(a, &first) || !file_facts(b, &second) || first.size != second.size ||
        !file_at_equal(a, b))
        return false;
    const bool known =
        format_companion(a, &x, &unread) == ATT_OK && format_companion(b, &y, &unread) == ATT_OK;
    const bool copies = known && (!x || !y || file_at_equal(x, y));
    mem_free(x);
    mem_free(y);
    return copies;
}

static att_status add_one(struct companions *b, const char *folder, const char *name, struct err *e)
{
    size_t ending;
    const struct format *format = format_by_name(name, &ending);
    if (!format || !format->companion) return ATT_OK;
    char *path = file_join(folder, name);
    att_status status = path ? companions_of(path, &b->path[b->count], e) : err_path(e);
    if (status == ATT_OK && b->path[b->count]) b->count++;
    mem_free(path);
    return status;
}

att_status companions_list(
    const char *folder, const struct file_list *names, struct companions *b, struct err *e)
{
    *b = (struct companions){0};
    att_status status = MEM_ARRAY(b->path, names->count, "the names in a folder", e);
    for (int i = 0; i < names->count && status == ATT_OK; i++)
        status = add_one(b, folder, names->names[i], e);
    if (status != ATT_OK) companions_free(b);
    return status;
}

bool companions_has(const struct companions *b, const char *folder, const char *name)
{
    size_t length = strlen(folder);
    while (length > 0 && folder[length - 1] == '/') length--;
    for (int i = 0; i < b->count; i++) {
        const char *base = file_base(b->path[i]);
        size_t own = (size_t)(base - b->path[i]);
        while (own > 0 && b->path[i][own - 1] == '/') own--;
        if (own == length && strncmp(b->path[i], folder, length) == 0 && strcmp(base, name) == 0)
            return true;
    }
    return false;
}

void companions_free(struct companions *b)
{
    for (int i = 0; i < b->count; i++) mem_free(b->path[i]);
    mem_free(b->path);
    *b = (struct companions){0};
}

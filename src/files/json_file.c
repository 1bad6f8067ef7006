/* SPDX-License-Identifier: Apache-2.0 */
#include "files/json_file.h"

#include <string.h>

#include "base/json.h"
#include "base/json_memory.h"
#include "base/mem.h"
#include "base/text.h"
#include "files/file.h"

enum { JSON_LIMIT = 64 << 20 };

att_status json_parse(const char *text, size_t size, const char *path, size_t above,
    att_status fault, json_t **json, struct err *e)
{
    json_error_t where;
    *json = json_memory_load(text, size, JSON_REJECT_DUPLICATES, &where);
    if (*json) return ATT_OK;
    if (json_error_code(&where) == json_error_out_of_memory) return err_memory(e, size, path);
    return err_set(e, fault, "%s: line %zu is not valid JSON (%s); correct it there", path,
        above + (size_t)where.line, where.text);
}

att_status json_file_read_as(const char *path, att_status fault, json_t **json, struct err *e)
{
    char *text;
    size_t size;
    *json = NULL;
    TRY(file_read(path, JSON_LIMIT, &text, &size, e));
    size_t skip = (size_t)(text_skip_mark(text) - text);
    att_status status = json_parse(text + skip, size - skip, path, 0, fault, json, e);
    mem_free(text);
    return status;
}

att_status json_file_read(const char *path, json_t **json, struct err *e)
{
    return json_file_read_as(path, ATT_DATA, json, e);
}

att_status json_file_read_in(const char *folder, const char *name, json_t **json, struct err *e)
{
    char *path = file_join(folder, name);
    *json = NULL;
    att_status status = !path ? err_path(e)
        : file_exists(path)   ? json_file_read(path, json, e)
                              : ATT_OK;
    mem_free(path);
    return status;
}

att_status json_check_keys(const json_t *object, const char *const *known, const char *path,
    att_status fault, struct err *e)
{
    const char *key;
    json_t *value;
    json_each(object, key, value)
    {
        if (text_index(known, key) >= 0) continue;
        const char *near = text_nearest(key, known);
        if (near)
            return err_set(
                e, fault, "%s: unknown key \"%.100s\"; did you mean \"%s\"?", path, key, near);
        return err_set(e, fault,
            "%s: unknown key \"%.100s\"; remove it, or update attunet if a newer one wrote it",
            path, key);
    }
    return ATT_OK;
}

att_status json_file_write_as(const char *path, const json_t *json, size_t flags, struct err *e)
{
    char *text = json_text(json, flags);
    if (!text) return err_memory(e, 4096, path);
    att_status status = file_write_all(path, text, strlen(text), e);
    mem_free(text);
    return status;
}

att_status json_file_write(const char *path, json_t *json, struct err *e)
{
    att_status status = json_file_write_as(
        path, json, JSON_INDENT(1) | JSON_SORT_KEYS | JSON_REAL_PRECISION(15), e);
    json_decref(json);
    return status;
}

att_status json_file_write_in(const char *folder, const char *name, json_t *json, struct err *e)
{
    char *path = file_join(folder, name);
    att_status status = path ? json_file_write(path, json_incref(json), e) : err_path(e);
    json_decref(json);
    mem_free(path);
    return status;
}

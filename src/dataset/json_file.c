/* SPDX-License-Identifier: Apache-2.0 */
/* Read whole, then parsed by jansson, which limits the depth itself; replaced atomically. */
#include "dataset/json_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"

enum { JSON_LIMIT = 64 << 20 };

att_status json_file_read(const char *path, json_t **json, struct err *e)
{
    static const char mark[] = "\xef\xbb\xbf"; /* of UTF-8, as some editors put it */
    char *text;
    size_t size;
    json_error_t fault;
    *json = NULL;
    TRY(file_read(path, JSON_LIMIT, &text, &size, e));
    size_t skip = strncmp(text, mark, 3) == 0 ? 3 : 0;
    *json = json_loadb(text + skip, size - skip, JSON_REJECT_DUPLICATES, &fault);
    mem_free(text);
    if (*json) return ATT_OK;
    if (json_error_code(&fault) == json_error_out_of_memory) return err_memory(e, size, path);
    return err_set(e, ATT_DATA, "%s: line %d is not valid JSON (%s); mend it there", path, fault.line, fault.text);
}

att_status json_file_write(const char *path, json_t *json, struct err *e)
{
    char *text = json ? json_dumps(json, JSON_INDENT(1) | JSON_SORT_KEYS | JSON_REAL_PRECISION(15)) : NULL;
    json_decref(json);
    if (!text) return err_memory(e, 4096, path);
    att_status status = file_write_all(path, text, strlen(text), e);
    free(text); /* jansson's */
    return status;
}

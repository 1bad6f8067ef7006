/* SPDX-License-Identifier: Apache-2.0 */
/* Results as JSON text. */
#include "api/api.h"
#include "base/json_memory.h"
#include "base/mem.h"

static att_status api_json_text_of(json_t *json, size_t flags, char **text, struct err *e)
{
    size_t size = json && !json_memory_lost() ? json_dumpb(json, NULL, 0, flags) : 0;
    if (size && !text) {
        json_decref(json);
        return ATT_OK;
    }
    char *copy = size ? mem_alloc(size + 2) : NULL;
    if (copy && json_dumpb(json, copy, size, flags) != size) {
        mem_free(copy);
        copy = NULL;
    }
    if (copy) copy[size] = '\n';
    json_decref(json);
    if (!copy) return err_memory(e, size, "the result as JSON");
    *text = copy;
    return ATT_OK;
}

att_status api_text(json_t *json, char **text, struct err *e)
{
    return api_json_text_of(json, JSON_INDENT(2) | JSON_REAL_PRECISION(10), text, e);
}

att_status api_text_exact(json_t *json, char **text, struct err *e)
{
    return api_json_text_of(json, JSON_INDENT(2) | JSON_REAL_PRECISION(15), text, e);
}

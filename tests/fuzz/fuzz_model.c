/* SPDX-License-Identifier: Apache-2.0 */
/* Reads what a model file says of its model; what is good is written and read again, and is the
 * same. */
#include "base/json_memory.h"
#include "base/mem.h"
#include "fuzz.h"
#include "model/model.h"

/* Its description once more, for mem_free. */
static char *describe(const struct model *m)
{
    json_t *j = model_to_json(m);
    char *text = json_text(j, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(j);
    if (!text) abort();
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    struct model m, again;
    struct err e = {0};
    att_status status = model_from_json(text, "a model", &m, &e);
    fuzz_check(status, &e);
    if (status == ATT_OK) {
        char *once = describe(&m);
        if (model_from_json(once, "a model", &again, &e) != ATT_OK) abort();
        char *twice = describe(&again);
        if (strcmp(once, twice) != 0) abort();
        model_free(&again);
        mem_free(once);
        mem_free(twice);
        model_free(&m);
    }
    free(text);
    return 0;
}

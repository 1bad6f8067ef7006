/* SPDX-License-Identifier: Apache-2.0 */
/* What clients of MONAI Label send as JSON, and the log that they get: how long to train, the
 * ending of a mask, which segment is which class.  No path stays in the log. */
#include "../../serve/server.h"
#include "fuzz.h"

static void log_lines(const uint8_t *data, size_t size)
{
    static const char between[] = " \t\r\n'\"=,;:()[]";
    char *text = fuzz_text(data, size);
    const bool cut = data[0] & 1;
    train_last_lines(text, size, cut, data[0] >> 1);
    if (cut && !memchr(data, '\n', size) && *text) abort(); /* half a line may be half a path */
    for (const char *at = text; (at = strchr(at, '/')); at++)
        if ((at == text || strchr(between, at[-1])) && strcspn(at, between) > 1) abort();
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { VALUES = 300 };
    char length[2][16], ending[16] = "";
    uint16_t values[VALUES];
    int bytes = 0;
    if (!size) return 0;
    char *body = fuzz_text(data, size);
    if (train_length(body, size, length)) {
        if (strcmp(length[0], "--steps") != 0 && strcmp(length[0], "--time") != 0) abort();
        if (*length[1] < '0' || *length[1] > '9') abort(); /* no option of its own */
    }
    monai_wishes(body, size, ending, &bytes);
    if (strlen(ending) >= sizeof ending || bytes < 0 || bytes > 2) abort();
    for (int i = 0; i < VALUES; i++) values[i] = (uint16_t)i;
    json_t *names = json_pack("{s:i, s:i}", "liver", 1, "spleen", UINT16_MAX);
    char error[RENAME_ERROR] = "";
    if (!names || (!datastore_rename(values, VALUES, body, size, names, error) && !*error)) abort();
    json_decref(names);
    for (int i = 0; i < VALUES; i++)
        if (values[i] != i && values[i] != 1 && values[i] != UINT16_MAX) abort();
    if (values[0]) abort(); /* the background stays */
    log_lines(data, size);
    free(body);
    return 0;
}

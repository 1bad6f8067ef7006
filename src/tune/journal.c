/* SPDX-License-Identifier: Apache-2.0 */
#include "tune/journal.h"

#include <string.h>

#include "base/json.h"
#include "base/json_memory.h"
#include "base/mem.h"
#include "files/file.h"
#include "files/json_file.h"

enum { LIMIT = 1 << 28 };

const char *journal_event(const json_t *line)
{
    const char *event = json_str(line, "event");
    return event ? event : "";
}

static att_status journal_parse(
    const char *text, size_t size, const char *path, json_t *lines, struct err *e)
{
    for (const char *at = text; at < text + size;) {
        const char *end = memchr(at, '\n', (size_t)(text + size - at));
        json_t *line;
        TRY(json_parse(at, (size_t)(end - at), path, json_array_size(lines), ATT_DATA, &line, e));
        bool good = *journal_event(line) != 0 && json_array_append(lines, line) == 0;
        json_decref(line);
        if (!good)
            return err_data(e, "%s: line %zu is not an event of a search; choose a new folder",
                path, json_array_size(lines) + 1);
        at = end + 1;
    }
    return ATT_OK;
}

static att_status journal_read_lines(const char *path, bool mend, json_t **lines, struct err *e)
{
    char *text = NULL;
    size_t size = 0;
    *lines = json_array();
    if (!*lines) return err_memory(e, 64, "the journal");
    if (!file_exists(path)) return ATT_OK;
    att_status status = file_read(path, LIMIT, &text, &size, e);
    size_t whole = size;
    while (status == ATT_OK && whole > 0 && text[whole - 1] != '\n') whole--;
    if (status == ATT_OK) status = journal_parse(text, whole, path, *lines, e);
    if (status == ATT_OK && mend && whole < size) status = file_write_all(path, text, whole, e);
    mem_free(text);
    return json_keep(lines, status);
}

att_status journal_read(const char *path, json_t **lines, struct err *e)
{
    return journal_read_lines(path, true, lines, e);
}

att_status journal_peek(const char *path, json_t **lines, struct err *e)
{
    return journal_read_lines(path, false, lines, e);
}

att_status journal_add(const char *path, json_t *lines, json_t *line, struct err *e)
{
    char *text = json_text(line, JSON_COMPACT | JSON_REAL_PRECISION(17)),
         *with = text ? mem_text("%s\n", text) : NULL;
    att_status status = with ? file_append_synced(path, with, strlen(with), e)
                             : err_memory(e, 1024, "a line of the journal");
    if (status == ATT_OK && json_array_append(lines, line) != 0)
        status = err_memory(e, 64, "the journal");
    json_decref(line);
    mem_free(text);
    mem_free(with);
    return status;
}

const char *journal_why(const json_t *lines, int trial)
{
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const json_t *line = json_array_get(lines, i);
        const bool fails =
            !strcmp(journal_event(line), "failed") || !strcmp(journal_event(line), "barred");
        if (fails && json_int(line, "trial") == trial)
            return json_is_string(json_object_get(line, "why")) ? json_str(line, "why") : "";
    }
    return NULL;
}

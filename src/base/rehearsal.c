/* SPDX-License-Identifier: Apache-2.0 */
/* What memory jansson asks for in vain is remembered by json_memory.h, and fails the call at its
 * end. */
#include "base/rehearsal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"

bool rehearsing(const struct log *l) { return l && l->rehearsal; }

void rehearse(struct log *l, const char *format, ...)
{
    char text[1024];
    va_list args;
    if (!rehearsing(l)) return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    json_array_append_new(l->rehearsal->would, json_utf8(text));
}

void rehearse_file(struct log *l, const char *folder, const char *name)
{
    if (!rehearsing(l)) return;
    char *path = name ? file_join(folder, name) : mem_text("%s", folder);
    json_t *text = json_utf8(path);
    if (text) json_object_set_new(l->rehearsal->files, json_string_value(text), json_true());
    json_decref(text);
    mem_free(path);
}

json_t *rehearsal_to_json(const struct rehearsal *r)
{
    json_t *files = json_array(), *unused;
    const char *path;
    json_object_foreach(r->files, path, unused) json_array_append_new(files, json_string(path));
    return json_pack("{s:b, s:O, s:o}", "dry_run", 1, "would", r->would, "files", files);
}

void rehearsal_begin(struct rehearsal *r)
{
    rehearsal_free(r);
    *r = (struct rehearsal){json_array(), json_object()};
}

void rehearsal_free(struct rehearsal *r)
{
    json_decref(r->would);
    json_decref(r->files);
    *r = (struct rehearsal){NULL, NULL};
}

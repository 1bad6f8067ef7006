/* SPDX-License-Identifier: Apache-2.0 */
#include "files/dry_run.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/json.h"
#include "base/mem.h"
#include "files/file.h"

bool is_dry_run(const struct host *host) { return host && host->dry_run; }

void note_dry_run(struct host *host, const char *format, ...)
{
    char text[1024];
    va_list args;
    if (!is_dry_run(host)) return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    json_array_append_new(host->dry_run->would, json_utf8(text));
}

void dry_run_file(struct host *host, const char *folder, const char *name)
{
    if (!is_dry_run(host)) return;
    char *path = name ? file_join(folder, name) : mem_text("%s", folder);
    json_t *text = json_utf8(path);
    if (text) json_object_set_new(host->dry_run->files, json_string_value(text), json_true());
    json_decref(text);
    mem_free(path);
}

json_t *dry_run_to_json(const struct dry_run *r)
{
    json_t *files = json_array(), *unused;
    const char *path;
    json_object_foreach(r->files, path, unused) json_array_append_new(files, json_string(path));
    return json_pack("{s:b, s:O, s:o}", "dry_run", 1, "would", r->would, "files", files);
}

void dry_run_begin(struct dry_run *r)
{
    dry_run_free(r);
    *r = (struct dry_run){json_array(), json_object()};
}

void dry_run_free(struct dry_run *r)
{
    json_decref(r->would);
    json_decref(r->files);
    *r = (struct dry_run){NULL, NULL};
}

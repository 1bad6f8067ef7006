/* SPDX-License-Identifier: Apache-2.0 */
/* What memory jansson asks for in vain is remembered by json_memory.h, and fails the call at its end. */
#include "base/rehearsal.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* The nearest folder that is there must be one, and take files. */
static att_status check_folder(const char *path, struct err *e)
{
    char *at = mem_text("%s", path), *slash;
    if (!at) return err_path(e);
    while (!file_exists(at) && (slash = strrchr(at, '/')) && slash > at) *slash = 0;
    const char *there = file_exists(at) ? at : *path == '/' ? "/" : ".";
    att_status status = ATT_OK;
    if (!file_is_folder(there))
        status = err_set(e, ATT_IO, "cannot make the folder %s: %s is a file; choose another", path, there);
    else if (access(there, W_OK | X_OK) != 0 && there == at && strcmp(at, path) == 0)
        status = file_error(e, "write into", path, errno);
    else if (access(there, W_OK | X_OK) != 0)
        status = err_set(e, ATT_IO, "cannot make the folder %s: nothing can be written into %s; check the permissions or choose another",
                         path, there);
    mem_free(at);
    return status;
}

/* As file_create writes: what is there and no file directly, any other in its folder, which is where a link leads. */
static att_status check_file(const char *path, struct err *e)
{
    struct stat s;
    char target[PATH_MAX];
    if (stat(path, &s) == 0 && !S_ISREG(s.st_mode) && !S_ISDIR(s.st_mode))
        return access(path, W_OK) == 0 ? ATT_OK : file_error(e, "write", path, errno);
    const char *place = realpath(path, target) ? target : path;
    const int length = (int)(file_base(place) - place);
    char *parent = length ? mem_text("%.*s", length > 1 ? length - 1 : 1, place) : mem_text(".");
    if (!parent) return err_path(e);
    att_status status = ATT_OK;
    if (file_is_folder(path))
        status = err_set(e, ATT_IO, "cannot write %s: it is a folder; name a file", path);
    else if (!file_is_folder(parent))
        status = err_set(e, ATT_IO, "cannot write %s: there is no folder %s; make it first", path, parent);
    else if (access(parent, W_OK | X_OK) != 0)
        status = err_set(e, ATT_IO, "cannot write %s: nothing can be written into %s; check the permissions or choose another folder", path,
                         parent);
    mem_free(parent);
    return status;
}

att_status rehearse_place(const char *path, bool folder, struct err *e) { return folder ? check_folder(path, e) : check_file(path, e); }

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

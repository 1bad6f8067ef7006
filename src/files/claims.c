/* SPDX-License-Identifier: Apache-2.0 */
/* A line per name: size and time of the file and of the one that it replaces, 16 hex digits each,
 * the command, the name. Lines of a name have one length, so they change in place. */
#include "files/claims.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "files/file.h"
#include "files/file_at.h"

enum { HEAD = 4 * 17 + CLAIMS_COMMAND + 1, LIST_MAX = 1 << 30 };

struct claim {
    struct file_facts now, before; /* 0: no file */
    char command[CLAIMS_COMMAND + 1];
    bool listed;
    size_t at; /* where its line stands, or will stand */
};

/* The list beside a path: a new string. */
static char *claims_list(const char *path)
{
    return mem_text("%.*s" CLAIMS_LIST, (int)(file_base(path) - path), path);
}

static bool claims_same(const struct file_facts *a, const struct file_facts *b)
{
    return a->size == b->size && a->changed == b->changed;
}

static void claims_parse(const char *line, struct claim *c)
{
    uint64_t n[4];
    c->listed = sscanf(line, "%16" SCNx64 " %16" SCNx64 " %16" SCNx64 " %16" SCNx64 " %8s", &n[0],
                    &n[1], &n[2], &n[3], c->command) == 5;
    c->now = (struct file_facts){(int64_t)n[0], (int64_t)n[1]};
    c->before = (struct file_facts){(int64_t)n[2], (int64_t)n[3]};
}

static att_status claims_find(const char *list, const char *path, struct claim *c, struct err *e)
{
    const char *name = file_base(path);
    const size_t length = strlen(name);
    char *text;
    size_t size;
    *c = (struct claim){.listed = false};
    if (!file_exists(list)) return ATT_OK;
    TRY(file_read(list, LIST_MAX, &text, &size, e));
    const char *line = text, *end;
    while ((end = memchr(line, '\n', size - (size_t)(line - text)))) {
        if ((size_t)(end - line) == HEAD + length && !memcmp(line + HEAD, name, length)) {
            claims_parse(line, c);
            break;
        }
        line = end + 1;
    }
    c->at = (size_t)(line - text); /* half a line at the end is written over */
    mem_free(text);
    return ATT_OK;
}

/* Changes a line under the lock of the list. `command`: claims the name; NULL: lists what
 * `temporary` is, if the name is claimed. */
static att_status claims_change(
    const char *list, const char *path, const char *command, const char *temporary, struct err *e)
{
    struct claim c;
    const int fd = file_open_lock(list, true);
    if (fd < 0) return file_error(e, "write", path, errno); /* the folder takes no files */
    while (flock(fd, LOCK_EX) != 0 && errno == EINTR) continue;
    att_status status = claims_find(list, path, &c, e);
    if (status == ATT_OK && (command || (c.listed && !c.now.size && !c.now.changed))) {
        struct file_facts none = {0};
        file_facts(path, &c.before);
        if (command) snprintf(c.command, sizeof c.command, "%s", command);
        if (command || !file_facts(temporary, &c.now)) c.now = none;
        char *line =
            mem_text("%016" PRIx64 " %016" PRIx64 " %016" PRIx64 " %016" PRIx64 " %-8s %s\n",
                (uint64_t)c.now.size, (uint64_t)c.now.changed, (uint64_t)c.before.size,
                (uint64_t)c.before.changed, c.command, file_base(path));
        const size_t length = line ? strlen(line) : 0;
        if (!line)
            status = err_path(e);
        else if (pwrite(fd, line, length, (off_t)c.at) != (ssize_t)length)
            status = file_error(e, "write", list, errno);
        else if (!command && fdatasync(fd))
            status = file_error(e, "write", list, errno);
        mem_free(line);
    }
    close(fd);
    return status;
}

static bool claims_are_overwritten(const struct host *host, const char *path)
{
    return host->overwrite && *host->overwrite &&
        (file_same(path, host->overwrite) || file_within(path, host->overwrite));
}

att_status claims_check(struct host *host, const char *path, struct err *e)
{
    struct file_target target;
    struct file_facts there;
    struct claim c;
    TRY(file_check_place(path, false, e));
    if (!host || !host->command) return ATT_OK;
    TRY(file_target(path, &target, e));
    if (!target.there || !file_facts(path, &there) || claims_are_overwritten(host, path))
        return ATT_OK;
    char *list = claims_list(path);
    att_status status = list ? claims_find(list, path, &c, e) : err_path(e);
    mem_free(list);
    TRY(status);
    if (c.listed && strncmp(c.command, host->command, CLAIMS_COMMAND) == 0 &&
        (claims_same(&there, &c.now) || claims_same(&there, &c.before)))
        return ATT_OK;
    return err_usage(e,
        "%s exists, and %s did not write it, or it has changed since; name another place, or "
        "replace it with `overwrite` %s",
        path, host->command, TEXT_PATH(path));
}

att_status claims_add(struct host *host, const char *path, struct err *e)
{
    struct file_target target;
    TRY(claims_check(host, path, e));
    TRY(file_target(path, &target, e));
    if (target.direct || !host || !host->command) return ATT_OK;
    char *list = claims_list(path);
    att_status status = list ? claims_change(list, path, host->command, NULL, e) : err_path(e);
    mem_free(list);
    return status;
}

/* Cuts the list into names. */
static int claims_names(char *text, const char **names)
{
    int count = 0;
    for (char *end; (end = strchr(text, '\n')); text = end + 1) {
        *end = 0;
        if (end - text > HEAD) names[count++] = text + HEAD;
    }
    return count;
}

void claims_sweep(const char *folder)
{
    struct err ignored = {0};
    char *list = file_join(folder, CLAIMS_LIST), *text = NULL;
    size_t lines = 1;
    if (list && file_exists(list) && file_read_text(list, LIST_MAX, &text, &ignored) == ATT_OK) {
        for (const char *s = text; *s; s++) lines += *s == '\n';
        const char **names = mem_array(lines, sizeof *names);
        if (names) names[claims_names(text, names)] = NULL;
        if (names) file_sweep(folder, names);
        mem_free(names);
    }
    mem_free(text);
    mem_free(list);
}

att_status claims_take(struct host *host, const char *path, struct err *e)
{
    char *folder = mem_text("%.*s", (int)(file_base(path) - path), path);
    if (!folder) return err_path(e);
    claims_sweep(*folder ? folder : ".");
    mem_free(folder);
    return claims_add(host, path, e);
}

static att_status claims_each(struct host *host, const char *folder, const char *const *names,
    att_status (*f)(struct host *, const char *, struct err *), struct err *e)
{
    att_status status = ATT_OK;
    for (; *names && status == ATT_OK; names++) {
        char *path = file_join(folder, *names);
        status = path ? f(host, path, e) : err_path(e);
        mem_free(path);
    }
    return status;
}

att_status claims_check_all(
    struct host *host, const char *folder, const char *const *names, struct err *e)
{
    TRY(file_check_place(folder, true, e));
    return file_exists(folder) ? claims_each(host, folder, names, claims_check, e) : ATT_OK;
}

att_status claims_take_all(
    struct host *host, const char *folder, const char *const *names, struct err *e)
{
    return claims_each(host, folder, names, claims_take, e);
}

att_status claims_update(const char *path, const char *temporary, struct err *e)
{
    char *list = claims_list(path);
    att_status status = !list ? err_path(e)
        : !file_exists(list)  ? ATT_OK
                              : claims_change(list, path, NULL, temporary, e);
    mem_free(list);
    return status;
}

att_status claims_read(
    const char *folder, struct file_list *names, char command[CLAIMS_COMMAND + 1], struct err *e)
{
    struct claim first = {.listed = false};
    char *list = file_join(folder, CLAIMS_LIST), *text = NULL;
    *names = (struct file_list){0};
    att_status status = list ? file_read_text(list, LIST_MAX, &text, e) : err_path(e);
    mem_free(list);
    TRY(status);
    claims_parse(text, &first);
    snprintf(command, CLAIMS_COMMAND + 1, "%s", first.command);
    for (char *line = text, *end; status == ATT_OK && (end = strchr(line, '\n')); line = end + 1) {
        if (end - line <= HEAD) continue;
        status = MEM_ROOM(names->names, names->count, "the list of own files", e);
        if (status != ATT_OK) break;
        char *name = mem_text("%.*s", (int)(end - line) - HEAD, line + HEAD);
        if (name)
            names->names[names->count++] = name;
        else
            status = err_path(e);
    }
    mem_free(text);
    if (status != ATT_OK) file_list_free(names);
    return status;
}

void claims_undo(const char *folder)
{
    struct file_list l;
    struct err ignored = {0};
    if (file_list_all(folder, &l, &ignored) != ATT_OK) return;
    if (l.count == 1 && !strcmp(l.names[0], CLAIMS_LIST)) file_remove_in(folder, CLAIMS_LIST);
    file_list_free(&l);
}

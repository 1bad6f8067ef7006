/* SPDX-License-Identifier: Apache-2.0 */
/* Names of files, which files they mean, and taking files away; nothing here fails with a sentence. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

/* ---- names */

char *file_join(const char *folder, const char *name)
{
    if (!*folder || *name == '/') return mem_text("%s", name);
    return mem_text("%s%s%s", folder, folder[strlen(folder) - 1] == '/' ? "" : "/", name);
}

const char *file_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool file_ends(const char *path, const char *ending)
{
    size_t length = strlen(path), tail = strlen(ending);
    return tail <= length && strcasecmp(path + length - tail, ending) == 0;
}

/* ---- what is there */

bool file_exists(const char *path) { return access(path, F_OK) == 0; }

bool file_is_folder(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

bool file_identify(const char *path, struct file_id *id)
{
    struct stat s;
    if (stat(path, &s)) return false;
    *id = (struct file_id){s.st_dev, s.st_ino};
    return true;
}

int file_id_order(const void *a, const void *b)
{
    const struct file_id *x = a, *y = b;
    if (x->device != y->device) return x->device < y->device ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

bool file_same(const char *a, const char *b)
{
    struct file_id x, y;
    return strcmp(a, b) == 0 || (file_identify(a, &x) && file_identify(b, &y) && file_id_order(&x, &y) == 0);
}

/* ---- taking away */

void file_remove(const char *path) { unlink(path); }

void file_remove_folder(const char *path) { rmdir(path); }

/* "PID" or "PID-COUNT" behind the mark; the process, or 0. */
static long writer_of(const char *text)
{
    char *end;
    long id = *text >= '1' && *text <= '9' ? strtol(text, &end, 10) : 0;
    if (id < 1 || id > INT_MAX) return 0;
    if (*end == '-' && end[1]) end += 1 + strspn(end + 1, "0123456789");
    return *end ? 0 : id;
}

/* The process that writes a temporary of one of the files `own`, or 0 when the name is not one of those. */
static long writer_for(const char *name, const char *const *own)
{
    for (; *own; own++) {
        size_t length = strlen(*own);
        if (strncmp(name, *own, length) == 0 && strncmp(name + length, ".tmp-", 5) == 0) return writer_of(name + length + 5);
    }
    return 0;
}

bool file_is_temporary(const char *name, const char *const *own) { return writer_for(name, own) > 0; }

void file_sweep(const char *folder, const char *const *own)
{
    struct err ignored = {0};
    struct file_list l;
    if (file_list(folder, &l, &ignored) != ATT_OK) return;
    for (int i = 0; i < l.count; i++) {
        long id = writer_for(l.names[i], own);
        char *path = id > 0 && kill((pid_t)id, 0) && errno == ESRCH ? file_join(folder, l.names[i]) : NULL;
        if (path) unlink(path);
        mem_free(path);
    }
    file_list_free(&l);
}

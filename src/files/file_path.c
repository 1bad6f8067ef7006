/* SPDX-License-Identifier: Apache-2.0 */
/* Names of files, their identity, and removal; no function writes a sentence. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "files/file.h"
#include "files/hash.h"

char *file_join(const char *folder, const char *name)
{
    if (!*folder || *name == '/') return mem_text("%s", name);
    return mem_text("%s%s%s", folder, folder[strlen(folder) - 1] == '/' ? "" : "/", name);
}

bool file_has(const char *folder, const char *name)
{
    char *path = file_join(folder, name);
    const bool there = path && file_exists(path);
    mem_free(path);
    return there;
}

const char *file_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

char *file_nearest(const char *path)
{
    char *at = mem_text("%s", path), *slash;
    while (at && !file_exists(at) && (slash = strrchr(at, '/')) && slash > at) *slash = 0;
    if (!at || file_exists(at)) return at;
    mem_free(at);
    return mem_text(*path == '/' ? "/" : ".");
}

bool file_within(const char *path, const char *folder)
{
    char inner[PATH_MAX], outer[PATH_MAX];
    if (!realpath(path, inner) || !realpath(folder, outer)) return false;
    const size_t length = outer[1] ? strlen(outer) : 0; /* "" for the root */
    return strncmp(inner, outer, length) == 0 && (inner[length] == '/' || !inner[length]);
}

bool file_leaves(const char *name)
{
    int depth = 0;
    if (*name == '/') return true;
    while (*name) {
        size_t length = strcspn(name, "/");
        bool up = length == 2 && !strncmp(name, "..", 2),
             stay = length == 0 || (length == 1 && *name == '.');
        depth += up ? -1 : !stay;
        if (depth < 0) return true;
        name += length + (name[length] == '/');
    }
    return false;
}

char *file_title(const char *path)
{
    char full[PATH_MAX];
    const char *real = realpath(path, full) ? full : path;
    return mem_text("%s", *file_base(real) ? file_base(real) : real);
}

bool file_ends(const char *path, const char *ending)
{
    size_t length = strlen(path), tail = strlen(ending);
    return tail <= length && text_equals(path + length - tail, ending);
}

bool file_exists(const char *path) { return access(path, F_OK) == 0; }

bool file_is_folder(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

bool file_can_be_read(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 && S_ISREG(s.st_mode) && access(path, R_OK) == 0;
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
    return strcmp(a, b) == 0 ||
        (file_identify(a, &x) && file_identify(b, &y) && file_id_order(&x, &y) == 0);
}

void file_remove(const char *path) { unlink(path); }

void file_remove_in(const char *folder, const char *name)
{
    char *path = file_join(folder, name);
    if (path) file_remove(path);
    mem_free(path);
}

void file_remove_folder(const char *path) { rmdir(path); }

enum {
    PLACE = FILE_PLACE,
    DAY = 24 * 60 * 60,
    ENDING = 5 + 10 + 1 + PLACE + 1 + 10 /* max length of the ending */
};

void file_find_place(char place[PLACE + 1])
{
    char text[HASH_TEXT], boot[64] = "";
    struct stat space;
    uint64_t id = 0;
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t got = fd >= 0 ? read(fd, boot, sizeof boot) : -1;
    if (fd >= 0) close(fd);
    if (got > 0 && !stat("/proc/self/ns/pid", &space)) {
        const uint64_t where[] = {(uint64_t)space.st_dev, (uint64_t)space.st_ino};
        struct hash h;
        hash_begin(&h);
        hash_add(&h, boot, (size_t)got);
        hash_add(&h, where, sizeof where);
        id = hash_end(&h);
    } else if (getrandom(&id, sizeof id, GRND_NONBLOCK) != (ssize_t)sizeof id) {
        id = (uint64_t)time(NULL) << 32 ^ (uint64_t)clock(); /* early after boot */
    }
    memcpy(place, hash_text(id, text), PLACE);
    place[PLACE] = 0;
}

char *file_temporary(const char *path)
{
    static atomic_uint count; /* two contexts may write one path at once */
    char place[PLACE + 1];
    const char *base = file_base(path);
    size_t kept = strlen(base);
    if (kept > NAME_MAX - ENDING) /* keep whole letters that leave room for the ending */
        for (kept = NAME_MAX - ENDING; kept > 0 && ((unsigned char)base[kept] & 0xc0) == 0x80;)
            kept--;
    file_find_place(place);
    return mem_text("%.*s.tmp-%ld-%s-%u", (int)(base - path) + (int)kept, path, (long)getpid(),
        place, atomic_fetch_add(&count, 1));
}

struct writer {
    long process; /* 0: none */
    char place[PLACE + 1];
};

/* "PID-PLACE-COUNT" after the mark; "PID" and "PID-COUNT" are older forms. */
static struct writer writer_of(const char *text)
{
    struct writer w = {0, ""};
    char *end;
    long id = *text >= '1' && *text <= '9' ? strtol(text, &end, 10) : 0;
    if (id < 1 || id > INT_MAX) return w;
    if (*end == '-' && strspn(end + 1, "0123456789abcdef") == PLACE && end[1 + PLACE] == '-') {
        memcpy(w.place, end + 1, PLACE);
        end += 1 + PLACE;
    }
    if (*end == '-' && end[1]) end += 1 + strspn(end + 1, "0123456789");
    w.process = *end ? 0 : id;
    return w;
}

/* Writer of a temporary of `own`; process 0 for other names. */
static struct writer writer_for(const char *name, const char *const *own)
{
    for (; *own; own++) {
        size_t length = strlen(*own);
        if (strncmp(name, *own, length) == 0 && strncmp(name + length, ".tmp-", 5) == 0)
            return writer_of(name + length + 5);
    }
    return (struct writer){0, ""};
}

bool file_is_temporary(const char *name, const char *const *own)
{
    return writer_for(name, own).process > 0;
}

bool file_is_any_temporary(const char *name)
{
    struct writer w = {0, ""};
    for (const char *mark = name; !w.process && *mark && (mark = strstr(mark + 1, ".tmp-"));)
        w = writer_of(mark + 5);
    return w.process > 0 && w.place[0];
}

/* Processes of other places are invisible, but none pauses for a day. */
static bool is_left(const struct writer *w, const char *place, const char *path)
{
    struct stat s;
    if (!strcmp(w->place, place)) return kill((pid_t)w->process, 0) && errno == ESRCH;
    return lstat(path, &s) == 0 && time(NULL) - s.st_mtime > DAY;
}

void file_sweep_with(const char *folder, const char *const *own, void (*drop)(const char *path))
{
    char place[PLACE + 1];
    DIR *dir = opendir(folder);
    if (!dir) return;
    file_find_place(place);
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (!strstr(entry->d_name, ".tmp-")) continue;
        struct writer w = writer_for(entry->d_name, own);
        char *path = w.process > 0 ? file_join(folder, entry->d_name) : NULL;
        if (path && is_left(&w, place, path)) drop(path);
        mem_free(path);
    }
    closedir(dir);
}

void file_sweep(const char *folder, const char *const *own)
{
    file_sweep_with(folder, own, file_remove);
}

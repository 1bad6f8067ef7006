/* SPDX-License-Identifier: Apache-2.0 */
/* List the files of a tree. Links to folders are followed only out of the tree, so that no file
 * is met twice and no circle is walked. */
#include "dataset/tree.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/text.h"
#include "dataset/dataset.h"
#include "files/file.h"
#include "format/format.h"

enum { BLOCK = 1 << 16, DEPTH = 24, FILES = 1 << 20 };

static att_status keep_text(
    struct tree *t, const char *text, size_t length, const char **kept, struct err *e)
{
    const size_t bytes = length + 1;
    if (!t->blocks || t->used + bytes > BLOCK) {
        TRY(MEM_ROOM(t->block, t->blocks, "the names of files", e));
        TRY(MEM_BYTES(t->block[t->blocks], bytes > BLOCK ? bytes : BLOCK, "the names of files", e));
        t->blocks++;
        t->used = 0;
    }
    char *to = t->block[t->blocks - 1] + t->used;
    memcpy(to, text, length);
    t->used += bytes;
    *kept = to;
    return ATT_OK;
}

int tree_ending(const char *name)
{
    size_t ending;
    return format_by_name(name, &ending) ? (int)ending : 0;
}

struct tree_file tree_file_of(const char *path)
{
    const int length = (int)strlen(path);
    return (struct tree_file){path, length, length - tree_ending(path)};
}

static att_status note_other(struct tree *t, const char *path, struct err *e)
{
    const char *dot = strrchr(file_base(path), '.');
    if (!dot || strlen(dot) >= TREE_ENDING) dot = "";
    int i = 0;
    while (i < t->others && !text_equals(t->other[i].ending, dot)) i++;
    if (i == TREE_OTHERS) return ATT_OK;
    if (i == t->others) {
        struct tree_other *o = &t->other[t->others++];
        TRY(keep_text(t, path, strlen(path), &o->first, e));
        memcpy(o->ending, dot, strlen(dot) + 1);
    }
    t->other[i].count++;
    return ATT_OK;
}

static att_status tree_take_file(struct tree *t, const char *path, struct err *e)
{
    struct tree_file f = tree_file_of(path);
    if (f.stem == f.length) return note_other(t, path, e);
    if (t->count == FILES)
        return err_set(e, ATT_DATA, "%s is image %d; give a folder with fewer", path, FILES + 1);
    TRY(MEM_ROOM(t->file, t->count, "the list of files", e));
    TRY(keep_text(t, path, (size_t)f.length, &f.path, e));
    t->file[t->count++] = f;
    return ATT_OK;
}

struct walk {
    struct tree *tree;
    char root[PATH_MAX], real[PATH_MAX]; /* as given; without links */
    char path[PATH_MAX];                 /* below the root */
    int depth;
    bool outside; /* below a link out of the tree, where links are not followed */
};

/* Of a link, or of a folder that is not walked. */
static att_status note_link(struct walk *w, const char **first, int *count, struct err *e)
{
    ++*count;
    return *first ? ATT_OK : keep_text(w->tree, w->path, strlen(w->path), first, e);
}

static att_status walk_folder(struct walk *w, struct err *e);

/* A link at w->path. */
static att_status walk_link(struct walk *w, const char *full, struct err *e)
{
    char real[PATH_MAX];
    struct stat s;
    const size_t length = strlen(w->real);
    if (!realpath(full, real) || stat(real, &s))
        return note_link(w, &w->tree->dangling, &w->tree->danglings, e);
    const bool inside =
        strncmp(real, w->real, length) == 0 && (real[length] == '/' || !real[length]);
    if (!inside && !w->outside) TRY(note_link(w, &w->tree->outside, &w->tree->outsides, e));
    if (!S_ISDIR(s.st_mode))
        return S_ISREG(s.st_mode) ? tree_take_file(w->tree, w->path, e) : ATT_OK;
    if (inside || w->outside) return ATT_OK;
    w->outside = true;
    att_status status = walk_folder(w, e);
    w->outside = false;
    return status;
}

static att_status walk_entry(struct walk *w, const char *name, int type, struct err *e)
{
    char full[PATH_MAX];
    struct stat s;
    const size_t before = strlen(w->path), length = strlen(name);
    if (before + length + 2 > sizeof w->path || strlen(w->root) + before + length + 3 > sizeof full)
        return ATT_OK; /* no program can open it by this name */
    char *end = w->path + before;
    if (before) *end++ = '/';
    memcpy(end, name, length + 1);
    strcpy(full, w->root);
    strcat(full, "/");
    strcat(full, w->path);
    if (type == DT_UNKNOWN && lstat(full, &s) == 0)
        type = S_ISDIR(s.st_mode) ? DT_DIR
            : S_ISLNK(s.st_mode)  ? DT_LNK
            : S_ISREG(s.st_mode)  ? DT_REG
                                  : 0;
    const bool store = type == DT_DIR && (file_ends(name, ".zarr") || file_ends(name, ".n5"));
    att_status status = store ? note_link(w, &w->tree->store, &w->tree->stores, e)
        : type == DT_DIR      ? walk_folder(w, e)
        : type == DT_LNK      ? walk_link(w, full, e)
        : type == DT_REG      ? tree_take_file(w->tree, w->path, e)
                              : ATT_OK;
    w->path[before] = 0;
    return status;
}

struct entry {
    char *name;
    int type;
};

struct entries {
    struct entry *list;
    int count;
    bool run; /* of a run, search or packed set */
};

static att_status tree_list_entries(const char *folder, struct entries *l, struct err *e)
{
    DIR *dir = opendir(folder);
    if (!dir) return file_error(e, "list", folder, errno);
    att_status status = ATT_OK;
    while (status == ATT_OK) {
        errno = 0;
        const struct dirent *d = readdir(dir);
        if (!d && errno) status = file_error(e, "list", folder, errno);
        if (!d) break;
        if (*d->d_name == '.' || file_is_any_temporary(d->d_name)) continue;
        l->run |= strcmp(d->d_name, RUN_LOCK) == 0;
        if ((status = MEM_ROOM(l->list, l->count, "the names in a folder", e)) != ATT_OK) break;
        l->list[l->count] = (struct entry){mem_text("%s", d->d_name), d->d_type};
        if (l->list[l->count++].name) continue;
        status = err_path(e);
    }
    closedir(dir);
    return status;
}

static att_status walk_folder(struct walk *w, struct err *e)
{
    char folder[2 * PATH_MAX];
    struct entries l = {.count = 0};
    if (w->depth == DEPTH) return ATT_OK;
    snprintf(folder, sizeof folder, "%s%s%s", w->root, *w->path ? "/" : "", w->path);
    att_status status = tree_list_entries(folder, &l, e);
    w->depth++;
    for (int i = 0; i < l.count && status == ATT_OK && !(l.run && w->depth > 1); i++)
        status = walk_entry(w, l.list[i].name, l.list[i].type, e);
    w->depth--;
    for (int i = 0; i < l.count; i++) mem_free(l.list[i].name);
    mem_free(l.list);
    return status;
}

static int tree_by_path(const void *a, const void *b)
{
    return strcmp(((const struct tree_file *)a)->path, ((const struct tree_file *)b)->path);
}

static att_status tree_sort(struct tree *t, att_status status)
{
    if (status != ATT_OK)
        tree_free(t);
    else if (t->count)
        qsort(t->file, (size_t)t->count, sizeof *t->file, tree_by_path);
    return status;
}

att_status tree_walk_part(
    const char *root, const char *part, bool flat, struct tree *t, struct err *e)
{
    struct walk *w;
    *t = (struct tree){.count = 0};
    TRY(MEM_NEW(w, "the list of files", e));
    w->tree = t;
    w->depth = flat ? DEPTH - 1 : 0;
    snprintf(w->root, sizeof w->root, "%s", root);
    snprintf(w->path, sizeof w->path, "%s", part);
    att_status status =
        realpath(root, w->real) ? walk_folder(w, e) : file_error(e, "list", root, errno);
    mem_free(w);
    return tree_sort(t, status);
}

att_status tree_walk(const char *root, struct tree *t, struct err *e)
{
    return tree_walk_part(root, "", false, t, e);
}

att_status tree_of(const char *const *names, int count, struct tree *t, struct err *e)
{
    att_status status = ATT_OK;
    *t = (struct tree){.count = 0};
    for (int i = 0; i < count && status == ATT_OK; i++) status = tree_take_file(t, names[i], e);
    return tree_sort(t, status);
}

int tree_find(const struct tree *t, const char *stem, int length)
{
    int low = 0, high = t->count;
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%.*s.", length, stem);
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (strcmp(t->file[middle].path, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < t->count && strncmp(t->file[low].path, path, (size_t)length + 1) == 0; low++)
        if (t->file[low].stem == length) return low;
    return -1;
}

void tree_free(struct tree *t)
{
    for (int i = 0; i < t->blocks; i++) mem_free(t->block[i]);
    mem_free(t->block);
    mem_free(t->file);
    *t = (struct tree){.count = 0};
}

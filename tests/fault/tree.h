/* SPDX-License-Identifier: Apache-2.0 */
/* All files of a folder, to be compared. */
#ifndef TEST_TREE_H
#define TEST_TREE_H

#include "base/mem.h"
#include "files/file.h"
#include "files/hash.h"
#include "unit/expect.h"

/* One file of a tree: its path below the root, and its bytes. */
struct leaf {
    char path[200];
    char *data;
    size_t size;
};
enum { LEAVES = 400 };
struct tree {
    struct leaf list[LEAVES];
    int count;
};

static void add_tree(struct tree *t, const char *root, const char *below)
{
    struct err none = {0};
    struct file_list l;
    char folder[400];
    snprintf(folder, sizeof folder, "%s/%s", root, below);
    if (file_list(folder, &l, &none) != ATT_OK) return;
    for (int i = 0; i < l.count; i++) {
        char path[700], name[300];
        if (!strcmp(l.names[i], "lock"))
            continue; /* where nothing can be locked, work goes on without */
        snprintf(name, sizeof name, "%s%s%s", below, *below ? "/" : "", l.names[i]);
        snprintf(path, sizeof path, "%s/%s", root, name);
        if (file_is_folder(path)) {
            add_tree(t, root, name);
            continue;
        }
        assert_true(t->count < LEAVES);
        struct leaf *f = &t->list[t->count++];
        snprintf(f->path, sizeof f->path, "%.199s", name);
        OK(file_read(path, 1 << 26, &f->data, &f->size, &e));
    }
    file_list_free(&l);
}

static void free_tree(struct tree *t)
{
    for (int i = 0; i < t->count; i++) mem_free(t->list[i].data);
    t->count = 0;
}

static const struct leaf *find_leaf(const struct tree *t, const char *path)
{
    for (int i = 0; i < t->count; i++)
        if (!strcmp(t->list[i].path, path)) return &t->list[i];
    return NULL;
}

static bool same_leaf(const struct leaf *a, const struct leaf *b)
{
    return a && b && a->size == b->size && !memcmp(a->data, b->data, a->size);
}

static uint64_t tree_hash(const struct tree *t)
{
    struct hash h;
    hash_begin(&h);
    for (int i = 0; i < t->count; i++) {
        hash_add(&h, t->list[i].path, strlen(t->list[i].path) + 1);
        hash_add(&h, t->list[i].data, t->list[i].size);
    }
    return hash_end(&h);
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/loose.h"

#include <math.h>
#include <string.h>

#include "base/ints.h"
#include "base/mem.h"
#include "dataset/contents.h"
#include "dataset/layout.h"
#include "dataset/pairing_words.h"
#include "dataset/tree.h"
#include "files/file.h"
#include "format/joined.h"

/* They mark about the same place; of images of two sizes, as large a part with the same middle. */
static bool mark_the_same(
    const char *a, const struct contents_shared *x, const char *b, const struct contents_shared *y)
{
    struct contents_shared s;
    if (contents_share(a, b, &s)) return s.both >= .9 * (s.first + s.second - s.both);
    for (int k = 0; k < 3; k++)
        if (fabs(x->first_at[k] - y->first_at[k]) > .05) return false;
    return x->first >= .9 * y->first && y->first >= .9 * x->first;
}

/* The labels mark the same large part of all images, as masks of the field of view do. */
static bool mark_the_view(const struct dataset *d)
{
    enum { ASKED = 6 };
    const char *before = NULL;
    struct contents_shared last = {0};
    int same = 0;
    for (int i = 0, step = divide_up(d->count, ASKED); i < d->count; i += step) {
        const char *label = d->cases[i].label;
        struct contents c;
        struct contents_shared own;
        if (!label) continue;
        contents_look(label, false, &c);
        if (c.values > 2 || !c.channels || !contents_share(label, label, &own)) return false;
        own.first /= own.voxels;
        if (own.first < .4 || (before && !mark_the_same(before, &last, label, &own))) return false;
        same += before != NULL;
        before = label;
        last = own;
    }
    return same > 0;
}

/* The images look like labels, as where folders have each other's names. */
static bool are_labels(const struct dataset *d)
{
    enum { ASKED = 6 };
    for (int i = 0, step = divide_up(d->count, ASKED); i < d->count; i += step) {
        struct contents c;
        contents_look(d->cases[i].image[0], false, &c);
        if (c.kind != CONTENT_LABEL) return false;
    }
    return d->count > 0;
}

static bool in_folder_of(const char *path, const char *file, const char *root)
{
    const size_t before = strlen(root) + 1, length = strcspn(path, "/") + 1;
    return strlen(file) > before + length && strncmp(file + before, path, length) == 0;
}

/* A file lies in another folder than the first image and its label. */
static bool has_other_folder(const struct tree *t, const struct dataset *d)
{
    const struct data_case *c = d->cases;
    for (int i = 0; i < t->count && d->count; i++)
        if (!in_folder_of(t->file[i].path, c->image[0], d->root) &&
            (!c->label || !in_folder_of(t->file[i].path, c->label, d->root)))
            return true;
    return false;
}

att_status loose_find_views(const struct dataset *d, bool *views, struct err *e)
{
    struct tree t;
    int files = 0;
    const bool labels = are_labels(d);
    *views = labels || mark_the_view(d);
    if (!*views) return ATT_OK;
    TRY(tree_walk(d->root, &t, e));
    for (int i = 0; i < d->count; i++)
        files += 1 + (d->cases[i].label ? joined_count(d->cases[i].label) : 0);
    *views = t.count > files && (!labels || has_other_folder(&t, d));
    tree_free(&t);
    return ATT_OK;
}

att_status loose_find_labels(const char *root, bool *found, struct err *e)
{
    struct file_list names;
    const char *own = layout_label_folder(root);
    *found = false;
    if (!own || strcmp(own, "masks") != 0) return ATT_OK;
    TRY(file_list(root, &names, e));
    att_status status = ATT_OK;
    for (int i = 0; i < names.count && status == ATT_OK && !*found; i++) {
        const char *name = names.names[i];
        const struct words w = words_of_text(span_of(name));
        if (!w.label || w.mask || w.rank || w.outline || w.second || w.program) continue;
        char *path = file_join(root, name);
        status = path ? layout_holds_images(path, found, e) : err_path(e);
        mem_free(path);
    }
    file_list_free(&names);
    return status;
}

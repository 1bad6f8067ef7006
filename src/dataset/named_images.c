/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/named_images.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "dataset/layout.h"
#include "dataset/paired.h"
#include "files/file.h"
#include "format/format.h"

/* The files of a folder as those of a data set that begins at it, or above it. */
struct level {
    struct tree tree;
    struct paired_list pairs;
    const char *part;                  /* the folder below the data set, or "" */
    int files, images, labels, others; /* in the folder */
    const char *first_label, *first_other;
};

static void level_free(struct level *l)
{
    paired_free(&l->pairs);
    tree_free(&l->tree);
    *l = (struct level){.images = 0};
}

/* The path below the folder, or NULL. */
static const char *inside(const struct level *l, const char *path)
{
    const size_t length = strlen(l->part);
    if (!length) return path;
    return strncmp(path, l->part, length) == 0 && path[length] == '/' ? path + length + 1 : NULL;
}

static int depth_of(const char *path)
{
    int depth = 0;
    for (; *path; path++) depth += *path == '/';
    return depth;
}

/* Files of inner folders that have no image are none of this data set. */
static void named_images_count(struct level *l, const struct reading *r)
{
    int depth = -1;
    for (int i = 0; i < l->pairs.count; i++) {
        const struct paired *c = &l->pairs.list[i];
        const char *path = c->image[0] >= 0 ? inside(l, l->tree.file[c->image[0]].path) : NULL;
        l->images += path != NULL;
        if (path) depth = depth_of(path);
    }
    for (int i = 0; i < l->tree.count; i++) {
        const struct tree_file *t = &l->tree.file[i];
        const char *path = inside(l, t->path);
        struct fit f = {.part = 0};
        const bool fits = reading_fits(r, t, &f);
        l->files += path != NULL;
        if (!path || (fits && !f.label) || (!fits && depth_of(path) != depth)) continue;
        int *count = fits ? &l->labels : &l->others;
        const char **first = fits ? &l->first_label : &l->first_other;
        if (!(*count)++) *first = path;
    }
}

static att_status level_open(const char *root, const char *part, bool whole,
    const struct reading *r, struct level *l, struct err *e)
{
    *l = (struct level){.part = part};
    TRY(tree_walk_part(root, whole ? "" : part, false, &l->tree, e));
    att_status status = paired_make(&l->tree, r, true, &l->pairs, e);
    if (status == ATT_OK) named_images_count(l, r);
    if (status != ATT_OK) level_free(l);
    return status;
}

/* Takes the better one: with more images, or else with more labels. */
static void take_better(struct level *best, struct level *other)
{
    if (other->images > best->images || (!best->images && other->labels > best->labels)) {
        level_free(best);
        *best = *other;
    } else {
        level_free(other);
    }
}

static int places_depth(const struct reading *r)
{
    int depth = 0;
    for (int k = 0; k < r->parts; k++)
        for (int i = 0; i < r->part[k].images + r->part[k].labels; i++) {
            const struct reading_part *p = &r->part[k];
            const struct place *x = i < p->images ? &p->image[i] : &p->label[i - p->images];
            int own = 0;
            for (int n = 0; n < x->pattern.count; n++) {
                const struct piece *piece = &x->pattern.piece[n];
                for (int at = 0; piece->var < 0 && at < piece->text.length; at++)
                    own += piece->text.text[at] == '/';
            }
            if (own > depth) depth = own;
        }
    return depth;
}

/* In its own data set, names are those of all its cases; elsewhere the data set begins where most
 * files fit. `real`: of the folder, which the level keeps in use. */
static att_status level_find(const struct dataset_patterns *n, bool here, const struct reading *r,
    char *real, struct level *best, struct err *e)
{
    char home[PATH_MAX];
    *best = (struct level){.images = 0};
    if (!here && n->home && file_is_folder(n->home) && realpath(n->home, home) &&
        file_within(real, home)) {
        const char *part = real + strlen(home);
        TRY(level_open(home, *part ? part + 1 : "", true, r, best, e));
    }
    const int depth = here ? 0 : places_depth(r);
    if (best->images) return ATT_OK;
    size_t end = strlen(real);
    for (int up = 0; up <= depth && end > 1; up++) {
        char root[PATH_MAX];
        struct level other;
        memcpy(root, real, end);
        root[end] = 0;
        TRY(level_open(root, up ? real + end + 1 : "", false, r, &other, e));
        take_better(best, &other);
        while (end > 1 && real[--end] != '/') continue;
    }
    return ATT_OK;
}

static att_status named_images_take(const struct level *l, const struct paired *p,
    const char *folder, struct dataset *d, struct err *e)
{
    if (p->image[0] < 0 || !inside(l, l->tree.file[p->image[0]].path)) return ATT_OK;
    char *file = file_join(folder, inside(l, l->tree.file[p->image[0]].path));
    if (!file) return err_path(e);
    att_status status = ATT_OK;
    if (p->wrong && p->images)
        status = layout_wrong(d, PROBLEM_PARTNER, file, e, "%s: %s", file, p->wrong);
    else if (!layout_id_good(p->id))
        status = layout_wrong(d, PROBLEM_PARTNER, file, e, LAYOUT_ID_BAD, p->id);
    else {
        /* whether the name of the file tells the case apart */
        const bool own =
            !*l->part && p->images == 1 && !strchr(l->tree.file[p->image[0]].path, '/');
        char *stem = own ? format_stem(file) : NULL;
        struct data_case *c = layout_add(d, stem ? stem : p->id, e);
        status = c ? ATT_OK : ATT_MEMORY;
        mem_free(stem);
        for (int k = 0; k < DATASET_CHANNELS && status == ATT_OK; k++) {
            const char *path = p->image[k] < 0 ? NULL : inside(l, l->tree.file[p->image[k]].path);
            if (path && !(c->image[c->nimages++] = file_join(folder, path))) status = err_path(e);
        }
    }
    mem_free(file);
    return status;
}

static void say_aside(
    const struct level *l, const struct dataset_patterns *n, const char *folder, struct host *host)
{
    if (l->labels)
        host_say(host, LOG_INFO, "%s: left aside %d label%s ('%s'), such as %s", folder, l->labels,
            TEXT_S(l->labels), n->labels, l->first_label);
    if (l->others)
        host_say(host, LOG_INFO,
            "%s: left aside %d file%s that %s not fit the pattern of images '%s', such as %s; to "
            "predict %s, name "
            "%s, or give other `images`",
            folder, l->others, TEXT_S(l->others), l->others == 1 ? "does" : "do", n->images,
            l->first_other, l->others == 1 ? "it" : "them", l->others == 1 ? "the file" : "files");
}

static att_status level_use(const struct level *l, const struct dataset_patterns *n,
    const char *folder, struct dataset *d, bool *fit, struct host *host, struct err *e)
{
    *fit = l->images > 0;
    if (!l->images && l->labels && l->labels == l->files)
        return err_usage(e,
            "%s holds labels, such as %s, by the pattern of labels '%s'; give the folder of their "
            "images, or name files to predict them all the same",
            folder, l->first_label, n->labels);
    if (*fit) say_aside(l, n, folder, host);
    for (int i = 0; i < l->pairs.count && *fit; i++)
        TRY(named_images_take(l, &l->pairs.list[i], folder, d, e));
    return ATT_OK;
}

att_status named_images_add(const struct dataset_patterns *n, bool here, const char *folder,
    struct dataset *d, bool *fit, struct host *host, struct err *e)
{
    char real[PATH_MAX];
    struct reading *r; /* large for a small stack */
    struct level l;
    *fit = false;
    if (!realpath(folder, real)) return ATT_OK;
    TRY(MEM_NEW(r, "the patterns", e));
    att_status status = reading_parse(n->images, n->labels, r, e);
    if (status == ATT_OK) {
        status = level_find(n, here, r, real, &l, e);
        if (status == ATT_OK) status = level_use(&l, n, folder, d, fit, host, e);
        level_free(&l);
        reading_clear(r);
    }
    mem_free(r);
    return status;
}

att_status named_images_labels(
    const struct dataset_patterns *n, const char *const *names, int count, bool *is, struct err *e)
{
    struct reading *r;
    TRY(MEM_NEW(r, "the patterns", e));
    att_status status = reading_parse(n->images, n->labels, r, e);
    for (int i = 0; i < count && status == ATT_OK; i++) {
        const struct tree_file file = tree_file_of(names[i]);
        struct fit f = {.part = 0};
        is[i] = reading_fits(r, &file, &f) && f.label;
    }
    reading_clear(r);
    mem_free(r);
    return status;
}

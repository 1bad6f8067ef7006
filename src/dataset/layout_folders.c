/* SPDX-License-Identifier: Apache-2.0 */
/* A folder per case with the same files, one of them the label: CASE/CASE_t1.nii.gz,
 * CASE/CASE_seg.nii.gz (BraTS), or CASE/t1.nii.gz, CASE/seg.nii.gz. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "dataset/contents.h"
#include "dataset/groups.h"
#include "dataset/layout.h"
#include "dataset/layout_found.h"
#include "dataset/pairing.h"
#include "dataset/pairing_words.h"
#include "files/file.h"

/* A file of a case, by its name without the case's. */
struct part {
    const char *key;          /* in its stem */
    struct layout_file *file; /* path is NULL once a case has taken it */
    bool label;
};

struct parts {
    struct layout_files files;
    struct part *part; /* by key */
    int images, labels;
};

static const char *folders_key_of(const char *stem, const char *name)
{
    const size_t length = strlen(name);
    const bool begins =
        text_begins(stem, name) && stem[length] && strchr("_-. ", stem[length]) && stem[length + 1];
    return begins ? stem + length + 1 : stem;
}

static bool is_label_word(const char *key)
{
    static const char *const names[] = {"mask", "masks", "seg", "segm", "segmentation", "label",
        "labels", "ground_truth", "gt", NULL};
    int i = 0;
    while (names[i] && !text_equals(key, names[i])) i++;
    return names[i];
}

static bool is_label(const char *key) { return is_label_word(key) || layout_find_suffix(key); }

static int folders_by_key(const void *a, const void *b)
{
    const struct part *x = a, *y = b;
    int order = strcmp(x->key, y->key);
    return order ? order : strcmp(x->file->path, y->file->path);
}

static void folders_parts_free(struct parts *p)
{
    layout_files_free(&p->files);
    mem_free(p->part);
}

static att_status parts_list(
    struct dataset *d, const char *folder, const char *name, struct parts *p, struct err *e)
{
    *p = (struct parts){.part = NULL};
    TRY(layout_list(d, folder, NULL, &p->files, e));
    p->part = mem_array((size_t)p->files.count + 1, sizeof *p->part);
    if (!p->part) {
        folders_parts_free(p);
        return err_memory(e, (size_t)p->files.count * sizeof *p->part, "the files of a case");
    }
    for (int i = 0; i < p->files.count; i++) {
        const char *key = folders_key_of(p->files.file[i].stem, name);
        p->part[i] = (struct part){key, &p->files.file[i], is_label(key)};
        p->labels += p->part[i].label;
        p->images += !p->part[i].label;
    }
    qsort(p->part, (size_t)p->files.count, sizeof *p->part, folders_by_key);
    return ATT_OK;
}

/* The next inner folder from *at; *path NULL: none. */
static att_status next_folder(
    const char *root, const struct file_list *names, int *at, char **path, struct err *e)
{
    for (; *at < names->count; ++*at) {
        *path = file_join(root, names->names[*at]);
        if (!*path) return err_path(e);
        if (file_is_folder(*path) && !layout_is_run(*path)) return ATT_OK;
        mem_free(*path);
    }
    *path = NULL;
    return ATT_OK;
}

/* By its name or contents, a file beside the label may be another label, its outline, or drawn from
 * it, which the search of names tells from a channel. */
static bool has_other_labels(const struct parts *p)
{
    for (int i = 0; i < p->files.count; i++) {
        const char *key = p->part[i].key;
        const struct words w = words_of_text(span_of(key));
        struct contents c = {.kind = CONTENT_UNKNOWN};
        if (p->part[i].label) continue;
        if (p->images > 1) contents_look(p->part[i].file->path, false, &c);
        if (w.label || w.mask || w.outline || w.rank == WORDS_RESULT || c.map ||
            c.kind == CONTENT_LABEL)
            return true;
    }
    return false;
}

/* One image is a processed version of another one, which the search of names leaves aside. */
static bool has_versions(const struct parts *p)
{
    int more;
    for (int i = 0; i < p->files.count; i++)
        for (int k = 0; k < i; k++)
            if (!p->part[i].label && !p->part[k].label &&
                words_are_versions(span_of(p->part[k].key), span_of(p->part[i].key), &more))
                return true;
    return false;
}

/* One image is cut out along the label, which the search of names leaves aside. */
static bool has_cut_image(const struct parts *p)
{
    const char *label = NULL;
    int cut = 0;
    for (int i = 0; i < p->files.count; i++)
        if (p->part[i].label) label = p->part[i].file->path;
    for (int i = 0; i < p->files.count && label && p->images > 1; i++)
        cut += !p->part[i].label && contents_cut(p->part[i].file->path, label) == CUT_OUT;
    return cut && cut < p->images;
}

/* The files of two cases differ in numbers alone, such as dates. */
static bool numbers_vary(const struct parts *a, const struct parts *b)
{
    bool vary = false;
    if (a->files.count != b->files.count) return false;
    for (int i = 0; i < a->files.count; i++) {
        const struct span x = span_of(a->part[i].key), y = span_of(b->part[i].key);
        if (!pairing_same_words(x, y)) return false;
        vary |= span_order(x, y) != 0;
    }
    return vary;
}

static bool is_labelled_case(const char *folder, const struct parts *p)
{
    return p->images > 0 && p->labels == 1 && !has_other_labels(p) && !layout_is_mixed(folder) &&
        !layout_has_previews(&p->files) && !has_versions(p) && !has_cut_image(p);
}

/* The first inner folder with images decides; that of a case with a label together with the next
 * one. */
bool layout_are_folders(const char *root, int images)
{
    struct err ignored = {0};
    struct problems unread = {.count = 0};
    struct dataset d = {.problems = &unread};
    struct file_list names;
    struct parts first = {.part = NULL}, p;
    bool found = false, decided = false;
    char *path = NULL;
    if (!file_is_folder(root) || file_list(root, &names, &ignored) != ATT_OK) return false;
    for (int i = 0; !decided && next_folder(root, &names, &i, &path, &ignored) == ATT_OK && path;
         i++) {
        if (parts_list(&d, path, names.names[i], &p, &ignored) == ATT_OK) {
            const bool any = p.files.count > 0, second = found;
            if (any && second)
                found = !numbers_vary(&first, &p);
            else if (any)
                found = images ? p.images == images && p.labels <= 1 : is_labelled_case(path, &p);
            decided = any && (images || second || !found);
            if (any && !decided)
                first = p;
            else
                folders_parts_free(&p);
        }
        mem_free(path);
    }
    folders_parts_free(&first);
    file_list_free(&names);
    problems_free(&unread);
    return found;
}

/* The name of a folder, for mem_free; NULL: it has none, or no memory. */
static char *folder_name(const char *folder)
{
    char real[PATH_MAX];
    return realpath(folder, real) && real[1] ? mem_text("%s", file_base(real)) : NULL;
}

bool layout_is_case(const char *folder, int images)
{
    struct err ignored = {0};
    struct problems unread = {.count = 0};
    struct dataset d = {.problems = &unread};
    struct parts p;
    bool word = false, is = false;
    char *name = folder_name(folder);
    if (name && parts_list(&d, folder, name, &p, &ignored) == ATT_OK) {
        for (int i = 0; i < p.files.count; i++) word |= is_label_word(p.part[i].key);
        is = p.images == images && p.labels == 1 && word;
        folders_parts_free(&p);
    }
    mem_free(name);
    problems_free(&unread);
    return is;
}

static bool claims(const char *root) { return layout_are_folders(root, 0); }

/* Name channels after the first case's keys. */
static att_status folders_name_channels(struct dataset *d, const struct parts *p, struct err *e)
{
    int k = 0;
    for (int i = 0; i < p->files.count; i++) {
        if (p->part[i].label) continue;
        d->channel_name[k] = mem_text("%s", p->part[i].key);
        if (!d->channel_name[k++]) return err_memory(e, 32, "the name of a channel");
    }
    return ATT_OK;
}

static bool folders_has(const struct parts *p, const char *key)
{
    for (int i = 0; i < p->files.count; i++)
        if (!p->part[i].label && strcmp(p->part[i].key, key) == 0) return true;
    return false;
}

static bool folders_is_standard(const struct dataset *d, const char *key)
{
    for (int k = 0; k < DATASET_CHANNELS && d->channel_name[k]; k++)
        if (strcmp(d->channel_name[k], key) == 0) return true;
    return false;
}

/* `text` tells why case and folder differ in a channel; the first problem has patterns, too. */
static att_status refuse_channel(
    struct dataset *d, const char *folder, const char *text, struct err *e)
{
    enum { OPTION = 1000 };
    char option[OPTION] = "";
    if (!d->problems || !d->problems->errors)
        TRY(found_set_option(d->root, option, sizeof option, e));
    return layout_wrong(d, PROBLEM_CHANNELS, folder, e, "%s%s%s", text,
        *option ? "; or, to leave out what some cases lack, give " : "", option);
}

/* *good: no problem was reported. `first`: case that names the channels. */
static att_status check_parts(struct dataset *d, const char *folder, const struct parts *p,
    const char *first, bool labelled, bool *good, struct err *e)
{
    char text[PATH_MAX + 700];
    *good = false;
    if (p->images > DATASET_CHANNELS || !p->images)
        return layout_wrong(d, PROBLEM_CHANNELS, folder, e,
            "%s has %d images, but a case has 1 to %d; add or remove some", folder, p->images,
            DATASET_CHANNELS);
    if (labelled && p->labels > 1)
        return layout_wrong(d, PROBLEM_PARTNER, folder, e,
            "%s has %d labels, but a case has one; name it seg, mask, label or segmentation, or "
            "list the files in a CSV (docs/data.md)",
            folder, p->labels);
    for (int k = 0; k < DATASET_CHANNELS && d->channel_name[k]; k++)
        if (!folders_has(p, d->channel_name[k])) {
            snprintf(text, sizeof text,
                "%s has no %.300s, but case %.300s does; add it, or remove the folder", folder,
                d->channel_name[k], first);
            return refuse_channel(d, folder, text, e);
        }
    for (int i = 0; i < p->files.count && d->channel_name[0]; i++)
        if (!p->part[i].label && !folders_is_standard(d, p->part[i].key)) {
            snprintf(text, sizeof text,
                "%s has %.300s, but case %.300s does not; remove it, or add it there", folder,
                p->part[i].key, first);
            return refuse_channel(d, folder, text, e);
        }
    *good = true;
    return ATT_OK;
}

static att_status take_parts(
    struct dataset *d, const char *name, struct parts *p, bool labelled, struct err *e)
{
    struct data_case *c = layout_add(d, name, e);
    if (!c) return ATT_MEMORY;
    for (int i = 0; i < p->files.count; i++) {
        const struct part *a = &p->part[i];
        if (a->label && !labelled) continue;
        *(a->label ? &c->label : &c->image[c->nimages++]) = a->file->path;
        a->file->path = NULL;
    }
    return ATT_OK;
}

/* Case `before` is the first of these folders. */
static att_status folders_add_folder(struct dataset *d, const char *folder, const char *name,
    int before, bool labelled, struct err *e)
{
    const char *first = d->count > before ? d->cases[before].id : NULL;
    struct parts p;
    bool good;
    TRY(parts_list(d, folder, name, &p, e));
    if (!p.files.count) {
        folders_parts_free(&p);
        return ATT_OK;
    }
    att_status status = check_parts(d, folder, &p, first, labelled, &good, e);
    if (status == ATT_OK && good && !first) status = folders_name_channels(d, &p, e);
    if (status == ATT_OK && good) status = take_parts(d, name, &p, labelled, e);
    folders_parts_free(&p);
    return status;
}

static att_status add_folders(struct dataset *d, const char *root, bool labelled, struct err *e)
{
    struct file_list names;
    const int before = d->count;
    char *path = NULL;
    TRY(file_list(root, &names, e));
    att_status status = ATT_OK;
    for (int i = 0; status == ATT_OK && i < names.count; i++) {
        status = next_folder(root, &names, &i, &path, e);
        if (status == ATT_OK && path)
            status = folders_add_folder(d, path, names.names[i], before, labelled, e);
        mem_free(path);
        path = NULL;
    }
    file_list_free(&names);
    return status;
}

static att_status tidy_names(struct dataset *d, struct err *e)
{
    for (int k = 0; k < DATASET_CHANNELS && d->channel_name[k]; k++) {
        char name[LABELLING_NAME];
        TRY(layout_tidy_name(d->channel_name[k], name, e));
        strcpy(d->channel_name[k], name);
    }
    return ATT_OK;
}

att_status layout_folders_images(struct dataset *d, const char *root, struct err *e)
{
    layout_forget_names(d); /* of another folder */
    TRY(add_folders(d, root, false, e));
    return tidy_names(d, e);
}

att_status layout_case_images(
    struct dataset *d, const char *folder, struct host *host, struct err *e)
{
    char *name = folder_name(folder);
    if (!name) return err_path(e);
    host_say(host, LOG_INFO, "%s: attunet takes this folder as the case %s, without its label",
        folder, name);
    att_status status = folders_add_folder(d, folder, name, 0, false, e);
    mem_free(name);
    return status == ATT_OK ? tidy_names(d, e) : status;
}

static att_status open_folders(struct dataset *d, struct host *host, struct err *e)
{
    TRY(add_folders(d, d->root, true, e));
    TRY(tidy_names(d, e));
    TRY(layout_sort(d, e));
    TRY(layout_drop_unlabelled(d, host, e));
    TRY(groups_by_names(d, host, e));
    TRY(layout_check(d, host, e));
    /* a file has several channels, or there is no name to tell */
    if (d->channels != d->cases[0].nimages || d->channels == 1) layout_forget_names(d);
    return layout_describe(d, host, e);
}

const struct layout layout_folders = {
    .name = "a folder per case",
    .contents = "one folder per case with its images and a file named seg, mask or label",
    .loose = true,
    .claims = claims,
    .open = open_folders,
};

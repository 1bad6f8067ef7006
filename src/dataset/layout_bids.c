/* SPDX-License-Identifier: Apache-2.0 */
/* BIDS (bids-specification 1.10): images SUBJECT_T1w are in SUBJECT/anat or SUBJECT/SESSION/anat,
 * labels SUBJECT_dseg in the same folders below derivatives/NAME. A subject's images are a group.
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "dataset/layout.h"
#include "dataset/layout_found.h"
#include "dataset/tree.h"
#include "files/file.h"
#include "format/format.h"

static const char usual[] = "T1w";

/* Calls fn for every folder in `folder` with this prefix. */
typedef att_status visit_fn(void *arg, const char *path, const char *name, struct err *e);
static att_status visit(
    const char *folder, const char *prefix, visit_fn *fn, void *arg, struct err *e)
{
    struct file_list l;
    TRY(file_list(folder, &l, e));
    att_status status = ATT_OK;
    for (int i = 0; i < l.count && status == ATT_OK; i++) {
        if (strncmp(l.names[i], prefix, strlen(prefix)) != 0) continue;
        char *path = file_join(folder, l.names[i]);
        if (!path)
            status = err_path(e);
        else if (file_is_folder(path))
            status = fn(arg, path, l.names[i], e);
        mem_free(path);
    }
    file_list_free(&l);
    return status;
}

struct walk {
    struct dataset *d;
    /* for the folder "anat" of a subject or session */
    att_status (*act)(struct walk *w, const char *anat, struct err *e);
    char suffix[64], other[64]; /* of images used; of others found */
    bool taking;                /* else collect suffixes */
    const char *subject;
    int more;           /* images of other suffixes */
    char foreign[400];  /* a label in another space, */
    char misnamed[400]; /* and one that does not end in _dseg */
};

static att_status walk_place(void *walk, const char *path, const char *name, struct err *e)
{
    struct walk *w = walk;
    char *anat = file_join(path, "anat");
    att_status status = !anat ? err_path(e) : file_is_folder(anat) ? w->act(w, anat, e) : ATT_OK;
    (void)name;
    mem_free(anat);
    return status;
}

static att_status walk_subject(void *walk, const char *path, const char *name, struct err *e)
{
    struct walk *w = walk;
    w->subject = name;
    TRY(walk_place(w, path, name, e));
    return visit(path, "ses-", walk_place, w, e);
}

/* "T1w" of "sub-01_T1w", or NULL. */
static const char *suffix_of(const char *stem)
{
    const char *last = strrchr(stem, '_');
    return last && last[1] ? last + 1 : NULL;
}

/* Whether a name has this suffix, in any format: "sub-01_T1w.mgz". */
static bool has_suffix(const void *suffix, const char *name)
{
    size_t length = strcspn(name, "."), tail = strlen(suffix);
    return tail > 0 && length > tail && name[length - tail - 1] == '_' &&
        strncmp(name + length - tail, suffix, tail) == 0;
}

/* Accepts images and files with their names, but not surfaces and transforms. */
static bool may_be_image(const void *suffix, const char *name)
{
    size_t ending;
    return format_by_name(name, &ending) || has_suffix(suffix, name);
}

static void note_suffix(struct walk *w, const char *suffix)
{
    if (strlen(suffix) >= sizeof w->suffix || strcmp(w->suffix, suffix) == 0) return;
    if (!*w->suffix || strcmp(suffix, usual) == 0) {
        memcpy(w->other, w->suffix, sizeof w->other);
        snprintf(w->suffix, sizeof w->suffix, "%s", suffix);
    } else if (!*w->other)
        snprintf(w->other, sizeof w->other, "%s", suffix);
}

/* Takes the file's path. */
static att_status bids_add_image(
    struct walk *w, struct layout_file *f, const char *suffix, struct err *e)
{
    f->stem[suffix - f->stem - 1] = 0;
    struct data_case *c = layout_add_image(w->d, f, e);
    if (!c) return ATT_MEMORY;
    c->group = mem_text("%s", w->subject);
    return c->group ? ATT_OK : err_memory(e, strlen(w->subject), "the name of a subject");
}

static att_status take_anat(struct walk *w, const char *anat, struct err *e)
{
    struct layout_files l;
    TRY(layout_list_wanted(w->d, anat, NULL, may_be_image, w->taking ? w->suffix : "", &l, e));
    att_status status = ATT_OK;
    for (int i = 0; i < l.count && status == ATT_OK; i++) {
        const char *suffix = suffix_of(l.file[i].stem);
        if (!suffix) continue;
        if (!w->taking)
            note_suffix(w, suffix);
        else if (strcmp(suffix, w->suffix) == 0)
            status = bids_add_image(w, &l.file[i], suffix, e);
        else
            w->more++;
    }
    layout_files_free(&l);
    return status;
}

/* Whether a label's name puts it on its image's grid: space-orig, space-T1w with T1w images, or no
 * space. */
static bool is_own_space(const char *stem, const char *suffix)
{
    const char *const own[] = {"orig", "individual", "native", suffix};
    const char *space = strstr(stem, "_space-");
    if (!space) return true;
    space += 7;
    size_t length = strcspn(space, "_");
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strlen(own[i]) == length && strncmp(space, own[i], length) == 0) return true;
    return false;
}

/* Whether only words on how the label was made stand between case and "dseg"; others, such as
 * _acq-hires, mean another image. */
static bool is_derived(const char *rest)
{
    static const char *const made[] = {"space-", "seg-", "res-", "label-", "desc-"};
    for (; strcmp(rest, "_dseg") != 0; rest += 1 + strcspn(rest + 1, "_")) {
        bool derived = false;
        for (size_t i = 0; *rest && i < sizeof made / sizeof *made; i++)
            derived |= strncmp(rest + 1, made[i], strlen(made[i])) == 0;
        if (!derived) return false;
    }
    return true;
}

static struct data_case *bids_find_owner(struct dataset *d, const char *stem)
{
    for (int i = 0; i < d->count; i++) {
        size_t length = strlen(d->cases[i].id);
        if (strncmp(stem, d->cases[i].id, length) == 0 && stem[length] == '_' &&
            is_derived(stem + length))
            return &d->cases[i];
    }
    return NULL;
}

static att_status bids_take_labels(struct walk *w, const char *anat, struct err *e)
{
    struct layout_files l;
    TRY(layout_list_wanted(w->d, anat, NULL, has_suffix, "dseg", &l, e));
    att_status status = ATT_OK;
    for (int i = 0; i < l.count && status == ATT_OK; i++) {
        struct layout_file *f = &l.file[i];
        if (!is_own_space(f->stem, w->suffix)) continue;
        struct data_case *c = bids_find_owner(w->d, f->stem);
        if (!c)
            status = layout_wrong(w->d, PROBLEM_PARTNER, f->path, e,
                "label %s has no image that ends in _%s; add it, or remove the label", f->path,
                w->suffix);
        else if (c->label)
            status = layout_wrong(w->d, PROBLEM_PARTNER, f->path, e,
                "case %s has two labels, %s and %s; keep one of them, or name the one in a CSV",
                c->id, c->label, f->path);
        else {
            c->label = f->path;
            f->path = NULL;
        }
    }
    layout_files_free(&l);
    return status;
}

/* Only to explain why none is used. */
static att_status see_labels(struct walk *w, const char *anat, struct err *e)
{
    struct file_list l;
    TRY(file_list(anat, &l, e));
    for (int i = 0; i < l.count; i++) {
        size_t ending;
        if (!format_by_name(l.names[i], &ending)) continue; /* sidecar files */
        const bool foreign = has_suffix("dseg", l.names[i]) && !is_own_space(l.names[i], w->suffix);
        if (foreign && !*w->foreign)
            snprintf(w->foreign, sizeof w->foreign, "%s/%s", anat, l.names[i]);
        if (has_suffix("mask", l.names[i]) && !*w->misnamed)
            snprintf(w->misnamed, sizeof w->misnamed, "%s/%s", anat, l.names[i]);
    }
    file_list_free(&l);
    return ATT_OK;
}

static att_status label_derivative(void *walk, const char *path, const char *name, struct err *e)
{
    (void)name;
    return visit(path, "sub-", walk_subject, walk, e);
}

static att_status visit_labels(
    struct walk *w, att_status (*act)(struct walk *, const char *, struct err *), struct err *e)
{
    char *derivatives = file_join(w->d->root, "derivatives");
    w->act = act;
    att_status status = derivatives ? visit(derivatives, "", label_derivative, w, e) : err_path(e);
    mem_free(derivatives);
    return status;
}

bool layout_bids_labelled(const char *root)
{
    struct tree t;
    struct err ignored = {0};
    bool labelled = tree_walk(root, &t, &ignored) != ATT_OK;
    for (int i = 0; i < t.count && !labelled; i++)
        labelled = has_suffix("dseg", file_base(t.file[i].path)) ||
            has_suffix("mask", file_base(t.file[i].path));
    tree_free(&t);
    return labelled;
}

static att_status bids_no_labels(struct walk *w, int images, struct err *e)
{
    enum { OPTION = 900 };
    const char *root = w->d->root, *plural = TEXT_S(images);
    char option[OPTION] = "";
    TRY(visit_labels(w, see_labels, e));
    if (*w->foreign)
        return err_data(e,
            "%s has %d image%s but no label on an image's grid: by its name, %s is in another "
            "space; resample labels to their images (space-orig), or list both in a CSV",
            root, images, plural, w->foreign);
    TRY(found_set_option(root, option, sizeof option, e));
    if (*w->misnamed)
        return err_data(e,
            "%s has %d image%s but no label that ends in _dseg: %s may mark the brain or a lesion; "
            "rename labels to end in _dseg, or %s%s",
            root, images, plural, w->misnamed,
            *option ? "if it is a label, give " : "list them in a CSV", option);
    return err_data(e,
        "%s has %d image%s but none of derivatives/*/sub-*/anat/*_dseg.nii.gz (or "
        "sub-*/ses-*/anat); put the labels there%s%s",
        root, images, plural, *option ? ", or to pair files by their names, give " : "", option);
}

static att_status find_folder(void *found, const char *path, const char *name, struct err *e)
{
    (void)path;
    (void)name;
    (void)e;
    *(bool *)found = true;
    return ATT_OK;
}

static bool claims(const char *root)
{
    struct err ignored = {0};
    bool found = false;
    return layout_has_folder(root, "derivatives") &&
        visit(root, "sub-", find_folder, &found, &ignored) == ATT_OK && found;
}

static att_status keep_labelled(struct walk *w, struct host *host, struct err *e)
{
    for (int i = 0; i < w->d->count; i++)
        if (w->d->cases[i].label) return layout_drop_unlabelled(w->d, host, e);
    return bids_no_labels(w, w->d->count, e);
}

static att_status bids_find_images(
    struct walk *w, const char *root, struct host *host, struct err *e)
{
    w->act = take_anat;
    TRY(visit(root, "sub-", walk_subject, w, e));
    w->taking = *w->suffix && (!*w->other || strcmp(w->suffix, usual) == 0);
    if (w->taking) TRY(visit(root, "sub-", walk_subject, w, e));
    if (w->more)
        host_say(host, LOG_INFO,
            "attunet uses images that end in _%s and ignores %d other%s (such as _%s); list files "
            "in a CSV to choose others",
            w->suffix, w->more, TEXT_S(w->more), w->other);
    return ATT_OK;
}

static att_status bids_find_cases(struct walk *w, struct host *host, struct err *e)
{
    struct dataset *d = w->d;
    TRY(bids_find_images(w, d->root, host, e));
    if (!w->taking && *w->suffix)
        return err_data(e,
            "%s has images that end in _%s and _%s, but none in _T1w; list the images to use in a "
            "CSV",
            d->root, w->suffix, w->other);
    if (!w->taking)
        return err_data(e, "%s has no sub-*/anat/*_T1w.nii.gz; put the images there", d->root);
    TRY(layout_sort(d, e));
    TRY(visit_labels(w, bids_take_labels, e));
    return keep_labelled(w, host, e);
}

/* Makes subjects groups if one has several images. */
static void note_groups(struct dataset *d, struct host *host)
{
    int subjects = 0;
    for (int i = 0; i < d->count; i++) {
        bool first = true;
        for (int k = 0; k < i && first; k++)
            first = strcmp(d->cases[k].group, d->cases[i].group) != 0;
        subjects += first;
    }
    d->has_groups = subjects < d->count;
    if (d->has_groups)
        host_say(host, LOG_INFO,
            "%d images of %d subject%s: each split keeps a subject's images together", d->count,
            subjects, TEXT_S(subjects));
}

static att_status open_bids(struct dataset *d, struct host *host, struct err *e)
{
    struct walk w = {.d = d};
    TRY(bids_find_cases(&w, host, e));
    note_groups(d, host);
    TRY(layout_check(d, host, e));
    return layout_describe(d, host, e);
}

/* Also of folders without derivatives, which are no data set yet. */
static att_status bids_images(
    struct dataset *d, const char *root, bool *fit, struct host *host, struct err *e)
{
    struct walk w = {.d = d};
    const int before = d->count;
    TRY(bids_find_images(&w, root, host, e));
    *fit = d->count > before;
    if (*fit)
        host_say(host, LOG_INFO,
            "%s: attunet predicts %d BIDS image%s (*_%s), and leaves labels aside", root,
            d->count - before, TEXT_S(d->count - before), w.suffix);
    return ATT_OK;
}

const struct layout layout_bids = {
    .name = "BIDS",
    .claims = claims,
    .open = open_bids,
    .images = bids_images,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/dataset.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/ints.h"
#include "base/mem.h"
#include "base/text.h"
#include "dataset/contents.h"
#include "dataset/converted.h"
#include "dataset/layout.h"
#include "dataset/layout_found.h"
#include "dataset/loose.h"
#include "dataset/mask_values.h"
#include "dataset/memory_set.h"
#include "dataset/outputs.h"
#include "dataset/pack.h"
#include "dataset/pairing.h"
#include "dataset/pairing_words.h"
#include "dataset/tree.h"
#include "dataset/unread_files.h"
#include "dataset/unread_list.h"
#include "files/file.h"
#include "format/format.h"

/* The first layout that claims a folder opens it. */
static const struct layout *const layouts[] = {&layout_pack, &layout_csv, &layout_msd,
    &layout_nnunet, &layout_bids, &layout_plain, &layout_flat, &layout_folders};
enum { LAYOUTS = sizeof layouts / sizeof *layouts };

static const struct layout *claim(const char *root)
{
    for (int i = 0; i < LAYOUTS; i++)
        if (layouts[i]->claims(root)) return layouts[i];
    return NULL;
}

static const struct layout *find_layout(const char *root)
{
    const struct layout *l = claim(root);
    /* reports what is missing */
    return l || !file_has(root, "dataset.json") ? l : &layout_nnunet;
}

/* Why names may read a folder better than a layout. */
struct doubts {
    bool views; /* as in loose.h */
    int lone;   /* labels without an image of their own */
};

static att_status count_pairs(const struct layout *layout, const char *path, int *pairs,
    struct doubts *doubts, struct err *e);

/* A folder that says it is a data set, or holds pairs or DICOM series; a dataset.csv may be a set's
 * own table. */
static att_status is_inner(const char *path, bool *is, struct err *e)
{
    const struct layout *l = file_is_folder(path) ? find_layout(path) : NULL;
    int pairs = 0;
    bool has;
    *is = l && (file_has(path, "dataset.json") || (!l->loose && l != &layout_csv));
    if (l == &layout_plain && !*is) TRY(converted_has_series(path, &has, is, e));
    if (l && !*is) TRY(count_pairs(l, path, &pairs, NULL, e));
    *is |= pairs > 0;
    return ATT_OK;
}

/* Lists data sets directly below, as "mr, trus". */
static att_status list_inner(const char *root, char *text, size_t size, struct err *e)
{
    struct file_list names;
    TRY(file_list(root, &names, e));
    att_status status = ATT_OK;
    *text = 0;
    for (int i = 0; i < names.count && status == ATT_OK; i++) {
        char *path = file_join(root, names.names[i]);
        bool is = false;
        status = path ? is_inner(path, &is, e) : err_path(e);
        if (is) text_append(text, size, "%s%s", *text ? ", " : "", names.names[i]);
        mem_free(path);
    }
    file_list_free(&names);
    return status;
}

/* An interrupted `attunet pack` has no index yet. */
static bool is_half_packed(const char *root)
{
    char *cases = file_join(root, "cases"), *prints = file_join(root, "prints");
    const bool half = cases && prints && file_is_folder(cases) && file_is_folder(prints);
    mem_free(cases);
    mem_free(prints);
    return half;
}

/* Fails for the folder `images` of a data set, or another with images alone; `mask`: a file called
 * so, or NULL. */
static att_status refuse_images(const char *root, const char *mask, struct err *e)
{
    size_t end = strlen(root), cut;
    while (end > 1 && root[end - 1] == '/') end--;
    for (cut = end; cut > 0 && root[cut - 1] != '/';) cut--;
    const bool dots = root[cut] == '.'; /* . or .. */
    while (cut > 1 && root[cut - 1] == '/') cut--;
    char *above = dots ? mem_text("%.*s/..", (int)end, root)
        : cut          ? mem_text("%.*s", (int)cut, root)
                       : mem_text(".");
    if (!above) return err_path(e);
    const struct layout *l = find_layout(above);
    int pairs = 0;
    att_status status = l == &layout_folders ? count_pairs(l, above, &pairs, NULL, e) : ATT_OK;
    const bool inner = l && (l != &layout_folders || pairs > 1); /* one may be this folder alone */
    status = status != ATT_OK ? status
        : inner ? err_data(e, "%s is a part of the data set %s; give that folder", root, above)
        : mask
        ? err_data(e,
              "%s has masks by name, such as %.200s, but no image with the same number or name; "
              "rename them, or list the pairs in a CSV (docs/data.md)",
              root, mask)
        : err_data(e,
              "%s has images but no masks; give a folder with both (docs/data.md lists all "
              "layouts)",
              root);
    mem_free(above);
    return status;
}

/* There are images, and none that is looked at looks like a mask. */
static att_status has_no_masks(const char *root, bool *none, struct err *e)
{
    enum { LOOKS = 24 };
    struct tree t;
    TRY(tree_walk(root, &t, e));
    *none = t.count > 0;
    att_status status = ATT_OK;
    for (int i = 0, step = divide_up(t.count, LOOKS); i < t.count && *none; i += step) {
        struct contents c;
        char *path = file_join(root, t.file[i].path);
        status = path ? ATT_OK : err_path(e);
        if (path) contents_look(path, false, &c);
        *none = path && c.kind == CONTENT_IMAGE;
        mem_free(path);
    }
    tree_free(&t);
    return status;
}

/* Finds a folder whose name is almost images; "": none. Fails if there are images in place of it.
 */
static att_status find_images(const char *root, char *text, size_t size, struct err *e)
{
    static const char *const wanted[] = {"images", NULL};
    size_t ending;
    struct file_list names;
    bool images;
    int folders = 0; /* one alone holds no labels */
    const char *mask = NULL;
    *text = 0;
    TRY(has_no_masks(root, &images, e));
    TRY(file_list(root, &names, e));
    for (int i = 0; i < names.count; i++) folders += layout_has_folder(root, names.names[i]);
    char *first = file_join(root, names.count ? names.names[0] : ""), dicom[FORMAT_SENTENCE];
    for (int i = 0; i < names.count && !*text; i++) {
        const bool image = format_by_name(names.names[i], &ending);
        const struct words w = words_of_text(span_of(names.names[i]));
        images = images || image;
        if (image && !mask && (w.label || w.mask)) mask = names.names[i];
        if ((text_equals(names.names[i], *wanted) || text_nearest(names.names[i], wanted)) &&
            folders > 1 && layout_has_folder(root, names.names[i]))
            snprintf(text, size, "%s", names.names[i]);
    }
    att_status status = !first   ? err_path(e)
        : format_is_dicom(first) ? err_data(e, "%s", format_of_dicom(first, dicom))
        : images && !*text       ? refuse_images(root, mask, e)
                                 : ATT_OK;
    mem_free(first);
    file_list_free(&names);
    return status;
}

static att_status set_paths(struct dataset *d, const char *path, struct err *e);

/* Why pairs by names alone are none. */
static att_status name_pairs(const char *root, char *text, size_t size, struct err *e)
{
    struct problems problems = {.count = 0};
    struct dataset *d; /* large for a small stack */
    TRY(MEM_NEW(d, "the data set", e));
    *d = (struct dataset){.labels.ignore = -1, .problems = &problems};
    att_status status = set_paths(d, root, e);
    if (status == ATT_OK) status = found_set_by_names(d, text, size, e);
    dataset_free(d);
    mem_free(d);
    problems_free(&problems);
    return status;
}

static att_status no_layout(const char *root, struct err *e)
{
    char inner[256], contents[1024], nearly[64];
    if (!file_exists(root)) return file_error(e, "read", root, ENOENT);
    if (!file_is_folder(root))
        return err_data(e,
            "%s is no folder; give the folder of a data set, or a list of its files as a .csv",
            root);
    if (is_half_packed(root))
        return err_data(e, "'attunet pack' did not finish %s; run the same command again", root);
    TRY(outputs_refuse(root, true, e));
    TRY(list_inner(root, inner, sizeof inner, e));
    if (*inner) {
        TRY(found_set_option(root, contents, sizeof contents, e));
        return err_data(e, "%s is not a data set, but contains some (%s); give one of them%s%s",
            root, inner, *contents ? ", or, if they are one set, give " : "", contents);
    }
    TRY(unread_files_say(root, contents, sizeof contents, e));
    if (*contents) return err_data(e, "%s is not a data set: %s", root, contents);
    TRY(name_pairs(root, contents, sizeof contents, e));
    if (*contents) return err_data(e, "%s is not a data set: %s", root, contents);
    TRY(find_images(root, nearly, sizeof nearly, e));
    if (*nearly)
        return err_data(e,
            "%s is not a data set, but has a folder %s; rename it to images, and the folder of "
            "labels to labels or masks (docs/data.md lists all layouts)",
            root, nearly);
    for (int i = 0; i < LAYOUTS; i++)
        if (layouts[i]->contents)
            text_append(
                contents, sizeof contents, "%s%s", *contents ? ", or " : "", layouts[i]->contents);
    return err_data(e,
        "%s is not a data set; give a folder with %s, or patterns for the names of its files "
        "(docs/data.md)",
        root, contents);
}

static void say_others(const struct layout *taken, const char *path, struct host *host)
{
    for (int i = 0; i < LAYOUTS; i++)
        if (layouts[i] != taken && layouts[i]->claims(path))
            host_warn(host, WARN_LAYOUT_AMBIGUOUS,
                "%s fits two layouts; attunet reads it as %s, not as %s", path, taken->name,
                layouts[i]->name);
}

att_status dataset_wrong(
    const struct dataset *d, att_status status, const char *text, struct err *e)
{
    if (!d || !d->path || status != ATT_DATA) return err_set(e, status, "%s", text);
    return err_set(
        e, status, "%.800s; to list all problems: attunet info %s", text, TEXT_PATH(d->path));
}

bool dataset_is(const char *path) { return find_layout(path) != NULL; }

static att_status set_paths(struct dataset *d, const char *path, struct err *e)
{
    const char *base = file_base(path);
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/') length--;
    d->path = mem_text("%.*s", (int)length, path);
    if (file_is_folder(path))
        d->root = mem_text("%.*s", (int)length, path);
    else
        d->root = base == path
            ? mem_text(".")
            : mem_text("%.*s", base - path > 1 ? (int)(base - path) - 1 : 1, path);
    return d->path && d->root ? ATT_OK : err_path(e);
}

/* Pairs that a layout finds; 0 for files that it refuses. `doubts` may be NULL. */
static att_status count_pairs(
    const struct layout *layout, const char *path, int *pairs, struct doubts *doubts, struct err *e)
{
    struct problems problems = {.count = 0};
    struct dataset d = {
        .labels.ignore = -1, .listing = true, .counting = true, .problems = &problems};
    struct err why = {0};
    *pairs = 0;
    d.layout = layout->name;
    att_status status = set_paths(&d, path, &why);
    if (status == ATT_OK) status = layout->open(&d, NULL, &why);
    for (int i = 0; i < d.count && status == ATT_OK; i++) *pairs += d.cases[i].label != NULL;
    if (status == ATT_OK && doubts) status = loose_find_views(&d, &doubts->views, &why);
    for (int i = 0; i < problems.count && doubts; i++)
        doubts->lone += problems.list[i].kind == PROBLEM_PARTNER;
    dataset_free(&d);
    problems_free(&problems);
    return status == ATT_OK || status == ATT_DATA ? ATT_OK : err_pass(e, status, &why);
}

/* Folders like "Video001" to "Video009", if none says what its own labels mean. */
static bool is_like(const char *first, const char *name, const char *path, const struct layout *l)
{
    return l == &layout_plain && !file_has(path, "dataset.json") &&
        !file_has(path, "dataset.csv") && pairing_same_words(span_of(first), span_of(name));
}

att_status dataset_holds_sets(const char *root, bool *several, struct err *e)
{
    struct file_list names;
    enum { PARTS = 3 };
    char first[NAME_MAX + 1] = "";
    bool alike = true;
    int count = 0, series = 0;
    TRY(file_list(root, &names, e));
    att_status status = ATT_OK;
    for (int i = 0; i < names.count && status == ATT_OK; i++) {
        char *path = file_join(root, names.names[i]);
        const struct layout *l = path && file_is_folder(path) ? claim(path) : NULL;
        bool has, dicom = false;
        int pairs = 0;
        if (l == &layout_plain) status = converted_has_series(path, &has, &dicom, e);
        if (l && !dicom && status == ATT_OK && (l == &layout_plain || !l->loose) &&
            !found_is_part(names.names[i]))
            status = count_pairs(l, path, &pairs, NULL, e);
        if (pairs > 0 && count++ == 0) snprintf(first, sizeof first, "%s", names.names[i]);
        alike &= pairs == 0 || is_like(first, names.names[i], path, l);
        series += dicom;
        mem_free(path);
    }
    file_list_free(&names);
    *several = (count > 1 && (!alike || count < PARTS)) || (count && series);
    return status;
}

/* A folder imagesTr without the others of nnU-Net may be part of another layout, and so may BIDS
 * without labels in its places. */
static bool is_loose(const struct layout *l, const char *path)
{
    return l->loose || (l == &layout_nnunet && !file_has(path, "dataset.json")) ||
        (l == &layout_bids && !layout_bids_labelled(path));
}

att_status dataset_fits(
    const char *path, const struct dataset_patterns *p, bool *fit, struct err *e)
{
    struct found_set *found;
    TRY(found_set_open(path, p->images, p->labels, &found, e));
    *fit = found && found_set_pairs(found) > 0;
    found_set_free(found);
    return ATT_OK;
}

/* Search the names of files for pairs; *found is NULL if *layout reads the folder better. */
static att_status search_pairs(const char *path, const struct dataset_patterns *p,
    const struct layout **layout, struct found_set **found, struct err *e)
{
    int pairs = 0;
    bool several = false, beside = false;
    struct doubts doubts = {false, 0};
    char text[1024] = "";
    struct err why = {0};
    *found = NULL;
    if (!file_is_folder(path) || *layout == &layout_pack) return ATT_OK;
    if (p && p->images) {
        TRY(found_set_open(path, p->images, p->labels, found, e));
        if (!p->hint || found_set_pairs(*found)) return ATT_OK;
        found_set_free(*found);
        *found = NULL;
    }
    if (*layout ? !is_loose(*layout, path) : is_half_packed(path)) return ATT_OK;
    /* a layout keeps what it reads, whatever lies next to it */
    TRY(*layout ? count_pairs(*layout, path, &pairs, &doubts, e)
                : dataset_holds_sets(path, &several, e));
    const bool good = pairs && !doubts.views, lone = good && doubts.lone >= pairs;
    if (good && *layout == &layout_plain) TRY(loose_find_labels(path, &beside, e));
    if ((good && !beside && !lone) || several) return ATT_OK;
    const att_status status = found_set_open(path, NULL, NULL, found, &why);
    if (status == ATT_OK && (beside ? !found_set_leaves_region(*found) : lone)) {
        found_set_free(*found); /* the layout reads it better */
        *found = NULL;
        return ATT_OK;
    }
    if (*found) *layout = NULL;
    TRY(err_pass(e, status, &why));
    if (*layout != &layout_plain || pairs) return ATT_OK;
    TRY(name_pairs(path, text, sizeof text, e));
    return *text ? err_data(e, "%s is not a data set: %s", path, text) : ATT_OK;
}

static att_status open_layout(struct dataset *d, const struct layout *layout,
    const struct found_set *found, const char *path, struct host *host, struct err *e)
{
    d->layout = found ? "pairs by name" : layout->name;
    if (!found) say_others(layout, path, host);
    TRY(set_paths(d, path, e));
    if (layout != &layout_csv && file_is_folder(path)) TRY(unread_list_warn(path, host, e));
    return found ? found_set_fill(found, d, host, e) : layout->open(d, host, e);
}

static att_status open_memory(struct dataset *d, const char *path, struct host *host, struct err *e)
{
    const struct memory_set *s = memory_find(host, path);
    att_status status = s ? memory_open(s, d, host, e)
                          : err_data(e,
                                "%s would be a data set in memory, but none of this name was "
                                "given; give it, or write ./%s for a folder",
                                path, path);
    if (status != ATT_OK) dataset_free(d);
    return status;
}

/* *d already has its settings. */
static att_status open_claimed(struct dataset *d, const char *path,
    const struct dataset_patterns *p, struct host *host, struct err *e)
{
    if (memory_named(path)) return open_memory(d, path, host, e);
    const struct layout *layout = claim(path);
    struct found_set *found;
    TRY(search_pairs(path, p, &layout, &found, e));
    if (!layout && !found) layout = find_layout(path);
    if (!layout && !found) return no_layout(path, e);
    att_status status = open_layout(d, layout, found, path, host, e);
    found_set_free(found);
    if (status != ATT_OK) dataset_free(d);
    return status;
}

/* Of DICOM, the files made of it; all names stay those of the user's folder. */
static att_status open_as(struct dataset *d, const char *path, const struct dataset_patterns *p,
    struct host *host, struct err *e)
{
    char *made = NULL;
    if (!memory_named(path) && !(p && p->images)) TRY(outputs_refuse(path, false, e));
    TRY(converted_open(path, host, &made, e));
    att_status status = open_claimed(d, made ? made : path, p, host, e);
    if (status == ATT_OK && made) {
        char *root = d->root;
        mem_free(d->path);
        d->path = NULL;
        status = set_paths(d, path, e);
        mem_free(d->root);
        d->root = root;
        if (status != ATT_OK) dataset_free(d);
    }
    mem_free(made);
    return status;
}

att_status dataset_open_patterns(const char *path, const struct dataset_patterns *p,
    struct dataset *d, struct problems *problems, struct host *host, struct err *e)
{
    *d = (struct dataset){.labels.ignore = -1,
        .problems = problems,
        .values_given = p && p->values_given,
        .strict = p && p->strict};
    TRY(open_as(d, path, p, host, e));
    att_status status = p && p->one && d->named ? mask_values_join(d, e) : ATT_OK;
    if (status == ATT_OK) status = labelling_check(&d->labels, d->path, e);
    if (status != ATT_OK) dataset_free(d);
    return status;
}

att_status dataset_open(const char *path, struct dataset *d, struct host *host, struct err *e)
{
    return dataset_open_patterns(path, NULL, d, NULL, host, e);
}

att_status dataset_list(
    const char *path, const struct dataset_patterns *p, struct dataset *d, struct err *e)
{
    *d = (struct dataset){.labels.ignore = -1, .listing = true};
    return open_as(d, path, p, NULL, e);
}

att_status dataset_add_images(
    const char *path, struct dataset *d, bool *fit, struct host *host, struct err *e)
{
    *fit = false;
    for (int i = 0; i < LAYOUTS && !*fit; i++)
        if (layouts[i]->images) TRY(layouts[i]->images(d, path, fit, host, e));
    return ATT_OK;
}

bool dataset_pairs(const char *path)
{
    struct dataset *d = NULL; /* large for a small stack */
    struct err ignored = {0};
    if (dataset_is(path)) return true;
    if (!file_is_folder(path) || MEM_NEW(d, "the data set", &ignored) != ATT_OK) return false;
    const bool pairs = dataset_list(path, NULL, d, &ignored) == ATT_OK;
    if (pairs) dataset_free(d);
    mem_free(d);
    return pairs;
}

void dataset_free(struct dataset *d)
{
    for (int i = 0; i < d->count; i++) data_case_free(&d->cases[i]);
    for (int c = 0; c < DATASET_CHANNELS; c++) mem_free(d->channel_name[c]);
    dataset_reading_free(d->reading);
    pack_free(d->pack);
    mem_free(d->present);
    mem_free(d->cases);
    mem_free(d->path);
    mem_free(d->root);
    mem_free(d->doubt);
    *d = (struct dataset){0};
}

int dataset_find(const struct dataset *d, const char *id)
{
    int low = 0, high = d->count;
    while (low < high) {
        int middle = low + (high - low) / 2, order = strcmp(d->cases[middle].id, id);
        if (order == 0) return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}

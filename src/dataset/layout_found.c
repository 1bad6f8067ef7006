/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/layout_found.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "dataset/counting.h"
#include "dataset/found.h"
#include "dataset/found_copies.h"
#include "dataset/found_options.h"
#include "dataset/groups.h"
#include "dataset/paired.h"
#include "dataset/pairing_slots.h"
#include "dataset/pairing_words.h"
#include "files/file.h"
#include "files/file_at.h"
#include "format/format.h"
#include "format/joined.h"

enum { OPTION = 1000 }; /* bytes of a suggestion */

struct found_set {
    struct tree tree;
    struct found found;
    struct reading reading;
    struct paired_list pairs;
    bool told;         /* its patterns were given */
    bool flat;         /* without inner folders */
    char more[OPTION]; /* the settings for pairs of other names, too */
};

void dataset_reading_free(struct dataset_reading *r)
{
    if (!r) return;
    for (int i = 0; i < r->lefts; i++) {
        mem_free(r->left[i].why);
        mem_free(r->left[i].first);
    }
    mem_free(r->left);
    mem_free(r->images);
    mem_free(r->labels);
    mem_free(r);
}

void found_set_free(struct found_set *s)
{
    if (!s) return;
    paired_free(&s->pairs);
    reading_clear(&s->reading);
    found_free(&s->found);
    tree_free(&s->tree);
    mem_free(s);
}

/* ---- search */

/* Pairs of equal numbers may be wrong: 0 to 11 beside 1 to 12. */
static att_status ask_for_counting(const struct found_set *s, struct err *e)
{
    struct counting c;
    TRY(counting_check(&s->tree, &s->reading, &s->pairs, &c, e));
    if (!c.doubtful) return ATT_OK;
    return err_data(e,
        "%s %s and %s %s, so images and labels seem to be counted from different numbers, and "
        "pairs of equal numbers would be wrong; rename one kind, or, if equal numbers belong "
        "together, give `images` %s `labels` %s",
        s->tree.file[c.image].path, c.alone ? "has no label" : "is the first image",
        s->tree.file[c.label].path, c.alone ? "has no image" : "is the first label",
        TEXT_WORD(s->found.images), TEXT_WORD(s->found.labels));
}

/* A word for readers stands between another variable and {id}, as in "{group}/reader_{id}". */
static bool numbers_readers(const struct pattern *p)
{
    for (int i = 2; i < p->count; i++) {
        const struct span *s = &p->piece[i - 1].text;
        if (p->piece[i].var != VAR_ID || p->piece[i - 1].var >= 0) continue;
        int end = s->length;
        while (end > 0 && strchr("_-. ", s->text[end - 1])) end--;
        int from = end;
        while (from > 0 && !strchr("_-. /", s->text[from - 1])) from--;
        return words_of_text((struct span){s->text + from, end - from}).reader;
    }
    return false;
}

/* "p1/reader_2" beside "p1/scan_2": the second reader of both scans, or the label of scan 2. */
static att_status ask_for_readers(const struct found_set *s, const char *root, struct err *e)
{
    const struct reading_part *r = &s->reading.part[0];
    if (s->reading.parts != 1 || r->labels != 1 || !s->pairs.count ||
        !numbers_readers(&r->label[0].pattern) || numbers_readers(&r->image[0].pattern))
        return ATT_OK;
    return err_data(e,
        "%.200s has labels such as %.200s, whose number may be that of a reader, and not of an "
        "image; if equal numbers belong together, give `images` %s `labels` %s; if not, give "
        "patterns for the labels of one reader (docs/data.md)",
        root, s->tree.file[s->pairs.label[s->pairs.list[0].first].file].path,
        TEXT_WORD(s->found.images), TEXT_WORD(s->found.labels));
}

/* `why`: a question about the files that are left over. Where they are so because pairs are counted
 * from different numbers, its answers would be wrong. */
static att_status refuse_found(struct found_set *s, const struct err *why, struct err *e)
{
    struct err unused = {0};
    if (why->status == ATT_DATA && s->found.images &&
        reading_parse(s->found.images, s->found.labels, &s->reading, &unused) == ATT_OK &&
        paired_make(&s->tree, &s->reading, false, &s->pairs, &unused) == ATT_OK)
        TRY(ask_for_counting(s, e));
    return err_pass(e, why->status, why);
}

/* One stack of planes and its labels; a set of one volume could not be split into folds. */
static bool is_stack(const struct data_case *c, int *depth)
{
    enum { PLANES = 10 };
    struct image m;
    struct err unread = {0};
    *depth = 0;
    for (int k = 0; k <= c->nimages; k++) {
        const char *path = k < c->nimages ? c->image[k] : c->label;
        const bool stack = format_is(path, &format_tiff) || format_is(path, &format_npy);
        if (!stack || format_peek_image(path, &m, &unread) != ATT_OK) return false;
        if (*depth && *depth != m.size[IMAGE_D]) return false;
        *depth = m.size[IMAGE_D];
    }
    return *depth >= PLANES;
}

/* A stack and its labels that have no word in common, as "volume.tif" and "labels.tif", and no
 * other file. */
static att_status find_stack(const struct finder *s, struct found *f, struct err *e)
{
    static const char name[PATTERN_VARS][READING_NAME];
    const struct tree_file *file = s->tree->file;
    struct data_case c = {.nimages = 1};
    struct pattern p[2];
    bool label[2], good = true;
    int depth;
    if (s->tree->count != 2) return ATT_OK;
    for (int i = 0; i < 2; i++) {
        struct contents in;
        const struct words w = words_of_text(tree_name(&file[i]));
        s->eyes->look(s->eyes->arg, file[i].path, false, &in);
        label[i] = w.label || w.mask;
        good = good && in.kind == (label[i] ? CONTENT_LABEL : CONTENT_IMAGE);
        p[i] = (struct pattern){.count = 0};
        good = good && pattern_add(&p[i], -1, file[i].path, file[i].stem);
    }
    if (!good || label[0] == label[1]) return ATT_OK;
    const int at = label[0];
    c.image[0] = file_join(s->root, file[at].path);
    c.label = file_join(s->root, file[!at].path);
    const bool paths = c.image[0] && c.label, stack = paths && is_stack(&c, &depth);
    mem_free(c.image[0]);
    mem_free(c.label);
    if (!paths) return err_path(e);
    const bool written = !stack ||
        (reading_append(&f->images, "", &p[at], name, "*", "", file[at].path + file[at].stem) &&
            reading_append(
                &f->labels, "", &p[!at], name, "*", "", file[!at].path + file[!at].stem));
    return written ? ATT_OK : err_path(e);
}

/* Eyes that see nothing: names alone count. */
static void look_away(void *arg, const char *path, bool whole, struct contents *c)
{
    (void)arg, (void)path, (void)whole;
    *c = (struct contents){.kind = CONTENT_UNKNOWN};
}

static bool share_nothing(void *arg, const char *a, const char *b, struct contents_shared *s)
{
    (void)arg, (void)a, (void)b, (void)s;
    return false;
}

static const struct pairing_eyes no_eyes = {NULL, look_away, share_nothing, NULL, NULL, NULL};

/* `images`, `labels`: settings, or NULL. */
static att_status found_set_search(const char *root, const char *images, const char *labels,
    const struct pairing_eyes *eyes, struct found_set *s, struct err *e)
{
    char text[OPTION];
    struct err why = {0};
    TRY(tree_walk_part(root, "", s->flat, &s->tree, e));
    const struct finder finder = {root, &s->tree, eyes, false};
    s->told = images != NULL;
    if (images) {
        s->found.images = mem_text("%s", images);
        s->found.labels = mem_text("%s", labels);
        if (!s->found.images || !s->found.labels) return err_path(e);
    } else if (found_search(&finder, &s->found, &why) != ATT_OK)
        return refuse_found(s, &why, e);
    if (!s->found.images) TRY(find_stack(&finder, &s->found, e));
    if (!s->found.images) return ATT_OK;
    if (s->found.more) found_more(&finder, &s->found, s->more, sizeof s->more);
    TRY(reading_parse(s->found.images, s->found.labels, &s->reading, e));
    att_status status = paired_make(&s->tree, &s->reading, false, &s->pairs, &why);
    if (status == ATT_OK && !images && s->pairs.count && !found_set_pairs(s))
        status = err_data(&why,
            "no case of %.200s has an image for each channel that the names of files give; give "
            "patterns for fewer",
            root);
    if (status == ATT_DATA && !images) {
        found_first(&finder, &s->found, text, sizeof text);
        return err_set(e, status, "%s%s%s", why.text, *text ? ", such as " : "", text);
    }
    if (status != ATT_OK) return err_pass(e, status, &why);
    if (!images) TRY(ask_for_counting(s, e));
    if (!images) TRY(ask_for_readers(s, root, e));
    if (!images) TRY(copies_ask(&finder, &s->found, &s->reading, &s->pairs, e));
    for (int i = 0; i < s->pairs.count; i++)
        if (s->pairs.list[i].group) return paired_group_folders(&s->tree, &s->pairs, e);
    return ATT_OK;
}

int found_set_pairs(const struct found_set *s)
{
    int count = 0;
    for (int i = 0; i < s->pairs.count; i++) count += !s->pairs.list[i].wrong;
    return count;
}

bool found_set_leaves_region(const struct found_set *s)
{
    for (int i = 0; s && i < s->found.asides; i++)
        if (s->found.aside[i].why == slots_why_region) return true;
    return false;
}

att_status found_set_open(
    const char *root, const char *images, const char *labels, struct found_set **s, struct err *e)
{
    TRY(MEM_NEW(*s, "the files of a data set", e));
    const struct pairing_eyes eyes = found_eyes(root);
    const att_status status = found_set_search(root, images, labels, &eyes, *s, e);
    if (status == ATT_OK && (*s)->found.images) return ATT_OK;
    found_set_free(*s);
    *s = NULL;
    return status;
}

att_status found_patterns(const char *root, bool flat, char **images, char **labels, struct err *e)
{
    struct found_set *s;
    *images = *labels = NULL;
    TRY(MEM_NEW(s, "the files of a data set", e));
    s->flat = flat;
    const struct pairing_eyes eyes = found_eyes(root);
    att_status status = found_set_search(root, NULL, NULL, &eyes, s, e);
    if (status == ATT_OK && found_set_pairs(s)) {
        *images = s->found.images;
        *labels = s->found.labels;
        s->found.images = s->found.labels = NULL;
    }
    found_set_free(s);
    return status;
}

att_status found_set_option(const char *root, char *text, size_t size, struct err *e)
{
    struct found_set *s;
    struct err unused = {0};
    const struct pairing_eyes eyes = found_eyes(root);
    *text = 0;
    const att_status status = found_set_open(root, NULL, NULL, &s, &unused);
    if (status == ATT_MEMORY) return err_pass(e, status, &unused);
    if (status != ATT_OK || !s) return ATT_OK;
    if (*s->more)
        snprintf(text, size, "%s", s->more);
    else
        options_add(&(struct finder){root, &s->tree, &eyes, false}, s->found.images,
            s->found.labels, text, size);
    found_set_free(s);
    return ATT_OK;
}

/* ---- what is left aside */

/* `why` begins with the plural of what it counts: "images without a label". */
static att_status leave_aside(
    struct dataset_reading *r, const char *why, int count, const char *first, struct err *e)
{
    if (!count) return ATT_OK;
    TRY(MEM_ROOM(r->left, r->lefts, "what is left aside", e));
    struct left_aside *l = &r->left[r->lefts++];
    const int word = (int)strcspn(why, " ");
    *l = (struct left_aside){mem_text("%.*s%s", word - (count == 1), why, why + word),
        mem_text("%s", first ? first : ""), count};
    return l->why && l->first ? ATT_OK : err_path(e);
}

static bool is_used(const struct found_set *s, const char *path)
{
    for (int i = 0; i < s->tree.count; i++)
        if (s->tree.file[i].path == path) return s->pairs.used[i];
    return false;
}

/* One of these files, by its words: "case1_r2" beside "case2_r2". */
static bool is_set_aside(const struct found_set *s, const char *path, const struct aside *a)
{
    return !is_used(s, a->first) && pairing_same_words(span_of(path), span_of(a->first));
}

static bool is_any_aside(const struct found_set *s, const char *path)
{
    int k = 0;
    while (k < s->found.asides && !is_set_aside(s, path, &s->found.aside[k])) k++;
    return k < s->found.asides;
}

/* How many of these files, the first of which is given, are not set aside for a reason of its own.
 * *other: files that fit no pattern. */
static int less_asides(const struct found_set *s, int count, int first, int *other)
{
    int left = count;
    for (int k = 0; k < s->found.asides && count; k++)
        if (is_set_aside(s, s->tree.file[first].path, &s->found.aside[k])) {
            left -= s->found.aside[k].count;
            *other += s->found.aside[k].count; /* which are none of these */
        }
    return left > 0 ? left : 0;
}

/* *lacking: cases without a label. */
static att_status leave_all(
    const struct found_set *s, struct dataset_reading *r, int *lacking, struct err *e)
{
    const struct tree *t = &s->tree;
    const struct paired_list *p = &s->pairs;
    int other = 0, first = -1, lone = p->first_imageless;
    if (p->imageless && is_any_aside(s, t->file[lone].path)) lone = -1;
    for (int i = 0; i < t->count; i++) {
        struct fit f = {.part = 0};
        const bool fits = !p->used[i] && reading_fits(&s->reading, &t->file[i], &f);
        if (fits && f.label && lone < 0 && !is_any_aside(s, t->file[i].path)) lone = i;
        if (p->used[i] || fits) continue;
        other++;
        if (first < 0 && !is_any_aside(s, t->file[i].path)) first = i;
    }
    *lacking = less_asides(s, p->unlabelled, p->first_unlabelled, &other);
    const int imageless = less_asides(s, p->imageless, p->first_imageless, &other);
    TRY(leave_aside(r, "labels without an image", lone < 0 ? 0 : imageless,
        lone < 0 ? NULL : t->file[lone].path, e));
    for (int i = 0; i < s->found.asides; i++) {
        const struct aside *a = &s->found.aside[i];
        if (is_used(s, a->first)) continue; /* by patterns that take more */
        TRY(leave_aside(r, a->why, a->count, a->first, e));
        other -= a->count;
    }
    TRY(leave_aside(r, "files without a pair", other > 0 && first >= 0 ? other : 0,
        first < 0 ? NULL : t->file[first].path, e));
    TRY(leave_aside(r, "links to missing files", t->danglings, t->dangling, e));
    return leave_aside(r, "links out of the folder (followed)", t->outsides, t->outside, e);
}

/* Of images that fit the patterns, but that no label does. */
static att_status warn_of_unlabelled(
    const struct found_set *s, int count, struct dataset *d, struct host *host, struct err *e)
{
    const char *names[LAYOUT_NAMED];
    int named = 0;
    if (!count) return ATT_OK;
    for (int i = 0; i < LAYOUT_NAMED; i++) names[i] = s->tree.file[s->pairs.first_unlabelled].path;
    for (int i = 0; i < s->tree.count && named < LAYOUT_NAMED; i++) {
        const struct tree_file *t = &s->tree.file[i];
        struct fit f = {.part = 0};
        const bool image = !s->pairs.used[i] && reading_fits(&s->reading, t, &f) && !f.label;
        if (image && !f.place && !is_any_aside(s, t->path)) names[named++] = t->path;
    }
    return layout_say_unlabelled(d, count, count + found_set_pairs(s), names, "", host, e);
}

/* ---- cases */

static char *path_of(const struct found_set *s, const char *root, int file)
{
    return file_join(root, s->tree.file[file].path);
}

static att_status fill_case(
    const struct found_set *s, const struct paired *p, struct dataset *d, struct err *e)
{
    struct data_case *c = layout_add(d, p->id, e);
    if (!c) return ATT_MEMORY;
    for (int k = 0; k < DATASET_CHANNELS; k++)
        if (p->image[k] >= 0 && !(c->image[c->nimages++] = path_of(s, d->root, p->image[k])))
            return err_path(e);
    for (int k = 0; k < p->labels; k++) {
        const struct paired_label *l = &s->pairs.label[p->first + k];
        char *path = path_of(s, d->root, l->file);
        if (path) c->label = joined_add(c->label, path, paired_value(l));
        mem_free(path);
        if (!path || !c->label) return err_path(e);
    }
    if (p->group && !(c->group = mem_text("%s", p->group))) return err_path(e);
    d->has_groups |= c->group != NULL;
    return ATT_OK;
}

/* A case for each plane, in groups of neighbours, which look alike. */
static att_status cut_stack(struct dataset *d, int depth, struct err *e)
{
    enum { GROUPS = 5 };
    struct data_case whole = d->cases[0];
    att_status status = ATT_OK;
    d->count = 0;
    for (int z = 0; z < depth && status == ATT_OK; z++) {
        char name[32];
        snprintf(name, sizeof name, "_%03d", z);
        char *id = mem_text("%s%s", whole.id, name);
        struct data_case *c = id ? layout_add(d, id, e) : NULL;
        mem_free(id);
        status = c ? ATT_OK : err_path(e);
        for (int k = 0; k < whole.nimages && status == ATT_OK; k++)
            if (!(c->image[c->nimages++] = mem_text("%s#%d", whole.image[k], z)))
                status = err_path(e);
        if (status == ATT_OK &&
            (!(c->label = mem_text("%s#%d", whole.label, z)) ||
                !(c->group = mem_text("%s %d", whole.id, z * GROUPS / depth + 1))))
            status = err_path(e);
    }
    d->has_groups = true;
    data_case_free(&whole);
    return status;
}

static att_status fill_cases(
    const struct found_set *s, struct dataset *d, struct host *host, struct err *e)
{
    for (int i = 0; i < s->pairs.count; i++) {
        const struct paired *p = &s->pairs.list[i];
        if (p->wrong || !layout_id_good(p->id)) {
            const int first = p->image[0] >= 0 ? p->image[0] : s->pairs.label[p->first].file;
            char *file = path_of(s, d->root, first);
            if (!file) return err_path(e);
            att_status status = p->wrong
                ? layout_wrong(d, PROBLEM_PARTNER, file, e, "case %s: %s", p->id, p->wrong)
                : layout_wrong(d, PROBLEM_PARTNER, file, e, LAYOUT_ID_BAD, p->id);
            mem_free(file);
            TRY(status);
            continue;
        }
        TRY(fill_case(s, p, d, e));
    }
    int depth;
    if (d->count == 1 && is_stack(d->cases, &depth)) TRY(cut_stack(d, depth, e));
    TRY(layout_sort(d, e));
    return groups_by_names(d, host, e);
}

/* Names of files as classes and channels. */
static att_status fill_names(const struct found_set *s, struct dataset *d, struct err *e)
{
    const struct paired_list *p = &s->pairs;
    if (p->classes) labelling_add(&d->labels, 0, "background");
    for (int i = 0; i < p->classes; i++) {
        char name[LABELLING_NAME];
        TRY(layout_tidy_name(p->class_name[i], name, e));
        labelling_add(&d->labels, (unsigned)i + 1, name);
    }
    for (int i = 0; i < p->channels; i++) {
        char name[LABELLING_NAME];
        TRY(layout_tidy_name(p->channel_name[i], name, e));
        if (!(d->channel_name[i] = mem_text("%s", name))) return err_path(e);
    }
    return ATT_OK;
}

/* Whole parts of a set may have other names. */
static att_status warn_of_more(
    const struct found_set *s, struct dataset *d, struct host *host, struct err *e)
{
    if (!s->found.more) return ATT_OK;
    return layout_warn(d, PROBLEM_ASIDE, host, e,
        "%.200s: %d pairs of images '%.200s' and labels '%.200s' are not used; %s%s", d->root,
        s->found.more, s->found.more_images, s->found.more_labels,
        *s->more ? "to use them, too, give " : "if they belong to the set, give patterns for all",
        s->more);
}

/* The first case without a file of this class, and how many there are. */
static int lacks_class(const struct paired_list *l, int class, const char **first)
{
    int count = 0;
    for (int i = 0; i < l->count; i++) {
        const struct paired *p = &l->list[i];
        bool has = false;
        for (int k = 0; k < p->labels && !has; k++) has = l->label[p->first + k].class == class;
        if (!has && !p->wrong && !count++) *first = p->id;
    }
    return count;
}

/* A mask file that is missing may be one without the class, or be lost. */
static att_status warn_of_missing(
    const struct found_set *s, struct dataset *d, struct host *host, struct err *e)
{
    enum { NAMED = 3 };
    char list[NAMED * (LABELLING_NAME + 160)] = "";
    int classes = 0;
    const char *first = "";
    for (int c = 1; c <= s->pairs.classes; c++) {
        const int count = lacks_class(&s->pairs, c, &first);
        if (!count || classes++ >= NAMED) continue;
        text_append(list, sizeof list, "%s%s in %d of %d cases (%.100s)", classes > 1 ? ", " : "",
            s->pairs.class_name[c - 1], count, found_set_pairs(s), first);
    }
    if (!classes) return ATT_OK;
    if (classes > NAMED) text_append(list, sizeof list, ", and %d more", classes - NAMED);
    return layout_warn(d, PROBLEM_CLASS, host, e,
        "%.200s: some classes have no mask file in some cases, so their voxels count as background "
        "there: %s; add the files if they are lost",
        d->root, list);
}

/* info prints the same in its description. */
static void say_lefts(const struct dataset *d, struct host *host)
{
    const struct dataset_reading *r = d->reading;
    if (d->problems) return;
    for (int i = 0; i < r->lefts; i++)
        host_say(host, LOG_INFO, "left aside: %d %s, such as %s", r->left[i].count, r->left[i].why,
            r->left[i].first);
}

/* Patterns that were given find no case. */
static att_status refuse_patterns(const struct found_set *s, const struct dataset *d, struct err *e)
{
    const struct paired_list *l = &s->pairs;
    const bool images = l->unlabelled > 0, labels = l->imageless > 0;
    const struct tree_file *file = s->tree.file;
    if (images && labels)
        return err_data(e,
            "%s: no image such as %.300s has the variables of a label such as %.300s; correct "
            "`images` '%.200s' or `labels` '%.200s'",
            d->root, file[l->first_unlabelled].path, file[l->first_imageless].path, s->found.images,
            s->found.labels);
    return err_data(e, "%s: no file fits `%s` '%.300s'; correct that, for files such as %.300s",
        d->root, images ? "labels" : "images", images ? s->found.labels : s->found.images,
        file[0].path);
}

/* Cases whose names say that they test, or validate, join the folds like all others. */
static void say_split(const struct dataset *d, int split, struct host *host)
{
    const bool test = split == WORDS_TEST;
    int count = 0, first = 0;
    for (int i = d->count - 1; i >= 0; i--) {
        const char *path = d->cases[i].image[0];
        if (!text_begins(path, d->root)) return;
        path += strlen(d->root);
        if (words_of_text(span_of(path)).split != split) continue;
        count++;
        first = i;
    }
    if (!count || count == d->count) return;
    host_say(host, LOG_INFO,
        "attunet also trains%s on %d %s case%s, such as %s; to %s, list %s in a file, one a line, "
        "and give `%s` FILE",
        test ? " and validates" : "", count, test ? "test" : "validation", TEXT_S(count),
        d->cases[first].id, test ? "keep them for a test" : "validate on them alone",
        test ? "the other cases" : "them", test ? "train-list" : "val-list");
}

att_status found_set_fill(
    const struct found_set *s, struct dataset *d, struct host *host, struct err *e)
{
    if (!s->pairs.count && s->tree.count > 0 && !s->told)
        return err_set(e, ATT_FAILED,
            "%s: attunet found pairs of images '%.200s' and labels '%.200s', but joins none; give "
            "patterns (docs/data.md)",
            d->root, s->found.images, s->found.labels);
    if (!s->pairs.count && s->tree.count > 0) return refuse_patterns(s, d, e);
    const char *image, *label;
    if (!s->told && paired_crosses_copies(&s->tree, &s->pairs, &image, &label))
        return err_data(e,
            "%s holds copies of its files: image %.300s would have label %.300s, but one of them "
            "has a copy beside the other; move the copies out of the folder, or name the files by "
            "patterns (docs/data.md)",
            d->root, image, label);
    TRY(MEM_NEW(d->reading, "how a data set is read", e));
    d->reading->given = s->told;
    d->reading->images = mem_text("%s", s->found.images);
    d->reading->labels = mem_text("%s", s->found.labels);
    if (!d->reading->images || !d->reading->labels) return err_path(e);
    int lacking;
    TRY(leave_all(s, d->reading, &lacking, e));
    TRY(warn_of_unlabelled(s, lacking, d, host, e));
    TRY(fill_cases(s, d, host, e));
    TRY(fill_names(s, d, e));
    d->objects = s->pairs.objects;
    d->class_objects = s->pairs.typed;
    if (d->class_objects)
        host_say(host, LOG_INFO,
            "each mask file is one object; attunet takes all objects of a class as one mask; "
            "`instances` makes them single objects of one class");
    layout_say_joined(d, host);
    say_lefts(d, host);
    say_split(d, WORDS_TEST, host);
    say_split(d, WORDS_VAL, host);
    TRY(warn_of_more(s, d, host, e));
    TRY(warn_of_missing(s, d, host, e));
    TRY(layout_check(d, host, e));
    if (d->channels != s->pairs.channels) layout_forget_names(d); /* some file has several */
    TRY(layout_describe(d, host, e));
    if (!s->told && !s->pairs.classes && d->labels.count <= 2)
        copies_say_parts(&s->tree, &s->reading, &s->pairs, d->root, host);
    return ATT_OK;
}

bool found_is_part(const char *name) { return words_is_split(span_of(name)); }

/* ---- nothing pairs */

/* The first fault of these pairs, or the settings if there is none, or only a question. */
static void say_by_names(const struct found_set *s, const struct dataset *d, const struct err *why,
    char *text, size_t size)
{
    const char *fault = why->status == ATT_OK ? NULL : why->text;
    for (int i = 0; i < d->problems->count && !fault; i++) {
        const struct problem *p = &d->problems->list[i];
        if (problem_is_error(p->kind) && p->kind != PROBLEM_VALUE) fault = p->text;
    }
    snprintf(text, size, "by their names, images '%.200s' and labels '%.200s' pair, but %s",
        s->found.images, s->found.labels,
        fault ? fault : "not by their contents; if these are labels, give ");
    char option[OPTION] = "";
    const struct finder finder = {d->root, &s->tree, &no_eyes, false};
    if (!fault) options_add(&finder, s->found.images, s->found.labels, option, sizeof option);
    text_append(text, size, "%s", *option || fault ? option : "patterns (docs/data.md)");
}

att_status found_set_by_names(struct dataset *d, char *text, size_t size, struct err *e)
{
    struct found_set *s;
    struct err why = {0};
    *text = 0;
    TRY(MEM_NEW(s, "the files of a data set", e));
    att_status status = found_set_search(d->root, NULL, NULL, &no_eyes, s, &why);
    const struct words w = status == ATT_OK && s->found.images
        ? words_of(&s->reading.part[0].label[0].pattern)
        : (struct words){.label = false};
    if (w.label || w.mask) {
        status = found_set_fill(s, d, NULL, &why);
        if (status == ATT_OK || status == ATT_DATA) say_by_names(s, d, &why, text, size);
    }
    found_set_free(s);
    return status == ATT_OK || status == ATT_DATA ? ATT_OK : err_pass(e, status, &why);
}

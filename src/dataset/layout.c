/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/layout.h"

#include <ctype.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "dataset/companions.h"
#include "dataset/names_tokens.h"
#include "files/file.h"
#include "files/file_at.h"
#include "format/format.h"
#include "format/joined.h"

const char *const layout_label_suffixes[] = {"_mask", "_seg", "_label", "_segmentation", "-mask",
    "-seg", "-label", "-segmentation", ".seg", NULL};

bool layout_is_label_of(const char *stem, const char *id)
{
    size_t length = strlen(id);
    if (strncmp(stem, id, length) != 0) return false;
    if (!stem[length] || strcmp(stem + length, "_0000") == 0) return true;
    for (const char *const *s = layout_label_suffixes; *s; s++)
        if (text_equals(stem + length, *s)) return true;
    return false;
}

int layout_channel(const char *stem, size_t length)
{
    int channel = 0;
    if (length <= LAYOUT_CHANNEL || stem[length - LAYOUT_CHANNEL] != '_') return -1;
    for (size_t i = length - LAYOUT_CHANNEL + 1; i < length; i++) {
        if (!isdigit((unsigned char)stem[i])) return -1;
        channel = 10 * channel + stem[i] - '0';
    }
    return channel;
}

att_status layout_wrong(struct dataset *d, enum problem_kind kind, const char *file, struct err *e,
    const char *format, ...)
{
    struct err one = {.status = ATT_DATA};
    va_list args;
    va_start(args, format);
    vsnprintf(one.text, sizeof one.text, format, args);
    va_end(args);
    if (!d || !d->problems) return dataset_wrong(d, ATT_DATA, one.text, e);
    return problems_add(d->problems, kind, file, -1, e, "%s", one.text) ? ATT_OK : ATT_MEMORY;
}

att_status layout_warn(struct dataset *d, enum problem_kind kind, struct host *host, struct err *e,
    const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = mem_text_list(format, args);
    va_end(args);
    if (!text) return err_path(e);
    att_status status = ATT_OK;
    if (!d->problems)
        host_warn(host, WARN_DATASET_PROBLEM, "%s", text);
    else if (!problems_add(d->problems, kind, NULL, -1, e, "%s", text))
        status = ATT_MEMORY;
    mem_free(text);
    return status;
}

bool layout_has_folder(const char *root, const char *name)
{
    char path[PATH_MAX];
    return snprintf(path, sizeof path, "%s/%s", root, name) < PATH_MAX && file_is_folder(path);
}

att_status layout_holds_images(const char *folder, bool *holds, struct err *e)
{
    struct file_list names;
    size_t ending;
    *holds = false;
    if (!file_is_folder(folder) || layout_is_run(folder)) return ATT_OK;
    TRY(file_list(folder, &names, e));
    for (int i = 0; i < names.count && !*holds; i++)
        *holds = format_by_name(names.names[i], &ending) != NULL;
    file_list_free(&names);
    return ATT_OK;
}

static int by_stem(const void *a, const void *b)
{
    const struct layout_file *x = a, *y = b;
    int order = strcmp(x->stem, y->stem);
    return order ? order : strcmp(x->path, y->path);
}

bool layout_is_run(const char *folder) { return file_has(folder, RUN_LOCK); }

/* Notes, reports, scenes of viewers and films among images, and temporary files that a killed
 * attunet left. */
static bool is_note(const char *name)
{
    static const char *const endings[] = {".txt", ".json", ".csv", ".tsv", ".md", "Thumbs.db",
        "desktop.ini", ".pdf", ".doc", ".docx", ".odt", ".rtf", ".xls", ".xlsx", ".ods", ".ppt",
        ".pptx", ".html", ".htm", ".xml", ".yaml", ".yml", ".log", ".bak", ".xmp", ".mrml", ".mrb",
        ".itksnap", ".md5", ".sha1", ".sha256", ".sha512", ".avi", ".mp4", ".mov", ".mpg", ".wmv"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (file_ends(name, endings[i])) return true;
    return file_is_any_temporary(name);
}

/* README, LICENSE, MD5SUMS: a text whose name has no ending. */
static bool is_plain_text(const char *path)
{
    enum { HEAD = 512 };
    unsigned char head[HEAD];
    struct file_at f;
    struct err unread = {0};
    if (strchr(file_base(path), '.') || !file_can_be_read(path) ||
        file_at_open(path, &f, &unread) != ATT_OK)
        return false;
    const size_t size = f.size < HEAD ? (size_t)f.size : HEAD;
    bool text = size > 0 && file_at_read(&f, path, 0, head, size, &unread) == ATT_OK;
    for (size_t i = 0; i < size && text; i++)
        text = head[i] >= ' ' || head[i] == '\t' || head[i] == '\n' || head[i] == '\r';
    file_at_close(&f);
    return text;
}

/* Checks a listed name, reporting by layout_wrong; ignores attunet's own folders. */
static att_status layout_check_name(struct dataset *d, const char *name, const char *path,
    const char *ending, size_t *tail, bool *good, struct err *e)
{
    char known[FORMAT_NAMES], dicom[FORMAT_SENTENCE], to;
    *good = false;
    if (file_listed_folder(name, path))
        return layout_is_run(path)
            ? ATT_OK
            : layout_wrong(d, PROBLEM_UNREADABLE, path, e,
                  "%s is a folder where images are expected; %s", path,
                  readlink(path, &to, 1) > 0 ? "remove this link"
                                             : "move it out of the data set, or its files up "
                                               "under names that are free");
    const bool foreign = !ending && !format_by_name(path, tail);
    if (foreign && is_plain_text(path)) return ATT_OK;
    if (foreign && format_is_dicom(path))
        return layout_wrong(d, PROBLEM_UNREADABLE, path, e, "%s", format_of_dicom(path, dicom));
    if (foreign)
        return layout_wrong(d, PROBLEM_UNREADABLE, path, e,
            "attunet cannot read the format of %s; convert it to %s, or move it elsewhere", path,
            format_names(known));
    *good = true;
    return ATT_OK;
}

static att_status take_name(struct dataset *d, const char *folder, const char *name,
    const char *ending, struct layout_files *l, struct err *e)
{
    size_t tail = ending ? strlen(ending) : 0, length = strlen(name);
    bool good;
    if (ending ? !file_ends(name, ending) : is_note(name)) return ATT_OK;
    struct layout_file *f = &l->file[l->count];
    if (!(f->path = file_join(folder, name))) return err_path(e);
    l->count++;
    TRY(layout_check_name(d, name, f->path, ending, &tail, &good, e));
    if (good)
        return (f->stem = mem_text("%.*s", (int)(length - tail), name)) ? ATT_OK : err_path(e);
    mem_free(f->path);
    *f = (struct layout_file){NULL, NULL};
    l->count--;
    return ATT_OK;
}

static bool has_others(const struct file_list *names)
{
    size_t tail;
    for (int i = 0; i < names->count; i++)
        if (!is_note(names->names[i]) && !format_by_name(names->names[i], &tail)) return true;
    return false;
}

att_status layout_list_wanted(struct dataset *d, const char *folder, const char *ending,
    layout_wanted_fn *wanted, const void *arg, struct layout_files *l, struct err *e)
{
    struct file_list names;
    struct companions b = {.count = 0};
    *l = (struct layout_files){0};
    TRY(file_list(folder, &names, e));
    att_status status = MEM_ARRAY(l->file, names.count, "the names in a folder", e);
    if (status == ATT_OK && !ending && has_others(&names))
        status = companions_list(folder, &names, &b, e);
    for (int i = 0; i < names.count && status == ATT_OK; i++)
        if ((!wanted || wanted(arg, names.names[i])) && !companions_has(&b, folder, names.names[i]))
            status = take_name(d, folder, names.names[i], ending, l, e);
    companions_free(&b);
    file_list_free(&names);
    if (status != ATT_OK)
        layout_files_free(l);
    else
        qsort(l->file, (size_t)l->count, sizeof *l->file, by_stem);
    return status;
}

att_status layout_list(struct dataset *d, const char *folder, const char *ending,
    struct layout_files *l, struct err *e)
{
    return layout_list_wanted(d, folder, ending, NULL, NULL, l, e);
}

bool layout_has_previews(const struct layout_files *l)
{
    bool picture = false, volume = false;
    for (int i = 0; i < l->count; i++) {
        size_t ending;
        const struct format *f = format_by_name(l->file[i].path, &ending);
        volume |= f && f->places;
        picture |= f && f->decode;
    }
    return picture && volume;
}

void layout_files_free(struct layout_files *l)
{
    for (int i = 0; i < l->count; i++) {
        mem_free(l->file[i].stem);
        mem_free(l->file[i].path);
    }
    mem_free(l->file);
    *l = (struct layout_files){0};
}

bool layout_id_good(const char *id) { return *id && !strchr(id, '/') && *id != '.'; }

struct data_case *layout_add(struct dataset *d, const char *id, struct err *e)
{
    if (MEM_ROOM(d->cases, d->count, "the list of cases", e) != ATT_OK) return NULL;
    struct data_case *c = &d->cases[d->count];
    *c = (struct data_case){.id = mem_text("%s", id)};
    if (!c->id) {
        err_memory(e, strlen(id), "the list of cases");
        return NULL;
    }
    d->count++;
    return c;
}

struct data_case *layout_add_image(struct dataset *d, struct layout_file *image, struct err *e)
{
    struct data_case *c = layout_add(d, image->stem, e);
    if (!c) return NULL;
    c->nimages = 1;
    c->image[0] = image->path;
    image->path = NULL;
    return c;
}

att_status layout_tidy_name(const char *raw, char name[LABELLING_NAME], struct err *e)
{
    json_t *clean = json_utf8(raw);
    const char *text = json_string_value(clean);
    size_t length = text ? strlen(text) : 0;
    if (length >= LABELLING_NAME)
        for (length = LABELLING_NAME - 1; length > 0 && (text[length] & 0xc0) == 0x80;) length--;
    snprintf(name, LABELLING_NAME, "%.*s", (int)length, text ? text : "");
    json_decref(clean);
    return text ? ATT_OK : err_memory(e, LABELLING_NAME, "the name of a channel");
}

void layout_forget_names(struct dataset *d)
{
    for (int k = 0; k < DATASET_CHANNELS; k++) {
        mem_free(d->channel_name[k]);
        d->channel_name[k] = NULL;
    }
}

void data_case_free(struct data_case *c)
{
    mem_free(c->id);
    mem_free(c->label);
    mem_free(c->group);
    for (int i = 0; i < DATASET_CHANNELS; i++) mem_free(c->image[i]);
}

void layout_drop(struct dataset *d) { data_case_free(&d->cases[--d->count]); }

static int layout_by_id(const void *a, const void *b)
{
    const struct data_case *x = a, *y = b;
    return strcmp(x->id, y->id);
}

att_status layout_sort(struct dataset *d, struct err *e)
{
    char known[FORMAT_NAMES];
    if (d->count == 0 && d->problems && d->problems->count)
        return err_data(e, "no case of %s can be used; the first problem: %s", d->root,
            d->problems->list[0].text);
    if (d->count == 0)
        return err_data(e, "%s has no image; put %s files and their labels there", d->root,
            format_names(known));
    qsort(d->cases, (size_t)d->count, sizeof *d->cases, layout_by_id);
    int kept = 1;
    for (int i = 1; i < d->count; i++) {
        struct data_case *last = &d->cases[kept - 1], *c = &d->cases[i];
        if (strcmp(last->id, c->id) != 0) {
            const struct data_case one = *c;
            *c = (struct data_case){.id = NULL}; /* one owner, even if the next case fails */
            d->cases[kept++] = one;
            continue;
        }
        TRY(text_equals(last->image[0], c->image[0])
                ? layout_wrong(d, PROBLEM_PARTNER, c->image[0], e,
                      "case %s: %s is listed twice; list it once", c->id, c->image[0])
                : layout_wrong(d, PROBLEM_PARTNER, c->image[0], e,
                      "case %s has two images, %s and %s; keep one of them", c->id, last->image[0],
                      c->image[0]));
        data_case_free(c);
        *c = (struct data_case){.id = NULL};
    }
    d->count = kept;
    return ATT_OK;
}

static int layout_find_owner(const struct dataset *d, char *stem, const char *const *suffixes)
{
    int index = dataset_find(d, stem);
    for (; index < 0 && suffixes && *suffixes; suffixes++) {
        size_t length = strlen(stem), tail = strlen(*suffixes);
        if (tail >= length || !file_ends(stem, *suffixes)) continue;
        char first = stem[length - tail];
        stem[length - tail] = 0;
        index = dataset_find(d, stem);
        stem[length - tail] = first;
    }
    return index;
}

static void name_label(
    const struct data_case *c, const char *folder, const char *ending, char *text, size_t size)
{
    size_t tail;
    const char *base = file_base(c->image[0]);
    if (!ending) ending = format_by_name(base, &tail) ? base + strlen(base) - tail : "";
    snprintf(text, size, "%s/%s%s", folder, c->id, ending);
}

static att_status refuse_label_names(struct dataset *d, const struct layout_files *labels,
    const char *folder, const char *ending, const char *const *suffixes, struct err *e)
{
    char wanted[700];
    name_label(&d->cases[0], folder, ending, wanted, sizeof wanted);
    return layout_wrong(d, PROBLEM_PARTNER, NULL, e,
        "no label in %.200s, such as %.80s, has the name of an image; the label of %.250s must be "
        "%.250s%s; rename the labels, or list images and labels in a CSV (docs/data.md)%s",
        folder, file_base(labels->file[0].path), d->cases[0].image[0], wanted,
        suffixes ? " (or end in _mask, _seg, _label or _segmentation)" : "",
        text_two_forms(labels->file[0].stem));
}

/* A case, or a label, by its name without the zeros that begin numbers. */
struct bare {
    char *name;
    struct span own;
    int index;
    bool label;
};

static int bares_by_name(const void *a, const void *b)
{
    return strcmp(((const struct bare *)a)->name, ((const struct bare *)b)->name);
}

static att_status add_bare(
    struct bare *list, int *count, struct span own, int index, bool label, struct err *e)
{
    struct bare *b = &list[*count];
    TRY(MEM_BYTES(b->name, (size_t)own.length + 1, "a name", e));
    b->name[names_drop_zeros(own, b->name, NULL)] = 0;
    b->own = own;
    b->index = index;
    b->label = label;
    ++*count;
    return ATT_OK;
}

/* The case of these equal names, if it is one and all labels have one name. */
static int find_bare_owner(const struct bare *list, int count)
{
    int owner = -1;
    const struct bare *first = NULL;
    for (int i = 0; i < count; i++) {
        if (!list[i].label && owner >= 0) return -1;
        if (!list[i].label) owner = list[i].index;
        if (list[i].label && first && span_order(first->own, list[i].own) != 0) return -1;
        if (list[i].label) first = &list[i];
    }
    return owner;
}

att_status layout_match_numbers(const struct dataset *d, int first, const struct span *name,
    int count, int *owner, struct err *e)
{
    struct bare *list;
    int all = 0;
    TRY(MEM_ARRAY(list, d->count - first + count, "the names of cases", e));
    att_status status = ATT_OK;
    for (int i = first; i < d->count && status == ATT_OK; i++)
        status = add_bare(list, &all, span_of(d->cases[i].id), i, false, e);
    for (int i = 0; i < count && status == ATT_OK; i++)
        status = add_bare(list, &all, name[i], i, true, e);
    qsort(list, (size_t)all, sizeof *list, bares_by_name);
    for (int i = 0, end; i < all && status == ATT_OK; i = end) {
        for (end = i + 1; end < all && bares_by_name(&list[i], &list[end]) == 0;) end++;
        const int its = find_bare_owner(&list[i], end - i);
        for (int k = i; k < end && its >= 0; k++)
            if (list[k].label) owner[list[k].index] = its;
    }
    for (int i = 0; i < all; i++) mem_free(list[i].name);
    mem_free(list);
    return status;
}

static att_status match_stems(const struct dataset *d, const struct layout_files *labels,
    const char *const *suffixes, int *owner, struct err *e)
{
    struct span *name;
    TRY(MEM_ARRAY(name, labels->count, "the names of labels", e));
    for (int i = 0; i < labels->count; i++) {
        const char *stem = labels->file[i].stem;
        name[i] = span_of(stem);
        for (const char *const *s = suffixes; *s; s++)
            if (file_ends(stem, *s) && (int)strlen(*s) < name[i].length) {
                name[i].length -= (int)strlen(*s);
                break;
            }
    }
    const att_status status = layout_match_numbers(d, 0, name, labels->count, owner, e);
    mem_free(name);
    return status;
}

att_status layout_find_shift(const struct dataset *d, int first, const int *owner, int labels,
    char text[LAYOUT_SHIFT], struct err *e)
{
    bool *owned;
    int lone = 0, orphans = 0;
    const char *image = "";
    *text = 0;
    TRY(MEM_ARRAY(owned, d->count + 1, "the names of labels", e));
    for (int i = 0; i < labels; i++) {
        if (owner[i] >= 0) owned[owner[i]] = true;
        orphans += owner[i] < 0;
    }
    for (int i = d->count - 1; i >= first; i--) {
        if (owned[i]) continue;
        lone++;
        image = d->cases[i].image[0];
    }
    mem_free(owned);
    if (lone && lone == orphans && strpbrk(file_base(image), "0123456789"))
        snprintf(text, LAYOUT_SHIFT,
            ", and %.400s has no label; if they are counted from different numbers, rename one "
            "kind; if not",
            image);
    return ATT_OK;
}

static att_status take_labels(
    struct dataset *d, struct layout_files *labels, const int *owner, struct err *e)
{
    char shift[LAYOUT_SHIFT];
    TRY(layout_find_shift(d, 0, owner, labels->count, shift, e));
    for (int i = 0; i < labels->count; i++) {
        struct layout_file *f = &labels->file[i];
        if (owner[i] < 0) {
            TRY(layout_wrong(d, PROBLEM_PARTNER, f->path, e,
                "label %s has no image%s%s put an image of that name next to %s, or remove the "
                "label%s",
                f->path, shift, *shift ? "," : ";", d->cases[0].image[0], text_two_forms(f->stem)));
            continue;
        }
        struct data_case *c = &d->cases[owner[i]];
        if (c->label) {
            TRY(layout_wrong(d, PROBLEM_PARTNER, f->path, e,
                "case %s has two labels, %s and %s; keep one of them", c->id, c->label, f->path));
            continue;
        }
        c->label = f->path;
        f->path = NULL;
    }
    return ATT_OK;
}

/* Layouts with suffixes need no exact names. */
static att_status layout_assign_labels(struct dataset *d, struct layout_files *labels,
    const char *folder, const char *ending, const char *const *suffixes, struct err *e)
{
    int *owner, found = 0;
    TRY(MEM_ARRAY(owner, labels->count + 1, "the names of labels", e));
    for (int i = 0; i < labels->count; i++) {
        owner[i] = layout_find_owner(d, labels->file[i].stem, suffixes);
        found += owner[i] >= 0;
    }
    att_status status = ATT_OK;
    if (labels->count && !found)
        status = refuse_label_names(d, labels, folder, ending, suffixes, e);
    else if (found < labels->count && suffixes)
        status = match_stems(d, labels, suffixes, owner, e);
    if (status == ATT_OK && found) status = take_labels(d, labels, owner, e);
    mem_free(owner);
    return status;
}

att_status layout_say_unlabelled(struct dataset *d, int count, int all,
    const char *const names[LAYOUT_NAMED], const char *label, struct host *host, struct err *e)
{
    char list[LAYOUT_NAMED * 300] = "";
    for (int i = 0; i < count && i < LAYOUT_NAMED; i++)
        text_append(list, sizeof list, "%s%.290s", i ? ", " : "", names[i]);
    if (count > LAYOUT_NAMED) text_append(list, sizeof list, " and %d more", count - LAYOUT_NAMED);
    const bool one = count == 1;
    char *text = mem_text("%.200s: %d of %d image%s ha%s no label, %s: %s; add %s%s%.300s, or %s",
        d->root, count, all, TEXT_S(all), one ? "s" : "ve",
        d->strict ? "which `unlabelled` forbids"
            : one ? "and attunet leaves it out"
                  : "and attunet leaves them out",
        list, one ? "its label" : "their labels", *label ? ", such as " : "", label,
        d->strict ? "leave out that setting" : "give `unlabelled` stop to refuse such sets");
    if (!text) return err_path(e);
    const att_status status = d->strict ? layout_wrong(d, PROBLEM_PARTNER, names[0], e, "%s", text)
                                        : layout_warn(d, PROBLEM_UNLABELLED, host, e, "%s", text);
    mem_free(text);
    return status;
}

/* The label of the case without one has a name as that of another one; "": unknown. */
static void guess_label(
    const struct data_case *other, const struct data_case *c, char *text, size_t size)
{
    char path[PATH_MAX];
    const size_t length = strlen(other->id);
    *text = 0;
    if (!joined_part(other->label, 0, path) || !strstr(path, other->id)) return;
    for (const char *at = path; *at;) {
        const bool own = strncmp(at, other->id, length) == 0 &&
            !isalnum((unsigned char)at[length]) && (at == path || !isalnum((unsigned char)at[-1]));
        if (!text_append(text, size, "%.*s", own ? (int)size : 1, own ? c->id : at)) return;
        at += own ? length : 1;
    }
}

att_status layout_drop_unlabelled(struct dataset *d, struct host *host, struct err *e)
{
    const char *names[LAYOUT_NAMED];
    char label[700] = "";
    int count = 0, kept = 0;
    const struct data_case *other = NULL, *first = NULL;
    for (int i = 0; i < d->count; i++) {
        const struct data_case *c = &d->cases[i];
        if (c->label) other = other ? other : c;
        if (c->label) continue;
        if (count < LAYOUT_NAMED) names[count] = c->image[0];
        first = count++ ? first : c;
    }
    if (!count) return ATT_OK;
    if (!other && d->problems && d->problems->errors) return ATT_OK; /* which say why */
    if (!other)
        return err_data(e,
            "no image of %s has a label, such as %s; put the labels there (docs/data.md)", d->root,
            names[0]);
    guess_label(other, first, label, sizeof label);
    TRY(layout_say_unlabelled(d, count, d->count, names, label, host, e));
    for (int i = 0; i < d->count; i++) {
        if (d->cases[i].label)
            d->cases[kept++] = d->cases[i];
        else
            data_case_free(&d->cases[i]);
    }
    d->count = kept;
    return ATT_OK;
}

att_status layout_add_labels(struct dataset *d, const char *folder, const char *ending,
    const char *const *suffixes, struct err *e)
{
    struct layout_files labels;
    TRY(layout_list(d, folder, ending, &labels, e));
    const att_status status = layout_assign_labels(d, &labels, folder, ending, suffixes, e);
    layout_files_free(&labels);
    return status;
}

int values_count(const struct values *v)
{
    int count = 0;
    for (int i = 0; i < VALUES / 64; i++)
        if (v->bits[i]) count += __builtin_popcountll(v->bits[i]);
    return count;
}

int values_highest(const struct values *v)
{
    int i = VALUES / 64 - 1;
    while (i >= 0 && !v->bits[i]) i--;
    return i < 0 ? -1 : i * 64 + 63 - __builtin_clzll(v->bits[i]);
}

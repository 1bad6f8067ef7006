/* SPDX-License-Identifier: Apache-2.0 */
/* A list of cases: a CSV file, or a folder with dataset.csv. The first line names columns in any
 * order: image (or image_0, image_1, ... for channels), label (several files separated by ';' are
 * joined), and optionally case, group and fold. Paths are relative to the file's folder and may not
 * leave it. */
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_memory.h"
#include "base/mem.h"
#include "base/text.h"
#include "dataset/described.h"
#include "dataset/groups.h"
#include "files/csv_read.h"
#include "files/file.h"
#include "format/format.h"
#include "format/joined.h"

enum { LIMIT = 64 << 20, COLUMNS = 64 };

static bool claims(const char *path)
{
    return file_is_folder(path) ? file_has(path, "dataset.csv")
                                : file_ends(path, ".csv") && file_exists(path);
}

/* Indices of columns; -1: none. */
struct table {
    struct dataset *d;
    const char *path;
    bool unlabelled; /* labels are ignored */
    int image[DATASET_CHANNELS], images, label, id, group, fold, columns, line;
    char others[200];  /* names of ignored columns */
    char patients[62]; /* the first of them that may name patients */
    char parts[62];    /* and that may name parts of the data set */
};

/* 0 for "image" and "image_0", 3 for "image_3"; -1: another name. */
static int image_number(const char *name)
{
    if (text_equals(name, "image")) return 0;
    if (!text_begins(name, "image_") || strlen(name) > 8 || name[6] == 0) return -1;
    for (const char *s = name + 6; *s; s++)
        if (!isdigit((unsigned char)*s)) return -1;
    return atoi(name + 6);
}

static int *find_column(struct table *t, const char *name)
{
    if (text_equals(name, "label") || text_equals(name, "mask")) return &t->label;
    if (text_equals(name, "case") || text_equals(name, "id")) return &t->id;
    if (text_equals(name, "group")) return &t->group;
    if (text_equals(name, "fold")) return &t->fold;
    int image = image_number(name);
    return image >= 0 && image < DATASET_CHANNELS ? &t->image[image] : NULL;
}

/* Whether a name is a word and an ending, such as "PatientID" or "subject_name", but not
 * "patient_age". */
static bool may_mean(const char *name, const char *const words[], const char *const ends[])
{
    char low[32] = "";
    for (size_t i = 0, n = 0; name[i] && n + 1 < sizeof low; i++)
        if (isalnum((unsigned char)name[i])) low[n++] = text_lower(name[i]);
    for (; *words; words++)
        for (int k = 0; ends[k] && text_begins(low, *words); k++)
            if (text_equals(low + strlen(*words), ends[k])) return true;
    return false;
}

bool layout_csv_names_people(const char *column, bool things)
{
    static const char *const patients[] = {"patient", "subject", "participant", "groups", NULL},
                             *const others[] = {"lesion", "case", "study", "exam", "person",
                                 "donor", "animal", "individual", "specimen", NULL},
                             *const ids[] = {"", "id", "name", "number", "code", NULL};
    return may_mean(column, patients, ids) || (things && may_mean(column, others, ids + 1));
}

static void add_other(struct table *t, const char *name)
{
    static const char *const parts[] = {"split", "set", "subset", "partition", "fold", NULL},
                             *const plurals[] = {"", "s", "name", NULL};
    if (!*t->patients && layout_csv_names_people(name, false))
        snprintf(t->patients, sizeof t->patients, "%.60s", name);
    if (!*t->parts && may_mean(name, parts, plurals))
        snprintf(t->parts, sizeof t->parts, "%.60s", name);
    text_append(t->others, sizeof t->others, "%s%.60s", *t->others ? ", " : "", name);
}

static att_status csv_read_head(struct table *t, char *line, struct err *e)
{
    const char *other = csv_other_separator(line);
    if (other)
        return err_data(e,
            "%s, line 1: %s separate the columns; save the list with commas between them", t->path,
            other);
    t->label = t->id = t->group = t->fold = -1;
    for (int i = 0; i < DATASET_CHANNELS; i++) t->image[i] = -1;
    for (; line && t->columns < COLUMNS; t->columns++) {
        const char *name = csv_field(&line);
        int *column = name ? find_column(t, name) : NULL;
        if (!name) return err_data(e, "%s, line 1: a quote is not closed; close it", t->path);
        if (!column && image_number(name) >= DATASET_CHANNELS)
            return err_data(e,
                "%s, line 1: column %.40s is one too many: an image has at most %d channels; "
                "remove some",
                t->path, name, DATASET_CHANNELS);
        if (!column) {
            add_other(t, name);
            continue;
        }
        if (*column >= 0)
            return err_data(
                e, "%s, line 1: there are two columns %.40s; keep one of them", t->path, name);
        *column = t->columns;
    }
    if (line)
        return err_data(
            e, "%s, line 1: there are more than %d columns; remove some", t->path, COLUMNS);
    for (int i = 0; i < DATASET_CHANNELS; i++) {
        if (t->image[i] >= 0 && t->images < i)
            return err_data(e,
                "%s, line 1: there is a column image_%d but no image_%d; number channels from 0",
                t->path, i, t->images);
        t->images += t->image[i] >= 0;
    }
    if (t->images > 0 && (t->label >= 0 || t->unlabelled)) return ATT_OK;
    return err_data(e, "%s, line 1: there is no column \"%s\"; begin with a line such as %s",
        t->path, t->images ? "label" : "image", t->unlabelled ? "case,image" : "image,label,group");
}

static char *csv_place(const struct table *t, const char *name)
{
    const int folder = (int)(file_base(t->path) - t->path);
    return folder ? mem_text("%.*s%s", folder, t->path, name) : mem_text("./%s", name);
}

/* A file of a row; *to stays NULL after a reported problem. */
static att_status take_path(struct table *t, const char *name, char **to, struct err *e)
{
    *to = NULL;
    while (strncmp(name, "./", 2) == 0) name += 2;
    if (!*name)
        return layout_wrong(t->d, PROBLEM_PARTNER, t->path, e,
            "%s, line %d: the name of a file is empty; fill it in, or remove the line", t->path,
            t->line);
    if (*name == '/')
        return layout_wrong(t->d, PROBLEM_PARTNER, t->path, e,
            "%s, line %d: %.300s is an absolute path; write it relative to the folder of this file",
            t->path, t->line, name);
    if (file_leaves(name))
        return layout_wrong(t->d, PROBLEM_PARTNER, t->path, e,
            "%s, line %d: %.300s is outside the folder of this file; give paths below it", t->path,
            t->line, name);
    char *full = csv_place(t, name);
    if (!full) return err_path(e);
    if (file_exists(full) && !file_is_folder(full)) {
        *to = full;
        return ATT_OK;
    }
    json_t *unicode = json_string(name);
    att_status status = layout_wrong(t->d, PROBLEM_PARTNER, full, e,
        "%s, line %d: %s does not exist; %s", t->path, t->line, full,
        strchr(name, '\\')                    ? "write / in place of \\ between folders"
            : !unicode && !json_memory_lost() ? "the list is not UTF-8; save it so"
                                              : "copy the file or correct the line");
    json_decref(unicode);
    mem_free(full);
    return status;
}

static bool is_file(const struct table *t, const char *name)
{
    char *path = csv_place(t, name);
    const bool is = path && file_exists(path) && !file_is_folder(path);
    mem_free(path);
    return is;
}

/* Cuts off the first of the names between ';', which may hold this mark if no file has the name
 * before it; returns the next, or NULL. */
static char *cut_name(const struct table *t, char *names)
{
    char *first = strchr(names, ';');
    for (char *next = first; next; next = strchr(next + 1, ';')) {
        *next = 0;
        if (is_file(t, names)) return next + 1;
        *next = ';';
    }
    if (!first || is_file(t, names)) return NULL;
    *first = 0;
    return first + 1;
}

static att_status take_images(
    struct table *t, char *const *field, struct data_case *c, bool *good, struct err *e)
{
    for (int i = 0; i < t->images && *good; i++) {
        for (char *name = field[t->image[i]], *next; name && *good; name = next) {
            next = cut_name(t, name);
            if (c->nimages == DATASET_CHANNELS) {
                *good = false;
                return layout_wrong(t->d, PROBLEM_CHANNELS, t->path, e,
                    "%s, line %d: there are more than %d images; remove some", t->path, t->line,
                    DATASET_CHANNELS);
            }
            TRY(take_path(t, name, &c->image[c->nimages], e));
            *good = c->image[c->nimages] != NULL;
            c->nimages += *good;
        }
    }
    return ATT_OK;
}

static bool same_folder(const char *a, const char *b)
{
    const size_t folder = (size_t)(file_base(a) - a);
    return folder == (size_t)(file_base(b) - b) && strncmp(a, b, folder) == 0;
}

/* Adds one more mask of an image; all must be in one folder. */
static att_status csv_add_mask(
    struct table *t, const char *path, struct data_case *c, bool *good, struct err *e)
{
    *good = same_folder(path, c->label);
    if (!*good)
        return layout_wrong(t->d, PROBLEM_PARTNER, path, e,
            "%s, line %d: %s is not in the folder of the mask before it; put all masks of an image "
            "into one folder",
            t->path, t->line, path);
    c->label = joined_add(c->label, path, 0);
    return c->label ? ATT_OK : err_path(e);
}

static att_status take_label(
    struct table *t, char *field, struct data_case *c, bool *good, struct err *e)
{
    for (char *name = field, *next; name && *good; name = next) {
        char *path;
        next = cut_name(t, name);
        TRY(take_path(t, name, &path, e));
        *good = path != NULL;
        if (!c->label) {
            c->label = path;
            continue;
        }
        att_status status = path ? csv_add_mask(t, path, c, good, e) : ATT_OK;
        mem_free(path);
        TRY(status);
    }
    return ATT_OK;
}

/* Notes existing labels of an image to predict: prediction must not overwrite them. */
static att_status note_label(const struct table *t, char *field, struct data_case *c, struct err *e)
{
    for (char *name = field, *next; name; name = next) {
        next = cut_name(t, name);
        char *path = csv_place(t, name);
        if (!path) return err_path(e);
        if (!file_exists(path) || file_is_folder(path) ||
            (c->label && !same_folder(path, c->label))) {
            mem_free(path);
        } else if (!c->label) {
            c->label = path;
        } else {
            c->label = joined_add(c->label, path, 0);
            mem_free(path);
            if (!c->label) return err_path(e);
        }
    }
    return ATT_OK;
}

static att_status csv_take_fold(
    const struct table *t, const char *text, int *fold, bool *good, struct err *e)
{
    static const char *const words[] = {"train", "val", "test"};
    static const int folds[] = {FOLD_TRAIN, 0, FOLD_OUT};
    for (int i = 0; i < 3; i++)
        if (text_equals(text, words[i])) {
            *fold = folds[i];
            return ATT_OK;
        }
    bool digits = *text && strspn(text, "0123456789") == strlen(text) && strlen(text) <= 4;
    *fold = digits ? atoi(text) : -1;
    if (digits && *fold < FOLDS_MAX) return ATT_OK;
    *good = false;
    return layout_wrong(t->d, PROBLEM_SPLIT, t->path, e,
        "%s, line %d: the fold is \"%.40s\"; give a number from 0, or train, val or test", t->path,
        t->line, text);
}

/* Without a case column, the id is the first image's name without a channel's _0000. */
static char *make_id(const struct table *t, char *const *field, const struct data_case *c)
{
    size_t ending = 0;
    if (t->id >= 0) return mem_text("%s", field[t->id]);
    const char *base = file_base(c->image[0]);
    format_by_name(base, &ending);
    size_t length = strlen(base) - ending;
    if (c->nimages > 1 && layout_channel(base, length) == 0) length -= LAYOUT_CHANNEL;
    return mem_text("%.*s", (int)length, base);
}

static att_status layout_csv_fill(
    struct table *t, char *const *field, struct data_case *c, bool *good, struct err *e)
{
    *good = true;
    TRY(take_images(t, field, c, good, e));
    if (*good && !t->unlabelled && *field[t->label])
        TRY(take_label(t, field[t->label], c, good, e));
    if (*good && t->unlabelled && t->label >= 0) TRY(note_label(t, field[t->label], c, e));
    if (!*good) return ATT_OK;
    mem_free(c->id);
    if (!(c->id = make_id(t, field, c))) return err_memory(e, PATH_MAX, "the name of a case");
    *good = layout_id_good(c->id);
    if (!*good)
        return layout_wrong(t->d, PROBLEM_PARTNER, t->path, e, "%s, line %d: " LAYOUT_ID_BAD,
            t->path, t->line, c->id);
    if (t->unlabelled) return ATT_OK;
    if (t->group >= 0 && *field[t->group] && !(c->group = mem_text("%s", field[t->group])))
        return err_memory(e, strlen(field[t->group]), "a group");
    return t->fold >= 0 ? csv_take_fold(t, field[t->fold], &c->fold, good, e) : ATT_OK;
}

static att_status csv_take_row(struct table *t, char *line, struct err *e)
{
    char *field[COLUMNS];
    int count = 0;
    bool good, empty = true; /* ",,": spreadsheets write such lines */
    for (; line && count < COLUMNS; count++) {
        if (!(field[count] = csv_field(&line)))
            return err_data(e, "%s, line %d: a quote is not closed; close it", t->path, t->line);
        empty &= !*field[count];
    }
    if (empty && !line) return ATT_OK;
    if (count != t->columns || line)
        return err_data(e,
            "%s, line %d: it has %d field%s, but the first line has %d; quote fields that contain "
            "commas",
            t->path, t->line, count, TEXT_S(count), t->columns);
    struct data_case *c = layout_add(t->d, "", e);
    if (!c) return ATT_MEMORY;
    TRY(layout_csv_fill(t, field, c, &good, e));
    if (!good) layout_drop(t->d);
    return ATT_OK;
}

static att_status csv_read_rows(struct table *t, char *text, struct err *e)
{
    char *line;
    text = text_skip_mark(text);
    for (bool head = true; (line = csv_line(&text, &t->line)); head = false)
        TRY(head ? csv_read_head(t, line, e) : csv_take_row(t, line, e));
    if (t->line == 0)
        return err_data(e, "%s is empty; begin with a line such as %s", t->path,
            t->unlabelled ? "case,image" : "image,label,group");
    return ATT_OK;
}

static att_status read_table(struct table *t, struct host *host, struct err *e)
{
    char *text;
    TRY(file_read_text(t->path, LIMIT, &text, e));
    att_status status = csv_read_rows(t, text, e);
    mem_free(text);
    if (status == ATT_OK && *t->others)
        host_say(host, LOG_INFO,
            "%s: attunet ignores the columns %s; it reads image, image_N, label (or mask), "
            "case (or id), group and fold",
            t->path, t->others);
    if (status == ATT_OK && *t->patients && t->group < 0 && t->fold < 0 && !t->unlabelled)
        host_warn(host, WARN_GROUPS_UNKNOWN,
            "%s: if the column %s names patients, call it group; else images of one patient may "
            "be in both training and validation",
            t->path, t->patients);
    if (status == ATT_OK && *t->parts && t->fold < 0 && !t->unlabelled)
        host_warn(host, WARN_LAYOUT_AMBIGUOUS,
            "%s: if the column %s says which cases train, validate or test, call it fold, and its "
            "values train, val and test; else attunet mixes them",
            t->path, t->parts);
    return status;
}

att_status layout_csv_images(struct dataset *d, const char *path, struct host *host, struct err *e)
{
    struct table t = {.d = d, .path = path, .unlabelled = true};
    const int before = d->count;
    TRY(read_table(&t, host, e));
    return d->count > before ? ATT_OK
                             : err_data(e, "%s lists no image; add a line for each case", path);
}

static att_status csv_folder_images(
    struct dataset *d, const char *root, bool *fit, struct host *host, struct err *e)
{
    if (!(*fit = file_has(root, "dataset.csv"))) return ATT_OK;
    char *path = file_join(root, "dataset.csv");
    if (path)
        host_say(host, LOG_INFO,
            "%s: attunet predicts the images that %s lists, and leaves labels aside", root, path);
    const att_status status = path ? layout_csv_images(d, path, host, e) : err_path(e);
    mem_free(path);
    return status;
}

static att_status csv_read_cases(
    struct dataset *d, const char *path, struct host *host, struct err *e)
{
    struct table t = {.d = d, .path = path};
    TRY(read_table(&t, host, e));
    for (int i = 0; i < d->count; i++) d->has_groups |= d->cases[i].group != NULL;
    d->has_folds = t.fold >= 0;
    TRY(layout_sort(d, e));
    return layout_drop_unlabelled(d, host, e);
}

static void say_test_part(const struct dataset *d, struct host *host)
{
    int out = 0;
    for (int i = 0; d->has_folds && i < d->count; i++) out += d->cases[i].fold == FOLD_OUT;
    if (out)
        host_say(host, LOG_INFO,
            "attunet does not use %d of the %d case%s in %s: their fold is test", out, d->count,
            TEXT_S(d->count), d->path);
}

static att_status open_csv(struct dataset *d, struct host *host, struct err *e)
{
    char *path =
        file_is_folder(d->path) ? file_join(d->path, "dataset.csv") : mem_text("%s", d->path);
    if (!path) return err_path(e);
    att_status status = csv_read_cases(d, path, host, e);
    mem_free(path);
    TRY(status);
    if (!d->has_folds) TRY(groups_by_names(d, host, e));
    layout_say_joined(d, host);
    TRY(layout_check(d, host, e));
    say_test_part(d, host);
    return layout_describe(d, host, e);
}

const struct layout layout_csv = {
    .name = "CSV",
    .claims = claims,
    .open = open_csv,
    .images = csv_folder_images,
};

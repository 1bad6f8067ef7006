/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/groups.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "dataset/layout_found.h"
#include "dataset/names.h"
#include "dataset/pairing_words.h"
#include "files/csv_read.h"
#include "files/file.h"

enum { LIMIT = 64 << 20, NUMBER_LENGTH = 18 };

struct row {
    const char *group; /* into the file's text; NULL: not listed */
    int index;
};

struct reader {
    const struct dataset *d;
    char *path;
    struct row *rows; /* by case */
    int line;
    bool headed; /* its first line was read */
};

static att_status bad_line(const struct reader *r, struct err *e)
{
    return err_data(e, "%s, line %d: the line must be NAME,GROUP, such as %.200s,7", r->path,
        r->line, r->d->cases[0].id);
}

static att_status groups_take_line(struct reader *r, char *line, struct err *e)
{
    const char *other = csv_other_separator(line);
    if (other)
        return err_data(e, "%s, line %d: %s separate the name and its group; use commas instead",
            r->path, r->line, other);
    char *name = csv_field(&line);
    if (!name) return bad_line(r, e);
    if (!*name && !line) return ATT_OK;
    char *group = line ? csv_field(&line) : NULL;
    if (!*name || !group || !*group || line) return bad_line(r, e);
    if (!r->headed) {
        r->headed = true;
        if (text_equals(name, "image") && text_equals(group, "group")) return ATT_OK;
        return err_data(e,
            "%s begins with \"%.80s,%.80s\", not with the line \"image,group\"; write that line "
            "first",
            r->path, name, group);
    }
    int index = names_find(r->d, name);
    if (index < 0) {
        char where[1200];
        snprintf(where, sizeof where, "%s, line %d", r->path, r->line);
        return names_unknown(r->d, where, name, e);
    }
    struct row *row = &r->rows[index];
    if (row->group && strcmp(row->group, group) != 0)
        return err_data(e,
            "%s, line %d: case %.200s is already in group %.80s, but this line says %.80s; keep "
            "one of the lines",
            r->path, r->line, r->d->cases[index].id, row->group, group);
    row->group = group;
    return ATT_OK;
}

static att_status take_lines(struct reader *r, char *text, struct err *e)
{
    char *line;
    text = text_skip_mark(text);
    while ((line = csv_line(&text))) {
        r->line++;
        TRY(groups_take_line(r, line, e));
    }
    if (r->headed) return ATT_OK;
    return err_data(e,
        "%s is empty; write the line \"image,group\" and one line per case into it, or remove it",
        r->path);
}

static bool is_number(const char *s)
{
    if (*s == '-' || *s == '+') s++;
    size_t digits = strspn(s, "0123456789");
    return digits > 0 && digits <= NUMBER_LENGTH && !s[digits];
}

static int groups_by_number(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    long long i = strtoll(x->group, NULL, 10), k = strtoll(y->group, NULL, 10);
    return (i > k) - (i < k);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(((const struct row *)a)->group, ((const struct row *)b)->group);
}

static void groups_rank(struct row *rows, int cases, int *group, int *count)
{
    int listed = 0;
    bool numbers = true;
    for (int i = 0; i < cases; i++) {
        rows[i].index = i;
        if (!rows[i].group) continue;
        numbers = numbers && is_number(rows[i].group);
        struct row swap = rows[listed];
        rows[listed++] = rows[i];
        rows[i] = swap;
    }
    int (*order)(const void *, const void *) = numbers ? groups_by_number : by_text;
    qsort(rows, (size_t)listed, sizeof *rows, order);
    *count = 0;
    for (int i = 0; i < cases; i++) group[i] = -1;
    for (int i = 0; i < listed; i++)
        group[rows[i].index] =
            i > 0 && order(&rows[i - 1], &rows[i]) == 0 ? *count - 1 : (*count)++;
    for (int i = 0; i < cases; i++)
        if (group[i] < 0) group[i] = (*count)++;
}

static att_status groups_read_rows(struct reader *r, int *group, int *count, struct err *e)
{
    char *text;
    TRY(file_read_text(r->path, LIMIT, &text, e));
    att_status status = take_lines(r, text, e);
    if (status == ATT_OK) groups_rank(r->rows, r->d->count, group, count);
    mem_free(text);
    return status;
}

att_status groups_read(const struct dataset *d, int *group, int *count, struct err *e)
{
    struct reader r = {.d = d, .path = file_join(d->root, "groups.csv")};
    *count = 0;
    if (!r.path) return err_path(e);
    bool there = file_exists(r.path);
    att_status status = ATT_OK;
    if (there && d->has_groups)
        status =
            err_data(e, "%s exists, but %s defines groups, too; keep one of them", r.path, d->path);
    else if (there || d->has_groups) {
        r.rows = mem_array((size_t)d->count, sizeof *r.rows);
        status = !r.rows ? err_memory(e, (size_t)d->count * sizeof *r.rows, "the groups")
            : there      ? groups_read_rows(&r, group, count, e)
                         : ATT_OK;
    }
    if (status == ATT_OK && d->has_groups) {
        for (int i = 0; i < d->count; i++) r.rows[i].group = d->cases[i].group;
        groups_rank(r.rows, d->count, group, count);
    }
    mem_free(r.rows);
    mem_free(r.path);
    return status;
}

struct group {
    int rank, size;
};

/* numpy's stable argsort of the sizes, reversed. */
static int largest_first(const void *a, const void *b)
{
    const struct group *x = a, *y = b;
    return x->size != y->size ? (x->size < y->size) - (x->size > y->size)
                              : (x->rank < y->rank) - (x->rank > y->rank);
}

static void groups_deal(struct group *groups, int count, int folds, int *load, int *fold_of)
{
    qsort(groups, (size_t)count, sizeof *groups, largest_first);
    for (int i = 0; i < count && groups[i].size > 0; i++) {
        int lightest = 0;
        for (int f = 1; f < folds; f++)
            if (load[f] < load[lightest]) lightest = f;
        load[lightest] += groups[i].size;
        fold_of[groups[i].rank] = lightest;
    }
}

att_status groups_read_or_none(const struct dataset *d, int *group, int *count, struct err *e)
{
    struct err why = {0};
    att_status status = groups_read(d, group, count, &why);
    if (status != ATT_OK) *count = 0;
    return status == ATT_DATA ? ATT_OK : err_pass(e, status, &why);
}

att_status groups_kfold(const int *group, int n, int count, int folds, int *fold, struct err *e)
{
    struct group *groups = mem_array((size_t)count, sizeof *groups);
    int *fold_of = mem_array((size_t)count, sizeof *fold_of),
        *load = mem_array((size_t)folds, sizeof *load), present = 0;
    att_status status = groups && fold_of && load
        ? ATT_OK
        : err_memory(e, (size_t)count * sizeof *groups, "the groups");
    if (status == ATT_OK) {
        for (int i = 0; i < count; i++) groups[i].rank = i;
        for (int i = 0; i < n; i++) present += groups[group[i]].size++ == 0;
        if (present < folds)
            status = err_data(e,
                "there %s %d group%s, too few for %d folds; list the cases to train and to "
                "validate",
                present == 1 ? "is" : "are", present, TEXT_S(present), folds);
    }
    if (status == ATT_OK) {
        groups_deal(groups, count, folds, load, fold_of);
        for (int i = 0; i < n; i++) fold[i] = fold_of[group[i]];
    }
    mem_free(groups);
    mem_free(fold_of);
    mem_free(load);
    return status;
}

/* ---- names */

enum { NAMED_LEAST = 5 };

enum lead { LEAD_FIRST, LEAD_NUMBER, LEAD_EYE, LEAD_LETTERS };

/* Length of the part of a name that several cases of one patient share, or 0: before the first
 * separator after a number, as in "P01-V1-S2"; or before the last separator; or before a letter L
 * or R that follows a number; or letters before a number. */
static int groups_leading(const char *id, enum lead how)
{
    const int length = (int)strlen(id);
    int end = length - 1;
    if (how == LEAD_EYE)
        return length > 2 && (id[end] == 'L' || id[end] == 'R') && text_is_digit(id[end - 1]) ? end
                                                                                              : 0;
    while (end > 0 && !strchr("_-. ", id[end])) end--;
    if (how == LEAD_FIRST) {
        const int number = (int)strcspn(id, "0123456789"),
                  first = number + (int)strcspn(id + number, "_-. ");
        if (first >= end) return 0;
        end = first;
    }
    bool digit = false;
    for (int i = 0; i < end; i++) digit |= text_is_digit(id[i]);
    if (how == LEAD_LETTERS)
        return end > 0 && !digit && !id[end + 1 + (int)strspn(id + end + 1, "0123456789")] &&
                !words_is_split((struct span){id, end})
            ? end
            : 0;
    /* a year is no patient */
    const bool year = end == 4 && (strncmp(id, "19", 2) == 0 || strncmp(id, "20", 2) == 0);
    return digit && !year ? end : 0;
}

static bool are_groups(const struct dataset *d, int groups, int shared, int largest)
{
    return groups >= NAMED_LEAST && 2 * shared >= d->count && 2 * largest <= d->count;
}

/* Cases of a group are neighbours. */
static bool groups_are_named(const struct dataset *d, enum lead how)
{
    int groups = 0, shared = 0, largest = 0;
    for (int i = 0, end; i < d->count; i = end) {
        const int length = groups_leading(d->cases[i].id, how);
        for (end = i + 1; end < d->count && length &&
             groups_leading(d->cases[end].id, how) == length &&
             strncmp(d->cases[i].id, d->cases[end].id, (size_t)length) == 0;)
            end++;
        groups++;
        shared += end - i > 1 ? end - i : 0;
        if (end - i > largest) largest = end - i;
    }
    return are_groups(d, groups, shared, largest);
}

/* A setting whose {id} gets a group before the separator; NULL: it has not one {id}. */
static char *setting_with_group(const char *name, const char *pattern, char separator)
{
    const char *id = strstr(pattern, "{id}");
    if (!id || strpbrk(pattern, ";|'") || strstr(id + 1, "{id}")) return NULL;
    return mem_text("`%s` '%.*s{group}%c%s'", name, (int)(id - pattern), pattern, separator, id);
}

/* One word before a number may be a patient, or a class; a folder is none. */
static void ask_for_groups(const struct dataset *d, struct host *host)
{
    if (!groups_are_named(d, LEAD_LETTERS)) return;
    for (int i = 0; i < d->count; i++) {
        const char *name = d->cases[i].id;
        const int word = groups_leading(name, LEAD_LETTERS);
        if (!word || (int)strcspn(name, "_-. ") != word ||
            !strstr(file_base(d->cases[i].image[0]), name))
            return;
    }
    const char *id = d->cases[0].id;
    const int length = groups_leading(id, LEAD_LETTERS);
    const struct dataset_reading *r = d->reading;
    char *images = r ? setting_with_group("images", r->images, id[length]) : NULL,
         *labels = images ? setting_with_group("labels", r->labels, id[length]) : NULL;
    host_warn(host, WARN_GROUPS_UNKNOWN,
        "%s: if \"%.*s\" in names such as %.100s is a patient, keep the images of each patient "
        "together: %s%s%s%s",
        d->root, length, id, id, labels ? "give " : "list them in a groups.csv (docs/data.md)",
        labels ? images : "", labels ? " " : "", labels ? labels : "");
    mem_free(images);
    mem_free(labels);
}

/* "ct_001" and "mr_001" are "001": the name without the first word for a channel and a separator.
 * *key NULL: it has no such word, or no number besides. */
static att_status drop_channel(const char *id, char **key, struct err *e)
{
    *key = NULL;
    for (const char *at = id; *at && !*key;) {
        const int length = (int)strcspn(at, "_-. ");
        const char *rest = at + length + (at[length] != 0);
        if (words_of_text((struct span){at, length}).channel &&
            !(*key = mem_text("%.*s%s", (int)(at - id) - (at > id && !*rest), id, rest)))
            return err_path(e);
        at = rest;
    }
    if (!*key || strpbrk(*key, "0123456789")) return ATT_OK;
    mem_free(*key);
    *key = NULL;
    return ATT_OK;
}

static int by_key(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;
    return strcmp(*x, *y);
}

/* Several channels of a patient are cases of their own. */
static att_status group_channels(struct dataset *d, struct err *e)
{
    const char **key;
    int keys = 0, groups = 0, shared = 0, largest = 0;
    TRY(MEM_ARRAY(key, d->count + 1, "the groups", e));
    att_status status = ATT_OK;
    for (int i = 0; i < d->count && status == ATT_OK; i++) {
        status = drop_channel(d->cases[i].id, &d->cases[i].group, e);
        if (d->cases[i].group) key[keys++] = d->cases[i].group;
    }
    if (keys) qsort(key, (size_t)keys, sizeof *key, by_key);
    for (int i = 0, end; i < keys; i = end) {
        for (end = i + 1; end < keys && strcmp(key[i], key[end]) == 0;) end++;
        groups++;
        shared += end - i > 1 ? end - i : 0;
        if (end - i > largest) largest = end - i;
    }
    d->has_groups = d->name_groups =
        status == ATT_OK && keys == d->count && are_groups(d, groups, shared, largest);
    for (int i = 0; i < d->count && !d->has_groups; i++) {
        mem_free(d->cases[i].group);
        d->cases[i].group = NULL;
    }
    mem_free(key);
    return status;
}

/* The last word of a name, if it may be a patient under a visit or a side: "6M_P01"; or NULL, as
 * for a slice or a number alone. */
static const char *last_patient(const char *id)
{
    static const char *const parts[] = {
        "s", "slice", "frame", "t", "z", "v", "img", "image", "scan", "visit", "ses", "roi", NULL};
    const char *word = id + strlen(id);
    while (word > id && !strchr("_-. ", word[-1])) word--;
    const size_t letters = strcspn(word, "0123456789"), before = (size_t)(word - id);
    if (!before || !letters || !word[letters] || words_is_split((struct span){id, (int)before}) ||
        word[letters + strspn(word + letters, "0123456789")])
        return NULL;
    for (int i = 0; parts[i] && letters; i++)
        if (span_same_letters(
                (struct span){parts[i], (int)strlen(parts[i])}, (struct span){word, (int)letters}))
            return NULL;
    return word;
}

struct patient {
    const char *name;
    int index; /* of its case */
};

static int by_patient(const void *a, const void *b)
{
    const struct patient *x = a, *y = b;
    const int order = strcmp(x->name, y->name);
    return order ? order : x->index - y->index;
}

/* A setting whose last {id} below another part of the path becomes a group. */
static char *setting_with_patient(const char *name, const char *pattern)
{
    const char *id = strstr(pattern, "{id}");
    if (!id || strpbrk(pattern, ";|'") || strstr(id + 1, "{id}") || !strstr(pattern, "{part}/") ||
        strstr(pattern, "{group}"))
        return NULL;
    return mem_text("`%s` '%.*s{group}%s'", name, (int)(id - pattern), pattern, id + 4);
}

static void warn_of_patients(
    const struct dataset *d, const struct patient *a, const struct patient *b, struct host *host)
{
    const struct dataset_reading *r = d->reading;
    char *images = r ? setting_with_patient("images", r->images) : NULL,
         *labels = images ? setting_with_patient("labels", r->labels) : NULL;
    host_warn(host, WARN_GROUPS_UNKNOWN,
        "%s: if \"%.100s\" is a patient, a split may part its cases, such as %.100s and %.100s: "
        "%s%s%s%s",
        d->root, a->name, d->cases[a->index].id, d->cases[b->index].id,
        labels ? "give " : "list them in a groups.csv (docs/data.md)", labels ? images : "",
        labels ? " " : "", labels ? labels : "");
    mem_free(images);
    mem_free(labels);
}

/* Patients in folders of visits: fewer visits than patients, who have most cases together. */
static att_status ask_for_patients(struct dataset *d, struct host *host, struct err *e)
{
    struct patient *list;
    int groups = 0, shared = 0, largest = 0, first = -1, visits = 0, listed = 0;
    TRY(MEM_ARRAY(list, d->count + 1, "the groups", e));
    for (int i = 0; i < d->count; i++) {
        const char *word = last_patient(d->cases[i].id);
        const char *before = i ? d->cases[i - 1].id : "";
        const size_t length = word ? (size_t)(word - d->cases[i].id) : 0;
        if (!word) continue;
        visits += !listed || strncmp(before, d->cases[i].id, length) != 0;
        list[listed++] = (struct patient){word, i};
    }
    if (listed) qsort(list, (size_t)listed, sizeof *list, by_patient);
    for (int i = 0, end; i < listed; i = end) {
        for (end = i + 1; end < listed && strcmp(list[i].name, list[end].name) == 0;) end++;
        groups++;
        shared += end - i > 1 ? end - i : 0;
        if (end - i > 1 && first < 0) first = i;
        if (end - i > largest) largest = end - i;
    }
    if (listed == d->count && first >= 0 && visits < groups &&
        are_groups(d, groups, shared, largest))
        warn_of_patients(d, &list[first], &list[first + 1], host);
    mem_free(list);
    return ATT_OK;
}

att_status groups_by_names(struct dataset *d, struct host *host, struct err *e)
{
    if (d->has_groups || file_has(d->root, "groups.csv")) return ATT_OK;
    const bool begins = groups_are_named(d, LEAD_FIRST),
               ends = begins || groups_are_named(d, LEAD_NUMBER),
               eye = !ends && groups_are_named(d, LEAD_EYE);
    const enum lead how = eye ? LEAD_EYE : begins ? LEAD_FIRST : LEAD_NUMBER;
    d->has_groups = d->name_groups = ends || eye;
    for (int i = 0; i < d->count && d->has_groups; i++) {
        struct data_case *c = &d->cases[i];
        const int length = groups_leading(c->id, how);
        if (!(c->group = mem_text("%.*s", length ? length : (int)strlen(c->id), c->id)))
            return err_path(e);
    }
    if (!d->has_groups) TRY(group_channels(d, e));
    if (!d->has_groups) ask_for_groups(d, host);
    return d->has_groups && !ends ? ATT_OK : ask_for_patients(d, host, e);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/groups.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "dataset/names.h"
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
        return err_data(e, "%s begins with \"%.80s,%.80s\", not with the line \"image,group\"; %s",
            r->path, name, group,
            names_find(r->d, name) < 0 ? "put that line in its place" : "write that line first");
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
    while ((line = csv_line(&text, &r->line))) TRY(groups_take_line(r, line, e));
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

static att_status groups_copy(const struct row *rows, struct dataset *d, struct err *e)
{
    for (int i = 0; i < d->count; i++) {
        if (!rows[i].group || d->cases[i].group) continue;
        if (!(d->cases[i].group = mem_text("%s", rows[i].group))) return err_path(e);
    }
    return ATT_OK;
}

att_status groups_name(struct dataset *d, struct err *e)
{
    struct err ignored = {0};
    struct reader r = {.d = d, .path = file_join(d->root, "groups.csv")};
    char *text = NULL;
    if (!r.path) return err_path(e);
    att_status status = MEM_ARRAY(r.rows, d->count + 1, "the groups", e);
    if (status == ATT_OK && !d->has_groups && file_exists(r.path) &&
        file_read_text(r.path, LIMIT, &text, &ignored) == ATT_OK &&
        take_lines(&r, text, &ignored) == ATT_OK)
        status = groups_copy(r.rows, d, e);
    mem_free(text);
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

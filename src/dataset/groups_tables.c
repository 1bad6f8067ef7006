/* SPDX-License-Identifier: Apache-2.0 */
/* Many sets have a file such as metadata.csv, with the columns image_id and lesion_id. */
#include "dataset/groups_tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "dataset/layout.h"
#include "files/csv_read.h"
#include "files/file.h"
#include "format/format.h"

enum { LIMIT = 2 << 20, FIELDS = 64 };

struct listing {
    struct dataset *d;
    const char *path;
    char *text, **cell; /* cells in rows; the first has the names of columns */
    size_t room;
    int rows, columns;
    char mark;  /* between columns */
    bool plain; /* without quotes, so that awk reads it */
    int *row;   /* by case: where its name is, or 0 */
    int names;  /* the column of names */
    bool asked;
};

static char *next_cell(char **line, char mark)
{
    if (mark == ',') return csv_field(line);
    char *cell = *line, *end = strchr(cell, mark);
    if (end) *end++ = 0;
    *line = end;
    return cell;
}

/* Leaves no rows if it is no table. */
static att_status tables_read(struct listing *t, struct err *e)
{
    struct err unread = {0};
    const att_status status = file_read_text(t->path, LIMIT, &t->text, &unread);
    if (status == ATT_MEMORY) return err_pass(e, status, &unread);
    if (status != ATT_OK) return ATT_OK;
    char *rest = text_skip_mark(t->text), *line;
    const bool quotes = strpbrk(rest, "\"\r"), commas = strchr(rest, ',');
    while ((line = csv_line(&rest, NULL))) {
        int count = 0;
        if (!*line) continue;
        const char *const other = t->rows ? NULL : csv_other_separator(line);
        if (!t->rows) t->mark = !other ? ',' : *other == 's' ? ';' : '\t';
        const size_t before = (size_t)t->rows * (size_t)t->columns;
        for (; line && count < FIELDS; count++) {
            TRY(MEM_REACH(t->cell, &t->room, before + (size_t)count + 1, "a table", e));
            if (!(t->cell[before + (size_t)count] = next_cell(&line, t->mark))) break;
        }
        if (!t->rows) t->columns = count;
        if (line || count != t->columns) {
            t->rows = 0;
            return ATT_OK;
        }
        t->rows++;
    }
    t->plain = !quotes && (t->mark == ',' || !commas);
    return ATT_OK;
}

static const char *cell_at(const struct listing *t, int row, int column)
{
    return t->cell[(size_t)row * (size_t)t->columns + (size_t)column];
}

/* The case of a name, perhaps with folders and an ending; or -1. */
static int find_case(const struct dataset *d, const char *name)
{
    char stem[256];
    size_t ending = 0;
    const int own = dataset_find(d, name);
    if (own >= 0) return own;
    const char *base = file_base(name);
    if (!format_by_name(base, &ending)) ending = 0;
    snprintf(stem, sizeof stem, "%.*s", (int)(strlen(base) - ending), base);
    return dataset_find(d, stem);
}

/* The number of cases in a column. */
static int tables_find_rows(struct listing *t, int column)
{
    int found = 0;
    memset(t->row, 0, (size_t)t->d->count * sizeof *t->row);
    for (int r = 1; r < t->rows; r++) {
        const int at = find_case(t->d, cell_at(t, r, column));
        if (at < 0 || t->row[at]) continue;
        t->row[at] = r;
        found++;
    }
    return found;
}

/* Of a case in a group. */
struct listed {
    const char *group;
    int at;
};

static int tables_by_group(const void *a, const void *b)
{
    const struct listed *x = a, *y = b;
    const int order = strcmp(x->group, y->group);
    return order ? order : x->at - y->at;
}

/* The cases by their texts in a column, those of one text together; how many have one. */
static int list_groups(const struct listing *t, int column, struct listed *list)
{
    int count = 0;
    for (int i = 0; i < t->d->count; i++) {
        const char *group = t->row[i] ? cell_at(t, t->row[i], column) : "";
        if (*group) list[count++] = (struct listed){group, i};
    }
    if (count) qsort(list, (size_t)count, sizeof *list, tables_by_group);
    return count;
}

/* `whole`: each row but the first is a case with a group, as in groups.csv. */
static void tables_warn(struct listing *t, int column, bool whole, const struct listed *same,
    const char *to, struct host *host)
{
    const char mark[] = {t->mark, 0}, *names = cell_at(t, 0, t->names);
    const struct data_case *a = &t->d->cases[same[-1].at], *b = &t->d->cases[same->at];
    char command[2 * TEXT_QUOTED + 200];
    snprintf(command, sizeof command, ", write the columns %.60s and %.60s into a groups.csv",
        names, cell_at(t, 0, column));
    if (whole && t->plain)
        snprintf(command, sizeof command,
            ": awk -F'%s' 'NR == 1 { print \"image,group\" } NR > 1 { print $%d \",\" $%d }' %s "
            ">%s",
            *mark == '\t' ? "\\t" : mark, t->names + 1, column + 1, TEXT_PATH(t->path),
            TEXT_PATH(to));
    host_warn(host, WARN_GROUPS_UNKNOWN,
        "%s: if the column %.60s names patients, cases of \"%.60s\" may be in both training and "
        "validation, such as %.100s and %.100s; to keep them together%s",
        t->path, cell_at(t, 0, column), same->group, a->id, b->id, command);
    t->d->groups_asked = t->asked = true;
}

/* Warns if some cases share a text of this column, but not all. */
static att_status ask_column(
    struct listing *t, int found, int column, struct host *host, struct err *e)
{
    struct listed *list;
    TRY(MEM_ARRAY(list, t->d->count + 1, "the groups", e));
    const int count = list_groups(t, column, list);
    int again = 0, groups = count > 0;
    for (int i = 1; i < count; i++) {
        const bool same = strcmp(list[i].group, list[i - 1].group) == 0;
        groups += !same;
        if (same && !again) again = i;
    }
    char *to = file_join(t->d->root, "groups.csv");
    const bool whole = count == found && found == t->rows - 1;
    if (to && again && groups > 1) tables_warn(t, column, whole, &list[again], to, host);
    const att_status status = to ? ATT_OK : err_path(e);
    mem_free(to);
    mem_free(list);
    return status;
}

static att_status ask_listing(struct listing *t, struct host *host, struct err *e)
{
    int found = 0;
    TRY(tables_read(t, e));
    if (t->rows < 2) return ATT_OK;
    TRY(MEM_ARRAY(t->row, t->d->count + 1, "the groups", e));
    for (int k = 0; k < t->columns; k++) {
        const int own = tables_find_rows(t, k);
        if (own > found) t->names = k;
        if (own > found) found = own;
    }
    if (2 * found < t->d->count) return ATT_OK;
    tables_find_rows(t, t->names);
    for (int k = 0; k < t->columns && !t->asked; k++)
        if (k != t->names && layout_csv_names_people(cell_at(t, 0, k), true))
            TRY(ask_column(t, found, k, host, e));
    return ATT_OK;
}

att_status tables_ask(struct dataset *d, struct host *host, struct err *e)
{
    struct file_list names;
    if (!file_is_folder(d->path)) return ATT_OK; /* a list */
    TRY(file_list(d->root, &names, e));
    att_status status = ATT_OK;
    bool asked = false;
    for (int i = 0; i < names.count && !asked && status == ATT_OK; i++) {
        char *path;
        if (text_equals(names.names[i], "dataset.csv")) continue;
        if (!file_ends(names.names[i], ".csv") && !file_ends(names.names[i], ".tsv")) continue;
        if (!(path = file_join(d->root, names.names[i]))) {
            status = err_path(e);
            break;
        }
        struct listing t = {.d = d, .path = path};
        if (!file_is_folder(path)) status = ask_listing(&t, host, e);
        asked = t.asked;
        mem_free(t.text);
        mem_free(t.cell);
        mem_free(t.row);
        mem_free(path);
    }
    file_list_free(&names);
    return status;
}

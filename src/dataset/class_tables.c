/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/class_tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ints.h"
#include "base/mem.h"
#include "base/text.h"
#include "files/csv_read.h"
#include "files/file.h"
#include "format/joined.h"
#include "format/raster.h"

enum { LIMIT = 1 << 20, FIELDS = 16, ASKED = 40, NO_VALUE = -1 };

struct table_class {
    int value; /* or NO_VALUE */
    bool shown;
    unsigned char rgb[3]; /* if shown */
    char name[LABELLING_NAME];
};

struct class_tables {
    struct table_class *list;
    int count;
    char path[PATH_MAX]; /* of the last file with classes */
    char **folder;       /* that were looked into */
    int folders;
    char wrong[1000]; /* a sentence, or "" */
};

/* A whole number from 0 to `most`. */
static bool read_number(const char *text, long most, long *n)
{
    char *end;
    *n = strtol(text, &end, 10);
    return text_is_digit(*text) && !*end && *n <= most;
}

static bool same_key(const struct table_class *a, const struct table_class *b)
{
    return a->value == b->value && a->shown == b->shown && memcmp(a->rgb, b->rgb, 3) == 0;
}

static att_status tables_add(
    struct class_tables *t, const struct table_class *x, const char *path, struct err *e)
{
    for (int i = 0; i < t->count; i++) {
        if (!same_key(&t->list[i], x)) continue;
        if (!text_equals(t->list[i].name, x->name) && !*t->wrong)
            snprintf(t->wrong, sizeof t->wrong,
                "%.400s names a class \"%.60s\" that %.400s names \"%.60s\"; correct one of them",
                path, x->name, t->path, t->list[i].name);
        return ATT_OK;
    }
    TRY(MEM_ROOM(t->list, t->count, "the names of classes", e));
    t->list[t->count++] = *x;
    snprintf(t->path, sizeof t->path, "%s", path);
    return ATT_OK;
}

static void say_line(struct class_tables *t, const char *path, int line, const char *as)
{
    if (!*t->wrong)
        snprintf(t->wrong, sizeof t->wrong,
            "%.700s, line %d, is no class with its colour or value; write it as in %s", path, line,
            as);
}

/* "name:r,g,b:parts:actions", of which colours may be missing; other files have this name, too. */
static att_status read_labelmap(struct class_tables *t, char *text, const char *path, struct err *e)
{
    bool is = false;
    int number = 0, wrong = 0;
    for (char *line; (line = csv_line(&text, NULL));) {
        struct table_class x = {.value = NO_VALUE, .shown = true};
        int used = 0;
        number++;
        line += strspn(line, " \t");
        if (!*line || *line == '#') continue;
        char *colour = strchr(line, ':');
        const bool parted = colour && strchr(colour + 1, ':');
        is |= parted;
        if (parted && colour[1] == ':') continue;
        if (colour) *colour++ = 0;
        const bool good = parted &&
            sscanf(colour, " %3hhu , %3hhu , %3hhu %n", &x.rgb[0], &x.rgb[1], &x.rgb[2], &used) ==
                3 &&
            colour[used] == ':';
        if (!good && !wrong) wrong = number;
        if (!good) continue;
        TRY(layout_tidy_name(line, x.name, e));
        TRY(tables_add(t, &x, path, e));
    }
    if (is && wrong) say_line(t, path, wrong, "road:128,64,128::");
    return ATT_OK;
}

enum { NAME, VALUE, RED, GREEN, BLUE, COLUMNS };

/* Which column has these titles, or -1. */
static int titled_column(char *const *title, int count, const char *const *words)
{
    for (; *words; words++)
        for (int i = 0; i < count; i++)
            if (text_equals(title[i], *words)) return i;
    return -1;
}

static int split_line(char *line, char *cell[FIELDS])
{
    int count = 0;
    while (line && count < FIELDS && (cell[count] = csv_field(&line))) count++;
    return count;
}

static att_status read_columns(struct class_tables *t, char *text, const char *path, struct err *e)
{
    static const char *const titles[COLUMNS][12] = {
        {"name", "class", "class name", "class_name", "label", "label_name"},
        {"pixel value", "pixel_value", "value", "mask value", "mask_value", "class id", "class_id",
            "label_id", "id", "index"},
        {"r", "red"}, {"g", "green"}, {"b", "blue"}};
    char *cell[FIELDS], *line = csv_line(&text, NULL);
    int at[COLUMNS];
    const int columns = line ? split_line(line, cell) : 0;
    for (int k = 0; k < COLUMNS; k++) at[k] = titled_column(cell, columns, titles[k]);
    const bool shown = at[RED] >= 0 && at[GREEN] >= 0 && at[BLUE] >= 0;
    if (at[NAME] < 0 || (!shown && at[VALUE] < 0)) return ATT_OK; /* another table */
    for (int number = 2; (line = csv_line(&text, NULL)); number++) {
        struct table_class x = {.value = NO_VALUE, .shown = shown};
        long n = 0;
        if (!line[strspn(line, " \t,")]) continue;
        bool good = split_line(line, cell) == columns && *cell[at[NAME]];
        if (good && at[VALUE] >= 0) good = read_number(cell[at[VALUE]], UINT16_MAX, &n);
        if (good && at[VALUE] >= 0) x.value = (int)n;
        for (int c = 0; c < 3 && good && shown; c++) {
            good = read_number(cell[at[RED + c]], UINT8_MAX, &n);
            x.rgb[c] = (unsigned char)n;
        }
        if (!good) {
            say_line(t, path, number, shown ? "the columns name,r,g,b" : "Pixel Value, Class");
            continue;
        }
        TRY(layout_tidy_name(cell[at[NAME]], x.name, e));
        TRY(tables_add(t, &x, path, e));
    }
    return ATT_OK;
}

static att_status look_into(struct class_tables *t, const char *folder, struct err *e)
{
    static const char *const names[] = {"labelmap.txt", "_classes.csv", "class_dict.csv",
        "class_dict_seg.csv", "class_mapping.csv"};
    for (int i = 0; i < t->folders; i++)
        if (strcmp(t->folder[i], folder) == 0) return ATT_OK;
    TRY(MEM_ROOM(t->folder, t->folders, "the folders of labels", e));
    if (!(t->folder[t->folders] = mem_text("%s", folder))) return err_path(e);
    t->folders++;
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        char *text = NULL;
        struct err unread = {0};
        if (!file_has(folder, names[k])) continue;
        char *path = file_join(folder, names[k]);
        if (!path) return err_path(e);
        att_status status = file_read_text(path, LIMIT, &text, &unread);
        if (status == ATT_OK)
            status = k ? read_columns(t, text_skip_mark(text), path, e)
                       : read_labelmap(t, text_skip_mark(text), path, e);
        else if (status == ATT_DATA) /* too large */
            status = ATT_OK;
        else
            err_pass(e, status, &unread);
        mem_free(text);
        mem_free(path);
        TRY(status);
    }
    return ATT_OK;
}

/* The folders of some labels, and those above, up to that of the data set. */
static att_status look_above(struct class_tables *t, const struct dataset *d, struct err *e)
{
    const size_t root = strlen(d->root);
    TRY(look_into(t, d->root, e));
    for (int i = 0, step = divide_up(d->count, ASKED); i < d->count; i += step) {
        char path[PATH_MAX], *end;
        const struct data_case *c = &d->cases[i];
        if (!c->label || c->memory || !joined_part(c->label, 0, path)) continue;
        if (!text_begins(path, d->root)) continue;
        while ((end = strrchr(path, '/')) && end > path + root) {
            *end = 0;
            TRY(look_into(t, path, e));
        }
    }
    return ATT_OK;
}

/* The name of a value, unless several have it; or NULL. */
static const char *tables_name(
    const struct class_tables *t, unsigned value, bool coloured, const unsigned char *shade)
{
    const char *name = NULL;
    int count = 0;
    for (int i = 0; i < t->count; i++) {
        const struct table_class *x = &t->list[i];
        const bool same = x->shown && (coloured || !shade || x->value < 0)
            ? (shade && !coloured ? memcmp(shade, x->rgb, 3) == 0
                                  : raster_colour_code(x->rgb) == value)
            : !coloured && x->value == (int)value;
        if (same && !name) name = x->name;
    }
    for (int i = 0; i < t->count && name; i++) count += text_equals(t->list[i].name, name);
    return count == 1 && !text_equals(name, "background") && !text_equals(name, "ignore") ? name
                                                                                          : NULL;
}

static void name_classes(const struct class_tables *t, struct labelling *l, const struct looks *k,
    bool coloured, bool *all)
{
    for (int i = 1; i < l->count; i++) {
        const unsigned value = l->value[i];
        const bool shown = value < 256 && k->by[value];
        const char *name = tables_name(t, value, coloured, shown ? k->shade[value] : NULL);
        if (name) snprintf(l->name[i], LABELLING_NAME, "%s", name);
        *all &= name != NULL;
    }
}

att_status class_tables_use(struct dataset *d, const struct looks *l, bool coloured, bool *all,
    struct host *host, struct err *e)
{
    struct class_tables t = {.count = 0};
    *all = false;
    att_status status = look_above(&t, d, e);
    if (status == ATT_OK && *t.wrong)
        status = layout_warn(
            d, PROBLEM_CLASS, host, e, "%s; attunet ignores the names of classes there", t.wrong);
    else if (status == ATT_OK && t.count && !l->other) {
        *all = true;
        name_classes(&t, &d->labels, l, coloured, all);
        host_say(host, LOG_INFO, "%s names %s", t.path, *all ? "the classes" : "some classes");
    }
    for (int i = 0; i < t.folders; i++) mem_free(t.folder[i]);
    mem_free(t.folder);
    mem_free(t.list);
    return status;
}

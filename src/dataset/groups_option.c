/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/groups_option.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "dataset/groups_units.h"
#include "dataset/layout.h"
#include "dataset/layout_found.h"
#include "dataset/reading.h"
#include "dataset/tree.h"
#include "files/file.h"
#include "format/joined.h"

enum { FORM = 300, FORMS = 16 };

/* What to write in place of a variable. */
struct form {
    char variable[READING_NAME + 2], text[FORM];
};
struct forms {
    struct form list[FORMS];
    int count;
};

/* ---- patterns */

/* A setting with this text in place of a variable, in every pattern; NULL: it has none. */
static char *replace_variable(const char *pattern, const char *variable, const char *text)
{
    char *out = NULL;
    const char *at = pattern, *next;
    for (; (next = strstr(at, variable)); at = next + strlen(variable))
        if (!mem_append(&out, "%.*s%s", (int)(next - at), at, text)) return NULL;
    if (out) mem_append(&out, "%s", at);
    return out;
}

/* The same; `bare`: and, as another part, {group} alone: some names have no more. */
static char *put_form(const char *pattern, const struct form *f, bool bare)
{
    char *first = replace_variable(pattern, f->variable, f->text),
         *second = bare ? replace_variable(pattern, f->variable, "{group}") : NULL;
    char *both = first && second ? mem_text("%s|%s", first, second) : NULL;
    mem_free(second);
    if (!bare) return first;
    mem_free(first);
    return both;
}

/* The group that a reading gives a file below the root; no text: none. */
static struct span group_of(const struct reading *r, const char *path, bool label)
{
    struct fit f = {.part = 0};
    const struct tree_file file = tree_file_of(path);
    if (!reading_fits(r, &file, &f) || f.label != label) return (struct span){NULL, 0};
    return f.got[VAR_GROUP];
}

/* Whether a reading joins the cases of each key, and no others; `group` has room for all keys. */
static bool reading_gives(
    const struct reading *r, const struct dataset *d, const struct keyed *list, struct span *group)
{
    const size_t root = strlen(d->root) + 1;
    int keys = 0;
    if (!(r->part[0].shared >> VAR_GROUP & 1)) return false;
    for (int i = 0; i < d->count; i++) {
        const struct data_case *c = &d->cases[list[i].index];
        char label[PATH_MAX];
        const bool more = i && units_compare(list[i].key, list[i - 1].key) == 0;
        const struct span now = group_of(r, c->image[0] + root, false);
        if (!now.text || (more && span_order(now, group[keys - 1]))) return false;
        if (!more) group[keys++] = now;
        if (c->label && joined_part(c->label, 0, label) &&
            span_order(now, group_of(r, label + root, true)))
            return false;
    }
    qsort(group, (size_t)keys, sizeof *group, spans_order);
    for (int i = 1; i < keys; i++)
        if (!span_order(group[i], group[i - 1])) return false;
    return true;
}

/* The same for settings. */
static bool gives_groups(
    const struct dataset *d, const char *images, const char *labels, const struct keyed *list)
{
    struct reading r;
    struct err unused = {0};
    if (!images || !labels || reading_parse(images, labels, &r, &unused) != ATT_OK) return false;
    struct span *group = mem_array((size_t)d->count + 1, sizeof *group);
    const bool good = group && reading_gives(&r, d, list, group);
    mem_free(group);
    reading_clear(&r);
    return good;
}

/* ---- forms of a name */

/* Length of what a key has up to its last separator; 0: it has none. */
static int length_of_head(const char *key)
{
    int length = (int)strlen(key);
    while (length > 0 && !units_is_separator(key[length - 1])) length--;
    return length;
}

static int separators_at(const char *text)
{
    int length = 0;
    while (text[length] && units_is_separator(text[length])) length++;
    return length;
}

static void add_form(struct forms *f, const char *variable, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void add_form(struct forms *f, const char *variable, const char *format, ...)
{
    va_list list;
    if (f->count == FORMS) return;
    struct form *next = &f->list[f->count];
    snprintf(next->variable, sizeof next->variable, "%s", variable);
    va_start(list, format);
    const int length = vsnprintf(next->text, FORM, format, list);
    va_end(list);
    f->count += length < FORM;
}

/* "P{group}S{id}" for P01S02 and the key P01, or "{group#}{id}" for 01B1 and 02C1, or
 * "{group}{id#}" for A001 and the key A. */
static void add_joined(struct forms *f, const char *rest, const char *key)
{
    static const char digits[] = "0123456789";
    const int letters = (int)strcspn(key, digits), more = (int)strcspn(rest, digits);
    if (rest[more] && !rest[more + (int)strspn(rest + more, digits)])
        add_form(f, "{id}", "%.*s{group}%.*s{id}", letters, key, more, rest);
    if (!more)
        add_form(f, "{id}", "{group}{id#}");
    else if (!key[letters + (int)strspn(key + letters, digits)])
        add_form(f, "{id}", "%.*s{group#}{id}", letters, key);
}

/* "scan_{part}_{id}" for what stands before a group: up to `literal` bytes as they are, the last
 * word as `last`, and others as variables. */
static void put_head(char to[FORM], const char *name, int length, int literal, const char *last)
{
    int count = 0;
    snprintf(to, FORM, "%.*s", literal, name);
    for (int at = literal, end; at < length; at = end) {
        for (end = at; end < length && !units_is_separator(name[end]);) end++;
        const int word = end;
        while (end < length && units_is_separator(name[end])) end++;
        if (word == length)
            text_append(to, FORM, "%s", last);
        else
            text_append(to, FORM, "{part%d}%.*s", ++count, end - word, name + word);
    }
}

/* The ways in which a name may hold its group. */
static void add_forms(struct forms *f, const char *name, const char *key)
{
    for (const char *at = name; (at = strstr(at, key)); at++) {
        const char *rest = at + strlen(key);
        if (at > name && !*rest && !units_is_separator(at[-1])) /* 10A003 and the key A003 */
            add_form(f, "{id}", "{id}{group:%d}", (int)strlen(key));
        const int after = separators_at(rest);
        int before = 0, closing = 0; /* as after (1) */
        while (at - before > name && units_is_separator(at[-before - 1])) before++;
        const bool first = at == name, last = !rest[after];
        if (!first && !before && !*rest && text_is_digit(*at) && !text_is_digit(at[-1]))
            add_form(f, "{id}", "{id}{group#}"); /* A001 and the key 001 */
        if (!first && (!before || at - before == name)) continue;
        if (*rest && !after) {
            if (first) add_joined(f, rest, key);
            add_form(f, "{id}", "%.*s{group:%d}{id}", (int)(at - name), name, (int)strlen(key));
            continue;
        }
        const int whole = (int)strlen(rest);
        while (after + closing < whole && units_is_separator(rest[whole - 1 - closing])) closing++;
        const char *end = last ? "" : rest + whole - closing, *id = last ? "" : "{id}";
        const char *begin = first ? "" : last ? "{id}" : "{image}";
        const int head = (int)(at - name) - before;
        int word = head; /* of the head, the last one */
        while (word > 0 && !units_is_separator(name[word - 1])) word--;
        add_form(
            f, "{id}", "%s%.*s{group}%.*s%s%s", begin, before, at - before, after, rest, id, end);
        if (last && !first && text_is_digit(*key)) /* as 1 in a_1_1 */
            add_form(f, "{id}", "{id}%.*s{group#}", before, at - before);
        for (int literal = word; literal >= 0 && word > 0; literal -= word) {
            char more[FORM];
            put_head(more, name, head, literal, begin);
            add_form(f, "{id}", "%s%.*s{group}%.*s%s%s", more, before, at - before, after, rest, id,
                end);
        }
        const int literal = length_of_head(key); /* as in clip_1, for the first _ ends a variable */
        if (literal)
            add_form(f, "{id}", "%s%.*s%.*s{group}%.*s%s%s", begin, before, at - before, literal,
                key, after, rest, id, end);
    }
}

/* The settings that read the data set now; *images NULL: none are known. */
static att_status settings_now(const struct dataset *d, char **images, char **labels)
{
    *images = *labels = NULL;
    if (d->reading) {
        *images = mem_text("%s", d->reading->images);
        *labels = mem_text("%s", d->reading->labels);
        return *images && *labels ? ATT_OK : ATT_MEMORY;
    }
    const struct data_case *c = &d->cases[0];
    const size_t root = strlen(d->root) + 1, id = strlen(c->id);
    char label[PATH_MAX];
    if (d->listed) return ATT_OK; /* patterns would find others, too, but none outside the root */
    if (layout_count_joined(d)) return ATT_OK; /* they would lose a second mask */
    if (c->nimages != 1 || !c->label || !joined_part(c->label, 0, label)) return ATT_OK;
    const char *paths[] = {c->image[0], label};
    char **text[] = {images, labels};
    for (int k = 0; k < 2; k++) {
        const char *name = file_base(paths[k]);
        const int folder = (int)(name - paths[k]) - (int)root;
        if (folder < 0 || !text_begins(name, c->id)) break;
        const int more = (int)strlen(name + id) - tree_ending(name);
        *text[k] =
            mem_text("%.*s{id}%.*s", folder, paths[k] + root, more > 0 ? more : 0, name + id);
        if (!*text[k]) return ATT_MEMORY;
    }
    return ATT_OK;
}

/* A name with most words: others may have fewer. */
static int longest_name(const struct dataset *d, const struct keyed *list)
{
    int best = 0, most = -1;
    for (int i = 0; i < d->count; i++) {
        const int more = (int)strlen(d->cases[list[i].index].id) - (int)strlen(list[i].key);
        if (more > most) best = i;
        most = more > most ? more : most;
    }
    return best;
}

/* Forms of the variables that one image has now. */
static att_status forms_of(const struct dataset *d, const struct keyed *one, const char *images,
    const char *labels, struct forms *f)
{
    struct reading r;
    struct err unused = {0};
    struct fit fit = {.part = 0};
    const struct tree_file file = tree_file_of(d->cases[one->index].image[0] + strlen(d->root) + 1);
    f->count = 0;
    if (reading_parse(images, labels, &r, &unused) != ATT_OK) return unused.status;
    const bool fits = reading_fits(&r, &file, &fit);
    att_status status = ATT_OK;
    for (int v = 0; fits && v < r.names && status == ATT_OK; v++) {
        const struct span got = fit.got[v];
        if (!got.text || v == VAR_CHANNEL || v == VAR_CLASS || v == VAR_GROUP) continue;
        char *text = mem_text("%.*s", got.length, got.text), variable[READING_NAME + 2];
        snprintf(variable, sizeof variable, "{%s}", r.name[v]);
        if (!text)
            status = ATT_MEMORY;
        else if (v == VAR_ID)
            add_forms(f, text, one->key);
        else if (strcmp(text, one->key) == 0)
            add_form(f, variable, "{group}");
        mem_free(text);
    }
    reading_clear(&r);
    return status;
}

char *groups_option_apart(const struct dataset *d)
{
    char *images = replace_variable(d->reading->images, "{group}", "{kind}"),
         *labels = replace_variable(d->reading->labels, "{group}", "{kind}"),
         *option =
             images && labels ? mem_text("give `images` '%s' `labels` '%s'", images, labels) : NULL;
    mem_free(images);
    mem_free(labels);
    return option;
}

char *groups_option(const struct dataset *d, const struct keyed *list)
{
    if (d->layout && strcmp(d->layout, layout_csv.name) == 0)
        return mem_text("give the list a column \"group\" (docs/data.md)");
    char *now_images, *now_labels, *option = NULL;
    struct forms *f = mem_array(1, sizeof *f);
    att_status status = f ? settings_now(d, &now_images, &now_labels) : ATT_MEMORY;
    if (!f) return NULL;
    f->count = 0;
    if (status == ATT_OK && now_images && now_labels)
        status = forms_of(d, &list[longest_name(d, list)], now_images, now_labels, f);
    for (int k = 0; k < 2 * f->count && !option; k++) {
        const struct form *form = &f->list[k % f->count];
        char *images = put_form(now_images, form, k >= f->count),
             *labels = put_form(now_labels, form, k >= f->count);
        if (gives_groups(d, images, labels, list) && !strchr(images, '\'') && !strchr(labels, '\''))
            option = mem_text("give `images` '%s' `labels` '%s'", images, labels);
        mem_free(images);
        mem_free(labels);
    }
    mem_free(now_images);
    mem_free(now_labels);
    mem_free(f);
    if (option || status == ATT_MEMORY) return option;
    return mem_text("list them in a groups.csv (docs/data.md)");
}

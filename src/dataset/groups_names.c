/* SPDX-License-Identifier: Apache-2.0 */
/* Groups of cases by their names: what is left of a name without words for visits, sides, channels
 * and slices, or what stands before the last of its parts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "dataset/groups.h"
#include "dataset/layout_found.h"
#include "dataset/pairing_words.h"
#include "dataset/reading.h"
#include "dataset/tree.h"
#include "files/file.h"

enum { NAMED_LEAST = 5, UNITS = 32 };

static const char separators[] = "_-. ";

/* ---- words of a name */

/* A word with its number, or a date: "P01", "Pat-001", "2020-01-15". */
struct unit {
    enum word_kind kind;
    struct span text;
    bool named; /* letters and a number */
};

static struct span next_span(const char *at)
{
    return (struct span){at, (int)strcspn(at, separators)};
}

static bool is_digits(struct span s)
{
    return s.length > 0 && (int)strspn(s.text, "0123456789") == s.length;
}

/* "month_6" before a patient; the number after "pre" or "6m" is the patient. */
static bool takes_number(struct span visit, struct span number)
{
    const char *after = number.text + number.length;
    const struct span next = next_span(after + (*after != 0));
    return words_is_counted(visit) && next.length > 0 &&
        (!is_digits(next) || next.text[next.length]);
}

/* The word at `at` and the numbers that belong to it. */
static struct unit next_unit(const char *at)
{
    struct unit u = {.text = next_span(at)};
    u.kind = words_kind(u.text);
    u.named = u.text.length > 0 && text_is_digit(u.text.text[u.text.length - 1]) &&
        !strchr("0123456789(", *at);
    const bool year = words_is_year(u.text);
    for (int n = 0; n < (year ? 2 : !u.named && u.kind != WORD_OTHER); n++) {
        const char *end = u.text.text + u.text.length;
        const struct span number = next_span(end + (*end != 0));
        const bool takes = year    ? number.length == 2
            : u.kind == WORD_VISIT ? takes_number(u.text, number)
                                   : u.kind == WORD_PATIENT || u.kind >= WORD_SESSION;
        if (!takes || !is_digits(number)) break;
        u.text.length += 1 + number.length;
        u.named = true;
    }
    if (u.kind == WORD_PATIENT && !u.named) u.kind = WORD_OTHER;
    return u;
}

static int split_units(const char *id, struct unit unit[UNITS])
{
    int count = 0;
    for (const char *at = id; *at && count < UNITS; at += *at != 0) {
        unit[count] = next_unit(at);
        at += unit[count].text.length;
        count += unit[count].text.length > 0;
    }
    return count;
}

/* ---- what a patient's cases share */

struct names {
    const struct dataset *d;
    bool everywhere[WORD_SLICE + 1]; /* all names have a word of this kind */
    bool splits;                     /* leave out train and test, too */
};

/* A name without the words that several cases of one patient differ in. Words that may be a day or
 * a video go only beside a patient. */
static char *rest_of(const struct names *n, const char *id)
{
    struct unit unit[UNITS];
    const int count = split_units(id, unit);
    bool patient = false, named = false, digit = false, spoken = false;
    char *rest = mem_text("%s", "");
    int numbers = 0;
    for (int i = 0; i < count; i++) {
        numbers += unit[i].kind == WORD_NUMBER;
        patient |= unit[i].kind == WORD_PATIENT;
        named |= unit[i].kind == WORD_PATIENT || (unit[i].kind == WORD_OTHER && unit[i].named);
    }
    for (int i = 0; i < count && rest; i++) {
        const enum word_kind kind = unit[i].kind;
        const bool drop = kind == WORD_SESSION
            ? (named || (i == 0 && numbers > 1)) && n->everywhere[kind]
            : kind == WORD_SLICE ? patient && n->everywhere[kind]
            : kind == WORD_SPLIT ? n->splits
                                 : kind >= WORD_SIDE && n->everywhere[kind];
        spoken |= kind == WORD_SIDE || kind == WORD_VISIT;
        if (drop) continue;
        const struct span s = unit[i].text;
        char *longer =
            mem_text("%s%.*s%.*s", rest, *rest != 0, s.text - (s.text > id), s.length, s.text);
        mem_free(rest);
        rest = longer;
        digit |= strcspn(s.text, "0123456789") < (size_t)s.length;
    }
    if (!rest || (*rest && (digit || spoken))) return rest;
    mem_free(rest);
    return mem_text("%s", id);
}

enum lead { LEAD_FIRST, LEAD_NUMBER, LEAD_EYE, LEAD_LETTERS };

/* Length of the part of a name that several cases of one patient share, or 0: before the first
 * separator after a number, as in "P01-V1-S2"; or before the last separator; or before a letter
 * that follows a number; or letters before a number. */
static int groups_leading(const char *id, enum lead how)
{
    const int length = (int)strlen(id);
    int end = length - 1;
    if (how == LEAD_EYE) end = length;
    while (how != LEAD_EYE && end > 0 && !strchr(separators, id[end])) end--;
    if (how == LEAD_FIRST) {
        const int number = (int)strcspn(id, "0123456789"),
                  first = number + (int)strcspn(id + number, separators);
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
    if (!digit || words_is_year((struct span){id, end})) return 0;
    return end > 1 && !text_is_digit(id[end - 1]) && text_is_digit(id[end - 2]) ? end - 1 : end;
}

/* ---- count */

struct keyed {
    char *key;
    int index; /* of its case */
};

struct tally {
    int groups, shared, largest;
};

static int by_key(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    const int order = strcmp(x->key, y->key);
    return order ? order : x->index - y->index;
}

static struct tally tally_keys(struct keyed *list, int count)
{
    struct tally t = {.groups = 0};
    if (count) qsort(list, (size_t)count, sizeof *list, by_key);
    for (int i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && strcmp(list[i].key, list[end].key) == 0;) end++;
        t.groups++;
        t.shared += end - i > 1 ? end - i : 0;
        if (end - i > t.largest) t.largest = end - i;
    }
    return t;
}

static bool are_groups(const struct tally *t, int cases)
{
    return t->groups >= NAMED_LEAST && 2 * t->shared >= cases && 2 * t->largest <= cases;
}

static void forget_keys(struct keyed *list, int count)
{
    for (int i = 0; i < count; i++) {
        mem_free(list[i].key);
        list[i].key = NULL;
    }
}

/* The rests of all names; train and test stay where numbers begin anew in each. */
static att_status list_rests(struct names *n, struct keyed *list, struct err *e)
{
    const int count = n->d->count;
    for (n->splits = true;; n->splits = false) {
        for (int i = 0; i < count; i++) {
            list[i] = (struct keyed){rest_of(n, n->d->cases[i].id), i};
            if (!list[i].key) return err_path(e);
        }
        if (!n->splits || !tally_keys(list, count).shared) return ATT_OK;
        forget_keys(list, count);
    }
}

/* What stands before the last parts of the rests. */
static att_status list_leading(
    const struct keyed *rest, int count, enum lead how, struct keyed *list, struct err *e)
{
    forget_keys(list, count);
    for (int i = 0; i < count; i++) {
        const int length = groups_leading(rest[i].key, how);
        list[i].index = rest[i].index;
        list[i].key = length ? mem_text("%.*s", length, rest[i].key) : mem_text("%s", rest[i].key);
        if (!list[i].key) return err_path(e);
    }
    return ATT_OK;
}

/* The fewest groups that the names show. */
static att_status take_groups(
    struct dataset *d, const struct keyed *rest, struct keyed *list, struct err *e)
{
    int least = d->count + 1;
    for (enum lead how = LEAD_FIRST; how <= LEAD_EYE; how++) {
        TRY(list_leading(rest, d->count, how, list, e));
        const struct tally t = tally_keys(list, d->count);
        if (t.groups >= least || !are_groups(&t, d->count)) continue;
        least = t.groups;
        for (int i = 0; i < d->count; i++) {
            char **group = &d->cases[list[i].index].group;
            mem_free(*group);
            *group = list[i].key;
            list[i].key = NULL;
        }
        d->has_groups = d->name_groups = true;
    }
    return ATT_OK;
}

/* ---- warnings */

/* A setting with this text in place of each {id}, in every pattern; NULL: nothing to replace. */
static char *replace_id(const char *pattern, const char *text)
{
    char *out = NULL;
    const char *at = pattern, *id;
    while ((id = strstr(at, "{id}"))) {
        char *longer = mem_text("%s%.*s%s", out ? out : "", (int)(id - at), at, text);
        mem_free(out);
        if (!(out = longer)) return NULL;
        at = id + 4;
    }
    char *whole = out ? mem_text("%s%s", out, at) : NULL;
    mem_free(out);
    return whole;
}

/* Whether these settings give each case the group of its key. */
static bool gives_groups(
    const struct dataset *d, const char *images, const char *labels, const struct keyed *list)
{
    struct reading r;
    struct err unused = {0};
    const size_t root = strlen(d->root) + 1;
    if (!images || !labels || reading_parse(images, labels, &r, &unused) != ATT_OK) return false;
    bool good = r.part[0].shared >> VAR_GROUP & 1;
    for (int i = 0; i < d->count && good; i++) {
        struct fit f = {.part = 0};
        const char *path = d->cases[list[i].index].image[0] + root;
        const int length = (int)strlen(path), stem = length - tree_ending(path);
        good = reading_fits(&r, path, length, stem, &f) && !f.label && f.got[VAR_GROUP].text &&
            !span_order(f.got[VAR_GROUP], (struct span){list[i].key, (int)strlen(list[i].key)});
    }
    reading_clear(&r);
    return good;
}

/* "give `images` ... `labels` ...", which make groups of the keys; or a groups.csv. */
static char *group_option(const struct dataset *d, const struct keyed *list)
{
    static const char *const forms[] = {"{group}", "{group}_{id}", "{group}-{id}", "{group} {id}",
        "{id}_{group}", "{id}-{group}", "{id} {group}"};
    const struct dataset_reading *r = d->reading;
    char *option = NULL;
    for (size_t k = 0; r && k < sizeof forms / sizeof *forms && !option; k++) {
        char *images = replace_id(r->images, forms[k]), *labels = replace_id(r->labels, forms[k]);
        if (gives_groups(d, images, labels, list) && !strchr(images, '\'') && !strchr(labels, '\''))
            option = mem_text("give `images` '%s' `labels` '%s'", images, labels);
        mem_free(images);
        mem_free(labels);
    }
    return option ? option : mem_text("list them in a groups.csv (docs/data.md)");
}

/* Two neighbours of one key that no group joins. */
static void warn_of_patients(const struct dataset *d, const struct keyed *list, struct host *host)
{
    for (int i = 1; i < d->count; i++) {
        const struct data_case *a = &d->cases[list[i - 1].index], *b = &d->cases[list[i].index];
        if (strcmp(list[i].key, list[i - 1].key) != 0 ||
            (a->group && b->group && strcmp(a->group, b->group) == 0))
            continue;
        char *option = group_option(d, list);
        host_warn(host, WARN_GROUPS_UNKNOWN,
            "%s: if \"%.100s\" is a patient, a split may part its cases, such as %.100s and "
            "%.100s: %s",
            d->root, list[i].key, a->id, b->id, option ? option : "list them in a groups.csv");
        mem_free(option);
        return;
    }
}

/* One word before a number may be a patient, or a class; a folder is none. */
static int letters_of(const struct data_case *c)
{
    const int word = groups_leading(c->id, LEAD_LETTERS);
    return word && (int)strcspn(c->id, separators) == word && strstr(file_base(c->image[0]), c->id)
        ? word
        : 0;
}

/* The last word of a name, if it may be a patient below a visit or another part: "crop_P01", or a
 * number below a date; its length, or 0. `before`: the length of what stands before it. */
static int last_patient(const char *name, int *before)
{
    struct unit unit[UNITS];
    const int count = split_units(name, unit);
    if (count < 2) return 0;
    const bool time = words_is_time(unit->text);
    bool days = true;
    for (int i = 0; i + 1 < count; i++) days &= time || unit[i].kind == WORD_SESSION;
    const struct unit *last = &unit[count - 1];
    if (time && count == 3 && last->kind == WORD_NUMBER) last--; /* a slice */
    *before = (int)(last->text.text - name);
    if (words_is_split((struct span){name, *before})) return 0;
    const bool may = last->kind == WORD_PATIENT || (last->kind == WORD_OTHER && last->named) ||
        (last->kind == WORD_NUMBER && days);
    return may && (time || !name[*before + last->text.length]) ? last->text.length : 0;
}

static att_status ask_for_words(
    struct dataset *d, struct keyed *list, struct host *host, struct err *e)
{
    forget_keys(list, d->count);
    for (int i = 0; i < d->count; i++) {
        const int length = letters_of(&d->cases[i]);
        if (!length) return ATT_OK;
        list[i] = (struct keyed){mem_text("%.*s", length, d->cases[i].id), i};
        if (!list[i].key) return err_path(e);
    }
    const struct tally t = tally_keys(list, d->count);
    if (are_groups(&t, d->count)) warn_of_patients(d, list, host);
    return ATT_OK;
}

/* "Pat-1" or "P1" alone. */
static bool is_patient(const char *key)
{
    struct unit unit[UNITS];
    return split_units(key, unit) == 1 &&
        (unit->kind == WORD_PATIENT || (text_lower(*key) == 'p' && text_is_digit(key[1])));
}

/* Too few for folds, but one patient may have many. */
static att_status ask_for_few(const struct dataset *d, const struct keyed *rest, struct keyed *list,
    struct host *host, struct err *e)
{
    for (enum lead how = LEAD_FIRST; how < LEAD_EYE; how++) {
        TRY(list_leading(rest, d->count, how, list, e));
        const struct tally t = tally_keys(list, d->count);
        bool patients = t.groups > 1 && t.groups < NAMED_LEAST && 2 * t.shared >= d->count;
        for (int i = 0; i < d->count && patients; i++) patients = is_patient(list[i].key);
        if (!patients) continue;
        warn_of_patients(d, list, host);
        return ATT_OK;
    }
    return ATT_OK;
}

/* Fewer visits than patients, who have most cases together. */
static att_status ask_for_patients(struct dataset *d, const struct keyed *rest, struct keyed *list,
    struct host *host, struct err *e)
{
    int visits = 0, before = 0;
    const char *last = "";
    forget_keys(list, d->count);
    for (int i = 0; i < d->count; i++) { /* the rests are sorted */
        const char *name = rest[i].key;
        const int length = last_patient(name, &before);
        if (!length) return ATT_OK;
        visits += strncmp(last, name, (size_t)before) != 0;
        last = name;
        list[i] = (struct keyed){mem_text("%.*s", length, name + before), rest[i].index};
        if (!list[i].key) return err_path(e);
    }
    const struct tally t = tally_keys(list, d->count);
    if (visits < t.groups && are_groups(&t, d->count)) warn_of_patients(d, list, host);
    return ATT_OK;
}

static att_status name_groups(struct names *n, struct dataset *d, struct keyed *rest,
    struct keyed *list, struct host *host, struct err *e)
{
    for (int k = 0; k <= WORD_SLICE; k++) n->everywhere[k] = true;
    for (int i = 0; i < d->count; i++) {
        struct unit unit[UNITS];
        bool has[WORD_SLICE + 1] = {false};
        for (int k = split_units(d->cases[i].id, unit) - 1; k >= 0; k--) has[unit[k].kind] = true;
        for (int k = 0; k <= WORD_SLICE; k++) n->everywhere[k] &= has[k];
    }
    TRY(list_rests(n, rest, e));
    tally_keys(rest, d->count);
    TRY(take_groups(d, rest, list, e));
    if (!d->has_groups) TRY(ask_for_words(d, list, host, e));
    if (!d->has_groups) TRY(ask_for_few(d, rest, list, host, e));
    return ask_for_patients(d, rest, list, host, e);
}

att_status groups_by_names(struct dataset *d, struct host *host, struct err *e)
{
    struct names n = {.d = d};
    struct keyed *rest, *list;
    if (d->has_groups || file_has(d->root, "groups.csv")) return ATT_OK;
    TRY(MEM_ARRAY(rest, d->count + 1, "the groups", e));
    att_status status = MEM_ARRAY(list, d->count + 1, "the groups", e);
    if (status == ATT_OK) {
        status = name_groups(&n, d, rest, list, host, e);
        forget_keys(list, d->count);
        mem_free(list);
    }
    forget_keys(rest, d->count);
    mem_free(rest);
    return status;
}

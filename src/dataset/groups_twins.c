/* SPDX-License-Identifier: Apache-2.0 */
/* Equal names in several folders are of one thing if they lie in one folder of their own, if their
 * images are copies, if one folder is a version of the other, or if no two things would have such
 * names by chance: benign/1 and malignant/1 are counted, google/5C8A950061AA and ign/5C8A950061AA
 * are not. */
#include "dataset/groups_twins.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "dataset/companions.h"
#include "dataset/groups_units.h"
#include "dataset/layout_found.h"
#include "dataset/names_tokens.h"
#include "dataset/pairing.h"
#include "dataset/reading.h"
#include "dataset/shares.h"
#include "files/file.h"

enum { PLACES = 4, NAME_LEAST = 6 };

struct twin {
    char *place;        /* the path of its image with a mark in place of {id} */
    struct span folder; /* that of the image, if {id} is in it; else no text */
    int part;           /* of the patterns */
};

struct finding {
    const struct dataset *d;
    struct keyed *own; /* sorted */
    struct twin *twin; /* by case */
    struct tally t;
    const char *place[PLACES]; /* different ones, the shortest first */
    int places, in_first;      /* cases of the first place */
};

/* ---- places */

static att_status put_place(
    const struct reading *r, const struct fit *f, const char *path, struct twin *w, struct err *e)
{
    const struct pattern *p = &r->part[f->part].image[f->place].pattern;
    const struct span id = f->got[VAR_ID];
    const int folder = (int)(file_base(path) - path);
    w->part = f->part;
    for (int i = 0; i < p->count; i++) {
        const struct piece *x = &p->piece[i];
        const bool literal = x->var < 0 || x->var >= PATTERN_VARS;
        const struct span s = literal ? x->text : x->var == VAR_ID ? span_of("?") : f->got[x->var];
        if (!mem_append(&w->place, "%.*s", s.length, s.length ? s.text : "")) return err_path(e);
    }
    if (id.text < path + folder) w->folder = (struct span){path, folder};
    return ATT_OK;
}

/* *all: each image has an {id}. */
static att_status list_twins(struct finding *w, const struct reading *r, bool *all, struct err *e)
{
    const struct dataset *d = w->d;
    const size_t root = strlen(d->root) + 1;
    *all = true;
    for (int i = 0; i < d->count && *all; i++) {
        const char *path = d->cases[i].image[0] + root;
        const struct tree_file file = tree_file_of(path);
        struct fit f = {.part = 0};
        *all = reading_fits(r, &file, &f) && !f.label && f.got[VAR_ID].text;
        if (!*all) break;
        w->own[i] = (struct keyed){mem_text("%.*s", f.got[VAR_ID].length, f.got[VAR_ID].text), i};
        if (!w->own[i].key) return err_path(e);
        TRY(put_place(r, &f, path, &w->twin[i], e));
    }
    return ATT_OK;
}

/* The places, if they are few. */
static bool list_places(struct finding *w)
{
    for (int i = 0; i < w->d->count; i++) {
        const char *own = w->twin[i].place;
        int k = 0;
        while (k < w->places && strcmp(w->place[k], own) != 0) k++;
        if (k == PLACES) return false;
        if (k == w->places) w->place[w->places++] = own;
        if (strlen(w->place[k]) >= strlen(*w->place)) continue;
        w->place[k] = *w->place;
        *w->place = own;
    }
    for (int i = 0; i < w->d->count; i++) w->in_first += !strcmp(w->twin[i].place, *w->place);
    return w->places > 1;
}

/* What b has more than a; false: it is not a with one more text. */
static bool more_text(const char *a, const char *b, struct span *more)
{
    const int m = (int)strlen(a), n = (int)strlen(b);
    int head = 0, tail = 0;
    while (head < m && a[head] == b[head]) head++;
    while (tail < m - head && a[m - 1 - tail] == b[n - 1 - tail]) tail++;
    *more = (struct span){b + head, n - m};
    return head + tail == m && n > m;
}

/* ---- what shows that names are of one thing */

/* Twins lie in one folder of their name: OAS1/t1.nii and OAS1/t1.MNI.nii. */
static bool share_folders(const struct finding *w)
{
    int same = 0;
    for (int i = 0, end; i < w->d->count; i = end) {
        const struct twin *first = &w->twin[w->own[i].index];
        end = keyed_end(w->own, w->d->count, i);
        for (int k = i + 1; k < end; k++) {
            const struct twin *x = &w->twin[w->own[k].index];
            const bool one = x->folder.text && !span_order(x->folder, first->folder);
            same += one && x->part != first->part ? 1 + (k == i + 1) : 0;
        }
    }
    return nine_tenths(same, w->t.shared);
}

static bool twins_are_copies(const struct finding *w, int i, int k)
{
    return companions_copied(
        w->d->cases[w->own[i].index].image[0], w->d->cases[w->own[k].index].image[0]);
}

/* The images of twins are copies, in all that are asked, and those of other names are none. */
static bool share_images(const struct finding *w)
{
    enum { ASKED = 4 };
    int asked = 0, last = -1;
    for (int i = 0, end; i < w->d->count && asked < ASKED; i = end) {
        end = keyed_end(w->own, w->d->count, i);
        if (end - i < 2) continue;
        if (!twins_are_copies(w, i, i + 1) || (last >= 0 && twins_are_copies(w, last, i)))
            return false;
        asked++;
        last = i;
    }
    return asked > 1;
}

/* A separator or a capital parts it from the rest: "Ann" and "Anna" are two people. */
static bool is_word(struct span s, const char *whole)
{
    const char first = *s.text, last = s.text[s.length - 1],
               before = s.text > whole ? s.text[-1] : 0;
    const bool capital = first >= 'A' && first <= 'Z' && before >= 'a' && before <= 'z';
    return capital || first == '/' || last == '/' || units_is_separator(first) ||
        units_is_separator(last);
}

/* Places are the first one with a word more, and have its names: Images, Images_Cropped. */
static bool are_versions(const struct finding *w)
{
    for (int k = 1; k < w->places; k++) {
        struct span more;
        struct token token[TOKENS];
        if (!more_text(*w->place, w->place[k], &more)) return false;
        const int count = tokens_split(more, token);
        bool letters = false;
        for (int i = 0; i < count; i++) {
            const struct span s = {more.text + token[i].from, token[i].length};
            const enum word_kind kind = words_kind(s);
            if (kind == WORD_NUMBER || kind == WORD_PLACE || words_is_condition(s)) return false;
            letters |= token[i].word;
        }
        if (!letters || !is_word(more, w->place[k]) || words_of_text(more).split) return false;
    }
    return nine_tenths(w->in_first, w->t.groups);
}

/* ---- names that are no chance */

struct numbers {
    int count, forms; /* different names; neighbours of another form */
    int hashes;
    bool counted; /* without gaps, or at one distance */
    bool gaps;    /* a quarter is missing */
    bool things;  /* no dates, slices, visits, ... */
};

/* The number in a name that has one; -1. */
static long long only_number(const char *name)
{
    static const char digits[] = "0123456789";
    const char *at = name + strcspn(name, digits);
    const size_t length = strspn(at, digits);
    return length && length < 18 && !at[length + strcspn(at + length, digits)] ? atoll(at) : -1;
}

/* A part between separators is one, and no number. */
static bool has_hash(const char *name)
{
    for (const char *at = name, *end; *at; at = end + (*end != 0)) {
        for (end = at; *end && !units_is_separator(*end);) end++;
        const struct span part = {at, (int)(end - at)};
        if (part.length && !span_is_digits(part) && pairing_is_number(part.text, part.length))
            return true;
    }
    return false;
}

static bool is_thing(const char *name)
{
    struct unit unit[UNITS];
    for (int k = units_split(name, unit) - 1; k >= 0; k--)
        if (unit[k].kind > WORD_PATIENT) return false;
    return !units_may_be_date(name + strcspn(name, "0123456789"));
}

static int by_own_number(const void *a, const void *b)
{
    const long long x = *(const long long *)a, y = *(const long long *)b;
    return (x > y) - (x < y);
}

static att_status look_at_names(const struct finding *w, struct numbers *n, struct err *e)
{
    enum { STEPS = 3 };
    long long *number, step[STEPS];
    int steps = 0, things = 0, next = 0;
    const char *last = NULL;
    *n = (struct numbers){.count = 0};
    TRY(MEM_ARRAY(number, w->d->count + 1, "the numbers of cases", e));
    for (int i = 0; i < w->d->count; i = keyed_end(w->own, w->d->count, i)) {
        const char *name = w->own[i].key;
        n->forms += last && strlen(name) >= NAME_LEAST && name[strcspn(name, "0123456789")] &&
            !units_same_form(name, last);
        n->hashes += has_hash(name);
        things += is_thing(name);
        number[n->count++] = only_number(name);
        last = name;
    }
    qsort(number, (size_t)n->count, sizeof *number, by_own_number);
    for (int i = 1; i < n->count && steps < STEPS; i++) {
        int k = 0;
        while (k < steps && step[k] != number[i] - number[i - 1]) k++;
        if (k == steps) step[steps++] = number[i] - number[i - 1];
    }
    for (int i = 1; i < n->count; i++) next += number[i] - number[i - 1] == 1;
    const long long range = number[n->count - 1] - *number + 1;
    n->things = nine_tenths(things, n->count);
    n->counted = steps < STEPS;
    n->gaps = *number >= 0 && 4 * n->count <= 3 * range &&
        !(n->counted && 2 * next >= n->count); /* 1, 2, 3, 41, 42, 43 */
    mem_free(number);
    return ATT_OK;
}

/* The places differ in a number, which may be a patient's. */
static bool places_have_numbers(const struct finding *w)
{
    for (int k = 1; k < w->places; k++)
        if (units_same_form(w->place[k], *w->place)) return true;
    return false;
}

static att_status judge_names(const struct finding *w, enum twins *are, struct err *e)
{
    enum { MANY = 8 };
    struct numbers n;
    if (2 * w->t.shared < w->d->count || w->t.groups < GROUPS_LEAST) return ATT_OK;
    TRY(look_at_names(w, &n, e));
    if (2 * n.forms >= n.count - 1)
        *are = 2 * n.hashes >= n.count ? TWINS_SURE : TWINS_MAYBE;
    else if (n.gaps && n.things)
        *are = n.counted || n.count < MANY || places_have_numbers(w) ? TWINS_MAYBE : TWINS_SURE;
    return ATT_OK;
}

static att_status judge_twins(struct finding *w, enum twins *are, struct err *e)
{
    w->t = keyed_tally(w->own, w->d->count);
    if (!w->t.shared) return ATT_OK;
    if (share_folders(w) || share_images(w)) *are = TWINS_SURE;
    if (*are || !list_places(w)) return ATT_OK;
    if (!are_versions(w)) return judge_names(w, are, e);
    *are = TWINS_SURE;
    return ATT_OK;
}

att_status twins_find(const struct dataset *d, struct keyed *own, enum twins *are, struct err *e)
{
    struct finding w = {.d = d, .own = own};
    struct reading r;
    bool all;
    *are = TWINS_UNKNOWN;
    if (!d->reading) return ATT_OK;
    TRY(MEM_ARRAY(w.twin, d->count + 1, "the names of cases", e));
    att_status status = reading_parse(d->reading->images, d->reading->labels, &r, e);
    if (status == ATT_OK) {
        status = list_twins(&w, &r, &all, e);
        if (status == ATT_OK && all) status = judge_twins(&w, are, e);
        for (int i = 0; i < d->count; i++) mem_free(w.twin[i].place);
        reading_clear(&r);
    }
    mem_free(w.twin);
    return status;
}

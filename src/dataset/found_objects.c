/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/found_objects.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/ints.h"
#include "base/mem.h"
#include "base/text.h"
#include "dataset/found_families.h"
#include "dataset/found_options.h"
#include "dataset/numbered.h"
#include "dataset/paired.h"
#include "dataset/pairing_overlap.h"
#include "dataset/shares.h"

enum { TEXT = 1400, CASES_ASKED = 6, FILES_ASKED = 8, KEYS_MOST = 64, KEY_LEAST = 3, FEW = 5 };

/* What the numbers in names are; TWICE: of objects, but families show the same. */
enum numbers { NUMBERS_CLASSES, NUMBERS_OBJECTS, NUMBERS_UNCLEAR, NUMBERS_TWICE };

/* Labels with one number in samples of images. */
struct key {
    int family;
    struct span number;
};

struct facts {
    const struct finder *s;
    struct links *l;
    const struct families *f;
    struct key key[KEYS_MOST];
    struct spread at[KEYS_MOST], around[KEYS_MOST]; /* around: from the middle of their image */
    int keys;
    /* Labels of one image that were compared, and those on the same voxels: of one family, or of
     * two. */
    struct {
        int pairs, over;
    } own, other;
    int several;  /* images with several labels of a family */
    bool varied;  /* images have other numbers */
    bool counted; /* numbers count objects of each image */
    bool single;  /* hardly any number is there twice, or they are none */
    bool paired;  /* the portion has all labels */
};

/* ---- numbers */

static int by_number(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    const int order = x->family - y->family;
    return order ? order : span_order(x->number, y->number);
}

/* Hashes, or numbers that count all objects of the set. */
static att_status find_hashes(struct facts *x, struct err *e)
{
    const struct families *f = x->f;
    struct member *list;
    int own = 0, count = 0;
    TRY(MEM_ARRAY(list, f->members, "the labels of objects", e));
    memcpy(list, f->member, (size_t)f->members * sizeof *list);
    qsort(list, (size_t)f->members, sizeof *list, by_number);
    for (int i = 0; i < f->members; i++) {
        if (!list[i].number.length) continue; /* the first without one */
        count++;
        own += (i == 0 || by_number(&list[i - 1], &list[i])) &&
            (i + 1 == f->members || by_number(&list[i], &list[i + 1]));
    }
    mem_free(list);
    x->single = nine_tenths(own, count);
    for (int k = 0; k < f->count; k++) x->single |= !f->family[k].digits;
    return ATT_OK;
}

/* The members of an image from `from` on. */
static int image_end(const struct families *f, int from)
{
    int to = from + 1;
    while (to < f->members && f->member[to].image == f->member[from].image) to++;
    return to;
}

/* The members of an image are those of the first one. */
static bool same_numbers(const struct families *f, int from, int to)
{
    int a = 0;
    for (int i = from; i < to; i++, a++) {
        const struct member *x = &f->member[a], *y = &f->member[i];
        if (a == f->members || (i > from && x->image != x[-1].image) || x->family != y->family ||
            span_order(x->number, y->number))
            return false;
    }
    return a == f->members || f->member[a].image != f->member[a - 1].image;
}

static void compare_images(struct facts *x)
{
    const struct families *f = x->f;
    for (int i = 0, end; i < f->members; i = end) {
        end = image_end(f, i);
        x->varied |= !same_numbers(f, i, end);
        bool several = false;
        for (int k = i + 1; k < end; k++) several |= f->member[k].family == f->member[k - 1].family;
        x->several += several;
    }
}

/* From 0 or 1 on, without a gap, perhaps behind a label without a number. */
static bool count_members(const struct member *m, int count)
{
    long least = LONG_MAX, most = 0;
    for (int i = 0; i < count; i++) {
        const long number = m[i].number.length ? strtol(m[i].number.text, NULL, 10) : 1;
        least = number < least ? number : least;
        most = number > most ? number : most;
    }
    return least <= 1 && most - least < count;
}

/* In most images, of which some lose objects, alone or with other families; a family of many
 * numbers does anyway: classes are few. */
static bool count_objects(const struct families *f, int family)
{
    enum { CLASSES = 8 };
    struct span number[CLASSES];
    int numbers = 0, images = 0, counted = 0;
    for (int i = 0, to, first = 0; i < f->members; i = to) {
        const struct member *m = &f->member[i];
        if (m->image != f->member[first].image) first = i;
        for (to = i + 1; to < f->members && f->member[to].image == m->image &&
             f->member[to].family == m->family;)
            to++;
        if (m->family != family) continue;
        images++;
        counted += count_members(m, to - i) ||
            count_members(&f->member[first], image_end(f, first) - first);
        for (int k = i; k < to; k++) {
            int n = 0;
            while (n < numbers && span_order(number[n], f->member[k].number)) n++;
            if (n == CLASSES) return true;
            if (n == numbers) number[numbers++] = f->member[k].number;
        }
    }
    return numbers < 2 || 4 * counted >= 3 * images;
}

/* ---- contents */

static int find_key(struct facts *x, const struct member *m)
{
    int k = 0;
    while (
        k < x->keys && (x->key[k].family != m->family || span_order(x->key[k].number, m->number)))
        k++;
    if (k == x->keys && k < KEYS_MOST) x->key[x->keys++] = (struct key){m->family, m->number};
    return k;
}

static bool share_members(const struct facts *x, int a, int b, struct contents_shared *s)
{
    return overlap_share(x->l, x->f->member[a].file, x->f->member[b].file, s) && s->first > 0 &&
        s->second > 0;
}

static void note_pair(struct facts *x, int a, int b, const struct contents_shared *s)
{
    const bool same = x->f->member[a].family == x->f->member[b].family,
               over = s->both > .1 * fmin(s->first, s->second);
    *(same ? &x->own.pairs : &x->other.pairs) += 1;
    *(same ? &x->own.over : &x->other.over) += over;
}

/* Labels of an image with their neighbours by name, and with those of the same number in other
 * families. */
static void objects_read_one(struct facts *x, int from, int to)
{
    double at[FILES_ASKED][3], middle[3] = {0};
    bool known[FILES_ASKED] = {false};
    struct contents_shared s;
    int count = 0;
    to = min_int(to, from + FILES_ASKED);
    for (int i = from; i + 1 < to; i++) {
        const bool good = share_members(x, i, i + 1, &s);
        if (!good) continue;
        note_pair(x, i, i + 1, &s);
        memcpy(at[i - from], s.first_at, sizeof s.first_at);
        memcpy(at[i + 1 - from], s.second_at, sizeof s.second_at);
        known[i - from] = known[i + 1 - from] = true;
    }
    for (int i = from; i < to; i++)
        for (int k = from; k < i - 1; k++)
            if (x->f->member[i].family != x->f->member[k].family &&
                !span_order(x->f->member[i].number, x->f->member[k].number) &&
                share_members(x, k, i, &s))
                note_pair(x, k, i, &s);
    for (int i = 0; i < to - from; i++) count += known[i];
    for (int i = 0; i < to - from; i++)
        for (int a = 0; a < 3 && known[i]; a++) middle[a] += at[i][a] / count;
    for (int i = 0; i < to - from; i++) {
        const int k = known[i] ? find_key(x, &x->f->member[from + i]) : KEYS_MOST;
        if (k == KEYS_MOST) continue;
        spread_add(&x->at[k], at[i]);
        for (int a = 0; a < 3; a++) at[i][a] -= middle[a];
        spread_add(&x->around[k], at[i]);
    }
}

static void read_images(struct facts *x)
{
    const struct families *f = x->f;
    const int step = divide_up(f->images, 2 * CASES_ASKED);
    for (int i = 0, end, n = 0, run = 0; i < f->members; i = end, n++) {
        end = image_end(f, i);
        if (n == pairing_sample(run, step)) {
            objects_read_one(x, i, end);
            run++;
        }
    }
}

/* Each number has a place of its own, or its place among the others, as classes do. */
static bool are_stable(const struct facts *x)
{
    bool read = false;
    for (int k = 0; k < x->keys; k++) read |= x->at[k].count >= KEY_LEAST;
    return read &&
        (spreads_stay(x->at, x->keys, KEY_LEAST) || !spreads_mix(x->around, x->keys, KEY_LEAST));
}

/* Plain labels lie on the voxels of others: they hold all of them, or are a region. */
static bool covers_others(struct facts *x)
{
    const struct families *f = x->f;
    const struct tree *t = x->s->tree;
    struct span got[PATTERN_VARS];
    char name[PATH_MAX];
    for (int k = 0; k < f->plains; k++)
        for (int i = 0, end, n = 0; i < f->members && n < CASES_ASKED; i = end) {
            if (f->plain[k].family >= 0) break;
            struct contents_shared s;
            const struct tree_file *file = &t->file[f->member[i].file];
            const struct pattern *p = &f->family[f->member[i].family].pattern;
            end = image_end(f, i);
            if (!pattern_match(p, tree_name(file), got)) continue;
            const int length = pattern_make(&f->plain[k].pattern, got, name, sizeof name),
                      own = length > 0 ? tree_find(t, name, length) : -1;
            if (own < 0 || !overlap_share(x->l, own, f->member[i].file, &s)) continue;
            if (s.both > .1 * fmin(s.first, s.second)) return true;
            n++;
        }
    return false;
}

static att_status judge(struct facts *x, enum numbers *numbers, struct err *e)
{
    *numbers = NUMBERS_CLASSES;
    compare_images(x);
    TRY(find_hashes(x, e));
    if (!x->several) return ATT_OK;
    read_images(x);
    if (FEW * x->own.over > x->own.pairs || covers_others(x)) return ATT_OK;
    if (FEW * x->other.over > x->other.pairs) {
        *numbers = NUMBERS_TWICE;
        return ATT_OK;
    }
    /* of one class, where some images have one object, layout_meaning.c asks */
    const bool stable = !x->single && are_stable(x),
               later = x->f->count == 1 && !nine_tenths(x->several, x->f->images);
    x->counted = true;
    for (int k = 0; k < x->f->count && !x->single; k++) x->counted &= count_objects(x->f, k);
    const bool classes = !later && stable && x->paired && !x->varied,
               open = !later && (stable || !x->varied);
    *numbers = x->single      ? NUMBERS_OBJECTS
        : classes             ? NUMBERS_CLASSES
        : open || !x->counted ? NUMBERS_UNCLEAR
                              : NUMBERS_OBJECTS;
    return ATT_OK;
}

/* ---- text */

static int place_order(const void *a, const void *b)
{
    return families_order(&((const struct place *)a)->pattern, &((const struct place *)b)->pattern);
}

/* Each family is a class, or each of its numbers, or all that differ in numbers alone, or each
 * number whatever the others are. */
enum classes { BY_FAMILY, BY_NUMBER, BY_WORDS, BY_ONE_NUMBER };

static bool has_place(const struct place *list, int count, const struct place *p)
{
    int k = 0;
    while (k < count && !pattern_same(&list[k].pattern, &p->pattern)) k++;
    return k < count;
}

/* Of two labels whose numbers are classes. */
static bool is_same_class(
    const struct families *f, enum classes by, const struct member *a, const struct member *b)
{
    return by == BY_NUMBER ? !by_number(a, b)
                           : !span_order(a->number, b->number) &&
            pattern_same(&f->family[a->family].joined, &f->family[b->family].joined);
}

/* The settings: *images and *labels; or of this family alone, from 0 on. */
static att_status write_settings(
    const struct facts *x, enum classes by, int only, char **images, char **labels, struct err *e)
{
    const struct families *f = x->f;
    struct reading r = f->names.reading;
    struct place *list;
    int count = 0;
    *labels = NULL;
    *images = reading_text(&r, false);
    TRY(MEM_ARRAY(list, PLACES_MOST, "the labels of a case", e));
    for (int i = 0; i < f->members; i++) {
        const struct member *m = &f->member[i];
        if ((only >= 0 && m->family != only) || !m->number.length) continue;
        const bool number = by == BY_NUMBER || by == BY_ONE_NUMBER;
        const struct place p = families_place(&f->family[m->family], number ? &m->number : NULL,
            by == BY_WORDS || by == BY_ONE_NUMBER);
        int k = 0;
        while (number && k < i && !is_same_class(f, by, &f->member[k], m)) k++;
        if ((number ? k == i : !has_place(list, count, &p)) && count < PLACES_MOST - FAMILIES_MOST)
            list[count++] = p;
    }
    for (int k = 0; k < f->plains; k++)
        if (only < 0 || f->plain[k].family == only)
            list[count++] =
                (struct place){.pattern = f->plain[k].pattern, .ending = f->plain[k].ending};
    qsort(list, (size_t)count, sizeof *list, place_order);
    r.part[0].label = list;
    r.part[0].labels = count;
    *labels = reading_text(&r, true);
    mem_free(list);
    return *images && *labels ? ATT_OK : err_path(e);
}

/* Append these settings to a text, if they pair files. */
static att_status offer(
    const struct facts *x, enum classes by, int only, char *text, size_t room, struct err *e)
{
    char *images, *labels;
    const att_status status = write_settings(x, by, only, &images, &labels, e);
    if (status == ATT_OK) options_add(x->s, images, labels, text, room);
    mem_free(images);
    mem_free(labels);
    return status;
}

/* The first label of another family than the first. */
static const char *other_label(const struct facts *x)
{
    const struct families *f = x->f;
    int k = 0;
    while (k + 1 < f->members && f->member[k].family == f->member[0].family) k++;
    return x->s->tree->file[f->member[k].file].path;
}

/* Each family alone. */
static att_status ask_for_one(const struct facts *x, struct err *e)
{
    char text[TEXT] = "";
    const struct families *f = x->f;
    const struct tree_file *file = x->s->tree->file;
    for (int k = 0; k < f->count; k++) TRY(offer(x, BY_FAMILY, k, text, sizeof text, e));
    return err_set(e, ATT_DATA,
        "%.150s has labels such as %.200s and such as %.200s on the same voxels; give one kind: %s",
        x->s->root, file[f->member[0].file].path, other_label(x),
        *text ? text : "patterns (docs/data.md)");
}

/* Some families differ in numbers that may be those of objects. */
static bool are_numbered(const struct families *f)
{
    bool counted = false;
    for (int k = 0; k < f->count; k++) counted |= f->count > 1 && f->family[k].counted;
    return counted;
}

/* Some families differ in numbers, which may say nothing of classes, as those of readers. */
static bool have_two_numbers(const struct families *f)
{
    bool two = false;
    for (int k = 0; k < f->count; k++)
        two |= !pattern_same(&f->family[k].pattern, &f->family[k].joined);
    return two;
}

/* Images with labels of two families. */
static int count_both(const struct families *f)
{
    int count = 0;
    for (int i = 0, end; i < f->members; i = end) {
        end = image_end(f, i);
        count += f->member[i].family != f->member[end - 1].family;
    }
    return count;
}

static att_status objects_ask(const struct facts *x, enum numbers kind, struct err *e)
{
    const struct families *f = x->f;
    const struct tree_file *file = x->s->tree->file;
    const bool words = f->count > 1;
    const bool open = kind == NUMBERS_UNCLEAR;
    char many[TEXT / 2] = "", one[TEXT / 2] = "", single[TEXT / 2] = "", other[TEXT] = "";
    TRY(offer(x, BY_FAMILY, -1, many, sizeof many, e));
    if (are_numbered(f)) TRY(offer(x, BY_WORDS, -1, one, sizeof one, e));
    if (open && have_two_numbers(f)) TRY(offer(x, BY_ONE_NUMBER, -1, single, sizeof single, e));
    /* they all are to fit into one sentence */
    const size_t used = strlen(many) + strlen(one) + strlen(single);
    if (open && used < sizeof other) TRY(offer(x, BY_NUMBER, -1, other, sizeof other - used, e));
    if (!words && !*many && !*other) return ATT_OK;
    const char *const order[] = {"if one number is a class, and the others are none",
        *single ? "if all numbers together are a class" : "if each number is a class",
        words ? "if each is an object of a class with a name" : "if each is an object",
        strchr(one, ';') ? "if they are objects of fewer classes"
                         : "if all are objects of one class"};
    const char *const option[] = {single, other, many, one};
    enum { OPTIONS = sizeof option / sizeof *option };
    char text[TEXT] = "";
    for (int k = 0; k < OPTIONS; k++) {
        const int at = x->counted ? (k + 2) % OPTIONS : k; /* classes last, or first */
        if (*option[at])
            text_append(
                text, sizeof text, "%s%s, give %s", *text ? "; " : "", order[at], option[at]);
    }
    return err_set(e, ATT_DATA,
        "%.100s has label files that differ only in a number, such as %.150s and %.150s; %s",
        x->s->root, file[f->member[0].file].path, file[f->member[1].file].path,
        *text ? text : "give patterns (docs/data.md)");
}

static att_status objects_ask_kinds(const struct facts *x, struct err *e)
{
    char text[TEXT / 2] = "";
    const struct tree_file *file = x->s->tree->file;
    TRY(offer(x, BY_FAMILY, -1, text, sizeof text, e));
    return err_set(e, ATT_DATA,
        "%.150s: some images have labels such as %.200s, others such as %.200s, and hardly one has "
        "both; %s%s%s%s%s",
        x->s->root, file[x->f->member[0].file].path, other_label(x),
        *text ? "if these are classes, give " : "give patterns (docs/data.md)", text,
        *text ? "; if they mark one class, give " : "", text, *text ? " `mask-values` one" : "");
}

/* ---- use */

/* The portion's files become used, and it is gone; others with its images, too. */
static att_status use_portion(const struct facts *x, const char *images, const char *labels,
    struct choice *c, struct found *f, struct err *e)
{
    struct reading r;
    struct paired_list pairs;
    struct err why = {0};
    const struct tree *t = x->l->p->tree;
    if (!c->used) TRY(MEM_ARRAY(c->used, t->count + 1, "the pairs of files", e));
    TRY(reading_parse(images, labels, &r, e));
    const att_status status = paired_make(t, &r, false, &pairs, &why);
    if (status != ATT_OK && status != ATT_DATA) { /* whoever reads the data says what is wrong */
        reading_clear(&r);
        return err_pass(e, status, &why);
    }
    for (int i = 0; i < t->count && status == ATT_OK; i++) c->used[i] |= pairs.used[i];
    if (status == ATT_OK) paired_free(&pairs);
    int left = 0;
    for (int k = 0; k < c->portions; k++) {
        const struct portion *q = &c->portion[k];
        const int file = slot_any_file(x->l, q, q->image, false);
        const struct tree_file *one = file < 0 ? NULL : &t->file[file];
        struct fit fit = {.part = 0};
        if (one && !reading_fits(&r, one, &fit)) c->portion[left++] = *q;
    }
    c->portions = left;
    left = 0;
    for (int k = 0; k < c->asides; k++) {
        bool used = false;
        for (int i = 0; i < t->count && !used; i++)
            used = t->file[i].path == c->aside[k].first && c->used[i];
        if (!used) c->aside[left++] = c->aside[k];
    }
    c->asides = left;
    f->pairs += x->f->images;
    reading_clear(&r);
    return ATT_OK;
}

static att_status settle(
    struct facts *x, enum numbers kind, struct choice *c, struct found *f, struct err *e)
{
    char *images, *labels, text[TEXT] = "";
    if (kind == NUMBERS_CLASSES) return ATT_OK;
    if (kind == NUMBERS_TWICE) return ask_for_one(x, e);
    if (kind == NUMBERS_UNCLEAR || are_numbered(x->f)) return objects_ask(x, kind, e);
    if (x->f->count > 1 && 10 * count_both(x->f) < x->f->images) return objects_ask_kinds(x, e);
    att_status status = write_settings(x, BY_FAMILY, -1, &images, &labels, e);
    if (status == ATT_OK) options_add(x->s, images, labels, text, sizeof text);
    if (status == ATT_OK && *text) status = use_portion(x, images, labels, c, f, e);
    if (status == ATT_OK && *text) {
        f->images = images;
        f->labels = labels;
        return ATT_OK;
    }
    mem_free(images);
    mem_free(labels);
    return status;
}

/* Names may hold the numbers of two images: of objects of one image, hardly any share voxels. */
static att_status settle_rivals(struct facts *x, struct facts *y, const enum numbers kinds[2],
    struct choice *c, struct found *f, struct err *e)
{
    if (!kinds[0] || !kinds[1]) return settle(x, kinds[0], c, f, e);
    const int over = x->own.over * y->own.pairs, other = y->own.over * x->own.pairs;
    if (over != other) return settle(over > other ? y : x, kinds[over > other], c, f, e);
    char text[TEXT] = "";
    for (int k = 0; k < 2; k++) TRY(offer(k ? y : x, BY_FAMILY, -1, text, sizeof text, e));
    return err_set(e, ATT_DATA,
        "%.150s has label files such as %.200s, whose name holds the numbers of two images; give "
        "%s",
        x->s->root, x->s->tree->file[x->f->member->file].path,
        *text ? text : "patterns (docs/data.md)");
}

/* The same labels, if their names are not read as *own are. */
static att_status judge_rival(const struct finder *s, struct links *l, const struct choice *c,
    const struct found *f, const struct families *own, struct families *other, struct facts *y,
    enum numbers *kind, struct err *e)
{
    *kind = NUMBERS_CLASSES;
    TRY(families_find(s, l, c, f->way, own->names.rival, other, e));
    *y = (struct facts){.s = s, .l = l, .f = other, .paired = other->kept == other->members};
    if (other->count > own->count || other->members < own->members) other->members = 0;
    return other->members ? judge(y, kind, e) : ATT_OK;
}

att_status objects_settle(
    const struct finder *s, struct links *l, struct choice *c, struct found *f, struct err *e)
{
    struct families *own = NULL;
    struct facts *x = NULL;
    enum numbers kind[2] = {NUMBERS_CLASSES, NUMBERS_CLASSES};
    if (f->images) return ATT_OK;
    TRY(MEM_ARRAY(own, 2, "the labels of objects", e));
    att_status status = MEM_ARRAY(x, 2, "the labels of objects", e);
    if (status == ATT_OK) status = families_find(s, l, c, f->way, -1, own, e);
    /* fewer have equal numbers by chance */
    const int all = c->portions ? c->portion->main->count : own->names.images;
    if (status == ATT_OK && own->members && 2 * own->images >= all) {
        *x = (struct facts){.s = s, .l = l, .f = own, .paired = own->kept == own->members};
        status = judge(x, kind, e);
        if (status == ATT_OK && own->names.rival >= 0)
            status = judge_rival(s, l, c, f, own, own + 1, x + 1, kind + 1, e);
        if (status == ATT_OK && own->names.rival >= 0 && own[1].members)
            status = settle_rivals(x, x + 1, kind, c, f, e);
        else if (status == ATT_OK)
            status = settle(x, *kind, c, f, e);
    }
    if (x) families_free(own);
    if (x) families_free(own + 1);
    mem_free(x);
    mem_free(own);
    return status;
}

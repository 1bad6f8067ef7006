/* SPDX-License-Identifier: Apache-2.0 */
/* Names as rows of a table. Of two columns whose texts repeat, one counts the images of a patient:
 * its numbers have no gaps within each text of the other column. A running number or a hash never
 * repeats, so what repeats behind it may be a patient. Digits join two numbers if the last ones
 * begin anew, with 0 or 1, whenever the first ones change; a running number passes from 99 to 100.
 */
#include "dataset/groups_columns.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "dataset/groups_units.h"
#include "files/file.h"

enum { COLUMNS = 8, DIGITS = 18, SHORT = 2 /* letters */ };

struct column {
    struct tally t;
    bool varies, unique;
    bool digits, letters; /* alone */
    bool named;           /* letters and digits, not "2nd" */
    bool capitals, alike; /* alone; but for digits */
    bool padded;          /* some begin with 0 */
    bool nobody;          /* mostly days, slices, ... */
    bool apart;           /* hospitals, classes, ...: each has patients of its own */
    bool patient;         /* behind a word such as "case" */
    bool glued;           /* to the one before */
    bool picture;         /* "img1" */
    bool zero;            /* is 0 somewhere */
    int width;            /* bytes at most */
};

struct columns {
    struct span *cell; /* of rests, COLUMNS for each */
    const struct keyed *rest;
    struct keyed *list;
    int cases, count;
    struct column column[COLUMNS];
};

static bool columns_cuts(const char *at) /* "A003|img02" */
{
    return text_is_digit(at[-1]) && !text_is_digit(*at) && !units_is_separator(*at);
}

/* The parts of a name between separators; `cut`: and before letters that follow a digit. -1: too
 * many. */
static int split_cells(const char *name, bool cut, struct span cell[COLUMNS])
{
    int count = 0;
    for (const char *at = name; *at;) {
        const char *from = at;
        while (!units_is_separator(*at) && !(cut && at > from && columns_cuts(at))) at++;
        if (at > from && count == COLUMNS) return -1;
        if (at > from) cell[count++] = (struct span){from, (int)(at - from)};
        while (*at && units_is_separator(*at)) at++;
    }
    return count;
}

/* Names with another number of parts than most have no cells. False: there are too many. */
static bool columns_split(struct columns *c, bool cut)
{
    int often[COLUMNS + 1] = {0};
    struct span cell[COLUMNS];
    for (int i = 0; i < c->cases; i++) {
        const int count = split_cells(c->rest[i].key, cut, cell);
        often[count > 0 ? count : 0]++;
    }
    c->count = 1;
    for (int k = 2; k <= COLUMNS; k++)
        if (often[k] > often[c->count]) c->count = k;
    for (int i = 0; i < c->cases; i++) {
        struct span *to = c->cell + (size_t)i * COLUMNS;
        if (split_cells(c->rest[i].key, cut, to) != c->count) *to = (struct span){NULL, 0};
    }
    return 5 * often[c->count] >= 4 * c->cases;
}

static struct span *cell_of(const struct columns *c, int i, int k)
{
    return &c->cell[(size_t)i * COLUMNS + (size_t)k];
}

static bool has_cells(const struct columns *c, int i)
{
    return c->cell[(size_t)i * COLUMNS].text != NULL;
}

/* The keys become the texts of a column, at their places in `rest`, or a name without cells; the
 * list is sorted. */
static att_status list_column(
    const struct columns *c, int k, struct keyed *list, struct tally *t, struct err *e)
{
    keyed_forget(list, c->cases);
    for (int i = 0; i < c->cases; i++) {
        const struct span *s = cell_of(c, i, k);
        list[i] = (struct keyed){
            has_cells(c, i) ? mem_text("%.*s", s->length, s->text) : mem_text("%s", c->rest[i].key),
            i};
        if (!list[i].key) return err_path(e);
    }
    *t = keyed_tally(list, c->cases);
    return ATT_OK;
}

static bool is_apart(struct span s)
{
    const enum word_kind kind = words_kind(s);
    return kind == WORD_PLACE || kind == WORD_SPLIT || words_is_condition(s);
}

static bool is_picture(struct span s) /* "img1", no slice */
{
    return words_kind(s) == WORD_SLICE && !words_is_cut(s) && s.length > 1 &&
        !text_is_digit(s.text[1]);
}

static bool is_nobody(struct span s)
{
    return is_apart(s) || words_is_time(s) || (words_kind(s) > WORD_PLACE && !is_picture(s));
}

static int digits_at_end(struct span s)
{
    int digits = 0;
    while (digits < s.length && text_is_digit(s.text[s.length - 1 - digits])) digits++;
    return digits;
}

/* Equal but for digits. */
static bool same_letters_in(struct span a, struct span b)
{
    int i = 0, k = 0;
    for (;; i++, k++) {
        while (i < a.length && text_is_digit(a.text[i])) i++;
        while (k < b.length && text_is_digit(b.text[k])) k++;
        if (i == a.length || k == b.length) return i == a.length && k == b.length;
        if (a.text[i] != b.text[k]) return false;
    }
}

static void look_at_column(const struct columns *c, int k, struct column *x)
{
    int nobody = 0, apart = 0, pictures = 0, cells = 0;
    const struct span *first = NULL;
    *x = (struct column){.digits = true, .letters = true, .glued = k > 0};
    x->named = x->capitals = x->alike = true;
    for (int i = 0; i < c->cases; i++) {
        if (!has_cells(c, i)) continue;
        const struct span s = *cell_of(c, i, k), *before = cell_of(c, i, k - (k > 0));
        if (!first) first = cell_of(c, i, k);
        cells++;
        x->glued &= before->text + before->length == s.text;
        const int end = digits_at_end(s);
        int digits = 0, capitals = 0, leading = 0;
        for (int b = 0; b < s.length; b++) {
            digits += text_is_digit(s.text[b]);
            leading += text_is_digit(s.text[b]) && leading == b;
            capitals += s.text[b] >= 'A' && s.text[b] <= 'Z';
        }
        x->named &= digits > leading || (digits > 0 && !leading);
        x->capitals &= capitals == s.length;
        x->padded |= s.length > 1 && *s.text == '0';
        x->alike &= same_letters_in(s, *first);
        x->varies |= span_order(s, *first) != 0;
        x->digits &= end == s.length;
        x->letters &= !digits;
        nobody += is_nobody(s);
        apart += is_apart(s);
        pictures += is_picture(s);
        x->zero |= end == s.length && strtoll(s.text, NULL, 10) == 0;
        if (s.length > x->width) x->width = s.length;
    }
    x->nobody = 2 * nobody > cells;
    x->apart = 2 * apart > cells;
    x->picture = 2 * pictures > cells;
    if (!k || c->column[k - 1].varies || !x->digits) return;
    const struct span word = *(first - 1); /* of all names */
    x->patient = words_kind(word) == WORD_PATIENT;
    x->picture = is_picture(word);
    x->nobody |= is_nobody(word);
    x->apart |= is_apart(word);
}

static void columns_clear(struct columns *c)
{
    if (c->list) keyed_forget(c->list, c->cases);
    mem_free(c->list);
    mem_free(c->cell);
}

static att_status columns_read(
    struct columns *c, const struct dataset *d, const struct keyed *rest, struct err *e)
{
    *c = (struct columns){.cases = d->count, .rest = rest};
    att_status status = MEM_ARRAY(c->cell, (d->count + 1) * COLUMNS, "the parts of names", e);
    if (status == ATT_OK) status = MEM_ARRAY(c->list, d->count + 1, "the parts of names", e);
    return status;
}

static att_status columns_look(struct columns *c, struct err *e)
{
    for (int k = 0; k < c->count; k++) {
        struct column *x = &c->column[k];
        look_at_column(c, k, x);
        if (!x->varies) continue;
        TRY(list_column(c, k, c->list, &x->t, e));
        x->unique = x->t.groups == c->cases;
    }
    return ATT_OK;
}

/* ---- two numbers */

struct counts {
    int groups, on, base, largest, least; /* on: without gaps; base: from 0 or 1 on */
    bool numbers;                         /* all have one */
};

/* How the numbers of column k count within the texts of column `by`. */
static att_status count_within(
    const struct columns *c, int k, int by, struct counts *n, struct err *e)
{
    struct tally t;
    *n = (struct counts){.least = c->cases};
    for (int i = 0; i < c->cases; i++) {
        const struct span s = *cell_of(c, i, k);
        const int digits = has_cells(c, i) ? digits_at_end(s) : 1;
        if (!digits || digits > DIGITS) return ATT_OK;
    }
    n->numbers = true;
    TRY(list_column(c, by, c->list, &t, e));
    for (int i = 0, end; i < c->cases; i = end) {
        long long low = 0, high = 0;
        end = keyed_end(c->list, c->cases, i);
        if (!has_cells(c, c->list[i].index)) continue;
        for (int m = i; m < end; m++) {
            const struct span s = *cell_of(c, c->list[m].index, k);
            const int digits = digits_at_end(s);
            const long long number = strtoll(s.text + s.length - digits, NULL, 10);
            if (m == i || number < low) low = number;
            if (m == i || number > high) high = number;
        }
        if (end - i > n->largest) n->largest = end - i;
        if (end - i < n->least) n->least = end - i;
        if (end - i < 2) continue;
        n->groups++;
        n->on += high - low + 1 == end - i;
        n->base += low < 2;
    }
    return ATT_OK;
}

static bool nearly_all(int some, int all) { return all > 0 && 20 * some >= 19 * all; }
static bool at_most_half(int some, int all) { return 2 * some <= all; }

/* ---- a part behind the first one */

/* How likely a column names patients; 0: not at all. */
static int likely(const struct column *x, int cases)
{
    enum { INITIALS = 3 };
    const struct tally *t = &x->t;
    if (!x->varies || x->unique || x->nobody || x->picture || t->groups < 2 ||
        2 * t->shared < cases)
        return 0;
    if (x->patient || x->named) return 4 * t->largest > 3 * cases ? 0 : 3;
    if (x->digits) /* one digit: a grade, a reader, or yes and no */
        return x->width > 1 ? 2 : !x->zero && t->groups >= GROUPS_LEAST;
    if (!x->letters || (x->width < INITIALS && !x->capitals)) return 0;
    if (x->capitals && x->width > 1 && x->width <= INITIALS) return t->groups > 2;
    return tally_are_groups(t, cases);
}

/* Two columns of which the first repeats, too. `folder`: it may be one. */
static att_status compare_two(const struct columns *c, int first, int tail, bool folder,
    struct columns_tail *t, struct err *e)
{
    const struct column *x = &c->column[first], *y = &c->column[tail];
    struct counts head, behind;
    if (x->letters || x->patient || (!x->digits && !x->picture)) return ATT_OK;
    TRY(count_within(c, first, tail, &head, e));
    TRY(count_within(c, tail, first, &behind, e));
    const bool heads = nearly_all(head.on, head.groups),
               tails = nearly_all(behind.on, behind.groups);
    const bool counts = heads && nearly_all(head.base, head.groups);
    const bool crossed = head.least == head.largest && behind.least == behind.largest;
    const bool better = heads && !crossed && at_most_half(behind.on, behind.groups);
    if (y->glued && (!better || !behind.numbers)) return ATT_OK; /* "001a" */
    if (tails && !counts) return ATT_OK;
    t->first = better || y->patient || (y->named && !y->glued);
    t->clear = t->first && better && counts && !y->letters && tally_are_groups(&y->t, c->cases);
    t->found = t->first || (crossed && counts && !folder && (y->letters || y->width >= x->width));
    return ATT_OK;
}

/* Whether another column counts images of each text of column k. */
static att_status others_count(const struct columns *c, int k, bool *found, struct err *e)
{
    *found = false;
    for (int other = 0; other < c->count && !*found; other++) {
        struct counts n;
        if (other == k || !c->column[other].varies) continue;
        TRY(count_within(c, other, k, &n, e));
        *found = n.numbers && nearly_all(n.on, n.groups) && nearly_all(n.base, n.groups);
    }
    return ATT_OK;
}

static att_status find_tail(
    const struct columns *c, bool folder, struct columns_tail *t, int *tail, struct err *e)
{
    int varying = 0, first = -1, best = 0;
    for (int k = 0; k < c->count; k++) {
        const struct column *x = &c->column[k];
        if (!x->varies) continue;
        varying++;
        const int now = first < 0 ? 0 : likely(x, c->cases);
        if (now > best) *tail = k;
        best = now > best ? now : best;
        if (first < 0) first = k;
    }
    if (!best) return ATT_OK;
    const struct column *x = &c->column[first], *y = &c->column[*tail];
    if (x->unique) { /* it counts, unless the tail is a property of subject X01 */
        const bool subject = x->named && x->alike && !x->picture;
        t->count = t->first = t->found =
            !y->digits || y->patient || (subject ? y->padded : x->digits || !y->zero);
        return ATT_OK;
    }
    if (x->apart) return ATT_OK;
    t->alone = x->nobody;
    if (varying == 2 && !x->nobody) return compare_two(c, first, *tail, folder, t, e);
    t->found = t->alone || ((x->letters || x->digits) && (y->named || y->patient));
    return t->found || !x->letters ? ATT_OK : others_count(c, *tail, &t->found, e);
}

static att_status take_column(
    const struct columns *c, const struct keyed *rest, int k, struct keyed *list, struct err *e)
{
    struct tally t;
    TRY(list_column(c, k, list, &t, e));
    for (int i = 0; i < c->cases; i++) list[i].index = rest[list[i].index].index;
    return ATT_OK;
}

att_status columns_tail(const struct dataset *d, const struct keyed *rest, struct keyed *list,
    struct columns_tail *t, struct err *e)
{
    struct columns c;
    int tail = 0;
    const struct data_case *one = &d->cases[rest->index];
    const bool folder = !strstr(file_base(one->image[0]), one->id);
    *t = (struct columns_tail){.found = false};
    att_status status = columns_read(&c, d, rest, e);
    for (int cut = 1; cut >= 0 && status == ATT_OK && !t->found; cut--) {
        if (!columns_split(&c, cut)) continue;
        status = columns_look(&c, e);
        if (status == ATT_OK) status = find_tail(&c, folder, t, &tail, e);
    }
    if (status == ATT_OK && t->found) status = take_column(&c, rest, tail, list, e);
    columns_clear(&c);
    return status;
}

/* ---- joined digits */

struct joint {
    int groups, shared, largest, prefixes;
    int zero, one; /* groups that begin with this number */
    int full, on;  /* that end with 9...9; without gaps */
    int next;      /* that follow the one before */
    long long low; /* number of the first group */
    bool padded;   /* the number of the last group begins with 0, so all do */
};

static long long number_of(const char *text, int digits)
{
    long long number = 0;
    for (int i = 0; i < digits; i++) number = 10 * number + text[i] - '0';
    return number;
}

/* Sorted texts of one length, cut at byte `at`; letters end at `letters`. */
static struct joint joint_at(const char *const *text, int count, int length, int letters, int at)
{
    struct joint j = {.groups = 0};
    long long most_of = 1;
    for (int i = at; i < length; i++) most_of *= 10;
    for (int i = 0, end; i < count; i = end) {
        long long last = number_of(text[i] + at, length - at);
        const bool fresh = !i || memcmp(text[i], text[i - 1], (size_t)letters) != 0;
        bool on = true;
        j.zero += last == 0;
        j.one += last == 1;
        for (end = i + 1; end < count && memcmp(text[i], text[end], (size_t)at) == 0; end++) {
            const long long now = number_of(text[end] + at, length - at);
            on &= now <= last + 1; /* equal: two images that differ elsewhere */
            last = now;
        }
        j.groups++;
        j.prefixes += fresh;
        j.padded = at - letters > 1 && text[i][letters] == '0';
        if (!i) j.low = number_of(text[i] + letters, at - letters);
        j.next += !fresh &&
            number_of(text[i] + letters, at - letters) ==
                number_of(text[i - 1] + letters, at - letters) + 1;
        j.shared += end - i > 1 ? end - i : 0;
        if (end - i > j.largest) j.largest = end - i;
        j.full += last + 1 == most_of;
        j.on += on;
    }
    return j;
}

/* Numbers begin anew in each group: with 0 or 1; or elsewhere, in groups that count on. */
enum joining { JOINING_NONE, JOINING_ANYWHERE, JOINING_ANEW };
static enum joining joining_of(const struct joint *j, int count, int digits)
{
    const int groups = j->groups;
    const bool begins =
        10 * j->one >= 9 * groups || (10 * j->zero >= 9 * groups && 10 * j->full <= groups);
    if (groups < (digits == 1 ? 3 : 2) || groups == j->prefixes || 2 * j->shared < count)
        return JOINING_NONE;
    if (groups < GROUPS_LEAST && j->zero && !j->padded)
        return JOINING_NONE; /* parts of a set, as 1000 and 2000 */
    if (begins && 10 * j->on >= 8 * groups) return JOINING_ANEW;
    return digits > 1 && groups > 2 && j->low < 2 && !j->zero && !j->full &&
            10 * j->on >= 9 * groups && 10 * (j->next + j->prefixes) >= 9 * groups
        ? JOINING_ANYWHERE
        : JOINING_NONE;
}

static int order_of_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The one part that varies, if it has letters and then digits, at the same places in most names;
 * -1. Other names lose their cells. */
static int joined_column(struct columns *c, int *letters)
{
    int only = -1, length = 0, digits = 0, left = 0, dates = 0;
    for (int k = 0; k < c->count; k++) {
        if (c->column[k].varies && only >= 0) return -1;
        if (c->column[k].varies) only = k;
    }
    if (only < 0 || c->column[only].letters) return -1;
    for (int i = 0, votes = 0; i < c->cases; i++) { /* the majority */
        const struct span s = *cell_of(c, i, only);
        const bool same = has_cells(c, i) && s.length == length && digits_at_end(s) == digits;
        if (!has_cells(c, i)) continue;
        if (!votes) length = s.length;
        if (!votes) digits = digits_at_end(s);
        votes += same || !votes ? 1 : -1;
    }
    *letters = length - digits;
    for (int i = 0; i < c->cases; i++) {
        const struct span s = *cell_of(c, i, only);
        bool same = has_cells(c, i) && s.length == length && digits_at_end(s) == digits;
        for (int b = 0; same && b < *letters; b++) same = !text_is_digit(s.text[b]);
        if (!same) *cell_of(c, i, 0) = (struct span){NULL, 0};
        left += same;
        dates += same &&
            (units_may_be_date(s.text + *letters) ||
                words_kind((struct span){s.text + *letters, digits}) == WORD_SESSION);
    }
    return dates == left || digits > DIGITS || 5 * left < 4 * c->cases ? -1 : only;
}

static att_status joined_find(
    const struct columns *c, int k, int letters, int *at, bool *clear, struct err *e)
{
    const char **text;
    int length = 0, count = 0;
    struct tally t;
    TRY(list_column(c, k, c->list, &t, e));
    TRY(MEM_ARRAY(text, c->cases + 1, "the parts of names", e));
    for (int i = 0; i < c->cases; i++) {
        const int one = c->list[i].index;
        if (!has_cells(c, one)) continue;
        length = cell_of(c, one, k)->length;
        text[count++] = c->list[i].key;
    }
    qsort(text, (size_t)count, sizeof *text, order_of_texts);
    enum joining best = JOINING_NONE;
    for (int cut = letters + 1; cut < length; cut++) {
        const struct joint j = joint_at(text, count, length, letters, cut);
        const enum joining now = joining_of(&j, count, length - cut);
        if (now <= best) continue;
        best = now;
        *at = cut;
        *clear = now == JOINING_ANEW && j.prefixes == 1 && j.groups >= GROUPS_LEAST &&
            2 * j.largest <= count;
    }
    mem_free(text);
    return ATT_OK;
}

att_status columns_joined(const struct dataset *d, const struct keyed *rest, struct keyed *list,
    bool *found, bool *clear, struct err *e)
{
    struct columns c;
    int column = -1, letters = 0, at = 0;
    *found = *clear = false;
    att_status status = columns_read(&c, d, rest, e);
    for (int cut = 1; cut >= 0 && status == ATT_OK && !at; cut--) {
        if (!columns_split(&c, cut)) continue;
        status = columns_look(&c, e);
        if (status == ATT_OK && (column = joined_column(&c, &letters)) >= 0)
            status = joined_find(&c, column, letters, &at, clear, e);
    }
    for (int i = 0; i < c.cases && at; i++)
        if (has_cells(&c, i)) cell_of(&c, i, column)->length = at;
    *found = at > 0;
    if (status == ATT_OK && at) status = take_column(&c, rest, column, list, e);
    columns_clear(&c);
    return status;
}

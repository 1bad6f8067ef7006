/* SPDX-License-Identifier: Apache-2.0 */
/* Digits join two numbers if the last ones begin anew, with 0 or 1, whenever the first ones change;
 * a running number passes from 99 to 100. */
#include "dataset/groups_columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ints.h"
#include "base/mem.h"
#include "base/text.h"
#include "dataset/groups_units.h"
#include "dataset/shares.h"

enum { DIGITS = 18, CAPITALS = 2, SMALL = 2, WORD = 40 };

static struct span *cell_of(const struct columns *c, int i, int k)
{
    return &c->cell[(size_t)i * COLUMNS + (size_t)k];
}

static int digits_at_end(struct span s)
{
    int digits = 0;
    while (digits < s.length && text_is_digit(s.text[s.length - 1 - digits])) digits++;
    return digits;
}

/* Of the last 18 digits, which is enough to see what counts. */
static long long number_of(const char *text, int digits)
{
    long long number = 0;
    for (int i = max_int(0, digits - 18); i < digits; i++) number = 10 * number + text[i] - '0';
    return number;
}

static bool is_most(int some, int all) { return 5 * some >= 4 * all; }
static bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }

/* ---- cells */

/* A word ends before letters that follow a digit, as in A003img02, or initials, as in ABx1. */
static bool cuts_between(const char *at, int before)
{
    if (text_is_digit(at[-1])) return !text_is_digit(*at);
    return before >= CAPITALS && *at >= 'a' && *at <= 'z' && is_capital(at[-1]) &&
        is_capital(at[-2]);
}

/* How names are cut: also where no separator stands; the same, but neighbours of letters are one
 * part, as in abdominal_wall_01; at separators alone; or behind the first number alone, where names
 * have many forms. */
enum cutting { CUT_ALL, CUT_NUMBERS, CUT_SEPARATORS, CUT_FIRST, CUTTINGS };

static bool are_letters(struct span s)
{
    int b = 0;
    while (b < s.length && !text_is_digit(s.text[b])) b++;
    return b == s.length;
}

/* The parts of a name, the last of which takes what is too much; their number. */
static int split_cells(const char *name, enum cutting how, struct span *cell)
{
    struct unit unit[UNITS];
    const int units = units_split(name, unit);
    int count = 0;
    for (int u = 0; u < units; u++) {
        const struct span s = unit[u].text;
        for (int from = 0, end; from < s.length; from = end) {
            struct span *last = &cell[count - (count > 0)];
            const bool letter = is_capital(s.text[from]) && units_is_separator(s.text[from + 1]);
            from += units_is_separator(s.text[from]);
            for (end = from + 1; end < s.length && !letter; end++)
                if (how < CUT_SEPARATORS && unit[u].kind != WORD_SESSION &&
                    cuts_between(s.text + end, end - from))
                    break;
            const struct span now = {s.text + from, end - from};
            const bool more = count == COLUMNS ||
                (how >= CUT_SEPARATORS && count && last->text + last->length == s.text) ||
                (how == CUT_NUMBERS && count && are_letters(*last) && are_letters(now));
            if (more)
                last->length = (int)(s.text + end - last->text);
            else
                cell[count++] = now;
        }
    }
    for (int k = 0; how == CUT_FIRST && k + 1 < count; k++) {
        if (are_letters(cell[k])) continue;
        *cell = (struct span){cell->text, (int)(cell[k].text + cell[k].length - cell->text)};
        cell[1] = span_of(cell[k + 1].text);
        count = 2;
    }
    return count;
}

/* False: most names have other numbers of parts than others, as hashes. */
static bool split_names(struct columns *c, enum cutting how)
{
    int often[COLUMNS + 1] = {0}, most = 0;
    for (int i = 0; i < c->cases; i++) {
        struct span *cell = cell_of(c, i, 0);
        const int count = split_cells(c->rest[i].key, how, cell);
        for (int k = count; k < COLUMNS; k++) cell[k] = (struct span){NULL, 0};
        if (++often[count] > often[most]) most = count;
    }
    return is_most(often[most], c->cases);
}

/* ---- what a column is */

/* What a text says of its column. */
enum {
    DIGITS_ALONE,
    NUMBERED,
    LETTERS_ALONE,
    LETTERS_DIGITS,
    ALL_CAPITALS,
    A_PATIENT,
    A_PICTURE,
    APART,
    A_PLACE,
    AN_ORGAN,
    A_CUT,
    A_DAY,
    SAYS
};

static void look_at_cell(struct column *x, struct span s, int says[SAYS])
{
    struct unit unit[UNITS];
    char text[WORD + 1];
    snprintf(text, sizeof text, "%.*s", s.length, s.text);
    const int end = digits_at_end(s);
    int digits = 0, letters = 0, capitals = 0; /* letters: before the first digit */
    for (int b = 0; b < s.length; b++) {
        digits += text_is_digit(s.text[b]);
        letters += !digits;
        capitals += is_capital(s.text[b]);
    }
    const int width = end ? end : s.length;
    const bool known = s.length <= WORD && units_split(text, unit) == 1;
    const enum word_kind kind = known ? unit->kind : WORD_OTHER;
    const bool cut = words_is_cut(s) || words_is_year(s),
               picture =
                   kind == WORD_SLICE && !cut && letters > 1 && !units_is_separator(s.text[1]),
               day = words_is_time(s) || kind > WORD_PLACE ||
        (end == s.length && units_may_be_date(text));
    says[DIGITS_ALONE] += digits == s.length;
    says[NUMBERED] += digits > 0;
    says[LETTERS_ALONE] += !digits;
    says[LETTERS_DIGITS] += digits > 0 && letters > 0;
    says[ALL_CAPITALS] += capitals == s.length;
    says[A_PATIENT] += known && units_is_patient(unit);
    says[A_PICTURE] += picture;
    says[APART] += kind == WORD_PLACE || kind == WORD_SPLIT || words_is_condition(s);
    says[A_PLACE] += kind == WORD_PLACE || kind == WORD_SPLIT;
    says[AN_ORGAN] += words_name_organ(s);
    says[A_CUT] += cut;
    says[A_DAY] += day && !picture;
    x->zero |= end == s.length && number_of(s.text, end) == 0;
    if (width > x->width) x->width = width;
}

static void look_at_column(const struct columns *c, int k, struct column *x)
{
    int says[SAYS] = {0};
    *x = (struct column){.glued = true};
    for (int i = 0; i < c->cases; i++) {
        const struct span s = *cell_of(c, i, k);
        if (!s.text) continue;
        x->cases++;
        x->glued &= s.text > c->rest[i].key && !units_is_separator(s.text[-1]);
        look_at_cell(x, s, says);
    }
    bool *const is[SAYS] = {&x->digits, &x->numbered, &x->letters, &x->named, &x->capitals,
        &x->patient, &x->picture, &x->apart, &x->place, &x->organ, &x->cut, &x->day};
    for (int w = 0; w < SAYS; w++) *is[w] = is_most(says[w], x->cases);
    x->apart = 5 * says[APART] >= x->cases; /* one class among words: they are classes */
    x->small = x->width <= SMALL;
}

/* Leaves the columns that vary. */
static att_status look_at_columns(struct columns *c, struct err *e)
{
    struct span *text;
    TRY(MEM_ARRAY(text, c->cases + 1, "the parts of names", e));
    c->count = 0;
    for (int k = 0; k < COLUMNS; k++) {
        struct column *x = &c->column[c->count];
        look_at_column(c, k, x);
        if (!x->cases) break;
        int groups = 0;
        for (int i = 0; i < c->cases; i++) text[i] = *cell_of(c, i, k);
        qsort(text, (size_t)c->cases, sizeof *text, spans_order);
        for (int i = 0; i < c->cases; i++)
            groups += text[i].text && (!i || span_order(text[i], text[i - 1]) != 0);
        x->groups = groups;
        x->unique = groups == x->cases;
        if (groups < 2 || !is_most(x->cases, c->cases)) continue;
        for (int i = 0; i < c->cases && k > c->count; i++) {
            *cell_of(c, i, c->count) = *cell_of(c, i, k);
            *cell_of(c, i, k) = (struct span){NULL, 0};
        }
        c->count++;
    }
    mem_free(text);
    return ATT_OK;
}

/* ---- joined digits */

struct joint {
    int groups, shared, prefixes;
    int zero, one; /* groups that begin with this number */
    int full, on;  /* that end with 9...9; without gaps */
    int next;      /* that follow the one before */
    long long low; /* number of the first group */
    bool padded;   /* the number of the last group begins with 0, so all do */
};

/* Sorted texts of one length, cut at byte `at`; letters end at `letters`. */
static struct joint joint_at(const struct span *s, int count, int letters, int at)
{
    const int length = s->length;
    struct joint j = {.groups = 0};
    long long most_of = 1;
    for (int i = at; i < length; i++) most_of *= 10;
    for (int i = 0, end; i < count; i = end) {
        const char *text = s[i].text, *before = s[i - (i > 0)].text;
        long long last = number_of(text + at, length - at);
        const long long group = number_of(text + letters, at - letters);
        const bool fresh = !i || memcmp(text, before, (size_t)letters) != 0;
        bool on = true;
        j.zero += last == 0;
        j.one += last == 1;
        for (end = i + 1; end < count && memcmp(text, s[end].text, (size_t)at) == 0; end++) {
            const long long now = number_of(s[end].text + at, length - at);
            on &= now <= last + 1; /* equal: two images that differ elsewhere */
            last = now;
        }
        j.groups++;
        j.prefixes += fresh;
        j.padded = at - letters > 1 && text[letters] == '0';
        if (!i) j.low = group;
        j.next += !fresh && group == number_of(before + letters, at - letters) + 1;
        j.shared += end - i > 1 ? end - i : 0;
        j.full += last + 1 == most_of;
        j.on += on;
    }
    return j;
}

/* Numbers begin anew in each group: with 0 or 1; or elsewhere, in groups that count on. */
static enum joining joining_of(const struct joint *j, int count, int digits)
{
    const int groups = j->groups;
    const bool begins =
        nine_tenths(j->one, groups) || (nine_tenths(j->zero, groups) && 10 * j->full <= groups);
    if (groups < (digits == 1 ? 3 : 2) || groups == j->prefixes || 2 * j->shared < count)
        return JOINING_NONE;
    if (groups < GROUPS_LEAST && j->zero && !j->padded)
        return JOINING_NONE; /* parts of a set, as 1000 and 2000 */
    if (begins && 10 * j->on >= 8 * groups) return JOINING_ANEW;
    return digits > 1 && groups > 2 && j->low < 2 && !j->zero && !j->full &&
            nine_tenths(j->on, groups) && nine_tenths(j->next + j->prefixes, groups)
        ? JOINING_ANYWHERE
        : JOINING_NONE;
}

/* Letters and then digits, at the same places in most names; their count. */
static int same_forms(const struct columns *c, struct span *s, int *letters)
{
    int length = 0, digits = 0, count = 0, dates = 0;
    for (int i = 0, votes = 0; i < c->cases; i++) { /* the majority */
        const struct span now = *cell_of(c, i, 0);
        const bool same = now.length == length && digits_at_end(now) == digits;
        if (!votes) length = now.length;
        if (!votes) digits = digits_at_end(now);
        votes += same || !votes ? 1 : -1;
    }
    *letters = length - digits;
    for (int i = 0; i < c->cases; i++) {
        const struct span now = *cell_of(c, i, 0);
        bool same = now.length == length && digits_at_end(now) == digits;
        for (int b = 0; same && b < *letters; b++) same = !text_is_digit(now.text[b]);
        if (!same) continue;
        s[count++] = now;
        dates += units_may_be_date(now.text + *letters) ||
            words_kind((struct span){now.text + *letters, digits}) == WORD_SESSION;
    }
    return dates == count || digits > DIGITS || !is_most(count, c->cases) ? 0 : count;
}

/* Two columns of the one that varies, where names have letters and digits alone; other names lose
 * theirs. `length` of the first one; 0: its letters. */
static void cut_column(struct columns *c, int length, int whole)
{
    for (int i = 0; i < c->cases; i++) {
        struct span *s = cell_of(c, i, 0);
        const int letters = s->length - digits_at_end(*s), at = length ? length : letters;
        bool fits = at > 0 && at < s->length && (!whole || s->length == whole);
        for (int b = 0; b < letters; b++) fits &= !text_is_digit(s->text[b]);
        s[1] = fits ? (struct span){s->text + at, s->length - at} : (struct span){NULL, 0};
        *s = fits ? (struct span){s->text, at} : (struct span){NULL, 0};
    }
}

static att_status cut_digits(struct columns *c, struct err *e)
{
    struct span *s;
    int letters = 0, at = 0;
    TRY(MEM_ARRAY(s, c->cases + 1, "the parts of names", e));
    const int count = same_forms(c, s, &letters), whole = count ? s->length : 0;
    if (count) qsort(s, (size_t)count, sizeof *s, spans_order);
    for (int cut = letters + 1; cut < whole; cut++) {
        const struct joint j = joint_at(s, count, letters, cut);
        const enum joining now = joining_of(&j, count, whole - cut);
        if (now <= c->joining) continue;
        c->joining = j.prefixes == 1 || now == JOINING_ANYWHERE ? now : JOINING_ANYWHERE;
        at = cut;
    }
    if (at) cut_column(c, at, whole);
    mem_free(s);
    return ATT_OK;
}

/* ---- the table */

void columns_clear(struct columns *c) { mem_free(c->cell); }

att_status columns_read(struct columns *c, const struct keyed *rest, int cases, struct err *e)
{
    *c = (struct columns){.cases = cases, .rest = rest};
    TRY(MEM_ARRAY(c->cell, (cases + 1) * COLUMNS, "the parts of names", e));
    for (enum cutting how = 0; how < CUTTINGS && !split_names(c, how); how++) {
    }
    TRY(look_at_columns(c, e));
    if (c->count != 1 || !c->column->unique || c->column->letters) return ATT_OK;
    TRY(cut_digits(c, e));
    if (!c->joining) cut_column(c, 0, 0);
    return look_at_columns(c, e);
}

/* What stands before the last separator. */
static int length_before(const char *name)
{
    int end = (int)strlen(name);
    for (int at = end - 1; at > 0; at--)
        if (units_is_separator(name[at])) return at;
    return end;
}

att_status columns_list(
    const struct columns *c, int from, int to, struct keyed *list, struct tally *t, struct err *e)
{
    keyed_forget(list, c->cases);
    for (int i = 0; i < c->cases; i++) {
        const struct span s = to < c->count ? *cell_of(c, i, to) : (struct span){NULL, 0};
        const char *name = c->rest[i].key, *begin = from < 0 ? name : cell_of(c, i, from)->text;
        const bool has = begin && s.text;
        const int length = has ? (int)(s.text + s.length - begin)
            : to < c->count    ? length_before(name)
                               : (int)strlen(name);
        list[i] = (struct keyed){mem_text("%.*s", length, has ? begin : name), i};
        if (!list[i].key) return err_path(e);
    }
    *t = keyed_tally(list, c->cases);
    return ATT_OK;
}

struct range {
    long long low, high;
};

static int by_low(const void *a, const void *b)
{
    const struct range *x = a, *y = b;
    return (x->low > y->low) - (x->low < y->low);
}

/* How many of a key have numbers. */
static int count_key(const struct columns *c, const struct keyed *list, int cases, int k,
    struct counts *n, struct range *r)
{
    int with = 0;
    for (int m = 0; m < cases; m++) {
        const struct span s = *cell_of(c, list[m].index, k);
        const int digits = s.text ? digits_at_end(s) : 0;
        if (!digits || digits > DIGITS) continue;
        const long long number = number_of(s.text + s.length - digits, digits);
        if (!with || number < r->low) r->low = number;
        if (!with || number > r->high) r->high = number;
        with++;
    }
    if (with > n->largest) n->largest = with;
    if (with && (!n->least || with < n->least)) n->least = with;
    n->groups += with > 1;
    n->on += with > 1 && r->high - r->low + 1 == with;
    n->anew += with > 1 && r->high - r->low + 1 == with && r->low < 2;
    return with;
}

att_status columns_count(
    const struct columns *c, const struct keyed *list, int k, struct counts *n, struct err *e)
{
    struct range *range;
    int ranges = 0, numbers = 0;
    *n = (struct counts){.groups = 0};
    TRY(MEM_ARRAY(range, c->cases + 1, "the numbers of cases", e));
    for (int i = 0, end; i < c->cases; i = end) {
        end = keyed_end(list, c->cases, i);
        const int with = count_key(c, list + i, end - i, k, n, &range[ranges]);
        numbers += with;
        ranges += with > 0;
    }
    qsort(range, (size_t)ranges, sizeof *range, by_low);
    n->numbers = n->runs = is_most(numbers, c->column[k].cases);
    n->dense = ranges && (range[ranges - 1].high - range->low) / 2 < c->cases;
    for (int i = 1; i < ranges; i++) n->runs &= range[i - 1].high < range[i].low;
    mem_free(range);
    return ATT_OK;
}

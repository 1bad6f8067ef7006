/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/groups_units.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"

static const char separators[] = "_-. +()[]{}#,;~=@&";

bool units_is_separator(char c) { return strchr(separators, c) != NULL; }

static struct span next_span(const char *at)
{
    return (struct span){at, (int)strcspn(at, separators)};
}

/* ---- words of a name */

static bool is_digits(struct span s) { return s.length > 0 && span_is_digits(s); }

/* "month_6" before a patient; the number after "pre" or "6m" is the patient. */
static bool takes_number(struct span number)
{
    const char *after = number.text + number.length;
    const struct span next = next_span(after + (*after != 0));
    return next.length > 0 && (!is_digits(next) || next.text[next.length]);
}

/* Without the side, visit or slice at its end: "P01S02", "001OD", "MeierLeft". */
static struct span cut_span(struct span s)
{
    for (int i = s.length - 1; i > 0; i--) {
        const char before = s.text[i - 1], c = s.text[i];
        const bool ends = text_is_letter(c) &&
            (text_is_digit(before) || (before == text_lower(before) && c != text_lower(c)));
        if (!ends) continue;
        const enum word_kind kind = words_kind((struct span){s.text + i, s.length - i});
        if (kind >= WORD_SIDE && kind != WORD_CHANNEL && kind != WORD_SPLIT) s.length = i;
    }
    return s;
}

/* Length of a date that begins with its day, as 02.01.2019; 0: it is none. */
static int length_of_date(const char *at)
{
    int length = 0;
    for (int part = 0; part < 3; part++) {
        const struct span s = next_span(at + length);
        const bool good = part < 2 ? is_digits(s) && s.length < 3 : words_is_year(s);
        if (!good || (part < 2 && (!at[length + s.length] || at[length + s.length] == ' ')))
            return 0;
        length += s.length + (part < 2);
    }
    return length;
}

static bool unit_takes(const struct unit *u, struct span number, bool first)
{
    switch (u->kind) {
    case WORD_VISIT:
        return words_is_counted(u->text) && takes_number(number);
    case WORD_COPY:
        return u->text.length > 2 && (!first || takes_number(number)); /* not "of" */
    case WORD_SESSION:
        return !text_is_digit(*u->text.text);
    default:
        return u->kind == WORD_PATIENT || u->kind == WORD_PLACE || u->kind == WORD_SLICE;
    }
}

/* The word at `at` and the numbers that belong to it; `glued` to the word before, it takes none. */
static struct unit next_unit(const char *at, bool first, bool glued)
{
    struct unit u = {.text = next_span(at)};
    u.kind = words_kind(u.text);
    if (u.kind == WORD_OTHER || u.kind == WORD_NUMBER) u.text = cut_span(u.text);
    u.kind = words_kind(u.text);
    u.named = u.text.length > 0 && !text_is_digit(*at) &&
        (text_is_digit(u.text.text[u.text.length - 1]) || words_is_lettered(u.text));
    const int date = length_of_date(at);
    if (date) return (struct unit){WORD_SESSION, {at, date}, true};
    const bool year = words_is_year(u.text);
    for (int n = 0; !glued && n < (year ? 2 : !u.named && u.kind != WORD_OTHER); n++) {
        const char *end = u.text.text + u.text.length;
        const struct span number = next_span(end + (*end != 0));
        const bool takes = year ? number.length == 2 : unit_takes(&u, number, first);
        const bool letter = u.kind == WORD_PATIENT && number.length == 1 && *number.text >= 'A' &&
            *number.text <= 'Z'; /* "patient_A" */
        if (!takes || !(is_digits(number) || letter) || !units_is_separator(*end)) break;
        u.text.length += 1 + number.length;
        u.named = true;
    }
    if ((u.kind == WORD_PATIENT || u.kind == WORD_PLACE) && !u.named) u.kind = WORD_OTHER;
    return u;
}

int units_split(const char *name, struct unit unit[UNITS])
{
    int count = 0;
    for (const char *at = name; *at && count < UNITS;) {
        unit[count] = next_unit(at, count == 0, at > name && !units_is_separator(at[-1]));
        at += unit[count].text.length;
        count += unit[count].text.length > 0;
        at += *at && units_is_separator(*at);
    }
    return count;
}

bool units_is_patient(const struct unit *u)
{
    return u->kind == WORD_PATIENT ||
        (u->named && text_lower(*u->text.text) == 'p' &&
            is_digits((struct span){u->text.text + 1, u->text.length - 1}));
}

/* ---- what a patient's cases share */

static bool drops(const struct units_rule *r, const struct unit *unit, int count, int i)
{
    bool patient = false, other = false;
    int numbers = 0;
    for (int k = 0; k < count; k++) {
        numbers += unit[k].kind == WORD_NUMBER;
        patient |= units_is_patient(&unit[k]);
        other |= unit[k].kind == WORD_PATIENT || (unit[k].kind == WORD_OTHER && k < i) ||
            (unit[k].kind == WORD_OTHER && unit[k].named);
    }
    const struct unit *u = &unit[i];
    switch (u->kind) {
    case WORD_SESSION:
        return (other || (i == 0 && numbers > 1)) && r->everywhere[u->kind];
    case WORD_SLICE:
        return patient && r->everywhere[u->kind];
    case WORD_SPLIT:
        return r->splits;
    case WORD_COPY:
        return true;
    case WORD_SIDE:
    case WORD_VISIT:
        return r->everywhere[u->kind] || words_is_long(u->text);
    case WORD_CHANNEL:
        return r->everywhere[u->kind];
    default:
        return false;
    }
}

char *units_rest(const struct units_rule *rule, const char *name)
{
    struct unit unit[UNITS];
    const int count = units_split(name, unit);
    bool digit = false, spoken = false;
    char *rest = mem_text("%s", "");
    for (int i = 0; i < count && rest; i++) {
        const enum word_kind kind = unit[i].kind;
        spoken |= kind >= WORD_SIDE && kind <= WORD_CHANNEL;
        if (drops(rule, unit, count, i)) continue;
        const struct span s = unit[i].text;
        const int before = *rest && units_is_separator(s.text[-1]);
        mem_append(&rest, "%.*s", s.length + before, s.text - before);
        digit |= strcspn(s.text, "0123456789") < (size_t)s.length;
    }
    if (!rest || (*rest && (digit || spoken))) return rest;
    mem_free(rest);
    return mem_text("%s", name);
}

bool units_may_be_date(const char *name)
{
    enum { DIGITS = 6, MONTHS = 12, DAYS = 31 };
    int part[3];
    if (strspn(name, "0123456789") != DIGITS) return false;
    for (int k = 0; k < 3; k++) part[k] = 10 * (name[2 * k] - '0') + name[2 * k + 1] - '0';
    const bool month = part[1] > 0 && part[1] <= MONTHS;
    return month && ((part[2] > 0 && part[2] <= DAYS) || (part[0] > 0 && part[0] <= DAYS));
}

bool units_same_form(const char *a, const char *b)
{
    for (;; a++, b++) {
        const size_t x = strspn(a, "0123456789"), y = strspn(b, "0123456789");
        if (!x != !y) return false;
        a += x;
        b += y;
        if (text_lower(*a) != text_lower(*b)) return false;
        if (!*a) return true;
    }
}

int units_compare(const char *a, const char *b)
{
    for (bool number = false;; a++, b++) {
        while (!number && *a == '0' && text_is_digit(a[1])) a++;
        while (!number && *b == '0' && text_is_digit(b[1])) b++;
        const unsigned char x = (unsigned char)text_lower(*a), y = (unsigned char)text_lower(*b);
        if (x != y || !x) return (x > y) - (x < y);
        number = text_is_digit(*a);
    }
}

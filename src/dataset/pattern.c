/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/pattern.h"

#include <string.h>

#include "base/text.h"

int span_order(struct span a, struct span b)
{
    if (!a.text || !b.text) return (a.text != NULL) - (b.text != NULL);
    const int shorter = a.length < b.length ? a.length : b.length,
              order = memcmp(a.text, b.text, (size_t)shorter);
    return order ? order : a.length - b.length;
}

int spans_order(const void *a, const void *b)
{
    return span_order(*(const struct span *)a, *(const struct span *)b);
}

bool span_same_letters(struct span a, struct span b)
{
    int i = 0;
    while (a.length == b.length && i < a.length && text_lower(a.text[i]) == text_lower(b.text[i]))
        i++;
    return a.length == b.length && i == a.length;
}

bool span_is_digits(struct span s)
{
    int n = 0;
    while (n < s.length && text_is_digit(s.text[n])) n++;
    return n == s.length;
}

bool span_has_digit(struct span s)
{
    for (int i = 0; i < s.length; i++)
        if (text_is_digit(s.text[i])) return true;
    return false;
}

struct span span_base(struct span path)
{
    int from = path.length;
    while (from > 0 && path.text[from - 1] != '/') from--;
    return from ? (struct span){path.text + from, path.length - from}
                : path; /* its text may be NULL */
}

bool pattern_add(struct pattern *p, int var, const char *text, int length)
{
    struct piece *last = p->count ? &p->piece[p->count - 1] : NULL;
    if (var < 0 && !length) return true;
    if (var < 0 && last && last->var < 0 && last->text.text + last->text.length == text) {
        last->text.length += length;
        return true;
    }
    if (p->count == PATTERN_PIECES) return false;
    p->piece[p->count++] = (struct piece){var, {text, var < 0 ? length : 0}, false, 0};
    return true;
}

static void pattern_add_piece(struct pattern *p, const struct piece *a)
{
    if (pattern_add(p, a->var, a->text.text, a->text.length) && a->var >= 0)
        p->piece[p->count - 1] = *a;
}

struct pattern pattern_exchange(const struct pattern *p, int var, int by, struct span text)
{
    struct pattern out = {.count = 0};
    for (int i = 0; i < p->count; i++) {
        if (p->piece[i].var == var)
            pattern_add(&out, by, text.text, text.length);
        else
            pattern_add_piece(&out, &p->piece[i]);
    }
    return out;
}

struct pattern pattern_open(const struct pattern *p, int piece, int from, int to, int var)
{
    struct pattern out = {.count = 0};
    for (int i = 0; i < p->count; i++) {
        const struct piece *a = &p->piece[i];
        if (i != piece) {
            pattern_add_piece(&out, a);
            continue;
        }
        pattern_add(&out, -1, a->text.text, from);
        pattern_add(&out, var, NULL, 0);
        pattern_add(&out, -1, a->text.text + to, a->text.length - to);
    }
    return out;
}

static bool begins(const char *text, int length, const struct span *with)
{
    return with->length <= length && memcmp(text, with->text, (size_t)with->length) == 0;
}

static int count_digits(const char *text, int length)
{
    int count = 0;
    while (count < length && text_is_digit(text[count])) count++;
    return count ? count : -1;
}

static bool piece_is_number(const struct piece *a) { return a->var == PATTERN_NUMBER || a->digits; }

/* Whether a number that is piece `k`, and a literal behind it, fit the text; or no number is. */
static bool number_fits(const struct pattern *p, int k, const char *text, int length)
{
    if (!piece_is_number(&p->piece[k])) return true;
    const int digits = count_digits(text, length), rest = length - digits;
    if (digits < 0 || k + 1 == p->count) return digits == length;
    const struct piece *after = &p->piece[k + 1];
    if (after->var >= 0) return true;
    return begins(text + digits, rest, &after->text) &&
        (k + 2 < p->count || after->text.length == rest);
}

/* Where `mark`, which is not the last piece, begins in the text from byte 1 on, or at most `limit`;
 * -1: nowhere. "a_1_2" ends with the number 2, not 1. */
static int find(const struct pattern *p, int k, const char *text, int limit, int length,
    const struct span *mark)
{
    for (int at = 1; at <= limit && at + mark->length <= length; at++)
        if (memcmp(text + at, mark->text, (size_t)mark->length) == 0 &&
            number_fits(p, k + 1, text + at + mark->length, length - at - mark->length))
            return at;
    return -1;
}

/* Length of the text before a number of its own; -1: none follows. */
static int length_to_number(
    const struct pattern *p, int next, const char *text, int limit, int length)
{
    for (int at = 1; at < limit; at++)
        if (text_is_digit(text[at]) && !text_is_digit(text[at - 1]) &&
            number_fits(p, next, text + at, length - at))
            return at;
    return -1;
}

/* Length of the text before a variable with a width; -1: none follows. */
static int length_to_width(
    const struct pattern *p, int next, const char *text, int limit, int length)
{
    const int width = p->piece[next].width;
    const struct piece *after = next + 1 < p->count ? &p->piece[next + 1] : NULL;
    for (int at = 1; at <= limit && at + width <= length; at++) {
        const int rest = length - at - width;
        if (!after ? !rest
                   : after->var >= 0 ||
                    (begins(text + at + width, rest, &after->text) &&
                        (next + 2 < p->count || after->text.length == rest)))
            return at;
    }
    return -1;
}

/* Length of the variable that begins at `text` before pieces from `next` on; -1: none. */
static int measure(const struct pattern *p, int next, const char *text, int length,
    const struct span got[PATTERN_VARS])
{
    const char *slash = memchr(text, '/', (size_t)length);
    const int limit = slash ? (int)(slash - text) : length;
    if (next == p->count) return limit == length && length > 0 ? length : -1;
    const struct piece *after = &p->piece[next];
    const struct span *mark = after->var < 0 ? &after->text
        : after->var >= PATTERN_VARS         ? NULL
                                             : &got[after->var];
    if (after->digits && !mark->text) return length_to_number(p, next, text, limit, length);
    if (after->width && !mark->text) return length_to_width(p, next, text, limit, length);
    if (!mark || !mark->text) return limit > 0 ? 1 : -1; /* two variables: see pattern_is_clear */
    if (next + 1 < p->count) return find(p, next, text, limit, length, mark);
    const int at = length - mark->length; /* the end is the last possible place */
    return at >= 1 && at <= limit && memcmp(text + at, mark->text, (size_t)mark->length) == 0 ? at
                                                                                              : -1;
}

static int whole_width(const char *text, int length, int width)
{
    return width <= length && !memchr(text, '/', (size_t)width) ? width : -1;
}

bool pattern_match(const struct pattern *p, struct span name, struct span got[PATTERN_VARS])
{
    const char *text = name.text;
    int length = name.length;
    memset(got, 0, PATTERN_VARS * sizeof *got);
    for (int i = 0; i < p->count; i++) {
        const struct piece *a = &p->piece[i];
        const struct span *known = a->var < 0           ? &a->text
            : a->var < PATTERN_VARS && got[a->var].text ? &got[a->var]
                                                        : NULL;
        const bool number = a->var == PATTERN_NUMBER || (a->digits && !known);
        const bool wide = a->width && !known;
        const int used = number           ? count_digits(text, length)
            : wide                        ? whole_width(text, length, a->width)
            : !known                      ? measure(p, i + 1, text, length, got)
            : begins(text, length, known) ? known->length
                                          : -1;
        if (used < 0) return false;
        if (!known && a->var < PATTERN_VARS) got[a->var] = (struct span){text, used};
        text += used;
        length -= used;
    }
    return length == 0;
}

int pattern_make(const struct pattern *p, const struct span *got, char *to, int room)
{
    int length = 0;
    for (int i = 0; i < p->count; i++) {
        const struct piece *a = &p->piece[i];
        if (a->var >= PATTERN_VARS) return -1;
        const struct span *s = a->var < 0 ? &a->text : &got[a->var];
        if (!s->text || s->length >= room - length) return -1;
        memcpy(to + length, s->text, (size_t)s->length);
        length += s->length;
    }
    to[length] = 0;
    return length;
}

bool pattern_is_clear(const struct pattern *p)
{
    unsigned seen = 0;
    for (int i = 0; i < p->count; i++) {
        const int var = p->piece[i].var;
        const bool fresh = var >= PATTERN_VARS || (var >= 0 && !(seen >> var & 1));
        if (fresh && i + 1 < p->count) {
            const struct piece *a = &p->piece[i], *b = &p->piece[i + 1];
            const int next = b->var;
            const bool apart = (a->width || (b->width ? !a->digits : a->digits != b->digits)) &&
                var != PATTERN_NUMBER && next != PATTERN_NUMBER;
            if (!apart &&
                (next >= PATTERN_VARS || (next >= 0 && next != var && !(seen >> next & 1))))
                return false;
        }
        if (var >= 0 && var < PATTERN_VARS) seen |= 1u << var;
    }
    return true;
}

int pattern_literals(const struct pattern *p)
{
    int length = 0;
    for (int i = 0; i < p->count; i++) length += p->piece[i].var < 0 ? p->piece[i].text.length : 0;
    return length;
}

bool pattern_same(const struct pattern *a, const struct pattern *b)
{
    bool same = a->count == b->count;
    for (int i = 0; same && i < a->count; i++)
        same = a->piece[i].var == b->piece[i].var && a->piece[i].digits == b->piece[i].digits &&
            a->piece[i].width == b->piece[i].width &&
            (a->piece[i].var >= 0 || !span_order(a->piece[i].text, b->piece[i].text));
    return same;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns of file names: literal text and variables, as "images/{id}_img". A variable is one or
 * more bytes but '/', and of digits alone or of a certain length if it says so; the same variable
 * twice is the same text twice. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { PATTERN_VARS = 12, PATTERN_PIECES = 40, PATTERN_ANY = PATTERN_VARS, PATTERN_NUMBER };

#define PATTERN_MARK '\x01' /* in literals: any text, as PATTERN_ANY */

struct span {
    const char *text;
    int length;
};
static inline struct span span_of(const char *text)
{
    return (struct span){text, (int)strlen(text)};
}
/* As memcmp and then by length; no text comes first. */
int span_order(struct span a, struct span b);
int spans_order(const void *a, const void *b);        /* of two spans, for qsort */
bool span_same_letters(struct span a, struct span b); /* in any letter case */
bool span_is_digits(struct span s);                   /* also of an empty one */
bool span_has_digit(struct span s);
struct span span_base(struct span path); /* behind the last '/' */

struct piece {
    int var;          /* -1: literal; PATTERN_ANY: any text; PATTERN_NUMBER: digits */
    struct span text; /* of a literal; not owned */
    bool digits;      /* a variable that is a whole number: no digit is before or behind it */
    int width;        /* of a variable, in bytes; 0: any */
};
struct pattern {
    int count;
    struct piece piece[PATTERN_PIECES];
};

/* False: no room. Joins literals that are neighbours in one text. */
bool pattern_add(struct pattern *p, int var, const char *text, int length);
/* The same with variable `by`, or this text if it is negative, in place of variable `var`. */
struct pattern pattern_exchange(const struct pattern *p, int var, int by, struct span text);
/* The same with a variable in place of bytes `from` to `to` of a literal. */
struct pattern pattern_open(const struct pattern *p, int piece, int from, int to, int var);
/* True if the whole text fits; got[var] are its variables, {NULL} for others. The first of two
 * variables in one name is the shortest. */
bool pattern_match(const struct pattern *p, struct span text, struct span got[PATTERN_VARS]);
/* The text of these variables and its length, or -1 without room or a variable. */
int pattern_make(const struct pattern *p, const struct span *got, char *to, int room);
/* Two variables without text between them cannot be told apart, unless one of them is of digits or
 * has a width. */
bool pattern_is_clear(const struct pattern *p);
int pattern_literals(const struct pattern *p); /* bytes of literal text */
bool pattern_same(const struct pattern *a, const struct pattern *b);

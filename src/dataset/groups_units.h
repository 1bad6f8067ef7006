/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a case's name, and which of them name a patient. */
#pragma once

#include "dataset/pairing_words.h"

enum { UNITS = 32 };

/* A word with its number, or a date: "P01", "Pat-001", "2020-01-15"; "P01S02" is two. */
struct unit {
    enum word_kind kind;
    struct span text;
    bool named; /* letters and a number */
};
int units_split(const char *name, struct unit unit[UNITS]);
bool units_is_separator(char c);             /* or the end of a name */
bool units_is_patient(const struct unit *u); /* "Pat-1", "P1" */

/* Which words a name loses. */
struct units_rule {
    bool everywhere[WORD_KINDS]; /* all names have a word of this kind */
    bool splits;                 /* train and test go, too */
};
/* A name without the words in which several cases of one patient differ. Words that may be a day or
 * a video go only beside a patient. NULL: no memory. */
char *units_rest(const struct units_rule *rule, const char *name);

/* It begins with six digits that may be a day: "190102", "020119". */
bool units_may_be_date(const char *name);
/* Whether two names differ in numbers alone. */
bool units_same_form(const char *a, const char *b);
/* As strcmp, but "Pat01" is "pat1". */
int units_compare(const char *a, const char *b);

/* SPDX-License-Identifier: Apache-2.0 */
/* Text that people type.  Words: which of a list one is, and how far apart two are that people
 * mistype; for names of options, commands and cases. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>

/* Where the word is in a list that ends with NULL, or -1. */
int text_index(const char *const *list, const char *word);
/* Whether it is one of the words of a list like "train plan info". */
bool text_has_word(const char *list, const char *word);

/* Letters of ASCII in either case are the same letter, whatever the locale of the program that the
 * library serves: under a Turkish one strcasecmp says that TIF is not tif. */
bool text_equals(const char *a, const char *b);
bool text_begins(const char *text, const char *beginning);
char text_lower(char c); /* of A to Z */

/* Names in which '_' equals '-'. */
bool text_same_name(const char *a, const char *b);
/* Edit distance where a swap of neighbours counts as one and '_' equals '-', of at most 255 bytes
 * of each. */
int text_distance(const char *a, const char *b);
/* The smallest distance at which another word is no longer taken for this one misspelt. */
int text_too_far(const char *word);
/* Whether `other` is nearer to the word than *best, which begins as text_too_far and becomes their
 * distance. */
bool text_is_nearer(const char *word, const char *other, int *best);
/* The word of a NULL-terminated list that is most like `word`, or NULL when none is near. */
const char *text_nearest(const char *word, const char *const *list);

/* For messages about a name that was not found: Unicode writes letters with marks in two ways (UAX
 * 15, NFC and NFD), and macOS's older file systems have the other.  "" for a name of ASCII. */
const char *text_two_forms(const char *name);

/* The end of a counted noun: "%d case%s", n, TEXT_S(n).  A macro, since counts are of every type.
 */
#define TEXT_S(count) ((count) == 1 ? "" : "s")

/* Control characters, which a terminal would obey (those of ASCII, and U+0080 to U+009F in UTF-8),
 * become '?': files and their names hold what others wrote. */
void text_tame(char *text);

char *text_skip_mark(char *text); /* past a byte order mark of UTF-8, as some editors put it */

#endif

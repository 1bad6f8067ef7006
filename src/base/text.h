/* SPDX-License-Identifier: Apache-2.0 */
/* Words that people type: look-up and edit distance for names of options, commands and cases. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Index in a NULL-terminated list, or -1. */
int text_index(const char *const *list, const char *word);
/* list: such as "train plan info". */
bool text_has_word(const char *list, const char *word);

/* ASCII case is ignored in any locale (in a Turkish one, strcasecmp separates TIF from tif). */
bool text_equals(const char *a, const char *b);
bool text_begins(const char *text, const char *beginning);
char text_lower(char c); /* of A to Z */
static inline bool text_is_digit(char c) { return c >= '0' && c <= '9'; }
bool text_is_letter(char c); /* of ASCII */

/* Of two pointers to texts, by bytes, for qsort. */
int text_order(const void *a, const void *b);

/* '_' equals '-'. */
bool text_same_name(const char *a, const char *b);
/* Edit distance with swaps of neighbours; '_' equals '-'; first 255 bytes. */
int text_distance(const char *a, const char *b);
/* Smallest distance that is no likely misspelling. */
int text_too_far(const char *word);
/* Whether `other` is nearer than *best, which becomes the distance; start with text_too_far. */
bool text_is_nearer(const char *word, const char *other, int *best);
/* The likeliest meant word of a NULL-terminated list, or NULL. */
const char *text_nearest(const char *word, const char *const *list);

/* A hint for a name not found: Unicode has two forms of letters with marks (UAX 15, NFC and NFD;
 * macOS). "" for ASCII. */
const char *text_two_forms(const char *name);

/* Plural ending: "%d case%s", n, TEXT_S(n). A macro for any integer type. */
#define TEXT_S(count) ((count) == 1 ? "" : "s")

/* Replaces control characters (ASCII, U+0080 to U+009F) by '?', so that file names cannot control a
 * terminal. */
void text_tame(char *text);

char *text_skip_mark(char *text); /* past a UTF-8 byte order mark */

/* Appends to a text in `size` bytes, as printf would; false, and cut, if it does not fit. */
bool text_append(char *text, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A word of a printed command, in quotes if a shell would change it. Returns `text`; cuts a word
 * that is longer than fits. */
char *text_quote(const char *word, char *text, size_t size);
/* The same for a path, which gets "./" if it begins as an option does. */
char *text_quote_path(const char *path, char *text, size_t size);
enum { TEXT_QUOTED = 4200 };
/* For printf; they last as long as the block around them. */
#define TEXT_WORD(word) text_quote(word, (char[TEXT_QUOTED]){0}, TEXT_QUOTED)
#define TEXT_PATH(path) text_quote_path(path, (char[TEXT_QUOTED]){0}, TEXT_QUOTED)

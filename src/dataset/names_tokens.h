/* SPDX-License-Identifier: Apache-2.0 */
/* File names as words, numbers and separators, and what two names have in common. */
#pragma once

#include <stdint.h>
#include <string.h>

#include "dataset/pattern.h"

enum { TOKENS = 64 };

/* Words are runs of letters or of digits; "leftMask" is left and Mask. A run that changes often, as
 * in hashes, is one word, and so is the name of a channel such as "t2": its number is no case's. */
struct token {
    int from, length;
    bool word;
    uint32_t hash;
};
/* Where a word of a path begins or ends. */
static inline bool tokens_is_mark(char c) { return strchr("/_-. ", c) != NULL; }

/* The last token takes what is too much; returns their number. */
int tokens_split(struct span name, struct token token[TOKENS]);

/* A name without the zeros that begin its numbers; returns the length. `from`: the place of each
 * byte in the name, or NULL. */
int names_drop_zeros(struct span name, char *to, int *from);

/* Of 8-4-4-4-12 hexadecimal digits at the beginning of a text; 0: it does not begin so. */
int names_uuid_length(const char *s, int length);

enum comparison { PLAIN, REPEATED, PARTED, COMPARISONS };
/* A name and another one as patterns: what both have in common are the variables. From REPEATED on,
 * a variable that stands in the literals, too, is the variable again; PARTED cuts variables at
 * separators. `keep` (or NULL) restricts the
 * variables to bytes of `a` that it marks; `common` (or NULL) gets marks for those that are in
 * variables. False: too many. */
bool tokens_compare(struct span a, struct span b, enum comparison how, const bool *keep,
    bool *common, struct pattern *pa, struct pattern *pb);

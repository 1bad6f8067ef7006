/* SPDX-License-Identifier: Apache-2.0 */
/* How a tree is read: patterns of images and of labels. `id`, `group`, `channel` and `class` in
 * braces are variables with a meaning; others only have to agree. '*' is any text, '#' a number,
 * {id#} a variable that is one, and {id:3} a variable of three bytes.
 * ';' separates channels, or classes; '>' stands before a class that covers those on its left. '|'
 * separates parts of a set with other names. A backslash
 * takes the meaning of the next byte. Without an ending, a pattern fits any image format. */
#pragma once

#include "base/status.h"
#include "dataset/tree.h"

enum { VAR_ID, VAR_GROUP, VAR_CHANNEL, VAR_CLASS, VARS_NAMED };
enum { READING_NAME = 24, PLACES_MOST = 256, PARTS_MOST = 32 };

/* One pattern. */
struct place {
    struct pattern pattern;
    char *text;         /* its literals */
    const char *ending; /* in lower case, or "" */
    unsigned vars;      /* one bit each */
    bool any;           /* has '*' */
    bool over;          /* of a class that covers those before it */
};
struct reading_part {
    struct place *image, *label;
    int images, labels;
    unsigned shared; /* variables of all patterns, which tell cases apart */
};
struct reading {
    struct reading_part part[PARTS_MOST];
    int parts;
    char name[PATTERN_VARS][READING_NAME];
    int names;
};

/* ATT_USAGE for what is no pattern. `labels` NULL: images alone. */
att_status reading_parse(const char *images, const char *labels, struct reading *r, struct err *e);
void reading_clear(struct reading *r);
bool reading_place_fits(
    const struct place *p, const struct tree_file *file, struct span got[PATTERN_VARS]);
/* The pattern that a file of a tree fits best, from `part` on, with at least `literals` bytes of
 * text; false: none. */
struct fit {
    int part, place, literals;
    bool label;
    struct span got[PATTERN_VARS];
};
bool reading_fits(const struct reading *r, const struct tree_file *file, struct fit *f);

/* Give the literals of *r, which is equal to `bare`, the zeros of the files that fit `bare` without
 * the zeros that begin their numbers. False: not all of these files fit then. */
bool reading_put_zeros(const struct tree *t, const struct reading *bare, struct reading *r);
/* The patterns of all images, or labels; NULL: no memory. */
char *reading_text(const struct reading *r, bool label);

/* Append `before`, a pattern with these names of variables, `mark` for PATTERN_MARK, and an ending,
 * to *text (NULL: empty); false: no memory, and *text is NULL. */
bool reading_append(char **text, const char *before, const struct pattern *p,
    const char (*name)[READING_NAME], const char *mark, const char *tail, const char *ending);

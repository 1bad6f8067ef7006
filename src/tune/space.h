/* SPDX-License-Identifier: Apache-2.0 */
/* What a search may choose: dimensions, each a range of numbers or a list of words, some of them
 * only where another has a certain word. A point is a number for every dimension: the value itself,
 * the index of a word, or NaN where the dimension is not active.  Numbers only: what they are
 * settings of is known to space_read.c and setup.c. */
#ifndef TUNE_SPACE_H
#define TUNE_SPACE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

enum { SPACE_MOST = 32, SPACE_CHOICES = 64, SPACE_NAME = 48, SPACE_VALUE = 256 };
enum dimension_kind { DIMENSION_REAL, DIMENSION_INT, DIMENSION_CHOICE };

struct dimension {
    char name[SPACE_NAME];
    enum dimension_kind kind;
    bool log;      /* of numbers: equal factors are equally far apart */
    double lo, hi; /* of numbers: the smallest and the largest one */
    char *choice[SPACE_CHOICES];
    int choices;
    double first;  /* the value, or index, of the first trial; NaN: any */
    int parent;    /* an earlier dimension, of words; -1: always active */
    uint64_t when; /* the parent's words with which this one is active, a bit each */
};

struct space {
    struct dimension dim[SPACE_MOST];
    int count;
};

void space_free(struct space *s);
int space_find(const struct space *s, const char *name); /* -1: there is none */
/* Adds one that is always active and has nothing in it yet; NULL: there are SPACE_MOST. */
struct dimension *space_add(struct space *s, const char *name, enum dimension_kind kind);
att_status dimension_add_choice(
    struct dimension *d, const char *text, size_t length, struct err *e);

/* Whether dimension k takes part, given the values of those before it. */
bool space_active(const struct space *s, const double *x, int k);
/* u in [0, 1) as a value: equal parts of [0, 1) for words and whole numbers; real numbers are
 * rounded to four digits, so that their text is their value. */
double dimension_value(const struct dimension *d, double u);
double dimension_unit(
    const struct dimension *d, double x); /* the middle of where a value lies in [0, 1] */
/* A point of one u for each dimension. */
void space_point(const struct space *s, const double *u, double *x);

/* Every combination of words and whole numbers, the first dimension's slowest: point `number`, from
 * 0.  False: there are no more. Those with real numbers are not listed. */
bool space_combination(const struct space *s, int number, double *x);
bool space_is_listed(const struct space *s); /* there are no others */

/* A value as text: "0.002", "7", "dice+ce". */
void dimension_text(const struct dimension *d, double x, char text[SPACE_VALUE]);
/* {NAME: value}, without what is not active: numbers as numbers, words as texts; and back.  A name
 * or value that the space does not have is ATT_DATA. */
json_t *space_point_to_json(const struct space *s, const double *x);
att_status space_point_from_json(const struct space *s, const json_t *j, double *x, struct err *e);
/* All of the space, so that two can be compared. */
json_t *space_to_json(const struct space *s);

#endif

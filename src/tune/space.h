/* SPDX-License-Identifier: Apache-2.0 */
/* A search space: dimensions, each a range of numbers or a list of words, some active only for
 * certain words of another. A point has a number per dimension: the value, the index of a word, or
 * NaN if inactive. space_read.c and setup.c know the settings behind them. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

enum { SPACE_MAX = 32, SPACE_CHOICES = 64, SPACE_NAME = 48, SPACE_VALUE = 256 };
enum dimension_kind { DIMENSION_REAL, DIMENSION_INT, DIMENSION_CHOICE };

struct dimension {
    char name[SPACE_NAME];
    enum dimension_kind kind;
    bool log;      /* numbers: logarithmic */
    double lo, hi; /* numbers: minimum and maximum */
    char *choice[SPACE_CHOICES];
    int choices;
    double first;  /* value or index in the first trial; NaN: any */
    int parent;    /* an earlier dimension, of words; -1: always active */
    uint64_t when; /* bits of the parent's words that activate this one */
};

struct space {
    struct dimension dim[SPACE_MAX];
    int count;
};

void space_free(struct space *s);
int space_find(const struct space *s, const char *name); /* -1: none */
/* Add an empty dimension that is always active; NULL: there are SPACE_MAX. */
struct dimension *space_add(struct space *s, const char *name, enum dimension_kind kind);
att_status dimension_add_choice(
    struct dimension *d, const char *text, size_t length, struct err *e);

/* True if dimension k is active, given the values before it. */
bool space_active(const struct space *s, const double *x, int k);
/* Value at u in [0, 1): equal parts for words and whole numbers; real numbers are rounded to four
 * digits, to equal their text. */
double dimension_value(const struct dimension *d, double u);
/* the middle of a value's part of [0, 1] */
double dimension_unit(const struct dimension *d, double x);
/* A point from one u per dimension. */
void space_point(const struct space *s, const double *u, double *x);

/* Combination `number`, from 0, of words and whole numbers, the first dimension slowest. False: no
 * more, or real numbers. */
bool space_combination(const struct space *s, int number, double *x);
bool space_is_listed(const struct space *s); /* all combinations are listed */

/* A value as text: "0.002", "7", "dice+ce". */
void dimension_text(const struct dimension *d, double x, char text[SPACE_VALUE]);
/* {NAME: value} without inactive ones: numbers as numbers, words as texts; and back. ATT_DATA for
 * an unknown name or value. */
json_t *space_point_to_json(const struct space *s, const double *x);
att_status space_point_from_json(const struct space *s, const json_t *j, double *x, struct err *e);
/* All of the space, for comparing two. */
json_t *space_to_json(const struct space *s);

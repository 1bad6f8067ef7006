/* SPDX-License-Identifier: Apache-2.0 */
/* Problems of a data set: messages about files. Collected by layouts and check.c, for info. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

enum problem_kind {
    PROBLEM_UNREADABLE, /* unknown format, damaged, truncated */
    PROBLEM_PARTNER,    /* a label without image, two of one, or images that must have a label */
    PROBLEM_SIZE,
    PROBLEM_CHANNELS,
    PROBLEM_GEOMETRY, /* amount: voxels, and mm */
    PROBLEM_SAMPLES,  /* NaN or infinite */
    PROBLEM_VALUE,    /* an undeclared label value, or a doubt about what values mean */
    PROBLEM_SPLIT,    /* unusable groups or folds */
    PROBLEM_NAME,     /* a case name that JSON cannot hold */
    /* From here on warnings: training continues. */
    PROBLEM_EMPTY, /* a label without foreground */
    PROBLEM_UNLABELLED,
    PROBLEM_CONSTANT, /* an image of one value */
    PROBLEM_FAINT,    /* an image that normalising would flatten */
    PROBLEM_LOOK,     /* files that show equal numbers in different ways */
    PROBLEM_SPACING,
    PROBLEM_ORIENTATION, /* axes unlike most */
    PROBLEM_OVERLAP,     /* joined masks; amount: voxels */
    PROBLEM_CLASS,       /* declared, but in no or only one case */
    PROBLEM_ASIDE,       /* pairs with other names that are not used */
    PROBLEM_SAME,        /* two equal images */
    PROBLEM_DUPLICATE,   /* two similar images */
    PROBLEMS
};

struct problem {
    enum problem_kind kind;
    char *file, *text;   /* file may be NULL: the whole set */
    double voxels, mm;   /* amount; 0: none */
    int index;           /* of the case in the data set, or -1 */
    bool fixable, fixed; /* by copying with fixes */
};

struct problems {
    struct problem *list;
    int count, errors; /* errors stop training */
};

const char *problem_word(enum problem_kind kind); /* "geometry", for JSON */
/* Whether a failure is of this file alone (its content, a dangling link, a pipe, no permission), or
 * of the file with its samples, so that the others are checked all the same; not memory, a disk or
 * a stop. `file` may be joined masks. */
bool problem_of_file(att_status status, const char *file);
static inline bool problem_is_error(enum problem_kind kind) { return kind < PROBLEM_EMPTY; }
/* Adds a problem of case `index` (-1: of none) with a copy of `file`; returns it, or NULL and
 * ATT_MEMORY in e. */
struct problem *problems_add(struct problems *p, enum problem_kind kind, const char *file,
    int index, struct err *e, const char *format, ...) __attribute__((format(printf, 6, 7)));
void problems_free(struct problems *p);

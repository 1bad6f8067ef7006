/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with a data set: a list of sentences, each about a file.  Gathered by layouts and
 * by check.c, for info. */
#ifndef DATASET_PROBLEMS_H
#define DATASET_PROBLEMS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

enum problem_kind {
    PROBLEM_UNREADABLE, /* no format, damaged, cut off */
    PROBLEM_PARTNER,    /* an image without label, a label without image, two of one */
    PROBLEM_SIZE,
    PROBLEM_CHANNELS,
    PROBLEM_GEOMETRY, /* amount: voxels, and mm */
    PROBLEM_SAMPLES,  /* NaN or infinite */
    PROBLEM_VALUE,    /* a label value that is not declared */
    PROBLEM_SPLIT,    /* groups or folds that cannot be used */
    PROBLEM_NAME,     /* of a case, that JSON cannot hold */
    /* From here on warnings: training goes on. */
    PROBLEM_EMPTY,    /* a label without foreground */
    PROBLEM_CONSTANT, /* an image of one value */
    PROBLEM_FAINT,    /* an image of which normalising leaves next to nothing */
    PROBLEM_SPACING,
    PROBLEM_ORIENTATION, /* axes that run to other sides of the body than those of most */
    PROBLEM_OVERLAP,     /* joined masks; amount: voxels */
    PROBLEM_CLASS,       /* declared, in no case; or in one alone */
    PROBLEM_SAME,        /* two images are equal */
    PROBLEM_ALIKE,       /* two images are nearly equal */
    PROBLEMS
};

struct problem {
    enum problem_kind kind;
    char *file, *text;     /* file may be NULL: the whole set */
    double voxels, mm;     /* amount where there is one; 0: none */
    int index;             /* of the case in the data set, or -1 */
    bool mendable, mended; /* by info --fix */
};

struct problems {
    struct problem *list;
    int count, errors; /* errors stop a training */
};

const char *problem_word(enum problem_kind kind); /* "geometry", for JSON */
static inline bool problem_is_error(enum problem_kind kind) { return kind < PROBLEM_EMPTY; }
/* Adds a copy of both texts; the new one, or NULL and ATT_MEMORY in e. */
struct problem *problems_add(
    struct problems *p, enum problem_kind kind, const char *file, const char *text, struct err *e);
void problems_free(struct problems *p);

#endif

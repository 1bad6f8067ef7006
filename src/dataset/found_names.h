/* SPDX-License-Identifier: Apache-2.0 */
/* Which image the name of a label holds, whatever else it has: "tumour/07_1" holds 07. A name may
 * be read in several ways, as "3/cell_2" where there are images 2 and 3: of these the one is right
 * that holds for most labels, then for most images. */
#pragma once

#include <limits.h>

#include "dataset/pairing_links.h"
#include "dataset/reading.h"

enum { NAMES_SIGNS = 1024, NAMES_NUMBER = PATTERN_VARS - 1 };

struct names_image {
    int file;
    struct span value[PATTERN_VARS]; /* of variables */
    int rank[PATTERN_VARS];          /* of these among all values */
};

/* A way to read names: where the image and other numbers stand. */
struct names_sign {
    uint64_t hash;
    int labels, images; /* for how many it holds */
    int vars, turned;   /* variables; those in another order than in names of images */
    int last;           /* label that was counted */
    bool *seen;         /* by image */
};

struct label_names {
    const struct tree *tree;
    struct reading reading; /* of images alone; owns texts */
    struct names_image *image;
    int images, key;                  /* sorted by this variable, which has most values */
    bool *is_image;                   /* by file */
    int order[PATTERN_VARS];          /* of variables in names of images */
    struct span *value[PATTERN_VARS]; /* all values of a variable, sorted */
    int values[PATTERN_VARS];
    int *seen[PATTERN_VARS];   /* by value: 1 + the label read last that holds it */
    uint16_t length[PATH_MAX]; /* which variables have values of this length, by bit */
    struct names_sign sign[NAMES_SIGNS];
    int signs;
    int named;  /* labels that hold an image */
    int favour; /* a sign that comes first, or -1 */
    int rival;  /* one as good as that of some label, with another image; or -1 */
    bool lost;  /* no memory for a sign */
};

/* The pattern of most images by the numbers in their names; *images NULL: there is none. */
att_status label_names_guess(const struct tree *t, struct links *l, char **images, struct err *e);
/* Of images with these patterns; no images: they have several parts, or fit
 * nothing. */
att_status label_names_make(
    const struct tree *t, const char *images, int favour, struct label_names *x, struct err *e);
void label_names_free(struct label_names *x);
/* How a label is read. Numbers and hashes are pieces NAMES_NUMBER with their text. False: it holds
 * no image, or is one. */
struct label_name {
    struct pattern pattern;
    int image, sign;
};
bool label_names_read(const struct label_names *x, int file, struct label_name *name);

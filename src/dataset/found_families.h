/* SPDX-License-Identifier: Apache-2.0 */
/* Labels whose names differ only in a number, or in a hash: "masks/tumour/7_1" and
 * "masks/tumour/7_2" are of one family, "masks/stroma/7_1" is of another. */
#pragma once

#include "dataset/found.h"
#include "dataset/reading.h"

enum { FAMILIES_MOST = 40, FAMILY_NUMBER = PATTERN_VARS - 2, FAMILY_WORD = PATTERN_VARS - 1 };

struct family {
    struct pattern pattern; /* with the variable FAMILY_NUMBER */
    bool digits;            /* the variable is a number; else any text */
    bool folder;            /* the variable is the name of a file in a folder of labels */
    const char *ending;     /* of all files, or "" */
};

/* A file of a family. */
struct member {
    int file, family, image; /* files of the tree, and a family */
    struct span number;
};

struct families {
    struct family family[FAMILIES_MOST];
    int count;
    struct member *member; /* by image, family, number */
    int members, images;
    struct reading reading; /* of the images, and of one label; owns texts */
    struct reading *slot;   /* of labels, which own texts, too */
    int slots;
    struct place
        plain[FAMILIES_MOST]; /* labels without a number of their own; no family has them */
    int plains;
};

/* Of the first portion of a choice; count is 0 without any. Families of other words join those that
 * the choice has, where there are two. */
att_status families_find(const struct finder *s, struct links *l, const struct choice *c,
    enum pairing_way way, struct families *f, struct err *e);
/* In the order of names. */
int families_order(const struct pattern *a, const struct pattern *b);
void families_free(struct families *f);
/* The pattern of a family with '#', or '*', as number, or with this number. */
struct place families_place(const struct family *f, const struct span *number);

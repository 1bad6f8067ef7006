/* SPDX-License-Identifier: Apache-2.0 */
/* Labels whose names differ only in a number, or in a hash: "masks/tumour/7_1" and
 * "masks/tumour/7_2" are of one family, "masks/stroma/7_1" is of another. */
#pragma once

#include "dataset/found.h"
#include "dataset/found_names.h"

enum { FAMILIES_MOST = 40 };

struct family {
    struct pattern pattern; /* with the variable NAMES_NUMBER */
    struct pattern joined;  /* the same with any number in place of those of types */
    bool digits;            /* NAMES_NUMBER is a number; else any text */
    bool counted;           /* some number of a type may be that of objects, too */
    const char *ending;     /* of all files, or "" */
};

/* A file of a family. */
struct member {
    int file, family, image; /* files of the tree, and a family */
    struct span number;      /* empty: the first label, without a number */
};

/* Labels without a number of their own. */
struct plain {
    struct pattern pattern;
    int family;         /* whose first labels they are, as "7" beside "7_1"; or -1 */
    const char *ending; /* of all files, or "" */
};

struct families {
    struct family family[FAMILIES_MOST];
    int count;
    struct member *member; /* by image, family, number */
    int members, images;
    int kept; /* members that the portion has */
    struct label_names names;
    struct plain plain[FAMILIES_MOST];
    int plains;
};

/* Of the images of a choice's first portion; or, if more labels hold the names of others, of those.
 * `favour`: a way to read names that comes first, or -1. count is 0 without any. */
att_status families_find(const struct finder *s, struct links *l, const struct choice *c,
    enum pairing_way way, int favour, struct families *f, struct err *e);
/* In the order of names, but for numbers; first ones before others of their family. */
int families_order(const struct pattern *a, const struct pattern *b);
void families_free(struct families *f);
/* The pattern of a family with '#', or '*', as number, or with this number; `joined`: of all types
 * that differ in numbers alone. */
struct place families_place(const struct family *f, const struct span *number, bool joined);

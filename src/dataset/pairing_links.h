/* SPDX-License-Identifier: Apache-2.0 */
/* Transforms that lead from images to labels. */
#pragma once

#include "dataset/contents.h"
#include "dataset/pairing.h"
#include "dataset/pairing_words.h"

/* How to look into files, or all of a large one; tests have their own. */
struct pairing_eyes {
    void *arg;
    void (*look)(void *arg, const char *path, bool whole, struct contents *c);
    bool (*share)(void *arg, const char *a, const char *b, struct contents_shared *s);
    /* The masks of a case (joined.h) can be read; *empty: they hold only 0. */
    bool (*join)(void *arg, const char *masks, bool *empty);
    enum content_cut (*cut)(void *arg, const char *image, const char *masks); /* NULL: unknown */
    enum content_drawn (*drawn)(void *arg, const char *a, const char *b);     /* the same */
};

struct link {
    const struct transform *t; /* from images to labels */
    int *image;                /* by label: its image, or -1 */
    int count;
    struct words image_words, label_words; /* that only one side has */
    int cost;                              /* words by which the names differ, and a folder */
    bool folder;                           /* labels are folders */
    bool doubtful;                         /* names alone say which side is the label */
    bool coloured;                         /* labels have colours */
    bool palette;                          /* labels have a palette */
    int groups;                            /* in which some number counts anew; 0: none does */
    bool swapped;                          /* its names say the opposite of its files */
};

struct links {
    struct pairing *p;
    const struct pairing_eyes *eyes;
    bool split;            /* those whose numbers count anew in groups */
    struct contents *seen; /* by file; channels -1: not looked at */
    struct link *link;     /* most pairs first, then the best label, then the least difference */
    int count;
    struct link swapped; /* the one with most pairs, as its files say; t is NULL: none */
};

/* Changes the order of sides in p's transforms. `split`: numbers that count anew in each group tell
 * no images apart. */
att_status links_make(
    struct pairing *p, const struct pairing_eyes *eyes, bool split, struct links *l, struct err *e);
void links_free(struct links *l);
const struct contents *links_look(struct links *l, int file);
/* Words of a label, colours, a folder of files and doubts make it a second choice; of two equal
 * ones grey wins over a palette. */
int link_rank(const struct link *x, const struct words *w, bool folder);

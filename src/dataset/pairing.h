/* SPDX-License-Identifier: Apache-2.0 */
/* Which files of a tree belong together, by what their names have in common. Nothing here knows an
 * image from a label (pairing_choose.c does). */
#pragma once

#include "dataset/tree.h"

/* A file without its ending, or with it where two files differ only in that; or a folder of
 * several files, whose name ends in '/'. */
struct node {
    struct span name;
    int first, count; /* files of the tree */
};

/* Two patterns with the same variables, and the nodes whose names fit both. */
struct transform {
    struct pattern from, to;
    int count;   /* pairs */
    int *target; /* by node: its partner, or -1 */
};

enum { TRANSFORMS = 160 };

struct pairing {
    const struct tree *tree;
    struct node *node; /* files in the tree's order, then folders */
    char *masked;      /* the names of nodes, where they are not those of files */
    int count;
    struct transform *transform; /* most pairs first; none is contained in an earlier one */
    int transforms, room;        /* room: for more of them */
};

/* A number, or a hash: letters and digits that change often, or hexadecimal ones. */
bool pairing_is_number(const char *s, int length);
/* Some literal has a word of letters alone. */
bool pairing_has_word(const struct pattern *a);
/* Equal but for digits, as mask_1 and mask_2 are. */
bool pairing_same_words(struct span a, struct span b);

/* An index in each run of `step` indices, at another place of every run: names that repeat would
 * hide from even steps. */
static inline int pairing_sample(int run, int step)
{
    return run * step + (int)(((unsigned)run * 2654435761u >> 16) % (unsigned)step);
}

/* What is tried, in turn, until something pairs: names share runs of words; or single words; or
 * runs, if 7 and 00007 are one number; or single words, if each file has numbers of its own, which
 * count for nothing. */
enum pairing_way { WAY_RUNS, WAY_WORDS, WAY_ZEROS, WAY_MASKED, PAIRING_WAYS };
/* `t`: some files of `all`; `split`: numbers that differ may belong to one case. */
att_status pairing_find(const struct tree *t, const struct tree *all, enum pairing_way way,
    bool split, struct pairing *p, struct err *e);
void pairing_free(struct pairing *p);

/* SPDX-License-Identifier: Apache-2.0 */
/* Choose how a tree is read: which files are images, channels, labels of classes. */
#pragma once

#include "dataset/dataset.h"
#include "dataset/pairing_links.h"

enum { SLOTS_MOST = 256, ASIDES = 16 };

/* Files that take one place in every case: a channel, or a label. */
struct slot {
    const struct link *link;
    struct span inner; /* this file in the folders of the link; empty: the node itself */
    struct words words;
    int count;
    int within; /* labels that cover it, as filled ones do its outlines; counted for a question */
    bool over;  /* something is drawn over another image */
};

/* Files that are not used, and why. */
struct aside {
    const char *why;
    int count;
    const char *first; /* path below the root, of the tree */
};

/* Images and labels with one pattern of names. */
struct portion {
    const struct link *main; /* its images are the first channel */
    struct slot image[DATASET_CHANNELS], label[SLOTS_MOST];
    int images, labels;
    bool crowded;  /* there are more images than a case can have */
    bool drawn;    /* one of the images is another one, processed or with something drawn over it */
    bool coloured; /* some of several images has several channels */
    bool dropped;  /* some labels were put aside */
    bool many;     /* an unclear label has classes, which one class for each file would join */
    bool numbered; /* labels beside each other differ in numbers: classes, or objects? */
    bool common;   /* some label may belong to all images of a group */
    bool plain;    /* of these, the first label has no number */
    bool objects;  /* the files in a folder of labels, or all labels, are objects of one image */
    bool over;     /* labels are classes, each of which covers those before it */
    /* Readings that explain the files equally well: one of these slots is to be chosen. */
    bool unclear_labels, unclear_images;
};

enum { PORTIONS = 16 };
struct choice {
    struct portion *portion;
    int portions;
    bool *used;         /* by file */
    struct slot *first; /* labels of the first portion, before any is put aside */
    int gathered;
    struct aside aside[ASIDES];
    int asides;
};

/* Names of the first images and labels of a tree; later ones must be like them. */
struct link_kind {
    bool known;
    int rank, label; /* ranks of the images and labels by their words */
    struct pattern from, to;
};

/* No portions: nothing pairs. */
att_status pairing_choice_make(
    struct links *l, struct link_kind *kind, struct choice *c, struct err *e);
void pairing_choice_free(struct choice *c);
/* The node in a slot for a node of main's images, or -1; for `inner` files the folder. */
int slot_node(const struct portion *q, const struct slot *s, bool label, int image);
/* The file there, the first of a folder; -1: none. */
int slot_file(
    const struct links *l, const struct portion *q, const struct slot *s, bool label, int image);
/* The first file in a slot, or -1. */
int slot_any_file(const struct links *l, const struct portion *q, const struct slot *s, bool label);

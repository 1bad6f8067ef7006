/* SPDX-License-Identifier: Apache-2.0 */
/* How a tree may be read, found from its names and some of its files. */
#pragma once

#include "dataset/pairing_choose.h"

/* Where files are searched. */
struct finder {
    const char *root;
    const struct tree *tree; /* all files */
    const struct pairing_eyes *eyes;
    bool split; /* numbers that count anew in each group tell no cases apart */
};

struct found {
    char *images, *labels; /* patterns (reading.h); NULL: nothing pairs */
    struct aside aside[ASIDES];
    int asides, pairs;
    int rank; /* of the labels by their words: others of a worse one are no labels left over */
    enum pairing_way way;
    char *more_images, *more_labels; /* of pairs with names of another kind, not used; or NULL */
    int more;
    char *options; /* settings that a question offers, or NULL */
    bool common;   /* of the labels in question, one may belong to all images of a group */
};

/* ATT_DATA where several readings are equally good, with the settings that choose, or where names
 * and files contradict each other. Then f->images may be there, too, of the pairs found before. */
att_status found_search(const struct finder *s, struct found *f, struct err *e);
/* The settings for the first image of each case alone; "" if there are no others, or no room. */
void found_first(const struct finder *s, const struct found *f, char *text, size_t size);
/* The settings for these pairs, too; "" if there is no room. */
void found_more(const struct finder *s, const struct found *f, char *text, size_t size);
void found_free(struct found *f);
/* The eyes that read files below a root. */
struct pairing_eyes found_eyes(const char *root);

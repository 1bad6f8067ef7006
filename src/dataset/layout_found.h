/* SPDX-License-Identifier: Apache-2.0 */
/* The layout of a tree whose reading was found from names and contents, or told as patterns. */
#pragma once

#include "dataset/layout.h"

/* How a data set is read, for info and for settings. */
struct left_aside {
    char *why, *first; /* first: its path below the root */
    int count;
};
struct dataset_reading {
    char *images, *labels; /* patterns (reading.h) */
    bool given;            /* as settings */
    struct left_aside *left;
    int lefts;
};
void dataset_reading_free(struct dataset_reading *r);

/* A search of a tree, before any of its cases is used. */
struct found_set;
/* *s is NULL if nothing pairs. `images`, `labels`: told, or NULL. ATT_DATA where readings are
 * equally good, or names and files contradict each other. */
att_status found_set_open(
    const char *root, const char *images, const char *labels, struct found_set **s, struct err *e);
/* The patterns of the pairs below a folder, for mem_free, or NULL if nothing pairs. `flat`: without
 * its inner folders. ATT_DATA as above. */
att_status found_patterns(const char *root, bool flat, char **images, char **labels, struct err *e);
int found_set_pairs(const struct found_set *s);
/* It leaves masks of a region aside, which cover its labels; s may be NULL. */
bool found_set_leaves_region(const struct found_set *s);
void found_set_free(struct found_set *s);
/* The settings by which all pairs of a folder are one set; "" if there are none. */
att_status found_set_option(const char *root, char *text, size_t size, struct err *e);
/* Fill d from it. */
att_status found_set_fill(
    const struct found_set *s, struct dataset *d, struct host *host, struct err *e);
/* A name such as train or test. */
bool found_is_part(const char *name);
/* What is wrong with pairs that names alone give: "by their names, ..."; or "". *d has its paths.
 */
att_status found_set_by_names(struct dataset *d, char *text, size_t size, struct err *e);

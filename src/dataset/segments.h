/* SPDX-License-Identifier: Apache-2.0 */
/* The names that the header of a .seg.nrrd file of 3D Slicer gives to the values of its labels, and
 * whether all files agree. */
#pragma once

#include "dataset/layout.h"

struct segment {
    unsigned value;
    char name[LABELLING_NAME];
    int file;
};
struct segments {
    struct segment by[LABELLING_MAX]; /* the first file that names a value */
    int count;
    struct segment same, other; /* a value with two names; other.name "": all agree */
};

/* `header`: the text of an NRRD header, or NULL; `v`: the values of the labels. */
att_status segments_add(
    struct segments *s, const char *header, const struct values *v, int file, struct err *e);
/* The name of a value, or NULL: it has none, files do not agree, or another one has that name. */
const char *segments_name(const struct segments *s, unsigned value);
/* Writes what leaves a doubt, and returns what to do unless the numbers count; or NULL. */
const char *segments_differ(
    const struct segments *s, const struct dataset *d, char *text, size_t size);

/* SPDX-License-Identifier: Apache-2.0 */
/* All image files below a folder, by name only: no file is opened. */
#pragma once

#include "base/status.h"
#include "dataset/pattern.h"

enum { TREE_OTHERS = 12, TREE_ENDING = 12 };

struct tree_file {
    const char *path; /* below the folder */
    int length;
    int stem; /* length without ending */
};
/* The path without its ending. */
static inline struct span tree_name(const struct tree_file *f)
{
    return (struct span){f->path, f->stem};
}
/* Files of one other ending. */
struct tree_other {
    char ending[TREE_ENDING];
    int count;
    const char *first;
};
struct tree {
    struct tree_file *file; /* sorted by path */
    int count;
    struct tree_other other[TREE_OTHERS];
    int others;
    const char *dangling, *outside; /* the first link to nothing, and out of the folder, or NULL */
    int danglings, outsides;
    const char *store; /* the first folder of Zarr or N5, which is not walked, or NULL */
    int stores;
    char **block; /* the texts */
    int blocks;
    size_t used; /* of the last one */
};

/* Hidden files, and folders of runs, are left out. ATT_DATA for too many files. */
att_status tree_walk(const char *root, struct tree *t, struct err *e);
/* The same for the files of a folder `part` below the root, with their paths from the root; ""
 * for the root. `flat`: without those of its inner folders. */
att_status tree_walk_part(
    const char *root, const char *part, bool flat, struct tree *t, struct err *e);
/* The same for these names; for tests. */
att_status tree_of(const char *const *names, int count, struct tree *t, struct err *e);
/* Length of the ending of an image's name; 0: it is none. */
int tree_ending(const char *name);
struct tree_file tree_file_of(const char *path);
/* The first file with this path but for the ending, or -1. */
int tree_find(const struct tree *t, const char *stem, int length);
void tree_free(struct tree *t);

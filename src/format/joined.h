/* SPDX-License-Identifier: Apache-2.0 */
/* Several masks of one image that count as one label: named "FOLDER/a_mask.png + a_mask_1.png", the
 * others without the folder of the first. A file that has such a name itself is that file. */
#ifndef FORMAT_JOINED_H
#define FORMAT_JOINED_H

#include <limits.h>

#include "image/image.h"

int joined_count(const char *path); /* 1: an ordinary file */
/* The name of part k; false: it is too long. */
bool joined_part(const char *path, int k, char part[PATH_MAX]);
/* Adds one more file of the same folder to a name, of which it takes over the memory; NULL: there
 * is none. */
char *joined_add(char *path, const char *more);
/* What any part marks is marked, with the value of the first part that does; *overlap (may be NULL)
 * counts the voxels that a second part marks, too.  Parts of another size, or with another value at
 * such a voxel, are ATT_DATA. */
att_status joined_load(const char *path, struct labelmap *m, size_t *overlap, struct err *e);

#endif

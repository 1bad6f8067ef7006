/* SPDX-License-Identifier: Apache-2.0 */
/* Several masks of one image that form one label map: named "FOLDER/a_mask.png + a_mask_1.png", the
 * others without the folder. A file with such a name is that file. */
#pragma once

#include <limits.h>

#include "image/image.h"

int joined_count(const char *path); /* 1: an ordinary file */
/* Name of part k; false: too long. */
bool joined_part(const char *path, int k, char part[PATH_MAX]);
/* Appends a file of the same folder to a name, which it frees; NULL: no memory. */
char *joined_add(char *path, const char *more);
/* Union of all parts: the first part that marks a voxel sets its value. *overlap (or NULL) counts
 * voxels that several parts mark. ATT_DATA for other sizes or contradicting values. */
att_status joined_load(const char *path, struct labelmap *m, size_t *overlap, struct err *e);

/* SPDX-License-Identifier: Apache-2.0 */
/* Several masks of one image that form one label map: "FOLDER/a_mask.png + ./a_mask_1.png", later
 * ones from the folder of the first. A mask may stand for one class, "left/a.png=1 +
 * ../right/a.png=2": that value is set where the mask is not 0; or for one object, "a/1.png=-1 +
 * ./2.png=-2", where the first one keeps voxels that several mark. So it does among objects of
 * classes, "a/1.png=1~ + ./2.png=2~". A class "=2^" covers those before it. No name of a file holds
 * a '/', so names with " + " need no care. A file with the whole name is that file. */
#pragma once

#include <limits.h>

#include "image/image.h"

enum { JOINED_OBJECT = 1 << 16, JOINED_OVER = 1 << 17 };

bool joined_is(const char *path);
int joined_count(const char *path); /* 1: an ordinary file */
/* Name of part k; false: too long. */
bool joined_part(const char *path, int k, char part[PATH_MAX]);
/* Whether parts stand for classes or objects. */
bool joined_has_values(const char *path);
/* Append a file to a name, which it frees; NULL begins one. `value`: of its class, perhaps with
 * JOINED_OBJECT and JOINED_OVER, minus the number of its object, or 0. Both names begin at one
 * folder. NULL: no memory. */
char *joined_add(char *path, const char *more, int value);
/* Gives each part of class k the value[k], in a name, which it frees. NULL: no memory. */
char *joined_renumber(char *path, const int *value);
/* Makes each part an object, whatever its class, in a name, which it frees. NULL: no memory. */
char *joined_objects(char *path);
/* Union of all parts: the first part that marks a voxel sets its value, unless a class covers it.
 * *overlap (or NULL) counts voxels that several parts mark, without these. ATT_DATA for other sizes
 * or contradicting values. */
att_status joined_load(const char *path, struct labelmap *m, size_t *overlap, struct err *e);

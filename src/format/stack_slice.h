/* SPDX-License-Identifier: Apache-2.0 */
/* One slice of a volume as an image of its own: "stack.tif#7", counted from 0. A file with the
 * whole name is that file. */
#pragma once

#include <limits.h>

#include "image/image.h"

/* The slice of such a name, and the name of its file; -1: an ordinary file. */
int slice_number(const char *path, char file[PATH_MAX]);
/* The file of any name; `room` may hold it. */
const char *slice_file(const char *path, char room[PATH_MAX]);
/* Keep one slice of a volume; ATT_DATA beyond its depth. */
att_status slice_image(const char *path, int slice, struct image *m, struct err *e);
att_status slice_labels(const char *path, int slice, struct labelmap *m, struct err *e);

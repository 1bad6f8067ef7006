/* SPDX-License-Identifier: Apache-2.0 */
/* One slice of a volume as an image of its own: "stack.tif#7"; or one time of several,
 * "cine.nii#t7". Both are counted from 0. A file with the whole name is that file. */
#pragma once

#include <limits.h>

#include "image/image.h"

enum { SLICE_TIMES = 1 << 20 };
/* The slice of such a name, or SLICE_TIMES and the time, and the name of its file; -1: an ordinary
 * file. */
int slice_number(const char *path, char file[PATH_MAX]);
/* The file of any name; `room` may hold it. */
const char *slice_file(const char *path, char room[PATH_MAX]);
/* Keep one slice or time of a volume; ATT_DATA beyond its depth or its channels. */
att_status slice_image(const char *path, int slice, struct image *m, struct err *e);
att_status slice_labels(const char *path, int slice, struct labelmap *m, struct err *e);
/* Labels of one time, of an image with all, which is freed. */
att_status slice_time_labels(
    const char *path, int slice, struct image *all, struct labelmap *m, struct err *e);

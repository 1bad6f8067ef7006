/* SPDX-License-Identifier: Apache-2.0 */
/* How far apart the voxels of a TIFF file are; for tiff_open.c. */
#ifndef FORMAT_TIFF_SPACING_H
#define FORMAT_TIFF_SPACING_H

#include "format/tiff_open.h"

/* Fills `spacing` and `known` of a file whose axes, pages and sizes are, from the file itself or,
 * of a stack, from nnU-Net's file beside it, which wins.  ATT_DATA: what that one says is no
 * spacing. */
att_status tiff_find_spacing(struct tiff *t, struct err *e);

/* The file beside one called `path` that may say its spacing, fresh; NULL: there is none. */
att_status tiff_beside(const char *path, char **name, struct err *e);

#endif

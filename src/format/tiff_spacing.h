/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the voxel spacing of a TIFF file. */
#pragma once

#include "format/tiff_open.h"

/* Sets t->spacing and t->valid from the file or, for a stack, from nnU-Net's file next to it, which
 * takes precedence. Axes, pages and sizes must be set. ATT_DATA if that file has an invalid
 * spacing. */
att_status tiff_find_spacing(struct tiff *t, struct err *e);

/* Fresh path of the file that may state the spacing of `path`; NULL: none. */
att_status tiff_companion(const char *path, char **name, struct err *e);

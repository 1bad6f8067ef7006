/* SPDX-License-Identifier: Apache-2.0 */
/* The setting `voxel-size`, which replaces the voxel size in all headers. */
#pragma once

#include "base/options.h"
#include "dataset/dataset.h"

/* d, h, w in mm; 0, 0, 0 if unset. */
att_status voxel_size_read(const struct options *o, float voxel[3], struct err *e);
/* Whether it has height and width only. */
bool voxel_size_is_of_planes(const struct options *o);
/* ATT_USAGE if it is for planes but `what`, a file or folder, has volumes. */
att_status voxel_size_of_volumes(const struct options *o, const char *what, struct err *e);
/* Parses the setting's text; "none" is 0, 0, 0. */
bool voxel_size_parse(const char *text, float voxel[3]);
/* Applies it to all images of a data set. ATT_USAGE if that was packed with another size. */
att_status voxel_size_use(const struct options *o, struct dataset *d, struct err *e);
/* "3x0.75x0.75" */
enum { VOXEL_SIZE_TEXT = 64 };
const char *voxel_size_text(const float voxel[3], char text[VOXEL_SIZE_TEXT]);

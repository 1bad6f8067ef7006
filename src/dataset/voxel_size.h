/* SPDX-License-Identifier: Apache-2.0 */
/* --voxel-size: how large the voxels of all files are, in the place of what their headers say;
 * called by the border and by training. */
#ifndef DATASET_VOXEL_SIZE_H
#define DATASET_VOXEL_SIZE_H

#include "base/options.h"
#include "dataset/dataset.h"

/* d, h, w in mm; 0, 0, 0 where the option was not given. */
att_status voxel_size_read(const struct options *o, float voxel[3], struct err *e);
/* Whether the option gives height and width alone. */
bool voxel_size_is_of_planes(const struct options *o);
/* Where `what`, a file or a folder, holds volumes: ATT_USAGE if the option is of planes. */
att_status voxel_size_of_volumes(const struct options *o, const char *what, struct err *e);
/* The same text as settings keep it; "none" is 0, 0, 0. */
bool voxel_size_parse(const char *text, float voxel[3]);
/* Of the option, for all images of a data set.  One that was packed with another size is ATT_USAGE.
 */
att_status voxel_size_use(const struct options *o, struct dataset *d, struct err *e);
/* "3x0.75x0.75" */
enum { VOXEL_SIZE_TEXT = 64 };
const char *voxel_size_text(const float voxel[3], char text[VOXEL_SIZE_TEXT]);

#endif

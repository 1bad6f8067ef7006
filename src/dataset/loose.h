/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a layout that goes by names of folders alone took the right files for images and labels.
 */
#pragma once

#include "dataset/dataset.h"

/* *views: there are more files, which may be the images or labels, and those of the layout may be
 * labels, or masks of the field of view. */
att_status loose_find_views(const struct dataset *d, bool *views, struct err *e);
/* A folder beside `masks` is named as one of labels: the masks may be of a region around them. */
att_status loose_find_labels(const char *root, bool *found, struct err *e);

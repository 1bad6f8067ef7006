/* SPDX-License-Identifier: Apache-2.0 */
/* The images of a folder by the names that the files of a data set have: its labels are none. */
#pragma once

#include "dataset/dataset.h"

/* Adds a case for each image of the folder that the patterns fit; *fit: there is one, else nothing
 * is added. The patterns begin at the folder or, unless `here`, perhaps at one above it. `labels`
 * may be NULL. An image in the folder itself is named as its file if no folder is part of its
 * pattern; others are named as in their data set. Logs what it leaves aside. Cases without all
 * channels go to d->problems. ATT_USAGE for a folder of labels. */
att_status named_images_add(const struct dataset_patterns *p, bool here, const char *folder,
    struct dataset *d, bool *fit, struct host *host, struct err *e);
/* is[i]: the file of a folder where the patterns begin is a label. */
att_status named_images_labels(
    const struct dataset_patterns *p, const char *const *names, int count, bool *is, struct err *e);

/* SPDX-License-Identifier: Apache-2.0 */
/* Names of classes in the files that other programs write beside masks: labelmap.txt of CVAT and
 * VOC, _classes.csv of Roboflow, class_dict.csv and class_mapping.csv. */
#pragma once

#include "dataset/looks.h"

/* Gives d->labels the names that such files in the folders of labels, or above these, state for
 * their values or colours. *all: of every class. Warns of wrong files, and ignores them. */
att_status class_tables_use(struct dataset *d, const struct looks *l, bool coloured, bool *all,
    struct host *host, struct err *e);

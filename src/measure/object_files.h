/* SPDX-License-Identifier: Apache-2.0 */
/* Compares the objects of two mask files. */
#pragma once

#include "measure/object_scores.h"
#include "measure/pairs.h"

/* ignore: skip voxels with this true value; -1: none. spacing: see object_scores_measure. */
att_status object_files(const struct mask_pair *pair, int ignore, const double spacing[3],
    struct object_scores *s, struct err *e);

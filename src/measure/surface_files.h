/* SPDX-License-Identifier: Apache-2.0 */
/* Distances between surfaces of a predicted and a true mask in files, for every class or region. */
#ifndef MEASURE_SURFACE_FILES_H
#define MEASURE_SURFACE_FILES_H

#include "dataset/labelling.h"
#include "measure/pairs.h"
#include "measure/surface.h"

/* out: one for each of labelling_targets. The files are known to fit each other (tally_files).
 * Ignored voxels belong to neither mask. */
att_status surface_files(const struct mask_pair *pair, const struct labelling *l,
    const double spacing[3], double tolerance, struct pool *pool, struct surface_scores *out,
    struct err *e);

#endif

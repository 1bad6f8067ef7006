/* SPDX-License-Identifier: Apache-2.0 */
/* Surface distances between mask files for every class or region. */
#pragma once

#include "dataset/labelling.h"
#include "measure/pairs.h"
#include "measure/surface.h"

/* out: one per target of labelling_targets. tally_files has checked that the files fit. Ignored
 * voxels are in neither mask. */
att_status surface_files(const struct mask_pair *pair, const struct labelling *l,
    const double spacing[3], double tolerance, struct pool *pool, struct surface_scores *out,
    struct err *e);

/* SPDX-License-Identifier: Apache-2.0 */
/* Counts each (predicted, true) pair of values of a case in one pass over both masks; overlap
 * measures need no more. */
#pragma once

#include "dataset/labelling.h"
#include "measure/metrics.h"
#include "measure/pairs.h"

struct tally_entry {
    uint16_t predicted, truth; /* values of the files */
    int64_t voxels;
};

struct tally {
    struct tally_entry *entry; /* sorted by predicted, truth */
    int count;
    struct overlap *overlap; /* of every target of a labelling; NULL before tally_overlaps */
    double voxel;            /* size of a voxel, in unit; 1 if unit is voxels or pixels */
    /* "mm3", "mm2" without a thickness, "um3", "um2"; "voxels" or "pixels" if neither file has
     * geometry */
    const char *unit;
    double spacing[3];
    const char *length; /* unit of spacing: "mm", "um", "voxels" or "pixels" */
    size_t voxels;
    bool volume;                       /* more than one plane */
    bool predicted_lossy, truth_lossy; /* the file is compressed with loss */
    bool truth_palette;
};

/* Reads both files. ATT_DATA for different sizes or grids (beyond 0.1 voxel), or values not in
 * `declared` (NULL: any, up to 254 x 255 pairs). */
att_status tally_files(
    const struct mask_pair *pair, const struct labelling *declared, struct tally *t, struct err *e);
/* Sets the voxel size in mm; for planes the first length is unset. */
void tally_set_voxel(struct tally *t, const float voxel[3], bool planes);
void tally_to_um(struct tally *t);                 /* from mm */
bool tally_has_length(const struct tally *t);      /* in mm or um */
double tally_shortest_side(const struct tally *t); /* of a voxel; for one plane, within it */
void tally_free(struct tally *t);

/* Fills t->overlap; skips LABELLING_IGNORE in the truth. */
att_status tally_overlaps(struct tally *t, const struct labelling *l, struct err *e);

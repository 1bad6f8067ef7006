/* SPDX-License-Identifier: Apache-2.0 */
/* How often each pair of values (predicted, true) occurs in one case: all that evaluation needs of
 * two masks, in one pass over them. */
#ifndef MEASURE_TALLY_H
#define MEASURE_TALLY_H

#include "dataset/labelling.h"
#include "measure/metrics.h"

struct tally_entry {
    uint16_t predicted, truth; /* values as in the files */
    int64_t voxels;
};

struct tally {
    struct tally_entry *entry; /* sorted by predicted, truth */
    int count;
    struct overlap *overlap; /* of every target of a labelling; NULL before tally_overlaps */
    double voxel;            /* of one, in unit: 1 where that counts them */
    const char *unit; /* "mm3", "mm2" of one without a thickness, "um3", "um2"; "voxels" or "pixels"
                         where neither file has geometry */
    double spacing[3];
    const char *length; /* unit of spacing: "mm", "um", "voxels" or "pixels" */
    size_t voxels;
    bool volume; /* more than one plane */
};

/* Reads both files; they must have one size and lie on one grid (within 0.1 voxel), else ATT_DATA.
 * Values that `declared` does not know are ATT_DATA (NULL: any will do, but not more than 254 x 255
 * pairs). */
att_status tally_files(const char *predicted, const char *truth, const struct labelling *declared,
    struct tally *t, struct err *e);
/* Voxels have this size in mm, whatever the files say; of planes: its first length is none. */
void tally_give_voxel(struct tally *t, const float voxel[3], bool planes);
void tally_to_um(struct tally *t);                 /* from mm */
bool tally_has_length(const struct tally *t);      /* in mm or um */
double tally_shortest_side(const struct tally *t); /* of a voxel; of one plane, in the plane */
void tally_free(struct tally *t);

/* Fills t->overlap; voxels of class LABELLING_IGNORE in the truth do not count. */
att_status tally_overlaps(struct tally *t, const struct labelling *l, struct err *e);

#endif

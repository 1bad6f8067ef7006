/* SPDX-License-Identifier: Apache-2.0 */
/* One number for each case, out of a file with results. */
#ifndef MEASURE_SCORES_H
#define MEASURE_SCORES_H

#include "base/status.h"

struct scores {
    char **id;     /* sorted */
    double *value; /* NaN: the file has none for this case */
    int count;
    char unit[16];    /* what a distance is in, "mm" or "voxels"; "" of other metrics and where the
                         file does not say */
    double tolerance; /* of nsd; NaN: the same */
};

/* What `attunet evaluate --json` writes, or nnU-Net's summary.json (NaN in it, too), which knows
 * dice and iou only. metric: "dice", ...; wanted: the name or the value of a class, or NULL: the
 * mean over the classes that have a number. A number beyond +-1e15, and distances in different
 * units, are ATT_DATA. */
att_status scores_read(
    const char *path, const char *metric, const char *wanted, struct scores *s, struct err *e);
void scores_free(struct scores *s);

#endif

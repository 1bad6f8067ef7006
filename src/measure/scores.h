/* SPDX-License-Identifier: Apache-2.0 */
/* Reads one number per case from a file of results. */
#pragma once

#include "base/status.h"

struct scores {
    char **id;     /* sorted */
    double *value; /* NaN: none for this case */
    int count;
    char unit[16];    /* of a distance, "mm" or "voxels"; "" for other metrics or if unknown */
    double tolerance; /* of nsd; else NaN */
};

/* Reads the output of `attunet evaluate --json`, or nnU-Net's summary.json (also with NaN), which
 * has dice and iou only. metric: "dice", ...; wanted: name or value of a class, or NULL: mean over
 * classes with a number. ATT_DATA for numbers beyond +-1e15 or mixed units. */
att_status scores_read(
    const char *path, const char *metric, const char *wanted, struct scores *s, struct err *e);
void scores_free(struct scores *s);

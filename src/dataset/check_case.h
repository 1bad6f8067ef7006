/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at one case; called by check.c. */
#ifndef DATASET_CHECK_CASE_H
#define DATASET_CHECK_CASE_H

#include "dataset/dataset.h"
#include "dataset/problems.h"

struct case_facts {
    uint64_t image, label;    /* hashes of what they hold */
    bool read;                /* the first image was */
    bool labelled, known;     /* the label was read; the spacing is known */
    struct class_set present; /* classes but the background */
    int rarest;               /* that with the fewest voxels; 0: none */
    size_t rarest_voxels;
    float spacing[3];
};

/* Problems of the case are added to `found`; e is for what is no fault of the data. */
void check_case(const struct dataset *d, int index, bool flat, struct case_facts *facts,
    float *signature, struct problems *found, struct err *e);

#endif

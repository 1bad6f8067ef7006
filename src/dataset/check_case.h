/* SPDX-License-Identifier: Apache-2.0 */
/* Checks one case; called by check.c. */
#pragma once

#include "dataset/dataset.h"
#include "dataset/layout.h"
#include "dataset/problems.h"

struct case_facts {
    uint64_t image, label;      /* hashes of contents */
    bool read;                  /* the first image was read */
    bool labelled, has_spacing; /* the label was read; the spacing is known */
    float low, high;            /* of the first channel; NAN: not read */
    bool hollow;                /* its one class marks the edge and most inside, but not all */
    struct class_set present;   /* classes but the background */
    int rarest;                 /* the one with the fewest voxels; 0: none */
    size_t rarest_voxels;
    float spacing[3];
    struct label_look *look; /* of a label on its way to check.c, or NULL */
};
/* What a label's values look like. */
struct label_look {
    struct labelmap map; /* without samples */
    struct values values;
};

/* Adds problems of the case to `found`; other failures (memory, a disk) go to e. */
void check_case(const struct dataset *d, int index, bool flat, struct case_facts *facts,
    float *signature, struct problems *found, struct err *e);

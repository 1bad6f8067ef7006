/* SPDX-License-Identifier: Apache-2.0 */
/* One case's part of a fingerprint. */
#pragma once

#include "dataset/fingerprint.h"

/* Sums over the voxels of a channel, and evenly spaced samples. */
struct case_range {
    double count, min, max, sum, mean, squares; /* squares: of deviations from the mean */
    float *sample;                              /* the caller's, `room` of them */
    int samples;
};

struct case_class {
    int64_t voxels, *component; /* sizes */
    int components;
    double thickness[3];
};

struct case_print {
    struct fingerprint_case facts;
    struct case_range all[DATASET_CHANNELS], foreground[DATASET_CHANNELS];
    struct case_class class[LABELLING_MAX];
};

/* At most `room` samples per list. signature: receives the image's (image/signature.h); or NULL. */
att_status case_print_take(const struct dataset *d, int index, int room, struct case_print *p,
    float *signature, struct err *e);
void case_print_free(struct case_print *p);

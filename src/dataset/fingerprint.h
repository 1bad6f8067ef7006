/* SPDX-License-Identifier: Apache-2.0 */
/* Properties of listed cases for planning (nnU-Net's "fingerprint", nature methods 18, 203-211):
 * sizes, spacings, intensities, sizes of classes and components. */
#pragma once

#include "base/pool.h"
#include "dataset/dataset.h"
#include "image/normalise.h"

struct fingerprint_case {
    int size[3], box[3];                   /* voxels, d h w; box: of the non-zero bounding box */
    float spacing[3];                      /* mm */
    bool has_spacing;                      /* the spacing is known */
    bool foreground;                       /* some voxel has a class but the background */
    uint32_t flattened[NORMALISE_SCHEMES]; /* bits of channels that a scheme would flatten */
};

/* Intensities of one channel, over all voxels; percentiles are of evenly spaced samples. */
struct fingerprint_range {
    double count, min, max, mean, std, low, median,
        high; /* low, high: the 0.5 and 99.5 percentiles */
};

struct fingerprint_class {
    int64_t voxels, components; /* components with 26 neighbours; the background has none */
    int cases;                  /* with the class */
    int64_t smallest;           /* component, in voxels */
    double low, median;         /* the 2nd percentile and the median of components */
    double thickness[3];        /* mean run of voxels along each axis; median over cases */
};

struct fingerprint {
    int dims, channels, classes; /* classes: with background */
    char channel_name[DATASET_CHANNELS][LABELLING_NAME], class_name[LABELLING_MAX][LABELLING_NAME];
    int count, empty, groups; /* cases, those without foreground, groups of groups.csv (0: none) */
    struct fingerprint_case *cases;
    struct fingerprint_range all[DATASET_CHANNELS],
        foreground[DATASET_CHANNELS]; /* count 0: none */
    struct fingerprint_class class[LABELLING_MAX];
};

/* Loads every listed case once, several at a time unless d->sparing. `signatures` (or NULL) gets
 * [count][signature_length] numbers (image/signature.h); not for packed sets. */
att_status fingerprint_take(const struct dataset *d, const int *list, int count, struct pool *pool,
    struct host *host, struct fingerprint *f, float *signatures, struct err *e);
void fingerprint_free(struct fingerprint *f);
json_t *fingerprint_to_json(const struct fingerprint *f); /* NULL: no memory */

enum fingerprint_measure {
    FINGERPRINT_SIZE,
    FINGERPRINT_BOX,
    FINGERPRINT_SPACING, /* over cases that state it */
    FINGERPRINT_SHARE    /* share of voxels in the box; ignores the axis */
};
/* Quantile of the cases along an axis: order_quantile_each. */
double fingerprint_of_cases(
    const struct fingerprint *f, enum fingerprint_measure what, int axis, double share);

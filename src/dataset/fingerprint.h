/* SPDX-License-Identifier: Apache-2.0 */
/* What the cases of a data set are like, as far as a plan needs to know (nnU-Net's "fingerprint",
 * nature methods 18, 203-211): sizes, spacings, intensities, how large the classes and their
 * components are.  Only the listed cases are looked at. */
#ifndef DATASET_FINGERPRINT_H
#define DATASET_FINGERPRINT_H

#include "base/pool.h"
#include "dataset/dataset.h"
#include "image/normalise.h"

struct fingerprint_case {
    int size[3], box[3]; /* voxels, d h w; box: of the smallest box around what is not zero */
    float spacing[3];    /* mm */
    bool known;          /* the spacing is */
    bool foreground;     /* some voxel has a class but the background */
    uint32_t flattened[NORMALISE_SCHEMES]; /* channels, a bit each, of which a scheme would leave
                                              next to nothing */
};

/* Of the voxels of one channel.  Least, most, mean and deviation are of all of them, percentiles of
 * evenly spread samples. */
struct fingerprint_range {
    double count, min, max, mean, std, low, median,
        high; /* low, high: the 0.5 and 99.5 percentiles */
};

struct fingerprint_class {
    int64_t voxels, components; /* neighbours touch by a face, an edge or a corner; the background's
                                   are not counted */
    int cases;                  /* that have the class */
    int64_t smallest;           /* component, in voxels */
    double median;
    double run[3]; /* voxels in a row along each axis, on average: how thick the class is; the
                      median over cases */
};

struct fingerprint {
    int dims, channels, classes; /* classes: background among them */
    char channel_name[DATASET_CHANNELS][LABELLING_NAME], class_name[LABELLING_MAX][LABELLING_NAME];
    int count, empty,
        groups; /* cases, those without foreground, groups of groups.csv (0: there is none) */
    struct fingerprint_case *cases;
    struct fingerprint_range all[DATASET_CHANNELS],
        foreground[DATASET_CHANNELS]; /* count 0: there is none */
    struct fingerprint_class class[LABELLING_MAX];
};

/* Loads every listed case once, several at a time, unless d->sparing. `signatures`, unless it is
 * NULL, becomes the signature of every image (image/signature.h), [count][signature_length]; not of
 * packed sets. */
att_status fingerprint_take(const struct dataset *d, const int *list, int count, struct pool *pool,
    struct host *host, struct fingerprint *f, float *signatures, struct err *e);
void fingerprint_free(struct fingerprint *f);
json_t *fingerprint_to_json(const struct fingerprint *f); /* NULL when there is no memory */

enum fingerprint_measure {
    FINGERPRINT_SIZE,
    FINGERPRINT_BOX,
    FINGERPRINT_SPACING, /* of cases that state it */
    FINGERPRINT_SHARE    /* of the voxels that lie in the box; of no axis */
};
/* Of the cases along an axis: order_quantile_each. */
double fingerprint_of_cases(
    const struct fingerprint *f, enum fingerprint_measure what, int axis, double share);

#endif

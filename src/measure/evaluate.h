/* SPDX-License-Identifier: Apache-2.0 */
/* Predicted masks against true ones, as files: what `attunet evaluate` does. docs/metrics.md
 * defines the numbers. */
#ifndef MEASURE_EVALUATE_H
#define MEASURE_EVALUATE_H

#include <jansson.h>

#include "base/host.h"
#include "base/pool.h"
#include "dataset/labelling.h"
#include "measure/pairs.h"
#include "measure/surface.h"
#include "measure/tally.h"

/* What is measured of one class and one case, and its name in JSON. */
enum measure {
    MEASURE_DICE,
    MEASURE_IOU,
    MEASURE_PRECISION,
    MEASURE_RECALL,
    MEASURE_HD95,
    MEASURE_ASSD,
    MEASURE_NSD,
    MEASURE_VOLUME_PREDICTED,
    MEASURE_VOLUME_TRUE,
    MEASURES
};
extern const char *const measure_names[MEASURES];

struct evaluate_options {
    const struct labelling
        *labels; /* what values mean, and all that may occur; NULL: see meaning.h */
    const struct meaning
        *likely; /* then, what is known of them; NULL: the values found are the classes */
    int ignore;  /* voxels whose true value is this do not count; -1: what the labelling says */
    unsigned measures;    /* bits of those wanted; 0: all */
    float voxel[3];       /* mm that all voxels have, whatever the files say; 0: as they say */
    bool voxel_of_planes; /* it was given as height and width, so that planes have areas, and
                             volumes are refused */
    bool
        voxel_of_run; /* a run recalls it, with a depth that fits volumes, too: they are measured */
    double tolerance; /* of NSD, in the unit of the cases' distances: mm (um, pixels, voxels) */
    bool sparing; /* one case at a time, in the caller's thread: what one took is back before the
                     next */
    bool only_with_foreground; /* cases whose truth is background alone are left out */
};

/* A list of names such as "dice,hd95,volume" to bits; what is no measure is ATT_USAGE. */
att_status measures_parse(const char *names, unsigned *bits, struct err *e);

struct evaluation {
    struct mask_pairs pairs; /* the cases measured */
    struct labelling labels;
    struct evaluate_options options;
    struct tally *tally;            /* [case] */
    struct surface_scores *surface; /* [case][target]; NULL: not wanted */
    json_t *without_foreground;     /* the names of cases whose truth is background alone, be they
                                       measured or not */
};

/* Measures pairs (which it takes over, also on failure). Without a labelling they mean what
 * meaning_find finds. */
att_status evaluation_run(struct mask_pairs *pairs, const struct evaluate_options *o,
    struct pool *pool, struct host *host, struct evaluation *v, struct err *e);
void evaluation_free(struct evaluation *v);
double evaluation_number(const struct evaluation *v, int index, int target,
    int m); /* of enum measure; NaN: there is none */

/* {"cases": [{"case": "a", "unit": "mm3" ("mm2" of planes; "um3", "um2"), "distance_unit": "mm"
 * ("um"), "classes": [{"class": "1", "name": "lesion", "dice": .9, ..., "volume_predicted": 1200,
 * "volume_true": 1100}, ...]}, ...], "mean": {"dice": .9, ..., "classes": [{the same, "cases": 10,
 * "cases_with_distance": 9}, ...]}, "without_foreground": ["b", ...], "definitions": {"dice": "2 TP
 * / (2 TP + FP + FN)", ...}, "tolerance": 1 (of nsd)} where NaN is null. "class" is the value in
 * files ("1+2" of a region). Means leave out cases where a number is null; the overall mean is that
 * of the classes' means. NULL when there is no memory. */
json_t *evaluation_report(const struct evaluation *v);

/* nnU-Net's summary.json: {"metric_per_case": [{"prediction_file", "reference_file", "metrics":
 * {"1": {"Dice", "IoU", "FN", "FP", "TN", "TP", "n_pred", "n_ref"}, ...}}, ...], "mean": {"1": {the
 * same}, ...}, "foreground_mean": {the same}}, keys sorted; a region's key is
 * "(1, 2)". Dice and IoU of a class that is neither there nor predicted are null (nnU-Net writes
 * NaN, which is not JSON) and left out of means. json_file_write writes it. */
json_t *evaluation_summary(const struct evaluation *v);
/* Under which key its "mean" and "metrics" have target k: "1"; "(1, 2)" of a region of several
 * values, as Python writes a tuple. */
enum { SUMMARY_KEY = 8 * LABELLING_MAX };
void summary_key(const struct labelling *l, int k, char key[SUMMARY_KEY]);

/* Finds the pairs and measures them; predictions, labels and list: see pairs.h. */
att_status evaluate_masks(const char *predictions, const char *labels, const char *list,
    const struct evaluate_options *o, struct pool *pool, struct host *host, struct evaluation *v,
    struct err *e);

#endif

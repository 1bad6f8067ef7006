/* SPDX-License-Identifier: Apache-2.0 */
/* Compares predicted with true mask files (`attunet evaluate`). docs/metrics.md defines the
 * numbers. */
#pragma once

#include <jansson.h>

#include "base/host.h"
#include "base/pool.h"
#include "dataset/labelling.h"
#include "measure/object_scores.h"
#include "measure/pairs.h"
#include "measure/surface.h"
#include "measure/tally.h"

/* Measures of one class in one case, and their JSON names. */
enum measure {
    MEASURE_DICE,
    MEASURE_IOU,
    MEASURE_PRECISION,
    MEASURE_RECALL,
    MEASURE_HD95,
    MEASURE_ASSD,
    MEASURE_NSD,
    MEASURE_AP50, /* of objects, see object_scores.h; 60, 70, 80 and 90 follow */
    MEASURE_PQ = MEASURE_AP50 + OBJECT_THRESHOLDS,
    MEASURE_OBJECT_DICE,
    MEASURE_OBJECT_HAUSDORFF,
    MEASURE_VOLUME_PREDICTED,
    MEASURE_VOLUME_TRUE,
    MEASURES
};
extern const char *const measure_names[MEASURES];

struct evaluate_options {
    /* the allowed values and their meaning; NULL: see meaning.h */
    const struct labelling *labels;
    const struct meaning
        *likely; /* the meaning to use then; NULL: the values found are the classes */
    const struct dataset_patterns *patterns; /* of the true labels' data set, or NULL */
    int ignore;                /* skip voxels with this true value; -1: the labelling's */
    unsigned measures;         /* bits of the measures; 0: all */
    float voxel[3];            /* mm, for all masks, in place of the headers'; 0: the headers' */
    bool voxel_of_planes;      /* it has no depth: slices have areas, volumes are an error */
    bool voxel_of_run;         /* it comes from a run, with a depth for volumes */
    double tolerance;          /* for NSD, in the unit of distances: mm (um, pixels, voxels) */
    bool sparing;              /* one case at a time, in the caller's thread, to save memory */
    bool only_with_foreground; /* skip cases with only background in the truth */
    struct team *team; /* ranks share distances and objects, and all get the result; or NULL */
};

/* Parses names such as "dice,hd95,volume" to bits; ATT_USAGE for others. */
att_status measures_parse(const char *names, unsigned *bits, struct err *e);

struct evaluation {
    struct mask_pairs pairs; /* the cases measured */
    struct labelling labels;
    struct evaluate_options options;
    struct tally *tally;            /* [case] */
    struct surface_scores *surface; /* [case][target]; NULL: not requested */
    bool numbered;                  /* labels number objects of one class */
    struct object_scores *objects;  /* [case]; NULL: not numbered, or not requested */
    /* names of cases with only background in the truth, measured or not */
    json_t *without_foreground;
};

/* Measures pairs, and frees them, also on failure. Without a labelling, meaning_find gives the
 * classes. */
att_status evaluation_run(struct mask_pairs *pairs, const struct evaluate_options *o,
    struct pool *pool, struct host *host, struct evaluation *v, struct err *e);
void evaluation_free(struct evaluation *v);
/* of enum measure; NaN: none */
double evaluation_number(const struct evaluation *v, int index, int target, int m);

/* {"cases": [{"case": "a", "unit": "mm3" ("mm2" for planes; "um3", "um2"), "distance_unit": "mm"
 * ("um"), "classes": [{"class": "1", "name": "lesion", "dice": .9, ..., "volume_predicted": 1200,
 * "volume_true": 1100}, ...], "objects": {"predicted": 25, "true": 24} (of numbered ones)}, ...],
 * "mean": {"dice": .9, ..., "classes": [{the same, "cases": 10, "cases_with_distance": 9}, ...]},
 * "without_foreground": ["b", ...], "definitions": {"dice": "2 TP / (2 TP + FP + FN)", ...},
 * "tolerance": 1 (of nsd)}; NaN is null. "class" is the value in files
 * ("1+2" for a region). Means skip null; the overall mean is over the classes' means. NULL: no
 * memory. */
json_t *evaluation_report(const struct evaluation *v);

/* nnU-Net's summary.json: {"metric_per_case": [{"prediction_file", "reference_file", "metrics":
 * {"1": {"Dice", "IoU", "FN", "FP", "TN", "TP", "n_pred", "n_ref"}, ...}}, ...], "mean": {"1": {the
 * same}, ...}, "foreground_mean": {the same}}, keys sorted; a region's key is "(1, 2)". Dice and
 * IoU of a class in neither mask are null (nnU-Net's NaN is not JSON) and skipped in means.
 * json_file_write writes it. */
json_t *evaluation_summary(const struct evaluation *v);
/* Key of target k in it: "1"; "(1, 2)" for a region of several values, as Python writes a tuple. */
enum { SUMMARY_KEY = 8 * LABELLING_MAX };
void summary_key(const struct labelling *l, int k, char key[SUMMARY_KEY]);

/* Finds the pairs and measures them; predictions, labels and list: see pairs.h. */
att_status evaluate_masks(const char *predictions, const char *labels, const char *list,
    const struct evaluate_options *o, struct pool *pool, struct host *host, struct evaluation *v,
    struct err *e);

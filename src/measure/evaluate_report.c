/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON of an evaluation. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mean.h"
#include "base/number.h"
#include "measure/evaluate.h"

/* {"class": "1+2", "name": ...} */
static json_t *class_to_json(const struct labelling *l, int k)
{
    char values[LABELLING_MAX * 6] = "";
    size_t used = 0;
    for (int i = 0; i < l->count; i++)
        if (class_set_has(labelling_target_set(l, k), i))
            used += (size_t)snprintf(
                values + used, sizeof values - used, used ? "+%d" : "%d", l->value[i]);
    return json_pack("{s:s, s:o}", "class", values, "name", json_utf8(labelling_target_name(l, k)));
}

static void put_numbers(
    json_t *j, const struct evaluation *v, const double numbers[MEASURES], int count)
{
    for (int m = 0; m < count; m++)
        if (v->options.measures >> m & 1)
            json_object_set_new(j, measure_names[m], json_finite(numbers[m]));
}

static json_t *evaluate_report_case_to_json(const struct evaluation *v, int i)
{
    json_t *classes = json_array();
    for (int k = 0; k < labelling_targets(&v->labels); k++) {
        double numbers[MEASURES];
        json_t *class = class_to_json(&v->labels, k);
        for (int m = 0; m < MEASURES; m++) numbers[m] = evaluation_number(v, i, k, m);
        put_numbers(class, v, numbers, MEASURES);
        json_array_append_new(classes, class);
    }
    json_t *row = json_pack("{s:o, s:s, s:s, s:o}", "case", json_utf8(v->pairs.pair[i].id), "unit",
        v->tally[i].unit, "distance_unit", v->tally[i].length, "classes", classes);
    if (v->objects)
        json_object_set_new(row, "objects",
            json_pack(
                "{s:i, s:i}", "predicted", v->objects[i].predicted, "true", v->objects[i].truth));
    return row;
}

/* Means over the cases with a number, cases[m] of them. No mean over different units. */
static void mean_of_class(
    const struct evaluation *v, int k, double mean[MEASURES], int cases[MEASURES])
{
    bool one_unit = true, one_length = true;
    for (int i = 1; i < v->pairs.count; i++) {
        one_unit = one_unit && strcmp(v->tally[i].unit, v->tally[0].unit) == 0;
        one_length = one_length && strcmp(v->tally[i].length, v->tally[0].length) == 0;
    }
    for (int m = 0; m < MEASURES; m++) {
        struct mean all = {0};
        for (int i = 0; i < v->pairs.count; i++) mean_add(&all, evaluation_number(v, i, k, m));
        cases[m] = all.count;
        const bool pure = m < MEASURE_HD95 || (m > MEASURE_NSD && m < MEASURE_OBJECT_HAUSDORFF),
                   one = pure || (m < MEASURE_VOLUME_PREDICTED ? one_length : one_unit);
        mean[m] = one ? mean_of(&all) : (double)NAN;
    }
}

static json_t *mean_to_json(const struct evaluation *v)
{
    json_t *classes = json_array(), *all = json_object();
    struct mean over_classes[MEASURES] = {{0}};
    double mean[MEASURES];
    int cases[MEASURES];
    for (int k = 0; k < labelling_targets(&v->labels); k++) {
        json_t *class = class_to_json(&v->labels, k);
        mean_of_class(v, k, mean, cases);
        json_set_int(class, "cases", cases[MEASURE_DICE]);
        if (v->surface) json_set_int(class, "cases_with_distance", cases[MEASURE_HD95]);
        put_numbers(class, v, mean, MEASURES);
        json_array_append_new(classes, class);
        for (int m = 0; m < MEASURES; m++) mean_add(&over_classes[m], mean[m]);
    }
    for (int m = 0; m < MEASURES; m++) mean[m] = mean_of(&over_classes[m]);
    put_numbers(all, v, mean, MEASURE_VOLUME_PREDICTED);
    json_object_set_new(all, "classes", classes);
    return all;
}

static void define(json_t *j, const char *what, const char *how) { json_set_text(j, what, how); }

static json_t *evaluate_report_definitions(const struct evaluation *v)
{
    json_t *j = json_object();
    define(j, "dice", "2 TP / (2 TP + FP + FN)");
    define(j, "iou", "TP / (TP + FP + FN)");
    define(j, "precision", "TP / (TP + FP); null when nothing was predicted");
    define(j, "recall", "TP / (TP + FN); null when the label lacks the class");
    if (v->surface) {
        define(j, "hd95",
            "the larger of both surfaces' 95th percentile of distances to the other, by area; "
            "null when a mask is empty");
        define(j, "assd",
            "the mean distance of both surfaces to the other, by area; null when a mask is empty");
        char nsd[160];
        number_write(nsd, sizeof nsd,
            "the share of both surfaces' area at most %g from the other; 0 when one mask is "
            "empty, null when both are",
            v->options.tolerance);
        define(j, "nsd", nsd);
    }
    if (v->objects) {
        define(j, "ap50",
            "TP / (TP + FP + FN) of objects, where a predicted and a true one match if their IoU "
            "is "
            "above 0.5; ap60 to ap90 the same above 0.6 to 0.9");
        define(j, "pq", "sum of the IoU of objects that match above 0.5 / (TP + FP / 2 + FN / 2)");
        define(j, "object_dice",
            "Dice of each object and the one it overlaps most, averaged by size over each mask, "
            "then over both");
        define(j, "object_hausdorff",
            "Hausdorff distance of the same pairs, averaged the same way; an object that overlaps "
            "none is compared with the nearest; null when a mask is empty");
    }
    define(j, "empty masks",
        "Dice and IoU are null when neither mask has the class, 0 when only one has it");
    define(j, "volume",
        "number of voxels times the voxel size in mm (um), as given, else of the label's file, "
        "else of the prediction's; mm2 for one slice without a thickness; the number if there is "
        "no size");
    define(j, "mean", "over the cases where the number is not null, then over the classes");
    if (v->labels.ignore >= 0)
        json_object_set_new(
            j, "ignore", json_sprintf("voxels whose label is %d do not count", v->labels.ignore));
    if (v->labels.nonzero) define(j, "classes", "all values but 0 are one class");
    if (v->options.only_with_foreground)
        define(j, "cases", "only those whose label has foreground");
    return j;
}

json_t *evaluation_report(const struct evaluation *v)
{
    json_t *cases = json_array();
    for (int i = 0; i < v->pairs.count; i++)
        json_array_append_new(cases, evaluate_report_case_to_json(v, i));
    json_t *j = json_pack("{s:o, s:o, s:O, s:o}", "cases", cases, "mean", mean_to_json(v),
        "without_foreground", v->without_foreground, "definitions", evaluate_report_definitions(v));
    if (j && v->surface) json_object_set_new(j, "tolerance", json_real(v->options.tolerance));
    return j;
}

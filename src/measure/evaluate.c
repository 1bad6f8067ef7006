/* SPDX-License-Identifier: Apache-2.0 */
/* Counts every case, finds what the values mean, and reports. */
#include "measure/evaluate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "dataset/json_file.h"
#include "dataset/layout.h"
#include "measure/pairs.h"
#include "measure/tally.h"

/* Numbers of one class and one case, and their places in the JSON. */
enum { DICE, IOU, PRECISION, RECALL, VOLUME_PREDICTED, VOLUME_TRUE, NUMBERS };
static const char *const number_names[NUMBERS] = {"dice", "iou", "precision", "recall", "volume_predicted", "volume_true"};

struct evaluation {
    struct mask_pairs pairs;
    struct labelling labels;
    bool declared; /* the labelling was there before the files were read */
    struct tally *tally;
    struct err *errors; /* one per case */
    int first;          /* case that a chunk begins with */
};

/* ---- what the values mean */

static att_status read_dataset_json(struct evaluation *v, struct err *e)
{
    static const char *const places[] = {"dataset.json", "../dataset.json"};
    for (size_t i = 0; i < 2 && v->pairs.folder && !v->declared; i++) {
        if (!layout_has(v->pairs.folder, places[i])) continue;
        char *path = file_join(v->pairs.folder, places[i]);
        json_t *root = NULL;
        att_status status = path ? json_file_read(path, &root, e) : err_memory(e, 4096, "a file name");
        if (status == ATT_OK) status = nnunet_labels(root, path, &v->labels, e);
        json_decref(root);
        mem_free(path);
        TRY(status);
        v->declared = true;
    }
    return ATT_OK;
}

static att_status use_values(struct values *truth, struct values *predicted, int ignore, struct labelling *l, struct err *e)
{
    char name[LABELLING_NAME];
    values_add(truth, 0);
    values_add(predicted, 0);
    if (ignore >= 0) truth->bits[ignore / 64] &= ~(UINT64_C(1) << ignore % 64);
    l->nonzero = values_count(truth) == 2 && values_count(predicted) <= 2;
    if (!l->nonzero)
        for (int i = 0; i < VALUES / 64; i++) truth->bits[i] |= predicted->bits[i];
    if (ignore >= 0) truth->bits[ignore / 64] &= ~(UINT64_C(1) << ignore % 64);
    int count = values_count(truth);
    if (count < 2) return err_set(e, ATT_DATA, "neither the labels nor the predictions hold anything but 0; there is nothing to compare");
    if (count > LABELLING_MAX)
        return err_set(
            e, ATT_DATA,
            "labels and predictions hold %d different values where up to %d classes can be compared; save masks as plain class numbers",
            count, LABELLING_MAX);
    for (unsigned value = 0; value < VALUES; value++) {
        if (!values_have(truth, value)) continue;
        snprintf(name, sizeof name, "label %u", value);
        labelling_add(l, value, value == 0 ? "background" : l->nonzero ? "foreground" : name);
    }
    return ATT_OK;
}

static att_status find_meaning(struct evaluation *v, struct err *e)
{
    struct values *found = mem_array(2, sizeof *found);
    if (!found) return err_memory(e, 2 * sizeof *found, "the values of labels");
    for (int i = 0; i < v->pairs.count; i++)
        for (int k = 0; k < v->tally[i].count; k++) {
            values_add(&found[0], v->tally[i].entry[k].truth);
            values_add(&found[1], v->tally[i].entry[k].predicted);
        }
    att_status status = use_values(&found[0], &found[1], v->labels.ignore, &v->labels, e);
    mem_free(found);
    return status;
}

/* ---- counting */

static void count_case(void *arg, int task, int worker)
{
    struct evaluation *v = arg;
    int i = v->first + task;
    (void)worker;
    tally_files(v->pairs.pair[i].predicted, v->pairs.pair[i].truth, v->declared ? &v->labels : NULL, &v->tally[i], &v->errors[i]);
}

static att_status count_all(struct evaluation *v, struct pool *pool, struct log *log, struct err *e)
{
    int n = v->pairs.count, chunk = 2 * pool_threads(pool);
    v->tally = mem_array((size_t)n, sizeof *v->tally);
    v->errors = mem_array((size_t)n, sizeof *v->errors);
    if (!v->tally || !v->errors) return err_memory(e, (size_t)n * (sizeof *v->tally + sizeof *v->errors), "evaluation");
    for (v->first = 0; v->first < n; v->first += chunk) {
        log_progress(log, "evaluating", v->first, n, NULL);
        if (log && atomic_load(&log->stop)) return err_set(e, ATT_INTERRUPTED, "stopped while evaluating");
        int tasks = n - v->first < chunk ? n - v->first : chunk;
        pool_run(pool, tasks, count_case, v);
        for (int i = v->first; i < v->first + tasks; i++)
            if (v->errors[i].status != ATT_OK) return err_set(e, v->errors[i].status, "%s", v->errors[i].text);
    }
    log_progress(log, "evaluating", n, n, NULL);
    return ATT_OK;
}

/* ---- the report */

static json_t *number(double x) { return isfinite(x) ? json_real(x) : json_null(); }

/* JSON is UTF-8; other bytes, in names of files, become question marks. */
static json_t *text(const char *s)
{
    json_t *j = json_string(s);
    char *copy = j ? NULL : mem_text("%s", s);
    for (char *c = copy; c && *c; c++)
        if ((unsigned char)*c > 127) *c = '?';
    if (copy) j = json_string(copy);
    mem_free(copy);
    return j;
}

static int classes_of(const struct labelling *l) { return l->regions ? l->regions : l->count - 1; }
static uint64_t bits_of(const struct labelling *l, int k) { return l->regions ? l->region[k] : UINT64_C(1) << (k + 1); }

/* {"class": "1+2", "name": ...} */
static json_t *class_to_json(const struct labelling *l, int k)
{
    char values[LABELLING_MAX * 6] = "";
    size_t used = 0;
    for (int i = 0; i < l->count; i++)
        if (bits_of(l, k) >> i & 1) used += (size_t)snprintf(values + used, sizeof values - used, used ? "+%d" : "%d", l->value[i]);
    return json_pack("{s:s, s:o}", "class", values, "name", text(l->regions ? l->region_name[k] : l->name[k + 1]));
}

static void measure_class(const struct tally *t, const struct labelling *l, int k, double out[NUMBERS])
{
    struct overlap o = tally_overlap(t, l, bits_of(l, k));
    out[DICE] = overlap_dice(&o);
    out[IOU] = overlap_iou(&o);
    out[PRECISION] = overlap_precision(&o);
    out[RECALL] = overlap_recall(&o);
    out[VOLUME_PREDICTED] = (double)(o.tp + o.fp) * t->voxel;
    out[VOLUME_TRUE] = (double)(o.tp + o.fn) * t->voxel;
}

static void put_numbers(json_t *j, const double numbers[NUMBERS], int count)
{
    for (int m = 0; m < count; m++) json_object_set_new(j, number_names[m], number(numbers[m]));
}

static json_t *case_to_json(const struct evaluation *v, int i)
{
    json_t *classes = json_array();
    for (int k = 0; k < classes_of(&v->labels); k++) {
        double numbers[NUMBERS];
        json_t *class = class_to_json(&v->labels, k);
        measure_class(&v->tally[i], &v->labels, k, numbers);
        put_numbers(class, numbers, NUMBERS);
        json_array_append_new(classes, class);
    }
    return json_pack("{s:o, s:s, s:o}", "case", text(v->pairs.pair[i].id), "unit", v->tally[i].unit, "classes", classes);
}

/* The mean over cases of each number that is one. Volumes in different units have none. */
static int mean_of_class(const struct evaluation *v, int k, double mean[NUMBERS])
{
    double sum[NUMBERS] = {0}, numbers[NUMBERS];
    int cases[NUMBERS] = {0};
    bool one_unit = true;
    for (int i = 0; i < v->pairs.count; i++) {
        measure_class(&v->tally[i], &v->labels, k, numbers);
        one_unit = one_unit && strcmp(v->tally[i].unit, v->tally[0].unit) == 0;
        for (int m = 0; m < NUMBERS; m++) {
            if (isnan(numbers[m])) continue;
            sum[m] += numbers[m];
            cases[m]++;
        }
    }
    for (int m = 0; m < NUMBERS; m++) mean[m] = cases[m] && (one_unit || m < VOLUME_PREDICTED) ? sum[m] / cases[m] : (double)NAN;
    return cases[DICE];
}

static json_t *mean_to_json(const struct evaluation *v)
{
    json_t *classes = json_array(), *all = json_object();
    double sum[NUMBERS] = {0}, mean[NUMBERS];
    int present[NUMBERS] = {0};
    for (int k = 0; k < classes_of(&v->labels); k++) {
        json_t *class = class_to_json(&v->labels, k);
        json_object_set_new(class, "cases", json_integer(mean_of_class(v, k, mean)));
        put_numbers(class, mean, NUMBERS);
        json_array_append_new(classes, class);
        for (int m = 0; m < NUMBERS; m++) {
            if (isnan(mean[m])) continue;
            sum[m] += mean[m];
            present[m]++;
        }
    }
    for (int m = 0; m < NUMBERS; m++) mean[m] = present[m] ? sum[m] / present[m] : (double)NAN;
    put_numbers(all, mean, VOLUME_PREDICTED);
    json_object_set_new(all, "classes", classes);
    return all;
}

static json_t *definitions(const struct evaluation *v)
{
    json_t *j =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "dice", "2 TP / (2 TP + FP + FN)", "iou", "TP / (TP + FP + FN)", "precision",
                  "TP / (TP + FP); null when nothing was predicted", "recall", "TP / (TP + FN); null when nothing is there", "empty masks",
                  "Dice and IoU are null when the class is neither there nor predicted, 0 when it is only one of the two", "volume",
                  "voxels times the spacing in the label's file in mm; a count where the file has none", "mean",
                  "over the cases where the number is not null, then over the classes");
    if (v->labels.ignore >= 0) {
        char ignored[64];
        snprintf(ignored, sizeof ignored, "voxels whose label is %d do not count", v->labels.ignore);
        json_object_set_new(j, "ignore", json_string(ignored));
    }
    if (v->labels.nonzero) json_object_set_new(j, "classes", json_string("every value but 0 is the one class"));
    return j;
}

static att_status report(const struct evaluation *v, json_t **result, struct err *e)
{
    json_t *cases = json_array();
    for (int i = 0; i < v->pairs.count; i++) json_array_append_new(cases, case_to_json(v, i));
    *result = json_pack("{s:o, s:o, s:o}", "cases", cases, "mean", mean_to_json(v), "definitions", definitions(v));
    return *result ? ATT_OK : err_memory(e, 4096, "the result");
}

static att_status evaluate(struct evaluation *v, const struct evaluate_options *o, struct pool *pool, struct log *log, json_t **result,
                           struct err *e)
{
    v->labels.ignore = -1;
    if (o->labels) {
        v->labels = *o->labels;
        v->declared = true;
    }
    TRY(read_dataset_json(v, e));
    if (o->ignore >= 0) v->labels.ignore = o->ignore;
    TRY(count_all(v, pool, log, e));
    if (!v->declared) TRY(find_meaning(v, e));
    return report(v, result, e);
}

att_status evaluate_masks(const char *predictions, const char *labels, const struct evaluate_options *o, struct pool *pool, struct log *log,
                          json_t **result, struct err *e)
{
    struct evaluation *v = mem_alloc(sizeof *v);
    if (!v) return err_memory(e, sizeof *v, "evaluation");
    att_status status = pairs_find(predictions, labels, NULL, &v->pairs, log, e);
    if (status == ATT_OK) status = evaluate(v, o, pool, log, result, e);
    for (int i = 0; v->tally && i < v->pairs.count; i++) tally_free(&v->tally[i]);
    mem_free(v->tally);
    mem_free(v->errors);
    pairs_free(&v->pairs);
    mem_free(v);
    return status;
}

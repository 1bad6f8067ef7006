/* SPDX-License-Identifier: Apache-2.0 */
/* nnU-Net's summary.json, as evaluate_predictions.py writes it. */
#include <math.h>

#include "base/json.h"
#include "base/mean.h"
#include "base/text.h"
#include "measure/evaluate.h"

enum { SUM_DICE, SUM_IOU, SUM_FN, SUM_FP, SUM_TN, SUM_TP, SUM_PREDICTED, SUM_TRUE, SUMS };
static const char *const sum_names[SUMS] = {
    "Dice", "IoU", "FN", "FP", "TN", "TP", "n_pred", "n_ref"};

void summary_key(const struct labelling *l, int k, char key[SUMMARY_KEY])
{
    struct class_set set = labelling_target_set(l, k);
    bool several = class_set_count(set) > 1;
    *key = 0;
    for (int i = 0; i < l->count; i++)
        if (class_set_has(set, i))
            text_append(key, SUMMARY_KEY, "%s%d", *key ? ", " : several ? "(" : "", l->value[i]);
    if (several) text_append(key, SUMMARY_KEY, ")");
}

static void summary_numbers_of(const struct evaluation *v, int i, int k, double n[SUMS])
{
    const struct overlap *o = &v->tally[i].overlap[k];
    n[SUM_DICE] = overlap_dice(o);
    n[SUM_IOU] = overlap_iou(o);
    n[SUM_FN] = (double)o->fn;
    n[SUM_FP] = (double)o->fp;
    n[SUM_TN] = (double)o->tn;
    n[SUM_TP] = (double)o->tp;
    n[SUM_PREDICTED] = (double)(o->tp + o->fp);
    n[SUM_TRUE] = (double)(o->tp + o->fn);
}

static json_t *to_json(const double n[SUMS], bool counts)
{
    json_t *j = json_object();
    for (int s = 0; s < SUMS; s++) {
        bool count = counts && s >= SUM_FN;
        json_object_set_new(j, sum_names[s],
            isnan(n[s]) ? json_null()
                : count ? json_integer((json_int_t)n[s])
                        : json_real(n[s]));
    }
    return j;
}

static json_t *summary_case_to_json(const struct evaluation *v, int i)
{
    json_t *metrics = json_object();
    for (int k = 0; k < labelling_targets(&v->labels); k++) {
        char key[SUMMARY_KEY];
        double n[SUMS];
        summary_key(&v->labels, k, key);
        summary_numbers_of(v, i, k, n);
        json_object_set_new(metrics, key, to_json(n, true));
    }
    return json_pack("{s:o, s:o, s:o}", "metrics", metrics, "prediction_file",
        json_utf8(v->pairs.pair[i].predicted), "reference_file", json_utf8(v->pairs.pair[i].truth));
}

static void summary_add(struct mean m[SUMS], const double n[SUMS])
{
    for (int s = 0; s < SUMS; s++) mean_add(&m[s], n[s]);
}

static void summary_take(const struct mean m[SUMS], double n[SUMS])
{
    for (int s = 0; s < SUMS; s++) n[s] = mean_of(&m[s]);
}

json_t *evaluation_summary(const struct evaluation *v)
{
    json_t *cases = json_array(), *means = json_object();
    struct mean foreground[SUMS] = {{0}};
    double n[SUMS];
    for (int i = 0; i < v->pairs.count; i++)
        json_array_append_new(cases, summary_case_to_json(v, i));
    for (int k = 0; k < labelling_targets(&v->labels); k++) {
        char key[SUMMARY_KEY];
        struct mean m[SUMS] = {{0}};
        summary_key(&v->labels, k, key);
        for (int i = 0; i < v->pairs.count; i++) {
            summary_numbers_of(v, i, k, n);
            summary_add(m, n);
        }
        summary_take(m, n);
        summary_add(foreground, n);
        json_object_set_new(means, key, to_json(n, false));
    }
    summary_take(foreground, n);
    return json_pack("{s:o, s:o, s:o}", "foreground_mean", to_json(n, false), "mean", means,
        "metric_per_case", cases);
}

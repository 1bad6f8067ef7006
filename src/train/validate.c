/* SPDX-License-Identifier: Apache-2.0 */
/* Validation; called by the training loop. */
#include "train/validate.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "measure/metrics.h"
#include "predict/predict.h"

/* Sums of Dice per class, and of how many cases. */
struct tally {
    double sum[LABELLING_MAX];
    int cases[LABELLING_MAX];
};

static void count(const struct labelling *l, const uint8_t *predicted, const uint8_t *truth, size_t voxels, struct tally *t)
{
    int n = labelling_targets(l);
    for (int k = 0; k < n; k++) {
        struct overlap o = l->regions ? overlap_count_region(predicted, truth, voxels, l->region[k], l->region[k])
                                      : overlap_count(predicted, truth, voxels, k + 1);
        double dice = overlap_dice(&o);
        if (isnan(dice)) continue;
        t->sum[k] += dice;
        t->cases[k]++;
    }
}

static att_status one_case(const struct train_context *c, struct predictor *p, const struct dataset *d, int index, const struct model *m,
                           struct tally *t, struct err *e)
{
    struct sample s;
    TRY(dataset_load(d, index, &s, e));
    struct prediction out;
    memset(&out, 0, sizeof out);
    size_t voxels = image_voxels(s.image.size);
    uint8_t *predicted = mem_alloc(voxels);
    att_status status = predicted ? predict_image(p, &s.image, &out, c->log, e) : err_memory(e, voxels, "validation");
    if (status == ATT_OK) status = labelling_encode(&m->labels, &out.labels, d->cases[index].id, predicted, e);
    if (status == ATT_OK) count(&m->labels, predicted, s.classes, voxels, t);
    prediction_free(&out);
    mem_free(predicted);
    sample_free(&s);
    return status;
}

att_status validation_run(const struct train_context *c, const struct dataset *d, const int *list, int ncases, const struct model *m,
                          const char *conv, struct validation *v, struct err *e)
{
    double begin = log_clock();
    struct predict_options o = {.overlap = .5, .conv = conv};
    struct predictor *p;
    struct tally t;
    memset(&t, 0, sizeof t);
    memset(v, 0, sizeof *v);
    TRY(predictor_create(m, c->kernels, c->pool, &o, &p, e));
    att_status status = ATT_OK;
    for (int i = 0; i < ncases && status == ATT_OK; i++) {
        status = one_case(c, p, d, list[i], m, &t, e);
        log_progress(c->log, "validating", i + 1, ncases, NULL);
    }
    predictor_free(p);
    v->count = labelling_targets(&m->labels);
    int present = 0;
    for (int k = 0; k < v->count; k++) {
        v->dice[k] = t.cases[k] ? t.sum[k] / t.cases[k] : NAN;
        if (!t.cases[k]) continue;
        v->mean += v->dice[k];
        present++;
    }
    v->mean = present ? v->mean / present : NAN;
    v->seconds = log_clock() - begin;
    return status;
}

json_t *validation_to_json(const struct validation *v, const struct labelling *l)
{
    json_t *classes = json_object();
    for (int k = 0; k < v->count; k++)
        json_object_set_new(classes, labelling_target_name(l, k), isnan(v->dice[k]) ? json_null() : json_real(v->dice[k]));
    return json_pack("{s:o, s:o}", "mean", isnan(v->mean) ? json_null() : json_real(v->mean), "classes", classes);
}

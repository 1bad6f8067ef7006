/* SPDX-License-Identifier: Apache-2.0 */
/* Validation; called by the training loop. */
#include "train/validate.h"

#include <math.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "format/format.h"
#include "measure/metrics.h"
#include "predict/predict_files.h"

static const char MASKS[] = "validation";

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

char *validation_mask(const char *run, const struct data_case *c)
{
    return mem_text("%s/%s/%s%s", run, MASKS, c->id, predict_ending(c->image[0], &(struct geometry){.known = false}));
}

static att_status save_mask(const char *run, const struct data_case *c, const struct labelmap *m, struct err *e)
{
    char *path = validation_mask(run, c);
    att_status status = path ? format_save_labels(path, m, e) : err_memory(e, strlen(run), "a file name");
    mem_free(path);
    return status;
}

/* The folder, without what a killed process left in it. */
static att_status make_folder(const char *run, const struct dataset *d, const int *list, int count, struct err *e)
{
    char *folder = file_join(run, MASKS);
    const char **names = mem_array((size_t)count + 1, sizeof *names);
    char **paths = mem_array((size_t)count + 1, sizeof *paths);
    att_status status = folder && names && paths ? file_make_folders(folder, e) : err_memory(e, (size_t)count * sizeof *names, "a folder");
    for (int i = 0; i < count && status == ATT_OK; i++) {
        paths[i] = validation_mask(run, &d->cases[list[i]]);
        if (!paths[i]) status = err_memory(e, strlen(run), "a file name");
        if (paths[i]) names[i] = file_base(paths[i]);
    }
    if (status == ATT_OK) file_sweep(folder, names);
    for (int i = 0; paths && i < count; i++) mem_free(paths[i]);
    mem_free(paths);
    mem_free(names);
    mem_free(folder);
    return status;
}

static att_status one_case(const struct train_context *c, struct predictor *p, const struct dataset *d, int index, const struct model *m,
                           const char *run, struct tally *t, struct err *e)
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
    if (status == ATT_OK && run) status = save_mask(run, &d->cases[index], &out.labels, e);
    prediction_free(&out);
    mem_free(predicted);
    sample_free(&s);
    return status;
}

att_status validation_run(const struct train_context *c, const struct dataset *d, const int *list, int ncases, const struct model *m,
                          const char *conv, const char *run, struct validation *v, struct err *e)
{
    double begin = log_clock();
    struct predict_options o = {.overlap = .5, .conv = conv};
    struct predictor *p;
    struct tally t;
    memset(&t, 0, sizeof t);
    if (run) TRY(make_folder(run, d, list, ncases, e));
    TRY(predictor_create(m, c->kernels, c->pool, &o, &p, e));
    att_status status = ATT_OK;
    for (int i = 0; i < ncases && status == ATT_OK; i++) {
        status = one_case(c, p, d, list[i], m, run, &t, e);
        log_progress(c->log, "validating", i + 1, ncases, NULL);
    }
    predictor_free(p);
    if (status != ATT_OK) return status; /* a mean over some of the cases is none */
    memset(v, 0, sizeof *v);
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
    return ATT_OK;
}

json_t *validation_to_json(const struct validation *v, const struct labelling *l)
{
    json_t *classes = json_object();
    for (int k = 0; k < v->count; k++)
        json_object_set_new(classes, labelling_target_name(l, k), isnan(v->dice[k]) ? json_null() : json_real(v->dice[k]));
    return json_pack("{s:o, s:o}", "mean", isnan(v->mean) ? json_null() : json_real(v->mean), "classes", classes);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "train/validate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mean.h"
#include "base/mem.h"
#include "files/file.h"
#include "format/format.h"
#include "measure/measure_dice.h"
#include "model/run_files.h"
#include "predict/predict_files.h"
#include "predict/predict_say.h"

static void validate_count(const struct labelling *l, const uint8_t *predicted,
    const uint8_t *truth, size_t voxels, struct mean *dice, double *labelled)
{
    int n = labelling_targets(l);
    for (int k = 0; k < n; k++) {
        struct overlap o = measure_overlap(l, k, predicted, truth, voxels);
        mean_add(&dice[k], overlap_dice(&o));
        labelled[k] += (double)(o.tp + o.fn);
    }
}

char *validation_mask(const char *run, const struct data_case *c)
{
    return mem_text("%s/" RUN_VALIDATION "/%s%s", run, c->id, format_result_ending(c->image[0]));
}

static att_status save_mask(
    const char *run, const struct data_case *c, const struct labelmap *m, struct err *e)
{
    char *path = validation_mask(run, c);
    att_status status = path ? format_save_labels(path, m, e) : err_path(e);
    mem_free(path);
    return status;
}

/* Also removes leftovers of killed processes. */
static att_status validate_make_folder(
    const char *run, const struct dataset *d, const int *list, int count, struct err *e)
{
    char *folder = file_join(run, RUN_VALIDATION);
    const char **names = mem_array((size_t)count + 1, sizeof *names);
    char **paths = mem_array((size_t)count + 1, sizeof *paths);
    att_status status = folder && names && paths
        ? file_make_inside(folder, e)
        : err_memory(e, (size_t)count * sizeof *names, "a folder");
    for (int i = 0; i < count && status == ATT_OK; i++) {
        paths[i] = validation_mask(run, &d->cases[list[i]]);
        if (!paths[i]) status = err_path(e);
        if (paths[i]) names[i] = file_base(paths[i]);
    }
    if (status == ATT_OK) file_sweep(folder, names);
    for (int i = 0; paths && i < count; i++) mem_free(paths[i]);
    mem_free(paths);
    mem_free(names);
    mem_free(folder);
    return status;
}

struct validating {
    const struct train_context *c;
    const struct validation_job *job;
    struct predictor *p;
    struct mean dice[LABELLING_MAX];
    double truth[LABELLING_MAX], tile_share, passes;
    bool warned; /* of the spacing */
};

static att_status validate_sample(
    struct validating *w, const struct data_case *c, struct sample *s, bool shown, struct err *e)
{
    const struct validation_job *job = w->job;
    const struct labelling *labels = &job->model->labels;
    struct host *host = w->c->host;
    struct prediction out;
    memset(&out, 0, sizeof out);
    size_t voxels = image_voxels(s->image.size);
    uint8_t *predicted;
    att_status status = MEM_BYTES(predicted, voxels, "validation", e);
    if (status == ATT_OK)
        status = shown ? predict_image(w->p, &s->image, &out, host, e)
                       : predict_image_consume(w->p, &s->image, &out, host, e);
    if (status == ATT_OK && !w->warned)
        w->warned = say_spacing(host, c->id, job->model, job->data->voxel[0] > 0, &out);
    if (status == ATT_OK) status = labelling_encode(labels, &out.labels, c->id, predicted, e);
    if (status == ATT_OK) validate_count(labels, predicted, s->classes, voxels, w->dice, w->truth);
    if (status == ATT_OK && shown) job->show->show(job->show->user, c->id, s, predicted);
    if (status == ATT_OK && out.tiles)
        w->tile_share += (double)out.tiles->count / out.tiles->tiling.count;
    w->passes += (double)out.passes;
    if (status == ATT_OK && job->run) status = save_mask(job->run, c, &out.labels, e);
    prediction_free(&out);
    mem_free(predicted);
    return status;
}

static att_status validate_all(struct validating *w, struct err *e)
{
    const struct validation_job *job = w->job;
    for (int i = 0; i < job->count; i++) {
        struct sample s;
        TRY(dataset_load(job->data, job->cases[i], &s, e));
        att_status status = validate_sample(
            w, &job->data->cases[job->cases[i]], &s, job->show && i < job->show->cases, e);
        sample_free(&s);
        TRY(status);
        host_progress(w->c->host, "validating", i + 1, job->count, NULL);
    }
    return ATT_OK;
}

att_status validation_run(const struct train_context *c, const struct validation_job *job,
    struct validation *v, struct err *e)
{
    double begin = clock_now();
    struct predict_options o = {
        .overlap = .5, .conv = job->conv, .max_memory = job->max_memory, .diverging = true};
    memcpy(o.mirror, job->mirror, sizeof o.mirror);
    if (job->model->labels.objects) o.post = job->model->post;
    struct validating w = {.c = c, .job = job};
    struct mean all = {0};
    if (job->run) TRY(validate_make_folder(job->run, job->data, job->cases, job->count, e));
    TRY(predictor_create(job->model, c->host->kernels, c->host->pool, &o, &w.p, e));
    att_status status = validate_all(&w, e);
    predictor_free(w.p);
    if (status != ATT_OK) return status; /* no mean over some of the cases */
    memset(v, 0, sizeof *v);
    v->count = labelling_targets(&job->model->labels);
    for (int k = 0; k < v->count; k++) {
        v->dice[k] = mean_of(&w.dice[k]);
        v->truth[k] = w.truth[k];
        mean_add(&all, v->dice[k]);
    }
    v->mean = mean_of(&all);
    v->passes = job->count > 0 ? w.passes / job->count : 0;
    v->tile_share = job->count > 0 ? w.tile_share / job->count : 0;
    v->seconds = clock_now() - begin;
    return ATT_OK;
}

const char *validation_text(double dice, char text[DICE_TEXT])
{
    if (isnan(dice))
        snprintf(text, DICE_TEXT, "-");
    else
        snprintf(text, DICE_TEXT, "%.4f", dice);
    return text;
}

json_t *validation_to_json(const struct validation *v, const struct labelling *l)
{
    json_t *classes = json_object();
    for (int k = 0; k < v->count; k++)
        json_object_set_new(classes, labelling_target_name(l, k), json_finite(v->dice[k]));
    return json_pack("{s:o, s:o}", "mean", json_finite(v->mean), "classes", classes);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "train/validate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mean.h"
#include "base/mem.h"
#include "base/team.h"
#include "files/file.h"
#include "format/format.h"
#include "measure/measure_dice.h"
#include "model/run_files.h"
#include "predict/predict_files.h"
#include "predict/predict_say.h"

/* Of a case: for each target Dice and labelled voxels, the share of tiles, and passes. */
static size_t validate_numbers(const struct labelling *l)
{
    return 2 * (size_t)labelling_targets(l) + 2;
}

static void validate_count(const struct labelling *l, const uint8_t *predicted,
    const uint8_t *truth, size_t voxels, double *numbers)
{
    for (int k = 0; k < labelling_targets(l); k++) {
        struct overlap o = measure_overlap(l, k, predicted, truth, voxels);
        *numbers++ = overlap_dice(&o);
        *numbers++ = (double)(o.tp + o.fn);
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
    double *numbers; /* of all cases, in their order */
    bool warned;     /* of the spacing */
};

static att_status validate_sample(
    struct validating *w, const struct data_case *c, struct sample *s, int i, struct err *e)
{
    const struct validation_job *job = w->job;
    const struct labelling *labels = &job->model->labels;
    struct host *host = w->c->host;
    const bool shown = job->show && i < job->shown;
    double *numbers = w->numbers + (size_t)i * validate_numbers(labels);
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
    if (status == ATT_OK) validate_count(labels, predicted, s->classes, voxels, numbers);
    if (status == ATT_OK && shown) job->show->show(job->show->user, c->id, s, predicted);
    if (status == ATT_OK && out.tiles)
        numbers[validate_numbers(labels) - 2] = (double)out.tiles->count / out.tiles->tiling.count;
    numbers[validate_numbers(labels) - 1] = (double)out.passes;
    if (status == ATT_OK && job->run) status = save_mask(job->run, c, &out.labels, e);
    prediction_free(&out);
    mem_free(predicted);
    return status;
}

static int validate_rank_of(const struct validation_job *job, int i)
{
    return i < job->shown ? 0 : i % team_size(job->team);
}

static att_status validate_own(struct validating *w, struct err *e)
{
    const struct validation_job *job = w->job;
    for (int i = 0; i < job->count; i++) {
        struct sample s;
        if (validate_rank_of(job, i) != team_rank(job->team)) continue;
        TRY(dataset_load(job->data, job->cases[i], &s, e));
        att_status status = validate_sample(w, &job->data->cases[job->cases[i]], &s, i, e);
        sample_free(&s);
        TRY(status);
        host_progress(w->c->host, "validating", i + 1, job->count, NULL);
    }
    return ATT_OK;
}

/* Every rank's cases become all ranks'. */
static att_status validate_exchange(const struct validating *w, struct err *e)
{
    const struct validation_job *job = w->job;
    const size_t one = validate_numbers(&job->model->labels), n = (size_t)job->count * one;
    double *all = mem_array(n * (size_t)team_size(job->team), sizeof *all);
    if (!all) return team_fail(job->team, err_memory(e, n * sizeof *all, "an exchange of ranks"));
    att_status status = team_gather(job->team, w->numbers, all, n * sizeof *all, e);
    for (int i = 0; i < job->count && status == ATT_OK; i++)
        memcpy(w->numbers + (size_t)i * one,
            all + (size_t)validate_rank_of(job, i) * n + (size_t)i * one, one * sizeof *all);
    mem_free(all);
    return status;
}

static att_status validate_all(struct validating *w, const struct predict_options *o, struct err *e)
{
    const struct validation_job *job = w->job;
    att_status status =
        predictor_create(job->model, w->c->host->kernels, w->c->host->pool, o, &w->p, e);
    if (status == ATT_OK) status = validate_own(w, e);
    predictor_free(w->p);
    if (team_size(job->team) == 1) return status;
    TRY(team_agree(job->team, w->c->host, status, 0, e));
    return validate_exchange(w, e);
}

/* In the order of cases, whoever computed them. */
static void validate_sum(const struct validating *w, struct validation *v)
{
    const struct validation_job *job = w->job;
    const double *number = w->numbers;
    struct mean dice[LABELLING_MAX] = {0}, all = {0};
    memset(v, 0, sizeof *v);
    v->count = labelling_targets(&job->model->labels);
    for (int i = 0; i < job->count; i++) {
        for (int k = 0; k < v->count; k++) {
            mean_add(&dice[k], *number++);
            v->truth[k] += *number++;
        }
        v->tile_share += *number++;
        v->passes += *number++;
    }
    if (job->count > 0) v->tile_share /= job->count;
    if (job->count > 0) v->passes /= job->count;
    for (int k = 0; k < v->count; k++) {
        v->dice[k] = mean_of(&dice[k]);
        mean_add(&all, v->dice[k]);
    }
    v->mean = mean_of(&all);
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
    if (job->run) TRY(validate_make_folder(job->run, job->data, job->cases, job->count, e));
    const size_t n = (size_t)job->count * validate_numbers(&job->model->labels);
    att_status status = MEM_ARRAY(w.numbers, n, "validation", e);
    if (status != ATT_OK && job->team) team_fail(job->team, status);
    if (status == ATT_OK) status = validate_all(&w, &o, e);
    if (status == ATT_OK) { /* no mean over some of the cases */
        validate_sum(&w, v);
        v->seconds = clock_now() - begin;
    }
    mem_free(w.numbers);
    return status;
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

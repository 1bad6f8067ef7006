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
    const uint8_t *truth, size_t voxels, struct mean *dice)
{
    int n = labelling_targets(l);
    for (int k = 0; k < n; k++) {
        struct overlap o = measure_overlap(l, k, predicted, truth, voxels);
        mean_add(&dice[k], overlap_dice(&o));
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

static att_status validate_one_case(const struct train_context *c, struct predictor *p,
    const struct dataset *d, int index, const struct model *m, const char *run,
    const struct validation_show *show, struct mean *dice, double *tile_share, bool *warned,
    struct err *e)
{
    struct sample s;
    TRY(dataset_load(d, index, &s, e));
    struct prediction out;
    memset(&out, 0, sizeof out);
    size_t voxels = image_voxels(s.image.size);
    uint8_t *predicted;
    att_status status = MEM_BYTES(predicted, voxels, "validation", e);
    if (status == ATT_OK)
        status = show ? predict_image(p, &s.image, &out, c->host, e)
                      : predict_image_consume(p, &s.image, &out, c->host, e);
    if (status == ATT_OK && !*warned)
        *warned = say_spacing(c->host, d->cases[index].id, m, d->voxel[0] > 0, &out);
    if (status == ATT_OK)
        status = labelling_encode(&m->labels, &out.labels, d->cases[index].id, predicted, e);
    if (status == ATT_OK) validate_count(&m->labels, predicted, s.classes, voxels, dice);
    if (status == ATT_OK && show) show->show(show->user, d->cases[index].id, &s, predicted);
    if (status == ATT_OK && out.tiles)
        *tile_share += (double)out.tiles->count / out.tiles->tiling.count;
    if (status == ATT_OK && run) status = save_mask(run, &d->cases[index], &out.labels, e);
    prediction_free(&out);
    mem_free(predicted);
    sample_free(&s);
    return status;
}

att_status validation_run(const struct train_context *c, const struct dataset *d, const int *list,
    int ncases, const struct model *m, const char *conv, double max_memory, const char *run,
    const struct validation_show *show, struct validation *v, struct err *e)
{
    double begin = clock_now();
    struct predict_options o = {
        .overlap = .5, .conv = conv, .max_memory = max_memory, .diverging = true};
    if (m->labels.objects) o.post = m->post;
    struct predictor *p;
    struct mean dice[LABELLING_MAX] = {{0}}, all = {0};
    double tile_share = 0;
    bool warned = false;
    if (run) TRY(validate_make_folder(run, d, list, ncases, e));
    TRY(predictor_create(m, c->host->kernels, c->host->pool, &o, &p, e));
    att_status status = ATT_OK;
    for (int i = 0; i < ncases && status == ATT_OK; i++) {
        status = validate_one_case(c, p, d, list[i], m, run, show && i < show->cases ? show : NULL,
            dice, &tile_share, &warned, e);
        host_progress(c->host, "validating", i + 1, ncases, NULL);
    }
    predictor_free(p);
    if (status != ATT_OK) return status; /* no mean over some of the cases */
    memset(v, 0, sizeof *v);
    v->count = labelling_targets(&m->labels);
    for (int k = 0; k < v->count; k++) {
        v->dice[k] = mean_of(&dice[k]);
        mean_add(&all, v->dice[k]);
    }
    v->mean = mean_of(&all);
    v->tile_share = ncases > 0 ? tile_share / ncases : 0;
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

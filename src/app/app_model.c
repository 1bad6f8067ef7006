/* SPDX-License-Identifier: Apache-2.0 */
/* Models in memory, for callers with images in memory. */
#include <stdint.h>
#include <string.h>

#include "app/app.h"
#include "app/info.h"
#include "app/series.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "dataset/orientation.h"
#include "format/format.h"
#include "image/orient.h"
#include "model/prepare.h"
#include "predict/predict_say.h"

att_status app_model_load(
    struct app_call *call, const char *const *paths, int count, att_model **model)
{
    att_model *m;
    TRY(MEM_NEW(m, "the model", call->e));
    atomic_init(&m->references, 1);
    att_status status = ensemble_load(paths, count, &m->s, call->e);
    if (status == ATT_OK)
        *model = m;
    else
        mem_free(m);
    return status;
}

void app_model_free(att_model *model)
{
    if (!model || atomic_fetch_sub(&model->references, 1) > 1) return;
    ensemble_free(&model->s);
    mem_free(model);
}

att_status app_model_describe(struct app_call *call, const struct ensemble *s)
{
    char text[SERIES_MODALITIES];
    const char *modality = series_modality(s->models, text);
    TRY(info_describe(call, &s->models[0], NULL, &call->result));
    if (modality && json_object_set_new(call->result, "modality", json_string(modality)))
        return err_memory(call->e, 1, "the description of the model");
    if (s->count == 1) return ATT_OK;
    json_t *paths = json_array();
    for (int i = 0; i < s->count; i++) json_array_append_new(paths, json_utf8(s->paths[i]));
    if (!json_object_set_new(call->result, "paths", paths)) return ATT_OK;
    return err_memory(call->e, 1, "the description of the models");
}

void app_forget(att_context *c)
{
    predictor_free(c->kept.predictor);
    app_model_free((att_model *)(uintptr_t)c->kept.model);
    c->kept = (struct app_kept){0};
}

/* Reuses the kept predictor for the same model and options. */
static att_status app_model_keep(
    struct app_call *call, const att_model *model, const struct predict_options *o)
{
    struct app_kept *k = &call->c->kept;
    if (k->model != model || !predictor_has(k->predictor, o)) {
        app_forget(call->c);
        TRY(predictor_create_several(model->s.models, model->s.count, call->host->kernels,
            call->host->pool, o, &k->predictor, call->e));
        atomic_fetch_add(&((att_model *)(uintptr_t)model)->references,
            1); /* the count is not part of the model */
        k->model = model;
    }
    bool wanted = !call->o || app_predict_owns_post(call->o);
    if (wanted && !k->warned) app_predict_warn_post(call->host, &model->s);
    k->warned = k->warned || wanted;
    return ATT_OK;
}

/* Refuses settings about files, unless they are off. */
static att_status app_model_refuse_files(struct app_call *call)
{
    static const struct {
        const char *name, *instead;
    } others[] = {{"dry-run", "nothing is written"}, {"voxel-size", "give att_image.spacing"},
        {"attention", "give att_result.attention"}, {"probabilities", "pass a buffer for them"},
        {"uncertainty", "give att_result.variance, or compute the entropy from the probabilities"},
        {"overlay", "overlays are files"}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (options_read_set(call->o, others[i].name) &&
            !text_has_word("no none", options_read_text(call->o, others[i].name)))
            return err_usage(call->e,
                "the setting '%s' is for predictions into files; leave it out: %s", others[i].name,
                others[i].instead);
    return ATT_OK;
}

/* Copies samples on the grid of the prediction to `to`, on the axes of the caller's image. */
static att_status hand_samples(
    const struct labelmap *grid, int channels, float *from, float *to, struct err *e)
{
    const size_t bytes = image_voxels(grid->size) * (size_t)channels * sizeof *to;
    struct image m = {.channels = channels, .data = from, .geometry = grid->geometry}, stored;
    if (!turn_any(&grid->geometry.turned)) {
        memmove(to, from, bytes);
        return ATT_OK;
    }
    memcpy(m.size, grid->size, sizeof m.size);
    TRY(turn_image_back(&m, &stored, e));
    memcpy(to, stored.data, bytes);
    mem_free(stored.data);
    return ATT_OK;
}

static att_status hand_labels(const struct labelmap *from, uint16_t *to, struct err *e)
{
    struct labelmap stored = *from;
    const bool turns = turn_any(&from->geometry.turned);
    if (turns) TRY(turn_labels_back(from, &stored, e));
    memcpy(to, stored.data, image_voxels(from->size) * sizeof *to);
    if (turns) mem_free(stored.data);
    return ATT_OK;
}

static att_status hand_over(const struct prediction *out, att_result *r, struct err *e)
{
    const struct labelmap *l = &out->labels;
    if (r->labels) TRY(hand_labels(l, r->labels, e));
    if (r->probabilities)
        TRY(hand_samples(l, out->channels, out->probability, r->probabilities, e));
    if (r->variance) TRY(hand_samples(l, 1, out->variance, r->variance, e));
    for (int i = 0; i < out->nmaps; i++) {
        float *map = out->maps[i].data;
        if (turn_any(&l->geometry.turned)) TRY(hand_samples(l, 1, map, map, e));
        r->attention(r->user, out->maps[i].name, map);
    }
    r->windows = out->windows;
    r->passes = out->passes;
    r->seconds = out->seconds;
    return ATT_OK;
}

/* The caller's image, or a copy along `axes`: then `copy` has samples, and m becomes it. */
static att_status turned(
    const char *axes, const struct image **m, struct image *copy, struct err *e)
{
    struct turning t;
    if (orient_to(axes, &(*m)->geometry, (*m)->size, &t) != ORIENT_TURNS) return ATT_OK;
    const size_t samples = image_voxels((*m)->size) * (size_t)(*m)->channels;
    *copy = **m;
    TRY(MEM_ARRAY(copy->data, samples, "an image along the axes of the training", e));
    memcpy(copy->data, (*m)->data, samples * sizeof *copy->data);
    *m = copy;
    return orient_image(axes, copy, e);
}

/* The kept predictor runs on an image that lies along the axes of `j`. */
static att_status app_model_segment(
    struct app_call *call, const struct predict_job *j, const struct image *m, att_result *r)
{
    struct prediction out;
    TRY(predict_image(call->c->kept.predictor, m, &out, call->host, call->e));
    r->doubts = say_in_memory(j, "the image", m, &out);
    const att_status status = hand_over(&out, r, call->e);
    prediction_free(&out);
    return status;
}

static bool chooses_precision(const struct app_call *call)
{
    const char *precision = call->o ? options_text(call->o, predict, precision) : NULL;
    return precision && !strcmp(precision, "auto") && !options_choice(call->o, predict, conv);
}

att_status app_model_predict(
    struct app_call *call, const att_model *model, const struct image *m, att_result *r)
{
    struct predict_job j = {.models = model->s.models,
        .nmodels = model->s.count,
        .host = call->host,
        .options = {.overlap = .5, .progress = true, .post = model->s.post},
        .in_memory = true};
    struct predict_options *o = &j.options;
    memcpy(j.axes, model->s.models->prep.axes, sizeof j.axes);
    if (call->o) TRY(app_model_refuse_files(call));
    const bool chooses = chooses_precision(call);
    if (chooses && call->c->kept.model == model) o->conv = call->c->kept.precision;
    if (call->o) TRY(app_predict_options(call->o, call->host, &model->s, o, call->e));
    if (!call->o) {
        app_predict_mirror(&model->s, o);
        if (!strcmp(app_predict_precision(call->host, &model->s), "bf16")) o->conv = CONV_BF16;
    }
    if (call->o)
        TRY(orientation_read(options_text(call->o, predict, orientation), j.axes, call->e));
    o->attention = r->attention != NULL;
    o->variance = r->variance != NULL;
    TRY(app_model_keep(call, model, o));
    if (chooses) call->c->kept.precision = o->conv ? CONV_BF16 : "f32";
    TRY(predictor_fits(call->c->kept.predictor, m, call->e)); /* checks the number of samples */
    if (!m->geometry.valid && prepare_by_spacing(&model->s.models->prep))
        return err_data(
            call->e, "the model needs a voxel size but the image has none; give its `spacing`");
    TRY(format_check_finite("the image", m, call->e));
    predictor_probabilities(call->c->kept.predictor, r->probabilities != NULL);
    struct image copy = {.data = NULL};
    att_status status = turned(j.axes, &m, &copy, call->e);
    if (status == ATT_OK) status = app_model_segment(call, &j, m, r);
    mem_free(copy.data);
    return status;
}

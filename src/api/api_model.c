/* SPDX-License-Identifier: Apache-2.0 */
/* Models in memory, for callers with images in memory. */
#include <math.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include "api/api.h"
#include "app/app.h"
#include "app/info.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "format/format.h"
#include "model/prepare.h"
#include "predict/predict_say.h"

struct att_model {
    struct ensemble s;
    atomic_int references; /* the caller's and those of contexts */
};

static att_status api_model_load(
    struct app_call *call, const char *const *paths, int count, att_model **model)
{
    TRY(api_need(call, model, "model"));
    TRY(api_need(call, paths, "paths"));
    for (int i = 0; i < count; i++) TRY(api_need_path(call, paths[i], "path"));
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

att_status att_model_load_list(
    att_context *context, const char *const *paths, int count, att_model **model)
{
    struct app_call call;
    if (model) *model = NULL;
    att_status status = api_open(&call, context, NULL, NULL);
    if (status == ATT_OK) status = api_model_load(&call, paths, count, model);
    return api_close(&call, status);
}

att_status att_model_load(att_context *context, const char *path, att_model **model)
{
    return att_model_load_list(context, &path, 1, model);
}

void att_model_free(att_model *model)
{
    if (!model || atomic_fetch_sub(&model->references, 1) > 1) return;
    ensemble_free(&model->s);
    mem_free(model);
}

void att_model_channels(const att_model *model, int *in, int *out)
{
    if (in) *in = model ? model->s.models[0].prep.channels : 0;
    if (out) *out = model ? model->s.models[0].facts.classes : 0;
}

int att_model_networks(const att_model *model) { return model ? model->s.count : 0; }

static att_status api_model_describe(struct app_call *call, const struct ensemble *s, json_t **json)
{
    TRY(info_describe(call, &s->models[0], NULL, json));
    if (s->count == 1) return ATT_OK;
    json_t *paths = json_array();
    for (int i = 0; i < s->count; i++) json_array_append_new(paths, json_utf8(s->paths[i]));
    if (!json_object_set_new(*json, "paths", paths)) return ATT_OK;
    return err_memory(call->e, 1, "the description of the models");
}

att_status att_model_json(att_context *context, const att_model *model, char **json)
{
    struct app_call call;
    json_t *j = NULL;
    if (json) *json = NULL;
    att_status status = api_open(&call, context, NULL, NULL);
    if (status == ATT_OK) status = api_need(&call, model, "model");
    if (status == ATT_OK) status = api_model_describe(&call, &model->s, &j);
    if (status == ATT_OK)
        status = api_text(j, json, call.e);
    else
        json_decref(j);
    return api_close(&call, status);
}

/* Sizes in the first versions. A later member begins at the old sizeof, padding included. */
enum {
    IMAGE_FIRST = offsetof(att_image, spacing) + sizeof(((att_image *)0)->spacing),
    RESULT_FIRST = offsetof(att_result, seconds) + sizeof(((att_result *)0)->seconds)
};

/* The caller's image, read-only. */
static att_status borrow(struct app_call *call, const att_image *from, struct image *m)
{
    att_image own = {0};
    TRY(api_need(call, from, "image"));
    TRY(api_receive(
        &own, sizeof own, from, from->struct_size, IMAGE_FIRST, "att_image.struct_size", call->e));
    TRY(api_need(call, own.data, "image"));
    *m = (struct image){.channels = own.channels, .data = (float *)(uintptr_t)own.data};
    m->geometry.valid = true;
    for (int i = 0; i < 3; i++) {
        const int *size = own.size;
        if (!(own.spacing[i] >= 0 && own.spacing[i] < INFINITY))
            return err_set(call->e, ATT_USAGE,
                "voxels of %gx%gx%g mm are impossible; give distances of 0 or more along d, h "
                "and w",
                (double)own.spacing[0], (double)own.spacing[1], (double)own.spacing[2]);
        m->size[i] = size[i];
        m->geometry.spacing[i] = own.spacing[i] > 0 ? own.spacing[i] : 1;
        m->geometry.valid = m->geometry.valid && (own.spacing[i] > 0 || size[i] == 1);
    }
    return ATT_OK;
}

void api_forget(att_context *c)
{
    predictor_free(c->kept.predictor);
    att_model_free((att_model *)(uintptr_t)c->kept.model);
    c->kept = (struct app_kept){0};
}

/* Reuses the kept predictor for the same model and options. */
static att_status api_model_keep(
    struct app_call *call, const att_model *model, const struct predict_options *o)
{
    struct app_kept *k = &call->c->kept;
    if (k->model != model || !predictor_has(k->predictor, o)) {
        api_forget(call->c);
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
static att_status api_model_refuse_files(struct app_call *call)
{
    static const struct {
        const char *name, *instead;
    } others[] = {{"dry-run", "nothing is written"}, {"voxel-size", "give att_image.spacing"},
        {"attention", "give att_result.attention"}, {"probabilities", "pass a buffer for them"},
        {"overlay", "overlays are files"}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (options_read_set(call->o, others[i].name) &&
            !text_has_word("no none", options_read_text(call->o, others[i].name)))
            return err_set(call->e, ATT_USAGE,
                "the setting '%s' is for predictions into files; leave it out: %s", others[i].name,
                others[i].instead);
    return ATT_OK;
}

static void hand_over(const struct prediction *out, att_result *r)
{
    size_t voxels = image_voxels(out->labels.size);
    if (r->labels) memcpy(r->labels, out->labels.data, voxels * sizeof *r->labels);
    if (r->probabilities)
        memcpy(r->probabilities, out->probability,
            voxels * (size_t)out->channels * sizeof *r->probabilities);
    for (int i = 0; i < out->nmaps; i++)
        r->attention(r->user, out->maps[i].name, out->maps[i].data);
    r->windows = out->windows;
    r->passes = out->passes;
    r->seconds = out->seconds;
}

static att_status api_model_predict(
    struct app_call *call, const att_model *model, const struct image *m, att_result *r)
{
    struct predict_options o = {.overlap = .5, .progress = true};
    o.post = model->s.post;
    if (call->o) TRY(api_model_refuse_files(call));
    if (call->o) TRY(app_predict_options(call->o, &model->s, &o, call->e));
    o.attention = r->attention != NULL;
    struct prediction out;
    TRY(api_model_keep(call, model, &o));
    TRY(predictor_fits(call->c->kept.predictor, m, call->e)); /* checks the number of samples */
    if (!m->geometry.valid && prepare_by_spacing(&model->s.models->prep))
        return err_set(call->e, ATT_DATA,
            "the model needs a voxel size but the image has none; give it in att_image.spacing "
            "of att_model_predict_image");
    TRY(format_check_finite("the image", m, call->e));
    predictor_probabilities(call->c->kept.predictor, r->probabilities != NULL);
    TRY(predict_image(call->c->kept.predictor, m, &out, call->host, call->e));
    const struct predict_job j = {.models = model->s.models,
        .nmodels = model->s.count,
        .host = call->host,
        .options = o,
        .in_memory = true};
    r->doubts = say_in_memory(&j, "the image", m, &out);
    hand_over(&out, r);
    prediction_free(&out);
    return ATT_OK;
}

static att_status api_model_run(struct app_call *call, const att_model *model,
    const att_image *image, const att_settings *settings, att_result *r)
{
    struct image m;
    TRY(api_need(call, model, "model"));
    if (settings) TRY(api_settings(call, settings, "predict"));
    TRY(borrow(call, image, &m));
    return api_model_predict(call, model, &m, r);
}

att_status att_model_run(att_context *context, const att_model *model, const att_image *image,
    const att_settings *settings, att_result *result)
{
    struct app_call call;
    att_result r = {0};
    att_status status = api_open(&call, context, NULL, NULL);
    if (status == ATT_OK) status = api_need(&call, result, "result");
    if (status == ATT_OK)
        status = api_receive(&r, sizeof r, result, result->struct_size, RESULT_FIRST,
            "att_result.struct_size", call.e);
    if (status == ATT_OK) status = api_model_run(&call, model, image, settings, &r);
    if (status == ATT_OK)
        memcpy(result, &r, result->struct_size < sizeof r ? result->struct_size : sizeof r);
    return api_close(&call, status);
}

att_status att_model_predict_image(att_context *context, const att_model *model,
    const att_image *image, const att_settings *settings, uint16_t *labels, float *probabilities)
{
    struct app_call call;
    att_status status = api_open(&call, context, NULL, NULL);
    if (status == ATT_OK) status = api_need(&call, labels, "labels");
    if (status == ATT_OK)
        status = api_model_run(&call, model, image, settings,
            &(att_result){sizeof(att_result), .labels = labels, .probabilities = probabilities});
    return api_close(&call, status);
}

att_status att_model_predict(att_context *context, const att_model *model, const float *image,
    int channels, const int size[3], uint16_t *labels, float *probabilities)
{
    att_image m = {.struct_size = sizeof m, .data = image, .channels = channels};
    if (size) memcpy(m.size, size, sizeof m.size);
    struct app_call call;
    att_status status = api_open(&call, context, NULL, NULL);
    if (status == ATT_OK) status = api_need(&call, model, "model");
    if (status == ATT_OK) status = api_need(&call, image, "image");
    if (status == ATT_OK) status = api_need(&call, size, "size");
    if (status == ATT_OK) status = api_need(&call, labels, "labels");
    if (status == ATT_OK)
        status = api_model_run(&call, model, &m, NULL,
            &(att_result){sizeof(att_result), .labels = labels, .probabilities = probabilities});
    return api_close(&call, status);
}

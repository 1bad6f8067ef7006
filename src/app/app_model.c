/* SPDX-License-Identifier: Apache-2.0 */
/* Models in memory, for callers with images in memory. */
#include <string.h>

#include "app/app.h"
#include "app/info.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "format/format.h"
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
    TRY(info_describe(call, &s->models[0], NULL, &call->result));
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

att_status app_model_predict(
    struct app_call *call, const att_model *model, const struct image *m, att_result *r)
{
    struct predict_options o = {.overlap = .5, .progress = true};
    o.post = model->s.post;
    if (call->o) TRY(app_model_refuse_files(call));
    if (call->o) TRY(app_predict_options(call->o, &model->s, &o, call->e));
    o.attention = r->attention != NULL;
    struct prediction out;
    TRY(app_model_keep(call, model, &o));
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

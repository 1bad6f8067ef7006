/* SPDX-License-Identifier: Apache-2.0 */
/* Models in memory, for callers that hold images themselves. */
#include <stdatomic.h>
#include <string.h>

#include "api/info.h"
#include "base/mem.h"
#include "format/format.h"
#include "predict/predict.h"

struct att_model {
    struct model m;
    atomic_int references; /* the caller's, and those of contexts that keep something made from it */
};

static att_status load(struct api_call *call, const char *path, att_model **model)
{
    TRY(api_need(call, path, "path"));
    att_model *m = mem_alloc(sizeof *m);
    if (!m) return err_memory(call->e, sizeof *m, "the model");
    atomic_init(&m->references, 1);
    att_status status = model_load(path, &m->m, call->e);
    if (status == ATT_OK)
        *model = m;
    else
        mem_free(m);
    return status;
}

att_status att_model_load(att_context *context, const char *path, att_model **model)
{
    struct api_call call;
    att_status status = api_open(&call, context, NULL, NULL);
    if (status == ATT_OK) status = api_need(&call, model, "model");
    if (status == ATT_OK) {
        *model = NULL;
        status = load(&call, path, model);
    }
    return api_close(&call, status);
}

void att_model_free(att_model *model)
{
    if (!model || atomic_fetch_sub(&model->references, 1) > 1) return;
    model_free(&model->m);
    mem_free(model);
}

void att_model_channels(const att_model *model, int *in, int *out)
{
    if (in) *in = model ? model->m.prep.channels : 0;
    if (out) *out = model ? model->m.facts.classes : 0;
}

att_status att_model_json(att_context *context, const att_model *model, char **json)
{
    struct api_call call;
    json_t *j = NULL;
    if (json) *json = NULL;
    att_status status = api_open(&call, context, NULL, NULL);
    if (status == ATT_OK) status = api_need(&call, model, "model");
    if (status == ATT_OK) status = info_describe(&call, &model->m, &j);
    if (status == ATT_OK) status = api_text(j, json, call.e);
    return api_close(&call, status);
}

/* What a caller holds, as an image; predictions only read it. */
static att_status borrow(struct api_call *call, const float *data, int channels, const int size[3], struct image *m)
{
    *m = (struct image){.channels = channels, .data = (float *)(uintptr_t)data};
    for (int i = 0; i < 3; i++) {
        if (size[i] < 1) return err_set(call->e, ATT_USAGE, "an image of %dx%dx%d has no voxels", size[0], size[1], size[2]);
        m->size[i] = size[i];
        m->geometry.spacing[i] = 1;
    }
    return ATT_OK;
}

void api_forget(att_context *c)
{
    predictor_free(c->kept.predictor);
    att_model_free((att_model *)(uintptr_t)c->kept.model);
    c->kept = (struct api_kept){0};
}

/* The predictor that is kept if it is one of this model, or a new one. */
static att_status keep(struct api_call *call, const att_model *model)
{
    struct api_kept *k = &call->c->kept;
    if (k->model == model) return ATT_OK;
    api_forget(call->c);
    const struct predict_options o = {.overlap = .5};
    TRY(predictor_create(&model->m, call->c->kernels, call->c->pool, &o, &k->predictor, call->e));
    atomic_fetch_add(&((att_model *)(uintptr_t)model)->references, 1); /* counting is no change of the model */
    k->model = model;
    return ATT_OK;
}

static att_status predict(struct api_call *call, const att_model *model, const struct image *m, uint16_t *labels, float *probabilities)
{
    /* Only then is it known how many samples there are; predict_image refuses another number with a sentence. */
    if (m->channels == model->m.prep.channels) TRY(format_check_finite("the image", m, call->e));
    struct prediction out;
    TRY(keep(call, model));
    predictor_probabilities(call->c->kept.predictor, probabilities != NULL);
    att_status status = predict_image(call->c->kept.predictor, m, &out, &call->c->log, call->e);
    if (status == ATT_OK) {
        size_t voxels = image_voxels(m->size);
        memcpy(labels, out.labels.data, voxels * sizeof *labels);
        if (probabilities) memcpy(probabilities, out.probability, voxels * (size_t)out.channels * sizeof *probabilities);
        prediction_free(&out);
    }
    return status;
}

att_status att_model_predict(att_context *context, const att_model *model, const float *image, int channels, const int size[3],
                             uint16_t *labels, float *probabilities)
{
    struct api_call call;
    struct image m;
    att_status status = api_open(&call, context, NULL, NULL);
    if (status == ATT_OK) status = api_need(&call, model, "model");
    if (status == ATT_OK) status = api_need(&call, image, "image");
    if (status == ATT_OK) status = api_need(&call, size, "size");
    if (status == ATT_OK) status = api_need(&call, labels, "labels");
    if (status == ATT_OK) status = borrow(&call, image, channels, size, &m);
    if (status == ATT_OK) status = predict(&call, model, &m, labels, probabilities);
    return api_close(&call, status);
}

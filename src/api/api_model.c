/* SPDX-License-Identifier: Apache-2.0 */
/* Models in memory, for callers with images in memory. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "api/api.h"
#include "app/app.h"

/* name: of the argument, in sentences. */
static att_status load_models(
    att_context *context, const char *name, const char *const *paths, int count, att_model **model)
{
    struct app_call call;
    if (model) *model = NULL;
    if (api_open(&call, context, NULL) && api_need(&call, model, "model") &&
        api_need_paths(&call, paths, count, name))
        call.status = app_model_load(&call, paths, count, model);
    return api_close(&call);
}

att_status att_model_load_list(
    att_context *context, const char *const *paths, int count, att_model **model)
{
    return load_models(context, "paths", paths, count, model);
}

att_status att_model_load(att_context *context, const char *path, att_model **model)
{
    return load_models(context, "path", &path, 1, model);
}

void att_model_free(att_model *model) { app_model_free(model); }

void att_model_channels(const att_model *model, int *in, int *out)
{
    if (in) *in = model ? model->s.models[0].prep.channels : 0;
    if (out) *out = model ? model->s.models[0].facts.classes : 0;
}

int att_model_networks(const att_model *model) { return model ? model->s.count : 0; }

att_status att_model_json(att_context *context, const att_model *model, char **json)
{
    struct app_call call;
    if (api_open(&call, context, json) && api_need(&call, model, "model"))
        call.status = app_model_describe(&call, &model->s);
    return api_close(&call);
}

att_status att_image_load(
    att_context *context, const char *const *paths, int count, att_image **image)
{
    struct app_call call;
    if (image) *image = NULL;
    if (api_open(&call, context, NULL) && api_need(&call, image, "image") &&
        api_need_paths(&call, paths, count, "paths"))
        call.status = app_image_load(&call, paths, count, image);
    return api_close(&call);
}

att_status att_image_decode(
    att_context *context, const void *bytes, size_t size, size_t max_samples, att_image **image)
{
    struct app_call call;
    if (image) *image = NULL;
    if (api_open(&call, context, NULL) && api_need(&call, image, "image") &&
        api_need(&call, bytes, "bytes"))
        call.status = app_image_decode(&call, bytes, size, max_samples, image);
    return api_close(&call);
}

const char *att_image_ending(const att_image *image)
{
    return image ? app_image_ending(image) : NULL;
}

const char *att_image_file_ending(const att_image *image)
{
    return image ? app_image_file_ending(image) : NULL;
}

att_status att_mask_encode(att_context *context, const att_image *image, const uint16_t *labels,
    const char *ending, char **bytes, size_t *size)
{
    struct app_call call;
    if (bytes) *bytes = NULL;
    if (api_open(&call, context, NULL) && api_need(&call, image, "image") &&
        api_need(&call, labels, "labels") && api_need(&call, bytes, "bytes") &&
        api_need(&call, size, "size"))
        call.status = app_mask_encode(&call, image, labels, ending, bytes, size);
    return api_close(&call);
}

att_status att_mask_save(
    att_context *context, const att_image *image, const uint16_t *labels, const char *path)
{
    struct app_call call;
    if (api_open(&call, context, NULL) && api_need(&call, image, "image") &&
        api_need(&call, labels, "labels") && api_need_path(&call, path, "path"))
        call.status = app_mask_save(&call, image, labels, path);
    return api_close(&call);
}

void att_image_free(att_image *image) { app_image_free(image); }

/* Sizes in the first versions. A later member begins at the old sizeof, padding included. */
enum {
    IMAGE_FIRST = offsetof(att_image, spacing) + sizeof(((att_image *)0)->spacing),
    RESULT_FIRST = offsetof(att_result, seconds) + sizeof(((att_result *)0)->seconds)
};

/* The affine of a caller's image, and spacings that it lacks. */
static att_status borrow_affine(struct app_call *call, att_image *from, struct geometry *g)
{
    memcpy(g->affine, from->affine, sizeof g->affine);
    for (int i = 0; i < 3; i++) {
        const double mm = geometry_length(g, i);
        if (!(mm > 0 && mm < INFINITY && fabs(g->affine[i][3]) < INFINITY))
            return err_usage(call->e,
                "the affine of the image is not one: axis %c has a length of %g mm; give the "
                "matrix from voxels (w, h, d) to mm",
                "dhw"[i], mm);
        if (from->spacing[i] == 0) from->spacing[i] = (float)mm;
    }
    if (!geometry_has_volume(g))
        return err_usage(call->e,
            "the affine of the image is not one: its axes lie in one plane; give the matrix from "
            "voxels (w, h, d) to mm");
    g->oriented = true;
    return ATT_OK;
}

att_status api_borrow_image(struct app_call *call, const att_image *from, struct image *m)
{
    att_image own = {0};
    if (!api_need(call, from, "image")) return call->status;
    TRY(api_receive(
        &own, sizeof own, from, from->struct_size, IMAGE_FIRST, "att_image.struct_size", call->e));
    if (!api_need(call, own.data, "image")) return call->status;
    *m = (struct image){.channels = own.channels, .data = (float *)(uintptr_t)own.data};
    m->geometry.valid = true;
    m->geometry.thick = own.spacing[0] > 0;
    if (own.affine) TRY(borrow_affine(call, &own, &m->geometry));
    for (int i = 0; i < 3; i++) {
        const int *size = own.size;
        if (!(own.spacing[i] >= 0 && own.spacing[i] < INFINITY))
            return err_usage(call->e,
                "voxels of %gx%gx%g mm are impossible; give distances of 0 or more along d, h "
                "and w",
                (double)own.spacing[0], (double)own.spacing[1], (double)own.spacing[2]);
        m->size[i] = size[i];
        m->geometry.spacing[i] = own.spacing[i] > 0 ? own.spacing[i] : 1;
        m->geometry.valid = m->geometry.valid && (own.spacing[i] > 0 || size[i] == 1);
    }
    return ATT_OK;
}

static att_status api_model_run(struct app_call *call, const att_model *model,
    const att_image *image, const att_settings *settings, att_result *r)
{
    struct image m;
    if (!api_need(call, model, "model")) return call->status;
    if (settings) TRY(api_settings(call, settings, "predict"));
    TRY(api_borrow_image(call, image, &m));
    return app_model_predict(call, model, &m, r);
}

att_status att_model_run(att_context *context, const att_model *model, const att_image *image,
    const att_settings *settings, att_result *result)
{
    struct app_call call;
    att_result r = {0};
    if (api_open(&call, context, NULL) && api_need(&call, result, "result"))
        call.status = api_receive(&r, sizeof r, result, result->struct_size, RESULT_FIRST,
            "att_result.struct_size", call.e);
    if (call.status == ATT_OK) call.status = api_model_run(&call, model, image, settings, &r);
    if (call.status == ATT_OK)
        memcpy(result, &r, result->struct_size < sizeof r ? result->struct_size : sizeof r);
    return api_close(&call);
}

att_status att_model_predict_image(att_context *context, const att_model *model,
    const att_image *image, const att_settings *settings, uint16_t *labels, float *probabilities)
{
    struct app_call call;
    if (api_open(&call, context, NULL) && api_need(&call, labels, "labels"))
        call.status = api_model_run(&call, model, image, settings,
            &(att_result){sizeof(att_result), .labels = labels, .probabilities = probabilities});
    return api_close(&call);
}

att_status att_model_predict(att_context *context, const att_model *model, const float *image,
    int channels, const int size[3], uint16_t *labels, float *probabilities)
{
    att_image m = {.struct_size = sizeof m, .data = image, .channels = channels};
    if (size) memcpy(m.size, size, sizeof m.size);
    struct app_call call;
    if (api_open(&call, context, NULL) && api_need(&call, model, "model") &&
        api_need(&call, image, "image") && api_need(&call, size, "size") &&
        api_need(&call, labels, "labels"))
        call.status = api_model_run(&call, model, &m, NULL,
            &(att_result){sizeof(att_result), .labels = labels, .probabilities = probabilities});
    return api_close(&call);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The commands: each checks its arguments, then makes one call. */
#include "api/api.h"
#include "app/app.h"
#include "run/packing.h"
#include "tune/tune.h"

att_status att_attend(att_context *context, const char *run, const char *dataset,
    const att_settings *settings, char **json)
{
    struct app_call call;
    att_status status = api_open_command(&call, context, settings, "attend", json);
    if (status == ATT_OK) status = api_need_path(&call, run, "run");
    if (status == ATT_OK) status = api_not_empty(&call, dataset, "dataset");
    if (status == ATT_OK) status = app_attend(&call, run, dataset);
    return api_close(&call, status);
}

att_status att_baselines(att_context *context, const char *dataset, const char *unseen, char **json)
{
    struct app_call call;
    att_status status = api_open(&call, context, json);
    if (status == ATT_OK) status = api_need_path(&call, dataset, "dataset");
    if (status == ATT_OK) status = api_need_path(&call, unseen, "unseen");
    if (status == ATT_OK) status = app_baselines(&call, dataset, unseen);
    return api_close(&call, status);
}

att_status att_bench(att_context *context, const att_settings *settings, char **json)
{
    struct app_call call;
    att_status status = api_open_command(&call, context, settings, "bench", json);
    if (status == ATT_OK) status = app_bench(&call);
    return api_close(&call, status);
}

att_status att_compare(att_context *context, const char *const *arms, int count,
    const att_settings *settings, char **json)
{
    struct app_call call;
    att_status status = api_open_command(&call, context, settings, "compare", json);
    if (status == ATT_OK) status = api_need(&call, arms, "arms");
    for (int i = 0; i < count && status == ATT_OK; i++) status = api_need(&call, arms[i], "arms");
    if (status == ATT_OK) status = app_compare(&call, arms, count);
    return api_close(&call, status);
}

att_status att_convert(
    att_context *context, const char *model, const char *output, const att_settings *settings)
{
    struct app_call call;
    att_status status = api_open_command(&call, context, settings, "convert", NULL);
    if (status == ATT_OK) status = api_need_path(&call, model, "model");
    if (status == ATT_OK)
        status = api_output(&call, &output, "output", "file was given for the model");
    if (status == ATT_OK) status = app_convert(&call, model, output);
    return api_close(&call, status);
}

att_status att_evaluate(att_context *context, const char *predictions, const char *labels,
    const att_settings *settings, char **json)
{
    struct app_call call;
    att_status status = api_open_command(&call, context, settings, "evaluate", json);
    if (status == ATT_OK) status = api_need_path(&call, predictions, "predictions");
    if (status == ATT_OK) status = api_not_empty(&call, labels, "labels");
    if (status == ATT_OK && !options_bool(call.o, evaluate, policies) &&
        !options_bool(call.o, evaluate, calibration))
        status = api_need(&call, labels, "labels");
    if (status == ATT_OK) status = app_evaluate(&call, predictions, labels);
    return api_close(&call, status);
}

att_status att_info(
    att_context *context, const char *path, const att_settings *settings, char **json)
{
    struct app_call call;
    att_status status = api_open_command(&call, context, settings, "info", json);
    if (status == ATT_OK) status = api_need_path(&call, path, "path");
    if (status == ATT_OK) status = app_info(&call, path);
    return api_close(&call, status);
}

att_status att_pack(att_context *context, const char *dataset, const char *output,
    const att_settings *settings, char **json)
{
    struct app_call call;
    att_status status = api_open_command(&call, context, settings, "pack", json);
    if (status == ATT_OK) status = api_need_path(&call, dataset, "dataset");
    if (status == ATT_OK)
        status = api_output(&call, &output, "output", "folder was given for the packed set");
    if (status == ATT_OK)
        status = train_pack(&call.t, dataset, output, call.o, &call.result, call.e);
    return api_close(&call, status);
}

att_status att_phantom(
    att_context *context, const char *kind, const char *folder, const att_settings *settings)
{
    struct app_call call;
    const struct phantom *p;
    att_status status = api_open_command(&call, context, settings, "phantom", NULL);
    if (status == ATT_OK) status = api_need(&call, kind, "kind");
    if (status == ATT_OK) status = phantom_find(kind, &p, call.e);
    if (status == ATT_OK)
        status = api_output(&call, &folder, "folder", "folder was given for the phantoms");
    if (status == ATT_OK) status = app_phantom(&call, p, folder);
    return api_close(&call, status);
}

att_status att_plan(
    att_context *context, const char *dataset, const att_settings *settings, char **json)
{
    struct app_call call;
    att_status status = api_open_command(&call, context, settings, "plan", json);
    if (status == ATT_OK) status = api_need_path(&call, dataset, "dataset");
    if (status == ATT_OK) status = app_plan(&call, dataset);
    return api_close(&call, status);
}

att_status att_predict(att_context *context, const char *model, const char *const *inputs,
    int count, const char *output, const att_settings *settings, char **json)
{
    struct app_call call;
    att_status status = api_open_command(&call, context, settings, "predict", json);
    if (status == ATT_OK) status = api_need_path(&call, model, "model");
    if (status == ATT_OK) status = api_need(&call, inputs, "inputs");
    for (int i = 0; i < count && status == ATT_OK; i++)
        status = api_need_path(&call, inputs[i], "inputs");
    if (status == ATT_OK && count < 1)
        status = err_usage(call.e, "no image to predict was given; name image files or folders");
    if (status == ATT_OK)
        status = api_output(&call, &output, "output", "folder was given for the results");
    if (status == ATT_OK)
        status = app_predict(&call, model,
            &(struct predict_job){.inputs = inputs, .count = count, .folder = output});
    return api_close(&call, status);
}

att_status att_report(
    att_context *context, const char *run, const char *output, const att_settings *settings)
{
    struct app_call call;
    att_status status = api_open_command(&call, context, settings, "report", NULL);
    if (status == ATT_OK) status = api_need_path(&call, run, "run");
    if (status == ATT_OK) status = api_not_empty(&call, output, "output");
    if (status == ATT_OK) status = app_report(&call, run, output);
    return api_close(&call, status);
}

att_status att_resume(att_context *context, const char *run, const att_settings *settings)
{
    struct app_call call;
    att_status status = api_open_command(&call, context, settings, "resume", NULL);
    if (status == ATT_OK) status = api_need_path(&call, run, "run");
    if (status == ATT_OK) status = app_resume(&call, run);
    return api_close(&call, status);
}

att_status att_train(
    att_context *context, const char *dataset, const char *run, const att_settings *settings)
{
    struct app_call call;
    att_status status = api_open_command(&call, context, settings, "train", NULL);
    if (status == ATT_OK) status = api_need_path(&call, dataset, "dataset");
    if (status == ATT_OK) status = api_output(&call, &run, "run", "folder was given for the run");
    if (status == ATT_OK) status = app_train(&call, dataset, run);
    return api_close(&call, status);
}

att_status att_tune(att_context *context, const char *dataset, const char *output,
    const att_settings *settings, char **json)
{
    struct app_call call;
    att_status status = api_open_command(&call, context, settings, "tune", json);
    if (status == ATT_OK) status = api_not_empty(&call, dataset, "dataset");
    if (status == ATT_OK)
        status = api_output(&call, &output, "output", "folder was given for the search");
    if (status == ATT_OK) status = tune_run(&call.t, dataset, output, call.o, &call.result, call.e);
    return api_close(&call, status);
}

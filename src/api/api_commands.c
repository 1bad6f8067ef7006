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
    if (api_open_command(&call, context, settings, "attend", json) &&
        api_need_path(&call, run, "run") && api_not_empty(&call, dataset, "dataset"))
        call.status = app_attend(&call, run, dataset);
    return api_close(&call);
}

att_status att_baselines(att_context *context, const char *dataset, const char *unseen, char **json)
{
    struct app_call call;
    if (api_open(&call, context, json) && api_need_path(&call, dataset, "dataset") &&
        api_need_path(&call, unseen, "unseen"))
        call.status = app_baselines(&call, dataset, unseen);
    return api_close(&call);
}

att_status att_bench(att_context *context, const att_settings *settings, char **json)
{
    struct app_call call;
    if (api_open_command(&call, context, settings, "bench", json)) call.status = app_bench(&call);
    return api_close(&call);
}

att_status att_compare(att_context *context, const char *const *arms, int count,
    const att_settings *settings, char **json)
{
    struct app_call call;
    bool fine = api_open_command(&call, context, settings, "compare", json) &&
        api_need(&call, arms, "arms");
    for (int i = 0; i < count && fine; i++) fine = api_need(&call, arms[i], "arms");
    if (fine) call.status = app_compare(&call, arms, count);
    return api_close(&call);
}

att_status att_convert(
    att_context *context, const char *model, const char *output, const att_settings *settings)
{
    struct app_call call;
    if (api_open_command(&call, context, settings, "convert", NULL) &&
        api_need_path(&call, model, "model") &&
        api_output(&call, &output, "output", "file was given for the model"))
        call.status = app_convert(&call, model, output);
    return api_close(&call);
}

att_status att_evaluate(att_context *context, const char *predictions, const char *labels,
    const att_settings *settings, char **json)
{
    struct app_call call;
    if (api_open_command(&call, context, settings, "evaluate", json) &&
        api_need_path(&call, predictions, "predictions") &&
        api_not_empty(&call, labels, "labels") &&
        (options_bool(call.o, evaluate, policies) || options_bool(call.o, evaluate, calibration) ||
            api_need(&call, labels, "labels")))
        call.status = app_evaluate(&call, predictions, labels);
    return api_close(&call);
}

att_status att_info(
    att_context *context, const char *path, const att_settings *settings, char **json)
{
    struct app_call call;
    if (api_open_command(&call, context, settings, "info", json) &&
        api_need_path(&call, path, "path"))
        call.status = app_info(&call, path);
    return api_close(&call);
}

att_status att_pack(att_context *context, const char *dataset, const char *output,
    const att_settings *settings, char **json)
{
    struct app_call call;
    if (api_open_command(&call, context, settings, "pack", json) &&
        api_need_path(&call, dataset, "dataset") &&
        api_output(&call, &output, "output", "folder was given for the packed set"))
        call.status = train_pack(&call.t, dataset, output, call.o, &call.result, call.e);
    return api_close(&call);
}

att_status att_phantom(
    att_context *context, const char *kind, const char *folder, const att_settings *settings)
{
    struct app_call call;
    const struct phantom *p;
    if (api_open_command(&call, context, settings, "phantom", NULL) &&
        api_need(&call, kind, "kind"))
        call.status = phantom_find(kind, &p, call.e);
    if (call.status == ATT_OK &&
        api_output(&call, &folder, "folder", "folder was given for the phantoms"))
        call.status = app_phantom(&call, p, folder);
    return api_close(&call);
}

att_status att_plan(
    att_context *context, const char *dataset, const att_settings *settings, char **json)
{
    struct app_call call;
    if (api_open_command(&call, context, settings, "plan", json) &&
        api_need_path(&call, dataset, "dataset"))
        call.status = app_plan(&call, dataset);
    return api_close(&call);
}

att_status att_predict(att_context *context, const char *model, const char *const *inputs,
    int count, const char *output, const att_settings *settings, char **json)
{
    struct app_call call;
    if (api_open_command(&call, context, settings, "predict", json) &&
        api_need_path(&call, model, "model") && api_need_paths(&call, inputs, count, "inputs") &&
        count < 1)
        call.status =
            err_usage(call.e, "no image to predict was given; name image files or folders");
    if (call.status == ATT_OK &&
        api_output(&call, &output, "output", "folder was given for the results"))
        call.status = app_predict(&call, model,
            &(struct predict_job){.inputs = inputs, .count = count, .folder = output});
    return api_close(&call);
}

att_status att_report(
    att_context *context, const char *run, const char *output, const att_settings *settings)
{
    struct app_call call;
    if (api_open_command(&call, context, settings, "report", NULL) &&
        api_need_path(&call, run, "run") && api_not_empty(&call, output, "output"))
        call.status = app_report(&call, run, output);
    return api_close(&call);
}

att_status att_resume(att_context *context, const char *run, const att_settings *settings)
{
    struct app_call call;
    if (api_open_command(&call, context, settings, "resume", NULL) &&
        api_need_path(&call, run, "run"))
        call.status = app_resume(&call, run);
    return api_close(&call);
}

att_status att_train(
    att_context *context, const char *dataset, const char *run, const att_settings *settings)
{
    struct app_call call;
    if (api_open_command(&call, context, settings, "train", NULL) &&
        api_need_path(&call, dataset, "dataset") &&
        api_output(&call, &run, "run", "folder was given for the run"))
        call.status = app_train(&call, dataset, run);
    return api_close(&call);
}

att_status att_tune(att_context *context, const char *dataset, const char *output,
    const att_settings *settings, char **json)
{
    struct app_call call;
    if (api_open_command(&call, context, settings, "tune", json) &&
        api_not_empty(&call, dataset, "dataset") &&
        api_output(&call, &output, "output", "folder was given for the search"))
        call.status = tune_run(&call.t, dataset, output, call.o, &call.result, call.e);
    return api_close(&call);
}

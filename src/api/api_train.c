/* SPDX-License-Identifier: Apache-2.0 */
/* att_train and att_resume. */
#include "api/api.h"
#include "run/start.h"
#include "train/runfolder.h"

static att_status api_train_start(struct app_call *call, const char *dataset, const char *run)
{
    TRY(api_need_path(call, dataset, "dataset"));
    TRY(api_output(call, &run, "run", "folder was given for the run"));
    if (is_dry_run(call->host)) return train_start(&call->t, dataset, run, call->o, call->e);
    char *stop;
    TRY(runfolder_watch(run, call->host, &stop, call->e));
    return runfolder_unwatch(
        call->host, stop, train_start(&call->t, dataset, run, call->o, call->e));
}

att_status att_train(
    att_context *context, const char *dataset, const char *run, const att_settings *settings)
{
    struct app_call call;
    att_status status = api_open(&call, context, settings, "train");
    if (status == ATT_OK) status = api_train_start(&call, dataset, run);
    return api_close(&call, status);
}

static att_status api_train_go_on(struct app_call *call, const char *run)
{
    struct options table;
    TRY(api_need_path(call, run, "run"));
    struct train_more more = {.steps = options_int(call->o, resume, steps),
        .seconds = options_seconds(call->o, resume, time),
        .max_memory = options_bytes(call->o, resume, max_memory),
        .data = options_text(call->o, resume, data),
        .table = &table};
    if (more.steps > 0 && more.seconds > 0)
        return err_set(call->e, ATT_USAGE, "give only one of `time` and `steps`");
    if (more.steps > 0 && *options_read_text(call->o, OPTION_NAME(resume, steps)) != '+')
        return err_set(call->e, ATT_USAGE,
            "`steps` %lld is ambiguous; write +%lld for steps beyond those that %s was to have",
            (long long)more.steps, (long long)more.steps, run);
    TRY(options_init_command(&table, "train", call->e));
    char *stop = NULL;
    const bool dry = is_dry_run(call->host);
    att_status status = dry ? ATT_OK : runfolder_watch(run, call->host, &stop, call->e);
    if (status == ATT_OK) status = train_resume(&call->t, run, &more, call->e);
    if (stop) status = runfolder_unwatch(call->host, stop, status);
    options_free(&table);
    return status;
}

att_status att_resume(att_context *context, const char *run, const att_settings *settings)
{
    struct app_call call;
    att_status status = api_open(&call, context, settings, "resume");
    if (status == ATT_OK) status = api_train_go_on(&call, run);
    return api_close(&call, status);
}

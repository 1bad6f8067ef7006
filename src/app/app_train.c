/* SPDX-License-Identifier: Apache-2.0 */
/* Starts or resumes a run; the file RUN/stop ends it. */
#include "app/app.h"
#include "run/start.h"
#include "train/runfolder.h"

att_status app_train(struct app_call *call, const char *dataset, const char *run)
{
    char *stop;
    TRY(runfolder_watch(run, call->host, &stop, call->e));
    return runfolder_unwatch(
        call->host, stop, train_start(&call->t, dataset, run, call->o, call->e));
}

att_status app_resume(struct app_call *call, const char *run)
{
    struct options table;
    char *stop;
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
    att_status status = runfolder_watch(run, call->host, &stop, call->e);
    if (status == ATT_OK)
        status = runfolder_unwatch(call->host, stop, train_resume(&call->t, run, &more, call->e));
    options_free(&table);
    return status;
}

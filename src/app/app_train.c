/* SPDX-License-Identifier: Apache-2.0 */
/* Starts or resumes a run; the file RUN/stop ends it. */
#include <string.h>

#include "app/app.h"
#include "base/mem.h"
#include "device/device_kernels.h"
#include "run/start.h"
#include "train/runfolder.h"

struct start {
    const char *dataset, *run;
};

static att_status start_run(struct app_call *call, const void *arg)
{
    const struct start *s = arg;
    char *stop;
    TRY(runfolder_watch(s->run, call->host, &stop, call->e));
    return runfolder_unwatch(
        call->host, stop, train_start(&call->t, s->dataset, s->run, call->o, call->e));
}

att_status app_train(struct app_call *call, const char *dataset, const char *run)
{
    const struct start s = {dataset, run};
    return app_team_run(call, options_text(call->o, train, ranks), run, start_run, &s);
}

static att_status resume_run(struct app_call *call, const void *arg)
{
    const char *run = arg;
    struct options table;
    char *stop;
    struct train_more more = {.steps = options_int(call->o, resume, steps),
        .seconds = options_seconds(call->o, resume, time),
        .max_memory = options_bytes(call->o, resume, max_memory),
        .data = options_text(call->o, resume, data),
        .table = &table};
    if (more.steps > 0 && more.seconds > 0)
        return err_usage(call->e, "give only one of `time` and `steps`");
    if (more.steps > 0 && *options_read_text(call->o, OPTION_NAME(resume, steps)) != '+')
        return err_usage(call->e,
            "`steps` %lld is ambiguous; write +%lld for steps beyond those that %s was to have",
            (long long)more.steps, (long long)more.steps, run);
    TRY(options_init_command(&table, "train", call->e));
    att_status status = runfolder_watch(run, call->host, &stop, call->e);
    if (status == ATT_OK)
        status = runfolder_unwatch(call->host, stop, train_resume(&call->t, run, &more, call->e));
    options_free(&table);
    return status;
}

/* The run's own, unless the caller named another one. */
static att_status choose_device(struct app_call *call, const char *run)
{
    char now[DEVICE_WORD], *own = NULL;
    const struct kernels **k = &call->host->kernels;
    att_status status = ATT_OK;
    if (!call->c->named) TRY(runfolder_device(run, &own, call->e));
    if (own && strcmp(own, device_of_kernels(*k, now)) != 0)
        status = strcmp(own, "cpu") == 0 ? kernels_choose(NULL, k, call->e)
                                         : device_choose(own, k, call->e);
    mem_free(own);
    return status;
}

att_status app_resume(struct app_call *call, const char *run)
{
    const struct kernels *before = call->host->kernels;
    TRY(choose_device(call, run));
    const bool chosen = call->host->kernels != before;
    const att_status status =
        app_team_run(call, options_text(call->o, resume, ranks), run, resume_run, run);
    if (chosen) call->host->kernels = before;
    return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* att_report. */
#include "api/api.h"
#include "app/report_page.h"
#include "base/mem.h"
#include "files/file.h"
#include "model/run_files.h"

static att_status api_report(struct app_call *call, const char *run, const char *output)
{
    const struct report_wish w = {.data = options_text(call->o, report, data),
        .failure = options_real(call->o, report, failure)};
    TRY(api_need_path(call, run, "run"));
    TRY(api_not_empty(call, output, "output"));
    if (!output) output = options_text(call->o, report, output);
    TRY(call_no_image(call, output));
    char *path = output ? mem_text("%s", output) : file_join(run, RUN_REPORT);
    if (!path) return err_path(call->e);
    att_status status = file_check_place(path, false, call->e); /* fail before measuring */
    if (status == ATT_OK) status = report_page_of(&call->t, run, &w, path, call->e);
    if (status == ATT_OK) host_say(call->host, LOG_INFO, "the report is %s", path);
    mem_free(path);
    return status;
}

att_status att_report(
    att_context *context, const char *run, const char *output, const att_settings *settings)
{
    struct app_call call;
    att_status status = api_open(&call, context, settings, "report");
    if (status == ATT_OK) status = api_report(&call, run, output);
    return api_close(&call, status);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* att_bench. */
#include "api/api.h"
#include "app/app.h"

att_status att_bench(att_context *context, const att_settings *settings, char **json)
{
    struct app_call call;
    json_t *report = NULL;
    if (json) *json = NULL;
    att_status status = api_open(&call, context, settings, "bench");
    if (status == ATT_OK) status = app_bench(&call, &report);
    if (status == ATT_OK) status = api_text(report, json, call.e);
    return api_close(&call, status);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* att_attend. */
#include "api/api.h"
#include "app/app.h"

att_status att_attend(att_context *context, const char *run, const char *dataset,
    const att_settings *settings, char **json)
{
    struct app_call call;
    json_t *result = NULL;
    if (json) *json = NULL;
    att_status status = api_open(&call, context, settings, "attend");
    if (status == ATT_OK) status = api_need_path(&call, run, "run");
    if (status == ATT_OK) status = api_not_empty(&call, dataset, "dataset");
    if (status == ATT_OK) status = app_attend(&call, run, dataset, &result);
    if (status == ATT_OK && json)
        status = api_text(result, json, call.e);
    else
        json_decref(result);
    return api_close(&call, status);
}

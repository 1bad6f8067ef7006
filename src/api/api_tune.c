/* SPDX-License-Identifier: Apache-2.0 */
/* att_tune. */
#include "api/api.h"
#include "tune/tune.h"

static att_status api_tune_search(
    struct app_call *call, const char *dataset, const char *output, char **json)
{
    json_t *result = NULL;
    TRY(api_not_empty(call, dataset, "dataset"));
    TRY(api_output(call, &output, "output", "folder was given for the search"));
    TRY(tune_run(&call->t, dataset, output, call->o, &result, call->e));
    return api_result(call, result, json);
}

att_status att_tune(att_context *context, const char *dataset, const char *output,
    const att_settings *settings, char **json)
{
    struct app_call call;
    if (json) *json = NULL;
    att_status status = api_open(&call, context, settings, "tune");
    if (status == ATT_OK) status = api_tune_search(&call, dataset, output, json);
    return api_close(&call, status);
}

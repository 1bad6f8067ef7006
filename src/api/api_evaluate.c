/* SPDX-License-Identifier: Apache-2.0 */
/* att_evaluate. */
#include "api/api.h"
#include "app/app.h"

static att_status api_evaluate(
    struct app_call *call, const char *predictions, const char *labels, json_t **result)
{
    TRY(api_need_path(call, predictions, "predictions"));
    TRY(api_not_empty(call, labels, "labels"));
    if (!options_bool(call->o, evaluate, policies)) TRY(api_need(call, labels, "labels"));
    return app_evaluate(call, predictions, labels, result);
}

att_status att_evaluate(att_context *context, const char *predictions, const char *labels,
    const att_settings *settings, char **json)
{
    struct app_call call;
    json_t *result = NULL;
    if (json) *json = NULL;
    att_status status = api_open(&call, context, settings, "evaluate");
    if (status == ATT_OK) status = api_evaluate(&call, predictions, labels, &result);
    if (status == ATT_OK && json)
        status = api_result(&call, result, json);
    else
        json_decref(result);
    return api_close(&call, status);
}

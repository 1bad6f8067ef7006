/* SPDX-License-Identifier: Apache-2.0 */
/* How good predicted masks are. */
#include "api/api.h"
#include "measure/evaluate.h"

static att_status evaluate(struct api_call *call, const char *predictions, const char *labels, json_t **result)
{
    const struct evaluate_options o = {.ignore = options_text(call->o, "ignore") ? (int)options_int(call->o, "ignore") : -1};
    TRY(api_need(call, predictions, "predictions"));
    TRY(api_need(call, labels, "labels"));
    return evaluate_masks(predictions, labels, &o, call->c->pool, &call->c->log, result, call->e);
}

att_status att_evaluate(att_context *context, const char *predictions, const char *labels, const att_settings *settings, char **json)
{
    struct api_call call;
    json_t *result = NULL;
    if (json) *json = NULL;
    att_status status = api_open(&call, context, settings, "evaluate");
    if (status == ATT_OK) status = evaluate(&call, predictions, labels, &result);
    if (status == ATT_OK && json)
        status = api_text(result, json, call.e);
    else
        json_decref(result);
    return api_close(&call, status);
}

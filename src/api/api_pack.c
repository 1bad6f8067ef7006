/* SPDX-License-Identifier: Apache-2.0 */
/* att_pack. */
#include "api/api.h"
#include "run/packing.h"

static att_status api_pack_make(
    struct app_call *call, const char *dataset, const char *output, char **json)
{
    json_t *report;
    TRY(api_need_path(call, dataset, "dataset"));
    TRY(api_output(call, &output, "output", "folder was given for the packed set"));
    TRY(train_pack(&call->t, dataset, output, call->o, &report, call->e));
    return api_result(call, report, json);
}

att_status att_pack(att_context *context, const char *dataset, const char *output,
    const att_settings *settings, char **json)
{
    struct app_call call;
    if (json) *json = NULL;
    att_status status = api_open(&call, context, settings, "pack");
    if (status == ATT_OK) status = api_pack_make(&call, dataset, output, json);
    return api_close(&call, status);
}

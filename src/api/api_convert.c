/* SPDX-License-Identifier: Apache-2.0 */
/* att_convert. */
#include "api/api.h"
#include "app/app.h"

att_status att_convert(
    att_context *context, const char *model, const char *output, const att_settings *settings)
{
    struct app_call call;
    att_status status = api_open(&call, context, settings, "convert");
    if (status == ATT_OK) status = api_need_path(&call, model, "path");
    if (status == ATT_OK)
        status = api_output(&call, &output, "output", "file was given for the model");
    if (status == ATT_OK) status = app_convert(&call, model, output);
    return api_close(&call, status);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* att_predict. */
#include "api/api.h"
#include "app/app.h"

static att_status api_predict(
    struct app_call *call, const char *model, struct predict_job *j, json_t **rows)
{
    TRY(api_need_path(call, model, "model"));
    TRY(api_need(call, j->inputs, "inputs"));
    for (int i = 0; i < j->count; i++) TRY(api_need_path(call, j->inputs[i], "inputs"));
    if (j->count < 1)
        return err_set(
            call->e, ATT_USAGE, "no image to predict was given; name image files or folders");
    TRY(api_output(call, &j->folder, "output", "folder was given for the results"));
    return app_predict(call, model, j, rows);
}

att_status att_predict(att_context *context, const char *model, const char *const *inputs,
    int count, const char *output, const att_settings *settings, char **json)
{
    struct app_call call;
    struct predict_job job = {.inputs = inputs, .count = count, .folder = output};
    json_t *rows = NULL;
    if (json) *json = NULL;
    att_status status = api_open(&call, context, settings, "predict");
    if (status == ATT_OK) status = api_predict(&call, model, &job, &rows);
    if (rows && json) {
        att_status written = api_result(&call, rows, json);
        if (status == ATT_OK) status = written;
    } else {
        json_decref(rows);
    }
    return api_close(&call, status);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Planning a training run. */
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "base/file.h"
#include "train/planning.h"

static att_status write_plan(struct api_call *call, const json_t *plan, const char *path)
{
    char *text = json_dumps(plan, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    if (!text) return err_memory(call->e, 4096, "the plan");
    att_status status = file_write_all(path, text, strlen(text), call->e);
    free(text);
    return status;
}

static att_status make(struct api_call *call, const char *dataset, char **json)
{
    const struct train_context t = {.log = &call->c->log, .pool = call->c->pool, .kernels = call->c->kernels};
    const char *path = options_text(call->o, "output");
    json_t *plan;
    TRY(api_need(call, dataset, "dataset"));
    TRY(train_plan(&t, dataset, call->o, &plan, call->e));
    att_status status = path ? write_plan(call, plan, path) : ATT_OK;
    if (status == ATT_OK) return api_text(plan, json, call->e);
    json_decref(plan);
    return status;
}

att_status att_plan(att_context *context, const char *dataset, const att_settings *settings, char **json)
{
    struct api_call call;
    if (json) *json = NULL;
    att_status status = api_open(&call, context, settings, "plan");
    if (status == ATT_OK) status = make(&call, dataset, json);
    return api_close(&call, status);
}

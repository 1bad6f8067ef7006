/* SPDX-License-Identifier: Apache-2.0 */
/* att_baselines. */
#include "api/api.h"
#include "base/json.h"
#include "base/mem.h"
#include "measure/baselines.h"

static att_status api_baselines_measure(
    struct app_call *call, const char *dataset, const char *unseen, double dice[BASELINES])
{
    struct dataset *d = mem_array(2, sizeof *d);
    att_status status = d ? dataset_open(dataset, &d[0], call->host, call->e)
                          : err_memory(call->e, 2 * sizeof *d, "two data sets");
    if (status == ATT_OK) status = dataset_open(unseen, &d[1], call->host, call->e);
    if (status == ATT_OK) status = baselines_measure(&d[0], &d[1], dice, call->e);
    for (int i = 0; d && i < 2; i++) dataset_free(&d[i]);
    mem_free(d);
    return status;
}

att_status att_baselines(att_context *context, const char *dataset, const char *unseen, char **json)
{
    struct app_call call;
    double dice[BASELINES];
    if (json) *json = NULL;
    att_status status = api_open(&call, context, NULL, NULL);
    if (status == ATT_OK) status = api_need_path(&call, dataset, "dataset");
    if (status == ATT_OK) status = api_need_path(&call, unseen, "unseen");
    if (status == ATT_OK) status = api_baselines_measure(&call, dataset, unseen, dice);
    if (status == ATT_OK && json) {
        json_t *rows = json_array();
        for (int i = 0; i < BASELINES; i++)
            json_array_append_new(rows,
                json_pack("{s:s, s:o}", "method", baseline_name((enum baseline)i), "dice",
                    json_finite(dice[i])));
        status = api_text(rows, json, call.e);
    }
    return api_close(&call, status);
}

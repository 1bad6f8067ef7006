/* SPDX-License-Identifier: Apache-2.0 */
/* Scores of methods without a network. */
#include "app/app.h"
#include "base/json.h"
#include "base/mem.h"
#include "measure/baselines.h"

att_status app_baselines(struct app_call *call, const char *dataset, const char *unseen)
{
    double dice[BASELINES];
    struct dataset *d;
    TRY(MEM_ARRAY(d, 2, "two data sets", call->e));
    att_status status = dataset_open(dataset, &d[0], call->host, call->e);
    if (status == ATT_OK) status = dataset_open(unseen, &d[1], call->host, call->e);
    if (status == ATT_OK) status = baselines_measure(&d[0], &d[1], dice, call->e);
    for (int i = 0; i < 2; i++) dataset_free(&d[i]);
    mem_free(d);
    TRY(status);
    call->result = json_array();
    for (int i = 0; i < BASELINES; i++)
        json_array_append_new(call->result,
            json_pack("{s:s, s:o}", "method", baseline_name((enum baseline)i), "dice",
                json_finite(dice[i])));
    return ATT_OK;
}

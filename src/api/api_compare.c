/* SPDX-License-Identifier: Apache-2.0 */
/* att_compare. */
#include <string.h>

#include "api/api.h"
#include "measure/compare.h"

static att_status api_compare(
    struct app_call *call, const char *const *arms, int count, json_t **result)
{
    struct dataset d = {.count = 0};
    const char *test = options_choice(call->o, compare, test),
               *groups = options_text(call->o, compare, groups);
    const struct compare_options o = {.metric = options_choice(call->o, compare, metric),
        .wanted = options_text(call->o, compare, class),
        .data = groups ? &d : NULL,
        .permutation = test && strcmp(test, "permutation") == 0};
    TRY(api_need(call, arms, "arms"));
    for (int i = 0; i < count; i++) TRY(api_need(call, arms[i], "arms"));
    if (groups) TRY(dataset_open(groups, &d, NULL, call->e));
    att_status status = compare_results(arms, count, &o, result, call->e);
    dataset_free(&d);
    if (status != ATT_OK || !groups || json_object_get(*result, "groups")) return status;
    return err_set(call->e, ATT_DATA,
        "`groups` %s: the data set names no groups; write a groups.csv into it, or leave out "
        "`groups`",
        groups);
}

att_status att_compare(att_context *context, const char *const *arms, int count,
    const att_settings *settings, char **json)
{
    struct app_call call;
    json_t *result = NULL;
    if (json) *json = NULL;
    att_status status = api_open(&call, context, settings, "compare");
    if (status == ATT_OK) status = api_compare(&call, arms, count, &result);
    if (status == ATT_OK && json)
        status = api_text(result, json, call.e);
    else
        json_decref(result);
    return api_close(&call, status);
}

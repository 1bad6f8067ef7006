/* SPDX-License-Identifier: Apache-2.0 */
/* Which of several methods is better, and how sure that is. */
#include <string.h>

#include "api/api.h"
#include "measure/compare.h"

static att_status compare(struct api_call *call, const char *const *arms, int count, const struct dataset *data, json_t **result)
{
    const char *test = options_choice(call->o, "test");
    const struct compare_options o = {.metric = options_choice(call->o, "metric"),
                                      .wanted = options_text(call->o, "class"),
                                      .data = data,
                                      .permutation = test && strcmp(test, "permutation") == 0};
    TRY(compare_results(arms, count, &o, result, call->e));
    return !data || json_object_get(*result, "groups")
               ? ATT_OK
               : err_set(call->e, ATT_DATA,
                         "--groups %s: the data set names no groups; write a groups.csv into it, or leave the option out", data->path);
}

static att_status compare_by_groups(struct api_call *call, const char *const *arms, int count, json_t **result)
{
    struct dataset d;
    const char *groups = options_text(call->o, "groups");
    TRY(api_need(call, arms, "arms"));
    for (int i = 0; i < count; i++) TRY(api_need(call, arms[i], "arms"));
    if (!groups) return compare(call, arms, count, NULL, result);
    TRY(dataset_open(groups, &d, NULL, call->e));
    att_status status = compare(call, arms, count, &d, result);
    dataset_free(&d);
    return status;
}

att_status att_compare(att_context *context, const char *const *arms, int count, const att_settings *settings, char **json)
{
    struct api_call call;
    json_t *result = NULL;
    if (json) *json = NULL;
    att_status status = api_open(&call, context, settings, "compare");
    if (status == ATT_OK) status = compare_by_groups(&call, arms, count, &result);
    if (status == ATT_OK && json)
        status = api_text(result, json, call.e);
    else
        json_decref(result);
    return api_close(&call, status);
}

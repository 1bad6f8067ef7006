/* SPDX-License-Identifier: Apache-2.0 */
/* Which of several methods is better, and how sure that is. */
#include <string.h>

#include "api/api.h"
#include "measure/compare.h"

static att_status compare(struct api_call *call, const char *const *arms, int count, json_t **result)
{
    const char *test = options_choice(call->o, "test");
    const struct compare_options o = {.metric = options_choice(call->o, "metric"),
                                      .wanted = options_text(call->o, "class"),
                                      .groups = options_text(call->o, "groups"),
                                      .permutation = test && strcmp(test, "permutation") == 0};
    TRY(api_need(call, arms, "arms"));
    for (int i = 0; i < count; i++) TRY(api_need(call, arms[i], "arms"));
    return compare_results(arms, count, &o, result, call->e);
}

att_status att_compare(att_context *context, const char *const *arms, int count, const att_settings *settings, char **json)
{
    struct api_call call;
    json_t *result = NULL;
    if (json) *json = NULL;
    att_status status = api_open(&call, context, settings, "compare");
    if (status == ATT_OK) status = compare(&call, arms, count, &result);
    if (status == ATT_OK && json)
        status = api_text(result, json, call.e);
    else
        json_decref(result);
    return api_close(&call, status);
}

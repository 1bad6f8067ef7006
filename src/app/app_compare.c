/* SPDX-License-Identifier: Apache-2.0 */
/* Compares the arms of an experiment. */
#include <string.h>

#include "app/app.h"
#include "measure/compare.h"

att_status app_compare(struct app_call *call, const char *const *arms, int count)
{
    struct dataset d = {.count = 0};
    const char *test = options_choice(call->o, compare, test),
               *groups = options_text(call->o, compare, groups);
    const struct compare_options o = {.metric = options_choice(call->o, compare, metric),
        .wanted = options_text(call->o, compare, class),
        .data = groups ? &d : NULL,
        .permutation = test && strcmp(test, "permutation") == 0};
    if (groups) TRY(dataset_open(groups, &d, NULL, call->e));
    att_status status = compare_results(arms, count, &o, &call->result, call->e);
    dataset_free(&d);
    if (status != ATT_OK || !groups || json_object_get(call->result, "groups")) return status;
    return err_data(call->e,
        "`groups` %s: the data set names no groups; write a groups.csv into it, or leave out "
        "`groups`",
        groups);
}

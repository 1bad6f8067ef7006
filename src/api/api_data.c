/* SPDX-License-Identifier: Apache-2.0 */
/* Data sets in memory: the caller's cases become those of dataset/memory_set.h. */
#include <stddef.h>

#include "api/api.h"
#include "dataset/memory_set.h"

/* In the first version. */
enum { CASE_FIRST = offsetof(att_case, group) + sizeof(((att_case *)0)->group) };

/* Each case begins struct_size bytes after the last one, which a newer header may have made longer.
 */
static att_status data_take_case(
    struct app_call *call, const att_case *cases, int i, struct memory_set *s)
{
    const size_t step = cases->struct_size;
    const void *at = (const char *)cases + (size_t)i * step;
    att_case own = {0};
    struct image m;
    TRY(api_receive(&own, sizeof own, at, step, CASE_FIRST, "att_case.struct_size", call->e));
    if (own.struct_size != step)
        return err_usage(call->e,
            "case %d has struct_size %zu, but the first one %zu; set the same in all", i,
            own.struct_size, step);
    TRY(api_borrow_image(call, own.image, &m));
    return memory_add(s, own.name, &m, own.labels, own.group, call->e);
}

static att_status data_take_cases(
    struct app_call *call, const char *path, const att_case *cases, int count, const char *about)
{
    struct memory_set *s = NULL;
    if (count > 0 && !api_need(call, cases, "cases")) return call->status;
    if (!memory_named(path))
        return err_usage(call->e,
            "%s cannot name a data set in memory; give a path such as " MEMORY_PREFIX "%s", path,
            path);
    att_status status = memory_create(path, about, count, &s, call->e);
    for (int i = 0; i < count && status == ATT_OK; i++) status = data_take_case(call, cases, i, s);
    if (status == ATT_OK)
        memory_put(s, call->host);
    else
        memory_free(s);
    return status;
}

att_status att_context_data(
    att_context *context, const char *path, const att_case *cases, int count, const char *about)
{
    struct app_call call;
    if (api_open(&call, context, NULL) && api_need_path(&call, path, "path"))
        call.status = data_take_cases(&call, path, cases, count, about);
    return api_close(&call);
}

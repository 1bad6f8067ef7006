/* SPDX-License-Identifier: Apache-2.0 */
/* att_phantom. */
#include "api/api.h"
#include "base/mem.h"
#include "base/text.h"
#include "files/file.h"
#include "phantom/phantom.h"

/* Default counts for 2D, 3D, large and small sets. */
static void usual(const struct phantom *p, int *count, int *tests)
{
    bool flat = p == &phantom_ultrasound, large = p == &phantom_field,
         small = p == &phantom_signpost;
    *count = small ? 400 : flat ? 40 : large ? 8 : 12;
    *tests = small ? 200 : flat ? 20 : large ? 4 : 6;
}

static att_status write(struct app_call *call, const struct phantom *p, const char *folder,
    const char *unseen, struct err *e)
{
    struct host *host = call->host;
    struct phantom_wish wish = {
        .seed = (uint64_t)options_int(call->o, phantom, seed), .host = host};
    struct pool *pool = call->host->pool;
    int count, tests;
    usual(p, &count, &tests);
    if (options_has(call->o, phantom, count)) count = (int)options_int(call->o, phantom, count);
    if (options_has(call->o, phantom, unseen)) tests = (int)options_int(call->o, phantom, unseen);
    TRY(options_size3(
        call->o, phantom, size, &(struct size_rule){2, "the field is", 1}, wish.size, e));
    const bool dry = is_dry_run(host);
    TRY(dry ? phantom_dry_run(p->kind, folder, &wish, count, host, e)
            : phantom_write(p->kind, folder, &wish, count, pool, e));
    wish.unseen = true;
    if (dry) return tests ? phantom_dry_run(p->kind, unseen, &wish, tests, host, e) : ATT_OK;
    if (tests) TRY(phantom_write(p->kind, unseen, &wish, tests, pool, e));
    host_say(host, LOG_INFO, "%s: %d case%s to train on%s", folder, count, TEXT_S(count),
        tests ? ", and unseen ones in its folder unseen" : "");
    return ATT_OK;
}

static att_status api_phantom_make(struct app_call *call, const char *kind, const char *folder)
{
    const struct phantom *p;
    struct err why = {0};
    TRY(api_need(call, kind, "kind"));
    TRY(phantom_find(kind, &p, call->e));
    TRY(api_output(call, &folder, "folder", "folder was given for the phantoms"));
    char *images = file_join(folder, "images"), *unseen = file_join(folder, "unseen");
    att_status status = images && unseen ? ATT_OK : err_path(call->e);
    if (status == ATT_OK && (file_exists(images) || file_exists(unseen)))
        status =
            err_set(call->e, ATT_USAGE, "%s holds images already; choose a new folder", folder);
    if (status == ATT_OK) status = write(call, p, folder, unseen, &why);
    if (status == ATT_INTERRUPTED && file_exists(images))
        err_set(call->e, status, "%s: %s is incomplete; remove it, or choose a new folder",
            why.text, folder);
    else if (why.status != ATT_OK)
        err_pass(call->e, status, &why);
    mem_free(images);
    mem_free(unseen);
    return status;
}

att_status att_phantom(
    att_context *context, const char *kind, const char *folder, const att_settings *settings)
{
    struct app_call call;
    att_status status = api_open(&call, context, settings, "phantom");
    if (status == ATT_OK) status = api_phantom_make(&call, kind, folder);
    return api_close(&call, status);
}

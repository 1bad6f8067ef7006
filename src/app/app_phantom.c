/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a built-in data set. */
#include "app/app.h"
#include "base/mem.h"
#include "base/text.h"
#include "files/file.h"

/* Default counts for 2D, 3D, large and small sets. */
static void usual(const struct phantom *p, int *count, int *tests)
{
    bool flat = p == &phantom_ultrasound, large = p == &phantom_field,
         small = p == &phantom_signpost;
    *count = small ? 400 : flat ? 40 : large ? 8 : 12;
    *tests = small ? 200 : flat ? 20 : large ? 4 : 6;
}

static att_status phantom_sets(struct app_call *call, const struct phantom *p, const char *folder,
    const char *unseen, struct err *e)
{
    struct host *host = call->host;
    struct phantom_wish wish = {
        .seed = (uint64_t)options_int(call->o, phantom, seed), .host = host};
    int count, tests;
    usual(p, &count, &tests);
    if (options_has(call->o, phantom, count)) count = (int)options_int(call->o, phantom, count);
    if (options_has(call->o, phantom, unseen)) tests = (int)options_int(call->o, phantom, unseen);
    TRY(options_size3(
        call->o, phantom, size, &(struct size_rule){2, "the field is", 1}, wish.size, e));
    const bool dry = is_dry_run(host);
    TRY(dry ? phantom_dry_run(p->kind, folder, &wish, count, host, e)
            : phantom_write(p->kind, folder, &wish, count, host->pool, e));
    wish.unseen = true;
    if (dry) return tests ? phantom_dry_run(p->kind, unseen, &wish, tests, host, e) : ATT_OK;
    if (tests) TRY(phantom_write(p->kind, unseen, &wish, tests, host->pool, e));
    host_say(host, LOG_INFO, "%s: %d case%s to train on%s", folder, count, TEXT_S(count),
        tests ? ", and unseen ones in its folder unseen" : "");
    return ATT_OK;
}

att_status app_phantom(struct app_call *call, const struct phantom *p, const char *folder)
{
    struct err why = {0};
    char *images = file_join(folder, "images"), *labels = file_join(folder, "labels"),
         *unseen = file_join(folder, "unseen");
    att_status status = images && labels && unseen ? ATT_OK : err_path(call->e);
    if (status == ATT_OK && (file_exists(images) || file_exists(labels) || file_exists(unseen)))
        status =
            err_usage(call->e, "%s holds images or labels already; choose a new folder", folder);
    if (status == ATT_OK) status = phantom_sets(call, p, folder, unseen, &why);
    if (status == ATT_INTERRUPTED && file_exists(images))
        err_set(call->e, status, "%s: %s is incomplete; remove it, or choose a new folder",
            why.text, folder);
    else if (why.status != ATT_OK)
        err_pass(call->e, status, &why);
    mem_free(images);
    mem_free(labels);
    mem_free(unseen);
    return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "run/folds_grid.h"

#include "run/hardrun.h"
#include "train/run_options.h"
#include "train/train_decide.h"

static void copy_plan(const struct training *t, const struct options *o, const json_t *found,
    json_t *options, json_t *why)
{
    const char *key;
    json_t *text, *shared = recipe_shared(&t->recipe, t->data.pack, options_text(o, train, init));
    json_object_foreach(shared, key, text)
    {
        json_t *reason = json_object_get(found, key);
        if (options_read_text(o, key)) continue;
        json_object_set(options, key, text);
        if (reason) json_object_set(why, key, reason);
    }
    json_decref(shared);
}

static att_status plan_all(const struct train_context *c, const char *dataset,
    const struct options *o, json_t *options, json_t *why, struct err *e)
{
    struct train_context quiet = *c;
    quiet.quiet = QUIET_ALL;
    struct training *t = training_new(&quiet, "", e);
    if (!t) return ATT_MEMORY;
    json_t *found = json_object();
    att_status status = training_decide(t, dataset, o, NULL, found, e);
    if (status == ATT_OK) copy_plan(t, o, found, options, why);
    if (status == ATT_INTERRUPTED) {
        err_clear(e);
        err_set(e, status, "stopped before the first step; nothing was written");
    }
    training_delete(t);
    json_decref(found);
    return status;
}

att_status folds_grid(const struct train_context *c, const char *dataset,
    const struct options *table, json_t *options, json_t *why, struct err *e)
{
    struct options o;
    json_t *all = json_copy(options); /* without folds, all cases train */
    json_object_del(all, "folds");
    json_object_del(all, "stratify");
    att_status status = run_options_read(all, table, &o, e);
    json_decref(all);
    TRY(status);
    if (hardrun_wanted(&o))
        host_warn(c->host, WARN_FOLDS_DIFFER,
            "networks of hard attention cannot predict together; the folds measure the method, but "
            "each predicts alone");
    else
        status = plan_all(c, dataset, &o, options, why, e);
    options_free(&o);
    return status;
}

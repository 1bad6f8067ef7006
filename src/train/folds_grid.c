/* SPDX-License-Identifier: Apache-2.0 */
/* Called by folds.c, before the first fold. */
#include "train/folds_grid.h"

#include <string.h>

#include "train/hardrun.h"
#include "train/loop.h"
#include "train/subrun.h"

/* Into the options of all folds, unless they were given. */
static void take_plan(const struct training *t, const struct options *o, const json_t *why, json_t *options, struct log *log)
{
    const char *key;
    json_t *text, *shared = recipe_shared(&t->recipe, t->data.pack, options_text(o, "init"));
    json_object_foreach(shared, key, text)
    {
        const char *reason = json_string_value(json_object_get(why, key));
        if (options_text(o, key)) continue;
        json_object_set(options, key, text);
        if (reason) log_say(log, LOG_INFO, "%s %s in all folds, from all of their cases: %s", key, json_string_value(text), reason);
    }
    json_decref(shared);
}

static att_status plan_all(const struct train_context *c, const char *dataset, const struct options *o, json_t *options, struct err *e)
{
    struct training t;
    struct train_context quiet = *c;
    json_t *why = json_object();
    quiet.brief = quiet.known = quiet.split = true;
    memset(&t, 0, sizeof t);
    t.c = &quiet;
    att_status status = training_decide(&t, dataset, o, NULL, why, e);
    if (status == ATT_OK) take_plan(&t, o, why, options, c->log);
    if (status == ATT_INTERRUPTED) {
        err_clear(e);
        err_set(e, status, "stopped before the first step; nothing was written");
    }
    training_free(&t);
    json_decref(why);
    return status;
}

att_status folds_grid(const struct train_context *c, const char *dataset, const struct options *table, json_t *options, struct err *e)
{
    struct options o;
    json_t *all = json_copy(options); /* all cases train */
    json_object_del(all, "folds");
    json_object_del(all, "stratify");
    att_status status = subrun_read(all, table, &o, e);
    json_decref(all);
    TRY(status);
    if (hardrun_wanted(&o))
        log_say(c->log, LOG_WARN,
                "networks of hard attention do not predict together: folds tell how good the method is, and one of them predicts");
    else
        status = plan_all(c, dataset, &o, options, e);
    options_free(&o);
    return status;
}

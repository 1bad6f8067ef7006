/* SPDX-License-Identifier: Apache-2.0 */
/* Options, or the folder, decide: one network (train_run.c), folds, or hard attention. */
#include "run/start.h"

#include "hard/hard_folder.h"
#include "hard/hard_settings.h"
#include "run/folds.h"
#include "run/folds_separate.h"
#include "run/hardrun.h"
#include "train/checkpoint.h"
#include "train/train_run.h"

/* Before errors of these settings. */
static void log_sources(const struct train_context *c, const struct options *o)
{
    const char *const paths[] = {options_text(o, any, config), options_text(o, train, plan)};
    for (int i = 0; i < 2; i++)
        if (paths[i])
            host_say(
                c->host, LOG_INFO, "using the settings of %s; options override them", paths[i]);
}

const struct train_runs train_runs = {train_start, train_resume};

att_status train_start(const struct train_context *c, const char *dataset, const char *run,
    const struct options *o, struct err *e)
{
    struct train_context own = *c;
    own.runs = &train_runs;
    log_sources(c, o);
    if (folds_wanted(o)) return folds_start(&own, dataset, run, o, e);
    if (hardrun_wanted(o)) return hardrun_start(&own, dataset, run, o, e);
    TRY(hard_settings_refuse(o, e));
    return training_start(c, dataset, run, o, e);
}

att_status train_resume(
    const struct train_context *c, const char *run, const struct train_more *more, struct err *e)
{
    struct train_context own = *c;
    own.runs = &train_runs;
    if (more->max_memory > 0 && hard_folder_exists(run))
        return err_usage(e, "hard attention does not support `max-memory`; leave it out");
    const bool folds = folds_exist(run) || folds_are_separate(run);
    if (more->max_memory > 0 && folds)
        return err_usage(e,
            "`max-memory` applies to one network; resume the runs in %s one by one with it", run);
    if (folds) return folds_resume(&own, run, more, e);
    if (hard_folder_exists(run)) return hardrun_resume(&own, run, more, e);
    const bool trains = more->steps > 0 || more->seconds > 0 || !checkpoint_finished(run, true);
    if (trains && !(c->quiet & QUIET_DATA)) hard_folder_warn_of_part(c, run);
    return training_resume(c, run, more, e);
}

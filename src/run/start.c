/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a run is of one network (train_run.c), of folds, or of a hard model, by its
 * options or by its folder. */
#include "run/start.h"

#include "hard/hard_folder.h"
#include "hard/hard_settings.h"
#include "run/folds.h"
#include "run/folds_separate.h"
#include "run/hardrun.h"
#include "train/checkpoint.h"
#include "train/train_run.h"

/* Which files of settings are followed, before anything is found wrong with what they say. */
static void tell_files(const struct train_context *c, const struct options *o)
{
    const char *const paths[] = {options_text(o, any, config), options_text(o, train, plan)};
    for (int i = 0; i < 2; i++)
        if (paths[i])
            host_say(c->host, LOG_INFO,
                "the settings of %s are followed, but for those given as flags", paths[i]);
}

const struct train_runs train_runs = {train_start, train_resume};

att_status train_start(const struct train_context *c, const char *dataset, const char *run,
    const struct options *o, struct err *e)
{
    struct train_context own = *c;
    own.runs = &train_runs;
    tell_files(c, o);
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
        return err_set(e, ATT_USAGE,
            "`max-memory` is of one network, and hard attention trains several: leave it out");
    const bool folds = folds_exist(run) || folds_are_separate(run);
    if (more->max_memory > 0 && folds)
        return err_set(e, ATT_USAGE,
            "`max-memory` is of one network: resume the runs in %s one by one, with it", run);
    if (folds) return folds_resume(&own, run, more, e);
    if (hard_folder_exists(run)) return hardrun_resume(&own, run, more, e);
    const bool learns = more->steps > 0 || more->seconds > 0 || !checkpoint_finished(run, true);
    if (learns && !(c->quiet & QUIET_DATA)) hard_folder_warn_of_part(c, run);
    return training_resume(c, run, more, e);
}

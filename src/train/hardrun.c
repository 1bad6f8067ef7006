/* SPDX-License-Identifier: Apache-2.0 */
/* The stages of a hard model, one after another; called by train.c. */
#include "train/hardrun.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "arch/hard.h"
#include "base/file.h"
#include "base/json_file.h"
#include "base/mem.h"
#include "model/run_files.h"
#include "train/checkpoint.h"
#include "train/hard_plan.h"
#include "train/hard_train.h"
#include "train/runfolder.h"
#include "train/runlock.h"
#include "train/subrun.h"

bool hardrun_wanted(const struct options *o)
{
    struct spec s;
    const char *text = options_text(o, "spec");
    return text && spec_parse(&s, text, NULL) == ATT_OK && hard_is(&s);
}

att_status hardrun_refuse(const struct options *o, struct err *e)
{
    if (!hardrun_wanted(o)) return ATT_OK;
    return err_set(
        e, ATT_USAGE,
        "a plan is of one network, and hard attention trains two: plan the coarse one with --shrink and the fine one with --patch, "
        "each with its own --spec");
}

bool hardrun_exists(const char *run)
{
    char *path = file_join(run, RUN_HARD);
    bool there = path && file_exists(path);
    mem_free(path);
    return there;
}

/* ---- stage 1 */

static att_status train_net(const struct hard_work *h, enum arch_part net, const char *data, struct err *e)
{
    char *path = file_join(h->run, part_name[net]);
    if (!path) return err_memory(e, strlen(h->run), "a file name");
    const struct subrun s = {path, json_string_value(json_object_get(h->plan, "dataset")), data, json_object_get(h->plan, part_name[net]),
                             h->table};
    att_status status = ATT_OK;
    if (subrun_is_finished(path)) {
        log_say(h->c->log, LOG_INFO, "stage 1 of 3: the %s net is finished", part_name[net]);
    } else {
        log_say(h->c->log, LOG_INFO, "stage 1 of 3: the %s net, in %s", part_name[net], path);
        status = subrun_go(h->c, &s, e);
    }
    bool begun = net != PART_COARSE || file_exists(path);
    mem_free(path);
    if (status != ATT_INTERRUPTED || !begun) return status;
    err_clear(e);
    return err_set(e, status, "stopped in stage 1 of 3, the %s net; go on with: attunet resume %s", part_name[net], h->run);
}

/* From stage 2 on RUN has a checkpoint of its own, and the nets are in it. */
static att_status run_stages(const struct hard_work *h, const struct train_more *more, struct err *e)
{
    bool longer = more->steps > 0 || more->seconds > 0;
    if (checkpoint_exists(h->run)) return hard_train_resume(h, more, e);
    if (longer)
        return err_set(e, ATT_USAGE, "%s trains its two nets yet: resume it without --steps and --time until it is finished, and then with",
                       h->run);
    TRY(train_net(h, PART_COARSE, more->data, e));
    TRY(train_net(h, PART_FINE, more->data, e));
    return hard_train_start(h, e);
}

/* ---- starting */

/* A first net that could not begin leaves nothing behind. */
static void undo(const char *run)
{
    char *net = file_join(run, part_name[PART_COARSE]), *plan = file_join(run, RUN_HARD), *lock = file_join(run, RUN_LOCK),
         *settings = file_join(run, RUN_SETTINGS);
    if (net && plan && lock && settings && !file_exists(net)) {
        file_remove(plan);
        file_remove(settings);
        file_remove(lock);
        file_remove_folder(run);
    }
    mem_free(net);
    mem_free(plan);
    mem_free(lock);
    mem_free(settings);
}

static att_status write_settings(const char *run, json_t *settings, struct err *e)
{
    char *path = file_join(run, RUN_SETTINGS);
    att_status status = path ? json_file_write(path, json_incref(settings), e) : err_memory(e, strlen(run), "a file name");
    mem_free(path);
    return status;
}

static att_status start_locked(const struct hard_work *h, json_t *settings, struct err *e)
{
    TRY(runfolder_check(h->run, e)); /* again: another training may have been faster */
    att_status status = hard_plan_write(h->run, h->plan, e);
    if (status == ATT_OK) status = write_settings(h->run, settings, e);
    if (status == ATT_OK) status = run_stages(h, &(struct train_more){0}, e);
    if (status != ATT_OK) undo(h->run);
    return status;
}

att_status hardrun_start(const struct train_context *c, const char *dataset, const char *run, const struct options *o, struct err *e)
{
    json_t *plan, *settings;
    int lock = -1;
    if (options_given(o, "max-memory") || options_given(o, "micro-batch") || options_given(o, "snapshots"))
        return err_set(e, ATT_USAGE,
                       "--max-memory, --micro-batch and --snapshots are of one network, and hard attention trains several: leave them out");
    if (options_text(o, "storage") && !strcmp(options_text(o, "storage"), "bf16"))
        return err_set(e, ATT_USAGE, "--storage bf16 is of one network, and hard attention trains several: leave it out");
    TRY(runfolder_check(run, e));
    TRY(hard_plan_make(c, dataset, o, &plan, &settings, e));
    const struct train_context known = {c->log, c->pool, c->kernels, c->brief, true};
    const struct hard_work h = {&known, run, plan, o};
    att_status status = file_make_folders(run, e);
    if (status == ATT_OK) status = runlock_take(run, "trains in", &lock, e);
    if (status == ATT_OK) status = start_locked(&h, settings, e);
    runlock_drop(lock);
    json_decref(plan);
    json_decref(settings);
    return status;
}

/* ---- going on */

static att_status move_data(const char *run, json_t *plan, const char *data, struct err *e)
{
    char full[PATH_MAX];
    json_t *text = realpath(data, full) ? json_string(full) : NULL;
    if (!text) return err_set(e, ATT_IO, "cannot open %s; check the path", data);
    json_object_set_new(plan, "dataset", text);
    return hard_plan_write(run, plan, e);
}

static att_status resume_locked(const struct train_context *c, const char *run, const struct train_more *more, struct err *e)
{
    json_t *plan;
    runfolder_sweep(run);
    TRY(hard_plan_read(run, &plan, e));
    const struct train_context known = {c->log, c->pool, c->kernels, c->brief, true};
    const struct hard_work h = {&known, run, plan, more->table};
    att_status status = more->data ? move_data(run, plan, more->data, e) : ATT_OK;
    if (status == ATT_OK) status = run_stages(&h, more, e);
    json_decref(plan);
    return status;
}

att_status hardrun_resume(const struct train_context *c, const char *run, const struct train_more *more, struct err *e)
{
    int lock = -1;
    TRY(runlock_take(run, "trains in", &lock, e));
    att_status status = resume_locked(c, run, more, e);
    runlock_drop(lock);
    return status;
}

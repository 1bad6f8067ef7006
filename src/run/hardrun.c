/* SPDX-License-Identifier: Apache-2.0 */
#include "run/hardrun.h"

#include <string.h>

#include "arch/hard.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "files/dry_run.h"
#include "files/file.h"
#include "hard/hard_plan.h"
#include "hard/hard_settings.h"
#include "hard/hard_train.h"
#include "model/run_files.h"
#include "run/subrun.h"
#include "train/checkpoint.h"
#include "train/pages.h"
#include "train/run_record.h"
#include "train/runfolder.h"

bool hardrun_wanted(const struct options *o)
{
    struct spec s;
    const char *text = options_text(o, train, spec);
    return text && spec_parse(&s, text, NULL) == ATT_OK && hard_is(&s);
}

att_status hardrun_refuse(const struct options *o, struct err *e)
{
    if (!hardrun_wanted(o)) return hard_settings_refuse(o, e);
    return err_usage(e,
        "hard attention trains two networks; plan each by itself with its own `spec`: the coarse "
        "one with `shrink`, the fine one with `patch`");
}

/* ---- stage 1 */

/* Runs of versions that stored no heads have networks with one, whatever is planned today. */
static att_status give_heads(json_t *options, struct err *e)
{
    struct spec s;
    const char *text = json_str(options, "spec");
    if (!text) return ATT_OK;
    TRY(spec_parse(&s, text, e));
    if (spec_get(&s, "heads", NULL)) return ATT_OK;
    TRY(spec_set(&s, "heads", "one", e));
    return json_object_set_new(options, "spec", json_string(s.text)) == 0
        ? ATT_OK
        : err_memory(e, sizeof s, "the settings of a network");
}

static att_status train_net(
    const struct hard_work *h, enum arch_part net, const char *data, struct err *e)
{
    TRY(give_heads(json_object_get(h->plan, part_name[net]), e));
    char *path = file_join(h->run, part_name[net]);
    if (!path) return err_path(e);
    const struct subrun s = {path, json_str(h->plan, "dataset"), data,
        json_object_get(h->plan, part_name[net]), h->table};
    att_status status = ATT_OK;
    if (checkpoint_finished(path, is_dry_run(h->c->host))) {
        host_say(h->c->host, LOG_INFO, "stage 1 of 3: the %s network is finished", part_name[net]);
    } else if (!data && !file_exists(s.dataset)) {
        status = runfolder_no_data(s.dataset, "resume", h->run, e);
    } else {
        host_say(h->c->host, LOG_INFO, "stage 1 of 3: the %s network, in %s", part_name[net], path);
        status = hard_record_stage(h->record, net == PART_COARSE ? HARD_COARSE : HARD_FINE, e);
        if (status == ATT_OK) status = subrun_train(h->c, &s, e);
    }
    bool begun = net != PART_COARSE || file_exists(path);
    mem_free(path);
    if (status != ATT_INTERRUPTED || !begun) return status;
    err_clear(e);
    return err_set(e, status,
        "stopped in stage 1 of 3, the %s network; continue with: attunet resume %s", part_name[net],
        TEXT_PATH(h->run));
}

static att_status move_nets(const char *run, const char *data, struct err *e)
{
    att_status status = ATT_OK;
    for (int i = 0; i < PART_POLICY && status == ATT_OK; i++) {
        char *path = file_join(run, part_name[i]);
        status = path ? runfolder_set_data(path, data, e) : err_path(e);
        mem_free(path);
    }
    return status;
}

static att_status open_record(struct hard_work *h, const struct train_more *more, struct err *e)
{
    char *command = more->start_options
        ? record_train_command(json_str(h->plan, "dataset"), h->run, more->start_options)
        : record_resume_command(h->run, more);
    att_status status = hard_record_open(h->c, h->run, command, &h->record, e);
    mem_free(command);
    return status;
}

/* From stage 2 on, RUN has its own checkpoint, which includes the networks. */
static att_status all_stages(
    const struct hard_work *h, const struct train_more *more, struct err *e)
{
    if (checkpoint_exists(h->run)) return hard_train_resume(h, more, e);
    TRY(train_net(h, PART_COARSE, more->data, e));
    TRY(train_net(h, PART_FINE, more->data, e));
    return hard_train_start(h, e);
}

/* Writes a report if there is anything to resume; its failure replaces ATT_INTERRUPTED. */
static att_status hardrun_stopped(const struct hard_work *h, struct err *e)
{
    struct err why = {0};
    if (!file_has(h->run, part_name[PART_COARSE])) return ATT_INTERRUPTED;
    const att_status status = pages_folder(h->c, h->run, json_str(h->plan, "dataset"), false, &why);
    if (status == ATT_OK) return ATT_INTERRUPTED;
    err_clear(e);
    return err_pass(e, status, &why);
}

static att_status run_stages(const struct train_context *c, const char *run, const json_t *plan,
    const struct train_more *more, struct err *e)
{
    const struct train_context part =
        train_context_part(c, QUIET_DATA | QUIET_SPLIT | (c->quiet & QUIET_REASONS));
    struct hard_work h = {.c = &part, .run = run, .plan = plan, .table = more->table};
    bool longer = more->steps > 0 || more->seconds > 0;
    if (longer && !checkpoint_exists(run))
        return err_usage(e,
            "%s has not finished its two networks; resume it without `steps` and `time` first",
            run);
    if (more->data && !is_dry_run(c->host)) TRY(move_nets(run, more->data, e));
    if (!is_dry_run(c->host)) TRY(open_record(&h, more, e));
    att_status status = all_stages(&h, more, e);
    struct err ignored = {0}; /* an earlier error matters more */
    const att_status kept = hard_record_update(h.record, status == ATT_OK ? e : &ignored);
    hard_record_free(h.record);
    if (status == ATT_INTERRUPTED) status = hardrun_stopped(&h, e);
    return status == ATT_OK ? kept : status;
}

static bool hardrun_pending(const char *run, const json_t *plan)
{
    (void)plan;
    char *fine = file_join(run, part_name[PART_FINE]);
    const bool found = fine && !checkpoint_exists(run) && !checkpoint_exists(fine);
    mem_free(fine);
    return found;
}

static att_status hardrun_cut_cases(const struct train_context *c, const char *dataset,
    const struct options *o, json_t **cut, struct err *e)
{
    json_t *plan, *settings;
    TRY(hard_plan_make(c, dataset, o, &plan, &settings, e));
    *cut = json_incref(json_object_get(plan, "cut"));
    json_decref(plan);
    json_decref(settings);
    return ATT_OK;
}

static const struct subrun_owner owner = {
    RUN_HARD, "coarse", false, hard_plan_read, hardrun_cut_cases, hardrun_pending, run_stages};

static att_status hardrun_refuse_setting(const char *name, const char *value, struct err *e)
{
    return err_usage(e, "hard attention does not support `%s`%s; leave it out", name, value);
}

att_status hardrun_start(const struct train_context *c, const char *dataset, const char *run,
    const struct options *o, struct err *e)
{
    json_t *plan, *settings;
    static const char *const single[] = {
        OPTION_NAME(train, max_memory), OPTION_NAME(train, snapshots)};
    for (size_t i = 0; i < sizeof single / sizeof *single; i++)
        if (options_read_set(o, single[i])) return hardrun_refuse_setting(single[i], "", e);
    if (options_text(o, train, storage) && !strcmp(options_text(o, train, storage), "bf16"))
        return hardrun_refuse_setting(OPTION_NAME(train, storage), " bf16", e);
    if (options_text(o, train, precision) && !strcmp(options_text(o, train, precision), "bf16"))
        return hardrun_refuse_setting(OPTION_NAME(train, precision), " bf16", e);
    TRY(runfolder_check(run, is_dry_run(c->host), e));
    TRY(hard_plan_make(c, dataset, o, &plan, &settings, e));
    att_status status = subrun_start_all(c, &owner, run, plan, settings, o, e);
    json_decref(plan);
    json_decref(settings);
    return status;
}

att_status hardrun_resume(
    const struct train_context *c, const char *run, const struct train_more *more, struct err *e)
{
    return subrun_resume_all(c, &owner, run, more, e);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "train/loop.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "files/file.h"
#include "model/run_files.h"
#include "train/advice.h"
#include "train/case_pictures.h"
#include "train/cases.h"
#include "train/course.h"
#include "train/deadline.h"
#include "train/lead.h"
#include "train/mirror_check.h"
#include "train/packed.h"
#include "train/pages.h"
#include "train/report.h"
#include "train/run_record.h"
#include "train/runlog.h"
#include "train/snapshots.h"
#include "train/train_memory.h"
#include "train/train_state.h"
#include "train/train_step.h"

static att_status loop_validate(
    struct training *t, struct validation_job *job, struct validation *v, struct err *e)
{
    training_release_maps(t);
    const struct model m = average_model(&t->average, &t->model);
    job->data = &t->data;
    job->model = &m;
    job->conv = t->recipe.conv[0] ? t->recipe.conv : NULL;
    job->max_memory = t->recipe.max_memory;
    return validation_run(t->c, job, v, e);
}

att_status training_validate(struct training *t, const int *cases, int count, const bool mirror[3],
    struct validation *v, struct err *e)
{
    struct validation_job job = {.cases = cases, .count = count};
    if (mirror) memcpy(job.mirror, mirror, sizeof job.mirror);
    return loop_validate(t, &job, v, e);
}

/* All validation cases. Without masks to write, the ranks share them. */
static att_status loop_validate_all(struct training *t, const char *run,
    const struct validation_show *show, struct validation *v, struct err *e)
{
    struct validation_job job = {.cases = t->split.val,
        .count = t->split.nval,
        .run = run,
        .show = show,
        .shown = show ? show->cases : 0};
    if (t->leads && !run) {
        job.team = t->c->host->team;
        TRY(lead_order(t, ORDER_VALIDATE, job.shown, 0, e));
    }
    return loop_validate(t, &job, v, e);
}

att_status training_validate_part(struct training *t, int shown, struct err *e)
{
    struct validation_job job = {
        .cases = t->split.val, .count = t->split.nval, .shown = shown, .team = t->c->host->team};
    return loop_validate(t, &job, &t->validation, e);
}

/* The last one also writes and measures masks. */
static att_status run_validation(void *user, bool last, struct err *e)
{
    struct training *t = user;
    struct case_pictures pictures = {.pages = t->c->pages};
    const struct validation_show show = case_pictures_show(&pictures);
    const struct recipe *r = &t->recipe;
    bool shown = pictures.pages && r->max_memory == 0 &&
        (last ||
            case_pictures_due(t->step / r->validate_every)); /* a limit leaves no memory for them */
    att_status status =
        loop_validate_all(t, last ? t->run : NULL, shown ? &show : NULL, &t->validation, e);
    struct err why = {0};
    char dice[DICE_TEXT];
    if (case_pictures_end(&pictures, t->run, t->step, status == ATT_OK, &why) != ATT_OK)
        host_warn(t->c->host, WARN_REPORT_INCOMPLETE,
            "%s; TensorBoard has no pictures of this validation", why.text);
    TRY(status);
    t->validated = t->step;
    t->validating += t->validation.seconds;
    host_say(t->c->host, LOG_INFO, "step %lld of %lld: mean Dice %s on %d case%s",
        (long long)t->step, (long long)t->recipe.steps, validation_text(t->validation.mean, dice),
        t->split.nval, TEXT_S(t->split.nval));
    if (!last) return ATT_OK;
    TRY(mirror_check(t, e));
    return report_run(t->c, t->run, &t->data, t->split.val, t->split.nval, &t->model.labels, e);
}

static att_status write_row(void *user, bool validated, struct err *e)
{
    struct training *t = user;
    double n = t->rows_since; /* 0 steps: NaN */
    struct log_row row = {.step = t->step,
        .seconds = training_elapsed(t),
        .lr = training_rate(t, t->step - 1),
        .loss = t->loss_sum / n,
        .norm = t->norm_sum / n,
        .sampling = t->sampling / t->stepping,
        .validation = validated ? &t->validation : NULL};
    return runlog_append(t->run, &t->model.labels, &row, e);
}

static void begin_row(void *user)
{
    struct training *t = user;
    t->loss_sum = t->norm_sum = 0;
    t->rows_since = 0;
    t->sampled += t->sampling;
    t->stepped += t->stepping;
    t->sampling = t->stepping = 0;
}

static void draw_curves(const struct training *t)
{
    pages_curves(t->c, t->run, &t->model.labels, RUNLOG_LOSS, NULL, RUNLOG_OWN);
}

/* The model with its training history. */
static att_status write_model_to(struct training *t, const char *path, struct err *e)
{
    json_decref(t->model.history);
    json_t *recipe = recipe_to_json(&t->recipe);
    t->model.history = json_pack("{s:I, s:f, s:i, s:i, s:s, s:O}", "steps", (json_int_t)t->step,
        "seconds", training_elapsed(t), "train_cases", t->split.ntrain, "validation_cases",
        t->split.nval, "dataset", file_base(t->recipe.dataset_path), "settings",
        json_object_get(recipe, "settings"));
    json_decref(recipe);
    recipe_drop_local(json_object_get(t->model.history, "settings"));
    if (t->data.dims == 2 && t->model.facts.dims == 3)
        json_set_flag(t->model.history, "planes", true);
    if (t->validation.count && t->validated == t->step)
        json_object_set_new(
            t->model.history, "validation", validation_to_json(&t->validation, &t->model.labels));
    if (t->mirrored.cases)
        json_object_set_new(t->model.history, "mirroring",
            json_pack("{s:i, s:f, s:f}", "cases", t->mirrored.cases, "once", t->mirrored.once,
                "mirrored", t->mirrored.mirrored));
    const struct model m = average_model(&t->average, &t->model);
    return model_save(&m, path, e);
}

static att_status loop_write_model(void *user, struct err *e)
{
    const struct training *t = user;
    char *path = file_join(t->run, RUN_MODEL);
    att_status status = path ? write_model_to(user, path, e) : err_path(e);
    mem_free(path);
    return status;
}

static att_status write_snapshot(void *user, struct err *e)
{
    struct training *t = user;
    if (!snapshot_due(t->step, t->recipe.steps, t->recipe.snapshots)) return ATT_OK;
    TRY(training_check_finite(t, e));
    char *folder = file_join(t->run, RUN_SNAPSHOTS), *path = snapshot_path(t->run, t->step);
    att_status status = folder && path ? file_make_inside(folder, e) : err_path(e);
    if (status == ATT_OK)
        file_sweep(folder, (const char *const[]){file_base(path), NULL}); /* of a killed process */
    if (status == ATT_OK) status = write_model_to(t, path, e);
    mem_free(folder);
    mem_free(path);
    return status;
}

static void show_loss(const struct training *t)
{
    char detail[96];
    char dice[DICE_TEXT];
    snprintf(detail, sizeof detail, "loss %.4f", t->rows_since ? t->loss_sum / t->rows_since : NAN);
    if (t->validation.count)
        text_append(detail, sizeof detail, ", Dice %s", validation_text(t->validation.mean, dice));
    host_progress(t->c->host, "training", t->step, t->recipe.steps, detail);
}

static att_status loop_step(void *user, struct err *e)
{
    struct training *t = user;
    const double begin = clock_now();
    TRY(training_step(t, e));
    t->stepping += clock_now() - begin;
    show_loss(t);
    return ATT_OK;
}

static const double SAMPLING_SLOW = .1; /* share of the steps' time worth a message */

static void say_times(const struct training *t)
{
    if (t->stepped > 0 && t->sampled > SAMPLING_SLOW * t->stepped)
        host_say(t->c->host, LOG_INFO, "sampling and augmentation took %.1f %% of the steps' time",
            100 * t->sampled / t->stepped);
    if (t->data.pack) packed_log(t->c->host, &t->sampler, t->stepped);
}

static att_status loop_report(void *user, bool last, struct err *e)
{
    struct training *t = user;
    draw_curves(t);
    TRY(record_update(t, e));
    TRY(pages_training(t, last && t->split.nval > 0, e));
    if (!last) return ATT_OK;
    t->ending = clock_now() - t->ended;
    say_times(t);
    if (t->split.nval > 0) TRY(advice_say(t, e));
    return record_update(t, e); /* with the report's time */
}

att_status training_restore_model(struct training *t, struct err *e)
{
    if (t->split.nval > 0) {
        TRY(loop_validate_all(t, NULL, NULL, &t->validation, e));
        TRY(mirror_check(t, e));
    }
    t->validated = t->step;
    return loop_write_model(t, e);
}

/* Saves the steps before anything else can fail. Under a memory limit, frees the cases for
 * measuring and drawing. */
static att_status loop_after_steps(void *user, bool *saved, struct err *e)
{
    struct training *t = user;
    t->ended = clock_now();
    TRY(training_check_last(t, e));
    TRY(training_save(t, e));
    *saved = true;
    if (t->recipe.max_memory <= 0 || t->data.pack) return ATT_OK;
    cases_free(t->cases, t->split.ntrain);
    t->cases = NULL;
    t->sampler.cases = NULL;
    mem_trim();
    return ATT_OK;
}

static att_status loop_save(void *user, struct err *e) { return training_save(user, e); }
static att_status loop_keep_time(void *user, struct err *e) { return deadline_keep(user, e); }

static const struct course_calls loop_calls = {.step = loop_step,
    .keep_time = loop_keep_time,
    .snapshot = write_snapshot,
    .validate = run_validation,
    .row = write_row,
    .next_row = begin_row,
    .save = loop_save,
    .write_model = loop_write_model,
    .report = loop_report,
    .after_steps = loop_after_steps};

att_status training_loop(struct training *t, struct err *e)
{
    struct course c = {.calls = &loop_calls,
        .user = t,
        .host = t->c->host,
        .run = t->run,
        .stage = "",
        .step = &t->step,
        .steps = &t->recipe.steps,
        .due = &t->due,
        .finished = &t->finished,
        .validate_every = t->recipe.validate_every,
        .checkpoint_every = t->recipe.checkpoint_every,
        .validates = t->split.nval > 0,
        .safe_io = true};
    TRY(lead_order(t, ORDER_SHARE, t->step, 0, e)); /* after timing, and what a checkpoint held */
    const att_status status = course_run(&c, e);
    return status == ATT_INTERRUPTED ? course_stop(&c, e) : status;
}

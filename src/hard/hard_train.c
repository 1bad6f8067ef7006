/* SPDX-License-Identifier: Apache-2.0 */
#include "hard/hard_train.h"

#include <math.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/text.h"
#include "files/dry_run.h"
#include "files/file.h"
#include "hard/hard_best.h"
#include "hard/hard_keep.h"
#include "hard/hard_length.h"
#include "hard/hard_log.h"
#include "hard/hard_step.h"
#include "train/checkpoint.h"
#include "train/course.h"
#include "train/lead.h"
#include "train/pages.h"
#include "train/report.h"
#include "train/run_dry.h"
#include "train/train_build.h"
#include "train/train_step.h"

/* ---- both stages */

static att_status hard_train_step(void *user, struct err *e)
{
    struct hard_training *h = user;
    const struct hard_sums *s = &h->sums;
    char detail[96];
    if (!h->joint) TRY(lead_meet(&h->net[PART_FINE], e));
    TRY(h->joint ? hard_joint_step(h->joint_step, 0, e)
                 : policy_stage_step(h, h->train_cache, 0, e));
    snprintf(detail, sizeof detail, "reward %.4f, %.1f tiles",
        s->steps ? s->reward / s->steps : (double)NAN,
        s->steps ? s->count / s->steps : (double)NAN);
    if (h->joint)
        host_progress(
            h->c->host, "training jointly", h->step - h->policy_steps, h->joint_steps, detail);
    else
        host_progress(h->c->host, "training the policy", h->step, h->policy_steps, detail);
    return ATT_OK;
}

/* Keeps the masks at the end of stage 3. */
static att_status hard_train_validate(void *user, bool last, struct err *e)
{
    struct hard_training *h = user;
    const struct training *fine = &h->net[PART_FINE];
    const int *val = fine->split.val, nval = fine->split.nval;
    const char *run = last && h->joint ? h->work->run : NULL;
    char dice[DICE_TEXT];
    struct model m;
    TRY(hard_keep_model(h, &m, e));
    const struct validation_job job = {.data = &fine->data,
        .cases = val,
        .count = nval,
        .model = &m,
        .conv = fine->recipe.conv[0] ? fine->recipe.conv : NULL,
        .run = run};
    const att_status status = validation_run(h->c, &job, &h->validation, e);
    hard_keep_model_free(h, &m);
    TRY(status);
    h->validated = h->step;
    host_say(h->c->host, LOG_INFO, "stage %d of 3: mean Dice %s on %d case%s", h->joint ? 3 : 2,
        validation_text(h->validation.mean, dice), nval, TEXT_S(nval));
    return run ? report_run(h->c, run, &fine->data, val, nval, &h->model.labels, e) : ATT_OK;
}

/* Stage 2 also evaluates the policy at intervals (hard_best.h). */
static att_status hard_train_row(void *user, bool validated, struct err *e)
{
    struct hard_training *h = user;
    if (!h->joint && h->step < h->policy_steps &&
        h->step % (BEST_ROWS * course_row_every(h->policy_steps)) == 0)
        TRY(hard_best_update(h, h->holdout_cache, e));
    return hard_log_row(h, hard_rate(h, h->step - 1), validated, e);
}

/* Resets the sums after a row. */
static void hard_train_next_row(void *user)
{
    struct hard_training *h = user;
    h->sums = (struct hard_sums){.steps = 0};
    h->holdout_reward = NAN;
    for (int i = 0; i < NETS && h->joint; i++) {
        h->net[i].loss_sum = h->net[i].norm_sum = 0;
        h->net[i].rows_since = 0;
    }
}

static att_status hard_train_save(void *user, struct err *e) { return hard_save(user, e); }

static att_status hard_train_write(void *user, struct err *e)
{
    TRY(hard_write_model(user, e));
    hard_log_draw(user);
    return ATT_OK;
}

static att_status hard_train_report(void *user, bool last, struct err *e)
{
    const struct hard_training *h = user;
    if (!last || !h->joint) return ATT_OK;
    TRY(hard_record_update(h->work->record, e));
    return pages_folder(h->c, h->work->run, h->net[PART_FINE].recipe.dataset_path, true, e);
}

static att_status finish_policy_stage(struct hard_training *h, struct err *e)
{
    struct hard_cache *holdout = h->holdout_cache;
    h->ended = clock_now();
    TRY(hard_best_restore(h, holdout, e));
    TRY(policy_stage_temperature(h, holdout->count ? holdout : h->train_cache, e));
    return hard_keep_before(h, e);
}

static att_status hard_train_after_steps(void *user, bool *saved, struct err *e)
{
    struct hard_training *h = user;
    if (!h->joint) return finish_policy_stage(h, e);
    for (int i = 0; i < NETS; i++) {
        TRY(training_check_last(&h->net[i], e));
        TRY(training_check_finite(&h->net[i], e));
    }
    TRY(hard_save(h, e)); /* before anything below can fail */
    *saved = true;
    return hard_keep_choose(h, e);
}

static const struct course_calls hard_train_calls = {.step = hard_train_step,
    .validate = hard_train_validate,
    .row = hard_train_row,
    .next_row = hard_train_next_row,
    .save = hard_train_save,
    .write_model = hard_train_write,
    .report = hard_train_report,
    .after_steps = hard_train_after_steps};

static struct course hard_train_course(struct hard_training *h)
{
    return (struct course){.calls = &hard_train_calls,
        .user = h,
        .host = h->c->host,
        .run = h->work->run,
        .stage = h->joint ? "in stage 3 of 3 " : "in stage 2 of 3 ",
        .step = &h->step,
        .steps = h->joint ? &h->joint_steps : &h->policy_steps,
        .before = h->joint ? h->policy_steps : 0,
        .due = &h->due,
        .finished = h->joint ? &h->finished : &h->policy_done,
        .checkpoint_every = h->net[PART_FINE].recipe.checkpoint_every,
        .validates = h->net[PART_FINE].split.nval > 0};
}

/* ---- stage 2 */

struct views {
    struct hard_cache train, holdout;
};

static void views_free(struct views *v)
{
    hard_cache_free(&v->train);
    hard_cache_free(&v->holdout);
}

static att_status hard_train_fill(struct hard_training *h, struct views *v, struct err *e)
{
    const int views = h->views + h->holdout_views, cases = h->rules.count + h->holdout.count;
    host_say(h->c->host, LOG_INFO,
        "stage 2 of 3: %s %d view%s of %d case%s with the coarse network, all tiles of %s with the "
        "fine network",
        h->step ? "recomputing (they are not saved)" : "computing", views, TEXT_S(views), cases,
        TEXT_S(cases), h->hard.glimpse ? "every view" : "every case");
    TRY(hard_cache_fill(h->c, h->runner, &h->model, &h->hard, &h->rules, h->views, &v->train, e));
    if (h->holdout_views)
        TRY(hard_cache_fill(
            h->c, h->runner, &h->model, &h->hard, &h->holdout, h->holdout_views, &v->holdout, e));
    TRY(policy_stage_prepare(h, &v->train, e));
    return policy_stage_prepare(h, &v->holdout, e);
}

static att_status hard_train_policy(struct hard_training *h, struct views *v, struct err *e)
{
    host_say(h->c->host, LOG_INFO, "stage 2 of 3: training the policy alone, %lld step%s",
        (long long)h->policy_steps, TEXT_S(h->policy_steps));
    h->train_cache = &v->train;
    h->holdout_cache = &v->holdout;
    struct course c = hard_train_course(h);
    return course_run(&c, e);
}

/* ---- stage 3 */

/* Restarts both networks as new runs with a lower learning rate. */
static void begin_nets(struct hard_training *h)
{
    for (int i = 0; i < NETS; i++) {
        struct training *t = &h->net[i];
        t->recipe.lr *= h->settings.joint_rate;
        t->recipe.validate_every = 0;
        t->step = t->updates = 0;
        t->transition = (struct rate_transition){0};
        t->loss_sum = t->norm_sum = 0;
        t->rows_since = t->diverged = 0;
        t->finished = false;
    }
}

/* Time counts from the end of the steps of stage 2, so its validation takes part of stage 3's time.
 * Once begin_nets has changed the networks, nothing may stop before the save. */
static att_status begin_joint(struct hard_training *h, struct hard_joint **j, struct err *e)
{
    double began = h->ended > 0 ? h->ended : clock_now();
    TRY(hard_record_stage(h->work->record, HARD_JOINT, e));
    int64_t fine_steps = h->net[PART_FINE].recipe.steps;
    TRY(training_build(&h->net[PART_COARSE], e));
    TRY(hard_split(h, e));
    TRY(hard_keep_exclude(h, e));
    TRY(hard_joint_create(h, j, e));
    TRY(hard_length_joint(h, *j, fine_steps, began, e));
    begin_nets(h);
    h->joint = true;
    return hard_save(h, e);
}

static att_status joint(struct hard_training *h, struct hard_joint *j, struct err *e)
{
    host_say(h->c->host, LOG_INFO,
        "stage 3 of 3: training both networks and the policy jointly, %lld step%s",
        (long long)h->joint_steps, TEXT_S(h->joint_steps));
    h->joint_step = j;
    struct course c = hard_train_course(h);
    return course_run(&c, e);
}

static att_status begin_and_join(struct hard_training *h, struct err *e)
{
    struct hard_joint *j = NULL;
    att_status status = begin_joint(h, &j, e);
    if (status == ATT_OK) status = joint(h, j, e);
    hard_joint_free(j);
    return status;
}

/* ---- from the start */

static att_status start_policy_stage(struct hard_training *h, struct views *v, struct err *e)
{
    TRY(hard_length_views(h, e));
    TRY(hard_train_fill(h, v, e));
    TRY(hard_length_policy(h, &v->train, &v->holdout, e));
    TRY(policy_stage_init(h, &v->train, e));
    TRY(hard_best_update(h, &v->holdout, e));
    h->loaded = true;
    TRY(hard_save(h, e));
    TRY(hard_log_begin(h, e));
    return hard_train_policy(h, v, e);
}

static att_status begin_course(struct hard_training *h, const struct hard_work *work, struct err *e)
{
    struct views v = {{.count = 0}, {.count = 0}};
    TRY(hard_record_stage(work->record, HARD_POLICY, e));
    TRY(hard_state_create(h, work, e));
    att_status status = start_policy_stage(h, &v, e);
    views_free(&v);
    return status == ATT_OK ? begin_and_join(h, e) : status;
}

/* ---- resuming */

/* measured: the steps that fit into more->seconds. */
static att_status hard_train_extend(
    struct hard_training *h, const struct train_more *more, int64_t measured, struct err *e)
{
    const struct recipe *fine = &h->net[PART_FINE].recipe;
    const int64_t old = h->joint_steps, done = h->step - h->policy_steps;
    h->joint_steps = more->seconds > 0 ? done + measured : old + more->steps;
    h->transition = schedule_extend(
        fine->schedule, hard_joint_lr(h), done, old, h->joint_steps, fine->warmup, &h->transition);
    for (int i = 0; i < NETS; i++) {
        struct training *t = &h->net[i];
        t->transition = schedule_extend(t->recipe.schedule, t->recipe.lr, done, old, h->joint_steps,
            t->recipe.warmup, &t->transition);
        t->recipe.steps = h->joint_steps;
    }
    h->finished = h->kept = false;
    return hard_save(h, e);
}

/* Measuring changes moments, so read them afterwards. */
static att_status read_and_join(struct hard_training *h, struct hard_joint *j, const char *path,
    const struct train_more *more, struct err *e)
{
    int64_t measured = 0;
    if (more->seconds > 0)
        TRY(hard_length_more(h, j, more->seconds - (clock_now() - h->began), &measured, e));
    TRY(hard_split(h, e));
    TRY(hard_state_moments(h, path, e));
    h->loaded = true;
    if (more->steps > 0 || more->seconds > 0) TRY(hard_train_extend(h, more, measured, e));
    TRY(hard_log_begin(h, e));
    host_say(h->c->host, LOG_INFO, "resuming at step %lld of %lld",
        (long long)(h->step - h->policy_steps), (long long)h->joint_steps);
    return joint(h, j, e);
}

static att_status resume_joint(
    struct hard_training *h, const char *path, const struct train_more *more, struct err *e)
{
    struct hard_joint *j = NULL;
    TRY(training_build(&h->net[PART_COARSE], e));
    TRY(hard_split(h, e));
    TRY(hard_keep_exclude(h, e));
    att_status status = hard_joint_create(h, &j, e);
    if (status == ATT_OK) status = read_and_join(h, j, path, more, e);
    hard_joint_free(j);
    return status;
}

static att_status continue_policy_stage(
    struct hard_training *h, struct views *v, const char *path, struct err *e)
{
    if (!h->policy_done) TRY(hard_train_fill(h, v, e));
    TRY(hard_state_moments(h, path, e));
    h->loaded = true;
    TRY(hard_log_begin(h, e));
    return h->policy_done ? ATT_OK : hard_train_policy(h, v, e);
}

static att_status resume_policy_stage(struct hard_training *h, const char *path, struct err *e)
{
    struct views v = {{.count = 0}, {.count = 0}};
    att_status status = continue_policy_stage(h, &v, path, e);
    views_free(&v);
    return status == ATT_OK ? begin_and_join(h, e) : status;
}

static att_status resume(struct hard_training *h, const struct hard_work *work,
    const struct train_more *more, char **path, struct err *e)
{
    bool longer = more->steps > 0 || more->seconds > 0;
    if (!longer && checkpoint_finished(work->run, is_dry_run(work->c->host))) {
        host_say(work->c->host, LOG_INFO,
            "this run is finished; give `steps` +N or `time` TIME to extend the joint stage");
        return ATT_OK;
    }
    TRY(hard_state_open(h, work, path, e));
    TRY(hard_keep_read(h, e));
    if (longer && !h->joint)
        return err_usage(e,
            "`steps` and `time` extend stage 3, but %s is in stage 2; resume it without them",
            work->run);
    TRY(file_check_place(work->run, true, e));
    if (is_dry_run(work->c->host)) {
        run_dry_run_hard(
            work->c, work->run, json_object_get(work->plan, part_name[PART_FINE]), h->joint);
        return ATT_OK;
    }
    TRY(hard_record_stage(work->record, h->joint ? HARD_JOINT : HARD_POLICY, e));
    return h->joint ? resume_joint(h, *path, more, e) : resume_policy_stage(h, *path, e);
}

/* ---- stopping */

static att_status hard_train_interrupted(struct hard_training *h, struct err *e)
{
    const struct course c = hard_train_course(h);
    if (h->loaded) return course_stop(&c, e);
    err_clear(e);
    return err_set(e, ATT_INTERRUPTED,
        "stopped before the first step of stage %d of 3; continue with: attunet resume %s",
        h->joint ? 3 : 2, TEXT_PATH(h->work->run));
}

static att_status hard_train_end(
    struct hard_training *h, const struct hard_work *work, att_status status, struct err *e)
{
    if (status == ATT_INTERRUPTED) {
        h->work = work;
        status = hard_train_interrupted(h, e);
    }
    hard_state_free(h);
    mem_free(h);
    return status;
}

att_status hard_train_start(const struct hard_work *work, struct err *e)
{
    if (is_dry_run(work->c->host)) {
        run_dry_run_hard(
            work->c, work->run, json_object_get(work->plan, part_name[PART_FINE]), false);
        return ATT_OK;
    }
    struct hard_training *h;
    TRY(MEM_NEW(h, "the training of a hard model", e));
    return hard_train_end(h, work, begin_course(h, work, e), e);
}

att_status hard_train_resume(
    const struct hard_work *work, const struct train_more *more, struct err *e)
{
    char *path = NULL;
    struct hard_training *h;
    TRY(MEM_NEW(h, "the training of a hard model", e));
    att_status status = hard_train_end(h, work, resume(h, work, more, &path, e), e);
    mem_free(path);
    return status;
}

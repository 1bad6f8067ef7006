/* SPDX-License-Identifier: Apache-2.0 */
/* The course of stages 2 and 3; called by hardrun.c. */
#include "hard/hard_train.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
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
#include "train/pages.h"
#include "train/report.h"
#include "train/run_dry.h"

/* ---- what both stages do now and then */

/* The model as it is written (`other`, or with the weights that there are now), on whole cases. The
 * last one leaves its masks. */
static att_status hard_train_validate(
    struct hard_training *h, const struct model *other, bool last, struct err *e)
{
    const struct training *fine = &h->net[PART_FINE];
    char dice[DICE_TEXT];
    TRY(hard_join_all(h, e));
    const struct model m = other ? *other : average_model(&h->average, &h->model);
    TRY(validation_run(h->c, &fine->data, fine->split.val, fine->split.nval, &m,
        fine->recipe.conv[0] ? fine->recipe.conv : NULL, 0, last ? h->work->run : NULL, NULL,
        &h->validation, e));
    h->validated = h->step;
    host_say(h->c->host, LOG_INFO, "stage %d of 3: mean Dice %s on %d case%s", h->joint ? 3 : 2,
        validation_text(h->validation.mean, dice), fine->split.nval, TEXT_S(fine->split.nval));
    return ATT_OK;
}

static void hard_train_show(struct hard_training *h, int64_t done, int64_t steps)
{
    char detail[96];
    const struct hard_sums *s = &h->sums;
    snprintf(detail, sizeof detail, "reward %.4f, %.1f tiles",
        s->steps ? s->reward / s->steps : (double)NAN,
        s->steps ? s->count / s->steps : (double)NAN);
    host_progress(
        h->c->host, h->joint ? "training jointly" : "training the policy", done, steps, detail);
}

/* What the policy learns from alone, and what it is judged by. */
struct views {
    struct hard_cache learnt, held;
};

static void views_free(struct views *v)
{
    hard_cache_free(&v->learnt);
    hard_cache_free(&v->held);
}

struct stage {
    struct views *views;      /* of stage 2 */
    struct hard_joint *joint; /* of stage 3 */
    int64_t before, steps;    /* of the stages before it, and its own */
};

static att_status one_step(struct hard_training *h, const struct stage *s, struct err *e)
{
    return h->joint ? hard_joint_step(s->joint, 0, e) : hard_alone_step(h, &s->views->learnt, 0, e);
}

/* The stage's last row comes with its end. */
static att_status hard_train_after_step(
    struct hard_training *h, const struct stage *s, double *saved, struct err *e)
{
    int64_t done = h->step - s->before, every = s->steps >= HARD_ROWS ? s->steps / HARD_ROWS : 1;
    if (done == s->steps) return ATT_OK;
    if (done % every == 0) {
        if (!h->joint && done % (BEST_ROWS * every) == 0)
            TRY(hard_best_look(h, &s->views->held, e));
        TRY(hard_log_row(h, hard_rate(h, h->step - 1), false, e));
        hard_log_next(h);
    }
    h->due = false;
    if (clock_now() - *saved < h->net[PART_FINE].recipe.checkpoint_every) return ATT_OK;
    TRY(hard_save(h, e));
    TRY(hard_write_model(h, NULL, e));
    hard_log_draw(h);
    *saved = clock_now();
    return ATT_OK;
}

static att_status hard_train_steps(struct hard_training *h, const struct stage *s, struct err *e)
{
    double saved = clock_now();
    /* A stage that failed at what was due after a step goes on with that. */
    if (h->due) TRY(hard_train_after_step(h, s, &saved, e));
    while (h->step < s->before + s->steps) {
        if (host_stopped(h->c->host))
            return err_set(e, ATT_INTERRUPTED, "stopped between two steps");
        h->within = true;
        TRY(one_step(h, s, e));
        h->within = false;
        h->due = true;
        hard_train_show(h, h->step - s->before, s->steps);
        TRY(hard_train_after_step(h, s, &saved, e));
    }
    return ATT_OK;
}

/* A stage has failed between two steps: a case cannot be read any more, the disk is full, no memory
 * to validate. The weights are good. */
static att_status rescued(struct hard_training *h, bool safe, att_status status)
{
    struct err why = {0};
    const bool whole =
        !h->within && (status == ATT_IO || status == ATT_DATA || status == ATT_MEMORY);
    if (!whole) return status;
    const bool saved = safe || hard_save(h, &why) == ATT_OK;
    host_say(h->c->host, saved ? LOG_INFO : LOG_WARN,
        saved ? "stage %d of 3 is saved as it is at step %lld: attunet resume %s"
              : "stage %d of 3 could not be saved as it is at step %lld, either: attunet resume %s "
                "goes on from the last checkpoint",
        h->joint ? 3 : 2, (long long)(h->joint ? h->step - h->policy_steps : h->step),
        h->work->run);
    return status;
}

/* ---- stage 2 */

static att_status end_alone(struct hard_training *h, struct views *v, struct err *e)
{
    bool check = h->net[PART_FINE].split.nval > 0;
    h->ended = clock_now();
    TRY(hard_best_take(h, &v->held, e));
    TRY(hard_alone_temperature(h, v->held.count ? &v->held : &v->learnt, e));
    TRY(hard_keep_before(h, e));
    if (check) TRY(hard_train_validate(h, NULL, false, e));
    TRY(hard_log_row(h, hard_rate(h, h->step - 1), check, e));
    hard_log_draw(h);
    TRY(hard_write_model(h, NULL, e));
    hard_log_next(h); /* not before: a run that fails above measures and writes again */
    h->policy_done = true;
    return hard_save(h, e);
}

static att_status hard_train_fill(struct hard_training *h, struct views *v, struct err *e)
{
    const int views = h->views + h->held_views, cases = h->rules.count + h->held.count;
    host_say(h->c->host, LOG_INFO,
        "stage 2 of 3: the coarse net looks at %d view%s of %d case%s, the fine net at all tiles "
        "of %s%s",
        views, TEXT_S(views), cases, TEXT_S(cases), h->hard.glimpse ? "every view" : "every case",
        h->step ? ", again, since what they saw is not saved" : "");
    TRY(hard_cache_fill(h->c, h->looker, &h->model, &h->hard, &h->rules, h->views, &v->learnt, e));
    if (h->held_views)
        TRY(hard_cache_fill(
            h->c, h->looker, &h->model, &h->hard, &h->held, h->held_views, &v->held, e));
    TRY(hard_alone_begin(h, &v->learnt, e));
    return hard_alone_begin(h, &v->held, e);
}

static att_status hard_train_alone(struct hard_training *h, struct views *v, struct err *e)
{
    const struct stage s = {.views = v, .steps = h->policy_steps};
    host_say(h->c->host, LOG_INFO, "stage 2 of 3: the policy alone, %lld step%s",
        (long long)h->policy_steps, TEXT_S(h->policy_steps));
    att_status status = hard_train_steps(h, &s, e);
    if (status == ATT_OK) status = end_alone(h, v, e);
    return rescued(h, false, status);
}

/* ---- stage 3 */

/* The nets go on as runs that begin anew, with a smaller learning rate. */
static void begin_nets(struct hard_training *h)
{
    for (int i = 0; i < NETS; i++) {
        struct training *t = &h->net[i];
        t->recipe.lr *= h->settings.joint_rate;
        t->recipe.validate_every = 0;
        t->step = t->updates = 0;
        t->leg = (struct leg){0};
        t->loss_sum = t->norm_sum = 0;
        t->rows_since = t->diverged = 0;
        t->finished = false;
    }
}

/* From the end of stage 2, whose validation takes of stage 3's time. Nothing that may be stopped
 * comes after the first change. */
static att_status begin_joint(struct hard_training *h, struct hard_joint **j, struct err *e)
{
    double began = h->ended > 0 ? h->ended : clock_now();
    TRY(hard_record_stage(h->work->record, HARD_JOINT, e));
    int64_t fine_steps = h->net[PART_FINE].recipe.steps;
    TRY(training_prepare(&h->net[PART_COARSE], e));
    TRY(hard_split(h, e));
    TRY(hard_keep_apart(h, e));
    TRY(hard_joint_create(h, j, e));
    TRY(hard_length_joint(h, *j, fine_steps, began, e));
    begin_nets(h);
    h->joint = true;
    return hard_save(h, e);
}

static att_status hard_train_end_steps(struct hard_training *h, struct err *e)
{
    for (int i = 0; i < NETS; i++) {
        TRY(training_settle(&h->net[i], e));
        TRY(training_check_finite(&h->net[i], e));
    }
    return hard_save(h, e); /* whatever comes now, the steps are not lost */
}

/* `model`: what is written; NULL: the weights that there are now. */
static att_status finish_joint(struct hard_training *h, const struct model *model, struct err *e)
{
    const struct training *fine = &h->net[PART_FINE];
    bool check = fine->split.nval > 0;
    if (check) TRY(hard_train_validate(h, model, true, e));
    if (check)
        TRY(report_run(h->c, h->work->run, &fine->data, fine->split.val, fine->split.nval,
            &h->model.labels, e));
    TRY(hard_log_row(h, hard_rate(h, h->step - 1), check, e));
    hard_log_draw(h);
    TRY(hard_write_model(h, model, e));
    TRY(hard_record_update(h->work->record, e));
    TRY(pages_folder(h->c, h->work->run, fine->recipe.dataset_path, true, e));
    hard_log_next(h);   /* as in end_alone */
    h->finished = true; /* last, so that whoever finds a finished checkpoint finds the model, too */
    return hard_save(h, e);
}

static att_status end_joint(struct hard_training *h, struct err *e)
{
    struct model before = {.history = NULL};
    TRY(hard_keep_choose(h, &before, e));
    att_status status = finish_joint(h, h->kept ? &before : NULL, e);
    if (h->kept) model_free(&before);
    return status;
}

static att_status joint(struct hard_training *h, struct hard_joint *j, struct err *e)
{
    const struct stage s = {.joint = j, .before = h->policy_steps, .steps = h->joint_steps};
    host_say(h->c->host, LOG_INFO,
        "stage 3 of 3: coarse net, fine net and policy jointly, %lld step%s",
        (long long)h->joint_steps, TEXT_S(h->joint_steps));
    att_status status = hard_train_steps(h, &s, e);
    if (status == ATT_OK) status = hard_train_end_steps(h, e);
    const bool saved = status == ATT_OK;
    if (saved) status = end_joint(h, e);
    return rescued(h, saved, status);
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

static att_status start_alone(struct hard_training *h, struct views *v, struct err *e)
{
    TRY(hard_length_views(h, e));
    TRY(hard_train_fill(h, v, e));
    TRY(hard_length_alone(h, &v->learnt, &v->held, e));
    TRY(hard_alone_prefer(h, &v->learnt, e));
    TRY(hard_best_look(h, &v->held, e));
    h->loaded = true;
    TRY(hard_save(h, e));
    TRY(hard_log_begin(h, e));
    return hard_train_alone(h, v, e);
}

static att_status begin_course(struct hard_training *h, const struct hard_work *work, struct err *e)
{
    struct views v = {{.count = 0}, {.count = 0}};
    TRY(hard_record_stage(work->record, HARD_POLICY, e));
    TRY(hard_state_create(h, work, e));
    att_status status = start_alone(h, &v, e);
    views_free(&v);
    return status == ATT_OK ? begin_and_join(h, e) : status;
}

/* ---- going on */

/* `measured`: how many joint steps fit into the time, if a time was given. */
static att_status hard_train_extend(
    struct hard_training *h, const struct train_more *more, int64_t measured, struct err *e)
{
    const struct recipe *fine = &h->net[PART_FINE].recipe;
    const int64_t old = h->joint_steps, done = h->step - h->policy_steps;
    h->joint_steps = more->seconds > 0 ? done + measured : old + more->steps;
    h->leg = schedule_extend(
        fine->schedule, hard_joint_lr(h), done, old, h->joint_steps, fine->warmup, &h->leg);
    for (int i = 0; i < NETS; i++) {
        struct training *t = &h->net[i];
        t->leg = schedule_extend(
            t->recipe.schedule, t->recipe.lr, done, old, h->joint_steps, t->recipe.warmup, &t->leg);
        t->recipe.steps = h->joint_steps;
    }
    h->finished = h->kept = false;
    return hard_save(h, e);
}

/* Measuring spoils moments, so they are read after it. */
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
    host_say(h->c->host, LOG_INFO, "going on at step %lld of %lld",
        (long long)(h->step - h->policy_steps), (long long)h->joint_steps);
    return joint(h, j, e);
}

static att_status resume_joint(
    struct hard_training *h, const char *path, const struct train_more *more, struct err *e)
{
    struct hard_joint *j = NULL;
    TRY(training_prepare(&h->net[PART_COARSE], e));
    TRY(hard_split(h, e));
    TRY(hard_keep_apart(h, e));
    att_status status = hard_joint_create(h, &j, e);
    if (status == ATT_OK) status = read_and_join(h, j, path, more, e);
    hard_joint_free(j);
    return status;
}

static att_status go_on_alone(
    struct hard_training *h, struct views *v, const char *path, struct err *e)
{
    if (!h->policy_done) TRY(hard_train_fill(h, v, e));
    TRY(hard_state_moments(h, path, e));
    h->loaded = true;
    TRY(hard_log_begin(h, e));
    return h->policy_done ? ATT_OK : hard_train_alone(h, v, e);
}

static att_status resume_alone(struct hard_training *h, const char *path, struct err *e)
{
    struct views v = {{.count = 0}, {.count = 0}};
    att_status status = go_on_alone(h, &v, path, e);
    views_free(&v);
    return status == ATT_OK ? begin_and_join(h, e) : status;
}

static att_status resume(struct hard_training *h, const struct hard_work *work,
    const struct train_more *more, char **path, struct err *e)
{
    bool longer = more->steps > 0 || more->seconds > 0;
    if (!longer && checkpoint_finished(work->run, is_dry_run(work->c->host))) {
        host_say(work->c->host, LOG_INFO,
            "this run is finished; `steps` +N or `time` TIME trains on, all three jointly");
        return ATT_OK;
    }
    TRY(hard_state_open(h, work, path, e));
    TRY(hard_keep_read(h, e));
    if (longer && !h->joint)
        return err_set(e, ATT_USAGE,
            "the stage that `steps` and `time` make longer is the third, and %s is in its second: "
            "resume it without them",
            work->run);
    TRY(file_check_place(work->run, true, e));
    if (is_dry_run(work->c->host)) {
        run_dry_run_hard(
            work->c, work->run, json_object_get(work->plan, part_name[PART_FINE]), h->joint);
        return ATT_OK;
    }
    TRY(hard_record_stage(work->record, h->joint ? HARD_JOINT : HARD_POLICY, e));
    return h->joint ? resume_joint(h, *path, more, e) : resume_alone(h, *path, e);
}

/* ---- stopping */

/* What the run is worth so far: of two stages the better one, where they were compared already. */
static att_status leave_model(struct hard_training *h, struct err *e)
{
    struct model before;
    if (!h->kept) return hard_write_model(h, NULL, e);
    TRY(hard_keep_load(h, &before, e));
    att_status status = hard_write_model(h, &before, e);
    model_free(&before);
    return status;
}

static att_status hard_train_interrupted(struct hard_training *h, struct err *e)
{
    const int stage = h->joint ? 3 : 2;
    const int64_t before = h->joint ? h->policy_steps : 0,
                  all = h->joint ? h->joint_steps : h->policy_steps;
    if (!h->loaded)
        return err_set(e, ATT_INTERRUPTED,
            "stopped before the first step of stage %d of 3; go on with: attunet resume %s", stage,
            h->work->run);
    TRY(hard_save(h, e));
    TRY(leave_model(h, e));
    hard_log_draw(h);
    return err_set(e, ATT_INTERRUPTED,
        "stopped in stage %d of 3 at step %lld of %lld, everything is saved; go on with: attunet "
        "resume %s",
        stage, (long long)(h->step - before), (long long)all, h->work->run);
}

static att_status hard_train_end(
    struct hard_training *h, const struct hard_work *work, att_status status, struct err *e)
{
    if (status == ATT_INTERRUPTED) {
        h->work = work;
        err_clear(e);
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
    struct hard_training *h = mem_alloc(sizeof *h);
    if (!h) return err_memory(e, sizeof *h, "the training of a hard model");
    return hard_train_end(h, work, begin_course(h, work, e), e);
}

att_status hard_train_resume(
    const struct hard_work *work, const struct train_more *more, struct err *e)
{
    char *path = NULL;
    struct hard_training *h = mem_alloc(sizeof *h);
    if (!h) return err_memory(e, sizeof *h, "the training of a hard model");
    att_status status = hard_train_end(h, work, resume(h, work, more, &path, e), e);
    mem_free(path);
    return status;
}

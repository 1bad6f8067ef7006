/* SPDX-License-Identifier: Apache-2.0 */
#include "tune/tune.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "files/dry_run.h"
#include "files/file.h"
#include "model/run_files.h"
#include "train/runfolder.h"
#include "train/runlock.h"
#include "tune/job.h"
#include "tune/journal.h"
#include "tune/repeat.h"
#include "tune/replay.h"
#include "tune/results.h"
#include "tune/run_settings.h"
#include "tune/setup.h"
#include "tune/trial_log.h"
#include "tune/work.h"

enum { MAX_FAILURES = 5 };
static const double MIN_SHARE = .5, REPORT_SECONDS = .3;

static json_t *result_line(const struct tuning *t, struct search_job job, const struct outcome *o,
    double seconds, bool cut)
{
    json_t *j = json_pack("{s:s, s:i, s:i, s:o, s:O, s:I, s:o, s:o, s:o}", "event", "result",
        "trial", job.trial, "rung", job.rung, "dice", json_finite(o->dice), "classes", o->classes,
        "steps", (json_int_t)o->steps, "seconds", json_finite(seconds), "ending",
        json_finite(o->ending), "spent", json_finite(tuning_spent(t)));
    if (cut) json_set_flag(j, "cut", true);
    return j;
}

static void log_result(const struct tuning *t, struct search_job job, double dice)
{
    const struct search *s = &t->search;
    const int best = search_best(s);
    char settings[400], compared[64] = "";
    settings_describe(&t->settings.space, s->trial[job.trial].x, settings, sizeof settings);
    if (best >= 0) /* results that the next choice may see */
        snprintf(compared, sizeof compared, " (best %.4f, trial %d)", search_value(&s->trial[best]),
            best);
    host_say(t->c->host, LOG_INFO, "trial %d, rung %d of %d: Dice %.4f%s: %s", job.trial,
        job.rung + 1, t->rungs, dice, compared, settings);
}

static int count_jobs(const struct tuning *t, int state)
{
    int n = 0;
    for (int k = 0; k < t->job_count; k++) n += (int)t->jobs[k].state == state;
    return n;
}

static att_status record_failure(
    struct tuning *t, struct work *w, const struct err *why, struct err *e)
{
    char settings[400];
    settings_describe(
        &t->settings.space, t->search.trial[w->job.trial].x, settings, sizeof settings);
    host_warn(t->c->host, WARN_TRIAL_FAILED, "trial %d failed, %s: %s", w->job.trial, settings,
        why->text);
    TRY(work_fail(t, w, why, e));
    const int failed = count_jobs(t, JOB_FAILED);
    if (count_jobs(t, JOB_DONE) || failed < MAX_FAILURES) return ATT_OK;
    return err_set(e, why->status,
        "none of the first %d trials could be trained; the last failed: %.600s", failed, why->text);
}

/* Warn once, after the first result. Estimates a step's time as the trial's time over its steps. */
static void warn_if_short(const struct tuning *t, double seconds, const struct outcome *o)
{
    if (t->rung_steps || count_jobs(t, JOB_DONE) > 1 || o->steps < 1 || o->steps >= TUNE_MIN_STEPS)
        return;
    double rung = ceil(seconds / (double)o->steps * TUNE_MIN_STEPS);
    host_warn(t->c->host, WARN_TIME_SHORT,
        "a trial has time for only %lld step%s, too few to compare settings; give `rung` %.0fs for "
        "at least %d steps, and `budget` %.0fm for %d such trials",
        (long long)o->steps, TEXT_S(o->steps), rung, TUNE_MIN_STEPS,
        ceil(tuning_budget_for(t, rung) / 60), TUNE_DEFAULT_TRIALS);
}

static void clean_dropped(const struct tuning *t)
{
    for (int i = 0; i < t->search.count; i++) {
        char *path = t->search.trial[i].dropped ? tuning_trial_path(t, i) : NULL;
        if (path) job_clean(path, true);
        mem_free(path);
    }
}

static att_status record_result(struct tuning *t, struct work *w, const struct outcome *o,
    const char *path, double seconds, struct err *e)
{
    bool added;
    TRY(work_finish(t, w, result_line(t, w->job, o, seconds, w->cut), &added, e));
    if (!added) return ATT_OK;
    log_result(t, w->job, isnan(o->dice) ? 0 : o->dice);
    if (!w->job.rung) warn_if_short(t, w->seconds, o);
    job_clean(path, false);
    clean_dropped(t);
    work_leave(t);
    return ATT_OK;
}

/* seconds: training time, shorter near the end. A job resumed after a kill keeps its number of
 * steps, since its remaining time is unknown. */
static att_status train_job(struct tuning *t, struct trial_log *v, struct work *w, struct err *e)
{
    const struct search_job job = w->job;
    struct outcome o;
    struct err why = {0};
    bool refused;
    int64_t steps =
        (int64_t)(tuning_reach(t, job.rung) - (job.rung ? tuning_reach(t, job.rung - 1) : 0));
    json_t *options = settings_of_trial(t, t->search.trial[job.trial].x, w->seconds);
    char *path = tuning_trial_path(t, job.trial);
    struct job j = {.path = path,
        .options = options,
        .done = json_int(replay_result(t->lines, job.trial), "steps"),
        .seconds = w->seconds,
        .steps = steps};
    double begin = tuning_spent(t);
    if (w->seconds > 0 && !w->resumed) {
        j.deadline = clock_now() + w->seconds;
        j.ending = json_double(replay_last(t->lines, "result"), "ending");
    }
    att_status status = path && options ? ATT_OK : err_memory(e, 256, "a trial");
    trial_log_begin(v, t, job.trial);
    if (status == ATT_OK) status = job_run(t, &j, &o, &refused, &why, e);
    trial_log_end(v);
    if (status == ATT_OK && refused)
        status = record_failure(t, w, &why, e);
    else if (status == ATT_OK) {
        status = record_result(t, w, &o, path, tuning_spent(t) - begin, e);
        json_decref(o.classes);
    }
    mem_free(path);
    json_decref(options);
    return status;
}

/* Time available for the job; false: none. */
static bool time_for(const struct tuning *t, struct search_job job, double *seconds, bool *cut)
{
    double needed = tuning_reach(t, job.rung) - (job.rung ? tuning_reach(t, job.rung - 1) : 0);
    double left = t->budget * (1 - t->final_share) - tuning_spent(t);
    *seconds = t->rung_steps ? 0 : fmin(needed, left);
    *cut = !t->rung_steps && left < needed;
    return t->rung_steps || left >= fmax(MIN_SHARE * needed, 1);
}

/* Fewer results than `ahead` allows may be seen: if they call for no job, the next one may. */
static att_status ask_job(struct tuning *t, struct search_job *job, struct err *e)
{
    *job = (struct search_job){-1, 0};
    bool seen = replay_see(t, t->job_count - t->ahead);
    while (seen) {
        TRY(search_ask(&t->search, job, e));
        if (job->trial >= 0 || t->seen == t->job_count) break;
        seen = replay_see(t, t->seen + 1);
    }
    if (job->trial < 0 && t->search.exhausted && t->seen == t->job_count)
        host_say(t->c->host, LOG_INFO,
            "all %d combinations of these settings were tried, so the search ends here",
            t->search.count);
    return ATT_OK;
}

static att_status choose_job(struct tuning *t, struct work *w, struct err *e)
{
    TRY(ask_job(t, &w->job, e));
    if (w->job.trial < 0) return ATT_OK;
    if (time_for(t, w->job, &w->seconds, &w->cut)) return work_choose(t, w, e);
    if (!w->job.rung) t->search.count--; /* not started */
    return ATT_OK;
}

/* In a turn of its own; takes the line's reference. */
static att_status add_last(struct tuning *t, json_t *line, struct err *e)
{
    att_status status = work_enter(t, e);
    if (status == ATT_OK)
        status = work_add(t, line, e);
    else
        json_decref(line);
    work_leave(t);
    return status;
}

/* Excludes settings with which the last run failed; the next best follow. */
static att_status exclude_settings(
    struct tuning *t, int trial, double seconds, const struct err *why, struct err *e)
{
    host_warn(t->c->host, WARN_TRIAL_FAILED,
        "the last run failed with the settings of trial %d: %s", trial, why->text);
    return add_last(t,
        json_pack("{s:s, s:i, s:o, s:o, s:o}", "event", "barred", "trial", trial, "seconds",
            json_finite(seconds), "why", json_utf8(why->text), "spent",
            json_finite(tuning_spent(t))),
        e);
}

static att_status train_final(
    struct tuning *t, struct trial_log *v, int best, double seconds, struct err *e)
{
    struct outcome o;
    struct err why = {0};
    bool refused;
    char *path = file_join(t->out, TUNE_BEST), settings[400];
    json_t *options = settings_of_run(t, t->search.trial[best].x, seconds, t->final_steps, t->seed);
    settings_describe(&t->settings.space, t->search.trial[best].x, settings, sizeof settings);
    host_say(t->c->host, LOG_INFO,
        "trial %d is best, Dice %.4f: %s; training these settings on all %d cases", best,
        search_value(&t->search.trial[best]), settings, t->cases[0]);
    att_status status = path && options ? ATT_OK : err_memory(e, 256, "the last run");
    trial_log_begin(v, t, -1);
    struct job j = {.path = path, .options = options, .steps = t->final_steps};
    if (seconds > 0) {
        j.deadline = clock_now() + seconds;
        /* from its last step to the end, scaled by the number of validation cases */
        j.ending = json_double(replay_result(t->lines, best), "ending") * t->cases[1] /
            (t->cases[3] > 0 ? t->cases[3] : 1);
    }
    if (status == ATT_OK) status = job_run(t, &j, &o, &refused, &why, e);
    trial_log_end(v);
    if (status == ATT_OK && refused)
        status = exclude_settings(t, best, seconds, &why, e);
    else if (status == ATT_OK) {
        status = add_last(t,
            json_pack("{s:s, s:o, s:O, s:I, s:o}", "event", "done", "dice", json_finite(o.dice),
                "classes", o.classes, "steps", (json_int_t)o.steps, "spent",
                json_finite(tuning_spent(t))),
            e);
        json_decref(o.classes);
    }
    mem_free(path);
    json_decref(options);
    return status;
}

/* The remaining budget; after a failed last run, the same time again. */
static double final_seconds(const struct tuning *t)
{
    const json_t *barred = replay_last(t->lines, "barred");
    if (t->rung_steps) return 0;
    return barred ? json_double(barred, "seconds")
                  : fmax(t->budget - tuning_spent(t) - REPORT_SECONDS, 1);
}

/* Renames a failed OUT/best to OUT/failed_0007. */
static att_status keep_failed_run(const struct tuning *t, struct err *e)
{
    const json_t *barred = replay_last(t->lines, "barred");
    if (!barred) return ATT_OK;
    char *best = file_join(t->out, TUNE_BEST),
         *aside = mem_text("%s/failed_%04d", t->out, (int)json_int(barred, "trial"));
    att_status status = !best || !aside ? err_path(e)
        : file_exists(best)             ? file_rename(best, aside, e)
                                        : ATT_OK;
    mem_free(best);
    mem_free(aside);
    return status;
}

static att_status choose_final(struct tuning *t, int *best, struct err *e)
{
    *best = search_best(&t->search);
    if (*best < 0)
        return err_usage(e,
            "no settings could be trained to the end (see %s); choose other settings and a new "
            "folder",
            t->journal);
    TRY(keep_failed_run(t, e));
    return work_add(t,
        json_pack("{s:s, s:i, s:o}", "event", "final", "trial", *best, "seconds",
            json_finite(final_seconds(t))),
        e);
}

/* One process trains the last run. *best -1: another one does, or has a trial to end. */
static att_status take_final(struct tuning *t, struct lease_watch *w, struct lease **lease,
    int *best, bool *done, struct err *e)
{
    bool mine = false;
    *best = -1;
    TRY(work_enter(t, e));
    *done = replay_last(t->lines, "done") != NULL;
    char *run = file_join(t->out, TUNE_BEST);
    att_status status = *done ? ATT_OK : run ? work_lease(t, run, w, lease, &mine, e) : err_path(e);
    if (mine) {
        *best = replay_final(t->lines); /* a killed last run */
        if (*best < 0 && replay_see(t, t->job_count)) status = choose_final(t, best, e);
    }
    mem_free(run);
    work_leave(t);
    return status;
}

static att_status tune_all(struct tuning *t, struct trial_log *v, struct err *e)
{
    static const struct worker worker = {choose_job, train_job};
    struct lease_watch watch = {0};
    for (bool done = false; !done;) {
        struct lease *lease = NULL;
        int best;
        TRY(work_all(t, &worker, v, e)); /* again: another process may have begun a trial since */
        att_status status = take_final(t, &watch, &lease, &best, &done, e);
        if (status == ATT_OK && best >= 0)
            status = train_final(t, v, best, final_seconds(t), e);
        else if (status == ATT_OK && !done)
            status = work_pause(t, e);
        lease_drop(lease);
        TRY(status);
    }
    return ATT_OK;
}

static att_status tune_go(struct tuning *t, struct err *e)
{
    struct trial_log v = {.trial = -1};
    TRY(replay(t, e));
    if (replay_last(t->lines, "done")) {
        host_say(t->c->host, LOG_INFO, "the search in %s is finished", t->out);
        return ATT_OK;
    }
    if (t->repeat) return repeat_run(t, &v, e);
    return tune_all(t, &v, e);
}

static att_status tune_stopped(struct tuning *t, struct err *e)
{
    struct err sentence = {0};
    att_status status = add_last(t,
        json_pack("{s:s, s:o}", "event", "stopped", "spent", json_finite(tuning_spent(t))),
        &sentence);
    if (status == ATT_INTERRUPTED) status = ATT_OK; /* others work on it */
    err_clear(e);
    TRY(err_pass(e, status, &sentence));
    return err_set(e, ATT_INTERRUPTED,
        "stopped after %d trial%s, everything is saved; continue with: attunet tune -o %s",
        t->search.count, TEXT_S(t->search.count), TEXT_PATH(t->out));
}

/* Removes the files of a search that could not begin. */
static void tune_undo(const char *out, bool fresh)
{
    static const char *const names[] = {
        RUN_LOCK, TUNE_TRAIN, TUNE_VAL, TUNE_INNER_TRAIN, TUNE_INNER_VAL, JOURNAL_FILE};
    char *journal = file_join(out, JOURNAL_FILE);
    const int all = (int)(sizeof names / sizeof *names), lock = 1; /* the first */
    int count = fresh ? all : journal && !file_exists(journal) ? lock : 0;
    for (int i = 0; i < count; i++) file_remove_in(out, names[i]);
    mem_free(journal);
}

/* In the folder's first turn: begins or reopens the search. */
static att_status tune_open(
    struct tuning *t, const char *dataset, const struct options *o, struct err *e)
{
    static const char *const folders[] = {TUNE_TRIALS, NULL};
    TRY(tuning_open(t, dataset, o, e));
    return file_each(t->out, folders, file_make_inside, e);
}

static att_status tune_results(struct tuning *t, json_t **result, struct err *e)
{
    TRY(work_enter(t, e));
    const att_status status = t->repeat ? repeat_write(t, result, e) : results_write(t, result, e);
    work_leave(t);
    return status;
}

static att_status tune_work(struct tuning *t, json_t **result, struct err *e)
{
    const att_status status = tune_go(t, e);
    if (status == ATT_INTERRUPTED) return tune_stopped(t, e);
    TRY(status);
    return tune_results(t, result, e);
}

static att_status tune_check_folder(const char *out, const char *dataset, bool dry, struct err *e)
{
    if (file_has(out, JOURNAL_FILE)) return file_check_place(out, true, e);
    if (!dataset)
        return err_usage(e,
            "%s is not a search; start one with: attunet tune DATASET -o %s --budget 2h", out,
            TEXT_PATH(out));
    return runfolder_check(out, dry, e);
}

static const char *const own_files[] = {RUN_LOCK, JOURNAL_FILE, TUNE_TRAIN, TUNE_VAL, TUNE_TRIALS,
    "report.html", NULL},
                         *const searched[] = {TUNE_INNER_TRAIN, TUNE_INNER_VAL, TUNE_BEST,
                             "tune.json", "trials.csv", "progress.csv", NULL},
                         *const compared[] = {"compare.json", NULL};

/* Log what would be done; runs in TUNE_TRIALS and TUNE_BEST are ordinary runs. */
static att_status dry_run_search(
    struct tuning *t, const char *dataset, const struct options *o, struct err *e)
{
    const char *const *const more = t->repeat ? compared : searched;
    struct host *host = t->c->host;
    TRY(runlock_check(t->out, "tunes in", e));
    TRY(tuning_open(t, dataset, o, e));
    char length[64];
    if (t->rung_steps)
        snprintf(length, sizeof length, "%d trial%s", t->trials, TEXT_S(t->trials));
    else
        snprintf(length, sizeof length, "%.0f s",
            t->budget > 0 ? t->budget : t->rung_seconds * t->trials);
    note_dry_run(host,
        "%s %d setting%s of train on %s for %s, training on %d case%s and measuring on %d that "
        "no %s sees",
        t->repeat ? "compare" : "search", t->settings.space.count, TEXT_S(t->settings.space.count),
        t->dataset, length, t->cases[0], TEXT_S(t->cases[0]), t->cases[1],
        t->repeat ? "run" : "trial");
    for (int i = 0; own_files[i]; i++) dry_run_file(host, t->out, own_files[i]);
    for (int i = 0; more[i]; i++) dry_run_file(host, t->out, more[i]);
    return ATT_OK;
}

/* Whether the search that this call begins or continues has several workers. */
static bool tune_is_shared(const char *out, const struct options *o)
{
    struct err none = {0};
    json_t *lines = NULL;
    char *journal = file_join(out, JOURNAL_FILE);
    if (journal) journal_peek(journal, &lines, &none);
    const json_t *options = json_object_get(json_array_get(lines, 0), "options");
    const char *workers = json_str(options, "workers");
    const bool shared = lines && json_array_size(lines) ? workers && strcmp(workers, "1") != 0
                                                        : options_int(o, tune, workers) > 1;
    json_decref(lines);
    mem_free(journal);
    return shared;
}

static att_status tune_locked(
    struct tuning *t, const char *dataset, const struct options *o, struct err *e)
{
    file_sweep(t->out, own_files);
    file_sweep(t->out, searched);
    file_sweep(t->out, compared);
    /* checked again under the lock, in case of another process */
    att_status status = tune_check_folder(t->out, dataset, false, e);
    if (status == ATT_OK) status = tune_open(t, dataset, o, e);
    if (status != ATT_OK) tune_undo(t->out, t->fresh);
    return status;
}

/* A worker of a shared search has the lock only while it begins or reopens it. */
static att_status tune_begin(
    struct tuning *t, const char *dataset, const struct options *o, int *lock, struct err *e)
{
    struct lease *first = NULL;
    const bool shared = tune_is_shared(t->out, o);
    if (shared) TRY(lease_wait(t->out, "turn", t->c->host, &first, e));
    att_status status = runlock_take(t->out, "tunes in", t->c->host, lock, e);
    if (status == ATT_OK) status = tune_locked(t, dataset, o, e);
    if (shared) {
        runlock_drop(*lock);
        *lock = -1;
    }
    lease_drop(first);
    return status;
}

static att_status tune_in(
    struct tuning *t, const char *dataset, const struct options *o, json_t **result, struct err *e)
{
    int lock = -1;
    TRY(tune_check_folder(t->out, dataset, is_dry_run(t->c->host), e));
    if (is_dry_run(t->c->host)) return dry_run_search(t, dataset, o, e);
    const bool made = !file_exists(t->out); /* keep an existing folder */
    TRY(file_make_folders(t->out, e));
    att_status status = tune_begin(t, dataset, o, &lock, e);
    if (status == ATT_OK) status = tune_work(t, result, e);
    if (status != ATT_OK && made) file_remove_folder(t->out); /* only if it is empty */
    runlock_drop(lock);
    return status;
}

att_status tune_run(const struct train_context *c, const char *dataset, const char *out,
    const struct options *o, json_t **result, struct err *e)
{
    struct tuning *t; /* too large for a small stack */
    TRY(MEM_NEW(t, "a search", e));
    t->c = c;
    t->out = out;
    const att_status status = tune_in(t, dataset, o, result, e);
    tuning_close(t);
    mem_free(t);
    return status;
}

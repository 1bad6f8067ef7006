/* SPDX-License-Identifier: Apache-2.0 */
#include "tune/job.h"

#include <math.h>

#include "base/json.h"
#include "base/mem.h"
#include "files/file.h"
#include "files/json_file.h"
#include "model/run_files.h"
#include "run/start.h"
#include "run/subrun.h"
#include "train/checkpoint.h"
#include "train/runlock.h"

/* Last saved step of a run. */
static att_status job_progress(const char *path, int64_t *step, bool *finished, struct err *e)
{
    json_t *state = NULL;
    *step = 0;
    *finished = false;
    if (!checkpoint_exists(path)) return ATT_OK;
    TRY(checkpoint_peek(path, &state, NULL, e));
    *step = json_int(state, "step");
    *finished = json_flag(state, "finished");
    json_decref(state);
    return ATT_OK;
}

static att_status job_train(const struct tuning *t, const struct job *j, struct err *e)
{
    struct train_context c = *t->c;
    struct subrun s = {j->path, t->dataset, NULL, j->options, &t->train};
    int64_t step;
    bool finished;
    c.quiet = QUIET_ALL;
    c.runs = &train_runs;
    c.deadline = j->deadline;
    c.ending = j->ending;
    TRY(job_progress(j->path, &step, &finished, e));
    if (finished && step > j->done) { /* only its journal line is missing */
        checkpoint_complete(j->path);
        return ATT_OK;
    }
    if (!finished || j->done == 0) return subrun_train(&c, &s, e);
    const struct train_more more = {
        .steps = j->seconds > 0 ? 0 : j->steps, .seconds = j->seconds, .table = &t->train};
    return train_resume(&c, j->path, &more, e);
}

/* 0 if the run's record lacks it. */
static double job_read_ending(const struct job *j)
{
    struct err ignored = {0};
    json_t *record = NULL;
    json_file_read_in(j->path, RUN_RECORD, &record, &ignored);
    const json_t *sessions = json_object_get(record, "sessions"),
                 *last = json_array_get(sessions, json_array_size(sessions) - 1);
    double seconds = json_double(json_object_get(last, "seconds"), "ending");
    json_decref(record);
    return seconds > 0 ? seconds : 0;
}

static att_status read_outcome(const struct job *j, struct outcome *o, struct err *e)
{
    const char *key;
    json_t *summary = NULL, *class;
    bool finished;
    char *path = file_join(j->path, RUN_SUMMARY);
    att_status status = path ? json_file_read(path, &summary, e) : err_path(e);
    mem_free(path);
    TRY(status);
    o->dice = json_number(json_object_get(summary, "foreground_mean"), "Dice");
    o->classes = json_object();
    json_object_foreach(json_object_get(summary, "mean"), key, class)
        json_object_set(o->classes, key, json_object_get(class, "Dice"));
    json_decref(summary);
    o->ending = job_read_ending(j);
    status = job_progress(j->path, &o->steps, &finished, e);
    if (status != ATT_OK) json_decref(o->classes);
    return status;
}

/* A run trained further by hand is not comparable. */
static att_status check_length(const struct job *j, struct err *e)
{
    int64_t step;
    bool finished;
    if (j->seconds > 0 || j->steps < 1) return ATT_OK;
    TRY(job_progress(j->path, &step, &finished, e));
    if (step == j->done + j->steps) return ATT_OK;
    return err_usage(e,
        "its run has %lld steps, but the search gave it %lld, so it was trained further by hand; "
        "choose a new folder",
        (long long)step, (long long)(j->done + j->steps));
}

att_status job_run(const struct tuning *t, const struct job *j, struct outcome *o, bool *refused,
    struct err *why, struct err *e)
{
    *o = (struct outcome){.dice = NAN};
    *refused = false;
    /* a run locked by another process says nothing about the settings */
    TRY(runlock_check(j->path, "trains in", e));
    att_status status = job_train(t, j, e);
    if (status == ATT_OK) status = check_length(j, e);
    /* without max-memory, memory may suffice next time */
    bool limited = json_object_get(t->settings.fixed, "max-memory") != NULL;
    *refused = status == ATT_USAGE || status == ATT_MODEL || (status == ATT_MEMORY && limited);
    if (*refused) {
        *why = *e;
        err_clear(e);
        return ATT_OK;
    }
    TRY(status);
    return read_outcome(j, o, e);
}

void job_clean(const char *path, bool all)
{
    static const char *const names[] = {RUN_CHECKPOINT_PREVIOUS, RUN_CHECKPOINT, RUN_MODEL};
    for (int i = 0; i < (all ? 3 : 1); i++) file_remove_in(path, names[i]);
}

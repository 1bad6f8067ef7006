/* SPDX-License-Identifier: Apache-2.0 */
#include "tune/work.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "files/file.h"
#include "train/runlock.h"
#include "tune/journal.h"
#include "tune/replay.h"

/* ---- turns */

/* Bytes of the journal, which only grows. It is opened, since NFS knows the size only then. */
static int64_t work_size(const struct tuning *t)
{
    struct err none = {0};
    struct stat s;
    int fd;
    if (file_open(t->journal, false, &fd, &s, &none) != ATT_OK) return -1;
    close(fd);
    return (int64_t)s.st_size;
}

static att_status work_read_again(struct tuning *t, struct err *e)
{
    json_t *lines;
    if (t->size > 0 && work_size(t) == t->size) return ATT_OK;
    TRY(journal_read(t->journal, &lines, e));
    json_decref(t->lines);
    t->lines = lines;
    t->size = 0;
    TRY(replay_more(t, e));
    const int64_t size = work_size(t); /* without a line that a killed process did not end */
    t->size = lease_lost(t->turn) ? 0 : size;
    const double spent = replay_spent(t->lines);
    if (spent <= tuning_spent(t)) return ATT_OK;
    t->spent = spent; /* the others began earlier */
    t->began = clock_now();
    return ATT_OK;
}

att_status work_enter(struct tuning *t, struct err *e)
{
    if (!t->shared) return ATT_OK;
    TRY(lease_wait(t->out, "turn", t->c->host, &t->turn, e));
    const att_status status = work_read_again(t, e);
    if (status != ATT_OK) work_leave(t);
    return status;
}

void work_leave(struct tuning *t)
{
    lease_drop(t->turn);
    t->turn = NULL;
}

att_status work_add(struct tuning *t, json_t *line, struct err *e)
{
    if (lease_lost(t->turn)) {
        json_decref(line);
        return err_set(e, ATT_INTERRUPTED, "another process has the journal of %s", t->out);
    }
    t->size = 0; /* read it again, as another process may have taken this turn by now */
    TRY(journal_add(t->journal, t->lines, line, e));
    return replay_more(t, e);
}

att_status work_pause(struct tuning *t, struct err *e)
{
    enum { LOOKS = 8 };
    TRY(lease_pause(t->out, t->c->host, e));
    for (int i = 1; i < LOOKS && work_size(t) == t->size; i++)
        TRY(lease_pause(t->out, t->c->host, e));
    return ATT_OK;
}

att_status work_lease(struct tuning *t, const char *run, struct lease_watch *w,
    struct lease **lease, bool *mine, struct err *e)
{
    *lease = NULL;
    if (t->shared) TRY(runlock_lease(t->out, run, w, t->c->host, lease, e));
    *mine = *lease || !t->shared;
    return ATT_OK;
}

/* ---- jobs */

static att_status work_take(struct tuning *t, struct work *w, int number, struct err *e)
{
    struct tuning_job *j = &t->jobs[number];
    bool mine = false;
    char *run = tuning_trial_path(t, j->job.trial);
    const att_status status =
        run ? work_lease(t, run, &j->watch, &w->lease, &mine, e) : err_path(e);
    if (mine) w->number = number;
    mem_free(run);
    return status;
}

/* A job that nobody does. */
static att_status work_take_open(struct tuning *t, struct work *w, struct err *e)
{
    for (int k = t->seen; k < t->job_count && w->number < 0; k++) {
        const struct tuning_job *j = &t->jobs[k];
        if (j->state != JOB_OPEN) continue;
        TRY(work_take(t, w, k, e));
        if (w->number < 0) continue; /* another process does it */
        w->job = j->job;
        w->seconds = j->seconds;
        w->cut = j->cut;
        w->resumed = true;
    }
    return ATT_OK;
}

static json_t *job_line(const struct tuning *t, const struct work *w)
{
    json_t *j = json_pack("{s:s, s:i, s:i, s:o}", "event", w->job.rung ? "on" : "trial", "trial",
        w->job.trial, "rung", w->job.rung, "seconds", json_finite(w->seconds));
    if (!w->job.rung)
        json_object_set_new(j, "settings",
            space_point_to_json(&t->settings.space, t->search.trial[w->job.trial].x));
    if (w->cut) json_set_flag(j, "cut", true);
    if (t->ahead) json_set_int(j, "seen", t->seen);
    return j;
}

att_status work_choose(struct tuning *t, struct work *w, struct err *e)
{
    json_t *line = job_line(t, w);
    if (!w->job.rung) t->search.count--; /* the line adds it */
    TRY(work_add(t, line, e));
    return work_take(t, w, t->job_count - 1, e);
}

static bool work_is_open(const struct tuning *t)
{
    bool open = false;
    for (int k = t->seen; k < t->job_count; k++) open |= t->jobs[k].state == JOB_OPEN;
    return open;
}

/* *ends: nothing is left to do. */
static att_status work_next(
    struct tuning *t, const struct worker *worker, struct work *w, bool *ends, struct err *e)
{
    *w = (struct work){.number = -1};
    TRY(work_enter(t, e));
    const bool chosen = replay_last(t->lines, "final") || replay_last(t->lines, "done");
    const int before = t->job_count;
    att_status status = work_take_open(t, w, e);
    if (status == ATT_OK && w->number < 0 && !chosen) status = worker->choose(t, w, e);
    *ends = t->job_count == before && !work_is_open(t);
    work_leave(t);
    return status;
}

att_status work_all(
    struct tuning *t, const struct worker *worker, struct trial_log *v, struct err *e)
{
    struct work w;
    bool ends = false;
    while (!ends) {
        TRY(work_next(t, worker, &w, &ends, e));
        if (w.number < 0 && !ends) {
            TRY(work_pause(t, e));
        } else if (w.number >= 0) {
            const att_status status = worker->train(t, v, &w, e);
            lease_drop(w.lease);
            TRY(status);
        }
    }
    return ATT_OK;
}

att_status work_finish(struct tuning *t, struct work *w, json_t *line, bool *added, struct err *e)
{
    *added = false;
    const att_status entered = work_enter(t, e);
    if (entered != ATT_OK || t->jobs[w->number].state != JOB_OPEN) {
        json_decref(line);
        if (entered == ATT_OK) work_leave(t);
        return entered;
    }
    const att_status status = work_add(t, line, e);
    *added = status == ATT_OK;
    lease_drop(w->lease); /* in the turn: who continues the trial finds it free */
    w->lease = NULL;
    if (!*added) work_leave(t);
    return status;
}

att_status work_fail(struct tuning *t, struct work *w, const struct err *why, struct err *e)
{
    bool added;
    TRY(work_finish(t, w,
        json_pack("{s:s, s:i, s:i, s:o, s:o}", "event", "failed", "trial", w->job.trial, "rung",
            w->job.rung, "why", json_utf8(why->text), "spent", json_finite(tuning_spent(t))),
        &added, e));
    work_leave(t);
    return ATT_OK;
}

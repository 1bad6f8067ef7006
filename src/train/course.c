/* SPDX-License-Identifier: Apache-2.0 */
#include "train/course.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/order.h"
#include "base/text.h"

int64_t course_row_every(int64_t steps) { return steps >= COURSE_ROWS ? steps / COURSE_ROWS : 1; }

static int64_t course_done(const struct course *c) { return *c->step - c->before; }

/* After the last step, course_end does this instead. */
static att_status course_after_step(struct course *c, double *saved, struct err *e)
{
    const struct course_calls *calls = c->calls;
    const int64_t done = course_done(c);
    if (calls->snapshot) TRY(calls->snapshot(c->user, e));
    if (done == *c->steps) return ATT_OK;
    const bool check = c->validates && c->validate_every > 0 && done % c->validate_every == 0;
    if (check) TRY(calls->validate(c->user, false, e));
    if (check || done % course_row_every(*c->steps) == 0) {
        TRY(calls->row(c->user, check, e));
        calls->next_row(c->user);
    }
    *c->due = false;
    if (check) TRY(calls->report(c->user, false, e));
    if (!check && clock_now() - *saved < c->checkpoint_every) return ATT_OK;
    TRY(calls->save(c->user, e));
    TRY(calls->write_model(c->user, e));
    *saved = clock_now();
    return ATT_OK;
}

static att_status course_steps(struct course *c, struct err *e)
{
    const struct course_calls *calls = c->calls;
    double saved = clock_now();
    /* Pending since a failure or stop. */
    if (*c->due) TRY(course_after_step(c, &saved, e));
    if (*c->step == 0 && calls->snapshot) TRY(calls->snapshot(c->user, e));
    if (calls->keep_time) TRY(calls->keep_time(c->user, e));
    while (course_done(c) < *c->steps) {
        if (host_stopped(c->host)) return err_set(e, ATT_INTERRUPTED, "stopped between two steps");
        c->in_step = true;
        TRY(calls->step(c->user, e));
        c->in_step = false;
        *c->due = true;
        if (calls->keep_time) TRY(calls->keep_time(c->user, e));
        TRY(course_after_step(c, &saved, e));
    }
    return ATT_OK;
}

static att_status course_end(struct course *c, struct err *e)
{
    const struct course_calls *calls = c->calls;
    if (c->validates) TRY(calls->validate(c->user, true, e));
    TRY(calls->row(c->user, c->validates, e));
    TRY(calls->write_model(c->user, e));
    TRY(calls->report(c->user, true, e));
    /* Only now: after a failure above, a resumed run repeats these actions. */
    calls->next_row(c->user);
    *c->due = false;
    /* Last, so that a finished checkpoint implies a model. */
    *c->finished = true;
    return calls->save(c->user, e);
}

/* A file, the disk or memory failed, but the weights are good. */
static void emergency_checkpoint(const struct course *c, bool saved)
{
    struct err why = {0};
    const bool good = saved || c->calls->save(c->user, &why) == ATT_OK;
    const long long done = (long long)course_done(c), steps = (long long)*c->steps;
    if (good)
        host_say(c->host, LOG_INFO,
            "step %lld of %lld %sis saved; continue with: attunet resume %s", done, steps, c->stage,
            TEXT_PATH(c->run));
    else
        host_warn(c->host, WARN_CHECKPOINT_NOT_SAVED,
            "step %lld of %lld %scould not be saved; continue from the last checkpoint with: "
            "attunet resume %s",
            done, steps, c->stage, TEXT_PATH(c->run));
}

att_status course_run(struct course *c, struct err *e)
{
    bool saved = false;
    att_status status = course_steps(c, e);
    if (status == ATT_OK) status = c->calls->after_steps(c->user, &saved, e);
    if (status == ATT_OK) status = course_end(c, e);
    const bool io = status == ATT_IO || status == ATT_DATA;
    const bool step_changed_nothing = c->in_step && io && c->safe_io,
               failed_between_steps = !c->in_step && (io || status == ATT_MEMORY);
    if (step_changed_nothing || failed_between_steps) emergency_checkpoint(c, saved);
    return status;
}

att_status course_stop(const struct course *c, struct err *e)
{
    err_clear(e);
    TRY(c->calls->save(c->user, e));
    TRY(c->calls->write_model(c->user, e));
    TRY(c->calls->report(c->user, false, e));
    return err_set(e, ATT_INTERRUPTED,
        "stopped %sat step %lld of %lld, everything is saved; continue with: attunet resume %s",
        c->stage, (long long)course_done(c), (long long)*c->steps, TEXT_PATH(c->run));
}

att_status course_time_step(const struct course_timing *t, double *mean, struct err *e)
{
    double times[COURSE_PROBES], total = 0;
    int n = 0;
    TRY(t->step(t->user, 0, e));
    while (n < COURSE_PROBES && (n < t->min || (n < t->max && total < t->seconds))) {
        if (host_stopped(t->host))
            return err_set(e, ATT_INTERRUPTED, "stopped while timing a step");
        const double begin = clock_now();
        TRY(t->step(t->user, n + 1, e));
        total += times[n++] = clock_now() - begin;
    }
    qsort(times, (size_t)n, sizeof *times, order_doubles);
    const int kept = t->trim && n > 1 ? n - (n + 9) / 10 : n;
    *mean = 0;
    for (int i = 0; i < kept; i++) *mean += times[i] / kept;
    return ATT_OK;
}

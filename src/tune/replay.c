/* SPDX-License-Identifier: Apache-2.0 */
#include "tune/replay.h"

#include <limits.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "tune/journal.h"

static bool replay_is(const json_t *line, const char *event)
{
    return !strcmp(journal_event(line), event);
}

/* -1: not a count. */
static int integer(const json_t *line, const char *key)
{
    const json_t *j = json_object_get(line, key);
    json_int_t value = json_integer_value(j);
    return json_is_integer(j) && value >= 0 && value <= INT_MAX ? (int)value : -1;
}

static struct search_job job_of(const json_t *line)
{
    return (struct search_job){integer(line, "trial"), integer(line, "rung")};
}

static att_status replay_contradiction(const struct tuning *t, size_t line, struct err *e)
{
    return err_data(
        e, "%s: line %zu contradicts earlier lines; choose a new folder", t->journal, line + 1);
}

/* True if all data of the results exist. */
static bool may_end(const struct tuning *t, const json_t *line)
{
    if (!json_is_number(json_object_get(line, "spent"))) return false;
    if (t->repeat) return t->search.count >= t->trials;
    return replay_final(t->lines) >= 0 && json_is_object(json_object_get(line, "classes")) &&
        json_is_integer(json_object_get(line, "steps")) && json_object_get(line, "dice");
}

/* ---- jobs */

/* A trial that many waiting ones outrank loses its checkpoint. */
static void replay_drop(struct search *s)
{
    enum { KEEP_WAITING = 8 };
    for (int i = 0; i < s->count; i++) {
        struct trial *t = &s->trial[i];
        const bool waiting =
            t->done > 0 && t->done < s->settings.rungs && !t->dropped && !t->failed && !t->busy;
        if (waiting && asha_before(s->trial, s->count, i) >= KEEP_WAITING) t->dropped = true;
    }
}

bool replay_see(struct tuning *t, int seen)
{
    for (; t->seen < seen && t->jobs[t->seen].state != JOB_OPEN; t->seen++) {
        const struct tuning_job *j = &t->jobs[t->seen];
        if (j->state == JOB_DONE)
            search_add_result(&t->search, j->job, j->value);
        else
            search_fail(&t->search, j->job);
        replay_drop(&t->search);
    }
    return t->seen >= seen;
}

/* A new trial, or one that continues, and the results that its choice has seen. */
static att_status replay_choice(struct tuning *t, size_t i, const json_t *line, struct err *e)
{
    struct search *s = &t->search;
    const struct search_job job = job_of(line);
    const int seen = json_object_get(line, "seen") ? integer(line, "seen") : t->job_count;
    double x[SPACE_MAX];
    if (seen > t->job_count || seen < t->job_count - t->ahead || !replay_see(t, seen))
        return replay_contradiction(t, i, e);
    if (replay_is(line, "trial")) {
        if (job.trial != s->count || job.rung || s->count >= SEARCH_TRIALS ||
            space_point_from_json(&t->settings.space, json_object_get(line, "settings"), x, NULL) !=
                ATT_OK)
            return replay_contradiction(t, i, e);
        TRY(search_add(s, x, e));
    } else {
        const struct trial *trial = &s->trial[job.trial < s->count ? job.trial : 0];
        if (job.trial < 0 || job.trial >= s->count || job.rung < 1 || job.rung >= t->rungs ||
            job.rung != trial->done || trial->failed || trial->dropped || trial->busy)
            return replay_contradiction(t, i, e);
    }
    s->trial[job.trial].busy = true;
    TRY(MEM_ROOM(t->jobs, t->job_count, "the jobs", e));
    t->jobs[t->job_count++] = (struct tuning_job){
        .job = job, .seconds = json_double(line, "seconds"), .cut = json_flag(line, "cut")};
    return ATT_OK;
}

static att_status replay_end(struct tuning *t, size_t i, const json_t *line, struct err *e)
{
    const struct search_job job = job_of(line);
    const json_t *dice = json_object_get(line, "dice");
    for (int k = t->seen; k < t->job_count; k++) {
        struct tuning_job *j = &t->jobs[k];
        if (j->state != JOB_OPEN || j->job.trial != job.trial || j->job.rung != job.rung) continue;
        j->state = replay_is(line, "failed") ? JOB_FAILED : JOB_DONE;
        j->value = json_is_number(dice) ? json_number_value(dice) : 0;
        if (!t->ahead) replay_see(t, t->job_count);
        return ATT_OK;
    }
    return replay_contradiction(t, i, e);
}

/* True if a line about no job can follow the search so far. */
static bool replay_fits(struct tuning *t, const json_t *line)
{
    const struct search_job job = job_of(line);
    if (!replay_is(line, "dropped") && !replay_see(t, t->job_count)) return false;
    if (replay_is(line, "done")) return may_end(t, line);
    if (job.trial < 0 || job.trial >= t->search.count) return false;
    const struct trial *trial = &t->search.trial[job.trial];
    if (replay_is(line, "dropped")) return true;
    return (replay_is(line, "final") || replay_is(line, "barred")) && trial->done > 0 &&
        !trial->excluded;
}

static att_status replay_line(struct tuning *t, size_t i, const json_t *line, struct err *e)
{
    if (replay_is(line, "begin") || replay_is(line, "cases") || replay_is(line, "stopped"))
        return ATT_OK;
    if (replay_is(line, "trial") || replay_is(line, "on")) return replay_choice(t, i, line, e);
    if (replay_is(line, "result") || replay_is(line, "failed")) return replay_end(t, i, line, e);
    if (!replay_fits(t, line)) return replay_contradiction(t, i, e);
    if (replay_is(line, "barred")) search_exclude(&t->search, job_of(line).trial);
    if (replay_is(line, "dropped")) t->search.trial[job_of(line).trial].dropped = true;
    return ATT_OK;
}

att_status replay_more(struct tuning *t, struct err *e)
{
    if (t->replayed > json_array_size(t->lines)) return replay_contradiction(t, 0, e);
    for (; t->replayed < json_array_size(t->lines); t->replayed++)
        TRY(replay_line(t, t->replayed, json_array_get(t->lines, t->replayed), e));
    return ATT_OK;
}

att_status replay(struct tuning *t, struct err *e)
{
    const struct search_settings settings = {.space = &t->settings.space,
        .seed = t->seed,
        .random = t->random,
        .start = SEARCH_START_DEFAULT,
        .eta = t->eta,
        .rungs = t->rungs,
        .max = t->trials};
    search_begin(&t->search, &settings);
    t->spent = replay_spent(t->lines);
    return replay_more(t, e);
}

double replay_spent(const json_t *lines)
{
    for (size_t i = json_array_size(lines); i-- > 0;) {
        const json_t *spent = json_object_get(json_array_get(lines, i), "spent");
        if (json_is_number(spent)) return json_number_value(spent);
    }
    return 0;
}

const json_t *replay_result(const json_t *lines, int trial)
{
    for (size_t i = json_array_size(lines); i-- > 0;) {
        const json_t *line = json_array_get(lines, i);
        if (replay_is(line, "result") && integer(line, "trial") == trial) return line;
    }
    return NULL;
}

const json_t *replay_last(const json_t *lines, const char *event)
{
    for (size_t i = json_array_size(lines); i-- > 0;)
        if (replay_is(json_array_get(lines, i), event)) return json_array_get(lines, i);
    return NULL;
}

int replay_final(const json_t *lines)
{
    for (size_t i = json_array_size(lines); i-- > 0;) {
        const json_t *line = json_array_get(lines, i);
        if (replay_is(line, "final")) return integer(line, "trial");
        if (replay_is(line, "barred")) return -1;
    }
    return -1;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Checks the journal's lines and applies them to the search. */
#include "tune/replay.h"

#include <limits.h>
#include <string.h>

#include "base/json.h"
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
    return err_set(e, ATT_DATA, "%s: line %zu contradicts earlier lines; choose a new folder",
        t->journal, line + 1);
}

/* True if all data of the results exist. */
static bool may_end(const struct tuning *t, const json_t *line)
{
    if (!json_is_number(json_object_get(line, "spent"))) return false;
    if (t->repeat) return t->search.count >= t->trials;
    return replay_final(t->lines) >= 0 && json_is_object(json_object_get(line, "classes")) &&
        json_is_integer(json_object_get(line, "steps")) && json_object_get(line, "dice");
}

/* True if a line other than a new trial can follow the search so far. */
static bool replay_fits(const struct tuning *t, const json_t *line)
{
    const struct search *s = &t->search;
    struct search_job job = job_of(line);
    if (replay_is(line, "done")) return may_end(t, line);
    if (job.trial < 0 || job.trial >= s->count) return false;
    const struct trial *trial = &s->trial[job.trial];
    if (replay_is(line, "dropped")) return true;
    if (replay_is(line, "final") || replay_is(line, "barred"))
        return trial->done > 0 && !trial->excluded;
    bool continues =
        replay_is(line, "on") ? job.rung > 0 && !trial->failed && !trial->dropped : true;
    return continues && job.rung == trial->done && job.rung < t->rungs;
}

static att_status replay_line(struct tuning *t, size_t i, const json_t *line, struct err *e)
{
    struct search *s = &t->search;
    struct search_job job = job_of(line);
    double x[SPACE_MAX];
    const json_t *dice = json_object_get(line, "dice");
    if (replay_is(line, "trial")) {
        if (job.trial != s->count || job.rung || s->count >= SEARCH_TRIALS)
            return replay_contradiction(t, i, e);
        if (space_point_from_json(&t->settings.space, json_object_get(line, "settings"), x, NULL) !=
            ATT_OK)
            return replay_contradiction(t, i, e);
        return search_add(s, x, e);
    }
    if (replay_is(line, "begin") || replay_is(line, "cases") || replay_is(line, "stopped"))
        return ATT_OK;
    if (!replay_fits(t, line)) return replay_contradiction(t, i, e);
    if (replay_is(line, "result"))
        search_add_result(s, job, json_is_number(dice) ? json_number_value(dice) : 0);
    if (replay_is(line, "failed")) search_fail(s, job);
    if (replay_is(line, "barred")) search_exclude(s, job.trial);
    if (replay_is(line, "dropped")) s->trial[job.trial].dropped = true;
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
    size_t i;
    json_t *line;
    search_begin(&t->search, &settings);
    json_array_foreach(t->lines, i, line)
    {
        const json_t *spent = json_object_get(line, "spent");
        if (json_is_number(spent)) t->spent = json_number_value(spent);
        TRY(replay_line(t, i, line, e));
    }
    return ATT_OK;
}

bool replay_open(const json_t *lines, struct search_job *job, double *seconds, bool *cut)
{
    for (size_t i = json_array_size(lines); i-- > 0;) {
        const json_t *line = json_array_get(lines, i);
        if (replay_is(line, "result") || replay_is(line, "failed")) return false;
        if (!replay_is(line, "trial") && !replay_is(line, "on")) continue;
        *job = job_of(line);
        *seconds = json_double(line, "seconds");
        *cut = json_flag(line, "cut");
        return true;
    }
    return false;
}

int64_t replay_steps(const json_t *lines, int trial)
{
    for (size_t i = json_array_size(lines); i-- > 0;) {
        const json_t *line = json_array_get(lines, i);
        if (replay_is(line, "result") && integer(line, "trial") == trial)
            return json_int(line, "steps");
    }
    return 0;
}

double replay_ending(const json_t *lines, int trial)
{
    for (size_t i = json_array_size(lines); i-- > 0;) {
        const json_t *line = json_array_get(lines, i);
        if (replay_is(line, "result") && integer(line, "trial") == trial)
            return json_double(line, "ending");
    }
    return 0;
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

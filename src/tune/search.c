/* SPDX-License-Identifier: Apache-2.0 */
#include "tune/search.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "tune/propose.h"

enum { DRAWS = 32 };

void search_begin(struct search *s, const struct search_settings *settings)
{
    *s = (struct search){.settings = *settings};
}

void search_free(struct search *s)
{
    mem_free(s->trial);
    *s = (struct search){.count = 0};
}

att_status search_add(struct search *s, const double *x, struct err *e)
{
    TRY(MEM_ROOM(s->trial, s->count, "the trials", e));
    struct trial *t = &s->trial[s->count++];
    memset(t, 0, sizeof *t);
    memcpy(t->x, x, (size_t)s->settings.space->count * sizeof *x);
    return ATT_OK;
}

/* Only results of one rung are comparable. Take good ones from the highest rung with more results
 * than dimensions (BOHB's rule), else from rung 0, where every trial has one. */
static int compared_rung(const struct search *s, int *count)
{
    for (int rung = s->settings.rungs - 1;; rung--) {
        *count = 0;
        for (int i = 0; i < s->count; i++) *count += s->trial[i].done > rung;
        if (rung == 0 || *count > s->settings.space->count) return rung;
    }
}

/* Trials below the rung rank below those that reached it, so they show bad settings. */
static double rank_value(const struct trial *t, int rung)
{
    if (t->done > rung) return t->value[rung];
    return t->failed || !t->done ? -HUGE_VAL : -1e6 * (rung - t->done + 1) + search_value(t);
}

static att_status estimate(const struct search *s, double *x, struct err *e)
{
    int here, rung = compared_rung(s, &here), n = 0;
    size_t max = (size_t)s->count, stride = SPACE_MAX;
    double *points;
    TRY(MEM_ARRAY(points, max * (stride + 1), "the results of the trials", e));
    double *y = points + max * stride;
    for (int i = 0; i < s->count; i++) {
        const struct trial *t = &s->trial[i];
        if (!t->done && !t->failed) continue;
        memcpy(points + (size_t)n * stride, t->x, sizeof t->x);
        y[n++] = rank_value(t, rung);
    }
    const struct observations observed = {points, y, n, (int)stride, here};
    att_status status = propose_tpe(s->settings.space, s->settings.seed, s->count, &observed, x, e);
    mem_free(points);
    return status;
}

static att_status propose(const struct search *s, double *x, struct err *e)
{
    const struct search_settings *g = &s->settings;
    if (s->count < g->start)
        propose_start(g->space, g->seed, s->count, g->start, x);
    else if (g->random)
        propose_random(g->space, g->seed, s->count, 0, x);
    else
        return estimate(s, x, e);
    return ATT_OK;
}

static bool is_repeated(const struct search *s, const double *x)
{
    bool same = false;
    for (int i = 0; i < s->count && !same; i++) {
        const double *other = s->trial[i].x;
        same = true;
        for (int k = 0; k < s->settings.space->count && same; k++)
            same = x[k] == other[k] || (isnan(x[k]) && isnan(other[k]));
    }
    return same;
}

/* Repeated settings give no information: draw again, or take the first new combination if few are
 * left. False: none is left. */
static bool draw_new(const struct search *s, double *x)
{
    const struct search_settings *g = &s->settings;
    for (int draw = 1; draw <= DRAWS && is_repeated(s, x); draw++)
        propose_random(g->space, g->seed, s->count, draw, x);
    if (!is_repeated(s, x) || !space_is_listed(g->space)) return true;
    for (int i = 0; space_combination(g->space, i, x); i++)
        if (!is_repeated(s, x)) return true;
    return false;
}

att_status search_ask(struct search *s, struct search_job *job, struct err *e)
{
    const struct search_settings *g = &s->settings;
    double x[SPACE_MAX];
    *job = (struct search_job){asha_next(s->trial, s->count, g->eta, g->rungs), 0};
    if (job->trial >= 0) {
        job->rung = s->trial[job->trial].done;
        return ATT_OK;
    }
    if (s->count == SEARCH_TRIALS || (g->max > 0 && s->count >= g->max)) return ATT_OK;
    TRY(propose(s, x, e));
    s->exhausted = !draw_new(s, x);
    if (s->exhausted) return ATT_OK;
    TRY(search_add(s, x, e));
    job->trial = s->count - 1;
    return ATT_OK;
}

void search_add_result(struct search *s, struct search_job job, double value)
{
    s->trial[job.trial].value[job.rung] = value;
    s->trial[job.trial].done = job.rung + 1;
    s->trial[job.trial].busy = false;
}

void search_fail(struct search *s, struct search_job job)
{
    s->trial[job.trial].failed = true;
    s->trial[job.trial].busy = false;
}

void search_exclude(struct search *s, int trial)
{
    s->trial[trial].failed = s->trial[trial].excluded = true;
}

double search_value(const struct trial *t) { return t->done ? t->value[t->done - 1] : (double)NAN; }

/* A trial that failed later ranks below all that did not. */
static bool search_better(const struct trial *a, const struct trial *b)
{
    if (a->failed != b->failed) return b->failed;
    if (search_value(a) != search_value(b)) return search_value(a) > search_value(b);
    return a->done > b->done;
}

int search_best(const struct search *s)
{
    int best = -1;
    for (int i = 0; i < s->count; i++)
        if (s->trial[i].done && !s->trial[i].excluded &&
            (best < 0 || search_better(&s->trial[i], &s->trial[best])))
            best = i;
    return best;
}

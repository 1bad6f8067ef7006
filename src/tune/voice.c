/* SPDX-License-Identifier: Apache-2.0 */
/* Called by tune.c and versus.c. */
#include "tune/voice.h"

#include <stdio.h>

static void message(void *user, int level, const char *text)
{
    struct voice *v = user;
    if (level >= LOG_WARN && !v->warned && v->before.message)
        v->before.message(v->before.user, level, text);
}

/* Steps of a run move the line of the search. */
static void progress(void *user, const char *what, int64_t done, int64_t total, const char *detail)
{
    const struct voice *v = user;
    const struct search *s = &v->t->search;
    char text[96];
    int best = search_best(s), at = 0;
    (void)what, (void)done, (void)total, (void)detail;
    if (!v->before.progress) return;
    at += v->trial < 0 ? snprintf(text, sizeof text, "last run")
                       : snprintf(text, sizeof text, "trial %d", v->trial);
    if (best >= 0)
        snprintf(text + at, sizeof text - (size_t)at, ", best Dice %.4f of trial %d",
            search_value(&s->trial[best]), best);
    if (v->t->budget > 0)
        v->before.progress(v->before.user, "tuning, seconds", (int64_t)tuning_spent(v->t),
            (int64_t)v->t->budget, text);
    else
        v->before.progress(v->before.user, "tuning, trials", s->count, v->t->trials + 1, text);
}

void voice_lower(struct voice *v, struct tuning *t, int trial)
{
    struct log *log = t->c->log;
    v->t = t;
    v->trial = trial;
    v->before.message = log->message;
    v->before.progress = log->progress;
    v->before.user = log->user;
    log->message = message;
    log->progress = progress;
    log->user = v;
}

void voice_raise(struct voice *v)
{
    struct log *log = v->t->c->log;
    log->message = v->before.message;
    log->progress = v->before.progress;
    log->user = v->before.user;
    v->warned = true;
}

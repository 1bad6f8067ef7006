/* SPDX-License-Identifier: Apache-2.0 */
#include "tune/trial_log.h"

#include <stdio.h>

#include "base/text.h"

static void message(void *user, int level, const char *text)
{
    struct trial_log *v = user;
    if (level >= LOG_WARN && !v->warned && v->outer.message)
        v->outer.message(v->outer.user, level, text);
}

static void trial_log_warning(void *user, const char *kind, const char *text)
{
    const struct trial_log *v = user;
    if (!v->warned) v->outer.warning(v->outer.user, kind, text);
}

/* Shows the search's progress at each step of a run. */
static void progress(void *user, const char *what, int64_t done, int64_t total, const char *detail)
{
    const struct trial_log *v = user;
    const struct search *s = &v->t->search;
    char text[96] = "last run";
    const int best = search_best(s);
    (void)what, (void)done, (void)total, (void)detail;
    if (!v->outer.progress) return;
    if (v->trial >= 0) snprintf(text, sizeof text, "trial %d", v->trial);
    if (best >= 0)
        text_append(
            text, sizeof text, ", best Dice %.4f of trial %d", search_value(&s->trial[best]), best);
    if (v->t->budget > 0)
        v->outer.progress(v->outer.user, "tuning, seconds", (int64_t)tuning_spent(v->t),
            (int64_t)v->t->budget, text);
    else
        v->outer.progress(v->outer.user, "tuning, trials", s->count, v->t->trials + 1, text);
}

void trial_log_begin(struct trial_log *v, struct tuning *t, int trial)
{
    v->t = t;
    v->trial = trial;
    v->outer = t->c->host->log;
    t->c->host->log =
        (struct log){message, progress, v, v->outer.warning ? trial_log_warning : NULL};
}

void trial_log_end(struct trial_log *v)
{
    v->t->c->host->log = v->outer;
    v->warned = true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Time as a setting of stages 2 and 3; called by hard_train.c. */
#include "train/hard_length.h"

#include <limits.h>

#include "base/whole.h"

enum { TIMED_VIEWS = 3, TILES_LEAST = 512, TRIALS = 5, TRIALS_MOST = 200 };
static const double CACHE_BYTES = 1 << 29, CACHE_SHARE = .5, MEASURE_VIEWS = .1, MEASURE = .02; /* shares of the stage's time */

/* ---- views */

static att_status time_fill(struct hard_training *h, int views, double *seconds, struct err *e)
{
    struct hard_cache cache;
    double begin = log_clock();
    TRY(hard_cache_fill(h->c, h->looker, &h->model, &h->hard, &h->rules, views, &cache, e));
    hard_cache_free(&cache);
    *seconds = (log_clock() - begin) / views;
    return ATT_OK;
}

/* The first view warms up, too: it counts only where more would take too long. */
static att_status time_views(struct hard_training *h, double limit, double *seconds, struct err *e)
{
    TRY(time_fill(h, 1, seconds, e));
    if (h->views < 2 || TIMED_VIEWS * *seconds > limit) return ATT_OK;
    return time_fill(h, h->views < TIMED_VIEWS ? h->views : TIMED_VIEWS, seconds, e);
}

/* So many views have enough tiles to learn anything from. */
static int least_views(const struct hard_training *h)
{
    struct view v;
    int64_t tiles = 1;
    view_of(&h->rules, 0, &v);
    for (int a = 0; a < 3; a++) tiles *= divide_up(v.size[a], h->hard.tile[a]);
    int least = (int)(TILES_LEAST / tiles) + 1;
    return h->views < least ? h->views : least;
}

att_status hard_length_views(struct hard_training *h, struct err *e)
{
    const int cases = h->rules.count, classes = labelling_targets(&h->model.labels);
    const int wanted = h->settings.views > INT_MAX / cases ? INT_MAX : h->settings.views * cases;
    double seconds, limit = CACHE_SHARE * h->settings.seconds[HARD_POLICY];
    h->views = hard_cache_fits(&h->rules, &h->hard, classes, wanted, CACHE_BYTES);
    if (!(limit > 0)) return ATT_OK;
    TRY(time_views(h, MEASURE_VIEWS * limit, &seconds, e));
    limit -= log_clock() - h->began;
    int least = least_views(h);
    if (h->views * seconds > limit) h->views = limit > least * seconds ? (int)(limit / seconds) : least;
    return ATT_OK;
}

/* ---- the policy alone */

static att_status time_alone(struct hard_training *h, struct hard_cache *cache, double limit, double *seconds, struct err *e)
{
    TRY(hard_alone_step(h, cache, true, e));
    double begin = log_clock(), total = 0;
    int n = 0;
    while (n < TRIALS || (n < TRIALS_MOST && total < limit)) {
        TRY(hard_alone_step(h, cache, true, e));
        total = log_clock() - begin;
        n++;
    }
    *seconds = total / n;
    return ATT_OK;
}

/* One step at least, and then a warning. */
static int64_t fit(const struct hard_training *h, const char *stage, double left, double step)
{
    const int64_t steps = left > step ? (int64_t)(left / step) : 1;
    if (steps == 1)
        log_say(h->c->log, LOG_WARN, "only one step %s fits into its time, which teaches nothing: give more --time, or other --shares",
                stage);
    return steps;
}

att_status hard_length_alone(struct hard_training *h, struct hard_cache *cache, struct err *e)
{
    const struct hard_settings *s = &h->settings;
    double step, total = s->seconds[HARD_POLICY];
    h->policy_steps = s->policy_steps ? s->policy_steps : 2 * h->net[PART_FINE].recipe.steps;
    if (s->policy_steps || !(total > 0)) return ATT_OK;
    TRY(time_alone(h, cache, MEASURE * total, &step, e));
    h->policy_steps = fit(h, "of the policy alone", total - (log_clock() - h->began), step);
    log_say(h->c->log, LOG_INFO, "a step of the policy takes %.4f s: %lld steps fit into the stage's %.0f s", step,
            (long long)h->policy_steps, total);
    return ATT_OK;
}

/* ---- all jointly */

/* The last of two trials counts, or a mean of more, while they are short. */
static att_status time_joint(struct hard_training *h, struct hard_joint *j, double limit, double *seconds, struct err *e)
{
    TRY(hard_joint_step(j, true, e));
    double begin = log_clock(), total = 0;
    int n = 0;
    while (n < 2 || (n < TRIALS_MOST && total < limit)) {
        TRY(hard_joint_step(j, true, e));
        total = log_clock() - begin;
        n++;
    }
    *seconds = total / n;
    for (int i = 0; i < NETS; i++) training_reset_moments(&h->net[i]);
    return ATT_OK;
}

att_status hard_length_more(struct hard_training *h, struct hard_joint *j, double seconds, int64_t *steps, struct err *e)
{
    double step, begin = log_clock();
    TRY(time_joint(h, j, MEASURE * seconds, &step, e));
    double left = seconds - (log_clock() - begin) - h->validation.seconds - h->keeping;
    *steps = fit(h, "of the joint stage", left, step);
    log_say(h->c->log, LOG_INFO, "a joint step takes %.3f s: %lld steps fit into %.0f s", step, (long long)*steps, seconds);
    return ATT_OK;
}

att_status hard_length_joint(struct hard_training *h, struct hard_joint *j, int64_t fine_steps, double began, struct err *e)
{
    const struct hard_settings *s = &h->settings;
    double total = s->seconds[HARD_JOINT];
    h->joint_steps = s->joint_steps ? s->joint_steps : fine_steps > 1 ? fine_steps / 2 : 1;
    if (!s->joint_steps && total > 0) TRY(hard_length_more(h, j, total - (log_clock() - began), &h->joint_steps, e));
    for (int i = 0; i < NETS; i++) {
        h->net[i].recipe.steps = h->joint_steps;
        h->net[i].recipe.warmup = hard_warmup(h->joint_steps);
    }
    return ATT_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "hard/hard_length.h"

#include <limits.h>

#include "base/text.h"
#include "hard/hard_best.h"
#include "train/course.h"
#include "train/train_step.h"

enum { TIMED_VIEWS = 3, MIN_TILES = 512, ALONE_TRIALS = 5, JOINT_TRIALS = 2 };
static const double CACHE_BYTES = 1 << 29, CACHE_SHARE = .5, MEASURE_VIEWS = .1,
                    MEASURE = .02;    /* the last three: shares of the stage's time */
static const double MEASURE_MAX = 20; /* seconds: cases differ more than patches do */

struct hard_trial {
    struct hard_training *h;
    struct hard_cache *cache; /* stage 2 */
    struct hard_joint *joint; /* stage 3, or NULL */
};

static att_status hard_length_try(void *user, int trial, struct err *e)
{
    const struct hard_trial *t = user;
    return t->joint ? hard_joint_step(t->joint, trial + 1, e)
                    : policy_stage_step(t->h, t->cache, trial + 1, e);
}

/* Mean seconds of a step, for a stage of `seconds`. Each trial draws like a different step. */
static att_status hard_length_step(
    struct hard_trial *t, int min, double seconds, double *mean, struct err *e)
{
    const double limit = MEASURE * seconds;
    return course_time_step(&(struct course_timing){.step = hard_length_try,
                                .user = t,
                                .host = t->h->c->host,
                                .min = min,
                                .max = COURSE_PROBES,
                                .seconds = limit < MEASURE_MAX ? limit : MEASURE_MAX},
        mean, e);
}

/* ---- views */

/* Times the views of one case. The first round warms up; a slow fine pass runs only once. */
static att_status time_views(
    struct hard_training *h, double limit, double *first, double *further, struct err *e)
{
    struct view_rules one = h->rules;
    struct hard_cache cache;
    one.count = 1;
    for (int again = 0; again < 2; again++) {
        TRY(hard_cache_fill(h->c, h->runner, &h->model, &h->hard, &one,
            h->hard.glimpse ? 1 : TIMED_VIEWS, &cache, e));
        *first = cache.first_seconds;
        *further = h->hard.glimpse ? cache.first_seconds : cache.further_seconds;
        hard_cache_free(&cache);
        if (*first > limit) break;
    }
    return ATT_OK;
}

/* How many views fit into `limit` seconds: first one of every case, then further ones. */
static int in_time(double limit, double first, double further, int cases)
{
    if (limit < cases * first) return (int)(limit / first);
    const double more = (limit - cases * first) / further;
    return more < INT_MAX - cases ? cases + (int)more : INT_MAX;
}

/* Fewer views have too few tiles to learn from. */
static int min_views(const struct hard_training *h)
{
    struct view v;
    view_of(&h->rules, 0, &v);
    const int min = (int)(MIN_TILES / view_tiles(&v, h->hard.tile)) + 1;
    return h->views < min ? h->views : min;
}

/* The requested views of these cases, of `all` cases, or as many as fit into their share of the
 * memory. */
static int hard_length_requested(const struct hard_training *h, const struct view_rules *r, int all)
{
    const int views =
        h->settings.views > INT_MAX / r->count ? INT_MAX : h->settings.views * r->count;
    return hard_cache_fits(
        r, &h->hard, labelling_targets(&h->model.labels), views, CACHE_BYTES * r->count / all);
}

/* Divides `max` views between training and held-out cases. */
static void share_views(struct hard_training *h, int max)
{
    const int holdout =
                  (int)((int64_t)max * h->holdout.count / (h->rules.count + h->holdout.count)),
              min = h->holdout.count && max > 1;
    h->holdout_views = holdout > min ? holdout : min;
    h->views = max - h->holdout_views;
}

/* Rounds down to equally many views of each case, as `policy-views` can state it. */
static int hard_length_round(int max, int all, int min)
{
    const int down = max - max % all;
    return down >= all && down >= min ? down : max;
}

att_status hard_length_views(struct hard_training *h, struct err *e)
{
    const int all = h->rules.count + h->holdout.count;
    double first, further, limit = CACHE_SHARE * h->settings.seconds[HARD_POLICY];
    h->views = hard_length_requested(h, &h->rules, all);
    h->holdout_views = h->holdout.count ? hard_length_requested(h, &h->holdout, all) : 0;
    int max = h->views + h->holdout_views, min = min_views(h);
    if (limit > 0) {
        TRY(time_views(h, MEASURE_VIEWS * limit, &first, &further, e));
        limit -= clock_now() - h->began;
        const int fits = limit > 0 ? in_time(limit, first, further, all) : 0;
        if (max > fits) max = fits > min ? fits : min;
    }
    max = hard_length_round(max, all, min);
    if (max < h->views + h->holdout_views) share_views(h, max);
    return ATT_OK;
}

/* ---- stage 2 */

/* Seconds of all evaluations of stage 2. */
static double time_evaluations(struct hard_training *h, struct hard_cache *holdout)
{
    if (!holdout->count) return 0;
    double begin = clock_now();
    policy_stage_evaluate(h, holdout);
    return (clock_now() - begin) * COURSE_ROWS / BEST_ROWS;
}

/* At least one step, with a warning. */
static int64_t hard_length_fit(
    const struct hard_training *h, const char *stage, double left, double step)
{
    const int64_t steps = left > step ? (int64_t)(left / step) : 1;
    if (steps == 1)
        host_warn(h->c->host, WARN_TIME_SHORT,
            "the time is enough for only one step of the %s stage, which teaches nothing; give "
            "more `time`, or other `shares`",
            stage);
    return steps;
}

att_status hard_length_policy(
    struct hard_training *h, struct hard_cache *cache, struct hard_cache *holdout, struct err *e)
{
    const struct hard_settings *s = &h->settings;
    double step, total = s->seconds[HARD_POLICY];
    h->policy_steps = s->policy_steps ? s->policy_steps : 2 * h->net[PART_FINE].recipe.steps;
    if (s->policy_steps || !(total > 0)) return ATT_OK;
    TRY(hard_length_step(
        &(struct hard_trial){.h = h, .cache = cache}, ALONE_TRIALS, total, &step, e));
    const double evaluations = time_evaluations(h, holdout);
    h->policy_steps =
        hard_length_fit(h, "policy", total - evaluations - (clock_now() - h->began), step);
    host_say(h->c->host, LOG_INFO,
        "a step of the policy takes %.4f s: %lld step%s %s into the stage's %.0f s", step,
        (long long)h->policy_steps, TEXT_S(h->policy_steps), h->policy_steps == 1 ? "fits" : "fit",
        total);
    return ATT_OK;
}

/* ---- stage 3 */

att_status hard_length_more(
    struct hard_training *h, struct hard_joint *j, double seconds, int64_t *steps, struct err *e)
{
    double step, begin = clock_now();
    TRY(hard_length_step(
        &(struct hard_trial){.h = h, .joint = j}, JOINT_TRIALS, seconds, &step, e));
    for (int i = 0; i < NETS; i++) TRY(training_reset_moments(&h->net[i], e));
    double left = seconds - (clock_now() - begin) - h->validation.seconds - h->compare_seconds;
    *steps = hard_length_fit(h, "joint", left, step);
    host_say(h->c->host, LOG_INFO, "a joint step takes %.3f s: %lld step%s %s into %.0f s", step,
        (long long)*steps, TEXT_S(*steps), *steps == 1 ? "fits" : "fit", seconds);
    return ATT_OK;
}

att_status hard_length_joint(
    struct hard_training *h, struct hard_joint *j, int64_t fine_steps, double began, struct err *e)
{
    const struct hard_settings *s = &h->settings;
    double total = s->seconds[HARD_JOINT];
    int64_t steps = s->joint_steps ? s->joint_steps : fine_steps > 1 ? fine_steps / 2 : 1;
    if (!s->joint_steps && total > 0)
        TRY(hard_length_more(h, j, total - (clock_now() - began), &steps, e));
    h->joint_steps = steps;
    for (int i = 0; i < NETS; i++) {
        h->net[i].recipe.steps = h->joint_steps;
        h->net[i].recipe.warmup = recipe_warmup(h->joint_steps);
    }
    return ATT_OK;
}

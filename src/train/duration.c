/* SPDX-License-Identifier: Apache-2.0 */
#include "train/duration.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "train/course.h"
#include "train/lead.h"
#include "train/loop.h"
#include "train/mirror_check.h"
#include "train/train_state.h"
#include "train/train_step.h"

enum { PROBES_MIN = 6, PROBES_MAX = 60, TIMED_CASES = 3 };
/* for each of the two measurements: share of the time; seconds */
static const double MEASURE_SHARE = .01, MEASURE_MAX = 5;

static att_status duration_try(void *user, int trial, struct err *e)
{
    return training_try_step(user, trial, e);
}

att_status duration_step(struct training *t, double limit, double *seconds, struct err *e)
{
    struct params *p = &t->model.params;
    const size_t bytes = p->size * sizeof(real);
    real *data;
    TRY(MEM_ARRAY(data, p->size, "a copy of the weights", e));
    p->numbers.memory->download(p->data, data, bytes);
    const struct course_timing timing = {.step = duration_try,
        .user = t,
        .host = t->c->host,
        .min = PROBES_MIN,
        .max = PROBES_MAX,
        .seconds = limit,
        .trim = true};
    att_status status = lead_order(t, ORDER_SHARE, 0, 0, e); /* other ranks have noughts so far */
    if (status == ATT_OK) status = course_time_step(&timing, seconds, e);
    p->numbers.memory->upload(p->data, data, bytes);
    mem_free(data);
    return status == ATT_OK ? training_reset_moments(t, e) : status;
}

struct sized {
    int index;
    double voxels;
};

static int by_voxels(const void *a, const void *b)
{
    const struct sized *x = a, *y = b;
    return x->voxels != y->voxels ? (x->voxels > y->voxels) - (x->voxels < y->voxels)
                                  : (x->index > y->index) - (x->index < y->index);
}

static att_status order_cases(const struct training *t, struct sized *cases, struct err *e)
{
    for (int i = 0; i < t->split.nval; i++) {
        struct image m;
        cases[i].index = t->split.val[i];
        TRY(dataset_peek_image(&t->data, cases[i].index, &m, e));
        cases[i].voxels = (double)image_voxels(m.size);
    }
    qsort(cases, (size_t)t->split.nval, sizeof *cases, by_voxels);
    return ATT_OK;
}

/* A medium, a small and a large case, within the limit; the medium one also warms up. */
static att_status time_cases(
    struct training *t, const struct sized *cases, double limit, struct err *e)
{
    static const int sixths[TIMED_CASES] = {3, 1, 5};
    double total = 0, begin = clock_now();
    int n = t->split.nval, timed = 0;
    for (int i = -1; i < TIMED_CASES; i++) {
        struct validation v;
        if (timed > 0 && clock_now() - begin > limit) break;
        TRY(training_validate(t, &cases[sixths[i < 0 ? 0 : i] * n / 6].index, 1, NULL, &v, e));
        if (i < 0) continue;
        total += v.seconds;
        timed++;
    }
    t->duration.validation = total / timed * n;
    return ATT_OK;
}

att_status duration_measure(struct training *t, double seconds, struct err *e)
{
    double limit = MEASURE_SHARE * seconds < MEASURE_MAX ? MEASURE_SHARE * seconds : MEASURE_MAX;
    t->duration = (struct durations){.ending = t->c->ending};
    TRY(duration_step(t, limit, &t->duration.step, e));
    if (!t->split.nval) return ATT_OK;
    struct sized *cases;
    TRY(MEM_ARRAY(cases, t->split.nval, "the validation cases", e));
    att_status status = order_cases(t, cases, e);
    if (status == ATT_OK) status = time_cases(t, cases, limit, e);
    mem_free(cases);
    return status;
}

void duration_fit(struct training *t, double seconds, bool choose)
{
    struct recipe *r = &t->recipe;
    const struct durations *d = &t->duration;
    double stop = d->validation + d->save,
           end = stop + d->save + mirror_check_seconds(t, seconds); /* after the last step */
    int times = d->validation * RECIPE_VALIDATIONS < .1 * seconds ? RECIPE_VALIDATIONS : 1;
    double left = seconds - (clock_now() - t->began) - (end > d->ending ? end : d->ending),
           step = d->step * (1 + d->save / r->checkpoint_every);
    if (choose)
        left -= stop * (times - 1);
    else if (r->validate_every > 0)
        step += stop / (double)r->validate_every;
    int64_t steps = left > step ? (int64_t)(left / step) : 1;
    r->steps = t->step + steps;
    if (choose) r->validate_every = times > 1 ? recipe_validate_every(steps) : 0;
}

att_status duration_save(struct training *t, struct err *e)
{
    static const double model = .25; /* of a checkpoint with two moments and an average */
    double begin = clock_now();
    TRY(training_save(t, e));
    t->duration.save = (clock_now() - begin) * (1 + model);
    return ATT_OK;
}

void duration_set(struct training *t, double seconds, bool choose)
{
    static const double log_share = .1, warn_share = .75; /* of the time */
    const double spent = clock_now() - t->began;
    char note[96] = "";
    duration_fit(t, seconds, choose);
    const int64_t steps = t->recipe.steps - t->step;
    if (spent > log_share * seconds)
        snprintf(note, sizeof note, ", of which preparation took %.1f s", spent);
    host_say(t->c->host, LOG_INFO, "a step takes %.3f s: %lld step%s %s into %.0f s%s",
        t->duration.step, (long long)steps, TEXT_S(steps), steps == 1 ? "fits" : "fit", seconds,
        note);
    if (spent > warn_share * seconds)
        host_warn(t->c->host, WARN_TIME_SHORT,
            "preparation took %.1f of the %.0f s of `time`; give more `time`, or set `steps`",
            spent, seconds);
}

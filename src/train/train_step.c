/* SPDX-License-Identifier: Apache-2.0 */
#include "train/train_step.h"

#include <math.h>
#include <string.h>

#include "files/hash.h"
#include "train/lead.h"
#include "train/loop.h"

static void save_statistics(struct training *t)
{
    const struct params *p = &t->model.params;
    p->numbers.memory->download(p->state, t->old_state, p->state_size * sizeof *t->old_state);
}
static void restore_statistics(struct training *t)
{
    const struct params *p = &t->model.params;
    p->numbers.memory->upload(p->state, t->old_state, p->state_size * sizeof *t->old_state);
}

/* Every so many steps ranks compare their weights. */
enum { HASH_STEPS = 100 };

static uint64_t hash_weights(const struct training *t, int64_t step)
{
    const struct buffer *b = &t->model.params.numbers;
    if (team_size(t->c->host->team) == 1 || step % HASH_STEPS) return 0;
    return hash_bytes(buffer_map(b), b->bytes);
}

/* This rank's part of the batch. A rank that cannot read its cases stops all. */
static att_status draw_batch(struct training *t, int64_t step, struct err *e)
{
    const double begin = clock_now();
    const att_status status = sampler_batch(
        &t->sampler, step, t->batch, t->labels ? t->labels : run_label(&t->exec, t->label), e);
    t->batch_seconds = clock_now() - begin;
    return team_agree(t->c->host->team, t->c->host, status, hash_weights(t, step), e);
}

static att_status run_passes(struct training *t, double *loss, struct err *e)
{
    struct shape s = t->graph.values[t->image].s;
    size_t numbers = shape_pixels(s) * (size_t)(s.n * s.c),
           pixels = t->graph.values[t->label].bytes;
    for (int i = 0; i < step_passes_own(&t->passes); i++) {
        if (t->labels)
            memcpy(run_label(&t->exec, t->label), t->labels + (size_t)i * pixels, pixels);
        struct tensor image = run_tensor(&t->exec, t->image);
        run_load(&image, t->batch + (size_t)i * numbers);
        TRY(step_passes_run(&t->passes, i, &t->exec, t->loss, e));
    }
    return step_passes_end(&t->passes, &t->exec, t->old_state, loss, e);
}

/* Loss and gradients of a step, averaged over its passes, after save_statistics(). A failure leaves
 * all as it was. */
static att_status compute(struct training *t, int64_t step, double *loss, struct err *e)
{
    TRY(draw_batch(t, step, e));
    att_status status = run_passes(t, loss, e);
    if (status == ATT_OK) return run_check(&t->exec, e);
    restore_statistics(t);
    return status;
}

att_status training_try_step(struct training *t, int64_t step, struct err *e)
{
    double loss;
    TRY(lead_order(t, ORDER_TRY, step, 0, e));
    save_statistics(t);
    TRY(compute(t, step, &loss, e));
    optimiser_step(&t->optimiser, &t->exec, 0, 1);
    average_update(&t->average, &t->model.params, t->exec.plan.trained, step, t->c->host->kernels,
        t->c->host->pool);
    restore_statistics(t);
    return ATT_OK;
}

att_status training_reset_moments(struct training *t, struct err *e)
{
    TRY(lead_order(t, ORDER_RESET, 0, 0, e));
    optimiser_reset(&t->optimiser);
    average_reset(&t->average, &t->model.params);
    return ATT_OK;
}

att_status training_check_finite(const struct training *t, struct err *e)
{
    if (isfinite(optimiser_squares(
            &t->optimiser, &t->model.params, t->c->host->kernels, t->c->host->pool)))
        return ATT_OK;
    TRY(run_check(&t->exec, e)); /* the numbers of a device that failed are not finite, either */
    return err_usage(e,
        "training diverged: the weights are no longer finite at step %lld; try a smaller `lr` "
        "or `clip` in a new run",
        (long long)t->step);
}

static att_status diverged(const struct training *t, struct err *e)
{
    return err_usage(e,
        "training diverged: no finite gradient in %d steps up to step %lld; try a smaller `lr` "
        "or `clip` in a new run",
        TRAINING_BAD_STEPS, (long long)t->step);
}

/* Of the last batch: norms hide overflow from the loss, but not from their statistics. */
static bool finite_statistics(const struct training *t)
{
    const struct params *p = &t->model.params;
    return isfinite(t->c->host->kernels->sum_squares(p->state, p->state_size, t->c->host->pool));
}

double training_rate(const struct training *t, int64_t step)
{
    const struct recipe *r = &t->recipe;
    return schedule_transition_rate(r->schedule, r->lr, step, r->steps, r->warmup, &t->transition);
}

/* training_step, at this learning rate. */
static att_status step_at(struct training *t, double rate, struct err *e)
{
    double loss;
    save_statistics(t);
    TRY(compute(t, t->step, &loss, e));
    t->sampling += t->batch_seconds;
    bool good = isfinite(loss) && finite_statistics(t);
    double norm = good ? optimiser_step(&t->optimiser, &t->exec, rate, t->updates + 1) : NAN;
    t->diverged = isfinite(norm) ? 0 : t->diverged + 1;
    if (!t->diverged)
        average_update(&t->average, &t->model.params, t->exec.plan.trained, t->step,
            t->c->host->kernels, t->c->host->pool);
    t->updates += !t->diverged;
    t->step++;
    if (t->diverged >= TRAINING_BAD_STEPS) return diverged(t, e);
    if (t->diverged) {
        restore_statistics(t);
        return ATT_OK;
    }
    t->loss_sum += loss;
    t->norm_sum += norm;
    t->rows_since++;
    return ATT_OK;
}

att_status training_step(struct training *t, struct err *e)
{
    const double rate = training_rate(t, t->step);
    TRY(lead_order(t, ORDER_STEP, t->step, rate, e));
    return step_at(t, rate, e);
}

static att_status check_batch(struct training *t, int64_t step, bool *good, struct err *e)
{
    const struct kernels *k = t->c->host->kernels;
    double loss;
    save_statistics(t);
    TRY(compute(t, step, &loss, e));
    *good = isfinite(loss) && finite_statistics(t) &&
        isfinite(k->sum_squares(t->exec.grads, t->model.params.size, t->c->host->pool));
    restore_statistics(t);
    return ATT_OK;
}

att_status training_check_last(struct training *t, struct err *e)
{
    while (t->diverged) {
        bool good;
        if (t->diverged >= TRAINING_BAD_STEPS) return diverged(t, e);
        const int64_t step = t->step + t->diverged;
        TRY(lead_order(t, ORDER_CHECK, step, 0, e));
        TRY(check_batch(t, step, &good, e));
        t->diverged = good ? 0 : t->diverged + 1;
    }
    return ATT_OK;
}

att_status training_obey(struct training *t, const struct order *o, struct err *e)
{
    bool good;
    t->diverged = o->diverged;
    t->updates = o->updates;
    TRY(lead_draw_alike(t, o, e));
    switch (o->kind) {
    case ORDER_SHARE:
        return lead_share(t, e);
    case ORDER_STEP:
        t->step = o->step;
        return step_at(t, o->rate, e);
    case ORDER_TRY:
        return training_try_step(t, o->step, e);
    case ORDER_RESET:
        return training_reset_moments(t, e);
    case ORDER_CHECK:
        return check_batch(t, o->step, &good, e);
    case ORDER_MEET:
        return team_agree(t->c->host->team, t->c->host, ATT_OK, 0, e);
    case ORDER_VALIDATE:
        return training_validate_part(t, (int)o->step, e);
    default:
        return ATT_OK;
    }
}

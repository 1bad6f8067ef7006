/* SPDX-License-Identifier: Apache-2.0 */
#include "train/train_step.h"

#include <math.h>
#include <string.h>

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

/* Loss and gradients of a step, averaged over its passes. */
static att_status compute(struct training *t, int64_t step, double *loss, struct err *e)
{
    struct shape s = t->graph.values[t->image].s;
    size_t numbers = shape_pixels(s) * (size_t)(s.n * s.c),
           pixels = t->graph.values[t->label].bytes;
    int n = training_passes(t);
    double begin = clock_now();
    TRY(sampler_batch(
        &t->sampler, step, t->batch, t->labels ? t->labels : run_label(&t->exec, t->label), e));
    *loss = 0;
    t->batch_seconds = clock_now() - begin;
    for (int i = 0; i < n; i++) {
        if (t->labels)
            memcpy(run_label(&t->exec, t->label), t->labels + (size_t)i * pixels, pixels);
        struct tensor image = run_tensor(&t->exec, t->image);
        run_load(&image, t->batch + (size_t)i * numbers);
        run_forward(&t->exec);
        *loss += (double)run_tensor(&t->exec, t->loss).p[0] / n;
        run_backward_part(&t->exec, t->loss, 1. / n, i > 0);
    }
    return run_check(&t->exec, e);
}

att_status training_try_step(struct training *t, int64_t step, struct err *e)
{
    double loss;
    save_statistics(t);
    TRY(compute(t, step, &loss, e));
    optimiser_step(&t->optimiser, &t->exec, 0, 1);
    average_update(&t->average, &t->model.params, t->exec.plan.trained, step, t->c->host->kernels,
        t->c->host->pool);
    restore_statistics(t);
    return ATT_OK;
}

void training_reset_moments(struct training *t)
{
    optimiser_reset(&t->optimiser);
    average_reset(&t->average, &t->model.params);
}

att_status training_check_finite(const struct training *t, struct err *e)
{
    if (isfinite(optimiser_squares(
            &t->optimiser, &t->model.params, t->c->host->kernels, t->c->host->pool)))
        return ATT_OK;
    TRY(run_check(&t->exec, e)); /* the numbers of a device that failed are not finite, either */
    return err_set(e, ATT_USAGE,
        "training diverged: the weights are no longer finite at step %lld; try a smaller `lr` "
        "or `clip` in a new run",
        (long long)t->step);
}

static att_status diverged(const struct training *t, struct err *e)
{
    return err_set(e, ATT_USAGE,
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

att_status training_step(struct training *t, struct err *e)
{
    double loss;
    save_statistics(t);
    TRY(compute(t, t->step, &loss, e));
    t->sampling += t->batch_seconds;
    bool good = isfinite(loss) && finite_statistics(t);
    double norm = good
        ? optimiser_step(&t->optimiser, &t->exec, training_rate(t, t->step), t->updates + 1)
        : NAN;
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

att_status training_check_last(struct training *t, struct err *e)
{
    const struct kernels *k = t->c->host->kernels;
    while (t->diverged) {
        if (t->diverged >= TRAINING_BAD_STEPS) return diverged(t, e);
        double loss;
        save_statistics(t);
        TRY(compute(t, t->step + t->diverged, &loss, e));
        bool good = isfinite(loss) && finite_statistics(t) &&
            isfinite(k->sum_squares(t->exec.grads, t->model.params.size, t->c->host->pool));
        restore_statistics(t);
        t->diverged = good ? 0 : t->diverged + 1;
    }
    return ATT_OK;
}

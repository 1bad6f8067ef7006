/* SPDX-License-Identifier: Apache-2.0 */
/* Sample choices, compute advantages, and the gradient of expected reward and entropy. */
#include "policy/reinforce.h"

#include "base/mem.h"
#include "policy/local.h"

const char *const advantage_name[ADVANTAGES] = {"raw", "greedy", "loo", "learned", "local"};

struct reinforcer {
    int samples;
    struct choice greedy, *choice; /* [samples] */
    double *reward, *advantage;    /* [samples] */
    double *weight, *bonus;        /* [max + 1] by step of a sample */
    double *later;                 /* [max + 1] sum over samples of the entropies after a step */
};

static att_status reinforce_allocate(
    struct reinforcer *r, int items, int max, int samples, struct err *e)
{
    size_t steps = (size_t)max + 1, n = (size_t)samples;
    r->samples = samples;
    r->choice = mem_array(n, sizeof *r->choice);
    r->reward = mem_array(n, sizeof *r->reward);
    r->advantage = mem_array(n, sizeof *r->advantage);
    r->weight = mem_array(steps, sizeof *r->weight);
    r->bonus = mem_array(steps, sizeof *r->bonus);
    r->later = mem_array(steps, sizeof *r->later);
    if (!r->choice || !r->reward || !r->advantage || !r->weight || !r->bonus || !r->later)
        return err_memory(
            e, n * sizeof *r->choice + (2 * n + 3 * steps) * sizeof(double), "samples of choices");
    TRY(choice_create(&r->greedy, items, max, e));
    for (int s = 0; s < samples; s++) TRY(choice_create(&r->choice[s], items, max, e));
    return ATT_OK;
}

att_status reinforcer_create(
    int items, int max, int samples, struct reinforcer **out, struct err *e)
{
    struct reinforcer *r;
    TRY(MEM_NEW(r, "samples of choices", e));
    att_status status = reinforce_allocate(r, items, max, samples, e);
    if (status != ATT_OK) {
        reinforcer_destroy(r);
        r = NULL;
    }
    *out = r;
    return status;
}

void reinforcer_destroy(struct reinforcer *r)
{
    if (!r) return;
    for (int s = 0; r->choice && s < r->samples; s++) choice_free(&r->choice[s]);
    choice_free(&r->greedy);
    mem_free(r->choice);
    mem_free(r->reward);
    mem_free(r->advantage);
    mem_free(r->weight);
    mem_free(r->bonus);
    mem_free(r->later);
    mem_free(r);
}

att_status reinforce_check(const struct reinforce *settings, struct err *e)
{
    int min =
        settings->advantage == ADVANTAGE_LOO || settings->advantage == ADVANTAGE_LOCAL ? 2 : 1;
    if (settings->samples < min)
        return err_usage(e,
            "`policy-samples` %d is too few for `policy-baseline` %s; it needs at least %d",
            settings->samples, advantage_name[settings->advantage], min);
    if (!(settings->entropy >= 0 && settings->entropy <= 1e6))
        return err_usage(e,
            "the entropy weight %g of the policy is not valid; use 0 or a small number such as "
            "0.01",
            settings->entropy);
    return ATT_OK;
}

static double reinforce_mean(const double *x, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++) sum += x[i];
    return sum / n;
}

void reinforce_advantages(enum advantage kind, const double *reward, int samples, double greedy,
    double value, double *advantage)
{
    double sum = samples * reinforce_mean(reward, samples);
    for (int s = 0; s < samples; s++) {
        double baseline = 0;
        if (kind == ADVANTAGE_GREEDY) baseline = greedy;
        if (kind == ADVANTAGE_LOO && samples > 1) baseline = (sum - reward[s]) / (samples - 1);
        if (kind == ADVANTAGE_LEARNED) baseline = value;
        advantage[s] = kind == ADVANTAGE_LOCAL ? 0 : reward[s] - baseline;
    }
}

enum advantage reinforce_kind(const struct reinforce *settings, bool has_change)
{
    return settings->advantage == ADVANTAGE_LOCAL && !has_change ? ADVANTAGE_LOO
                                                                 : settings->advantage;
}

double reinforce_step_weight(const struct reinforce *settings, int max)
{
    return max > 0 ? settings->entropy / max : 0;
}

/* Sums over samples, for the report. */
static void reinforce_summarise(
    struct reinforcer *r, int samples, double value, struct reinforce_report *report)
{
    const double mean = reinforce_mean(r->reward, samples);
    for (int s = 0; s < samples; s++) {
        const struct choice *c = &r->choice[s];
        double after = 0;
        for (int t = c->steps - 1; t >= 0; t--) {
            r->later[t] += after;
            after += plackett_entropy(c, t);
        }
        report->entropy += after / samples;
        report->count += (double)c->count / samples;
    }
    report->reward = mean;
    report->value_gradient = value - mean;
}

/* Add a sample's part of the loss gradient. */
static void add_sample(struct reinforcer *r, const struct reinforce *settings,
    const struct plackett *p, int s, double *gradient)
{
    struct choice *c = &r->choice[s];
    double after = 0, share = 1.0 / settings->samples,
           beta = reinforce_step_weight(settings, p->max);
    for (int t = c->steps - 1; t >= 0; t--) {
        double others = settings->samples > 1 ? (r->later[t] - after) / (settings->samples - 1) : 0;
        r->weight[t] = -share * (r->advantage[s] + beta * (after - others));
        r->bonus[t] = -share * beta;
        after += plackett_entropy(c, t);
    }
    plackett_gradient(p, c, r->weight, beta > 0 ? r->bonus : NULL, gradient);
}

void reinforce_estimate(struct reinforcer *r, const struct reinforce *settings,
    const struct plackett *p, double value, struct rng *stream, const struct rewards *rewards,
    double *gradient, struct reinforce_report *report)
{
    const enum advantage kind = reinforce_kind(settings, rewards->change != NULL);
    *report = (struct reinforce_report){.count = 0};
    plackett_greedy(p, &r->greedy);
    report->greedy = rewards->of(rewards->arg, r->greedy.item, r->greedy.count);
    for (int s = 0; s < settings->samples; s++) {
        struct choice *c = &r->choice[s];
        plackett_sample(p, stream, c);
        r->reward[s] = rewards->of(rewards->arg, c->item, c->count);
        if (kind == ADVANTAGE_LOCAL)
            local_gradient(p, c, rewards, r->reward[s], -1.0 / settings->samples, gradient);
    }
    for (int t = 0; t <= p->max; t++) r->later[t] = 0;
    reinforce_summarise(r, settings->samples, value, report);
    reinforce_advantages(kind, r->reward, settings->samples, report->greedy, value, r->advantage);
    for (int s = 0; s < settings->samples; s++) add_sample(r, settings, p, s, gradient);
}

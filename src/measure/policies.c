/* SPDX-License-Identifier: Apache-2.0 */
#include "measure/policies.h"

#include <math.h>
#include <string.h>

#include "base/mean.h"
#include "base/mem.h"
#include "measure/policies_case.h"

const char *policies_method(int m) { return m == METHOD_LEARNED ? "policy" : chooser_name[m]; }

enum { NUMBERS = 4 };
static double *policies_numbers(struct policies_score *s, int i)
{
    return (double *[NUMBERS]){&s->tiles, &s->share, &s->dice, &s->outside}[i];
}

static void means_of(const struct policies *p,
    struct policies_score *(*of)(struct policies_case *c, int m, int k), int m, int k,
    struct policies_score *out)
{
    for (int n = 0; n < NUMBERS; n++) {
        struct mean mean = {0};
        for (int i = 0; i < p->count; i++)
            mean_add(&mean, *policies_numbers(of(&p->list[i], m, k), n));
        *policies_numbers(out, n) = mean_of(&mean);
    }
}

static struct policies_score *none_of(struct policies_case *c, int m, int k)
{
    return (void)m, (void)k, &c->none;
}
static struct policies_score *all_of(struct policies_case *c, int m, int k)
{
    return (void)m, (void)k, &c->all;
}
static struct policies_score *own_of(struct policies_case *c, int m, int k)
{
    return (void)m, (void)k, &c->own;
}
static struct policies_score *policies_score_of(struct policies_case *c, int m, int k)
{
    return &c->score[m][k];
}

static void policies_take_means(struct policies *p)
{
    struct policies_case *mean = &p->mean;
    double tiles = 0;
    for (int i = 0; i < p->count; i++) {
        const struct policies_case *c = &p->list[i];
        tiles += (double)c->tiles / p->count;
        mean->dense += c->dense / p->count;
        mean->coarse += c->coarse / p->count;
        mean->tile += c->tile / p->count;
        mean->coarse_seconds += c->coarse_seconds / p->count;
        mean->tile_seconds += c->tile_seconds / p->count;
    }
    mean->tiles = (int)lround(tiles);
    means_of(p, none_of, 0, 0, &mean->none);
    means_of(p, all_of, 0, 0, &mean->all);
    means_of(p, own_of, 0, 0, &mean->own);
    for (int m = 0; m < METHODS; m++)
        for (int k = 0; k < p->ks; k++) means_of(p, policies_score_of, m, k, &mean->score[m][k]);
}

static att_status policies_run_cases(struct policies_work *w, const struct dataset *d,
    const int *list, int count, struct policies *p, struct err *e)
{
    struct host *host = w->host;
    TRY(hard_read(&w->model->spec, &w->hard, e));
    TRY(hard_runner_create(w->model, host->kernels, host->pool, w->options->conv, &w->runner, e));
    TRY(look_count_create(&w->count, w->model, w->runner, host, e));
    for (; p->count < count; p->count++) {
        if (host_stopped(host))
            return err_set(e, ATT_INTERRUPTED, "stopped after %d of %d cases", p->count, count);
        host_progress(host, "computing tiles", p->count, count, d->cases[list[p->count]].id);
        att_status status =
            policies_measure(w, d, list[p->count], p->count, p, &p->list[p->count], e);
        if (status != ATT_OK) mem_free(p->list[p->count].id);
        TRY(status);
    }
    host_progress(host, "computing tiles", count, count, NULL);
    return ATT_OK;
}

att_status policies_possible(const struct model *m, struct err *e)
{
    if (hard_is(&m->spec)) return ATT_OK;
    return err_usage(e,
        "the network is neither arch=hard nor arch=glimpse, so it has no policy; evaluate its "
        "masks instead");
}

att_status policies_run(const struct model *m, const struct dataset *d, const int *list, int count,
    const struct policies_options *o, struct host *host, struct policies *p, struct err *e)
{
    struct policies_work w = {.model = m, .options = o, .host = host};
    memset(p, 0, sizeof *p);
    TRY(policies_possible(m, e));
    if (count < 1)
        return err_data(e, "%s has no labelled case to evaluate policies on; add labels", d->root);
    memcpy(p->k, o->k, sizeof p->k);
    p->ks = o->ks;
    TRY(MEM_ARRAY(p->list, count, "the scores of the cases", e));
    att_status status = policies_run_cases(&w, d, list, count, p, e);
    hard_runner_free(w.runner);
    look_free(&w.look);
    look_count_free(&w.count);
    if (status == ATT_OK)
        policies_take_means(p);
    else
        policies_free(p);
    return status;
}

void policies_free(struct policies *p)
{
    for (int i = 0; p->list && i < p->count; i++) mem_free(p->list[i].id);
    mem_free(p->list);
    memset(p, 0, sizeof *p);
}

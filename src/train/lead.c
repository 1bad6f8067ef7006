/* SPDX-License-Identifier: Apache-2.0 */
#include "train/lead.h"

#include <string.h>

#include "base/json.h"
#include "base/json_memory.h"
#include "base/mem.h"
#include "base/text.h"
#include "dataset/data_hash.h"
#include "train/train_state.h"

static bool lead_any(const struct training *t)
{
    return team_size(t->c->host->team) > 1 && team_rank(t->c->host->team) == 0;
}

/* Numbers of ranks that can share n passes, up to the batch: "1, 2, 3 or 6". */
static const char *lead_divisors(int n, char *text, size_t size)
{
    *text = 0;
    for (int i = 1; i <= n; i++)
        if (n % i == 0) text_append(text, size, "%s%d", i == 1 ? "" : i == n ? " or " : ", ", i);
    return text;
}

static att_status lead_check(const struct training *t, struct err *e)
{
    const int ranks = team_size(t->c->host->team), passes = training_passes(t);
    const int batch = (int)t->recipe.batch;
    char numbers[128];
    if (passes % ranks == 0) return ATT_OK;
    lead_divisors(passes, numbers, sizeof numbers);
    if (batch % ranks == 0)
        return err_usage(e,
            "%d ranks cannot share the %d pass%s of a batch of %d; set `micro-batch` %d or a part "
            "of it, or start %s rank%s",
            ranks, passes, passes == 1 ? "" : "es", batch, batch / ranks, numbers,
            passes == 1 ? "" : "s");
    return err_usage(e,
        "%d ranks cannot share the %d pass%s of a batch of %d; start %s rank%s, or set a `batch` "
        "that %d divides, and `micro-batch`",
        ranks, passes, passes == 1 ? "" : "es", batch, numbers, passes == 1 ? "" : "s", ranks);
}

/* {"state": as in a checkpoint, "model", "data": its path} */
static att_status lead_describe(struct training *t, char **text, struct err *e)
{
    const struct recipe open = t->recipe; /* its length may be unknown yet */
    if (!t->recipe.steps) t->recipe.steps = 1;
    recipe_settle(&t->recipe);
    json_t *j =
        json_pack("{s:o, s:o}", "state", training_to_json(t), "model", model_to_json(&t->model));
    t->recipe = open;
    if (j) json_set_text(j, "data", t->recipe.dataset_path);
    *text = json_text(j, JSON_COMPACT | JSON_REAL_PRECISION(17));
    json_decref(j);
    return *text ? ATT_OK : err_memory(e, 4096, "the description of a training");
}

att_status lead_begin(struct training *t, struct err *e)
{
    char *text = NULL;
    if (!lead_any(t)) return ATT_OK;
    TRY(lead_check(t, e));
    att_status status = lead_describe(t, &text, e);
    struct order order = {
        .kind = ORDER_BUILD, .net = t->net, .step = text ? (int64_t)strlen(text) : 0};
    if (status == ATT_OK) status = team_share(t->c->host->team, &order, sizeof order, e);
    if (status == ATT_OK) status = team_share(t->c->host->team, text, (size_t)order.step, e);
    t->leads = status == ATT_OK;
    mem_free(text);
    return status;
}

/* A rank with other files under the same names would train something else. */
static att_status lead_compare_cases(struct team *team, const uint64_t own[2], struct err *e)
{
    uint64_t(*all)[2] = mem_array((size_t)team->size, sizeof *all);
    if (!all) return team_fail(team, err_memory(e, sizeof *all, "an exchange of ranks"));
    att_status status = team_gather(team, own, all, sizeof *all, e);
    for (int i = 1; i < team->size && status == ATT_OK; i++)
        if (memcmp(all[i], all[0], sizeof *all) != 0)
            status = err_data(e,
                "rank %d on %s has other %s cases under the same names than rank 0 on %s; give "
                "all ranks the same data set",
                i, team->peers[i].host, all[i][0] != all[0][0] ? "training" : "validation",
                team->peers[0].host);
    mem_free(all);
    return status;
}

att_status lead_ready(struct host *host, const struct training *t, att_status status, struct err *e)
{
    uint64_t hash[2] = {0};
    int files;
    if (status == ATT_OK)
        status = data_hash(&t->data, t->split.train, t->split.ntrain, &hash[0], &files, e);
    if (status == ATT_OK)
        status = data_hash(&t->data, t->split.val, t->split.nval, &hash[1], &files, e);
    TRY(team_agree(host->team, host, status, 0, e));
    return lead_compare_cases(host->team, hash, e);
}

att_status lead_built(struct training *t, att_status status, struct err *e)
{
    if (!t->leads) return status;
    status = lead_ready(t->c->host, t, status, e);
    t->leads = status == ATT_OK; /* else the others wait for the next one */
    return status;
}

att_status lead_share(struct training *t, struct err *e)
{
    struct team *team = t->c->host->team;
    const struct params *p = &t->model.params;
    run_unmap(&t->exec);
    TRY(team_share(team, buffer_map(&p->numbers), p->numbers.bytes, e));
    const struct buffer *average = &t->average.numbers;
    if (t->average.data) TRY(team_share(team, buffer_map(average), average->bytes, e));
    return team_share(team, buffer_map(&t->optimiser.moments), t->optimiser.moments.bytes, e);
}

static att_status lead_share_positions(struct training *t, struct err *e)
{
    return team_share(
        t->c->host->team, t->positions, (size_t)t->recipe.batch * sizeof *t->positions, e);
}

att_status lead_order(
    struct training *t, enum order_kind kind, int64_t step, double rate, struct err *e)
{
    const bool draws = kind == ORDER_STEP || kind == ORDER_TRY || kind == ORDER_CHECK;
    struct order order = {.kind = (int32_t)kind,
        .net = t->net,
        .step = step,
        .updates = t->updates,
        .rate = rate,
        .seed = t->sampler.seed,
        .diverged = t->diverged,
        .cases = t->sampler.count,
        .placed = draws && t->positions};
    if (!t->leads) return ATT_OK;
    TRY(team_share(t->c->host->team, &order, sizeof order, e));
    if (order.placed) return lead_share_positions(t, e);
    return kind == ORDER_SHARE ? lead_share(t, e) : ATT_OK;
}

att_status lead_meet(struct training *t, struct err *e)
{
    static const double pause = .2; /* seconds */
    if (!t->leads || clock_now() - t->met < pause) return ATT_OK;
    t->met = clock_now();
    TRY(lead_order(t, ORDER_MEET, 0, 0, e));
    return team_agree(t->c->host->team, t->c->host, ATT_OK, 0, e);
}

/* A rank that cannot would stay away from the exchanges that follow. */
static att_status lead_change_cases(struct training *t, int cases, struct err *e)
{
    if (t->sampler.count == cases) return ATT_OK;
    sampler_end(&t->sampler);
    t->sampler.count = cases;
    const att_status status = sampler_begin(&t->sampler, e);
    return status == ATT_OK ? ATT_OK : team_fail(t->c->host->team, status);
}

att_status lead_draw_alike(struct training *t, const struct order *o, struct err *e)
{
    t->sampler.seed = o->seed;
    TRY(lead_change_cases(t, o->cases, e));
    if (!o->placed) return ATT_OK;
    const att_status status = training_choose_positions(t, e);
    return status == ATT_OK ? lead_share_positions(t, e) : team_fail(t->c->host->team, status);
}

void lead_end(struct training *t)
{
    struct err ignored = {0};
    if (t->leads) lead_order(t, ORDER_END, t->step, 0, &ignored);
    t->leads = false;
}

void lead_dismiss(struct team *team, att_status status)
{
    struct err ignored = {0};
    struct order order = {.kind = ORDER_DISMISS, .step = status};
    if (team_size(team) > 1 && !team->lost) team_share(team, &order, sizeof order, &ignored);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "train/follow.h"

#include <string.h>

#include "base/json.h"
#include "base/json_memory.h"
#include "base/mem.h"
#include "train/lead.h"
#include "train/train_build.h"
#include "train/train_state.h"
#include "train/train_step.h"

/* The trainings that rank 0 leads, by number: those of a hard model are two. */
enum { FOLLOW_NETS = 2 };
struct follower {
    const struct train_context *c;
    struct training *net[FOLLOW_NETS];
};

static att_status follow_describe(struct training *t, const json_t *j, struct err *e)
{
    char *model = json_text(json_object_get(j, "model"), JSON_REAL_PRECISION(17));
    if (!model) return err_memory(e, 4096, "the description of a model");
    att_status status = model_from_json(model, "the model of rank 0", &t->model, e);
    mem_free(model);
    TRY(status);
    TRY(training_from_json(t, json_object_get(j, "state"), json_str(j, "data"), e));
    return params_allocate(&t->model.params, e);
}

static att_status follow_build(struct training *t, const char *text, struct err *e)
{
    json_t *j = json_memory_load(text, strlen(text), 0, NULL);
    if (!j) return err_memory(e, strlen(text), "the description of a training");
    att_status status = follow_describe(t, j, e);
    json_decref(j);
    return status == ATT_OK ? training_build(t, e) : status;
}

/* A rank that cannot build says so, and waits for the next training. */
static att_status follow_begin(
    struct follower *f, const struct order *o, const char *text, struct err *e)
{
    struct err own = {0};
    struct training *t = training_new(f->c, "", &own);
    att_status status = t ? follow_build(t, text, &own) : ATT_MEMORY;
    status = lead_ready(f->c->host, t, status, &own);
    if (f->c->host->team->lost) return err_pass(e, status, &own);
    if (status == ATT_OK)
        f->net[o->net] = t;
    else if (t)
        training_delete(t);
    return ATT_OK;
}

static att_status follow_read(struct follower *f, const struct order *o, struct err *e)
{
    char *text;
    const size_t bytes = (size_t)o->step;
    att_status status = MEM_BYTES(text, bytes + 1, "the description of a training", e);
    if (status != ATT_OK) return team_fail(f->c->host->team, status); /* rank 0 waits for it */
    status = team_share(f->c->host->team, text, bytes, e);
    if (status == ATT_OK) status = follow_begin(f, o, text, e);
    mem_free(text);
    return status;
}

static att_status follow_order(struct follower *f, const struct order *o, struct err *e)
{
    struct err own = {0}; /* rank 0 has its sentence */
    struct training *t = f->net[o->net];
    if (o->kind == ORDER_BUILD) return follow_read(f, o, e);
    training_obey(t, o, &own);
    if (f->c->host->team->lost) return err_pass(e, own.status, &own);
    if (o->kind != ORDER_END) return ATT_OK;
    f->net[o->net] = NULL;
    training_delete(t);
    return ATT_OK;
}

att_status follow_leader(const struct train_context *c, struct err *e)
{
    struct follower f = {.c = c};
    struct order order = {.kind = ORDER_BUILD};
    att_status status = ATT_OK;
    while (status == ATT_OK) {
        status = team_share(c->host->team, &order, sizeof order, e);
        if (order.kind == ORDER_DISMISS) break;
        if (status == ATT_OK) status = follow_order(&f, &order, e);
    }
    for (int i = 0; i < FOLLOW_NETS; i++)
        if (f.net[i]) training_delete(f.net[i]);
    TRY(status);
    return order.step == ATT_OK ? ATT_OK
                                : err_set(e, (att_status)order.step, "rank 0 has said why");
}

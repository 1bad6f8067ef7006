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

static att_status follow_orders(struct training *t, struct err *e)
{
    struct order order;
    do {
        TRY(team_share(t->c->host->team, &order, sizeof order, e));
        struct err own = {0}; /* rank 0 has its sentence */
        training_obey(t, &order, &own);
        if (t->c->host->team->lost) return err_pass(e, own.status, &own);
    } while (order.kind != ORDER_END);
    return ATT_OK;
}

/* A rank that cannot build says so, and waits for the next task. */
static att_status follow_training(const struct train_context *c, const char *text, struct err *e)
{
    struct err own = {0};
    struct training *t = training_new(c, "", &own);
    att_status status = t ? follow_build(t, text, &own) : ATT_MEMORY;
    status = lead_ready(c->host, t, status, &own);
    if (c->host->team->lost) err_pass(e, status, &own);
    if (status == ATT_OK) status = follow_orders(t, e);
    if (t) training_delete(t);
    return c->host->team->lost ? status : ATT_OK;
}

att_status follow_leader(const struct train_context *c, struct err *e)
{
    struct task task;
    for (;;) {
        char *text;
        TRY(team_share(c->host->team, &task, sizeof task, e));
        if (!task.bytes) break;
        att_status status =
            MEM_BYTES(text, (size_t)task.bytes + 1, "the description of a training", e);
        if (status != ATT_OK) return team_fail(c->host->team, status); /* rank 0 waits for it */
        status = team_share(c->host->team, text, (size_t)task.bytes, e);
        if (status == ATT_OK) status = follow_training(c, text, e);
        mem_free(text);
        TRY(status);
    }
    return task.status == ATT_OK ? ATT_OK
                                 : err_set(e, (att_status)task.status, "rank 0 has said why");
}

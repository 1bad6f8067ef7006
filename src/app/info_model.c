/* SPDX-License-Identifier: Apache-2.0 */
/* Describes a model and its layers. */
#include <stdio.h>
#include <string.h>

#include "app/info.h"
#include "arch/hard.h"
#include "base/json.h"
#include "files/hash.h"
#include "graph/plan.h"

void info_layer_name(const struct graph *g, const struct node *n, char *name, size_t room)
{
    snprintf(name, room, "%s", "");
    for (int i = 0; i < n->nin; i++) {
        const struct value *v = graph_in(g, n, i);
        if (v->kind != VALUE_PARAM) continue;
        snprintf(name, room, "%s", g->params->list[v->param].name);
        char *dot = strrchr(name, '.');
        if (dot) *dot = 0;
        return;
    }
    for (int i = 0; i < g->noutputs; i++)
        if (g->outputs[i].value == n->out[0]) snprintf(name, room, "%s", g->outputs[i].name);
}

static int64_t trained_by(const struct graph *g, const struct node *n)
{
    int64_t count = 0;
    for (int i = 0; i < n->nin; i++) {
        const struct value *v = graph_in(g, n, i);
        if (v->kind == VALUE_PARAM && param_trains(&g->params->list[v->param]))
            count += (int64_t)g->params->list[v->param].count;
    }
    return count;
}

static json_t *info_model_layer(const struct graph *g, const struct node *n)
{
    char name[128];
    info_layer_name(g, n, name, sizeof name);
    struct shape s = g->values[n->out[0]].s;
    return json_pack("{s:s, s:s, s:[iiii], s:I, s:o}", "name", name, "op", n->op->name, "shape",
        s.c, s.d, s.h, s.w, "parameters", (json_int_t)trained_by(g, n), "multiply_adds",
        json_finite(n->op->macs ? n->op->macs(g, n) : 0));
}

static att_status info_model_layers(
    struct app_call *call, const struct model *m, const struct graph *g, json_t *json)
{
    struct plan p;
    TRY(plan_make(g, call->host->kernels, NULL, pool_threads(call->host->pool), &p, call->e));
    json_t *list = json_array();
    for (int i = 0; i < g->nnodes; i++)
        json_array_append_new(list, info_model_layer(g, &g->nodes[i]));
    json_object_set_new(json, "layers", list);
    json_set_real(json, "multiply_adds", graph_macs(g));
    json_set_int(json, "work_bytes", (json_int_t)p.work_bytes);
    json_set_int(json, "parameter_bytes",
        (json_int_t)((m->params.size + m->params.state_size) * sizeof(real)));
    plan_free(&p);
    return ATT_OK;
}

static att_status add_layers(struct app_call *call, const struct model *m, json_t *json)
{
    int size[3], input;
    struct graph g;
    struct params params; /* the graph registers parameters by name, without the model's */
    TRY(options_size3(call->o, info, shape, &(struct size_rule){m->facts.dims, "the model is", 1},
        size, call->e));
    if (!size[2]) return ATT_OK;
    params_init(&params);
    graph_init(&g, &params, false);
    att_status status = model_build(m, &g, 1, size, &input, call->e);
    if (status == ATT_OK) status = info_model_layers(call, m, &g, json);
    graph_free(&g);
    params_free(&params);
    return status;
}

/* For hard attention. */
static att_status info_model_add_parts(const struct model *m, json_t *json, struct err *e)
{
    struct hard h;
    int64_t numbers[PARTS] = {0};
    if (!hard_is(&m->spec)) return ATT_OK;
    TRY(hard_read(&m->spec, &h, e));
    for (int i = 0; i < m->params.count; i++)
        for (int k = 0; k < PARTS && param_trains(&m->params.list[i]); k++) {
            size_t n = strlen(part_name[k]);
            const char *name = m->params.list[i].name;
            if (!strncmp(name, part_name[k], n) && name[n] == '.')
                numbers[k] += (int64_t)m->params.list[i].count;
        }
    json_t *parts = json_object();
    for (int k = 0; k < PARTS; k++)
        json_object_set_new(parts, part_name[k], json_integer((json_int_t)numbers[k]));
    json_object_set_new(json, "hard",
        json_pack("{s:b, s:o, s:o, s:o, s:o, s:i, s:o}", "sequential", h.glimpse, "scale",
            json_triple(h.scale), "tile", json_triple(h.tile), "halo", json_triple(h.halo),
            "cluster", json_triple(h.cluster), "tiles", h.tiles, "parameters", parts));
    return ATT_OK;
}

static att_status add_hash(const struct model *m, json_t *json, struct err *e)
{
    uint64_t hash;
    char text[HASH_TEXT];
    TRY(weights_hash(&m->params, &hash, e));
    json_set_text(json, "hash", hash_text(hash, text));
    return ATT_OK;
}

att_status info_describe(
    struct app_call *call, const struct model *m, const char *path, json_t **json)
{
    json_t *model = model_to_json(m),
           *j = model ? json_pack("{s:s, s:o*}", "what", "model", "path", json_utf8(path)) : NULL;
    const bool whole = j && json_object_update(j, model) == 0;
    json_decref(model);
    *json = j;
    if (!whole) return err_memory(call->e, 1, "the description of the model");
    json_set_int(j, "dims", m->facts.dims);
    json_object_set_new(j, "multiple",
        json_pack("[iii]", m->facts.multiple[0], m->facts.multiple[1], m->facts.multiple[2]));
    json_set_int(j, "parameters", params_trainable(&m->params));
    TRY(add_hash(m, j, call->e));
    TRY(info_model_add_parts(m, j, call->e));
    return call->o ? add_layers(call, m, j) : ATT_OK;
}

att_status info_model(struct app_call *call, const char *path, json_t **json)
{
    struct model m;
    TRY(model_load(path, &m, call->e));
    att_status status = info_describe(call, &m, path, json);
    model_free(&m);
    return status;
}

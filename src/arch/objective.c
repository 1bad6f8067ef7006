/* SPDX-License-Identifier: Apache-2.0 */
/* From the text of an objective to nodes. */
#include "arch/objective.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ops/ops.h"

enum { TERMS = 4, TEXT = 64 };

struct term {
    const struct loss *loss;
    struct loss_attr attr;
    float weight;
};

static const struct loss *find(const char *name)
{
    for (const struct loss *const *l = losses_list(); *l; l++)
        if (!strcmp((*l)->name, name)) return *l;
    return NULL;
}

static bool knows(const struct loss *l, const char *key)
{
    const char *at = strstr(l->keys, key);
    size_t n = strlen(key);
    return at && (at == l->keys || at[-1] == ' ') && (at[n] == ' ' || !at[n]);
}

static att_status flag(const char *key, const char *value, bool *out, struct err *e)
{
    *out = !strcmp(value, "yes");
    if (*out || !strcmp(value, "no")) return ATT_OK;
    return err_set(e, ATT_USAGE, "%s=%s in the loss: choose yes or no", key, value);
}

static att_status setting(struct term *t, const char *key, const char *value, struct err *e)
{
    if (!knows(t->loss, key))
        return err_set(e, ATT_USAGE, "the loss %s has no setting %s; it has: %s", t->loss->name, key, *t->loss->keys ? t->loss->keys : "none");
    if (!strcmp(key, "batch")) return flag(key, value, &t->attr.batch, e);
    if (!strcmp(key, "background")) return flag(key, value, &t->attr.background, e);
    char *end;
    t->attr.smooth = strtof(value, &end);
    if (end == value || *end || !(t->attr.smooth >= 0)) return err_set(e, ATT_USAGE, "%s=%s in the loss: a number from 0 is needed", key, value);
    return ATT_OK;
}

/* [WEIGHT*]NAME[(KEY=VALUE,...)] */
static att_status parse_term(char *text, struct term *t, struct err *e)
{
    t->weight = 1;
    char *star = strchr(text, '*');
    if (star) {
        char *end;
        t->weight = strtof(text, &end);
        if (end != star || !(t->weight >= 0)) return err_set(e, ATT_USAGE, "\"%s\" in the loss: a number from 0 is needed before *", text);
        text = star + 1;
    }
    char *open = strchr(text, '('), *save = NULL;
    if (open) *open = 0;
    t->loss = find(text);
    if (!t->loss) return err_set(e, ATT_USAGE, "the loss \"%s\" is unknown; join ce and dice by +, as in dice+ce", text);
    t->attr = t->loss->otherwise;
    if (!open) return ATT_OK;
    size_t n = strlen(open + 1);
    if (!n || open[n] != ')') return err_set(e, ATT_USAGE, "the loss %s has an opening ( without a closing )", text);
    open[n] = 0;
    for (char *word = strtok_r(open + 1, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
        char *equals = strchr(word, '=');
        if (!equals) return err_set(e, ATT_USAGE, "\"%s\" in the loss: key=value is expected", word);
        *equals = 0;
        TRY(setting(t, word, equals + 1, e));
    }
    return ATT_OK;
}

static att_status parse(const char *text, struct term *terms, int *count, struct err *e)
{
    char copy[256];
    if (strlen(text) >= sizeof copy) return err_set(e, ATT_USAGE, "the loss is longer than %d characters", (int)sizeof copy - 1);
    memcpy(copy, text, strlen(text) + 1);
    char *save = NULL;
    *count = 0;
    for (char *word = strtok_r(copy, "+", &save); word; word = strtok_r(NULL, "+", &save)) {
        if (*count == TERMS) return err_set(e, ATT_USAGE, "the loss has more than %d terms", TERMS);
        TRY(parse_term(word, &terms[(*count)++], e));
    }
    return *count ? ATT_OK : err_set(e, ATT_USAGE, "the loss is empty; dice+ce is a good choice");
}

att_status objective_check(const char *text, struct err *e)
{
    struct term terms[TERMS];
    int count;
    return parse(text, terms, &count, e);
}

/* The arrays that loss nodes point to live as long as the graph. */
static att_status constants(struct graph *g, const struct target *t, const uint64_t **region, const real **weight, struct err *e)
{
    *region = NULL;
    *weight = NULL;
    bool weighted = false;
    for (int i = 0; i < t->channels; i++) weighted |= t->weight[i] != 0;
    uint64_t *r = t->regions ? graph_own(g, sizeof t->region) : NULL;
    real *w = weighted ? graph_own(g, (size_t)t->channels * sizeof *w) : NULL;
    if ((t->regions && !r) || (weighted && !w)) return err_memory(e, sizeof t->region, "the loss");
    if (r) memcpy(r, t->region, sizeof t->region);
    for (int i = 0; w && i < t->channels; i++) w[i] = (real)t->weight[i];
    *region = r;
    *weight = w;
    return ATT_OK;
}

/* All terms on one head. */
static att_status head_loss(struct graph *g, const struct term *terms, int count, int logits, int label, int *loss, struct err *e)
{
    struct sum_attr sum = {{0}};
    int in[TERMS];
    for (int i = 0; i < count; i++) {
        int out[2];
        TRY(graph_node(g, &terms[i].loss->op, (int[]){logits, label}, 2, terms[i].loss->outputs, &terms[i].attr, sizeof terms[i].attr, out, e));
        in[i] = out[0];
        sum.weight[i] = terms[i].weight;
    }
    return graph_node(g, &op_sum, in, count, 1, &sum, sizeof sum, loss, e);
}

att_status objective_build(struct graph *g, const char *text, const struct target *t, int *label, int *loss, struct err *e)
{
    struct term terms[TERMS];
    int count, heads[NODE_MAX_IN], nheads = 0;
    TRY(parse(text, terms, &count, e));
    for (int i = 0; i < count; i++) TRY(constants(g, t, &terms[i].attr.region, &terms[i].attr.weight, e));
    heads[nheads++] = graph_find_output(g, "logits");
    if (heads[0] < 0) return err_set(e, ATT_FAILED, "the network has no output called logits");
    for (char name[32]; nheads < NODE_MAX_IN; nheads++) {
        snprintf(name, sizeof name, "logits.%d", nheads);
        heads[nheads] = graph_find_output(g, name);
        if (heads[nheads] < 0) break;
    }
    struct shape s = g->values[heads[0]].s;
    TRY(graph_label(g, (struct shape){s.n, 1, s.d, s.h, s.w}, label, e));
    int used = nheads > 1 ? nheads - 1 : 1, in[NODE_MAX_IN];
    struct sum_attr sum = {{0}};
    float total = 0;
    for (int i = 0; i < used; i++) total += 1.0f / (float)(1 << i);
    for (int i = 0; i < used; i++) {
        int y = *label;
        struct shape h = g->values[heads[i]].s;
        if (h.d != s.d || h.h != s.h || h.w != s.w) {
            struct grid_attr grid = {.size = {h.d, h.h, h.w}};
            TRY(graph_node(g, &op_label, label, 1, 1, &grid, sizeof grid, &y, e));
        }
        TRY(head_loss(g, terms, count, heads[i], y, &in[i], e));
        sum.weight[i] = 1.0f / (float)(1 << i) / total;
    }
    TRY(graph_node(g, &op_sum, in, used, 1, &sum, sizeof sum, loss, e));
    return graph_output(g, *loss, e, "loss");
}

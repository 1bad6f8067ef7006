/* SPDX-License-Identifier: Apache-2.0 */
#include "arch/objective.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "arch/spec.h"
#include "base/number.h"
#include "base/text.h"
#include "ops/ops.h"

enum { TERMS = 4, TEXT = 256 };

struct term {
    const struct loss *loss;
    struct loss_attr attr;
    float weight;
};

static const struct loss *objective_find(const char *name)
{
    for (const struct loss *const *l = losses_list(); *l; l++)
        if (!strcmp((*l)->name, name)) return *l;
    return NULL;
}

/* List all losses, or those with class weights, or a loss's keys, for messages. */
static const char *loss_names(bool weights, char list[TEXT])
{
    *list = 0;
    for (const struct loss *const *l = losses_list(); *l; l++)
        if (!weights || (*l)->weights)
            text_append(list, TEXT, "%s%s", *list ? ", " : "", (*l)->name);
    return list;
}

static const char *setting_names(const struct loss *l, char list[TEXT])
{
    *list = 0;
    for (int i = 0; i < LOSS_SETTINGS && l->settings[i].key; i++)
        text_append(list, TEXT, "%s%s", *list ? ", " : "", l->settings[i].key);
    return *list ? list : "none";
}

/* LOSS_SETTINGS: unknown. */
static int find_setting(const struct loss *l, const char *key)
{
    for (int i = 0; i < LOSS_SETTINGS && l->settings[i].key; i++)
        if (!strcmp(l->settings[i].key, key)) return i;
    return LOSS_SETTINGS;
}

static att_status setting(
    struct term *t, const char *key, const char *value, bool seen[LOSS_SETTINGS], struct err *e)
{
    const struct loss_setting *s = t->loss->settings;
    int i = find_setting(t->loss, key);
    char keys[TEXT], *end;
    if (i == LOSS_SETTINGS)
        return err_usage(e, "the loss %s has no setting %s; it has: %s", t->loss->name, key,
            setting_names(t->loss, keys));
    if (seen[i])
        return err_usage(e, "the loss %s sets %s twice; keep one of them", t->loss->name, key);
    seen[i] = true;
    double *to = &t->attr.set[i];
    if (s[i].kind == LOSS_YES_NO) {
        bool yes = !strcmp(value, "yes");
        *to = yes;
        return yes || !strcmp(value, "no")
            ? ATT_OK
            : err_usage(e, "%s=%s in the loss: choose yes or no", key, value);
    }
    *to = number_read(value, &end);
    bool whole = s[i].kind == LOSS_WHOLE;
    if (end != value && !*end && *to >= s[i].min && *to <= s[i].max && !isinf(*to) &&
        !(whole && *to != floor(*to)))
        return ATT_OK;
    if (isinf(s[i].max))
        return err_usage(e, "%s=%s in the loss: a number from %g is needed", key, value, s[i].min);
    return err_usage(e, "%s=%s in the loss: a %snumber from %g to %g is needed", key, value,
        whole ? "whole " : "", s[i].min, s[i].max);
}

/* Copy up to the next character of `until` and advance; false if empty. A word buffer fits any
 * objective. */
static bool objective_take(const char **at, const char *until, char word[TEXT])
{
    size_t n = strcspn(*at, until);
    memcpy(word, *at, n);
    word[n] = 0;
    *at += n;
    return n > 0;
}

/* Tversky's index is always 1 if both kinds of error have weight 0. */
static att_status check_errors_count(const struct term *t, struct err *e)
{
    int alpha = find_setting(t->loss, "alpha"), beta = find_setting(t->loss, "beta");
    if (alpha == LOSS_SETTINGS || beta == LOSS_SETTINGS || t->attr.set[alpha] > 0 ||
        t->attr.set[beta] > 0)
        return ATT_OK;
    return err_usage(e,
        "the loss %s trains nothing with alpha=0 and beta=0; set one of them above 0",
        t->loss->name);
}

/* (KEY=VALUE,...) */
static att_status parse_settings(const char **at, struct term *t, struct err *e)
{
    bool seen[LOSS_SETTINGS] = {false};
    if (!strchr(*at, ')'))
        return err_usage(e, "the loss %s has an opening ( without a closing )", t->loss->name);
    do {
        char word[TEXT], key[TEXT];
        (*at)++;
        objective_take(at, ",)", word);
        const char *value = word;
        if (!objective_take(&value, "=", key) || !*value || !value[1])
            return err_usage(e, "\"%s\" in the loss: key=value is expected", word);
        TRY(setting(t, key, value + 1, seen, e));
    } while (**at == ',');
    (*at)++;
    if (**at && **at != '+')
        return err_usage(e, "\"%s\" in the loss: a + is expected between two losses", *at);
    return check_errors_count(t, e);
}

static att_status objective_unknown(const char *name, struct err *e)
{
    char list[TEXT], *end;
    double weight = number_read(name, &end);
    for (const struct loss *const *l = losses_list(); *l; l++)
        if (text_equals((*l)->name, name))
            return err_usage(
                e, "the loss \"%s\" is written in small letters: %s", name, (*l)->name);
    if (end > name && objective_find(end))
        return err_usage(e,
            "\"%s\" in the loss: a * is expected between a weight and a loss, as in %g*%s", name,
            weight, end);
    return err_usage(e,
        "the loss \"%s\" is unknown; choose from: %s; join them by +, as in dice+ce", name,
        loss_names(false, list));
}

/* [WEIGHT*]NAME[(KEY=VALUE,...)], up to a + or the end. */
static att_status parse_term(const char **at, struct term *t, struct err *e)
{
    char *end, name[TEXT];
    const char *begin = *at;
    double weight = number_read(begin, &end);
    bool weighted = end > begin && *end == '*';
    *at = weighted ? end + 1 : begin;
    t->weight = weighted ? (float)weight : 1;
    bool named = objective_take(at, "*+(", name);
    if (**at == '*' || !(t->weight >= 0 && t->weight <= 1e30f))
        return err_usage(
            e, "\"%s\" in the loss: a number from 0 to 1e30 is needed before *", begin);
    if (!named && !*begin)
        return err_usage(e,
            "the loss ends where another one is expected; add its name, or leave out the last +");
    if (!named)
        return err_usage(
            e, "the loss lacks a name at \"%s\"; join losses by one +, as in dice+ce", begin);
    t->loss = objective_find(name);
    if (!t->loss) return objective_unknown(name, e);
    t->attr = (struct loss_attr){.region = NULL};
    for (int i = 0; i < LOSS_SETTINGS; i++) t->attr.set[i] = t->loss->settings[i].initial;
    return **at == '(' ? parse_settings(at, t, e) : ATT_OK;
}

/* Remove blanks at the ends and next to signs, but not between two words. */
static void close_up(const char *text, char to[TEXT])
{
    static const char signs[] = "+*(),="; /* and the end */
    size_t n = 0;
    for (const char *at = text; *at; at++) {
        const bool blank = strchr(" \t", *at),
                   separate = blank && n > 0 && !strchr(signs, to[n - 1]);
        if (!blank || (separate && !strchr(signs, at[strspn(at, " \t")]))) to[n++] = *at;
    }
    to[n] = 0;
}

static att_status objective_parse(const char *text, struct term *terms, int *count, struct err *e)
{
    char closed[TEXT];
    const char *at = closed;
    float sum = 0;
    *count = 0;
    if (strlen(text) >= TEXT)
        return err_usage(e, "the loss is longer than %d characters; shorten it", TEXT - 1);
    close_up(text, closed);
    if (!*closed) return err_usage(e, "the loss is empty; dice+ce is a good choice");
    do {
        if (*count == TERMS)
            return err_usage(e, "the loss has more than %d terms; remove some", TERMS);
        TRY(parse_term(&at, &terms[*count], e));
        sum += terms[(*count)++].weight;
    } while (*at++ == '+');
    if (!(sum > 0))
        return err_usage(e, "all weights in the loss \"%s\" are 0; set one above 0", text);
    return ATT_OK;
}

att_status objective_check(const char *text, struct err *e)
{
    struct term terms[TERMS];
    int count;
    return objective_parse(text, terms, &count, e);
}

att_status objective_check_weights(const char *text, struct err *e)
{
    struct term terms[TERMS];
    char list[TEXT];
    int count;
    TRY(objective_parse(text, terms, &count, e));
    for (int i = 0; i < count; i++)
        if (terms[i].loss->weights) return ATT_OK;
    return err_usage(
        e, "the loss %s takes no class weights; these losses do: %s", text, loss_names(true, list));
}

/* Arrays of loss nodes, owned by the graph. */
static att_status constants(struct graph *g, const struct target *t,
    const struct class_set **region, const real **weight, struct err *e)
{
    *region = NULL;
    *weight = NULL;
    bool weighted = false;
    for (int i = 0; i < t->channels; i++) weighted |= t->weight[i] != 0;
    struct class_set *r = t->regions ? graph_own(g, sizeof t->region) : NULL;
    real *w = weighted ? graph_own(g, (size_t)t->channels * sizeof *w) : NULL;
    if ((t->regions && !r) || (weighted && !w)) return err_memory(e, sizeof t->region, "the loss");
    if (r) memcpy(r, t->region, sizeof t->region);
    for (int i = 0; w && i < t->channels; i++) w[i] = (real)t->weight[i];
    *region = r;
    *weight = w;
    return ATT_OK;
}

/* All terms on one head. */
static att_status head_loss(struct graph *g, const struct term *terms, int count, int logits,
    int label, int *loss, struct err *e)
{
    struct sum_attr sum = {{0}};
    int in[TERMS];
    for (int i = 0; i < count; i++) {
        int out[2];
        TRY(graph_node(g, &terms[i].loss->op, (int[]){logits, label}, 2, terms[i].loss->outputs,
            &terms[i].attr, sizeof terms[i].attr, out, e));
        in[i] = out[0];
        sum.weight[i] = terms[i].weight;
    }
    return graph_node(g, &op_sum, in, count, 1, &sum, sizeof sum, loss, e);
}

_Static_assert(SUM_MAX_IN >= SPEC_LEVELS - 1, "every head of the deepest network has its loss");

int objective_heads(const struct graph *g, int *heads)
{
    int count = 0;
    for (char name[32] = "logits"; count < SUM_MAX_IN;
         snprintf(name, sizeof name, "logits.%d", count)) {
        heads[count] = graph_find_output(g, name);
        if (heads[count] < 0) break;
        count++;
    }
    return count;
}

att_status objective_build(
    struct graph *g, const char *text, const struct target *t, int *label, int *loss, struct err *e)
{
    struct term terms[TERMS];
    int count, heads[SUM_MAX_IN], nheads = objective_heads(g, heads);
    TRY(objective_parse(text, terms, &count, e));
    if (t->channels > TARGET_MAX)
        return err_model(e,
            "the network has %d output channels, but a loss takes at most %d; use fewer classes",
            t->channels, TARGET_MAX);
    for (int i = 0; i < count; i++)
        TRY(constants(g, t, &terms[i].attr.region, &terms[i].attr.weight, e));
    if (!nheads) return err_set(e, ATT_FAILED, "the network has no output called logits");
    struct shape s = g->values[heads[0]].s;
    TRY(graph_label(g, (struct shape){s.n, 1, s.d, s.h, s.w}, label, e));
    int used = nheads > 1 ? nheads - 1 : 1, in[SUM_MAX_IN];
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
    /* backward stops here, so its parameters do not train */
    for (int i = used; i < nheads; i++) g->values[heads[i]].grad = false;
    TRY(graph_node(g, &op_sum, in, used, 1, &sum, sizeof sum, loss, e));
    return graph_output(g, *loss, e, "loss");
}

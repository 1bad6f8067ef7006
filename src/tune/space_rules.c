/* SPDX-License-Identifier: Apache-2.0 */
/* Which settings belong together, what is searched unasked, and what a point means; called by setup.c. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "arch/spec.h"
#include "base/json.h"
#include "base/json_memory.h"
#include "base/mem.h"
#include "tune/space_read.h"

/* ---- what depends on what */

static const struct {
    const char *child, *parent, *words; /* "|a|b|": those of the parent with which the child means something */
} rules[] = {
    {"spec.signal", "spec.gate", "|grid|same|"},
    {"spec.inter", "spec.gate", "|grid|same|"},
    {"spec.gated", "spec.gate", "|grid|same|"},
    {"spec.gates", "spec.gate", "|grid|same|"},
    {"spec.gating_conv", "spec.gate", "|grid|same|"},
    {"spec.gate_norm", "spec.gate", "|grid|same|"},
    {"spec.gate_out", "spec.gate", "|grid|same|"},
    {"spec.psi_bias", "spec.gate", "|grid|same|"},
    {"spec.sub", "spec.gate", "|grid|"},
    {"momentum", "optimiser", "|sgd|"},
};
enum { RULES = sizeof rules / sizeof *rules };

static bool among(const char *words, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = strstr(words, word); at; at = strstr(at + 1, word))
        if (n && at > words && at[-1] == '|' && at[n] == '|') return true;
    return false;
}

/* The value that the setting always has, or NULL; a word of the spec is copied into *s. */
static const char *fixed_value(const struct wishes *w, const char *name, struct spec *s)
{
    const char *spec = json_string_value(json_object_get(w->fixed, "spec"));
    if (strncmp(name, "spec.", 5)) return json_string_value(json_object_get(w->fixed, name));
    return spec && spec_parse(s, spec, &(struct err){0}) == ATT_OK ? spec_get(s, name + 5, NULL) : NULL;
}

/* One that means nothing; what was said to depend on it cannot be. */
static att_status remove_dimension(struct space *s, int k, const char *parent, const char *value, struct err *e)
{
    for (int i = 0; i < s->count; i++)
        if (s->dim[i].parent == k)
            return err_set(e, ATT_USAGE, "the search space: %s depends on %s, which means nothing with %s=%s; leave out that \"when\"",
                           s->dim[i].name, s->dim[k].name, parent, value);
    struct space gone = {.count = 1, .dim = {s->dim[k]}};
    space_free(&gone);
    memmove(&s->dim[k], &s->dim[k + 1], (size_t)(s->count - k - 1) * sizeof *s->dim);
    s->count--;
    for (int i = 0; i < s->count; i++) s->dim[i].parent -= s->dim[i].parent > k;
    return ATT_OK;
}

static att_status apply_rule(struct wishes *w, int rule, struct err *e)
{
    struct spec spec;
    int k = space_find(&w->space, rules[rule].child), p = space_find(&w->space, rules[rule].parent);
    const char *fixed = fixed_value(w, rules[rule].parent, &spec);
    if (k < 0 || w->space.dim[k].parent >= 0) return ATT_OK;
    if (p < 0 && fixed && !among(rules[rule].words, fixed)) return remove_dimension(&w->space, k, rules[rule].parent, fixed, e);
    if (p < 0 || w->space.dim[p].kind != DIMENSION_CHOICE) return ATT_OK; /* numbers for words: training refuses them */
    struct dimension *d = &w->space.dim[k], *parent = &w->space.dim[p];
    for (int i = 0; i < parent->choices; i++)
        if (among(rules[rule].words, parent->choice[i])) d->when |= (uint64_t)1 << i;
    d->parent = p;
    return ATT_OK;
}

/* The dimensions' order, each behind its parent. Less than all where some depend on each other in a circle. */
static int order_of(const struct space *s, int order[SPACE_MOST], int to[SPACE_MOST])
{
    int placed = 0, before = -1;
    for (int k = 0; k < s->count; k++) to[k] = -1;
    while (placed > before) {
        before = placed;
        for (int k = 0; k < s->count; k++) {
            const int parent = s->dim[k].parent;
            if (to[k] >= 0 || (parent >= 0 && to[parent] < 0)) continue;
            order[placed] = k;
            to[k] = placed++;
        }
    }
    return placed;
}

att_status wishes_settle(struct wishes *w, struct err *e)
{
    struct space *s = &w->space;
    int order[SPACE_MOST], to[SPACE_MOST], k = 0;
    for (int i = 0; i < RULES; i++) TRY(apply_rule(w, i, e));
    if (order_of(s, order, to) < s->count) {
        while (to[k] >= 0) k++;
        return err_set(e, ATT_USAGE, "the search space: settings depend on each other in a circle, %s among them; leave out a \"when\"",
                       s->dim[k].name);
    }
    const struct space old = *s;
    for (int i = 0; i < s->count; i++) {
        s->dim[i] = old.dim[order[i]];
        if (s->dim[i].parent >= 0) s->dim[i].parent = to[s->dim[i].parent];
    }
    return ATT_OK;
}

/* ---- the usual space */

/* The first values are those of recipe.c and recipe_network.c. */
static const char usual[] =
    "{\"lr\": {\"range\": \"0.0001..0.03:log\", \"first\": 0.002},"
    " \"loss\": {\"choices\": [\"dice+ce\", \"dice(batch=yes)+ce\", \"gdice+ce\", \"tversky+ce\", \"focal-tversky\", \"dice+topk\"],"
    " \"first\": \"dice+ce\"},"
    " \"weight-decay\": {\"range\": \"0.0001..0.1:log\", \"first\": 0.01},"
    " \"augment\": {\"choices\": [\"none\", \"light\", \"full\"], \"first\": \"light\"}}";
static const char usual_gates[2][600] = {"{\"spec.gate\": {\"choices\": [\"none\", \"grid\", \"same\"], \"first\": \"same\"},"
                                         " \"spec.signal\": {\"choices\": [\"coarse\", \"up\"], \"first\": \"up\"},"
                                         " \"spec.inter\": {\"choices\": [\"x\", \"half\"], \"first\": \"half\"},"
                                         " \"spec.gated\": {\"choices\": [\"inner\", \"all\"], \"first\": \"all\"},"
                                         " \"spec.gates\": {\"choices\": [\"single\", \"multi\"], \"first\": \"single\"},"
                                         " \"spec.gate_norm\": {\"choices\": [\"none\", \"batch\"], \"first\": \"batch\"},"
                                         " \"spec.gate_out\": {\"choices\": [\"no\", \"yes\"], \"first\": \"no\"},",
                                         "{\"spec.gate\": {\"choices\": [\"none\", \"grid\", \"same\"], \"first\": \"grid\"},"
                                         " \"spec.signal\": {\"choices\": [\"coarse\", \"up\"], \"first\": \"coarse\"},"
                                         " \"spec.inter\": {\"choices\": [\"x\", \"half\"], \"first\": \"x\"},"
                                         " \"spec.gated\": {\"choices\": [\"inner\", \"all\"], \"first\": \"inner\"},"
                                         " \"spec.gates\": {\"choices\": [\"single\", \"multi\"], \"first\": \"single\"},"
                                         " \"spec.gate_norm\": {\"choices\": [\"none\", \"batch\"], \"first\": \"none\"},"
                                         " \"spec.gate_out\": {\"choices\": [\"no\", \"yes\"], \"first\": \"yes\"},"};
static const char usual_bias[] = " \"spec.psi_bias\": {\"range\": \"-1.0..3.0\", \"first\": 0}}";

static att_status add_text(struct wishes *w, const char *text, const char *more, const struct options *table, struct err *e)
{
    char *both = mem_text("%s%s", text, more);
    json_t *j = both ? json_memory_load(both, strlen(both), 0, NULL) : NULL;
    att_status status = j ? wishes_add(w, j, "the usual search space", table, e) : err_memory(e, 4096, "the usual search space");
    mem_free(both);
    json_decref(j);
    return status;
}

att_status wishes_add_usual(struct wishes *w, int dims, const struct options *table, struct err *e)
{
    struct spec s;
    const char *arch = fixed_value(w, "spec.arch", &s);
    TRY(add_text(w, usual, "", table, e));
    if ((arch && strcmp(arch, "attunet")) || json_object_get(w->fixed, "init")) return ATT_OK;
    return add_text(w, usual_gates[dims == 3], usual_bias, table, e);
}

/* ---- what a point means */

json_t *wishes_settings(const struct wishes *w, const double *x)
{
    json_t *j = json_copy(w->fixed);
    for (int k = 0; k < w->space.count; k++) {
        const struct dimension *d = &w->space.dim[k];
        char text[SPACE_VALUE];
        if (isnan(x[k])) continue;
        dimension_text(d, x[k], text);
        if (strncmp(d->name, "spec.", 5)) {
            json_put(&j, d->name, json_utf8(text));
            continue;
        }
        const char *before = json_string_value(json_object_get(j, "spec"));
        json_t *spec = json_sprintf("%s%s%s=%s", before ? before : "", before ? " " : "", d->name + 5, text);
        json_put(&j, "spec", spec);
    }
    return j;
}

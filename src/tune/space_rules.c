/* SPDX-License-Identifier: Apache-2.0 */
/* Dependent settings, the default search space, and options of a point; called by setup.c. */
#include <math.h>
#include <string.h>

#include "arch/spec.h"
#include "base/json.h"
#include "base/json_memory.h"
#include "tune/space_read.h"

static const struct {
    const char *child, *parent,
        *words; /* "|a|b|": words of the parent that give the child an effect */
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

static bool has_word(const char *words, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = strstr(words, word); at; at = strstr(at + 1, word))
        if (n && at > words && at[-1] == '|' && at[n] == '|') return true;
    return false;
}

/* The setting's fixed value, or NULL; a word of the spec is copied into *s. */
static const char *fixed_value(const struct tune_settings *w, const char *name, struct spec *s)
{
    const char *spec = json_str(w->fixed, "spec");
    if (strncmp(name, "spec.", 5)) return json_str(w->fixed, name);
    return spec && spec_parse(s, spec, &(struct err){0}) == ATT_OK ? spec_get(s, name + 5, NULL)
                                                                   : NULL;
}

static void drop_dimension(struct space *s, int k)
{
    struct space removed = {.count = 1, .dim = {s->dim[k]}};
    space_free(&removed);
    memmove(&s->dim[k], &s->dim[k + 1], (size_t)(s->count - k - 1) * sizeof *s->dim);
    s->count--;
    for (int i = 0; i < s->count; i++) s->dim[i].parent -= s->dim[i].parent > k;
}

/* Remove one without effect; nothing may depend on it. */
static att_status remove_dimension(
    struct space *s, int k, const char *parent, const char *value, struct err *e)
{
    for (int i = 0; i < s->count; i++)
        if (s->dim[i].parent == k)
            return err_usage(e,
                "the search space: %s depends on %s, which has no effect with %s=%s; leave out "
                "that \"when\"",
                s->dim[i].name, s->dim[k].name, parent, value);
    drop_dimension(s, k);
    return ATT_OK;
}

static att_status apply_rule(
    struct tune_settings *w, int rule, const struct options *table, struct err *e)
{
    struct spec spec;
    int k = space_find(&w->space, rules[rule].child), p = space_find(&w->space, rules[rule].parent);
    const char *fixed = fixed_value(w, rules[rule].parent, &spec);
    if (!fixed && strncmp(rules[rule].parent, "spec.", 5))
        fixed = options_read_text(table, rules[rule].parent);
    if (k < 0 || w->space.dim[k].parent >= 0) return ATT_OK;
    if (p < 0 && fixed && !has_word(rules[rule].words, fixed))
        return remove_dimension(&w->space, k, rules[rule].parent, fixed, e);
    /* training refuses a parent with numbers */
    if (p < 0 || w->space.dim[p].kind != DIMENSION_CHOICE) return ATT_OK;
    struct dimension *d = &w->space.dim[k], *parent = &w->space.dim[p];
    for (int i = 0; i < parent->choices; i++)
        if (has_word(rules[rule].words, parent->choice[i])) d->when |= (uint64_t)1 << i;
    d->parent = p;
    return ATT_OK;
}

/* Order of dimensions, each after its parent. Returns fewer than all for a cycle. */
static int space_rules_order_of(const struct space *s, int order[SPACE_MAX], int to[SPACE_MAX])
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

att_status tune_settings_finish(struct tune_settings *w, const struct options *table, struct err *e)
{
    struct space *s = &w->space;
    int order[SPACE_MAX], to[SPACE_MAX], k = 0;
    for (int i = 0; i < RULES; i++) TRY(apply_rule(w, i, table, e));
    if (space_rules_order_of(s, order, to) < s->count) {
        while (to[k] >= 0) k++;
        return err_usage(e,
            "the search space: settings such as %s depend on each other in a circle; leave out a "
            "\"when\"",
            s->dim[k].name);
    }
    const struct space old = *s;
    for (int i = 0; i < s->count; i++) {
        s->dim[i] = old.dim[order[i]];
        if (s->dim[i].parent >= 0) s->dim[i].parent = to[s->dim[i].parent];
    }
    return ATT_OK;
}

/* First values are the defaults of `train`; for gates, those of a network. */
static const char default_space[] =
    "{\"lr\": {\"range\": \"0.0001..0.03:log\"}, \"loss\": {\"choices\": [\"dice+ce\", "
    "\"dice(batch=yes)+ce\", \"gdice+ce\", \"tversky+ce\", \"focal-tversky\", \"dice+topk\"], "
    "\"first\": \"dice+ce\"}, \"weight-decay\": {\"range\": \"0.0001..0.1:log\"}, \"augment\": "
    "{\"choices\": [\"none\", \"light\", \"full\"], \"first\": \"light\"}}";
static const char default_gates[] =
    "{\"spec.gate\": {\"choices\": [\"none\", \"grid\", \"same\"], \"first\": \"grid\"}, "
    "\"spec.signal\": {\"choices\": [\"coarse\", \"up\"], \"first\": \"coarse\"}, "
    "\"spec.inter\": {\"choices\": [\"x\", \"half\"], \"first\": \"x\"}, \"spec.gated\": "
    "{\"choices\": [\"inner\", \"all\"], \"first\": \"inner\"}, \"spec.gates\": {\"choices\": "
    "[\"single\", \"multi\"], \"first\": \"single\"}, \"spec.gate_norm\": {\"choices\": "
    "[\"none\", \"batch\"], \"first\": \"none\"}, \"spec.gate_out\": {\"choices\": [\"no\", "
    "\"yes\"], \"first\": \"no\"}, \"spec.psi_bias\": {\"range\": \"-1.0..3.0\", \"first\": 0}}";

static att_status space_rules_add_text(
    struct tune_settings *w, const char *text, const struct options *table, struct err *e)
{
    json_t *j = json_memory_load(text, strlen(text), 0, NULL);
    att_status status = j ? tune_settings_add(w, j, "the default search space", table, e)
                          : err_memory(e, strlen(text), "the default search space");
    json_decref(j);
    return status;
}

/* Extends the range if needed: sgd has a small default weight decay. */
static void set_first_number(struct space *s, const char *name, double value)
{
    const int k = space_find(s, name);
    if (k < 0) return;
    struct dimension *d = &s->dim[k];
    d->first = value;
    d->lo = fmin(d->lo, value);
    d->hi = fmax(d->hi, value);
}

static void set_first_word(struct dimension *d, const char *word)
{
    for (int i = 0; word && i < d->choices; i++)
        if (strcmp(d->choice[i], word) == 0) d->first = i;
}

/* With two levels there is no inner skip connection to gate. */
static void drop_gated(struct space *s, const struct spec *spec)
{
    int widths[SPEC_LEVELS], levels = 0;
    const int k = space_find(s, "spec.gated");
    if (k >= 0 &&
        spec_list(spec, "widths", "", widths, SPEC_LEVELS, &levels, &(struct err){0}) == ATT_OK &&
        levels <= 2)
        drop_dimension(s, k);
}

att_status tune_settings_add_defaults(
    struct tune_settings *w, const json_t *chosen, const struct options *table, struct err *e)
{
    struct spec spec;
    struct space *s = &w->space;
    TRY(space_rules_add_text(w, default_space, table, e));
    set_first_number(s, "lr", json_double(chosen, "lr"));
    set_first_number(s, "weight-decay", json_double(chosen, "weight_decay"));
    TRY(spec_parse(&spec, json_str(chosen, "spec"), e));
    if (strcmp(spec_get(&spec, "arch", "attunet"), "attunet") || json_object_get(w->fixed, "init"))
        return ATT_OK;
    TRY(space_rules_add_text(w, default_gates, table, e));
    for (int k = 0; k < s->count; k++)
        if (strncmp(s->dim[k].name, "spec.", 5) == 0 && s->dim[k].kind == DIMENSION_CHOICE)
            set_first_word(&s->dim[k], spec_get(&spec, s->dim[k].name + 5, NULL));
    drop_gated(s, &spec);
    return ATT_OK;
}

json_t *tune_settings_at(const struct tune_settings *w, const double *x)
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
        const char *before = json_str(j, "spec");
        json_t *spec =
            json_sprintf("%s%s%s=%s", before ? before : "", before ? " " : "", d->name + 5, text);
        json_put(&j, "spec", spec);
    }
    return j;
}

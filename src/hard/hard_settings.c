/* SPDX-License-Identifier: Apache-2.0 */
#include "hard/hard_settings.h"

#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "plan/recipe.h"

/* Options for hard models only. */
static const char *const names[] = {"shares", "coarse-steps", "policy-steps", "joint-steps",
    "policy-samples", "policy-baseline", "policy-entropy", "policy-cost", "policy-lr",
    "policy-batch", "policy-views", "joint-rate", NULL};

bool hard_settings_has(const char *name) { return text_index(names, name) >= 0; }

att_status hard_settings_refuse(const struct options *o, struct err *e)
{
    for (int i = 0; names[i]; i++)
        if (options_read_set(o, names[i]))
            return err_usage(e,
                "`%s` is for hard attention only; leave it out, or give a `spec` with arch=hard or "
                "arch=glimpse",
                names[i]);
    return ATT_OK;
}

static att_status read_shares(const char *text, double share[HARD_STAGES], struct err *e)
{
    double sum = 0;
    bool good = true;
    const char *at = text;
    for (int i = 0; i < HARD_STAGES && good; i++) {
        char *end;
        share[i] = number_read(at, &end);
        good =
            end > at && share[i] > 0 && share[i] < 1e9 && *end == (i < HARD_STAGES - 1 ? ',' : 0);
        sum += share[i];
        at = end + 1;
    }
    for (int i = 0; i < HARD_STAGES && good; i++) share[i] /= sum;
    if (good) return ATT_OK;
    return err_usage(e,
        "`shares` %s is not valid; give four numbers above 0, for the coarse network, the fine "
        "network, the policy and all jointly",
        text);
}

static att_status hard_settings_read_length(
    const struct options *o, struct hard_settings *s, struct err *e)
{
    double total = options_has(o, train, time) ? options_seconds(o, train, time) : RECIPE_TIME;
    TRY(read_shares(options_text(o, train, shares), s->seconds, e));
    if (options_is_set(o, train, steps) || options_is_set(o, train, epochs)) total = 0;
    for (int i = 0; i < HARD_STAGES; i++) s->seconds[i] *= total;
    s->coarse_steps = options_int(o, train, coarse_steps);
    s->policy_steps = options_int(o, train, policy_steps);
    s->joint_steps = options_int(o, train, joint_steps);
    return ATT_OK;
}

static att_status read_baseline(const char *name, enum advantage *a, struct err *e)
{
    for (int i = 0; i < ADVANTAGES; i++)
        if (name && !strcmp(name, advantage_name[i])) {
            *a = (enum advantage)i;
            return ATT_OK;
        }
    return err_usage(e,
        "`policy-baseline` %s does not exist; give raw, greedy, loo, learned or local",
        name ? name : "");
}

att_status hard_settings_read(const struct options *o, struct hard_settings *s, struct err *e)
{
    memset(s, 0, sizeof *s);
    TRY(hard_settings_read_length(o, s, e));
    TRY(read_baseline(options_text(o, train, policy_baseline), &s->reinforce.advantage, e));
    s->samples = (int)options_int(o, train, policy_samples);
    s->batch = (int)options_int(o, train, policy_batch);
    s->views = (int)options_int(o, train, policy_views);
    s->cost = options_real(o, train, policy_cost);
    s->policy_lr = options_real(o, train, policy_lr);
    s->joint_rate = options_real(o, train, joint_rate);
    s->reinforce.entropy = options_real(o, train, policy_entropy);
    s->reinforce.samples = s->samples;
    return reinforce_check(&s->reinforce, e);
}

static json_t *hard_settings_value_of(const struct options *o, const struct option_value *v)
{
    if (!v->text) return json_null();
    if (v->row->type == OPTION_INT) return json_integer(options_read_int(o, v->row->name));
    return v->row->type == OPTION_REAL ? json_real(options_read_real(o, v->row->name))
                                       : json_string(v->text);
}

void hard_settings_to_json(const struct options *o, json_t *settings)
{
    for (int i = 0; i < o->count; i++) {
        const char *name = o->values[i].row->name;
        char key[32];
        size_t n = 0;
        if (!hard_settings_has(name)) continue;
        for (; name[n] && n + 1 < sizeof key; n++) key[n] = name[n] == '-' ? '_' : name[n];
        key[n] = 0;
        json_object_set_new(settings, key, hard_settings_value_of(o, &o->values[i]));
    }
}

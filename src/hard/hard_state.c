/* SPDX-License-Identifier: Apache-2.0 */
#include "hard/hard_state.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "files/dry_run.h"
#include "files/file.h"
#include "hard/hard_holdout.h"
#include "model/join.h"
#include "train/checkpoint.h"
#include "train/lead.h"
#include "train/run_options.h"
#include "train/train_build.h"
#include "train/train_state.h"

void hard_state_free(struct hard_training *h)
{
    hard_runner_free(h->runner);
    hard_policy_free(&h->policy);
    optimiser_free(&h->moments);
    average_free(&h->average);
    for (int i = 0; i < NETS; i++) training_free(&h->net[i]);
    model_free(&h->model);
    memset(h, 0, sizeof *h);
}

double hard_elapsed(const struct hard_training *h) { return h->seconds + clock_now() - h->began; }

/* ---- parts of the whole model */

static const char *const prefixes[NETS] = {"coarse.", "fine."};

/* The same parameters with other data, such as moments. Shares memory. */
static struct params params_with(const struct params *p, real *data)
{
    struct params view = *p;
    view.data = data;
    return view;
}

/* Copies a part to the whole (`join`) or back. Its names in the whole start with the prefix. */
static att_status copy_part(
    struct params whole, struct params part, const char *prefix, bool join, struct err *e)
{
    int n = join ? join_copy(&part, "", &whole, prefix) : join_copy(&whole, prefix, &part, "");
    if (n == part.count) return ATT_OK;
    return err_model(e,
        "%d of %d parameters named %s... do not match the run's networks, which have another "
        "spec; start a new run",
        part.count - n, part.count, prefix);
}

static att_status copy_nets(struct hard_training *h, bool join, struct err *e)
{
    for (int i = 0; i < NETS; i++)
        TRY(copy_part(h->model.params, h->net[i].model.params, prefixes[i], join, e));
    return ATT_OK;
}

att_status hard_join(struct hard_training *h, struct err *e)
{
    if (h->joint) TRY(copy_nets(h, true, e)); /* earlier only the whole model changes */
    return copy_part(h->model.params, h->policy.params, "", true, e);
}

/* Other ranks get what this one has changed. */
static att_status hard_share(struct hard_training *h, struct err *e)
{
    for (int i = 0; i < NETS; i++) TRY(lead_order(&h->net[i], ORDER_SHARE, h->net[i].step, 0, e));
    return ATT_OK;
}

att_status hard_split(struct hard_training *h, struct err *e)
{
    TRY(copy_nets(h, false, e));
    for (int i = 0; i < NETS; i++) average_reset(&h->net[i].average, &h->net[i].model.params);
    return hard_share(h, e);
}

static att_status copy_moments(struct hard_training *h, bool join, struct err *e)
{
    const struct params *whole = &h->model.params, *policy = &h->policy.params;
    TRY(copy_part(
        params_with(whole, h->moments.m), params_with(policy, h->policy.optimiser.m), "", join, e));
    TRY(copy_part(
        params_with(whole, h->moments.v), params_with(policy, h->policy.optimiser.v), "", join, e));
    for (int i = 0; i < NETS && h->joint; i++) {
        const struct training *t = &h->net[i];
        const struct params *part = &t->model.params;
        TRY(copy_part(params_with(whole, h->moments.m), params_with(part, t->optimiser.m),
            prefixes[i], join, e));
        if (t->optimiser.v)
            TRY(copy_part(params_with(whole, h->moments.v), params_with(part, t->optimiser.v),
                prefixes[i], join, e));
        if (h->average.data)
            TRY(copy_part(average_params(&h->average, whole), average_params(&t->average, part),
                prefixes[i], join, e));
    }
    return ATT_OK;
}

/* Only the networks have averages. */
att_status hard_join_all(struct hard_training *h, struct err *e)
{
    TRY(hard_join(h, e));
    average_reset(&h->average, &h->model.params);
    return copy_moments(h, true, e);
}

att_status hard_state_moments(struct hard_training *h, const char *path, struct err *e)
{
    TRY(checkpoint_moments(path, &h->model, &h->moments, &h->average, e));
    TRY(copy_moments(h, false, e));
    return h->joint ? hard_share(h, e) : ATT_OK;
}

/* ---- the checkpoint */

static const struct member sums[] = {{MEMBER(hard_sums, reward)}, {MEMBER(hard_sums, greedy)},
    {MEMBER(hard_sums, entropy)}, {MEMBER(hard_sums, count)}, {MEMBER(hard_sums, norm)},
    {MEMBER(hard_sums, steps)}, {0}};

/* step, finished, seconds, recipe, train and val mean the same as in other checkpoints. */
static const struct member members[] = {{MEMBER(hard_training, step)},
    {MEMBER(hard_training, updates)}, {MEMBER(hard_training, finished)},
    {MEMBER(hard_training, seconds)}, {MEMBER(hard_training, policy_steps)},
    {MEMBER(hard_training, joint_steps)}, {MEMBER(hard_training, views)},
    {MEMBER_AS("held_views", struct hard_training, holdout_views)}, {MEMBER(hard_training, first)},
    {MEMBER(hard_training, best)}, {MEMBER(hard_training, best_step)},
    {MEMBER(hard_training, net_steps)}, {MEMBER(hard_training, policy_done)},
    {MEMBER_AS("taken", struct hard_training, best_restored)}, {MEMBER(hard_training, before)},
    {MEMBER(hard_training, before_step)}, {MEMBER(hard_training, kept)},
    {MEMBER_AS("validating", struct hard_training, validation.seconds)},
    {MEMBER_AS("keeping", struct hard_training, compare_seconds)}, {MEMBER(hard_training, due)},
    {MEMBER(hard_training, diverged)}, {0}};

static json_t *state_to_json(const struct hard_training *h)
{
    json_t *nets[NETS], *j = members_to_json(members, h);
    for (int i = 0; i < NETS; i++) nets[i] = training_to_json(&h->net[i]);
    json_put(&j, "seconds", json_real(hard_elapsed(h)));
    json_put(&j, "stage", json_string(h->joint ? "joint" : "policy"));
    json_put(&j, "held_reward", json_finite(h->holdout_reward));
    json_put(&j, "sums", members_to_json(sums, &h->sums));
    json_put(&j, "leg", members_to_json(transition_members, &h->transition));
    json_put(&j, "recipe",
        json_pack(
            "{s:{s:I}}", "settings", "steps", (json_int_t)(h->policy_steps + h->joint_steps)));
    json_put(&j, "train", json_incref(json_object_get(nets[PART_FINE], "train")));
    json_put(&j, "val", json_incref(json_object_get(nets[PART_FINE], "val")));
    for (int i = 0; i < NETS; i++) json_put(&j, part_name[i], nets[i]);
    return j;
}

static att_status state_from_json(const json_t *j, struct hard_training *h, struct err *e)
{
    const char *stage = json_str(j, "stage");
    members_from_json(j, members, h);
    members_from_json(json_object_get(j, "sums"), sums, &h->sums);
    members_from_json(json_object_get(j, "leg"), transition_members, &h->transition);
    h->holdout_reward = json_number(j, "held_reward");
    h->joint = stage && !strcmp(stage, "joint");
    /* As in training_from_json. */
    if (!json_object_get(j, "updates")) h->updates = h->step;
    if (!json_object_get(j, "due")) h->due = h->sums.steps > 0;
    if (stage && h->step >= 0 && h->policy_steps > 0 && h->views > 0) return ATT_OK;
    return err_model(e, "the training state in the checkpoint of %s is damaged", h->work->run);
}

static att_status check_finite(const struct hard_training *h, struct err *e)
{
    if (isfinite(optimiser_squares(
            &h->moments, &h->model.params, h->c->host->kernels, h->c->host->pool)))
        return ATT_OK;
    return err_usage(e,
        "training diverged: the weights are no longer finite at step %lld; try a smaller "
        "`policy-lr` or `joint-rate` in a new run",
        (long long)h->step);
}

att_status hard_save(struct hard_training *h, struct err *e)
{
    TRY(hard_join_all(h, e));
    TRY(check_finite(h, e));
    json_t *state = state_to_json(h);
    if (!state) return err_memory(e, 4096, "a checkpoint");
    if (h->fallback) checkpoint_put_aside(h->work->run);
    h->fallback = false;
    att_status status =
        checkpoint_save(h->work->run, &h->model, &h->moments, &h->average, state, e);
    json_decref(state);
    if (status == ATT_OK) status = hard_record_update(h->work->record, e);
    return status;
}

/* ---- creating and opening */

static att_status open_net(
    struct hard_training *h, enum arch_part part, const json_t *state, struct err *e)
{
    struct training *t = &h->net[part];
    char *path = file_join(h->work->run, part_name[part]);
    if (!path) return err_path(e);
    json_t *own = state ? json_incref((json_t *)(uintptr_t)state) : NULL;
    training_init(t, h->c, h->work->run);
    t->net = (int)part;
    att_status status = own ? ATT_OK : checkpoint_peek(path, &own, NULL, e);
    if (status == ATT_OK) status = model_load(path, &t->model, e);
    if (status == ATT_OK)
        status = training_from_json(t, own, json_str(h->work->plan, "dataset"), e);
    if (status == ATT_OK) status = hard_holdout_order(&t->split, e);
    json_decref(own);
    mem_free(path);
    return status;
}

static att_status hard_state_read_settings(struct hard_training *h, struct err *e)
{
    struct options o;
    TRY(run_options_read(json_object_get(h->work->plan, "options"), h->work->table, &o, e));
    att_status status = hard_settings_read(&o, &h->settings, e);
    options_free(&o);
    return status;
}

/* After opening networks and model. Views come from the fine network's cases. */
static att_status hard_state_build(struct hard_training *h, struct err *e)
{
    struct training *fine = &h->net[PART_FINE];
    const char *conv = fine->recipe.conv[0] ? fine->recipe.conv : NULL;
    TRY(hard_record_data(h->work->record, &fine->data, &fine->split, e));
    TRY(hard_read(&h->model.spec, &h->hard, e));
    h->moments.kind = OPTIMISER_ADAMW; /* the policy's; networks may have another */
    TRY(params_move(&h->model.params, h->c->host->kernels->memory, e));
    TRY(optimiser_init(&h->moments, &h->model.params, e));
    h->average.decay = fine->recipe.ema;
    TRY(average_init(&h->average, &h->model.params, e));
    TRY(training_build(fine, e));
    TRY(hard_policy_create(h->c, &h->model, &h->settings.reinforce, &h->policy, e));
    TRY(hard_runner_create(&h->model, h->c->host->kernels, h->c->host->pool, conv, &h->runner, e));
    const int holdout = hard_holdout_count(fine->split.ntrain), left = fine->split.ntrain - holdout;
    h->rules = (struct view_rules){.cases = fine->cases, .count = left, .seed = fine->recipe.seed};
    memcpy(h->rules.mirror, fine->sampler.augment.mirror, sizeof h->rules.mirror);
    memcpy(h->rules.tile, h->hard.tile, sizeof h->rules.tile);
    h->rules.change = fine->sampler.augment;
    augment_intensities(&h->rules.change);
    h->holdout = h->rules;
    h->holdout.cases += left;
    h->holdout.count = holdout;
    return ATT_OK;
}

static void hard_state_clear(struct hard_training *h, const struct hard_work *work)
{
    memset(h, 0, sizeof *h);
    h->work = work;
    h->c = work->c;
    h->began = clock_now();
    h->holdout_reward = NAN;
    h->best_step = -1;
}

att_status hard_state_create(struct hard_training *h, const struct hard_work *work, struct err *e)
{
    struct spec words;
    hard_state_clear(h, work);
    TRY(hard_state_read_settings(h, e));
    TRY(spec_parse(&words, json_str(work->plan, "spec"), e));
    for (int i = 0; i < NETS; i++) {
        TRY(open_net(h, (enum arch_part)i, NULL, e));
        h->net_steps += h->net[i].step;
        h->seconds += h->net[i].seconds;
    }
    const struct training *fine = &h->net[PART_FINE];
    TRY(join_models(
        &h->net[PART_COARSE].model, &fine->model, &words, fine->recipe.seed, &h->model, e));
    return hard_state_build(h, e);
}

static att_status hard_state_read_state(struct hard_training *h, const json_t *state, struct err *e)
{
    TRY(state_from_json(state, h, e));
    TRY(hard_state_read_settings(h, e));
    for (int i = 0; i < NETS; i++)
        TRY(open_net(h, (enum arch_part)i, json_object_get(state, part_name[i]), e));
    return hard_state_build(h, e);
}

att_status hard_state_open(
    struct hard_training *h, const struct hard_work *work, char **path, struct err *e)
{
    json_t *state = NULL;
    hard_state_clear(h, work);
    TRY(checkpoint_open(
        work->run, is_dry_run(work->c->host), &h->model, &state, path, &h->fallback, e));
    if (h->fallback)
        host_warn(h->c->host, WARN_CHECKPOINT_DAMAGED,
            "the newest checkpoint is damaged; resuming from %s", *path);
    att_status status = hard_state_read_state(h, state, e);
    json_decref(state);
    return status;
}

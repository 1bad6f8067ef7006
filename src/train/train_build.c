/* SPDX-License-Identifier: Apache-2.0 */
#include "train/train_build.h"

#include <math.h>
#include <string.h>

#include "base/limit.h"
#include "base/mem.h"
#include "train/case_memory.h"
#include "train/cases.h"
#include "train/freeze.h"
#include "train/lead.h"
#include "train/packed.h"
#include "train/train_memory.h"

static att_status prepare_sampler(struct training *t, struct err *e)
{
    const struct recipe *r = &t->recipe;
    int dims = t->model.facts.dims;
    t->sampler = (struct sampler){.cases = t->cases,
        .count = t->split.ntrain,
        .classes = t->model.labels.count,
        .batch = training_patches(t),
        .rank = team_rank(t->c->host->team),
        .ranks = team_size(t->c->host->team),
        .pass = r->batch / training_passes(t),
        .foreground = r->foreground,
        .seed = r->seed,
        .dims = dims,
        .pool = t->c->host->pool};
    memcpy(t->sampler.patch, r->patch, sizeof t->sampler.patch);
    t->sampler.pack = t->data.pack;
    t->sampler.list = t->split.train;
    strength_options(&r->augment, dims, r->patch, r->nonzero, &t->sampler.augment);
    t->sampler.augment.slices = t->model.facts.slices;
    return sampler_begin(&t->sampler, e);
}

static att_status train_build_network(struct training *t, struct err *e)
{
    struct target target;
    model_target(&t->model, &target);
    memcpy(target.weight, t->recipe.class_weight, sizeof target.weight);
    TRY(freeze_apply(t->recipe.freeze, &t->model, e));
    graph_init(&t->graph, &t->model.params, true);
    if (t->recipe.half) TRY(graph_halve(&t->graph, e));
    TRY(model_build(
        &t->model, &t->graph, t->recipe.batch / training_passes(t), t->recipe.patch, &t->image, e));
    return objective_build(&t->graph, t->recipe.loss, &target, &t->label, &t->loss, e);
}

static att_status prepare_batch(struct training *t, struct err *e)
{
    size_t pixels = image_voxels(t->recipe.patch) * (size_t)training_patches(t),
           bytes = pixels * (size_t)arch_maps(&t->model.facts) * sizeof *t->batch;
    TRY(MEM_BYTES(t->batch, bytes, "a batch", e));
    if (training_passes(t) > 1 && !(t->labels = mem_alloc(pixels)))
        return err_memory(e, pixels, "the labels of a batch");
    return MEM_ARRAY(t->old_state, t->model.params.state_size, "the running statistics", e);
}

/* The cases would exceed the limit; training_plan_memory then names a sufficient one. */
static att_status skip_cases(struct training *t, double bytes, struct err *e)
{
    int count = t->split.ntrain;
    t->unloaded_bytes = bytes;
    TRY(MEM_ARRAY(t->cases, count, "the list of training cases", e));
    for (int i = 0; i < count; i++) t->cases[i].channels = t->data.channels;
    return ATT_OK;
}

static att_status load_cases(struct training *t, struct err *e)
{
    const int *list = t->split.train, count = t->split.ntrain;
    struct case_memory l = {.valid = false};
    double limit = t->recipe.max_memory;
    if (t->data.pack) return packed_open(&t->data, list, count, &t->model, &t->cases, e);
    if (limit > 0)
        TRY(case_memory_estimate(t->c, &t->data, list, count, t->found, &t->model, &l, e));
    if (l.valid) {
        double max = resident_estimate() + l.peak;
        t->loading_peak = fmax(t->loading_peak, max);
        if (max > limit) return skip_cases(t, l.loaded, e);
    }
    return cases_load(t->c, &t->data, list, count, &t->model, l.valid ? 0 : limit, &t->cases, e);
}

/* Counts the plan's parameters: the loss may ignore a head. */
static att_status log_trained(const struct training *t, struct err *e)
{
    const struct params *p = &t->model.params;
    int64_t count = 0;
    for (int i = 0; i < p->count; i++)
        if (t->exec.plan.trained[i]) count += (int64_t)p->list[i].count;
    if (!count) return freeze_nothing(t->recipe.freeze, e);
    host_say(t->c->host, LOG_INFO, "%lld of %lld parameters train", (long long)count,
        (long long)params_trainable(p));
    return ATT_OK;
}

static att_status train_build_all(struct training *t, struct err *e)
{
    TRY(train_build_network(t, e));
    t->optimiser.kind = t->recipe.optimiser;
    t->optimiser.momentum = t->recipe.momentum;
    t->optimiser.decay = t->recipe.decay;
    t->optimiser.clip = t->recipe.clip;
    TRY(params_move(&t->model.params, t->c->host->kernels->memory, e));
    TRY(optimiser_init(&t->optimiser, &t->model.params, e));
    t->average.decay = t->recipe.ema;
    TRY(average_init(&t->average, &t->model.params, e));
    TRY(prepare_batch(t, e));
    TRY(load_cases(t, e));
    TRY(prepare_sampler(t, e));
    TRY(training_plan_memory(t, e)); /* it measures the process */
    TRY(step_passes_init(
        &t->passes, training_passes(t), t->recipe.exchange, t->c->host->team, &t->model.params, e));
    if (t->passes.sums) TRY(grad_sum_overlap(&t->passes.sum, &t->exec.plan, e));
    return t->recipe.freeze[0] ? log_trained(t, e) : ATT_OK;
}

att_status training_build(struct training *t, struct err *e)
{
    TRY(lead_begin(t, e));
    return lead_built(t, train_build_all(t, e), e);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "hard/hard_policy.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "model/join.h"

enum { THREADED_TILES = 512 }; /* fewer tiles run on one thread */
static const double OTHER_WEIGHTS =
    .1; /* factor of the other output weights when scores start from inputs */

static void run_end(struct policy_run *r)
{
    run_free(&r->run);
    graph_free(&r->graph);
    mem_free(r);
}

att_status hard_policy_set(struct hard_policy *p, const struct model *m, struct err *e)
{
    if (join_copy(&m->params, "", &p->params, "") == p->params.count) return ATT_OK;
    return err_model(e, "the policy's parameters do not match the model's");
}

static att_status hard_policy_make(const struct model *m, struct hard_policy *p, struct err *e)
{
    static const int one[3] = {1, 1, 1};
    TRY(hard_read(p->spec, &p->hard, e));
    TRY(hard_policy_grid(p, one, e)); /* creates the parameters */
    TRY(hard_policy_set(p, m, e));
    TRY(optimiser_init(&p->optimiser, &p->params, e));
    if (!buffer_create(&p->sums, p->params.numbers.memory, p->params.size, sizeof *p->grads))
        return buffer_refused(p->params.numbers.memory, p->params.size * sizeof *p->grads,
            "the policy's gradients", e);
    p->grads = p->sums.p;
    return ATT_OK;
}

att_status hard_policy_create(const struct train_context *c, const struct model *m,
    const struct reinforce *reinforce, struct hard_policy *p, struct err *e)
{
    memset(p, 0, sizeof *p);
    p->c = c;
    p->spec = &m->spec;
    p->reinforce = *reinforce;
    p->optimiser = (struct optimiser){.kind = OPTIMISER_ADAMW, .clip = 1};
    params_init(&p->params);
    p->params.numbers.memory = c->host->kernels->memory;
    att_status status = hard_policy_make(m, p, e);
    if (status != ATT_OK) hard_policy_free(p);
    return status;
}

void hard_policy_free(struct hard_policy *p)
{
    for (int i = 0; i < p->count; i++) run_end(p->runs[i]);
    mem_free(p->runs);
    reinforcer_destroy(p->reinforcer);
    glimpser_destroy(p->glimpser);
    choice_free(&p->greedy);
    optimiser_free(&p->optimiser);
    params_free(&p->params);
    buffer_destroy(&p->sums);
    mem_free(p->score);
    mem_free(p->gradient);
    memset(p, 0, sizeof *p);
}

/* ---- one network per grid */

static att_status hard_policy_build(struct hard_policy *p, struct policy_run *r, struct err *e)
{
    graph_init(&r->graph, &p->params, true);
    TRY(arch_build_part(
        p->spec, PART_POLICY, &r->graph, 1, r->grid[0], r->grid[1], r->grid[2], &r->input, e));
    r->output = graph_find_output(&r->graph, "policy");
    const int tiles = r->grid[0] * r->grid[1] * r->grid[2];
    return run_create(&r->graph, p->c->host->kernels,
        tiles < THREADED_TILES ? NULL : p->c->host->pool, NULL, &r->run, e);
}

static struct policy_run *hard_policy_find(const struct hard_policy *p, const int grid[3])
{
    for (int i = 0; i < p->count; i++)
        if (!memcmp(p->runs[i]->grid, grid, sizeof p->runs[i]->grid)) return p->runs[i];
    return NULL;
}

static att_status hard_policy_add(struct hard_policy *p, struct policy_run *r, struct err *e)
{
    TRY(MEM_ROOM(p->runs, p->count, "the policy's networks", e));
    TRY(hard_policy_build(p, r, e));
    p->runs[p->count++] = r;
    return ATT_OK;
}

att_status hard_policy_grid(struct hard_policy *p, const int grid[3], struct err *e)
{
    if (hard_policy_find(p, grid)) return ATT_OK;
    struct policy_run *r;
    TRY(MEM_NEW(r, "the policy's network", e));
    memcpy(r->grid, grid, sizeof r->grid);
    att_status status = hard_policy_add(p, r, e);
    if (status != ATT_OK) run_end(r);
    return status;
}

/* Max tiles of any choice. */
static int hard_policy_max_choice(const struct hard_policy *p, int items)
{
    return p->hard.tiles && 2 * p->hard.tiles < items ? 2 * p->hard.tiles : items;
}

static int max_of(const struct hard_policy *p, const struct policy_example *l)
{
    const int items = l->grid[0] * l->grid[1] * l->grid[2],
              wanted = l->max ? l->max
        : p->hard.tiles       ? p->hard.tiles
                              : items;
    return wanted < hard_policy_max_choice(p, items) ? wanted : hard_policy_max_choice(p, items);
}

att_status hard_policy_allocate(struct hard_policy *p, struct err *e)
{
    int items = 0;
    for (int i = 0; i < p->count; i++) {
        const int *g = p->runs[i]->grid, n = g[0] * g[1] * g[2];
        items = n > items ? n : items;
    }
    if (items <= p->items) return ATT_OK;
    reinforcer_destroy(p->reinforcer);
    glimpser_destroy(p->glimpser);
    choice_free(&p->greedy);
    mem_free(p->score);
    mem_free(p->gradient);
    p->reinforcer = NULL;
    p->glimpser = NULL;
    p->score = mem_array((size_t)items + 1, sizeof *p->score);
    p->gradient = mem_array((size_t)items + 1, sizeof *p->gradient);
    if (!p->score || !p->gradient)
        return err_memory(e, ((size_t)items + 1) * sizeof *p->score, "the tiles' scores");
    TRY(choice_create(&p->greedy, items, hard_policy_max_choice(p, items), e));
    p->items = items;
    if (p->hard.glimpse)
        return glimpser_create(items, p->hard.input.count, hard_policy_max_choice(p, items),
            p->reinforce.samples, &p->glimpser, e);
    return reinforcer_create(
        items, hard_policy_max_choice(p, items), p->reinforce.samples, &p->reinforcer, e);
}

/* ---- initial weights */

/* A copy of a parameter in PyTorch's order, to change it. */
struct numbers {
    const struct param *param;
    real *memory, *value;
    size_t row; /* numbers of an output channel */
};

static att_status hard_policy_export(
    const struct hard_policy *p, const char *name, struct numbers *n, struct err *e)
{
    int index = params_find(&p->params, name);
    if (index < 0) return err_set(e, ATT_FAILED, "the policy has no parameter %s", name);
    n->param = &p->params.list[index];
    n->memory = params_at(&p->params, index);
    n->row = n->param->count / (size_t)n->param->shape[0];
    TRY(MEM_ARRAY(n->value, n->param->count, "the policy's weights", e));
    params_export(n->param, n->memory, n->value);
    return ATT_OK;
}

static void hard_policy_import(struct numbers *n)
{
    params_import(n->param, n->value, n->memory);
    mem_free(n->value);
}

/* Sets an output channel of a convolution: `weight` at the centre tap of some inputs, other weights
 * times `others`. */
static att_status hard_policy_set_channel(struct hard_policy *p, const char *name, int channel,
    int first, int count, double weight, double others, struct err *e)
{
    struct numbers w, b;
    char bias[64], weights[64];
    snprintf(weights, sizeof weights, "policy.%s.weight", name);
    snprintf(bias, sizeof bias, "policy.%s.bias", name);
    TRY(hard_policy_export(p, weights, &w, e));
    const size_t taps = w.row / (size_t)w.param->shape[1];
    real *row = w.value + (size_t)channel * w.row;
    for (size_t i = 0; i < w.row; i++) row[i] *= (real)others;
    for (int i = first; i < first + count; i++) row[(size_t)i * taps + taps / 2] = (real)weight;
    hard_policy_import(&w);
    TRY(hard_policy_export(p, bias, &b, e));
    b.value[channel] = 0;
    hard_policy_import(&b);
    return ATT_OK;
}

att_status hard_policy_init(
    struct hard_policy *p, int first, int count, double weight, struct err *e)
{
    TRY(hard_policy_set_channel(p, "conv1", 0, first, count, weight, 0, e));
    TRY(hard_policy_set_channel(p, "conv2", 0, 0, 1, 1, 0, e));
    return hard_policy_set_channel(p, "out", POLICY_SCORE, 0, 1, 1, OTHER_WEIGHTS, e);
}

/* ---- learning */

void hard_policy_begin(struct hard_policy *p) { p->sums.memory->fill(p->grads, 0, p->sums.bytes); }

static double channel_mean(const struct tensor *t, int channel)
{
    const real *x = tensor_channel(t, 0, channel);
    size_t n = shape_pixels(t->s);
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)x[i * (size_t)t->lanes];
    return sum / (double)n;
}

static void fill_channel(const struct tensor *t, int channel, double value)
{
    real *x = tensor_channel(t, 0, channel);
    size_t n = shape_pixels(t->s);
    for (size_t i = 0; i < n; i++) x[i * (size_t)t->lanes] = (real)(value / (double)n);
}

/* One image and its network. */
struct work {
    struct hard_policy *p;
    struct policy_run *r;
    int items;
    double weight;
};

/* Sets the scores of tiles, then the stop token's; returns the value. */
static double scores(void *arg, const float *inputs, double *score)
{
    const struct work *w = arg;
    const struct tensor in = run_tensor(&w->r->run, w->r->input);
    run_load(&in, inputs);
    run_forward(&w->r->run);
    const struct tensor out = run_tensor(&w->r->run, w->r->output);
    const real *x = tensor_channel(&out, 0, POLICY_SCORE);
    for (int i = 0; i < w->items; i++) score[i] = (double)x[i * out.lanes];
    score[w->items] = channel_mean(&out, POLICY_STOP);
    return channel_mean(&out, POLICY_VALUE);
}

/* Adds to the step's gradients. */
static void hard_policy_backward(void *arg, const double *gradient, double value)
{
    const struct work *w = arg;
    struct hard_policy *p = w->p;
    struct tensor d = run_gradient(&w->r->run, w->r->output);
    real *x = tensor_channel(&d, 0, POLICY_SCORE);
    for (int i = 0; i < w->items; i++) x[i * d.lanes] = (real)(w->weight * gradient[i]);
    fill_channel(&d, POLICY_STOP, p->hard.tiles ? 0 : w->weight * gradient[w->items]);
    fill_channel(
        &d, POLICY_VALUE, p->reinforce.advantage == ADVANTAGE_LEARNED ? w->weight * value : 0);
    run_backward_seeded(&w->r->run);
    const real *from = buffer_map(&w->r->run.gradients);
    real *to = buffer_map(&p->sums);
    for (size_t i = 0; i < p->params.size; i++) to[i] += from[i];
}

static struct plackett choices_of(const struct work *w, const struct policy_example *l)
{
    return (struct plackett){
        .score = w->p->score, .items = w->items, .max = max_of(w->p, l), .stop = !w->p->hard.tiles};
}

/* arch=hard: all tiles from one set of scores. */
static void learn_at_once(struct work *w, const struct reinforce *reinforce,
    const struct policy_example *l, struct reinforce_report *report)
{
    struct hard_policy *p = w->p;
    double value = scores(w, l->inputs, p->score);
    const struct plackett choices = choices_of(w, l);
    memset(p->gradient, 0, ((size_t)w->items + 1) * sizeof *p->gradient);
    reinforce_estimate(
        p->reinforcer, reinforce, &choices, value, l->rng, &l->rewards, p->gradient, report);
    hard_policy_backward(w, p->gradient, report->value_gradient);
}

static struct glimpse_scene scene_of(const struct work *w, const struct policy_example *l)
{
    const struct hard *h = &w->p->hard;
    return (struct glimpse_scene){.before = l->inputs,
        .after = l->seen,
        .items = w->items,
        .inputs = h->input.count,
        .max = max_of(w->p, l),
        .stop = !h->tiles,
        .reward = l->rewards.of,
        .arg = l->rewards.arg};
}

/* arch=glimpse: each tile from new scores. */
static void learn_in_turn(struct work *w, const struct reinforce *reinforce,
    const struct policy_example *l, struct reinforce_report *report)
{
    const struct glimpse_net net = {scores, hard_policy_backward, w};
    const struct glimpse_scene scene = scene_of(w, l);
    glimpse_estimate(w->p->glimpser, reinforce, &scene, &net, l->rng, report);
}

static struct work work_on(struct hard_policy *p, const struct policy_example *l)
{
    return (struct work){
        p, hard_policy_find(p, l->grid), l->grid[0] * l->grid[1] * l->grid[2], l->weight};
}

void hard_policy_learn(
    struct hard_policy *p, const struct policy_example *l, struct reinforce_report *report)
{
    struct work w = work_on(p, l);
    struct reinforce reinforce = p->reinforce;
    reinforce.samples = l->samples;
    (p->hard.glimpse ? learn_in_turn : learn_at_once)(&w, &reinforce, l, report);
}

double hard_policy_evaluate(struct hard_policy *p, const struct policy_example *l)
{
    struct work w = work_on(p, l);
    struct choice *c = &p->greedy;
    if (p->hard.glimpse) {
        const struct glimpse_net net = {scores, hard_policy_backward, &w};
        const struct glimpse_scene scene = scene_of(&w, l);
        c->count = glimpse_greedy(p->glimpser, &scene, &net, c->item);
    } else {
        scores(&w, l->inputs, p->score);
        const struct plackett choices = choices_of(&w, l);
        plackett_greedy(&choices, c);
    }
    return l->rewards.of(l->rewards.arg, c->item, c->count);
}

const double *hard_policy_scores(struct hard_policy *p, const struct policy_example *l)
{
    struct work w = work_on(p, l);
    scores(&w, l->inputs, p->score);
    return p->score;
}

double hard_policy_update(struct hard_policy *p, double lr, int64_t step)
{
    struct run leader = p->runs[0]->run; /* its plan lists the trained parameters */
    leader.gradients = p->sums;
    leader.grads = p->grads;
    return optimiser_step(&p->optimiser, &leader, lr, step);
}

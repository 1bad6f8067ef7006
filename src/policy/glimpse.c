/* SPDX-License-Identifier: Apache-2.0 */
/* Sequences are sampled first, since advantages may need all rewards; then each state runs again
 * for its gradient. */
#include "policy/glimpse.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

/* A sampled sequence. */
struct rollout {
    int *item; /* [max] */
    int count, steps;
    double *entropy, *value; /* [max + 1] by step */
};

struct glimpser {
    int samples;
    float *state; /* [inputs][items] */
    double *score,
        *first; /* [items + 1] of the current state, and of the first, shared by all sequences */
    double first_value;
    double *gradient;        /* [items + 1] */
    struct choice choice;    /* of one step */
    struct rollout *rollout; /* [samples] */
    struct rollout greedy;
    double *reward, *advantage; /* [samples] */
    double *later;              /* [max + 1] sum over samples of the entropies after a step */
};

static void rollout_free(struct rollout *w)
{
    mem_free(w->item);
    mem_free(w->entropy);
    mem_free(w->value);
}

static att_status rollout_create(struct rollout *w, int max, struct err *e)
{
    size_t steps = (size_t)max + 1;
    w->item = mem_array(steps, sizeof *w->item);
    w->entropy = mem_array(steps, sizeof *w->entropy);
    w->value = mem_array(steps, sizeof *w->value);
    return w->item && w->entropy && w->value
        ? ATT_OK
        : err_memory(e, 3 * steps * sizeof(double), "sequences of tiles");
}

static att_status glimpse_allocate(
    struct glimpser *g, int items, int inputs, int max, int samples, struct err *e)
{
    size_t n = (size_t)items + 1, s = (size_t)samples;
    g->samples = samples;
    g->state = mem_array((size_t)items * (size_t)inputs, sizeof *g->state);
    g->score = mem_array(n, sizeof *g->score);
    g->first = mem_array(n, sizeof *g->first);
    g->gradient = mem_array(n, sizeof *g->gradient);
    g->rollout = mem_array(s, sizeof *g->rollout);
    g->reward = mem_array(s, sizeof *g->reward);
    g->advantage = mem_array(s, sizeof *g->advantage);
    g->later = mem_array((size_t)max + 1, sizeof *g->later);
    if (!g->state || !g->score || !g->first || !g->gradient || !g->rollout || !g->reward ||
        !g->advantage || !g->later)
        return err_memory(
            e, (size_t)items * (size_t)inputs * sizeof *g->state, "sequences of tiles");
    for (int i = 0; i < samples; i++) TRY(rollout_create(&g->rollout[i], max, e));
    TRY(rollout_create(&g->greedy, max, e));
    return choice_create(&g->choice, items, 1, e);
}

att_status glimpser_create(
    int items, int inputs, int max, int samples, struct glimpser **out, struct err *e)
{
    struct glimpser *g;
    TRY(MEM_NEW(g, "sequences of tiles", e));
    att_status status = glimpse_allocate(g, items, inputs, max, samples, e);
    if (status != ATT_OK) {
        glimpser_destroy(g);
        g = NULL;
    }
    *out = g;
    return status;
}

void glimpser_destroy(struct glimpser *g)
{
    if (!g) return;
    for (int i = 0; g->rollout && i < g->samples; i++) rollout_free(&g->rollout[i]);
    rollout_free(&g->greedy);
    choice_free(&g->choice);
    mem_free(g->state);
    mem_free(g->score);
    mem_free(g->first);
    mem_free(g->gradient);
    mem_free(g->rollout);
    mem_free(g->reward);
    mem_free(g->advantage);
    mem_free(g->later);
    mem_free(g);
}

static void glimpse_begin(struct glimpser *g, const struct glimpse_scene *s)
{
    memcpy(g->state, s->before, (size_t)s->items * (size_t)s->inputs * sizeof *g->state);
}

static void glimpse_look_at(struct glimpser *g, const struct glimpse_scene *s, int item)
{
    for (int c = 0; c < s->inputs; c++) {
        size_t at = (size_t)c * (size_t)s->items + (size_t)item;
        g->state[at] = s->after[at];
    }
}

static void run_first(
    struct glimpser *g, const struct glimpse_scene *s, const struct glimpse_net *net)
{
    glimpse_begin(g, s);
    g->first_value = net->scores(net->arg, g->state, g->first);
}

/* Compute the scores of the state before step t; the first are stored. Returns the value. */
static double run_state(
    struct glimpser *g, const struct glimpse_scene *s, const struct glimpse_net *net, int t)
{
    if (t > 0) return net->scores(net->arg, g->state, g->score);
    memcpy(g->score, g->first, ((size_t)s->items + s->stop) * sizeof *g->score);
    return g->first_value;
}

/* The distribution after the first `count` items of a walk. */
static struct plackett glimpse_remaining(
    struct glimpser *g, const struct glimpse_scene *s, const struct rollout *w, int count)
{
    for (int i = 0; i < count; i++) g->score[w->item[i]] = -(double)INFINITY;
    return (struct plackett){.score = g->score, .items = s->items, .max = 1, .stop = s->stop};
}

/* Draw a sequence from `stream`, or with NULL the likeliest. */
static void rollout_draw(struct glimpser *g, const struct glimpse_scene *s,
    const struct glimpse_net *net, struct rng *stream, struct rollout *w)
{
    int max = s->max < s->items ? s->max : s->items;
    glimpse_begin(g, s);
    w->count = w->steps = 0;
    while (w->count < max) {
        int t = w->steps++;
        w->value[t] = run_state(g, s, net, t);
        struct plackett p = glimpse_remaining(g, s, w, w->count);
        if (stream)
            plackett_sample(&p, stream, &g->choice);
        else
            plackett_greedy(&p, &g->choice);
        w->entropy[t] = plackett_entropy(&g->choice, 0);
        if (!g->choice.count) break;
        w->item[w->count++] = g->choice.item[0];
        glimpse_look_at(g, s, g->choice.item[0]);
    }
}

/* Sums over samples, for the report. */
static void glimpse_summarise(
    struct glimpser *g, int samples, int max, struct reinforce_report *report)
{
    double sum = 0;
    for (int t = 0; t <= max; t++) g->later[t] = 0;
    for (int i = 0; i < samples; i++) {
        double after = 0;
        for (int t = g->rollout[i].steps - 1; t >= 0; t--) {
            g->later[t] += after;
            after += g->rollout[i].entropy[t];
        }
        report->entropy += after / samples;
        report->count += (double)g->rollout[i].count / samples;
        sum += g->reward[i];
    }
    report->reward = sum / samples;
    report->value_gradient = g->first_value - report->reward;
}

/* State while learning. */
struct gradient_pass {
    struct glimpser *g;
    const struct reinforce *settings;
    const struct glimpse_scene *scene;
    const struct glimpse_net *net;
    double beta;  /* weight of a step's entropy */
    double value; /* gradient by the value of the state */
};

/* Add sample i's step t to the gradients of the state that ran last. */
static void add_step(struct gradient_pass *l, int i, int t)
{
    struct glimpser *g = l->g;
    const struct rollout *w = &g->rollout[i];
    const int samples = l->settings->samples;
    double after = 0, advantage = g->advantage[i], bonus = -l->beta / samples;
    for (int u = w->steps - 1; u > t; u--) after += w->entropy[u];
    if (l->settings->advantage == ADVANTAGE_LEARNED) {
        advantage += g->first_value - w->value[t];
        l->value += (w->value[t] - g->reward[i]) / (w->steps * (double)samples);
    }
    if (samples > 1) after -= (g->later[t] - after) / (samples - 1);
    double weight = -(advantage + l->beta * after) / samples;
    struct plackett p = glimpse_remaining(g, l->scene, w, t);
    plackett_take(&p, w->item + t, t < w->count, &g->choice);
    plackett_gradient(&p, &g->choice, &weight, &bonus, g->gradient);
}

static void glimpse_clear(struct gradient_pass *l)
{
    memset(l->g->gradient, 0, ((size_t)l->scene->items + 1) * sizeof *l->g->gradient);
    l->value = 0;
}

static void glimpse_learn(struct gradient_pass *l)
{
    struct glimpser *g = l->g;
    glimpse_begin(g, l->scene);
    l->net->scores(l->net->arg, g->state, g->score);
    glimpse_clear(l);
    for (int i = 0; i < l->settings->samples; i++)
        if (g->rollout[i].steps) add_step(l, i, 0);
    l->net->backward(l->net->arg, g->gradient, l->value);
    for (int i = 0; i < l->settings->samples; i++) {
        glimpse_begin(g, l->scene);
        for (int t = 1; t < g->rollout[i].steps; t++) {
            glimpse_look_at(g, l->scene, g->rollout[i].item[t - 1]);
            l->net->scores(l->net->arg, g->state, g->score);
            glimpse_clear(l);
            add_step(l, i, t);
            l->net->backward(l->net->arg, g->gradient, l->value);
        }
    }
}

void glimpse_estimate(struct glimpser *g, const struct reinforce *settings,
    const struct glimpse_scene *scene, const struct glimpse_net *net, struct rng *stream,
    struct reinforce_report *report)
{
    *report = (struct reinforce_report){.count = 0};
    run_first(g, scene, net);
    rollout_draw(g, scene, net, NULL, &g->greedy);
    report->greedy = scene->reward(scene->arg, g->greedy.item, g->greedy.count);
    for (int i = 0; i < settings->samples; i++) {
        struct rollout *w = &g->rollout[i];
        rollout_draw(g, scene, net, stream, w);
        g->reward[i] = scene->reward(scene->arg, w->item, w->count);
    }
    glimpse_summarise(g, settings->samples, scene->max, report);
    struct gradient_pass l = {
        g, settings, scene, net, .beta = reinforce_step_weight(settings, scene->max)};
    reinforce_advantages(reinforce_kind(settings, false), g->reward, settings->samples,
        report->greedy, g->first_value, g->advantage);
    glimpse_learn(&l);
}

int glimpse_greedy(
    struct glimpser *g, const struct glimpse_scene *scene, const struct glimpse_net *net, int *item)
{
    run_first(g, scene, net);
    rollout_draw(g, scene, net, NULL, &g->greedy);
    memcpy(item, g->greedy.item, (size_t)g->greedy.count * sizeof *item);
    return g->greedy.count;
}

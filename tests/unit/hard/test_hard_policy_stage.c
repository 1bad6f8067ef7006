/* SPDX-License-Identifier: Apache-2.0 */
/* A step of the policy alone: what a choice on a mirrored grid is worth. */
#include <math.h>

#include "hard/hard_step.h"
#include "unit/train/train_test.h"

enum { TILES = 5, WORTHY = 1, BATCH = 64 };

/* A policy for a row of tiles, of a model with the spec. */
static void make_policy(
    const char *words, struct watch *w, struct train_context *c, struct hard_training *h)
{
    static const int grid[3] = {1, 1, TILES};
    struct spec spec;
    struct preparation prep = {.channels = 1, .patch = {1, 32, 32}};
    struct labelling labels = {.ignore = -1};
    char *text = mem_text(
        "%s dims=2 classes=2 coarse=4,8 fine=4,8 scale=4 tile=16 halo=8 policy=4 gate=none", words);
    memset(h, 0, sizeof *h);
    watch_new(w);
    w->host.kernels = kernels_for(kernels_best());
    *c = (struct train_context){.host = &w->host};
    prep.normalise[0].scheme = NORMALISE_ZSCORE;
    labelling_add(&labels, 0, "background");
    labelling_add(&labels, 1, "one");
    OK(spec_parse(&spec, text, &e));
    OK(model_create(&spec, &prep, &labels, 1, &h->model, &e));
    h->c = c;
    h->settings = (struct hard_settings){
        .samples = 2, .batch = BATCH, .reinforce = {.advantage = ADVANTAGE_LOO, .samples = 2}};
    h->policy_steps = 10;
    h->rules = (struct view_rules){.mirror = {false, false, true}, .seed = 3};
    OK(hard_read(&h->model.spec, &h->hard, &e));
    OK(hard_policy_create(c, &h->model, &h->settings.reinforce, &h->policy, &e));
    OK(hard_policy_grid(&h->policy, grid, &e));
    OK(hard_policy_allocate(&h->policy, &e));
    mem_free(text);
}

static void end(struct hard_training *h)
{
    hard_policy_free(&h->policy);
    model_free(&h->model);
}

/* One view, of which one tile has all there is to find: the coarse net says so, and the fine net
 * labels it rightly. */
static void make_cache(const struct hard *hard, struct cached *v, struct hard_cache *cache)
{
    const int foreground = 2 * hard->features + 1;
    *v = (struct cached){.grid = {1, 1, TILES}};
    v->inputs = mem_array((size_t)hard->input.count * TILES, sizeof *v->inputs);
    v->seen = hard->glimpse ? mem_array((size_t)hard->input.count * TILES, sizeof *v->seen) : NULL;
    v->inputs[foreground * TILES + WORTHY] = 1;
    OK(tile_sums_create(&v->sums, TILES, 1, &e));
    v->sums.truth[WORTHY] = v->sums.fine[2 * WORTHY] = v->sums.fine[2 * WORTHY + 1] = 10;
    tile_sums_total(&v->sums);
    *cache = (struct hard_cache){.view = v, .count = 1, .hard = hard};
    cache->flipped.inputs = mem_array((size_t)hard->input.count * TILES, sizeof(float));
    cache->flipped.seen = mem_array((size_t)hard->input.count * TILES, sizeof(float));
    cache->flipped.from = mem_array(TILES, sizeof(int));
}

static void end_cache(struct hard_cache *cache)
{
    struct cached *v = cache->view;
    mem_free(v->inputs);
    mem_free(v->seen);
    tile_sums_free(&v->sums);
    mem_free(cache->flipped.inputs);
    mem_free(cache->flipped.seen);
    mem_free(cache->flipped.from);
}

/* A policy, and the view that it learns from. */
struct scene {
    struct watch w;
    struct train_context c;
    struct hard_training h;
    struct cached v;
    struct hard_cache cache;
};

static void begin_scene(struct scene *s, const char *words)
{
    make_policy(words, &s->w, &s->c, &s->h);
    make_cache(&s->h.hard, &s->v, &s->cache);
}

static void end_scene(struct scene *s)
{
    end_cache(&s->cache);
    end(&s->h);
}

/* The policy takes the tile where the coarse net sees foreground, wherever the mirror has put it:
 * always the whole reward. */
static void rewards_are_of_the_tile_behind_the_mirror(void **state)
{
    (void)state;
    struct scene s;
    begin_scene(&s, "arch=hard tiles=1");
    OK(hard_policy_init(&s.h.policy, 2 * s.h.hard.features + 1, 1, 50, &e));
    OK(policy_stage_step(&s.h, &s.cache, 0, &e));
    assert_int_equal(s.h.sums.steps, 1);
    assert_true(fabs(s.h.sums.greedy - 1) < 1e-12 && fabs(s.h.sums.reward - 1) < 1e-12);
    end_scene(&s);
}

static double mean_count(const char *spec)
{
    struct scene s;
    begin_scene(&s, spec);
    OK(policy_stage_step(&s.h, &s.cache, 0, &e));
    const double count = s.h.sums.count;
    end_scene(&s);
    return count;
}

/* Two tiles, or half of the time any number from 1 to 4, in the mean 2.5; a sequential policy
 * always two. */
static void how_many_tiles_are_chosen(void **state)
{
    (void)state;
    const double hard = mean_count("arch=hard tiles=2"),
                 glimpse = mean_count("arch=glimpse tiles=2");
    assert_true(hard > 2 && hard < 2.5);
    assert_true(glimpse == 2);
}

/* For timing: what the step so many further on would draw. */
static void trials_are_of_other_steps(void **state)
{
    (void)state;
    enum { STEP = 6 };
    struct scene trial, step;
    begin_scene(&trial, "arch=hard tiles=1");
    begin_scene(&step, "arch=hard tiles=1");
    const size_t bytes = step.h.policy.params.size * sizeof *step.h.policy.grads;
    step.h.step = STEP;
    OK(policy_stage_step(&step.h, &step.cache, 0, &e));
    OK(policy_stage_step(&trial.h, &trial.cache, STEP, &e));
    assert_memory_equal(trial.h.policy.grads, step.h.policy.grads, bytes);
    assert_true(trial.h.step == 0 && trial.h.sums.steps == 0);
    OK(policy_stage_step(&trial.h, &trial.cache, STEP + 1, &e));
    assert_memory_not_equal(trial.h.policy.grads, step.h.policy.grads, bytes);
    end_scene(&trial);
    end_scene(&step);
}

/* One tile with a score of 50 brings 0.8 of Dice alone, another of 4 that have none 0.5: at the
 * best temperature T the first has a probability of 0.8 / 1.3, so that exp(50 / T) = 0.8 / (0.5 /
 * 4). */
static void temperature_is_of_what_tiles_bring(void **state)
{
    (void)state;
    enum { OTHER = 3 };
    struct scene s;
    begin_scene(&s, "arch=hard tiles=1");
    s.v.sums.truth[OTHER] = s.v.sums.fine[2 * OTHER] = s.v.sums.fine[2 * OTHER + 1] = 5;
    tile_sums_total(&s.v.sums);
    s.h.settings.cost = .7; /* is of rewards, not of what tiles bring */
    OK(hard_policy_init(&s.h.policy, 2 * s.h.hard.features + 1, 1, 50, &e));
    OK(policy_stage_temperature(&s.h, &s.cache, &e));
    assert_true(fabs(s.h.model.temperature - 50 / log(6.4)) <
        .5); /* other weights of its last layer are not quite 0 */
    end_scene(&s);
}

/* The first update changes numbers by the learning rate, also where steps without finite gradients
 * came before it. */
static void bad_steps_are_no_updates(void **state)
{
    (void)state;
    struct scene s;
    const struct hard_sums sums = {.steps = 0};
    begin_scene(&s, "arch=hard tiles=1");
    struct hard_training *h = &s.h;
    h->settings.policy_lr = .01;
    for (int bad = 2; bad >= 0; bad--) {
        const double before = (double)h->policy.params.data[0];
        hard_begin_step(h);
        h->policy.grads[0] = bad ? (real)NAN : 1;
        const double rate = hard_rate(h, h->step);
        OK(hard_update(h, &sums, &e));
        const double change = before - (double)h->policy.params.data[0];
        assert_true(rate > 0 && fabs(change - (bad ? 0 : rate)) < .05 * rate);
    }
    assert_int_equal(h->step, 3);
    assert_int_equal(h->updates, 1);
    end_scene(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rewards_are_of_the_tile_behind_the_mirror),
        cmocka_unit_test(temperature_is_of_what_tiles_bring),
        cmocka_unit_test(how_many_tiles_are_chosen), cmocka_unit_test(trials_are_of_other_steps),
        cmocka_unit_test(bad_steps_are_no_updates)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

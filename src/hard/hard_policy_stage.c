/* SPDX-License-Identifier: Apache-2.0 */
/* Stage 2, in which rewards are sums of cached counts; called by hard_train.c. */
#include <math.h>

#include "base/mem.h"
#include "hard/hard_step.h"
#include "policy/temperature.h"
#include "policy/tile_reward.h"
#include "train/train_step.h"

static const double ENTROPY_LEFT = .1; /* share of the entropy's weight at the end of stage 2 */
static const double JOINT_SHARE = .1;  /* the policy's share of the joint learning rate */

att_status policy_stage_prepare(
    struct hard_training *h, const struct hard_cache *cache, struct err *e)
{
    for (int i = 0; i < cache->count; i++)
        TRY(hard_policy_grid(&h->policy, cache->view[i].grid, e));
    return hard_policy_allocate(&h->policy, e);
}

/* Standard deviation over all tiles of the foreground probability, which is the sum of `count`
 * inputs. */
static double policy_stage_deviation(const struct hard_cache *cache, int first, int count)
{
    double n = 0, sum = 0, squares = 0;
    for (int i = 0; i < cache->count; i++) {
        const struct cached *v = &cache->view[i];
        const size_t tiles = (size_t)v->sums.tiles;
        for (size_t t = 0; t < tiles; t++) {
            double x = 0;
            for (int c = first; c < first + count; c++)
                x += (double)v->inputs[(size_t)c * tiles + t];
            n++;
            sum += x;
            squares += x * x;
        }
    }
    return sqrt(fmax(squares / n - sum / n * (sum / n), 0));
}

/* Coarse foreground is the heuristic that is hardest to beat. Scores get a deviation of 1, which
 * leaves room to explore. */
att_status policy_stage_init(struct hard_training *h, const struct hard_cache *cache, struct err *e)
{
    const struct hard *hard = &h->hard;
    const bool background = !h->model.labels.regions && hard->classes > 1;
    const int first = hard->input.probability + background, count = hard->classes - background;
    const double spread = policy_stage_deviation(cache, first, count);
    return spread > 1e-6 ? hard_policy_init(&h->policy, first, count, 1 / spread, e) : ATT_OK;
}

/* Max tiles of a choice. Half of the time the model's number, else any up to twice that, which
 * trains the order for other numbers. A sequential policy has no such order and keeps the model's
 * number. 0: it draws the stop token. */
static int draw_max(const struct hard_training *h, int tiles, struct rng *rng)
{
    const int max = 2 * h->hard.tiles < tiles ? 2 * h->hard.tiles : tiles;
    const bool other = rng_below(rng, 2) && !h->hard.glimpse;
    if (h->hard.tiles == 0 || !other) return h->hard.tiles;
    return 1 + (int)rng_below(rng, (uint32_t)max);
}

/* Learns from a random view, mirrored at random along the allowed axes. */
static void policy_stage_learn(
    struct hard_training *h, struct hard_cache *cache, struct rng *rng, struct hard_sums *sums)
{
    const struct cached *v = &cache->view[rng_below(rng, (uint32_t)cache->count)];
    bool mirror[3];
    for (int a = 0; a < 3; a++) mirror[a] = rng_below(rng, 2) && h->rules.mirror[a];
    hard_cache_flip(cache, v, mirror);
    const int max = draw_max(h, v->sums.tiles, rng);
    struct tile_reward reward = {
        .sums = &v->sums, .from = cache->flipped.from, .cost = h->settings.cost};
    struct reinforce_report report;
    const double weight = 1.0 / h->settings.batch;
    const struct policy_example l = {.grid = {v->grid[0], v->grid[1], v->grid[2]},
        .inputs = cache->flipped.inputs,
        .seen = cache->flipped.seen,
        .rewards = {tile_reward_of, tile_reward_change, &reward},
        .max = max,
        .samples = h->settings.samples,
        .rng = rng,
        .weight = weight};
    hard_policy_learn(&h->policy, &l, &report);
    hard_add_report(sums, &report, weight);
}

/* A view without mirroring, for evaluation. Fills *reward. */
static struct policy_example stage_example(
    const struct hard_training *h, struct hard_cache *cache, int i, struct tile_reward *reward)
{
    static const bool unmirrored[3] = {false};
    const struct cached *v = &cache->view[i];
    hard_cache_flip(cache, v, unmirrored);
    *reward = (struct tile_reward){
        .sums = &v->sums, .from = cache->flipped.from, .cost = h->settings.cost};
    return (struct policy_example){.grid = {v->grid[0], v->grid[1], v->grid[2]},
        .inputs = cache->flipped.inputs,
        .seen = cache->flipped.seen,
        .rewards = {tile_reward_of, tile_reward_change, reward}};
}

double policy_stage_evaluate(struct hard_training *h, struct hard_cache *cache)
{
    double sum = 0;
    for (int i = 0; i < cache->count; i++) {
        struct tile_reward reward;
        const struct policy_example l = stage_example(h, cache, i, &reward);
        sum += hard_policy_evaluate(&h->policy, &l);
    }
    return sum / cache->count;
}

/* Adds the gain of each single tile of a view, and the scores. */
static void policy_stage_add_gains(struct hard_training *h, struct hard_cache *cache, int i,
    double *gain, struct temperature_data *d)
{
    struct tile_reward reward;
    const struct policy_example l = stage_example(h, cache, i, &reward);
    const int tiles = reward.sums->tiles;
    reward.cost = 0; /* the user sets it at prediction */
    const double none = tile_reward_of(&reward, NULL, 0);
    for (int t = 0; t < tiles; t++) gain[t] = tile_reward_change(&reward, t, -1, false) - none;
    temperature_data_add(d, hard_policy_scores(&h->policy, &l), gain, tiles);
}

att_status policy_stage_temperature(
    struct hard_training *h, struct hard_cache *cache, struct err *e)
{
    int tiles = 0, max = 0;
    for (int i = 0; i < cache->count; i++) {
        tiles += cache->view[i].sums.tiles;
        max = cache->view[i].sums.tiles > max ? cache->view[i].sums.tiles : max;
    }
    struct temperature_data d;
    double *gain;
    TRY(MEM_ARRAY(gain, max, "gains", e));
    att_status status = temperature_data_create(&d, cache->count, tiles, e);
    if (status == ATT_OK) {
        for (int i = 0; i < cache->count; i++) policy_stage_add_gains(h, cache, i, gain, &d);
        h->model.temperature = temperature_fit(&d);
        temperature_data_free(&d);
    }
    mem_free(gain);
    return status;
}

/* A step of stage 3 has the rewards of a few choices in one image; one of stage 2 has hundreds. At
 * the same rate, their noise would undo what the policy learnt. */
double hard_joint_lr(const struct hard_training *h)
{
    return JOINT_SHARE * h->settings.policy_lr * h->settings.joint_rate;
}

double hard_rate(const struct hard_training *h, int64_t step)
{
    const struct hard_settings *s = &h->settings;
    enum schedule kind = h->net[PART_FINE].recipe.schedule;
    if (!h->joint)
        return schedule_rate(
            kind, s->policy_lr, step, h->policy_steps, recipe_warmup(h->policy_steps));
    return schedule_transition_rate(kind, hard_joint_lr(h), step - h->policy_steps, h->joint_steps,
        h->net[PART_FINE].recipe.warmup, &h->transition);
}

/* The entropy's weight falls in stage 2 and stays in stage 3. */
static double policy_stage_entropy(const struct hard_training *h)
{
    const double share =
        h->joint ? 1 : (double)h->step / (double)(h->policy_steps > 0 ? h->policy_steps : 1);
    return h->settings.reinforce.entropy * (1 - (1 - ENTROPY_LEFT) * share);
}

void hard_add_report(struct hard_sums *sums, const struct reinforce_report *report, double weight)
{
    sums->reward += weight * report->reward;
    sums->greedy += weight * report->greedy;
    sums->entropy += weight * report->entropy;
    sums->count += weight * report->count;
}

void hard_begin_step(struct hard_training *h)
{
    h->policy.reinforce.entropy = policy_stage_entropy(h);
    hard_policy_begin(&h->policy);
}

att_status hard_update(struct hard_training *h, const struct hard_sums *sums, struct err *e)
{
    double norm = hard_policy_update(&h->policy, hard_rate(h, h->step), h->updates + 1);
    h->diverged = isfinite(norm) ? 0 : h->diverged + 1;
    h->updates += !h->diverged;
    h->step++;
    if (h->diverged >= TRAINING_BAD_STEPS)
        return err_usage(e,
            "the policy diverged: no finite gradient in %d steps up to step %lld; try a smaller "
            "`policy-lr` in a new run",
            TRAINING_BAD_STEPS, (long long)h->step);
    if (h->diverged) return ATT_OK;
    h->sums.reward += sums->reward;
    h->sums.greedy += sums->greedy;
    h->sums.entropy += sums->entropy;
    h->sums.count += sums->count;
    h->sums.norm += norm;
    h->sums.steps++;
    return ATT_OK;
}

att_status policy_stage_step(
    struct hard_training *h, struct hard_cache *cache, int trial, struct err *e)
{
    struct hard_sums sums = {.steps = 0};
    hard_begin_step(h);
    for (int i = 0; i < h->settings.batch; i++) {
        struct rng rng =
            rng_stream(h->rules.seed, RNG_POLICY, (uint32_t)(h->step + trial), (uint32_t)i);
        policy_stage_learn(h, cache, &rng, &sums);
    }
    return trial ? ATT_OK : hard_update(h, &sums, e);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Stage 3, in which both networks and the policy learn; called by hard_train.c. */
#include <string.h>

#include "base/ints.h"
#include "base/mem.h"
#include "hard/hard_step.h"
#include "policy/tile_reward.h"
#include "predict/look_count.h"
#include "train/train_step.h"

/* Max sampled choices, and max tiles in all of them; at least two choices. */
enum { SAMPLES = 4, TILES = 32 };
enum { JOINT_SEED = 1 << 20 };         /* patches differ from those of stage 1 */
static const double CHOSEN_SHARE = .4; /* share of fine patches around chosen tiles */

struct hard_joint {
    struct hard_training *h;
    struct view view;
    struct view_image shown;
    struct look look;
    struct look_count count;
    struct tile_sums sums; /* with the tiles of the largest case */
    struct tile_reward reward;
    int tiles;
    bool *counted, *drawn; /* [tiles] fine labels are counted; part of a choice */
    int *chosen, nchosen;  /* drawn tiles in order */
    float *before;         /* the policy's inputs, for arch=glimpse */
    att_status status;     /* of the reward callback, which returns none */
    struct err *e;
};

/* ---- memory */

/* Views cut less than a tile, so each axis has one or two possible lengths. */
static att_status add_grids(struct hard_joint *j, const int size[3], struct err *e)
{
    int max[3], grid[3];
    for (int a = 0; a < 3; a++) max[a] = divide_up(size[a], j->h->hard.tile[a]);
    for (int less = 0; less < 8; less++) {
        bool possible = true;
        for (int a = 0; a < 3; a++) {
            grid[a] = max[a] - (less >> a & 1);
            possible = possible && grid[a] > 0 &&
                (!(less >> a & 1) || j->h->hard.tile[a] > 1); /* a tile of one voxel is never cut */
        }
        if (possible) TRY(hard_policy_grid(&j->h->policy, grid, e));
    }
    int tiles = max[0] * max[1] * max[2];
    if (tiles > j->tiles) j->tiles = tiles;
    return ATT_OK;
}

static att_status hard_joint_allocate(struct hard_joint *j, struct err *e)
{
    struct hard_training *h = j->h;
    for (int i = 0; i < h->rules.count; i++) TRY(add_grids(j, h->rules.cases[i].size, e));
    TRY(hard_policy_allocate(&h->policy, e));
    TRY(view_image_create(&h->rules, &j->shown, e));
    TRY(look_count_create(&j->count, &h->model, h->runner, NULL,
        e)); /* no host: a stop waits for the end of the step */
    TRY(tile_sums_create(&j->sums, j->tiles, labelling_targets(&h->model.labels), e));
    TRY(training_choose_positions(&h->net[PART_FINE], e));
    size_t tiles = (size_t)j->tiles;
    j->counted = mem_array(tiles, sizeof *j->counted);
    j->drawn = mem_array(tiles, sizeof *j->drawn);
    j->chosen = mem_array(tiles, sizeof *j->chosen);
    j->before = mem_array(tiles, (size_t)h->hard.input.count * sizeof *j->before);
    if (j->counted && j->drawn && j->chosen && j->before) return ATT_OK;
    return err_memory(
        e, tiles * (size_t)h->hard.input.count * sizeof *j->before, "the tiles of a case");
}

att_status hard_joint_create(struct hard_training *h, struct hard_joint **out, struct err *e)
{
    struct hard_joint *j;
    *out = NULL;
    TRY(MEM_NEW(j, "the joint stage", e));
    j->h = h;
    j->reward = (struct tile_reward){.sums = &j->sums, .cost = h->settings.cost};
    att_status status = hard_joint_allocate(j, e);
    if (status == ATT_OK) {
        for (int i = 0; i < NETS; i++) h->net[i].sampler.seed = h->net[i].recipe.seed + JOINT_SEED;
        *out = j;
    } else {
        hard_joint_free(j);
    }
    return status;
}

void hard_joint_free(struct hard_joint *j)
{
    if (!j) return;
    view_image_free(&j->shown);
    look_free(&j->look);
    look_count_free(&j->count);
    tile_sums_free(&j->sums);
    mem_free(j->counted);
    mem_free(j->drawn);
    mem_free(j->chosen);
    mem_free(j->before);
    mem_free(j);
}

/* ---- the view */

/* Each tile has its own window: with shared ones, a choice's reward would depend on other
 * samples. */
static att_status count_fine_tile(struct hard_joint *j, int tile, struct err *e)
{
    if (j->counted[tile]) return ATT_OK;
    j->counted[tile] = true;
    return look_count_fine(
        &j->count, &j->shown.image, j->shown.classes, &j->look, tile, &j->sums, e);
}

static att_status count_coarse(struct hard_joint *j, struct err *e)
{
    const int tiles = j->look.tiling.count;
    const size_t n = (size_t)tiles, classes = (size_t)j->sums.classes;
    j->sums.tiles = tiles;
    memset(j->sums.coarse, 0, n * classes * 2 * sizeof *j->sums.coarse);
    memset(j->sums.fine, 0, n * classes * 2 * sizeof *j->sums.fine);
    memset(j->sums.truth, 0, n * classes * sizeof *j->sums.truth);
    memset(j->counted, 0, n * sizeof *j->counted);
    memset(j->drawn, 0, n * sizeof *j->drawn);
    j->nchosen = 0;
    for (int t = 0; t < tiles; t++)
        TRY(look_count_tile(
            &j->count, &j->shown.image, j->shown.classes, &j->look, t, false, &j->sums, e));
    tile_sums_total(&j->sums);
    return ATT_OK;
}

/* A sequential policy may choose any tile and then sees its result. */
static att_status compute_all_tiles(struct hard_joint *j, struct err *e)
{
    memcpy(j->before, j->look.inputs,
        (size_t)j->look.in.count * (size_t)j->look.tiling.count * sizeof *j->before);
    for (int t = 0; t < j->look.tiling.count && j->h->hard.glimpse; t++) {
        TRY(count_fine_tile(j, t, e));
        look_seen(&j->look, t, j->count.logits);
    }
    return ATT_OK;
}

static att_status hard_joint_view(struct hard_joint *j, int64_t step, struct err *e)
{
    struct hard_training *h = j->h;
    view_draw(&h->rules, step, &j->view);
    view_show(&j->view, &h->rules.cases[j->view.chosen], &j->shown);
    TRY(look_coarse(h->runner, &j->shown.image, &j->look, e));
    TRY(count_coarse(j, e));
    return compute_all_tiles(j, e);
}

/* ---- the policy */

static double reward(void *arg, const int *item, int k)
{
    struct hard_joint *j = arg;
    for (int i = 0; i < k; i++) {
        if (!j->drawn[item[i]]) j->chosen[j->nchosen++] = item[i];
        j->drawn[item[i]] = true;
        if (j->status == ATT_OK) j->status = count_fine_tile(j, item[i], j->e);
    }
    return tile_reward_of(&j->reward, item, k);
}

static int hard_joint_samples_of(const struct hard_training *h)
{
    int n = h->hard.tiles * SAMPLES > TILES ? TILES / h->hard.tiles : SAMPLES;
    if (n < 2) n = 2;
    return h->settings.samples < n ? h->settings.samples : n;
}

static att_status hard_joint_learn(
    struct hard_joint *j, int64_t step, struct hard_sums *sums, struct err *e)
{
    struct hard_training *h = j->h;
    const int *grid = j->look.tiling.grid;
    struct reinforce_report report;
    struct rng rng = rng_stream(h->rules.seed, RNG_POLICY, (uint32_t)step, 0);
    const struct policy_example l = {.grid = {grid[0], grid[1], grid[2]},
        .inputs = j->before,
        .seen = j->look.inputs,
        .rewards = {.of = reward, .arg = j}, /* no `change`: only drawn tiles are computed */
        .samples = hard_joint_samples_of(h),
        .rng = &rng,
        .weight = 1};
    j->status = ATT_OK;
    j->e = e;
    hard_begin_step(h);
    hard_policy_learn(&h->policy, &l, &report);
    hard_add_report(sums, &report, 1);
    return j->status;
}

/* ---- the networks */

static int hard_joint_clamp(int x, int max) { return x > max ? max : x < 0 ? 0 : x; }

/* Origin, in the case, of a fine patch centred on the tile: moved inside the view, or else inside
 * the case. A case smaller than the patch is centred in it. */
static void patch_around(const struct hard_joint *j, int tile, int origin[3])
{
    const struct tiling *t = &j->look.tiling;
    const struct prepared *p = &j->h->rules.cases[j->view.chosen];
    const int *patch = j->h->net[PART_FINE].recipe.patch;
    int at[3], first[3];
    tiling_place(t, tile, at);
    for (int a = 0; a < 3; a++) {
        const int middle = at[a] * t->tile[a] + t->tile[a] / 2 - patch[a] / 2,
                  room = t->size[a] - patch[a];
        first[a] = room < 0 ? middle : hard_joint_clamp(middle, room);
    }
    view_origin(&j->view, p, first, patch, origin);
    for (int a = 0; a < 3; a++) {
        const int room = p->size[a] - patch[a];
        origin[a] = room < 0 ? room / 2 : hard_joint_clamp(origin[a], room);
    }
}

static void choose_patches(struct hard_joint *j, int64_t step)
{
    const struct hard_training *h = j->h;
    const struct training *fine = &h->net[PART_FINE];
    struct rng rng = rng_stream(h->rules.seed, RNG_POLICY, (uint32_t)step, 1);
    for (int i = 0; i < fine->recipe.batch; i++) {
        struct sampler_position *s = &fine->positions[i];
        s->chosen = -1;
        if (rng_uniform(&rng) >= CHOSEN_SHARE || j->nchosen == 0) continue;
        s->chosen = j->view.chosen;
        patch_around(j, j->chosen[rng_below(&rng, (uint32_t)j->nchosen)], s->origin);
    }
}

static att_status train_nets(struct hard_joint *j, int trial, struct err *e)
{
    for (int i = 0; i < NETS; i++) {
        struct training *t = &j->h->net[i];
        if (trial)
            TRY(training_try_step(t, t->step + trial, e));
        else
            TRY(training_step(t, e));
    }
    return ATT_OK;
}

att_status hard_joint_step(struct hard_joint *j, int trial, struct err *e)
{
    const int64_t step = j->h->step + trial;
    struct hard_sums sums = {.steps = 0};
    TRY(hard_join(j->h, e));
    TRY(hard_joint_view(j, step, e));
    TRY(hard_joint_learn(j, step, &sums, e));
    choose_patches(j, step);
    TRY(train_nets(j, trial, e));
    return trial ? ATT_OK : hard_update(j->h, &sums, e);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A step of the joint stage: where the fine net's windows lie, and which cases it is shown; which
 * model is taken at its end. */
#include "unit/train/train_test.h"

#include "app/info.h"
#include "hard/hard_holdout.h"
#include "hard/hard_keep.h"
#include "hard/hard_length.h"
#include "hard/hard_plan.h"
#include "hard/hard_step.h"
#include "model/weights.h"
#include "train/checkpoint.h"
#include "train/train_build.h"

enum { CASES = 6, STEPS = 40 };

static int make_data(void **state)
{
    if (make_scratch(state)) return -1;
    put_boxes("data", CASES, 1, 50, 61);
    return 0;
}

#define NET "spec=arch=hard scale=4 tile=16 halo=4 tiles=2 coarse=4,8 fine=4,8 policy=4 cluster=1"
#define LENGTH "steps=1", "batch=2", "policy-steps=1", "joint-steps=30", "policy-views=1"
static const char *const usual[] = {NET, LENGTH, NULL},
                         *const large[] = {NET, LENGTH, "patch=40x56", NULL};

static struct how how(void) { return (struct how){0, kernels_best()}; }

/* A run that stopped in its third stage, in memory. */
struct stage {
    struct watch w;
    struct train_context c;
    struct options table;
    json_t *plan;
    struct hard_work work;
    struct hard_training h;
    struct hard_joint *joint;
};

static void open_stage(const char *run, const char *const *words, struct stage *s)
{
    struct watch w;
    struct options o;
    char *path = NULL;
    watch_new(&w);
    w.stop_what = "training jointly";
    w.stop_at = 1;
    set_options(&o, words);
    REFUSED(start_run(how(), &w, "data", run, &o, &e), ATT_INTERRUPTED, "stopped in stage 3 of 3");
    options_free(&o);
    watch_new(&s->w);
    s->w.host.kernels = kernels_for(kernels_best());
    s->c = (struct train_context){.host = &s->w.host};
    set_options(&s->table, (const char *const[]){NULL});
    OK(hard_plan_read(run, &s->plan, &e));
    s->work = (struct hard_work){.c = &s->c, .run = run, .plan = s->plan, .table = &s->table};
    OK(hard_state_open(&s->h, &s->work, &path, &e));
    OK(training_build(&s->h.net[PART_COARSE], &e));
    OK(hard_split(&s->h, &e));
    OK(hard_keep_exclude(&s->h, &e));
    OK(hard_joint_create(&s->h, &s->joint, &e));
    mem_free(path);
}

static void close_stage(struct stage *s)
{
    hard_joint_free(s->joint);
    hard_state_free(&s->h);
    json_decref(s->plan);
    options_free(&s->table);
}

/* Whether it is that of one of the view's tiles, in the case itself. */
static bool is_of_a_tile(const struct hard_training *h, const struct view *v, const int origin[3])
{
    struct look look = {.dims = 2};
    OK(tiling_make(v->size, h->hard.tile, h->hard.halo, &look.tiling, &e));
    for (int t = 0; t < look.tiling.count; t++) {
        int first[3], extent[3], wanted[3];
        const struct cluster one = cluster_single(&look.tiling, t);
        cluster_window(&look.tiling, &one, look.multiple, first, extent);
        view_origin(v, &h->rules.cases[v->chosen], first, h->hard.window, wanted);
        if (!memcmp(wanted, origin, sizeof wanted)) return true;
    }
    return false;
}

/* Views are mirrored and cut, and the case's own grid of tiles is another one. */
static void windows_are_those_of_tiles(void **state)
{
    (void)state;
    struct stage s;
    int chosen = 0, mirrored = 0, cut = 0;
    open_stage("spots", usual, &s);
    struct hard_training *h = &s.h;
    for (int trial = 1; trial <= STEPS; trial++) {
        struct view v;
        view_draw(&h->rules, h->step + trial, &v);
        OK(hard_joint_step(s.joint, trial, &e));
        for (int i = 0; i < h->net[PART_FINE].recipe.batch; i++) {
            const struct sampler_position *spot = &h->net[PART_FINE].sampler.positions[i];
            if (spot->chosen < 0) continue;
            assert_int_equal(spot->chosen, v.chosen);
            assert_true(is_of_a_tile(h, &v, spot->origin));
            chosen++;
            mirrored += v.mirror[1] || v.mirror[2];
            cut += v.cut[1] || v.cut[2];
        }
    }
    assert_true(chosen > STEPS / 4 && mirrored > 0 && cut > 0);
    close_stage(&s);
}

/* A trial step of a large model can take longer than schedulers wait. */
static void a_stop_is_heard_between_two_trials(void **state)
{
    (void)state;
    struct stage s;
    int64_t steps = 0;
    open_stage("heard", usual, &s);
    OK(hard_length_more(&s.h, s.joint, .01, &steps, &e));
    assert_true(steps >= 1);
    atomic_store(&s.w.host.stop, 1);
    REFUSED(hard_length_more(&s.h, s.joint, .01, &steps, &e), ATT_INTERRUPTED,
        "stopped while timing a step");
    close_stage(&s);
}

/* Patches that are larger than some views lie in the case, which is larger than they, and hold a
 * tile's middle. */
static void large_patches_lie_in_the_case(void **state)
{
    (void)state;
    struct stage s;
    int chosen = 0, wider = 0;
    open_stage("large", large, &s);
    struct hard_training *h = &s.h;
    const int patch[3] = {1, 40, 56};
    assert_memory_equal(h->net[PART_FINE].recipe.patch, patch, sizeof patch);
    for (int trial = 1; trial <= STEPS; trial++) {
        struct view v;
        view_draw(&h->rules, h->step + trial, &v);
        OK(hard_joint_step(s.joint, trial, &e));
        for (int i = 0; i < h->net[PART_FINE].recipe.batch; i++) {
            const struct sampler_position *spot = &h->net[PART_FINE].sampler.positions[i];
            if (spot->chosen < 0) continue;
            for (int a = 1; a < 3; a++) {
                const int size = h->rules.cases[spot->chosen].size[a];
                assert_in_range(spot->origin[a], 0, size - patch[a]);
                wider += patch[a] > v.size[a];
            }
            chosen++;
        }
    }
    assert_true(chosen > STEPS / 4 && wider > 0);
    close_stage(&s);
}

static void a_fifth_of_the_cases_takes_no_part(void **state)
{
    (void)state;
    struct stage s;
    open_stage("apart", usual, &s);
    assert_int_equal(hard_holdout_count(CASES), 1);
    assert_int_equal(s.h.rules.count, CASES - 1);
    for (int i = 0; i < NETS; i++) {
        assert_int_equal(s.h.net[i].sampler.count, CASES - 1);
        assert_int_equal(s.h.net[i].split.ntrain, CASES);
    }
    close_stage(&s);
}

/* All of a view's tiles together, by the fine network: tp and |P| of the one class. */
static void sum_fine(const struct tile_sums *s, double sum[2])
{
    sum[0] = sum[1] = 0;
    for (int t = 0; t < s->tiles; t++)
        for (int i = 0; i < 2; i++) sum[i] += s->fine[2 * t + i];
}

/* Views that are mirrored and not cut have what the fine network found in the case; what the policy
 * sees is of the view, and of its intensities. */
static void the_fine_net_looks_at_a_case_once(void **state)
{
    (void)state;
    enum { VIEWS = 4 };
    struct stage s;
    struct hard_cache plain, changed;
    double predicted = 0;
    open_stage("once", usual, &s);
    struct view_rules rules = s.h.rules;
    for (int a = 0; a < 3; a++) rules.tile[a] = 1;
    rules.change = (struct augment_options){.through = -1};
    OK(hard_cache_fill(
        &s.c, s.h.runner, &s.h.model, &s.h.hard, &rules, VIEWS * rules.count, &plain, &e));
    rules.change.jitter = 1;
    OK(hard_cache_fill(
        &s.c, s.h.runner, &s.h.model, &s.h.hard, &rules, VIEWS * rules.count, &changed, &e));
    for (int i = 0; i < VIEWS * rules.count; i++) {
        const struct cached *v = &plain.view[i], *other = &changed.view[i];
        const size_t bytes = (size_t)s.h.hard.input.count * (size_t)v->sums.tiles * sizeof(float);
        double first[2], here[2];
        sum_fine(&plain.view[i % rules.count].sums, first);
        sum_fine(&v->sums, here);
        assert_true(here[0] == first[0] && here[1] == first[1]);
        sum_fine(&other->sums, here);
        assert_true(here[0] == first[0] && here[1] == first[1]);
        assert_int_equal(memcmp(v->inputs, other->inputs, bytes) == 0, i < rules.count);
        predicted += here[1];
    }
    assert_true(predicted > 0);
    assert_true(plain.first_seconds > 0 && plain.further_seconds > 0);
    hard_cache_free(&plain);
    hard_cache_free(&changed);
    close_stage(&s);
}

/* Where an image was normalised within a mask, nothing is seen outside in any view, as in
 * prediction: here there is nothing inside. */
static void views_of_masked_images_stay_empty(void **state)
{
    (void)state;
    enum { VIEWS = 3 };
    static const char *const words[] = {NET, LENGTH, "nonzero=yes", NULL};
    struct stage s;
    struct hard_cache plain, changed;
    open_stage("masked", words, &s);
    struct view_rules rules = s.h.rules;
    assert_true(rules.change.masked && rules.change.jitter > 0);
    for (int k = 0; k < rules.count; k++)
        memset(rules.cases[k].image, 0, image_voxels(rules.cases[k].size) * sizeof(float));
    OK(hard_cache_fill(
        &s.c, s.h.runner, &s.h.model, &s.h.hard, &rules, VIEWS * rules.count, &changed, &e));
    rules.change = (struct augment_options){.through = -1};
    OK(hard_cache_fill(
        &s.c, s.h.runner, &s.h.model, &s.h.hard, &rules, VIEWS * rules.count, &plain, &e));
    for (int i = 0; i < VIEWS * rules.count; i++)
        assert_memory_equal(plain.view[i].inputs, changed.view[i].inputs,
            (size_t)s.h.hard.input.count * (size_t)plain.view[i].sums.tiles * sizeof(float));
    hard_cache_free(&plain);
    hard_cache_free(&changed);
    close_stage(&s);
}

static void the_same_cases_in_any_order(void **state)
{
    (void)state;
    int list[12] = {7, 3, 9, 0, 11, 5, 1, 10, 2, 8, 4, 6};
    const int wanted[12] = {0, 1, 2, 3, 5, 6, 7, 8, 10, 11, 4, 9};
    struct split s = {.train = list, .ntrain = 12};
    for (int again = 0; again < 2; again++) {
        OK(hard_holdout_order(&s, &e));
        assert_memory_equal(list, wanted, sizeof wanted);
    }
    assert_int_equal(hard_holdout_count(12), 2);
    assert_int_equal(hard_holdout_count(4), 0);
    for (int cases = 30; cases < 2000; cases++) assert_in_range(hard_holdout_count(cases), 6, 12);
}

static uint64_t hash_of(const struct model *m)
{
    uint64_t hash;
    OK(weights_hash(&m->params, &hash, &e));
    return hash;
}

/* What info says of stage 3. */
static void info_says(struct hard_training *h, const char *kept, int64_t step)
{
    json_t *j = json_object();
    OK(hard_save(h, &e));
    OK(info_stages(h->work->run, j, &e));
    const json_t *stage = json_array_get(json_object_get(j, "stages"), 3);
    assert_string_equal(json_string_value(json_object_get(stage, "kept")), kept);
    assert_int_equal(json_integer_value(json_object_get(stage, "kept_step")), step);
    json_decref(j);
}

static void the_better_one_is_taken(void **state)
{
    (void)state;
    struct stage s;
    struct model before;
    open_stage("better", usual, &s);
    OK(hard_keep_load(&s.h, &before, &e));
    const uint64_t stage2 = hash_of(&before);
    model_free(&before);
    assert_true(s.h.before_step == s.h.policy_steps && s.h.policy_steps > 0);
    s.h.before = 1.5;
    OK(hard_keep_choose(&s.h, &e));
    info_says(&s.h, "policy", 0);
    s.h.before = -1;
    s.h.step += 7;
    OK(hard_keep_choose(&s.h, &e));
    assert_false(s.h.kept);
    assert_true(s.h.before_step == s.h.step);
    assert_non_null(strstr(s.w.text,
        "on 1 held-out training case, -1.0000 before this stage; the joint model is better"));
    /* A longer stage has to be better than this one's model, which is in the file of the model
     * before now. */
    assert_true(s.h.before >= 0 && s.h.before <= 1);
    OK(hard_keep_load(&s.h, &before, &e));
    assert_true(hash_of(&before) == hash_of(&s.h.model) && hash_of(&before) != stage2);
    model_free(&before);
    s.h.before = 1.5;
    OK(hard_keep_choose(&s.h, &e));
    assert_true(s.h.kept);
    assert_non_null(strstr(s.w.text, "the earlier model stays"));
    info_says(&s.h, "joint", s.h.step - s.h.policy_steps);
    close_stage(&s);
}

/* Killed when the joint model had taken the place of stage 2's, before the checkpoint said so: the
 * file itself says what it holds. */
static void a_kill_does_not_part_a_model_from_its_worth(void **state)
{
    (void)state;
    struct stage s;
    struct watch w;
    struct options table;
    json_t *j;
    open_stage("killed", usual, &s);
    s.h.before = -1;
    s.h.step += 7;
    OK(hard_keep_choose(&s.h, &e));
    assert_false(s.h.kept);
    const int64_t step = s.h.step;
    const double worth = s.h.before;
    close_stage(&s);
    set_options(&table, (const char *const[]){NULL});
    watch_new(&w);
    w.stop_what = "training jointly";
    w.stop_at = 2;
    REFUSED(resume_with(how(), &w, "killed", &(struct train_more){.steps = 3, .table = &table}, &e),
        ATT_INTERRUPTED, "stopped in stage 3 of 3 at step 2 of 33");
    options_free(&table);
    OK(checkpoint_peek("killed", &j, NULL, &e));
    assert_true(json_integer_value(json_object_get(j, "before_step")) == step);
    assert_true(json_number_value(json_object_get(j, "before")) == worth);
    json_decref(j);
}

/* Steps that are far too long spoil the policy, and then the nets: the policy that was best and the
 * model before are taken. */
static void what_is_spoilt_is_not_taken(void **state)
{
    (void)state;
    static const char *const spoilt[] = {NET, "steps=150", "batch=2", "policy-steps=50",
        "joint-steps=12", "policy-views=1", "joint-rate=10", "policy-lr=0.5", NULL};
    whole_run(how(), "data", "spoilt", spoilt);
    json_t *j;
    OK(checkpoint_peek("spoilt", &j, NULL, &e));
    assert_true(json_integer_value(json_object_get(j, "held_views")) == 1);
    assert_true(json_integer_value(json_object_get(j, "best_step")) < 50);
    assert_true(json_number_value(json_object_get(j, "best")) >=
        json_number_value(json_object_get(j, "first")));
    assert_true(json_number_value(json_object_get(j, "before")) > .2);
    assert_true(json_is_true(json_object_get(j, "kept")));
    assert_int_equal(json_integer_value(json_object_get(j, "before_step")), 50);
    json_decref(j);
    assert_null(other_tensors("spoilt/model.safetensors", "spoilt/before_joint.safetensors"));
}

/* A step of the policy was bad, so that nothing of it waits for its row, and saved before that was
 * written: it is after going on. */
static void a_bad_step_has_its_row(void **state)
{
    (void)state;
    struct stage s;
    struct watch w;
    open_stage("due", usual, &s);
    assert_int_equal(s.h.step, 2);
    assert_false(s.h.due);
    s.h.due = true;
    assert_int_equal(s.h.sums.steps, 0);
    OK(hard_save(&s.h, &e));
    watch_new(&w);
    OK(resume_with(how(), &w, "due", &(struct train_more){.table = &s.table}, &e));
    close_stage(&s);
    char *text;
    size_t size;
    OK(file_read("due/log.jsonl", 1 << 20, &text, &size, &e));
    const char *row = strstr(text, "{\"step\": 2, ");
    const char *reward = row ? strstr(row, "\"reward\": ") : NULL;
    assert_true(
        reward && !strncmp(reward, "\"reward\": null", 14)); /* another row than was there */
    assert_null(strstr(row + 1, "{\"step\": 2, "));
    mem_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_are_those_of_tiles),
        cmocka_unit_test(a_fifth_of_the_cases_takes_no_part),
        cmocka_unit_test(large_patches_lie_in_the_case),
        cmocka_unit_test(the_fine_net_looks_at_a_case_once),
        cmocka_unit_test(views_of_masked_images_stay_empty),
        cmocka_unit_test(the_same_cases_in_any_order),
        cmocka_unit_test(the_better_one_is_taken),
        cmocka_unit_test(what_is_spoilt_is_not_taken),
        cmocka_unit_test(a_stop_is_heard_between_two_trials),
        cmocka_unit_test(a_kill_does_not_part_a_model_from_its_worth),
        cmocka_unit_test(a_bad_step_has_its_row),
    };
    return cmocka_run_group_tests(tests, make_data, remove_scratch);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Scores of choices of tiles: those of the policy are what prediction comes to; the others keep to
 * what each of them means. */
#include "report/policies_files.h"

#include <math.h>

#include "measure/metrics.h"
#include "phantom/phantom.h"
#include "unit/predict/predict_test.h"

#define HARD                                                                                       \
    "arch=hard dims=2 in=1 classes=2 scale=4 tile=32 halo=8 tiles=3 coarse=4,6 fine=5,6 policy=7 " \
    "gate=none"
#define GLIMPSE                                                                                    \
    "arch=glimpse dims=2 in=1 classes=2 scale=4 tile=64 halo=8 tiles=3 coarse=4,6 fine=5,6 "       \
    "policy=7 gate=none"

struct trial {
    struct dataset d;
    struct model m;
    struct policies p;
    struct prior prior;
    int list[2];
    struct host host;
};

/* Two fields of 256 x 300 and a network of random weights that has its share of either class in
 * both results. */
static void make_trial(struct trial *t, const char *spec)
{
    struct preparation prep = plain_preparation(1, 1, 8, 8);
    memset(t, 0, sizeof *t);
    t->host.kernels = best_kernels();
    prep.normalise[0].scheme = NORMALISE_ZSCORE;
    OK(phantom_write(
        "field", "set", &(struct phantom_wish){.seed = 3, .size = {1, 256, 300}}, 2, NULL, &e));
    OK(dataset_open("set", &t->d, NULL, &e));
    make_model(&t->m, spec, prep, t->d.labels);
    t->list[1] = 1;
    OK(policies_prior(&t->m, &t->d, t->list, 1, &t->host, &t->prior, &e));
}

static void run_trial(struct trial *t, struct policies_options o, struct pool *pool)
{
    policies_free(&t->p);
    t->host.pool = pool;
    OK(policies_run(&t->m, &t->d, t->list, 2, &o, &t->host, &t->p, &e));
    assert_int_equal(t->p.count, 2);
}

static void free_trial(struct trial *t)
{
    policies_free(&t->p);
    prior_free(&t->prior);
    model_free(&t->m);
    dataset_free(&t->d);
}

/* What prediction with k tiles (-1: as the model says) comes to. */
static void assert_predicted(
    const struct trial *t, int index, int k, const struct policies_score *s)
{
    struct predict_options o = {.has_tiles = k >= 0, .tiles = k};
    struct prediction out = {.windows = 0};
    struct sample x;
    OK(dataset_load(&t->d, index, &x, &e));
    predict_with(&t->m, o, NULL, &x.image, &out);
    struct overlap both = overlap_count(
        out.classes, x.classes, image_voxels(x.image.size), class_set_of(1), class_set_of(1));
    assert_int_equal(out.tiles->count, (int)s->tiles);
    assert_true(fabs(overlap_dice(&both) - s->dice) < 1e-12);
    if (k < out.tiles->tiling.count)
        assert_true(
            fabs(out.tiles->macs / out.tiles->dense - s->share) < 1e-9); /* all need no policy */
    size_t there = 0, missed = 0;
    for (int i = 0; i < 256 * 300; i++) {
        bool inside = false;
        for (int n = 0; n < out.tiles->count; n++) {
            const struct box *b = &out.tiles->list[n].box;
            int h = i / 300 - b->from[1], w = i % 300 - b->from[2];
            inside = inside || (h >= 0 && h < b->size[1] && w >= 0 && w < b->size[2]);
        }
        there += x.classes[i] == 1;
        missed += x.classes[i] == 1 && !inside;
    }
    assert_true(there > 500 && fabs((double)missed / (double)there - s->outside) < 1e-12);
    prediction_free(&out);
    sample_free(&x);
}

/* Those of its own choice and of all tiles: of another choice tiles are in other windows than where
 * they were counted. */
static void what_shares_windows_is_scored_as_it_is_predicted(void **state)
{
    struct trial alone, t;
    (void)state;
    make_trial(&alone, HARD);
    make_trial(&t, HARD " cluster=3");
    run_trial(&alone, (struct policies_options){.prior = NULL}, NULL);
    run_trial(&t, (struct policies_options){.prior = NULL}, NULL);
    bool cheaper = false;
    for (int i = 0; i < 2; i++) {
        const struct policies_case *c = &t.p.list[i], *a = &alone.p.list[i];
        assert_predicted(&t, i, -1, &c->own);
        assert_predicted(&t, i, c->tiles, &c->all);
        assert_true(c->all.share < .85 * a->all.share && c->none.dice == a->none.dice &&
            c->none.share == a->none.share);
        for (int k = 0; k < t.p.ks; k++) {
            const struct policies_score *shared = &c->score[METHOD_LEARNED][k],
                                        *single = &a->score[METHOD_LEARNED][k];
            assert_true(shared->share <= single->share && fabs(shared->dice - single->dice) < .1);
            cheaper = cheaper || shared->share < single->share;
        }
    }
    assert_true(cheaper);
    free_trial(&alone);
    free_trial(&t);
}

static void the_policy_s_scores_are_those_of_predictions(void **state)
{
    (void)state;
    static const char *const specs[] = {HARD, GLIMPSE};
    for (size_t n = 0; n < COUNT(specs); n++) {
        struct trial t;
        make_trial(&t, specs[n]);
        run_trial(&t, (struct policies_options){.k = {1, 5, 9}, .ks = 3}, NULL);
        for (int i = 0; i < 2; i++) {
            const struct policies_case *c = &t.p.list[i];
            assert_string_equal(c->id, t.d.cases[i].id);
            for (int k = 0; k < 3; k++)
                assert_predicted(&t, i, t.p.k[k], &c->score[METHOD_LEARNED][k]);
            assert_predicted(&t, i, -1, &c->own);
            assert_true(c->own.tiles == 3);
        }
        free_trial(&t);
    }
}

static void no_tiles_and_all_tiles_need_no_choice(void **state)
{
    (void)state;
    struct trial t;
    make_trial(&t, HARD);
    run_trial(&t, (struct policies_options){.k = {80}, .ks = 1, .prior = &t.prior}, NULL);
    for (int i = 0; i < 2; i++) {
        const struct policies_case *c = &t.p.list[i];
        assert_int_equal(c->tiles, 80);
        assert_true(c->none.outside == 1 && c->none.share == c->coarse / c->dense);
        assert_true(c->all.outside == 0 && c->none.dice != c->all.dice);
        for (int m = 0; m < METHODS; m++) {
            if (m == CHOOSER_ORACLE || m == CHOOSER_OPTIMUM)
                continue; /* they end when nothing gains */
            assert_true(fabs(c->score[m][0].dice - c->all.dice) < 1e-12 &&
                c->score[m][0].outside == 0 && c->score[m][0].tiles == 80);
        }
    }
    free_trial(&t);
}

/* The optimum is the best of all; where the prior knows the very case, no choice covers more of the
 * foreground. */
static void choosers_keep_what_they_promise(void **state)
{
    (void)state;
    struct trial t;
    make_trial(&t, HARD);
    run_trial(&t, (struct policies_options){.prior = &t.prior, .seed = 5}, NULL);
    const struct policies_case *c = &t.p.list[0];
    static const int ks[] = {1, 2, 3, 4, 8, 16, 32, 64};
    assert_int_equal(t.p.ks, COUNT(ks));
    assert_memory_equal(t.p.k, ks, sizeof ks);
    for (int k = 0; k < t.p.ks; k++)
        for (int m = 0; m < METHODS; m++) {
            assert_true(c->score[m][k].dice <= c->score[CHOOSER_OPTIMUM][k].dice + 1e-12);
            assert_true(c->score[m][k].outside >= c->score[CHOOSER_PRIOR][k].outside - 1e-12 ||
                c->score[m][k].tiles > ks[k]);
            assert_true(c->score[m][k].tiles <= ks[k]);
        }
    assert_true(c->score[CHOOSER_ORACLE][3].dice > c->score[CHOOSER_RANDOM][3].dice);
    free_trial(&t);
}

static void threads_and_the_lack_of_a_prior_change_nothing_else(void **state)
{
    (void)state;
    struct trial t;
    struct pool *pool = pool_create(3);
    make_trial(&t, HARD);
    run_trial(&t, (struct policies_options){.k = {4}, .ks = 1, .prior = &t.prior}, NULL);
    struct policies_score before[METHODS];
    for (int m = 0; m < METHODS; m++) before[m] = t.p.mean.score[m][0];
    run_trial(&t, (struct policies_options){.k = {4}, .ks = 1}, pool);
    for (int m = 0; m < METHODS; m++)
        if (m == CHOOSER_PRIOR)
            assert_true(isnan(t.p.mean.score[m][0].dice) && !isnan(before[m].dice));
        else
            assert_memory_equal(&before[m], &t.p.mean.score[m][0], sizeof before[m]);
    pool_destroy(pool);
    free_trial(&t);
}

static void results_are_written(void **state)
{
    (void)state;
    struct trial t;
    char *text;
    size_t size, rows = 0;
    make_trial(&t, HARD);
    run_trial(&t, (struct policies_options){.k = {2, 4}, .ks = 2}, NULL);
    OK(policies_write(&t.p, ".", &e));
    json_t *j = policies_report(&t.p);
    assert_int_equal(json_array_size(json_object_get(j, "cases")), 2);
    json_t *mean = json_object_get(j, "mean"), *own = json_object_get(mean, "own");
    assert_true(json_real_value(json_object_get(own, "dice")) ==
        (t.p.list[0].own.dice + t.p.list[1].own.dice) / 2);
    json_t *prior = json_array_get(json_object_get(mean, "methods"), CHOOSER_PRIOR);
    assert_string_equal(json_string_value(json_object_get(prior, "method")), "location prior");
    assert_true(
        json_is_null(json_object_get(json_array_get(json_object_get(prior, "scores"), 0), "dice")));
    json_decref(j);
    OK(file_read("policies.csv", 1 << 20, &text, &size, &e));
    for (size_t i = 0; i < size; i++) rows += text[i] == '\n';
    assert_int_equal(
        rows, 1 + 3 * (3 + 2 * (METHODS - 1))); /* the mean and two cases; there is no prior */
    assert_non_null(strstr(text, "case,method,k,tiles,share,dice,outside\nmean,coarse alone,0,0,"));
    mem_free(text);
    OK(file_read("policies.svg", 1 << 20, &text, &size, &e));
    assert_non_null(strstr(text, ">policy</text>"));
    assert_null(strstr(text, ">location prior</text>"));
    mem_free(text);
    free_trial(&t);
}

static void stop_at_once(
    void *user, const char *what, int64_t done, int64_t total, const char *detail)
{
    (void)what;
    (void)done;
    (void)total;
    (void)detail;
    atomic_store(&((struct host *)user)->stop, 1);
}

/* One case may take long, too. */
static void a_stop_is_heard_within_a_case(void **state)
{
    (void)state;
    struct trial t;
    struct policies_options o = {.seed = 1};
    make_trial(&t, HARD);
    t.host.log.user = &t.host;
    t.host.log.progress = stop_at_once;
    REFUSED(policies_run(&t.m, &t.d, t.list, 1, &o, &t.host, &t.p, &e), ATT_INTERRUPTED,
        "stopped while computing tiles");
    free_trial(&t);
}

static void what_has_no_policy_is_refused(void **state)
{
    (void)state;
    struct trial t;
    struct model plain;
    struct policies_options o = {.seed = 1};
    make_trial(&t, HARD);
    make_model(&plain, "arch=unet dims=2 in=1 classes=2 widths=2,2", plain_preparation(1, 1, 8, 8),
        t.d.labels);
    REFUSED(policies_run(&plain, &t.d, t.list, 2, &o, &t.host, &t.p, &e), ATT_USAGE,
        "no policy; evaluate");
    REFUSED(
        policies_run(&t.m, &t.d, t.list, 0, &o, &t.host, &t.p, &e), ATT_DATA, "no labelled case");
    mem_free(t.d.cases[1].label);
    t.d.cases[1].label = NULL;
    REFUSED(policies_run(&t.m, &t.d, t.list, 2, &o, &t.host, &t.p, &e), ATT_DATA,
        "case case_0001 has no label");
    model_free(&plain);
    free_trial(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_policy_s_scores_are_those_of_predictions, enter, leave),
        cmocka_unit_test_setup_teardown(
            what_shares_windows_is_scored_as_it_is_predicted, enter, leave),
        cmocka_unit_test_setup_teardown(no_tiles_and_all_tiles_need_no_choice, enter, leave),
        cmocka_unit_test_setup_teardown(choosers_keep_what_they_promise, enter, leave),
        cmocka_unit_test_setup_teardown(
            threads_and_the_lack_of_a_prior_change_nothing_else, enter, leave),
        cmocka_unit_test_setup_teardown(results_are_written, enter, leave),
        cmocka_unit_test_setup_teardown(a_stop_is_heard_within_a_case, enter, leave),
        cmocka_unit_test_setup_teardown(what_has_no_policy_is_refused, enter, leave),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Who goes on, in which order; a search that is told its past again goes on the same. */
#include "unit/tune/tune_test.h"

static void promotions_by_hand(void **state)
{
    (void)state;
    struct trial t[9];
    memset(t, 0, sizeof t);
    for (int i = 0; i < 9; i++) {
        t[i].done = 1;
        t[i].value[0] = (double)(i * 4 % 9); /* 0 4 8 3 7 2 6 1 5 */
    }
    assert_int_equal(asha_next(t, 2, 3, 3), -1); /* two are too few for a third of them */
    assert_int_equal(asha_next(t, 3, 3, 3), 2);
    assert_int_equal(asha_next(t, 9, 3, 3), 2);
    assert_int_equal(asha_before(t, 9, 6), 2);
    t[2].done = t[4].done = t[6].done = 2; /* the best third has gone on */
    assert_int_equal(asha_next(t, 8, 3, 1), -1);
    t[2].value[1] = .1, t[4].value[1] = .3, t[6].value[1] = .3;
    assert_int_equal(
        asha_next(t, 9, 3, 3), 4); /* of equal ones the earlier, and the higher rung first */
    t[4].failed = true;
    assert_int_equal(asha_next(t, 9, 3, 3),
        -1); /* 4 has its place in the best third of rung 1, and cannot take it */
    t[4].failed = false;
    t[4].done = 3;
    assert_int_equal(asha_next(t, 9, 3, 3), -1);
    t[4].done = 1;
    t[4].dropped =
        true; /* two of the best three are above, the third waits for files that are gone */
    assert_int_equal(asha_next(t, 9, 3, 2), -1);
}

/* What fails when it is trained longer would fail again in the last run, which is longer still. */
static void the_best_has_not_failed(void **state)
{
    (void)state;
    struct trial t[3] = {{.value = {.9}, .done = 1, .failed = true}, {.value = {.5}, .done = 1},
        {.value = {.4, .5}, .done = 2}};
    struct search s = {.trial = t, .count = 3};
    assert_int_equal(search_best(&s), 2);
    t[2].failed = true;
    assert_int_equal(search_best(&s), 1);
    t[1].done = 0;
    assert_int_equal(search_best(&s), 0); /* no other has a result */
    s.count = 0;
    assert_int_equal(search_best(&s), -1);
}

/* A made-up training: learns at a speed, to a level. */
static double curve(const double *x, int rung)
{
    return (1 - fabs(x[0] - 2) / 4) * (1 - pow(.3 + .1 * x[2], rung + 1));
}

static void run(struct search *s, int jobs, int count[3])
{
    struct search_job job;
    for (int i = 0; i < jobs; i++) {
        OK(search_ask(s, &job, &e));
        if (job.trial < 0) return;
        count[job.rung]++;
        if (s->trial[job.trial].x[2] == 2 && job.rung == 1)
            search_fail(s, job);
        else
            search_add_result(s, job, curve(s->trial[job.trial].x, job.rung));
    }
}

static void a_third_goes_on(void **state)
{
    (void)state;
    struct space space;
    struct search s;
    int count[3] = {0};
    small_space(&space, true);
    search_begin(&s,
        &(struct search_settings){
            .space = &space, .seed = 3, .start = 10, .eta = 3, .rungs = 3, .max = 81});
    run(&s, 1000, count);
    assert_int_equal(count[0], 81);
    assert_true(count[1] >= 27 && count[1] <= 40 && count[2] >= 5 &&
        count[2] <= 20); /* more than a third: some were the best of few */
    const struct trial *best = &s.trial[search_best(&s)];
    assert_true(best->done == 3 && search_value(best) > .85);
    search_free(&s);
    space_free(&space);
}

static void told_again_it_goes_on_the_same(void **state)
{
    (void)state;
    enum { BEFORE = 37, AFTER = 60 };
    struct space space;
    struct search whole, again;
    int count[3] = {0};
    small_space(&space, true);
    const struct search_settings settings = {
        .space = &space, .seed = 5, .start = 10, .eta = 3, .rungs = 3};
    search_begin(&whole, &settings);
    run(&whole, BEFORE, count);
    search_begin(&again, &settings);
    for (int i = 0; i < whole.count; i++) { /* in any order that its trials allow */
        OK(search_add(&again, whole.trial[i].x, &e));
        for (int r = 0; r < whole.trial[i].done; r++)
            search_add_result(&again, (struct search_job){i, r}, whole.trial[i].value[r]);
        if (whole.trial[i].failed) search_fail(&again, (struct search_job){i, whole.trial[i].done});
    }
    run(&whole, AFTER, count);
    run(&again, AFTER, count);
    assert_int_equal(whole.count, again.count);
    for (int i = 0; i < whole.count; i++) {
        assert_int_equal(whole.trial[i].done, again.trial[i].done);
        for (int k = 0; k < space.count; k++)
            assert_true(whole.trial[i].x[k] == again.trial[i].x[k] ||
                (isnan(whole.trial[i].x[k]) && isnan(again.trial[i].x[k])));
    }
    search_free(&whole);
    search_free(&again);
    space_free(&space);
}

static int tried_twice(const struct search *s)
{
    int twice = 0;
    for (int i = 0; i < s->count; i++)
        for (int j = 0; j < i; j++)
            twice += memcmp(s->trial[i].x, s->trial[j].x, sizeof s->trial[i].x) == 0;
    return twice;
}

/* 2 x 3 words, of which one has 4 whole numbers beside it: 3 + 3 * 4 points; whichever way they are
 * proposed each comes once. */
static void no_point_comes_twice(void **state)
{
    (void)state;
    struct space space = {.count = 0};
    struct dimension *a = space_add(&space, "a", DIMENSION_CHOICE),
                     *b = space_add(&space, "b", DIMENSION_CHOICE),
                     *c = space_add(&space, "c", DIMENSION_INT);
    for (int i = 0; i < 2; i++) OK(dimension_add_choice(a, &"xy"[i], 1, &e));
    for (int i = 0; i < 3; i++) OK(dimension_add_choice(b, &"pqr"[i], 1, &e));
    c->lo = 2;
    c->hi = 5;
    c->parent = 0;
    c->when = 1 << 1;
    for (int way = 0; way < 2; way++) {
        struct search s;
        struct search_job job;
        search_begin(&s,
            &(struct search_settings){
                .space = &space, .seed = 7, .random = way, .start = 10, .eta = 3, .rungs = 1});
        for (int i = 0; i < 15; i++) {
            OK(search_ask(&s, &job, &e));
            assert_int_equal(job.trial, i);
            search_add_result(&s, job, i % 4);
            assert_false(s.exhausted);
        }
        assert_int_equal(tried_twice(&s), 0);
        OK(search_ask(&s, &job, &e));
        assert_int_equal(job.trial, -1);
        assert_true(s.exhausted);
        search_free(&s);
    }
    space_free(&space);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(promotions_by_hand),
        cmocka_unit_test(the_best_has_not_failed),
        cmocka_unit_test(a_third_goes_on),
        cmocka_unit_test(told_again_it_goes_on_the_same),
        cmocka_unit_test(no_point_comes_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Densities add up to 1, proposals stay in their range, the estimator finds a maximum sooner than
 * chance does. */
#include "unit/tune/tune_test.h"

#include "tune/parzen.h"
#include "tune/propose.h"

static void densities_add_up_to_1(void **state)
{
    (void)state;
    struct space s;
    struct parzen p;
    small_space(&s, false);
    static const double a[] = {-1, -.9, 2.99, 0, 0}, c[] = {1, 1, 0};
    for (int n = 0; n <= 5; n++) {
        double sum = 0;
        parzen_fit(&p, &s.dim[0], a, n);
        for (int i = 0; i < 20000; i++) sum += parzen_density(&p, (i + .5) / 20000) / 20000;
        assert_true(fabs(sum - 1) < 1e-3);
    }
    parzen_fit(&p, &s.dim[2], c, 3);
    assert_true(fabs(parzen_density(&p, .1) - 2. / 6) < 1e-12 &&
        fabs(parzen_density(&p, .5) - 3. / 6) < 1e-12 &&
        fabs(parzen_density(&p, .99) - 1. / 6) < 1e-12);
    space_free(&s);
}

static void draws_follow_the_density(void **state)
{
    (void)state;
    enum { DRAWS = 20000, BINS = 10 };
    struct space s;
    struct parzen p;
    struct rng r = rng_stream(1, RNG_TEST, 0, 0);
    small_space(&s, false);
    parzen_fit(&p, &s.dim[0], (const double[]){-.8, -.7, 2.5}, 3);
    int bin[BINS] = {0};
    for (int i = 0; i < DRAWS; i++) bin[(int)(parzen_draw(&p, &r) * BINS)]++;
    for (int b = 0; b < BINS; b++) {
        double expected = 0;
        for (int i = 0; i < 100; i++)
            expected += parzen_density(&p, (b + (i + .5) / 100) / BINS) / 100 / BINS * DRAWS;
        assert_true(fabs(bin[b] - expected) < 5 * sqrt(expected));
    }
    space_free(&s);
}

static void the_start_is_spread_evenly(void **state)
{
    (void)state;
    enum { N = 12 };
    struct space s;
    small_space(&s, true);
    s.dim[1].first = .03;
    int a[N] = {0}, c[3] = {0};
    for (int i = 0; i < N; i++) {
        double x[4];
        propose_start(&s, 7, i, N, x);
        if (i == 0) assert_true(x[1] == .03);
        a[(int)fmin(dimension_unit(&s.dim[0], x[0]) * N, N - 1)]++;
        c[(int)x[2]]++;
        assert_true(isnan(x[3]) == (x[2] != 1));
    }
    for (int i = 0; i < N; i++) assert_int_equal(a[i], 1);
    for (int i = 0; i < 3; i++) assert_int_equal(c[i], 4);
    space_free(&s);
}

/* One maximum in a narrow place: a = 2, b = 0.01, c = "two", d = 4. */
static double value(const double *x)
{
    double a = (x[0] - 2) / 4, b = log10(x[1] / .01) / 4;
    return -a * a - b * b - (x[2] == 1 ? 0 : .2) - (isnan(x[3]) ? 0 : .01 * fabs(x[3] - 4));
}

static double find(const struct space *s, uint64_t seed, bool random, int trials)
{
    struct search search;
    struct search_job job;
    double best = -HUGE_VAL;
    search_begin(&search,
        &(struct search_settings){
            .space = s, .seed = seed, .random = random, .start = 10, .eta = 3, .rungs = 1});
    for (int i = 0; i < trials; i++) {
        OK(search_ask(&search, &job, &e));
        const double *x = search.trial[job.trial].x;
        assert_true(x[0] >= -1 && x[0] <= 3 && x[1] >= 1e-4 && x[1] <= 1);
        search_add_result(&search, job, value(x));
        best = fmax(best, value(x));
    }
    search_free(&search);
    return best;
}

static void it_beats_chance(void **state)
{
    (void)state;
    enum { SEEDS = 40 };
    struct space s;
    double gain = 0;
    int better = 0;
    small_space(&s, true);
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        double tpe = find(&s, seed, false, 60), random = find(&s, seed, true, 60);
        gain += tpe - random;
        better += tpe > random;
    }
    assert_true(gain > 0);
    if (better < 30)
        fail_msg("better than random proposals with %d of %d seeds only", better, SEEDS);
    space_free(&s);
}

/* Of more trials than a density holds the newest count, whatever they came to: the good ones are
 * "two" or "three", the bad ones first "two", which came to less, then "three"; so "two" is
 * proposed. */
static void the_newest_of_many_count(void **state)
{
    (void)state;
    enum { GOOD = 240, BAD = 2 * PARZEN_POINTS, N = GOOD + BAD };
    static double x[N], y[N];
    struct space s = {.count = 0};
    int chosen[3] = {0};
    struct dimension *d = space_add(&s, "c", DIMENSION_CHOICE);
    for (int i = 0; i < 3; i++)
        OK(dimension_add_choice(d, ((const char *[]){"one", "two", "three"})[i], 3, &e));
    for (int i = 0; i < N; i++) {
        x[i] = i < GOOD ? 1 + i % 2 : i < GOOD + PARZEN_POINTS ? 1 : 2;
        y[i] = i < GOOD ? 1 : i < GOOD + PARZEN_POINTS ? 0 : .5;
    }
    const struct observations t = {x, y, N, 1, 1600}; /* 15 % of which are good */
    for (int number = 0; number < 200; number++) {
        double at;
        OK(propose_tpe(&s, 1, number, &t, &at, &e));
        chosen[(int)at]++;
    }
    assert_true(chosen[1] > 130 && chosen[2] < 40); /* a quarter is random */
    space_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(densities_add_up_to_1),
        cmocka_unit_test(draws_follow_the_density),
        cmocka_unit_test(the_start_is_spread_evenly),
        cmocka_unit_test(it_beats_chance),
        cmocka_unit_test(the_newest_of_many_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

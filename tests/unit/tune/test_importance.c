/* SPDX-License-Identifier: Apache-2.0 */
/* What a setting explains is found, noise is not taken for it. */
#include "tune/importance.h"

#include "base/rng.h"
#include "unit/tune/tune_test.h"

enum { TRIALS = 40, STRIDE = 4 };

static void draw(const struct space *s, uint64_t seed, bool matters, double *x, double *y)
{
    struct rng r = rng_stream(seed, RNG_TEST, 1, 0);
    for (int i = 0; i < TRIALS; i++) {
        double u[STRIDE] = {rng_uniform(&r), rng_uniform(&r), rng_uniform(&r), rng_uniform(&r)};
        space_point(s, u, x + i * STRIDE);
        double a = x[i * STRIDE];
        y[i] = (matters ? -(a - 1) * (a - 1) + (x[i * STRIDE + 2] == 2) : 0) + .3 * rng_normal(&r);
    }
}

static void what_matters_is_told_from_noise(void **state)
{
    (void)state;
    struct space s;
    struct importance result[STRIDE];
    double x[TRIALS * STRIDE], y[TRIALS];
    int wrong = 0;
    small_space(&s, true);
    draw(&s, 1, true, x, y);
    OK(importance_of(&s, x, STRIDE, y, TRIALS, 1, result, &e));
    assert_true(result[0].explained > .2 && result[0].p_holm < .01 && result[0].chance < .1);
    assert_true(result[1].explained < .1 && result[1].p_holm > .05);
    assert_true(result[2].explained > .2 && result[2].p_holm < .01);
    assert_true(result[3].trials > 5 && result[3].trials < TRIALS);
    for (uint64_t seed = 1; seed <= 100;
         seed++) { /* of noise alone, some setting is called important in about 1 of 20 searches */
        draw(&s, seed, false, x, y);
        OK(importance_of(&s, x, STRIDE, y, TRIALS, seed, result, &e));
        bool any = false;
        for (int k = 0; k < STRIDE; k++) any |= result[k].p_holm < .05;
        wrong += any;
    }
    if (wrong > 12) fail_msg("noise was called important in %d of 100 searches", wrong);
    space_free(&s);
}

static void few_or_equal_results_say_nothing(void **state)
{
    (void)state;
    struct space s;
    struct importance result[STRIDE];
    double x[TRIALS * STRIDE], y[TRIALS] = {0};
    small_space(&s, false);
    draw(&s, 1, true, x, y);
    OK(importance_of(&s, x, STRIDE, y, 4, 1, result, &e));
    assert_true(isnan(result[0].explained) && isnan(result[0].p_holm));
    memset(y, 0, sizeof y);
    OK(importance_of(&s, x, STRIDE, y, TRIALS, 1, result, &e));
    assert_true(isnan(result[0].explained) != 0);
    OK(importance_of(&s, x, STRIDE, y, 0, 1, result, &e));
    space_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_matters_is_told_from_noise),
        cmocka_unit_test(few_or_equal_results_say_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The temperature at which a policy's scores become shares of what tiles bring. */
#include "policy/temperature.h"

#include "unit/policy/policy_test.h"

/* Scores that are T times the logarithms of the gains, shifted by something else in every image. */
static void scores_that_are_logarithms_give_their_factor(void **state)
{
    (void)state;
    static const double factors[] = {.001, 1, 7, 3000},
                        gain[2][4] = {{.1, .2, .05, .4}, {.01, .3, .3, .02}};
    for (int f = 0; f < 4; f++) {
        struct err e = {0};
        struct temperature_data d;
        assert_int_equal(temperature_data_create(&d, 2, 8, &e), ATT_OK);
        for (int k = 0; k < 2; k++) {
            double score[4];
            for (int i = 0; i < 4; i++) score[i] = factors[f] * (log(gain[k][i]) + 5 * k);
            temperature_data_add(&d, score, gain[k], 4);
        }
        assert_true(fabs(temperature_fit(&d) / factors[f] - 1) < 1e-5);
        temperature_data_free(&d);
    }
}

/* Of made-up scores: neither a colder nor a warmer one is better. */
static void it_is_the_best(void **state)
{
    (void)state;
    static const double score[6] = {800, 20, -300, 40, 35, -10},
                        gain[6] = {.3, -.1, 0, .05, .2, -.02};
    struct err e = {0};
    struct temperature_data d;
    assert_int_equal(temperature_data_create(&d, 2, 6, &e), ATT_OK);
    temperature_data_add(&d, score, gain, 3);
    temperature_data_add(&d, score + 3, gain + 3, 3);
    const double t = temperature_fit(&d), min = temperature_loss(&d, t);
    for (double factor = 1.001; factor < 1e3; factor *= 1.5)
        assert_true(
            temperature_loss(&d, t * factor) > min && temperature_loss(&d, t / factor) > min);
    temperature_data_free(&d);
}

/* All there is lies on the best tile: the colder the better, until the rest has no probability; it
 * is no colder than that takes. */
static void no_colder_than_needed(void **state)
{
    (void)state;
    static const double score[2] = {800, 20}, gain[2] = {.3, 0};
    struct err e = {0};
    struct temperature_data d;
    assert_int_equal(temperature_data_create(&d, 1, 2, &e), ATT_OK);
    temperature_data_add(&d, score, gain, 2);
    const double t = temperature_fit(&d);
    assert_true(t > 1 && t < 40 && temperature_loss(&d, t) <= temperature_loss(&d, 1e-6));
    temperature_data_free(&d);
}

static void images_without_a_choice_say_nothing(void **state)
{
    (void)state;
    static const double score[2] = {1, 2}, none[2] = {0, -.5}, same[2] = {3, 3}, gain[2] = {.5, .2};
    struct err e = {0};
    struct temperature_data d;
    assert_int_equal(temperature_data_create(&d, 1, 2, &e), ATT_OK);
    temperature_data_add(&d, score, none, 2);
    temperature_data_add(&d, score, gain, 1);
    temperature_data_add(&d, same, gain, 2);
    assert_int_equal(d.images, 0);
    assert_true(temperature_fit(&d) == 1);
    temperature_data_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_that_are_logarithms_give_their_factor),
        cmocka_unit_test(it_is_the_best), cmocka_unit_test(no_colder_than_needed),
        cmocka_unit_test(images_without_a_choice_say_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "image/normalise.h"

#include <math.h>

#include "unit/format/format_test.h"

static void zscore_has_exact_numbers(void **state)
{
    (void)state;
    float x[] = {2, 4, 4, 4, 5, 5, 7, 9}; /* mean 5, population std 2 */
    static const float expected[] = {-1.5f, -0.5f, -0.5f, -0.5f, 0, 0, 1, 2};
    normalise_samples(x, 8, &(struct normalise){.scheme = NORMALISE_ZSCORE});
    assert_memory_equal(x, expected, sizeof x);
}

static void zscore_survives_large_offsets(void **state)
{
    (void)state;
    enum { N = 1 << 17 };
    float *x = mem_array(N, sizeof *x);
    for (int i = 0; i < N; i++) x[i] = 1.5e6f + (float)(i % 2);
    normalise_samples(x, N, &(struct normalise){.scheme = NORMALISE_ZSCORE});
    for (int i = 0; i < N; i++) assert_true(x[i] == (i % 2 ? 1.0f : -1.0f));
    mem_free(x);
}

static void constant_images_become_zero(void **state)
{
    (void)state;
    for (int s = 0; s < 2; s++) {
        float x[] = {7.3f, 7.3f, 7.3f};
        normalise_samples(
            x, 3, &(struct normalise){.scheme = s ? NORMALISE_MINMAX01 : NORMALISE_ZSCORE});
        for (int i = 0; i < 3; i++) assert_true(fabsf(x[i]) < 1e-6f);
    }
}

static bool flattens(
    enum normalise_scheme scheme, const float *x, size_t count, const uint8_t *mask)
{
    struct normaliser n;
    normaliser_begin(&n, &(struct normalise){.scheme = scheme, .upper = 1, .std = 1});
    for (int round = 0; round < n.rounds; round++) {
        for (size_t i = 0; i < count; i++)
            normaliser_add(&n, round, x + i, 1, mask ? mask + i : NULL);
        normaliser_turn(&n, round);
    }
    return normaliser_flattens(&n);
}

/* As image_normalise says, too; what is constant has nothing to lose. */
static void small_differences_are_flattened(void **state)
{
    (void)state;
    static const float faint[] = {0, 0, 1e-9f, 3e-9f}, clear[] = {0, 0, 0, 1e-7f},
                       constant[] = {.1f, .1f, .1f, .1f};
    static const uint8_t mask[] = {1, 1, 0, 0};
    assert_true(flattens(NORMALISE_ZSCORE, faint, 4, NULL));
    assert_true(flattens(NORMALISE_MINMAX01, faint, 4, NULL));
    assert_true(flattens(NORMALISE_ZSCORE, faint, 4, mask));
    for (int s = 0; s < NORMALISE_SCHEMES; s++) {
        assert_false(flattens((enum normalise_scheme)s, clear, 4, NULL));
        const bool scales = s == NORMALISE_ZSCORE || s == NORMALISE_MINMAX01;
        assert_int_equal(flattens((enum normalise_scheme)s, constant, 4, NULL), scales);
        if (!scales) assert_false(flattens((enum normalise_scheme)s, faint, 4, NULL));
    }
    float data[] = {0, 0, 1, 3, 0, 0, 1e-9f, 3e-9f};
    const struct normalise how[] = {{.scheme = NORMALISE_ZSCORE}, {.scheme = NORMALISE_ZSCORE}};
    struct image m = {.channels = 1, .size = {1, 1, 4}, .data = data};
    assert_false(image_normalise(&m, how, NULL));
    m.channels = 2;
    assert_true(image_normalise(&m, how, NULL));
}

static void ct_is_cut_then_scaled(void **state)
{
    (void)state;
    float x[] = {-2000, -100, 0, 50, 400, 3000};
    static const float expected[] = {-2, -2, -1, -0.5f, 2, 2};
    normalise_samples(x, 6, &(struct normalise){NORMALISE_CT, -100, 300, 100, 100});
    assert_memory_equal(x, expected, sizeof x);
}

static void zero_std_is_floored(void **state)
{
    (void)state;
    float x[] = {1, 1};
    normalise_samples(x, 2, &(struct normalise){NORMALISE_CT, 0, 10, 1, 0});
    assert_true(x[0] == 0 && x[1] == 0);
}

static void channels_have_their_own_schemes(void **state)
{
    (void)state;
    float data[] = {-5, 0, 15, 0, 51, 255, 1, 2, 3};
    static const float expected[] = {0, 0.25f, 1, 0, 0.2f, 1, 1, 2, 3};
    const struct normalise how[] = {
        {.scheme = NORMALISE_MINMAX01}, {.scheme = NORMALISE_RGB}, {.scheme = NORMALISE_NONE}};
    struct image m = {.channels = 3, .size = {1, 1, 3}, .data = data};
    image_normalise(&m, how, NULL);
    assert_memory_equal(data, expected, sizeof data);
}

/* Of 10, 14 and 12: mean 12, deviation sqrt(8/3). */
static void inside_a_mask(void **state)
{
    (void)state;
    float data[] = {10, 99, 14, 0, 12, 10, 99, 14, 0, 12};
    static const uint8_t mask[] = {1, 0, 1, 0, 1}, nowhere[] = {0, 0, 0, 0, 0};
    const struct normalise how[] = {{.scheme = NORMALISE_ZSCORE}, {.scheme = NORMALISE_RGB}};
    struct image m = {.channels = 2, .size = {1, 1, 5}, .data = data};
    image_normalise(&m, how, mask);
    double one = 2 / sqrt(8. / 3);
    const double expected[] = {-one, 0, one, 0, 0, 10 / 255., 99 / 255., 14 / 255., 0, 12 / 255.};
    for (int i = 0; i < 10; i++) assert_true(fabs((double)data[i] - expected[i]) < 1e-6);
    m.channels = 1;
    image_normalise(&m, how, nowhere);
    for (int i = 0; i < 5; i++) assert_true(data[i] == 0);
}

static void names_go_both_ways(void **state)
{
    (void)state;
    enum normalise_scheme found;
    for (int i = 0; i < NORMALISE_SCHEMES; i++) {
        assert_true(normalise_by_name(normalise_name((enum normalise_scheme)i), &found));
        assert_int_equal(found, i);
    }
    assert_false(normalise_by_name("Zscore", &found));
    assert_string_equal(normalise_name(NORMALISE_CT), "ct");
}

static void numbers_go_both_ways(void **state)
{
    (void)state;
    static const double hard[] = {
        -1000, 0.1, 1.0 / 3, 1e-300, 123456.789, -0.30000000000000004, 5e22};
    char text[NORMALISE_TEXT];
    struct normalise back;
    for (int i = 0; i < 7; i++) {
        const struct normalise n = {
            .lower = -1e30, .upper = 1e30, .mean = hard[i], .std = fabs(hard[6 - i])};
        normalise_write(&n, text);
        assert_string_equal(normalise_read(text, &back), "");
        assert_true(back.mean == n.mean && back.std == n.std && back.lower == n.lower);
    }
    normalise_write(
        &(struct normalise){.lower = -980, .upper = 310.5, .mean = .1, .std = 210}, text);
    assert_string_equal(text, "-980,310.5,0.1,210");
    assert_string_equal(normalise_read("1,2,3,4;5", &back), ";5");
    static const char *const wrong[] = {"", "1", "1,2,3", "1,2,3,", "1,2,3,x", "2,1,3,4",
        "1,2,3,-4", "1,2,nan,4", "1,inf,3,4", "1;2,3,4"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_null(normalise_read(wrong[i], &back));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zscore_has_exact_numbers),
        cmocka_unit_test(zscore_survives_large_offsets),
        cmocka_unit_test(constant_images_become_zero),
        cmocka_unit_test(small_differences_are_flattened),
        cmocka_unit_test(ct_is_cut_then_scaled),
        cmocka_unit_test(channels_have_their_own_schemes),
        cmocka_unit_test(inside_a_mask),
        cmocka_unit_test(names_go_both_ways),
        cmocka_unit_test(numbers_go_both_ways),
        cmocka_unit_test(zero_std_is_floored),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

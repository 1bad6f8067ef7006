/* SPDX-License-Identifier: Apache-2.0 */
/* Distances between surfaces against surface-distance's, against closed forms, and with empty
 * masks. */
#include "measure/surface.h"

#include <math.h>

#include "files/json_file.h"
#include "unit/dataset/dataset_test.h"

enum { MOST = 16384 };

static void unpack(const json_t *from, uint8_t *mask)
{
    const char *hex = json_string_value(from);
    for (size_t i = 0; hex[i]; i++) {
        int digit = hex[i] <= '9' ? hex[i] - '0' : hex[i] - 'a' + 10;
        for (size_t k = 0; k < 4; k++) mask[4 * i + k] = digit >> (3 - k) & 1;
    }
}

static double number(const json_t *j, const char *key)
{
    return json_number_value(json_object_get(j, key));
}

static void near(const json_t *j, const char *key, double found)
{
    if (!(fabs(found - number(j, key)) <= 1e-6 * fmax(1, number(j, key))))
        fail_msg("%s is %.9f, not %.9f", key, found, number(j, key));
}

static void numbers_are_those_of_surface_distance(void **state)
{
    (void)state;
    static uint8_t predicted[MOST], truth[MOST];
    json_t *all, *one;
    size_t i;
    OK(json_file_read(TEST_SOURCE_DIR "/tests/fixtures/measure/surface.json", &all, &e));
    assert_true(json_array_size(all) >= 12);
    json_array_foreach(all, i, one)
    {
        int size[3];
        double spacing[3];
        struct surface_scores s;
        for (size_t a = 0; a < 3; a++) {
            size[a] = (int)json_integer_value(json_array_get(json_object_get(one, "size"), a));
            spacing[a] = json_number_value(json_array_get(json_object_get(one, "spacing"), a));
        }
        unpack(json_object_get(one, "predicted"), predicted);
        unpack(json_object_get(one, "truth"), truth);
        OK(surface_measure(
            predicted, truth, size, spacing, number(one, "tolerance"), NULL, &s, &e));
        near(one, "hd95", s.hd95);
        near(one, "assd", s.assd);
        near(one, "nsd", s.nsd);
    }
    json_decref(all);
}

/* Two lines of pixels from one border to the other. */
static void lines_that_are_apart(void **state)
{
    (void)state;
    enum { H = 12, W = 500 };
    static uint8_t a[H * W], b[H * W];
    struct surface_scores s;
    for (int w = 0; w < W; w++) a[2 * W + w] = b[7 * W + w] = 1;
    OK(surface_measure(
        a, b, (const int[3]){1, H, W}, (const double[3]){9, 1.5, 1}, 7.5, NULL, &s, &e));
    /* Upper and lower side of a: 7.5 and 6 from the nearer side of b, and the other way round; at
     * the two ends half a diagonal. */
    double cut = sqrt(1.5 * 1.5 + 1) / 2, one = 2 * (W - 1) + 4 * cut;
    assert_true(fabs(s.assd - ((W - 1) * 13.5 + 2 * cut * 13.5) / one) < 1e-6);
    assert_true(s.hd95 == 7.5);
    assert_true(fabs(s.nsd - 1) < 1e-12);
    OK(surface_measure(
        a, b, (const int[3]){1, H, W}, (const double[3]){9, 1.5, 1}, 7.4, NULL, &s, &e));
    assert_true(fabs(s.nsd - .5) < 1e-12);
}

static void empty_masks_have_no_distance(void **state)
{
    (void)state;
    const uint8_t none[8] = {0}, some[8] = {0, 0, 0, 1};
    const int size[3] = {2, 2, 2};
    const double spacing[3] = {1, 1, 1};
    struct surface_scores s;
    OK(surface_measure(none, none, size, spacing, 1, NULL, &s, &e));
    assert_true(isnan(s.hd95) && isnan(s.assd) && isnan(s.nsd));
    OK(surface_measure(none, some, size, spacing, 1, NULL, &s, &e));
    assert_true(isnan(s.hd95) && isnan(s.assd) && s.nsd == 0);
    OK(surface_measure(some, none, size, spacing, 1, NULL, &s, &e));
    assert_true(isnan(s.hd95) && isnan(s.assd) && s.nsd == 0);
    OK(surface_measure(some, some, size, spacing, 0, NULL, &s, &e));
    assert_true(s.hd95 == 0 && s.assd == 0 && s.nsd == 1);
}

/* 0.1 has no exact float, and neither has its square. */
static void a_distance_of_the_tolerance_is_within_it(void **state)
{
    (void)state;
    for (int k = 1; k < 60; k++) {
        uint8_t a[64] = {1}, b[64] = {0};
        struct surface_scores s;
        b[k] = 1;
        OK(surface_measure(
            a, b, (const int[3]){1, 1, 64}, (const double[3]){1, .1, .1}, .1 * k, NULL, &s, &e));
        assert_true(fabs(s.nsd - 1) < 1e-12);
        OK(surface_measure(a, b, (const int[3]){1, 1, 64}, (const double[3]){1, .1, .1},
            .1 * k - .001, NULL, &s, &e));
        assert_true(s.nsd < .51);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_those_of_surface_distance),
        cmocka_unit_test(lines_that_are_apart),
        cmocka_unit_test(empty_masks_have_no_distance),
        cmocka_unit_test(a_distance_of_the_tolerance_is_within_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

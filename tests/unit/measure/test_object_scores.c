/* SPDX-License-Identifier: Apache-2.0 */
/* Scores of objects against those that NumPy and SciPy compute from the definitions. */
#include "measure/object_scores.h"

#include <math.h>

#include "files/json_file.h"
#include "unit/dataset/dataset_test.h"

enum { MOST = 4096 };

static void read_mask(const json_t *from, uint16_t *mask)
{
    for (size_t i = 0; i < json_array_size(from); i++)
        mask[i] = (uint16_t)json_integer_value(json_array_get(from, i));
}

/* NaN where the fixture has no number. */
static void is_near(const json_t *expected, double found, double tolerance)
{
    if (!expected)
        assert_true(isnan(found));
    else if (!(fabs(found - json_number_value(expected)) <= tolerance))
        fail_msg("%.9f is not %.9f", found, json_number_value(expected));
}

static void scores_are_those_of_the_definitions(void **state)
{
    (void)state;
    static uint16_t predicted[MOST], truth[MOST];
    json_t *all, *one;
    size_t i;
    OK(json_file_read(TEST_SOURCE_DIR "/tests/fixtures/measure/objects.json", &all, &e));
    assert_int_equal(json_array_size(all), 8);
    json_array_foreach(all, i, one)
    {
        int size[3];
        double spacing[3];
        struct object_scores s, without;
        const json_t *objects = json_object_get(one, "objects"), *ap = json_object_get(one, "ap");
        for (size_t a = 0; a < 3; a++) {
            size[a] = (int)json_integer_value(json_array_get(json_object_get(one, "size"), a));
            spacing[a] = json_number_value(json_array_get(json_object_get(one, "spacing"), a));
        }
        read_mask(json_object_get(one, "predicted"), predicted);
        read_mask(json_object_get(one, "truth"), truth);
        OK(object_scores_measure(predicted, truth, size, spacing, &s, &e));
        assert_int_equal(s.predicted, json_integer_value(json_array_get(objects, 0)));
        assert_int_equal(s.truth, json_integer_value(json_array_get(objects, 1)));
        for (size_t t = 0; t < OBJECT_THRESHOLDS; t++)
            is_near(json_array_get(ap, t), s.ap[t], 1e-12);
        is_near(json_object_get(one, "pq"), s.pq, 1e-12);
        is_near(json_object_get(one, "dice"), s.dice, 1e-12);
        is_near(json_object_get(one, "hausdorff"), s.hausdorff, 1e-6);
        OK(object_scores_measure(predicted, truth, size, NULL, &without, &e));
        assert_true(isnan(without.hausdorff));
        is_near(json_object_get(one, "dice"), without.dice, 1e-12);
    }
    json_decref(all);
}

/* At an IoU of exactly one half nothing matches, so that no object can have two matches. */
static void half_an_object_is_no_match(void **state)
{
    (void)state;
    const int size[3] = {1, 1, 8};
    const uint16_t truth[8] = {1, 1, 1, 1, 1, 1, 0, 0}, half[8] = {7, 7, 7}, more[8] = {7, 7, 7, 7};
    struct object_scores s;
    OK(object_scores_measure(half, truth, size, NULL, &s, &e));
    assert_true(s.ap[0] == 0 && s.pq == 0);
    OK(object_scores_measure(more, truth, size, NULL, &s, &e));
    assert_true(s.ap[0] == 1 && s.ap[1] == 1 && s.ap[2] == 0);
    assert_true(fabs(s.pq - 2. / 3) < 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_are_those_of_the_definitions),
        cmocka_unit_test(half_an_object_is_no_match),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

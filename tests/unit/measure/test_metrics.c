/* SPDX-License-Identifier: Apache-2.0 */
/* Counts and ratios by hand, the rule for empty masks, ignored voxels, regions. */
#include "measure/metrics.h"

#include <math.h>

#include "unit/dataset/dataset_test.h"

static const uint8_t truth[10] = {0, 1, 1, 1, 1, 2, 2, 0, 0, LABELLING_IGNORE};
static const uint8_t predicted[10] = {1, 1, 1, 1, 0, 2, 1, 0, 2, 1};

static void assert_overlap(struct overlap o, int tp, int fp, int fn, int tn)
{
    assert_int_equal(o.tp, tp);
    assert_int_equal(o.fp, fp);
    assert_int_equal(o.fn, fn);
    assert_int_equal(o.tn, tn);
}

static struct overlap count_class(const uint8_t *p, const uint8_t *t, size_t voxels, int cls)
{
    return overlap_count(p, t, voxels, class_set_of(cls), class_set_of(cls));
}

static void a_class_is_counted(void **state)
{
    (void)state;
    assert_overlap(count_class(predicted, truth, 10, 1), 3, 2, 1, 3);
    assert_overlap(count_class(predicted, truth, 10, 2), 1, 1, 1, 6);
    assert_overlap(count_class(predicted, truth, 10, 3), 0, 0, 0, 9);
    assert_overlap(count_class(predicted, truth, 0, 1), 0, 0, 0, 0);
}

static void ignored_voxels_never_count(void **state)
{
    (void)state;
    const uint8_t all[3] = {LABELLING_IGNORE, LABELLING_IGNORE, LABELLING_IGNORE},
                  ones[3] = {1, 1, 1};
    assert_overlap(count_class(ones, all, 3, 1), 0, 0, 0, 0);
    /* In the prediction 255 is only a wrong class. */
    assert_overlap(count_class(all, ones, 3, 1), 0, 0, 3, 0);
    assert_overlap(
        overlap_count(all, ones, 3, class_set_bits(UINT64_MAX), class_set_bits(2)), 0, 0, 3, 0);
}

static void a_region_is_a_union(void **state)
{
    (void)state;
    assert_overlap(
        overlap_count(predicted, truth, 10, class_set_bits(6), class_set_bits(6)), 5, 2, 1, 1);
    assert_overlap(
        overlap_count(predicted, truth, 10, class_set_bits(4), class_set_bits(4)), 1, 1, 1, 6);
    assert_overlap(
        overlap_count(predicted, truth, 10, class_set_bits(2), class_set_bits(6)), 4, 1, 2, 2);
    for (int k = 1; k < 255; k++) {
        const uint8_t high[2] = {(uint8_t)k, (uint8_t)(k - 1)};
        assert_overlap(overlap_count(high, high, 2, class_set_of(k), class_set_of(k)), 1, 0, 0, 1);
    }
}

static void the_ratios_are_exact(void **state)
{
    (void)state;
    const struct overlap o = {.tp = 3, .fp = 2, .fn = 1, .tn = 4};
    assert_true(overlap_dice(&o) == 6.0 / 9);
    assert_true(overlap_iou(&o) == 3.0 / 6);
    assert_true(overlap_precision(&o) == 3.0 / 5);
    assert_true(overlap_recall(&o) == 3.0 / 4);
    const struct overlap large = {.tp = INT64_C(1) << 40, .fp = INT64_C(1) << 40};
    assert_true(overlap_dice(&large) == 2.0 / 3);
}

static void empty_masks_follow_the_rule(void **state)
{
    (void)state;
    const struct overlap neither = {.tn = 9}, extra = {.fp = 2, .tn = 7},
                         missed = {.fn = 2, .tn = 7};
    assert_true(isnan(overlap_dice(&neither)) && isnan(overlap_iou(&neither)));
    assert_true(isnan(overlap_precision(&neither)) && isnan(overlap_recall(&neither)));
    assert_true(
        overlap_dice(&extra) == 0 && overlap_iou(&extra) == 0 && overlap_precision(&extra) == 0);
    assert_true(isnan(overlap_recall(&extra)));
    assert_true(
        overlap_dice(&missed) == 0 && overlap_iou(&missed) == 0 && overlap_recall(&missed) == 0);
    assert_true(isnan(overlap_precision(&missed)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_class_is_counted),
        cmocka_unit_test(ignored_voxels_never_count),
        cmocka_unit_test(a_region_is_a_union),
        cmocka_unit_test(the_ratios_are_exact),
        cmocka_unit_test(empty_masks_follow_the_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of cases in reports, and what counts as a failure. */
#include <math.h>

#include "report/page_parts.h"
#include "unit/format/format_test.h"

static void numbers_are_spread(void **state)
{
    (void)state;
    const double x[] = {.5, (double)NAN, .9, .7, HUGE_VAL};
    struct spread s;
    char text[SPREAD_TEXT];
    OK(spread_of(x, NULL, COUNT(x), &s, &e));
    assert_int_equal(s.count, 3);
    assert_float_equal(s.mean, .7, 1e-12);
    assert_float_equal(s.median, .7, 1e-12);
    assert_float_equal(s.min, .5, 0);
    assert_float_equal(s.max, .9, 0);
    assert_true(s.low >= .5 && s.low < .7 && s.high > .7 && s.high <= .9);
    struct spread again;
    OK(spread_of(x, NULL, COUNT(x), &again, &e));
    assert_int_equal(again.count, s.count);
    assert_float_equal(
        again.low, s.low, 0); /* what is drawn for the interval is the same every time */
    assert_float_equal(again.high, s.high, 0);
    OK(spread_of(x, NULL, 2, &s, &e)); /* one number has no interval */
    assert_int_equal(s.count, 1);
    assert_true(isnan(s.low));
    assert_string_equal(spread_text(&s, 2, text), "0.50");
    OK(spread_of(x + 1, NULL, 1, &s, &e));
    assert_string_equal(spread_text(&s, 2, text), "\xe2\x80\x93");
    s = (struct spread){.count = 4, .mean = .5, .low = .25, .high = .75};
    assert_string_equal(spread_text(&s, 3, text), "0.500 (0.250 to 0.750)");
}

/* Copies of cases tell nothing new: where they are of one group, they leave the interval as it was.
 */
static void groups_count_and_not_their_cases(void **state)
{
    (void)state;
    enum { N = 12 };
    double x[N], twice[2 * N + 1];
    int alone[N], group[2 * N + 1];
    struct spread one, two, s;
    for (int i = 0; i < N; i++) {
        x[i] = twice[i] = twice[2 * N - 1 - i] = .5 + .04 * (i * 5 % N);
        alone[i] = group[i] = group[2 * N - 1 - i] = i;
    }
    twice[2 * N] = (double)NAN;
    group[2 * N] = 2 * N;
    OK(spread_of(x, alone, N, &one, &e));
    OK(spread_of(x, NULL, N, &s, &e)); /* each alone: as without groups */
    assert_int_equal(one.units, N);
    assert_float_equal(one.low, s.low, 1e-12);
    assert_float_equal(one.high, s.high, 1e-12);
    OK(spread_of(twice, group, 2 * N + 1, &two, &e));
    assert_int_equal(two.count, 2 * N);
    assert_int_equal(two.units, N);
    assert_float_equal(two.mean, one.mean, 1e-12);
    assert_float_equal(two.low, one.low, 1e-12);
    assert_float_equal(two.high, one.high, 1e-12);
    OK(spread_of(twice, NULL, 2 * N + 1, &s, &e));
    assert_true(s.high - s.low < .85 * (two.high - two.low));
    double even[2 * N];
    int uneven[2 * N]; /* groups of 1 to 10 cases that are all alike say nothing of sizes */
    for (int i = 0, k = 0; i < 2 * N; i++) {
        even[i] = .9;
        k += i > 0 && (i == 1 || i == 3 || i == 6 || i == 14);
        uneven[i] = k;
    }
    OK(spread_of(even, uneven, 2 * N, &s, &e));
    assert_int_equal(s.units, 5);
    assert_float_equal(s.low, .9, 1e-12);
    assert_float_equal(s.high, .9, 1e-12);
    OK(spread_of(twice, (const int[2 * N]){0}, 2 * N, &s, &e)); /* one group has no interval */
    assert_int_equal(s.units, 1);
    assert_true(isnan(s.low));
    OK(spread_of(twice + 2 * N, alone, 1, &s, &e));
    assert_int_equal(s.units, 0);
}

static void times_are_read(void **state)
{
    (void)state;
    char text[32];
    assert_string_equal(page_seconds(1.25, text), "1.2 s");
    assert_string_equal(page_seconds(99.94, text), "99.9 s");
    assert_string_equal(page_seconds(125, text), "2 min 05 s");
    assert_string_equal(page_seconds(3 * 3600 + 305, text), "3 h 05 min");
}

/* One class; a case of so many voxels right, missed and too much. */
static struct tally tally_of(struct overlap *o, int right, int missed, int surplus)
{
    *o = (struct overlap){.tp = right, .fn = missed, .fp = surplus, .tn = 100};
    return (struct tally){.overlap = o,
        .voxel = 2000,
        .unit = "mm3",
        .length = "mm",
        .spacing = {1, 1, 1},
        .voxels = 200};
}

static void failures_have_reasons(void **state)
{
    (void)state;
    static const struct {
        int right, missed, surplus;
        const char *reason;
    } wanted[] = {{10, 0, 0, ""},
        {0, 10, 0, "organ is missing: the truth has 20 ml, the prediction none"},
        {0, 0, 5, "organ is spurious: the prediction has 10 ml, the truth none"},
        {0, 4, 4, "organ is predicted elsewhere: prediction and truth do not overlap"},
        {1, 4, 4, "organ has a Dice of 0.200"}, {5, 5, 5, ""}, /* just 0.5 */
        {0, 0, 0, ""}};
    struct overlap overlap[COUNT(wanted)];
    struct tally tally[COUNT(wanted)];
    struct mask_pair pair[COUNT(wanted)];
    struct evaluation v = {.pairs = {.pair = pair, .count = COUNT(wanted)}, .tally = tally};
    labelling_add(&v.labels, 0, "background");
    labelling_add(&v.labels, 1, "organ");
    v.labels.ignore = -1;
    for (int i = 0; i < (int)COUNT(wanted); i++)
        tally[i] = tally_of(&overlap[i], wanted[i].right, wanted[i].missed, wanted[i].surplus);
    const struct page_source s = {.failure = .5};
    const struct page p = {.from = &s, .v = &v, .cases = COUNT(wanted), .targets = 1};
    for (int i = 0; i < (int)COUNT(wanted); i++) {
        char text[REASON_TEXT];
        assert_int_equal(page_failure(&p, i, text), *wanted[i].reason != 0);
        assert_string_equal(text, wanted[i].reason);
    }
    double *dice = page_mean_dice(&p);
    assert_float_equal(dice[0], 1, 0);
    assert_float_equal(dice[1], 0, 0);
    assert_true(isnan(dice[6]));
    mem_free(dice);
    assert_float_equal(page_case_dice(&p, 4), .2, 1e-12);
    assert_true(page_metric(&p));
    assert_string_equal(page_length(&p), "mm");
    tally[3].unit = "voxels";
    tally[3].length = "voxels";
    assert_false(page_metric(&p));
    assert_string_equal(page_length(&p), "mm or voxels");
    assert_string_equal(page_volume_unit(&p), "mm3 or voxels");
    for (int i = 0; i < (int)COUNT(wanted); i++) {
        tally[i].unit = "mm2";
        tally[i].length = "mm";
    }
    assert_string_equal(page_volume_unit(&p), "mm2");
    assert_string_equal(page_size_word(&p), "area");
    assert_float_equal(page_volume(&p, 5), 5, 0);
    tally[3].unit = "mm3";
    assert_true(page_units_differ(&p) && !page_lengths_differ(&p)); /* distances have a mean */
    assert_string_equal(page_length(&p), "mm");
    assert_string_equal(page_volume_unit(&p), "mm3 or mm2");
    assert_string_equal(page_size_word(&p), "volume");
    for (int i = 0; i < (int)COUNT(wanted); i++) {
        tally[i].unit = i ? "um3" : "voxels";
        tally[i].length = i ? "um" : "voxels";
    }
    assert_string_equal(page_length(&p), "um or voxels");
    assert_string_equal(page_volume_unit(&p), "um3 or voxels");
    for (int i = 0; i < (int)COUNT(wanted); i++)
        tally[i].unit = tally[i].length = i % 2 ? "voxels" : "pixels";
    assert_string_equal(page_length(&p), "voxels");
    assert_string_equal(page_volume_unit(&p), "voxels");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_are_spread),
        cmocka_unit_test(groups_count_and_not_their_cases), cmocka_unit_test(times_are_read),
        cmocka_unit_test(failures_have_reasons)};
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A run that has to end at a time, with steps that take another time than was measured. */
#include "train/deadline.h"

#include "files/json_file.h"
#include "unit/clock_test.h"
#include "unit/train/train_test.h"

static void steps_that_fit(void **state)
{
    (void)state;
    assert_int_equal(deadline_steps(100, .1, 1000), 1000);
    assert_int_equal(deadline_steps(99.5, .1, 1000), 1000); /* nearly the same is the same */
    assert_int_equal(deadline_steps(100, .2, 1000), 500);
    assert_int_equal(deadline_steps(100, .05, 1000), 2000);
    assert_int_equal(deadline_steps(.05, .1, 1), 1);
    assert_int_equal(deadline_steps(.35, .1, 10), 3);
    assert_int_equal(deadline_steps(-5, .1, 7), 1); /* too late: the last step */
    assert_int_equal(deadline_steps(.5, .1, 0), 5);
}

/* On a machine that did 1000 times as many steps a second when they were counted. */
static void a_run_that_is_too_long_ends_in_time(void **state)
{
    (void)state;
    enum { SECONDS = 3 };
    struct options o;
    struct watch w;
    json_t *settings, *record;
    put_boxes("pace", 4, 1, 16, 16);
    watch_new(&w);
    SET_OPTIONS(&o, "steps=100000000", "patch=16x16", "resize=none", "batch=1",
        "spec=arch=unet dims=2 in=1 classes=2 widths=4,4", "lr=0.01", "ema=0", "schedule=poly");
    clock_ticks(1000);
    double begun = clock_now();
    w.host.kernels = kernels_for(ISA_REF);
    struct train_context c = {.host = &w.host, .deadline = begun + SECONDS};
    OK(train_start(&c, "pace", "pace-run", &o, &e));
    double took = clock_now() - begun;
    clock_ticks(0);
    options_free(&o);
    if (took > 3 * SECONDS) fail_msg("a run of %d s took %g", SECONDS, took);
    assert_non_null(strstr(w.text, "end in time"));
    OK(json_file_read("pace-run/settings.json", &settings, &e));
    OK(json_file_read("pace-run/run.json", &record, &e));
    json_int_t steps =
        json_integer_value(json_object_get(json_object_get(settings, "settings"), "steps"));
    assert_true(steps > 1 && steps < 100000000);
    assert_int_equal(steps, w.steps); /* what the settings say was done */
    const json_t *lengths =
        json_object_get(json_array_get(json_object_get(record, "sessions"), 0), "lengths");
    assert_true(json_array_size(lengths) > 0);
    assert_int_equal(json_integer_value(
                         json_array_get(json_array_get(lengths, json_array_size(lengths) - 1), 1)),
        steps);
    json_decref(settings);
    json_decref(record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_that_fit),
        cmocka_unit_test(a_run_that_is_too_long_ends_in_time),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "report/curves.h"

#include <math.h>

#include "draw/plot.h"
#include "model/run_files.h"
#include "train/runlog.h"
#include "unit/format/format_test.h"

static struct labelling two_labels(void)
{
    return (struct labelling){
        .count = 3, .ignore = -1, .name = {"background", "left, \"inner\"", "right"}};
}

static int make_run(void **state)
{
    (void)state;
    struct err e = {0};
    struct labelling l = two_labels();
    return file_make_folders("run", &e) != ATT_OK || runlog_begin("run", &l, 0, &e) != ATT_OK;
}

static int drop_run(void **state)
{
    (void)state;
    unlink("run/log.csv");
    unlink("run/log.jsonl");
    unlink("run/" RUN_EVENTS);
    unlink("run/curves.png");
    return rmdir("run");
}

static void append(const struct labelling *l, int64_t step, double loss, const struct validation *v)
{
    OK(runlog_append("run", l,
        &(struct log_row){.step = step, .lr = .5, .loss = loss, .norm = NAN, .validation = v}, &e));
}

static void append_text(const char *text)
{
    FILE *f = fopen("run/log.csv", "a");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

/* What three rows must look like. */
static void assert_three_rows(const char *one, const char *two)
{
    const double step[] = {10, 20, 30}, loss[] = {.75, NAN, .25}, mean[] = {NAN, .5, .625},
                 a[] = {NAN, .5, .5}, b[] = {NAN, NAN, .75};
    struct plot p = {.title = "run, step 30",
        .step = step,
        .loss = loss,
        .n = 3,
        .dice_step = step,
        .dice_mean = mean,
        .dice = {a, b},
        .name = {one, two},
        .classes = 2,
        .validations = 3};
    OK(plot_curves("wanted.png", &p, &e));
    assert_same_file("run/curves.png", "wanted.png");
}

static void append_three(const struct labelling *l)
{
    append(l, 10, .75, NULL);
    append(l, 20, NAN, &(struct validation){.count = 2, .dice = {.5, NAN}, .mean = .5});
    append(l, 30, .25, &(struct validation){.count = 2, .dice = {.5, .75}, .mean = .625});
}

static void the_log_is_drawn(void **state)
{
    (void)state;
    struct labelling l = two_labels();
    OK(curves_draw("run", &l, RUNLOG_LOSS, NULL, RUNLOG_OWN, &e)); /* a header alone */
    append_three(&l);
    OK(curves_draw("run", &l, RUNLOG_LOSS, NULL, RUNLOG_OWN, &e));
    assert_three_rows("left, \"inner\"", "right");
}

static void regions_have_their_own_names(void **state)
{
    (void)state;
    struct labelling l = two_labels();
    l.regions = 2;
    l.count = 5;
    snprintf(l.region_name[0], LABELLING_NAME, "whole");
    snprintf(l.region_name[1], LABELLING_NAME, "core");
    append_three(&l);
    OK(curves_draw("run", &l, RUNLOG_LOSS, NULL, RUNLOG_OWN, &e));
    assert_three_rows("whole", "core");
}

static void damaged_rows_are_passed_over(void **state)
{
    (void)state;
    struct labelling l = two_labels();
    append_three(&l);
    append_text("40,1,1,1,1,1,1,1\n");      /* a cell too few */
    append_text("40,1,1,1,1,1,1,1,1,1\n");  /* too many */
    append_text("40,1,1,much,1,1,1,1,1\n"); /* not a number */
    append_text(
        "40,1,1, 1,1,1,1,1,1\n\n,,,,,,,,\n"); /* a space, an empty row, a row without its step */
    append_text("40,1,1,1,1,1,1,1,1");        /* cut off */
    OK(curves_draw("run", &l, RUNLOG_LOSS, NULL, RUNLOG_OWN, &e));
    assert_three_rows("left, \"inner\"", "right");
}

static void without_a_log_there_is_no_picture(void **state)
{
    (void)state;
    struct labelling l = two_labels();
    REFUSED(curves_draw("elsewhere", &l, RUNLOG_LOSS, NULL, RUNLOG_OWN, &e), ATT_IO,
        "elsewhere/log.csv");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_log_is_drawn, make_run, drop_run),
        cmocka_unit_test_setup_teardown(regions_have_their_own_names, make_run, drop_run),
        cmocka_unit_test_setup_teardown(damaged_rows_are_passed_over, make_run, drop_run),
        cmocka_unit_test(without_a_log_there_is_no_picture),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Results of evaluation, read again: both formats, one class or the mean, what is missing, damaged
 * files. */
#include "measure/scores.h"

#include <math.h>

#include "unit/dataset/dataset_test.h"

static const char ours[] =
    "{\"cases\": [{\"case\": \"b\", \"classes\": [{\"class\": \"1\", \"name\": \"x\", \"dice\": "
    "0.5, \"hd95\": null}, {\"class\": \"2+3\", \"name\": \"NaN \\\" y\", \"dice\": 0.75, "
    "\"hd95\": 3}]}, {\"case\": \"a\", \"classes\": [{\"class\": \"1\", \"name\": \"x\", "
    "\"dice\": null, \"hd95\": null}, {\"class\": \"2+3\", \"name\": \"NaN \\\" y\", \"dice\": "
    "0.25, \"hd95\": null}]}]}";
static const char theirs[] = "{\"foreground_mean\": {\"Dice\": NaN}, \"metric_per_case\": "
                             "[{\"metrics\": {\"1\": {\"Dice\": 0.5, \"IoU\": 0.25}, \"(1, "
                             "2)\": {\"Dice\": NaN, \"IoU\": NaN}}, \"prediction_file\": "
                             "\"/p/case_7.nii.gz\", \"reference_file\": \"/t/case_7.nii.gz\"}, "
                             "{\"metrics\": {\"1\": {\"Dice\": NaN, \"IoU\": NaN}, \"(1, 2)\": "
                             "{\"Dice\": NaN, \"IoU\": NaN}}, \"prediction_file\": "
                             "\"case_3.odd\"}]}";

static void is(const struct scores *s, int i, const char *id, double value)
{
    assert_string_equal(s->id[i], id);
    assert_true(isnan(value) ? isnan(s->value[i]) : s->value[i] == value);
}

static void numbers_of_evaluate(void **state)
{
    (void)state;
    struct scores s;
    put_text("set/r.json", ours);
    OK(scores_read("set/r.json", "dice", NULL, &s, &e));
    assert_int_equal(s.count, 2);
    is(&s, 0, "a", .25); /* the mean over the classes that have a number */
    is(&s, 1, "b", .625);
    scores_free(&s);
    OK(scores_read("set/r.json", "hd95", NULL, &s, &e));
    is(&s, 0, "a", NAN);
    is(&s, 1, "b", 3);
    scores_free(&s);
    OK(scores_read("set/r.json", "dice", "x", &s, &e));
    is(&s, 0, "a", NAN);
    is(&s, 1, "b", .5);
    scores_free(&s);
    OK(scores_read("set/r.json", "dice", "2+3", &s, &e));
    is(&s, 1, "b", .75);
    scores_free(&s);
}

static void numbers_of_a_summary(void **state)
{
    (void)state;
    struct scores s;
    put_text("set/summary.json", theirs);
    OK(scores_read("set/summary.json", "iou", NULL, &s, &e));
    assert_int_equal(s.count, 2);
    is(&s, 0, "case_3.odd", NAN);
    is(&s, 1, "case_7", .25);
    scores_free(&s);
    OK(scores_read("set/summary.json", "dice", "(1, 2)", &s, &e));
    is(&s, 1, "case_7", NAN);
    scores_free(&s);
    REFUSED(scores_read("set/summary.json", "hd95", NULL, &s, &e), ATT_DATA,
        " is a summary.json, which has only dice and iou; give the JSON of an evaluation");
}

static void other_files_are_refused(void **state)
{
    (void)state;
    struct scores s;
    REFUSED(scores_read("set/none.json", "dice", NULL, &s, &e), ATT_IO, "set/none.json");
    put_text("set/r.json", ours);
    REFUSED(scores_read("set/r.json", "nsd", NULL, &s, &e), ATT_DATA,
        "case b has no nsd; evaluate with `metrics` nsd");
    REFUSED(scores_read("set/r.json", "dice", "z", &s, &e), ATT_DATA,
        "case b has no dice of class 'z'");
    put_text("set/r.json", "{\"cases\": []}");
    REFUSED(scores_read("set/r.json", "dice", NULL, &s, &e), ATT_DATA,
        "set/r.json has no cases; give the JSON of an evaluation, or a summary.json");
    put_text("set/r.json", "[1, 2]");
    REFUSED(scores_read("set/r.json", "dice", NULL, &s, &e), ATT_DATA,
        "set/r.json has no cases; give the JSON of an evaluation, or a summary.json");
    put_text("set/r.json", "{\"cases\": [NaN,\n}");
    REFUSED(scores_read("set/r.json", "dice", NULL, &s, &e), ATT_DATA, "line 2 is not valid JSON");
    put_text("set/r.json", "{\"cases\": [{\"classes\": [{\"dice\": 1}]}]}");
    REFUSED(scores_read("set/r.json", "dice", NULL, &s, &e), ATT_DATA, "case 1 has no name");
    put_text("set/r.json",
        "{\"cases\": [{\"case\": \"a\", \"classes\": [{\"dice\": 1}]}, {\"case\": \"a\", "
        "\"classes\": [{\"dice\": 1}]}]}");
    REFUSED(scores_read("set/r.json", "dice", NULL, &s, &e), ATT_DATA, "case a occurs twice");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(numbers_of_evaluate, clear_set),
        cmocka_unit_test_setup(numbers_of_a_summary, clear_set),
        cmocka_unit_test_setup(other_files_are_refused, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What made-up curves say. */
#include "train/advice.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "train/runlog.h"
#include "train/train_state.h"
#include "unit/dataset/dataset_test.h"

static const double falling[] = {1, .8, .6, .5, .4}, steady[] = {1, .51, .5, .5, .49};

static struct labelling organs(void)
{
    struct labelling l = {.count = 4, .ignore = -1, .value = {0, 1, 2, 3}};
    const char *const name[] = {"background", "liver", "spleen", "gland"};
    for (int i = 0; i < 4; i++) snprintf(l.name[i], LABELLING_NAME, "%s", name[i]);
    return l;
}

static void check(const double *dice, const double *loss, int n, const char *expected)
{
    struct advice_point p[8];
    char text[ADVICE_TEXT];
    for (int i = 0; i < n; i++) p[i] = (struct advice_point){100 * (i + 1), loss[i], dice[i]};
    advice_curve(p, n, text);
    assert_string_equal(text, expected);
}

static void check_classes(
    double liver, double spleen, double gland, bool early, const char *expected)
{
    const struct labelling l = organs();
    const struct validation v = {.count = 3, .dice = {liver, spleen, gland}, .truth = {9, 9, 9}};
    char text[ADVICE_TEXT];
    advice_classes(&v, &l, early, text);
    assert_string_equal(text, expected);
}

static void a_rising_curve_wants_time(void **state)
{
    (void)state;
    check((double[]){.3, .5, .6, .66, .7}, falling, 5,
        "the validation Dice still rose, from 0.600 at step 300 to 0.660 and 0.700; more time "
        "would most likely help");
    /* above the best, not above a dip */
    check((double[]){.3, .6, .5, .66, .7}, falling, 5,
        "the validation Dice still rose, from 0.600 at step 200 to 0.660 and 0.700; more time "
        "would most likely help");
    check((double[]){.3, .5, .69, .6, .7}, falling, 5, "");
    /* the last rise alone may be that of a small learning rate */
    check((double[]){.3, .5, .69, .69, .7}, falling, 5, "");
}

static void a_falling_loss_alone_wants_cases(void **state)
{
    (void)state;
    check((double[]){.3, .5, .7, .69, .703}, falling, 5,
        "the validation Dice has not risen since step 300 (0.700) while the loss fell from 0.600 "
        "to 0.400; more cases would most likely help more than more time");
    check((double[]){.3, .7, .69, .68, .67}, falling, 5,
        "the validation Dice fell from 0.700 at step 200 to 0.670 while the loss fell, too; more "
        "cases would most likely help, or stronger changes (`augment`), but not more time");
}

static void a_flat_curve_wants_no_time(void **state)
{
    (void)state;
    check((double[]){.3, .7, .7, .7, .701}, steady, 5,
        "neither loss nor validation Dice changed much since step 200; more time alone would "
        "hardly help");
    /* it fell, but nothing shows why */
    check((double[]){.3, .7, .7, .7, .6}, steady, 5, "");
}

static void few_validations_show_no_curve(void **state)
{
    (void)state;
    check((double[]){.3, .5, .7}, falling, 3, "");
    check(NULL, NULL, 0, "");
}

static void a_missed_class_wants_cases(void **state)
{
    (void)state;
    check_classes(.7, 0, .9, false,
        "the Dice of spleen is still 0.000; more cases that have it would most likely help, or a "
        "larger `foreground`");
    check_classes(.7, .002, 0, false,
        "the Dice of spleen (and of 1 more) is still 0.002; more cases that have it would most "
        "likely help, or a larger `foreground`");
    check_classes(.7, 0, .9, true,
        "the Dice of spleen is still 0.000; first try more time, then more cases that have it, or "
        "a larger `foreground`");
    check_classes(0, 0, 0, true, "");              /* it has not begun to learn */
    check_classes(.7, (double)NAN, .9, false, ""); /* no case has it */
    check_classes(.7, .8, .9, false, "");
}

static void check_rare(const double dice[3], const double voxels[3], const char *expected)
{
    struct labelling l = organs();
    struct validation v = {.count = 3};
    char text[ADVICE_TEXT];
    memcpy(v.dice, dice, sizeof *dice * 3);
    memcpy(v.truth, voxels, sizeof *voxels * 3);
    advice_classes(&v, &l, false, text);
    assert_string_equal(text, expected);
    l.regions = true; /* they overlap */
    advice_classes(&v, &l, false, text);
    assert_string_equal(text, "");
}

static void a_rare_class_far_behind_wants_cases(void **state)
{
    (void)state;
    const double rare[] = {5000, 3000, 200}, common[] = {5000, 3000, 600};
    const char *const scarce =
        "the Dice of gland, 0.600, is far behind the others' (0.800 and more), and it has only "
        "2.4 % of the labelled voxels; more cases that have it would most likely help, or a "
        "larger `foreground`";
    check_rare((double[]){.9, .8, .6}, rare, scarce);
    check_rare((double[]){.9, .8, .6}, common, ""); /* not rare */
    check_rare((double[]){.9, .7, .6}, rare, "");   /* not far behind the next one */
    check_rare((double[]){.6, .9, .8}, rare, "");   /* another one is rare */
    check_rare((double[]){(double)NAN, (double)NAN, .6}, rare, ""); /* nothing to compare with */
}

static void hear_advice(void *user, int level, const char *text)
{
    (void)level;
    snprintf(user, ADVICE_TEXT, "%s", text);
}

/* The loss of a validation is the mean of the rows since the one before. */
static void the_log_is_read(void **state)
{
    (void)state;
    static const double dice[] = {.3, .7, .69, .68, .67}, loss[] = {1, .8, .6, .5, .4};
    char text[ADVICE_TEXT] = "";
    struct host host = {.log = {.message = hear_advice, .user = text}};
    const struct train_context c = {.host = &host};
    struct training *t = mem_alloc(sizeof *t);
    *t = (struct training){.c = &c, .run = "set", .validation = {.count = 3}};
    t->model.labels = organs();
    for (int k = 0; k < 3; k++) t->validation.dice[k] = .5;
    OK(file_make_folders("set", &e));
    OK(runlog_begin("set", &t->model.labels, 0, &e));
    for (int i = 0; i < 5; i++) {
        t->validation.mean = dice[i];
        for (int half = 0; half < 2; half++) {
            const struct log_row row = {.step = 100 * i + 50 * (half + 1),
                .loss = half ? loss[i] - .1 : loss[i] + .1,
                .validation = half ? &t->validation : NULL};
            OK(runlog_append("set", &t->model.labels, &row, &e));
        }
    }
    OK(advice_say(t, &e));
    assert_string_equal(text,
        "the validation Dice fell from 0.700 at step 200 to 0.670 while the loss fell, too; more "
        "cases would most likely help, or stronger changes (`augment`), but not more time");
    *text = 0; /* a run that has ended needs no advice */
    file_remove("set/log.csv");
    OK(advice_say(t, &e));
    assert_string_equal(text, "");
    mem_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_rising_curve_wants_time),
        cmocka_unit_test(a_falling_loss_alone_wants_cases),
        cmocka_unit_test(a_flat_curve_wants_no_time),
        cmocka_unit_test(few_validations_show_no_curve),
        cmocka_unit_test(a_missed_class_wants_cases),
        cmocka_unit_test(a_rare_class_far_behind_wants_cases), cmocka_unit_test(the_log_is_read)};
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

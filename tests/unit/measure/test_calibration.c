/* SPDX-License-Identifier: Apache-2.0 */
/* Calibration of answers whose errors and temperature are known by hand. */
#include "measure/calibration.h"

#include <math.h>

#include "unit/predict/predict_test.h"

enum { MAX = 400 };

static bool near(double a, double b) { return fabs(a - b) < 1e-6; }

/* A network of so many outputs. */
static void begin(struct calibration *c, int channels, int regions)
{
    struct model *m = mem_alloc(sizeof *m);
    m->facts.classes = channels;
    m->labels = regions ? labels_of_regions(3, regions) : plain_labels(channels > 1 ? channels : 2);
    calibration_begin(c, m);
    mem_free(m);
}

/* `count` voxels with these logits, of which the first `right` have class `best`. */
static void add(
    struct calibration *c, int count, int right, int best, int other, const double *logits)
{
    static float planar[3 * MAX];
    static uint8_t truth[MAX];
    for (int i = 0; i < count; i++) {
        for (int k = 0; k < c->target.channels; k++) planar[k * count + i] = (float)logits[k];
        truth[i] = (uint8_t)(i < right ? best : other);
    }
    OK(calibration_add(c, planar, truth, (size_t)count, (size_t)count, &e));
}

/* Logits 0 and log(p / (1 - p)). Foreground: 0.85 on 40 answers with 30 right, 0.7 on 60 with 45;
 * background: 0.9 on 100 with 80. */
static void the_error_is_that_of_the_bins(void **state)
{
    (void)state;
    struct calibration c;
    begin(&c, 2, 0);
    add(&c, 40, 30, 1, 0, (double[]){0, log(.85 / .15)});
    add(&c, 60, 45, 1, 0, (double[]){0, log(.7 / .3)});
    add(&c, 100, 80, 0, 1, (double[]){0, -log(9)});
    OK(calibration_fit(&c, &e));
    assert_true(near(c.before.ece[ANSWERS_FOREGROUND], (40 * .1 + 60 * .05) / 100));
    assert_true(near(c.before.ece[ANSWERS_ALL], (40 * .1 + 60 * .05 + 100 * .1) / 200));
    const struct calibration_bin *b = c.before.bin[ANSWERS_ALL];
    assert_true(b[10].answers == 60 && b[12].answers == 40 && b[13].answers == 100);
    assert_true(near(b[10].confidence, 42) && b[10].right == 45 && b[9].answers == 0);
    assert_true(c.before.bin[ANSWERS_FOREGROUND][13].answers == 0 && c.cases == 3);
    const double nll =
        30 * log(.85) + 10 * log(.15) + 45 * log(.7) + 15 * log(.3) + 80 * log(.9) + 20 * log(.1);
    assert_true(near(c.before.nll, -nll / 200) && c.after.nll < c.before.nll);
    calibration_free(&c);
}

/* With one distance z between logits and a share r right, the likelihood is largest where
 * sigmoid(z / T) = r. */
static void the_temperature_is_known(void **state)
{
    (void)state;
    struct calibration c;
    for (int channels = 1; channels <= 3; channels++) {
        begin(&c, channels, 0);
        const double first[] = {channels == 1 ? 4 : -1, 3, -1e9},
                     second[] = {channels == 1 ? -4 : 2, -2, -1e9};
        add(&c, 100, 75, 1, 0, first);
        add(&c, 300, 225, 0, 1, second);
        OK(calibration_fit(&c, &e));
        assert_true(c.found && near(c.temperature, 4 / log(3)));
        assert_true(near(c.before.ece[ANSWERS_ALL], 1 / (1 + exp(-4)) - .75));
        assert_true(near(c.after.ece[ANSWERS_ALL], 0) && near(c.after.ece[ANSWERS_FOREGROUND], 0));
        calibration_free(&c);
    }
}

/* Class 1 is in both regions, class 0 in the first alone. */
static void regions_are_answers_of_their_own(void **state)
{
    (void)state;
    struct calibration c;
    begin(&c, 2, 2);
    add(&c, 100, 80, 1, 0, (double[]){3, 3});
    OK(calibration_fit(&c, &e));
    const double p = 1 / (1 + exp(-3));
    assert_true(near(c.before.ece[ANSWERS_ALL], p - .9));
    double answers = 0;
    for (int b = 0; b < CALIBRATION_BINS; b++)
        answers += c.before.bin[ANSWERS_FOREGROUND][b].answers;
    assert_true(answers == 200);
    assert_true(c.found && near(c.temperature, 3 / log(9)));
    calibration_free(&c);
}

/* Of random answers of three classes: no temperature nearby is likelier, and logits twice as large
 * have twice the temperature. */
static void the_likelihood_is_largest(void **state)
{
    (void)state;
    struct rng r = rng_stream(5, RNG_TEST, 0, 0);
    static float logits[3 * MAX];
    static uint8_t truth[MAX];
    struct calibration c, d;
    for (int i = 0; i < MAX; i++) {
        double sum = 0, at = rng_uniform(&r);
        for (int k = 0; k < 3; k++) logits[k * MAX + i] = (float)(6 * rng_uniform(&r));
        for (int k = 0; k < 3; k++) sum += exp((double)logits[k * MAX + i] / 1.5);
        for (truth[i] = 0; truth[i] < 2; truth[i]++) {
            at -= exp((double)logits[truth[i] * MAX + i] / 1.5) / sum;
            if (at < 0) break;
        }
    }
    begin(&c, 3, 0);
    OK(calibration_add(&c, logits, truth, MAX, MAX, &e));
    OK(calibration_fit(&c, &e));
    assert_true(c.found && c.temperature > 1.1 && c.temperature < 2.1);
    for (int away = -1; away <= 1; away += 2) {
        double nll = 0;
        for (int i = 0; i < MAX; i++) {
            double sum = 0, t = c.temperature * (1 + .01 * away);
            for (int k = 0; k < 3; k++) sum += exp((double)logits[k * MAX + i] / t);
            nll += log(sum) - (double)logits[truth[i] * MAX + i] / t;
        }
        assert_true(nll / MAX > c.after.nll && nll / MAX < c.after.nll + 1e-3);
    }
    for (int i = 0; i < 3 * MAX; i++) logits[i] *= 2;
    begin(&d, 3, 0);
    OK(calibration_add(&d, logits, truth, MAX, MAX, &e));
    OK(calibration_fit(&d, &e));
    assert_true(near(d.temperature, 2 * c.temperature) && near(d.after.nll, c.after.nll));
    calibration_free(&c);
    calibration_free(&d);
}

static void some_voxels_do_not_count(void **state)
{
    (void)state;
    struct calibration c;
    static float logits[2 * MAX];
    static uint8_t truth[MAX];
    begin(&c, 2, 0);
    for (int i = 0; i < MAX; i++) truth[i] = LABELLING_IGNORE;
    OK(calibration_add(&c, logits, truth, MAX, MAX, &e));
    REFUSED(calibration_fit(&c, &e), ATT_DATA, "no voxel that counts");
    for (int i = 0; i < MAX; i++) truth[i] = (uint8_t)(logits[MAX + i] = (float)(i % 2));
    OK(calibration_add(&c, logits, truth, MAX, 50, &e)); /* every 9th */
    assert_true(c.count == MAX / 9 + 1 && c.voxels == MAX);
    OK(calibration_fit(&c, &e)); /* classes of equal logits are chance, the others right */
    assert_true(c.cases == 2);
    json_t *j = calibration_report(&c);
    assert_int_equal(json_array_size(json_object_get(json_object_get(j, "after"), "bins")), 15);
    json_decref(j);
    calibration_free(&c);
    begin(&c, 2, 0);
    add(&c, 10, 10, 1, 0, (double[]){0, 1});
    OK(calibration_fit(&c, &e)); /* always right: the smaller T, the likelier */
    j = calibration_report(&c);
    assert_true(!c.found && json_is_null(json_object_get(j, "temperature")));
    json_decref(j);
    calibration_free(&c);
    begin(&c, 2, 0);
    add(&c, 10, 0, 1, 0, (double[]){0, 1});
    OK(calibration_fit(&c, &e)); /* always wrong */
    assert_true(!c.found && c.temperature == CALIBRATION_BOUND);
    calibration_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_error_is_that_of_the_bins),
        cmocka_unit_test(the_temperature_is_known),
        cmocka_unit_test(regions_are_answers_of_their_own),
        cmocka_unit_test(the_likelihood_is_largest),
        cmocka_unit_test(some_voxels_do_not_count),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

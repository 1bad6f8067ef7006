/* SPDX-License-Identifier: Apache-2.0 */
/* Where a patch reaches beyond its image it holds 0, and its label is "ignore" (test_sampler.c,
 * test_augment.c).  What this padding touches:
 *
 *   the loss              never, and no gradient comes from there
 *   running statistics    they are those of the whole patch, padding among it
 *   batch statistics      the same, so in training the padding has a little influence on every
 * voxel logits in prediction  near the padding only: as far as the convolutions see */
#include "unit/arch/net_test.h"

#include <math.h>

#include "base/mem.h"

enum {
    H = 6,
    W = 10,
    VALID = 7,
    N = 2,
    CHANNELS = 3,
    PIXELS = H * W,
    NUMBERS = N * CHANNELS * PIXELS
};

struct trial {
    struct params params;
    struct graph graph;
    struct run run;
    int logits, label, loss;
};

static void trial_new(struct trial *t, const char *objective, const struct target *target, int isa)
{
    struct err e = {0};
    memset(t, 0, sizeof *t);
    params_init(&t->params);
    graph_init(&t->graph, &t->params, true);
    must(graph_input(
             &t->graph, (struct shape){N, target->channels, 1, H, W}, 1, true, &t->logits, &e),
        &e);
    must(graph_output(&t->graph, t->logits, &e, "logits"), &e);
    must(objective_build(&t->graph, objective, target, &t->label, &t->loss, &e), &e);
    must(run_create(&t->graph, kernels_for(isa), NULL, NULL, &t->run, &e), &e);
}

static void trial_free(struct trial *t)
{
    run_free(&t->run);
    graph_free(&t->graph);
    params_free(&t->params);
}

/* Random logits; where the label is "ignore", `pad` and more. The first columns are image. */
static real step(struct trial *t, int valid, real pad, real *gradient)
{
    struct rng r = rng_stream(1, RNG_TEST, 0, 0);
    struct tensor x = run_tensor(&t->run, t->logits);
    for (int i = 0; i < NUMBERS; i++) {
        real v = (real)rng_range(&r, -3, 3);
        x.p[i] = i % W < valid ? v : v + pad;
    }
    for (int i = 0; i < N * PIXELS; i++)
        run_label(&t->run, t->label)[i] = i % W < valid ? (uint8_t)rng_below(&r, 3) : LABEL_IGNORE;
    run_forward(&t->run);
    real loss = run_tensor(&t->run, t->loss).p[0];
    run_backward(&t->run, t->loss);
    memcpy(gradient, run_gradient(&t->run, t->logits).p, NUMBERS * sizeof *gradient);
    return loss;
}

static const char *const objectives[] = {"ce", "dice", "dice(batch=yes)",
    "dice(background=yes,smooth=1)", "dice(batch=yes,background=yes)+ce", "0.3*ce+dice"};
enum { OBJECTIVES = sizeof objectives / sizeof *objectives, TARGETS = 3 };
static const struct target targets[TARGETS] = {
    {.channels = CHANNELS},
    {.channels = CHANNELS, .weight = {1, 2, .5f}},
    {.channels = CHANNELS, .regions = true, .region = {{{6}}, {{4}}, {{2}}}},
};

static void the_loss_does_not_see_it(void **state)
{
    (void)state;
    static real before[NUMBERS], after[NUMBERS];
    for (int isa = ISA_REF; isa <= kernels_best(); isa++)
        for (int k = 0; k < OBJECTIVES * TARGETS; k++) {
            struct trial t;
            trial_new(&t, objectives[k % OBJECTIVES], &targets[k / OBJECTIVES], isa);
            real a = step(&t, VALID, 0, before), b = step(&t, VALID, 50, after),
                 c = step(&t, VALID, (real)-1e30, after);
            if (!(a > 0) || a != b || a != c)
                fail_msg(
                    "%s: %g, %g, %g", objectives[k % OBJECTIVES], (double)a, (double)b, (double)c);
            assert_memory_equal(before, after, sizeof before);
            double image = 0;
            for (int i = 0; i < NUMBERS; i++) {
                if (i % W >= VALID) assert_true(before[i] == 0);
                image += fabs((double)before[i]);
            }
            assert_true(image > 0);
            trial_free(&t);
        }
}

/* A patch that is all padding: no loss, no gradient, no NaN. */
static void a_patch_of_nothing_else(void **state)
{
    (void)state;
    static real gradient[NUMBERS];
    for (int k = 0; k < OBJECTIVES * TARGETS; k++) {
        struct trial t;
        trial_new(&t, objectives[k % OBJECTIVES], &targets[k / OBJECTIVES], kernels_best());
        real loss = step(&t, 0, 0, gradient);
        if (!(loss >= 0 && loss <= 1)) fail_msg("%s: %g", objectives[k % OBJECTIVES], (double)loss);
        for (int i = 0; i < NUMBERS; i++) assert_true(gradient[i] == 0);
        trial_free(&t);
    }
}

/* ---- a network: 16 rows of 64, of which the first 28 columns are image; its convolutions see 13
 * columns far */

enum { ROWS = 16, COLUMNS = 64, IMAGE = 28, SEEN = 13 };
static const struct trial_net net = {
    "arch=unet dims=2 in=1 classes=2 widths=4,6", 1, 1, ROWS, COLUMNS, 2};

static void logits_of(bool training, float pad, real *logits, real *state)
{
    static struct built b;
    struct err e = {0};
    struct run r;
    struct rng rng = rng_stream(2, RNG_TEST, 0, 0);
    built_new(&b, &net, training);
    must(run_create(&b.graph, kernels_for(kernels_best()), NULL, NULL, &r, &e), &e);
    params_initialise(&b.params, 1);
    struct tensor x = run_tensor(&r, b.image),
                  y = run_tensor(&r, graph_find_output(&b.graph, "logits"));
    for (int i = 0; i < ROWS * COLUMNS; i++) {
        real v = (real)rng_range(&rng, -1, 1);
        x.p[i] = i % COLUMNS < IMAGE ? v : (real)pad;
    }
    if (training) memset(run_label(&r, b.label), 0, ROWS * COLUMNS);
    run_forward(&r);
    memcpy(logits, y.p, 2 * ROWS * COLUMNS * sizeof *logits);
    memcpy(state, b.params.state, b.params.state_size * sizeof *state);
    run_free(&r);
    built_free(&b);
}

/* How many columns, counted from the image's far end, have the same logits whatever the padding
 * holds. */
static int same_columns(bool training)
{
    static real a[2 * ROWS * COLUMNS], b[2 * ROWS * COLUMNS], state[2000];
    logits_of(training, 0, a, state);
    logits_of(training, 1, b, state);
    for (int column = 0; column < COLUMNS; column++)
        for (int row = 0; row < 2 * ROWS; row++)
            if (a[row * COLUMNS + column] != b[row * COLUMNS + column]) return column;
    return COLUMNS;
}

static void prediction_sees_it_near_by(void **state)
{
    (void)state;
    assert_in_range(same_columns(false), IMAGE - SEEN, IMAGE - 1);
}

static void statistics_see_it(void **state)
{
    (void)state;
    static real logits[2 * ROWS * COLUMNS], a[2000], b[2000];
    assert_int_equal(same_columns(true), 0);
    logits_of(true, 0, logits, a);
    logits_of(true, 1, logits, b);
    assert_memory_not_equal(a, b, sizeof a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_loss_does_not_see_it),
        cmocka_unit_test(a_patch_of_nothing_else),
        cmocka_unit_test(prediction_sees_it_near_by),
        cmocka_unit_test(statistics_see_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

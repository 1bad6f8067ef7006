/* SPDX-License-Identifier: Apache-2.0 */
/* The average of the weights: its ramp in closed form, statistics and counts, and no other bits on
 * other numbers of threads. */
#include "train/average.h"

#include <math.h>

#include "base/mem.h"
#include "kernel/small.h"
#include "unit/arch/net_test.h"

enum { WEIGHT, UNTRAINED, MEAN, COUNT_OF_BATCHES, PARAMS, LONG = 200001 };
static const bool trained[PARAMS] = {true};

static void make_params(struct params *p)
{
    struct err e = {0};
    const struct param list[PARAMS] = {
        {.name = "weight", .kind = PARAM_VECTOR, .dims = 1, .shape = {LONG}},
        {.name = "unused", .kind = PARAM_VECTOR, .dims = 1, .shape = {2}},
        {.name = "mean", .kind = STATE_VECTOR, .dims = 1, .shape = {3}},
        {.name = "batches", .kind = STATE_COUNT},
    };
    params_init(p);
    for (int i = 0; i < PARAMS; i++) {
        int index;
        must(params_add(p, &list[i], &index, &e), &e);
    }
    must(params_allocate(p, &e), &e);
}

static void fill(struct params *p, double x)
{
    for (int i = 0; i < COUNT_OF_BATCHES; i++)
        for (size_t j = 0; j < p->list[i].count; j++) params_at(p, i)[j] = (real)x;
}

/* From 0 to weights of 1, after n steps of the ramp the average is 1 - (1*2*...*n)/(10*11*...*(9 +
 * n)) = 1 - 1/binomial(n + 9, 9). */
static void the_ramp(void **state)
{
    (void)state;
    struct err e = {0};
    struct params p;
    struct average a = {.decay = .999999};
    make_params(&p);
    must(average_init(&a, &p, &e), &e);
    fill(&p, 1);
    double left = 1;
    for (int n = 1; n <= 40; n++) {
        count_write(params_at(&p, COUNT_OF_BATCHES), n + COUNT_LOW);
        average_update(&a, &p, trained, n - 1, kernels_for(ISA_REF), NULL);
        left *= n / (9.0 + n);
        struct params mean = average_params(&a, &p);
        for (int i = WEIGHT; i <= MEAN; i++)
            for (size_t j = 0; j < p.list[i].count; j++) {
                double wanted = i == UNTRAINED ? 0 : 1 - left, got = (double)params_at(&mean, i)[j];
                if (fabs(got - wanted) > 1e-5)
                    fail_msg("step %d, parameter %d: %g is not %g", n, i, got, wanted);
            }
        assert_int_equal(count_read(params_at(&mean, COUNT_OF_BATCHES)), n + COUNT_LOW);
    }
    average_free(&a);
    params_free(&p);
}

/* Beyond the ramp the decay counts: what is left of a start of 1 falls by it at every step. */
static void then_the_decay(void **state)
{
    (void)state;
    struct err e = {0};
    struct params p;
    struct average a = {.decay = .75};
    make_params(&p);
    fill(&p, 1);
    must(average_init(&a, &p, &e), &e);
    fill(&p, 0);
    for (int n = 0; n < 20; n++) {
        average_update(&a, &p, trained, 1000 + n, kernels_for(ISA_REF), NULL);
        assert_true(fabs((double)a.data[n] - pow(.75, n + 1)) < 1e-6);
        assert_true(fabs((double)a.state[0] - pow(.75, n + 1)) < 1e-6);
    }
    average_free(&a);
    params_free(&p);
}

static void weights_that_stand_still_are_their_average(void **state)
{
    (void)state;
    struct err e = {0};
    struct params p;
    struct average a = {.decay = .99};
    make_params(&p);
    for (size_t i = 0; i < LONG; i++) p.data[i] = (real)(1 / (double)(i + 3));
    must(average_init(&a, &p, &e), &e);
    for (int n = 0; n < 5; n++) average_update(&a, &p, trained, n, kernels_for(ISA_REF), NULL);
    assert_memory_equal(a.data, p.data, p.size * sizeof(real));
    average_free(&a);
    params_free(&p);
}

static void threads_change_no_bit(void **state)
{
    (void)state;
    struct err e = {0};
    struct params p;
    struct average a = {.decay = .9}, b = {.decay = .9};
    struct pool *pool = pool_create(3);
    make_params(&p);
    must(average_init(&a, &p, &e), &e);
    must(average_init(&b, &p, &e), &e);
    for (int n = 0; n < 4; n++) {
        for (size_t i = 0; i < LONG; i++) p.data[i] = (real)sin((double)i + n);
        average_update(&a, &p, trained, n, kernels_for(ISA_REF), NULL);
        average_update(&b, &p, trained, n, kernels_for(ISA_REF), pool);
    }
    assert_memory_equal(a.data, b.data, p.size * sizeof(real));
    pool_destroy(pool);
    average_free(&a);
    average_free(&b);
    params_free(&p);
}

static void without_one_the_weights_serve(void **state)
{
    (void)state;
    struct err e = {0};
    struct params p;
    struct average a = {.decay = 0};
    make_params(&p);
    must(average_init(&a, &p, &e), &e);
    average_update(&a, &p, trained, 0, kernels_for(ISA_REF), NULL);
    assert_true(average_params(&a, &p).data == p.data && average_params(&a, &p).state == p.state);
    average_free(&a);
    params_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ramp),
        cmocka_unit_test(then_the_decay),
        cmocka_unit_test(weights_that_stand_still_are_their_average),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(without_one_the_weights_serve),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

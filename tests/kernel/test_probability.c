/* SPDX-License-Identifier: Apache-2.0 */
/* Probabilities from logits: ref against numbers worked out by hand, every ISA against ref. */
#include "kernel_test.h"

static void by_hand(void **state)
{
    (void)state;
    float two[] = {0, 1000, (float)log(3), 1000}; /* pixels (0, ln 3) and (1000, 1000) */
    kernels_for(ISA_REF)->probabilities(two, 2, 2, true, NULL);
    assert_float_equal(two[0], 0.25, 1e-7);
    assert_float_equal(two[2], 0.75, 1e-7);
    assert_float_equal(two[1], 0.5, 0);
    assert_float_equal(two[3], 0.5, 0);
    float each[] = {0, (float)log(4), -2000, 2000};
    kernels_for(ISA_REF)->probabilities(each, 2, 2, false, NULL);
    assert_float_equal(each[0], 0.5, 0);
    assert_float_equal(each[1], 0.8, 1e-7);
    assert_float_equal(each[2], 0, 0);
    assert_float_equal(each[3], 1, 0);
}

static void run_probabilities(const struct kernels *k, struct job *j, struct pool *pool)
{
    k->probabilities(j->out[0].p, j->factor[0], (size_t)j->factor[1], j->add, pool);
}

static void every_isa(void **state)
{
    (void)state;
    static const int sizes[][2] = {{1, 1}, {2, 15}, {2, 40000}, {3, 257}, {17, 33}, {254, 9}};
    for (uint32_t i = 0; i < 2 * sizeof sizes / sizeof *sizes; i++) {
        struct job j = job_new("probabilities", i);
        memcpy(j.factor, sizes[i / 2], sizeof sizes[0]);
        j.add = i & 1; /* exclusive */
        job_out(&j, (size_t)j.factor[0] * (size_t)j.factor[1]);
        for (size_t k = 0; k < j.out[0].n; k++) j.out[0].start[k] *= k % 7 == 0 ? 60 : 3;
        j.run = run_probabilities;
        job_check(&j);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(by_hand), cmocka_unit_test(every_isa)};
    return cmocka_run_group_tests(tests, kernels_begin, kernels_end);
}

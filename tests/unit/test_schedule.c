/* SPDX-License-Identifier: Apache-2.0 */
/* Learning rates against torch's PolynomialLR, CosineAnnealingLR, ConstantLR and LinearLR, chained (tools/torch_training.py). */
/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h> /* needs those above */
/* clang-format on */

#include <math.h>

#include "train/schedule.h"

enum { STEPS = 10 };

static const struct {
    enum schedule schedule;
    int warmup;
    double rate[STEPS];
} torch[] = {
    {SCHEDULE_POLY,
     0,
     {0.02, 0.0181906515, 0.0163610429, 0.0145083569, 0.0126289173, 0.0107177346, 0.00876766581, 0.00676766924, 0.00469847577,
      0.00251785082}},
    {SCHEDULE_COSINE,
     0,
     {0.02, 0.0195105652, 0.0180901699, 0.0158778525, 0.0130901699, 0.01, 0.00690983006, 0.00412214748, 0.00190983006, 0.000489434837}},
    {SCHEDULE_CONSTANT, 0, {0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02}},
    {SCHEDULE_POLY,
     4,
     {0.005, 0.00909532576, 0.0122707822, 0.0145083569, 0.0126289173, 0.0107177346, 0.00876766581, 0.00676766924, 0.00469847577,
      0.00251785082}},
    {SCHEDULE_COSINE,
     4,
     {0.005, 0.00975528258, 0.0135676275, 0.0158778525, 0.0130901699, 0.01, 0.00690983006, 0.00412214748, 0.00190983006, 0.000489434837}},
    {SCHEDULE_CONSTANT, 4, {0.005, 0.01, 0.015, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02}},
};

static void rates_are_torch_s(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof torch / sizeof *torch; k++)
        for (int i = 0; i < STEPS; i++) {
            double rate = schedule_rate(torch[k].schedule, 0.02, i, STEPS, torch[k].warmup);
            if (fabs(rate - torch[k].rate[i]) > 1e-8 * torch[k].rate[i]) fail_msg("schedule %zu, step %d: %.10g", k, i, rate);
        }
}

/* Steps beyond the end, and none at all. */
static void ends_are_defined(void **state)
{
    (void)state;
    assert_true(schedule_rate(SCHEDULE_POLY, 1, STEPS, STEPS, 0) == 0);
    assert_true(schedule_rate(SCHEDULE_POLY, 1, 3 * STEPS, STEPS, 0) == 0);
    assert_true(fabs(schedule_rate(SCHEDULE_COSINE, 1, 3 * STEPS, STEPS, 0)) < 1e-15);
    assert_true(schedule_rate(SCHEDULE_CONSTANT, 1, 3 * STEPS, STEPS, 0) == 1);
    assert_true(schedule_rate(SCHEDULE_POLY, 1, 0, 0, 0) == 1);
    assert_true(schedule_rate(SCHEDULE_CONSTANT, 1, 0, STEPS, 1) == 1);
    assert_true(schedule_rate(SCHEDULE_CONSTANT, 8, 1, INT64_MAX, INT64_C(1) << 40) == 0x1p-36);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rates_are_torch_s), cmocka_unit_test(ends_are_defined)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Learning rates against torch's PolynomialLR, CosineAnnealingLR, ConstantLR and LinearLR, chained
 * (tools/torch/torch_training.py). */
#include "unit/expect.h"

#include <math.h>

#include "plan/schedule.h"

enum { STEPS = 10 };

static const struct {
    enum schedule schedule;
    int warmup;
    double rate[STEPS];
} torch[] = {
    {SCHEDULE_POLY, 0,
        {0.02, 0.0181906515, 0.0163610429, 0.0145083569, 0.0126289173, 0.0107177346, 0.00876766581,
            0.00676766924, 0.00469847577, 0.00251785082}},
    {SCHEDULE_COSINE, 0,
        {0.02, 0.0195105652, 0.0180901699, 0.0158778525, 0.0130901699, 0.01, 0.00690983006,
            0.00412214748, 0.00190983006, 0.000489434837}},
    {SCHEDULE_CONSTANT, 0, {0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02}},
    {SCHEDULE_POLY, 4,
        {0.005, 0.00909532576, 0.0122707822, 0.0145083569, 0.0126289173, 0.0107177346,
            0.00876766581, 0.00676766924, 0.00469847577, 0.00251785082}},
    {SCHEDULE_COSINE, 4,
        {0.005, 0.00975528258, 0.0135676275, 0.0158778525, 0.0130901699, 0.01, 0.00690983006,
            0.00412214748, 0.00190983006, 0.000489434837}},
    {SCHEDULE_CONSTANT, 4, {0.005, 0.01, 0.015, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02}},
};

static void rates_are_torch_s(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof torch / sizeof *torch; k++)
        for (int i = 0; i < STEPS; i++) {
            double rate = schedule_rate(torch[k].schedule, 0.02, i, STEPS, torch[k].warmup);
            if (fabs(rate - torch[k].rate[i]) > 1e-8 * torch[k].rate[i])
                fail_msg("schedule %zu, step %d: %.10g", k, i, rate);
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

/* ---- runs that were given more steps */

/* A run of `first` steps that is given another length after `done` steps, and again after `done2`.
 */
struct history {
    int64_t first, done, second, done2, third;
};

static double rate_at(enum schedule s, const struct history *h, int64_t step, int64_t warmup)
{
    struct rate_transition none = {0},
                           one =
                               schedule_extend(s, .02, h->done, h->first, h->second, warmup, &none);
    struct rate_transition two =
        schedule_extend(s, .02, h->done2, h->second, h->third, warmup, &one);
    if (step < h->done) return schedule_transition_rate(s, .02, step, h->first, warmup, &none);
    if (step < h->done2) return schedule_transition_rate(s, .02, step, h->second, warmup, &one);
    return schedule_transition_rate(s, .02, step, h->third, warmup, &two);
}

/* Finished and not, much longer and a little, shorter. */
static const struct history histories[] = {
    {300, 300, 600, 600, 1200},
    {1000, 1000, 1100, 1100, 1110},
    {10000, 10000, 12000, 11000, 30000},
    {500, 100, 1000, 400, 2000},
    {500, 400, 450, 420, 430},
    {2000, 10, 200, 150, 151},
    {20, 20, 24, 24, 30},
    {1, 1, 2, 2, 100000},
};

/* No step's rate is much more than twice the one before, none is 0 before the end, and what falls
 * falls no faster than a plan of its own does at its end: (1/2)^0.9 for poly, 1/4 for cosine, or
 * over a tenth of what is left (at least one step in two). */
static void no_step_jumps(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof histories / sizeof *histories; k++)
        for (int s = SCHEDULE_POLY; s <= SCHEDULE_CONSTANT; s++)
            for (int64_t warmup = 0; warmup <= 50; warmup += 50) {
                const struct history *h = &histories[k];
                double before = rate_at((enum schedule)s, h, 0, warmup);
                for (int64_t step = 1; step < h->third; step++) {
                    double rate = rate_at((enum schedule)s, h, step, warmup), ratio = rate / before;
                    if (!(ratio <= 2.1 && ratio > .2 && rate <= .02 * (1 + 1e-9)))
                        fail_msg("history %zu, schedule %d: from %g to %g at step %lld", k, s,
                            before, rate, (long long)step);
                    before = rate;
                }
            }
}

/* The line from where the rate was, and behind it the plan of a run of that length. */
static void a_leg_is_a_line_to_the_new_plan(void **state)
{
    (void)state;
    struct rate_transition none = {0},
                           l = schedule_extend(SCHEDULE_POLY, 1, 1000, 1000, 3000, 50, &none);
    assert_true(l.after == 999 && l.rise == 201);
    assert_true(fabs(l.rate - pow(1e-3, .9)) < 1e-15);
    assert_true(schedule_transition_rate(SCHEDULE_POLY, 1, 999, 3000, 50, &l) == l.rate);
    assert_true(fabs(schedule_transition_rate(SCHEDULE_POLY, 1, 1000, 3000, 50, &l) - 2 * l.rate) <
        1e-15); /* the bound of the first steps */
    double start = pow(2001 / 3e3, .9);
    for (int64_t step = 1010; step < 1200; step++) {
        double wanted = pow((3000 - (double)step) / 3e3, .9) +
            (l.rate - start) * (1 - ((double)step - 999) / 201);
        assert_true(
            fabs(schedule_transition_rate(SCHEDULE_POLY, 1, step, 3000, 50, &l) - wanted) < 1e-14);
    }
    for (int64_t step = 1200; step < 3000; step++)
        assert_true(schedule_transition_rate(SCHEDULE_POLY, 1, step, 3000, 50, &l) ==
            schedule_rate(SCHEDULE_POLY, 1, step, 3000, 50));
    assert_true(schedule_transition_rate(SCHEDULE_POLY, 1, 3000, 3000, 50, &l) == 0);
}

/* Before its first step a run may be given any number: there is nothing to go over from. */
static void nothing_done_nothing_kept(void **state)
{
    (void)state;
    struct rate_transition none = {0}, l = schedule_extend(SCHEDULE_COSINE, 1, 0, 10, 20, 0, &none);
    assert_true(l.rise == 0);
    assert_true(schedule_transition_rate(SCHEDULE_COSINE, 1, 5, 20, 0, &l) ==
        schedule_rate(SCHEDULE_COSINE, 1, 5, 20, 0));
    l = schedule_extend(SCHEDULE_COSINE, 1, 5, 10, 10, 0, &none);
    assert_true(l.rise == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rates_are_torch_s),
        cmocka_unit_test(ends_are_defined), cmocka_unit_test(no_step_jumps),
        cmocka_unit_test(a_leg_is_a_line_to_the_new_plan),
        cmocka_unit_test(nothing_done_nothing_kept)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

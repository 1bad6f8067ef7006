/* SPDX-License-Identifier: Apache-2.0 */
/* The memory of the passes of a step, for a limit: one more set of gradients, however many ranks
 * share it. Their sums: tests/mpi. */
#include "train/step_passes.h"

#include <string.h>

#include "base/mem.h"
#include "unit/arch/net_test.h"

enum { PASSES = 12, WEIGHTS = 9001, STATES = 37 };

static void their_memory_is_counted(void **state)
{
    (void)state;
    const struct params p = {
        .size = WEIGHTS, .state_size = STATES, .numbers = {.memory = &memory_host}};
    assert_true(step_passes_bytes(1, NULL, &p) == 0);
    for (int ranks = 1; ranks <= PASSES; ranks++) {
        struct err e = {0};
        struct step_passes s;
        struct team team = {.size = ranks};
        struct team *t = ranks > 1 ? &team : NULL;
        if (PASSES % ranks) continue;
        must(step_passes_init(&s, PASSES, t, &p, &e), &e);
        const size_t slice = team_slice(&team, WEIGHTS, 1), own = PASSES / (size_t)ranks;
        const size_t numbers = slice * (size_t)ranks + (PASSES + own) * (STATES + 1);
        const double counted = step_passes_bytes(PASSES, t, &p) / sizeof(real);
        if (counted < (double)numbers || counted > (double)(numbers + PASSES))
            fail_msg("%d ranks: %.0f numbers, not %zu", ranks, counted, numbers);
        /* AddressSanitizer sees whether they have that room */
        memset(s.sum, 1, slice * sizeof *s.sum);
        if (t) memset(s.received, 1, slice * (size_t)(ranks - 1) * sizeof *s.received);
        memset(s.rows, 1, PASSES * s.row * sizeof *s.rows);
        memset(s.own, 1, own * s.row * sizeof *s.own);
        assert_int_equal(STATES + 1, s.row);
        step_passes_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(their_memory_is_counted)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

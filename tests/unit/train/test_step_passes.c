/* SPDX-License-Identifier: Apache-2.0 */
/* The memory of the passes of a step, for a limit: at most one more set of gradients, however many
 * ranks share it. Their sums: test_grad_sum.c. */
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
    assert_true(step_passes_bytes(1, false, NULL, &p) == 0);
    for (int kind = 2; kind < 2 * (PASSES + 1); kind++) {
        const bool half = kind % 2;
        const int ranks = kind / 2;
        struct err e = {0};
        struct step_passes s;
        struct team team = {.size = ranks};
        struct team *t = ranks > 1 ? &team : NULL;
        if (PASSES % ranks) continue;
        must(step_passes_init(&s, PASSES, half, t, &p, &e), &e);
        const size_t slice = team_slice(&team, WEIGHTS, 1), own = PASSES / (size_t)ranks,
                     width = half ? 2 : sizeof(real), others = slice * (size_t)(ranks - 1) * width;
        const size_t bytes = slice * sizeof(real) + others + (half ? WEIGHTS * width : 0) +
            (PASSES + own) * (STATES + 1) * sizeof(real);
        const double counted = step_passes_bytes(PASSES, half, t, &p);
        if (counted < (double)bytes || counted > (double)(bytes + PASSES * sizeof(real)))
            fail_msg("%d ranks: %.0f bytes, not %zu", ranks, counted, bytes);
        /* AddressSanitizer sees whether they have that room */
        memset(s.sum.sum, 1, slice * sizeof *s.sum.sum);
        if (t) memset(s.sum.received, 1, others);
        if (half) memset(s.sum.rounded, 1, WEIGHTS * width);
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

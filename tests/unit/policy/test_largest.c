/* SPDX-License-Identifier: Apache-2.0 */
/* The k largest against sorting by selection, with many equal keys. */
#include "policy/largest.h"

#include "unit/policy/policy_test.h"

static void as_sorting_would(void **state)
{
    (void)state;
    struct rng r = rng_stream(3, RNG_TEST, 0, 0);
    for (int round = 0; round < 500; round++) {
        double all[40], key[40];
        int item[40], gone[40] = {0}, n = (int)rng_below(&r, 41), max = (int)rng_below(&r, 41);
        struct largest l = {.key = key, .item = item, .max = max};
        for (int i = 0; i < n; i++) all[i] = rng_below(&r, 9);
        int backwards = (int)rng_below(&r, 2);
        for (int i = 0; i < n; i++)
            largest_offer(&l, all[backwards ? n - 1 - i : i], backwards ? n - 1 - i : i);
        largest_sort(&l);
        assert_int_equal(l.count, n < max ? n : max);
        for (int k = 0; k < l.count; k++) {
            int best = -1;
            for (int i = 0; i < n; i++)
                if (!gone[i] && (best < 0 || all[i] > all[best])) best = i;
            gone[best] = 1;
            assert_int_equal(item[k], best);
            near(key[k], all[best], 0, "a key");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_sorting_would)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

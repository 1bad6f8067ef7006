/* SPDX-License-Identifier: Apache-2.0 */
/* What a choice is worth, and what it is when one tile of it has changed. */
#include "policy/tile_reward.h"

#include "unit/policy/policy_test.h"

/* Of a mirrored view: a choice that is changed is worth what the same choice is from the start, and
 * nothing stays behind. */
static void changed_choices_are_worth_the_same(void **state)
{
    (void)state;
    static const int from[3] = {2, 1, 0}, all[3] = {0, 1, 2};
    struct err e = {0};
    struct tile_sums sums;
    assert_int_equal(tile_sums_create(&sums, 3, 1, &e), ATT_OK);
    for (int i = 0; i < 3; i++) {
        sums.truth[i] = 10 + i;
        sums.fine[2 * i] = sums.fine[2 * i + 1] = 4 + 3 * i;
        sums.coarse[2 * i + 1] = i;
    }
    tile_sums_total(&sums);
    struct tile_reward j = {.sums = &sums, .from = from, .cost = .3};
    const double first = tile_reward_of(&j, all, 1), both = tile_reward_of(&j, all, 2),
                 second = tile_reward_of(&j, all + 1, 1);
    assert_true(first != both && first != second && both != second);
    assert_true(tile_reward_of(&j, all, 1) == first);
    assert_true(tile_reward_change(&j, 1, -1, false) == both);
    assert_true(tile_reward_change(&j, 1, 0, false) == second);
    assert_true(tile_reward_change(&j, 1, -1, true) == both);
    assert_true(tile_reward_change(&j, -1, 0, true) == second);
    assert_true(tile_reward_change(&j, -1, -1, false) == second);
    j.from = NULL;
    assert_true(tile_reward_of(&j, all + 2, 1) == first);
    tile_sums_free(&sums);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(changed_choices_are_worth_the_same)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

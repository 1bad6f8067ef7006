/* SPDX-License-Identifier: Apache-2.0 */
/* The Mersenne Twister against published and numpy's numbers. */
#include "dataset/mt19937.h"

#include "unit/dataset/dataset_test.h"

/* ISO C++ [rand.predef]: the 10000th number of a default mt19937, which is seeded with 5489. */
static void numbers_are_those_of_the_standard(void **state)
{
    struct mt19937 r;
    uint32_t last = 0;
    (void)state;
    mt19937_seed(&r, 5489);
    assert_int_equal(mt19937_next(&r), 3499211612);
    for (int i = 1; i < 10000; i++) last = mt19937_next(&r);
    assert_int_equal(last, 4123659995);
}

/* numpy.random.RandomState(12345) */
static void seeding_is_numpys(void **state)
{
    struct mt19937 r;
    uint32_t x[700];
    (void)state;
    mt19937_seed(&r, 12345);
    for (int i = 0; i < 700; i++) x[i] = mt19937_next(&r);
    assert_int_equal(x[0], 3992670690);
    assert_int_equal(x[1], 3823185381);
    assert_int_equal(x[2], 1358822685);
    assert_int_equal(x[699], 2783036080);
}

static void shuffle_is_numpys(void **state)
{
    static const int expected[] = {0, 7, 3, 9, 6, 4, 1, 8, 5, 2};
    struct mt19937 r;
    int x[10];
    (void)state;
    mt19937_seed(&r, 12345);
    for (int i = 0; i < 10; i++) x[i] = i;
    mt19937_shuffle(&r, x, 10);
    assert_memory_equal(x, expected, sizeof x);
}

static void intervals_hold_their_ends(void **state)
{
    struct mt19937 r;
    int seen[6] = {0};
    (void)state;
    mt19937_seed(&r, 1);
    for (int i = 0; i < 6000; i++) {
        uint32_t x = mt19937_interval(&r, 5);
        assert_in_range(x, 0, 5);
        seen[x]++;
    }
    for (int i = 0; i < 6; i++) assert_in_range(seen[i], 850, 1150);
    int used = r.used;
    assert_int_equal(mt19937_interval(&r, 0), 0);
    assert_int_equal(r.used, used);
    assert_true(mt19937_interval(&r, UINT32_MAX) != mt19937_interval(&r, UINT32_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_those_of_the_standard),
        cmocka_unit_test(seeding_is_numpys),
        cmocka_unit_test(shuffle_is_numpys),
        cmocka_unit_test(intervals_hold_their_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

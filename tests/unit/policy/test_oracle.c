/* SPDX-License-Identifier: Apache-2.0 */
/* Dinkelbach's optimum against the best of all subsets; the greedy oracle against its definition,
 * and where it falls short. */
#include "policy/oracle.h"

#include "unit/policy/policy_test.h"

enum { TILES = 10 };

static double best_of_all(const struct tile_sums *s, int k)
{
    double best = 0;
    for (int set = 0; set < 1 << s->tiles; set++) {
        int chosen[TILES], count = 0;
        for (int i = 0; i < s->tiles; i++)
            if (set >> i & 1) chosen[count++] = i;
        double dice = count <= k ? tile_sums_dice(s, chosen, count, NULL) : 0;
        if (dice > best) best = dice;
    }
    return best;
}

static void the_optimum_is_the_best_of_all(void **state)
{
    (void)state;
    struct rng r = rng_stream(4, RNG_TEST, 0, 0);
    int behind = 0;
    for (int round = 0; round < 60; round++) {
        struct tile_sums s;
        some_sums(&r, TILES, 1, &s);
        /* Some where nothing is true. */
        for (int i = 0; round % 10 == 0 && i < TILES; i++)
            s.truth[i] = s.coarse[2 * i] = s.fine[2 * i] = 0;
        for (int i = 2; round % 20 == 0 && i < TILES; i++)
            s.coarse[2 * i + 1] = s.fine[2 * i + 1] = 0;
        for (int i = 0; round % 20 == 0 && i < 2; i++) s.fine[2 * i + 1] = 0;
        tile_sums_total(&s);
        for (int k = 0; k <= TILES; k += 2) {
            int chosen[TILES], greedy[TILES], count, n;
            double value[TILES], best = best_of_all(&s, k);
            count = oracle_optimum(&s, k, chosen, value);
            assert_true(count <= k);
            near(tile_sums_dice(&s, chosen, count, NULL), best, 0, "the optimum");
            n = oracle_greedy(&s, k, greedy);
            assert_true(n <= k);
            double dice = tile_sums_dice(&s, greedy, n, NULL);
            assert_true(dice <= best && dice >= tile_sums_dice(&s, NULL, 0, NULL));
            behind += dice < best;
        }
        tile_sums_free(&s);
    }
    assert_true(behind < 60); /* of 360 */
}

/* One class, 100 true voxels of which the coarse labels find none.  Tile 0 finds 20 of them and
 * labels 20; tile 1 finds 60 and labels 300; tile 2 takes back 200 labels that are wrong. */
static void greedy_takes_the_best_step(void **state)
{
    (void)state;
    struct tile_sums s;
    struct err e = {0};
    assert_int_equal(tile_sums_create(&s, 4, 1, &e), ATT_OK);
    s.truth[0] = 20;
    s.truth[1] = 80;
    s.coarse[5] = 200;
    s.fine[0] = s.fine[1] = 20;
    s.fine[2] = 60;
    s.fine[3] = 300;
    tile_sums_total(&s);
    int chosen[4];
    /* 0: 40/320; 1: 120/600; 2: 0.  Then 1, 2: 120/400; 1, 0: 160/620.  Then all three: 160/420. */
    assert_int_equal(oracle_greedy(&s, 4, chosen), 3);
    assert_memory_equal(chosen, ((int[3]){1, 2, 0}), sizeof(int) * 3);
    near(tile_sums_dice(&s, chosen, 1, NULL), 120. / 600, 0, "after one");
    near(tile_sums_dice(&s, chosen, 3, NULL), 160. / 420, 0, "after three");
    /* Two tiles: greedy takes 1 and 2, 120/400; better are 0 and 2, 40/120. */
    double value[4];
    assert_int_equal(oracle_optimum(&s, 2, chosen, value), 2);
    near(tile_sums_dice(&s, chosen, 2, NULL), 40. / 120, 0, "the optimum of two");
    tile_sums_free(&s);
}

static void greedy_of_several_classes(void **state)
{
    (void)state;
    struct rng r = rng_stream(5, RNG_TEST, 0, 0);
    for (int round = 0; round < 20; round++) {
        struct tile_sums s;
        some_sums(&r, TILES, 3, &s);
        int chosen[TILES], n = oracle_greedy(&s, TILES, chosen);
        for (int k = 0; k < n; k++) {
            double taken = tile_sums_dice(&s, chosen, k + 1, NULL);
            assert_true(taken > tile_sums_dice(&s, chosen, k, NULL));
            for (int i = 0; i < TILES; i++) {
                int with[TILES], had = 0;
                for (int j = 0; j < k; j++) had |= (with[j] = chosen[j]) == i;
                with[k] = i;
                if (!had) assert_true(tile_sums_dice(&s, with, k + 1, NULL) <= taken);
            }
        }
        tile_sums_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_optimum_is_the_best_of_all),
        cmocka_unit_test(greedy_takes_the_best_step),
        cmocka_unit_test(greedy_of_several_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What each chooser chooses on a grid of 4 x 5 tiles. */
#include "policy/chooser.h"

#include "unit/policy/policy_test.h"

enum { TILES = 20 };

struct fixture {
    struct tiling t;
    double entropy[TILES], foreground[TILES], labelled[TILES], prior[TILES];
    struct tile_sums sums;
    struct chooser_view v;
};

static void make_fixture(struct fixture *f)
{
    struct err e = {0};
    struct rng r = rng_stream(6, RNG_TEST, 0, 0);
    memset(f, 0, sizeof *f);
    assert_int_equal(
        tiling_make((int[3]){1, 16, 20}, (int[3]){1, 4, 4}, (int[3]){0}, &f->t, &e), ATT_OK);
    some_sums(&r, TILES, 1, &f->sums);
    for (int i = 0; i < TILES; i++) {
        f->entropy[i] = i * 7 % TILES;
        f->foreground[i] = i * 3 % TILES;
        f->prior[i] = i * 13 % TILES;
    }
    f->v = (struct chooser_view){&f->t, f->entropy, f->foreground, f->labelled, f->prior, &f->sums};
}

static int chosen_by(struct fixture *f, enum chooser kind, int k, uint32_t test, int *chosen)
{
    struct err e = {0};
    struct rng r = rng_stream(7, RNG_TEST, test, 0);
    int count = -1;
    assert_int_equal(chooser_choose(kind, &f->v, k, &r, chosen, &count, &e), ATT_OK);
    for (int i = 0; i < count; i++)
        for (int j = 0; j < i; j++) assert_int_not_equal(chosen[i], chosen[j]);
    return count;
}

static void those_with_most(void **state)
{
    (void)state;
    struct fixture f;
    int chosen[TILES];
    make_fixture(&f);
    assert_int_equal(chosen_by(&f, CHOOSER_ENTROPY, 3, 0, chosen), 3);
    for (int i = 0; i < 3; i++) near(f.entropy[chosen[i]], TILES - 1 - i, 0, "entropy");
    assert_int_equal(chosen_by(&f, CHOOSER_FOREGROUND, 3, 0, chosen), 3);
    for (int i = 0; i < 3; i++) near(f.foreground[chosen[i]], TILES - 1 - i, 0, "foreground");
    assert_int_equal(chosen_by(&f, CHOOSER_PRIOR, 30, 0, chosen), TILES);
    for (int i = 0; i < TILES; i++) near(f.prior[chosen[i]], TILES - 1 - i, 0, "prior");
    f.entropy[3] = f.entropy[12] = 50;
    chosen_by(&f, CHOOSER_ENTROPY, 2, 0, chosen);
    assert_memory_equal(chosen, ((int[2]){3, 12}), 2 * sizeof(int));
    assert_int_equal(chosen_by(&f, CHOOSER_ENTROPY, 0, 0, chosen), 0);
    tile_sums_free(&f.sums);
}

static void the_box(void **state)
{
    (void)state;
    struct fixture f;
    int chosen[TILES];
    make_fixture(&f);
    f.labelled[6] = 1; /* row 1, column 1 */
    f.labelled[18] =
        9; /* row 3, column 3: the box is rows 1 to 3, columns 1 to 3, its middle tile 12 */
    assert_int_equal(chosen_by(&f, CHOOSER_BOX, 12, 0, chosen), 12);
    assert_memory_equal(
        chosen, ((int[12]){12, 7, 11, 13, 17, 6, 8, 16, 18, 2, 10, 14}), 12 * sizeof(int));
    f.labelled[6] = f.labelled[18] = 0; /* nothing: the middle of the image */
    chosen_by(&f, CHOOSER_BOX, 2, 0, chosen);
    assert_memory_equal(chosen, ((int[2]){7, 12}), 2 * sizeof(int));
    tile_sums_free(&f.sums);
}

/* Each tile equally often, in every place of the order. */
static void random_tiles(void **state)
{
    (void)state;
    enum { ROUNDS = 4000 };
    struct fixture f;
    int chosen[TILES], first[TILES] = {0}, any[TILES] = {0};
    make_fixture(&f);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        assert_int_equal(chosen_by(&f, CHOOSER_RANDOM, 5, round, chosen), 5);
        first[chosen[0]]++;
        for (int i = 0; i < 5; i++) any[chosen[i]]++;
    }
    for (int i = 0; i < TILES; i++) {
        near(
            first[i], ROUNDS / 20., 4.5 * sqrt(ROUNDS / 20. * .95), "how often a tile comes first");
        near(any[i], ROUNDS / 4., 4.5 * sqrt(ROUNDS / 4. * .75), "how often a tile is chosen");
    }
    f.labelled[4] = f.labelled[9] = f.labelled[2] = 1;
    int others = 0, second[TILES] = {0};
    for (uint32_t round = 0; round < ROUNDS; round++) {
        chosen_by(&f, CHOOSER_RANDOM_FOREGROUND, 4, round, chosen);
        for (int i = 0; i < 3; i++) assert_true(f.labelled[chosen[i]] > 0);
        others |= 1 << chosen[3];
        second[chosen[1]]++;
    }
    assert_int_equal(others, ((1 << TILES) - 1) & ~(1 << 4 | 1 << 9 | 1 << 2));
    near(second[9], ROUNDS / 3., 4.5 * sqrt(ROUNDS * 2 / 9.),
        "how often a tile of the foreground comes second");
    tile_sums_free(&f.sums);
}

static void those_that_know(void **state)
{
    (void)state;
    struct fixture f;
    struct err e = {0};
    struct rng r = rng_stream(7, RNG_TEST, 0, 0);
    int chosen[TILES], count;
    make_fixture(&f);
    double last = tile_sums_dice(&f.sums, NULL, 0, NULL);
    for (int k = 1; k < 6; k++) {
        int n = chosen_by(&f, CHOOSER_ORACLE, k, 0, chosen);
        double greedy = tile_sums_dice(&f.sums, chosen, n, NULL);
        n = chosen_by(&f, CHOOSER_OPTIMUM, k, 0, chosen);
        double best = tile_sums_dice(&f.sums, chosen, n, NULL);
        assert_true(best >= greedy && greedy > last);
        last = greedy;
    }
    tile_sums_free(&f.sums);
    some_sums(&r, TILES, 2, &f.sums);
    assert_int_equal(chooser_choose(CHOOSER_OPTIMUM, &f.v, 2, &r, chosen, &count, &e), ATT_USAGE);
    assert_non_null(strstr(e.text, "use the greedy oracle"));
    tile_sums_free(&f.sums);
}

/* All tiles of the box come before any other, however near to its middle that is. */
static void a_long_box(void **state)
{
    (void)state;
    struct fixture f;
    int chosen[TILES];
    make_fixture(&f);
    f.labelled[5] = f.labelled[9] = 1; /* the ends of the second row */
    assert_int_equal(chosen_by(&f, CHOOSER_BOX, 7, 0, chosen), 7);
    assert_memory_equal(chosen, ((int[7]){7, 6, 8, 5, 9, 2, 12}), sizeof(int[7]));
    tile_sums_free(&f.sums);
}

static void all_have_names(void **state)
{
    (void)state;
    for (int i = 0; i < CHOOSERS; i++) {
        assert_non_null(chooser_name[i]);
        for (int j = 0; j < i; j++) assert_string_not_equal(chooser_name[i], chooser_name[j]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(those_with_most),
        cmocka_unit_test(the_box),
        cmocka_unit_test(random_tiles),
        cmocka_unit_test(those_that_know),
        cmocka_unit_test(all_have_names),
        cmocka_unit_test(a_long_box),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

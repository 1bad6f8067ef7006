/* SPDX-License-Identifier: Apache-2.0 */
/* The location prior: cases of one size give the tiles' mean; other sizes are brought onto each
 * other. */
#include "policy/prior.h"

#include "unit/policy/policy_test.h"

static struct tiling cut(int h, int w, int tile)
{
    struct tiling t;
    struct err e = {0};
    assert_int_equal(
        tiling_make((int[3]){1, h, w}, (int[3]){1, tile, tile}, (int[3]){0}, &t, &e), ATT_OK);
    return t;
}

static void cases_of_one_size(void **state)
{
    (void)state;
    struct prior p;
    struct err e = {0};
    struct tiling t = cut(20, 32, 8); /* 3 x 4 tiles, those of the last row 4 high */
    double one[12], two[12], out[12];
    assert_int_equal(prior_create(&p, (int[3]){1, 64, 64}, &e), ATT_OK);
    prior_tiles(&p, &t, out);
    near(out[5], 0, 0, "a tile of no case");
    for (int i = 0; i < 12; i++) {
        one[i] = i / 12.;
        two[i] = i % 3 / 2.;
    }
    prior_add(&p, &t, one);
    prior_add(&p, &t, two);
    prior_tiles(&p, &t, out);
    for (int i = 0; i < 12; i++)
        near(out[i], (one[i] + two[i]) / 2 * (i < 8 ? 64 : 32), 1e-12, "a tile's foreground");
    prior_free(&p);
}

static void cases_of_other_sizes(void **state)
{
    (void)state;
    struct prior p;
    struct err e = {0};
    struct tiling small = cut(8, 8, 4), wide = cut(16, 32, 8), fine = cut(64, 64, 2);
    double out[1024];
    assert_int_equal(prior_create(&p, (int[3]){1, 8, 8}, &e), ATT_OK);
    prior_add(&p, &small, (const double[]){0, 0.5, 0, 0.25}); /* right half: above, below */
    prior_tiles(&p, &wide, out);
    const double want[8] = {0, 0, 32, 32, 0, 0, 16, 16};
    for (int i = 0; i < 8; i++) near(out[i], want[i], 1e-12, "a tile of a larger image");
    prior_tiles(&p, &fine, out); /* sixteen tiles to a cell */
    for (int i = 0; i < 1024; i++)
        near(out[i], i % 32 < 16 ? 0 : i < 512 ? 2 : 1, 1e-12, "a tile smaller than cells");
    prior_free(&p);
}

/* A cell knows what its middle lies on, even where that is one tile of several. */
static void the_middle_of_a_cell(void **state)
{
    (void)state;
    struct err e = {0};
    struct prior p;
    struct tiling t = cut(3, 3, 1);
    const double share[9] = {0, 0, 0, 0, 1, 0, 0, 0, 0};
    double out[9];
    assert_int_equal(prior_create(&p, (int[3]){1, 1, 1}, &e), ATT_OK);
    prior_add(&p, &t, share);
    prior_tiles(&p, &t, out);
    for (int i = 0; i < 9; i++) near(out[i], 1, 0, "a tile of the only cell");
    prior_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases_of_one_size),
        cmocka_unit_test(cases_of_other_sizes),
        cmocka_unit_test(the_middle_of_a_cell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

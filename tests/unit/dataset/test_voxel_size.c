/* SPDX-License-Identifier: Apache-2.0 */
/* The text of --voxel-size; tests/cli/test_voxel_size.sh shows what it does. */
#include "dataset/voxel_size.h"

#include "unit/dataset/dataset_test.h"

static void texts_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        float voxel[3];
    } good[] = {{"3x0.75x0.5", {3, .75F, .5F}}, {"0.25x0.5", {1, .25F, .5F}},
        {"1e-3x1e-3x1e-3", {.001F, .001F, .001F}}, {"none", {0, 0, 0}}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        float voxel[3] = {9, 9, 9};
        assert_true(voxel_size_parse(good[i].text, voxel));
        for (int a = 0; a < 3; a++) assert_true(voxel[a] == good[i].voxel[a]);
    }
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "0", "2", "x", "1x", "x1", "1x1x", "0x1x1", "1x-1x1",
        "1xnanx1", "1xinfx1", "1x1x1x1", "1,1,1", "1x1x1 ", "1 x1x1", "1001x1x1", "1x1x1e-7",
        "nonex1", "0x10x0x1", "1x1x0x1", "1x1x1mm", "1.0e0.5x1x1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        float voxel[3];
        if (voxel_size_parse(bad[i], voxel)) fail_msg("'%s' was taken", bad[i]);
    }
}

static void a_grid_is_computed_as_given_and_stays_what_it_is(void **state)
{
    (void)state;
    struct geometry g = geometry_none();
    assert_false(geometry_effective(&g).valid);
    g.user_spacing[0] = 3, g.user_spacing[1] = 2, g.user_spacing[2] = 1;
    struct geometry given = geometry_effective(&g);
    assert_true(
        given.valid && given.spacing[0] == 3 && given.spacing[1] == 2 && given.spacing[2] == 1);
    assert_true(!g.valid && g.spacing[0] == 1 && given.affine[0][0] == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(texts_are_read),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(a_grid_is_computed_as_given_and_stays_what_it_is)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

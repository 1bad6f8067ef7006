/* SPDX-License-Identifier: Apache-2.0 */
/* none, light and full, and single flags over them. */
#include "plan/strength.h"

#include <math.h>
#include <stddef.h>

#include "unit/train/train_test.h"

static const int cube[3] = {40, 56, 40}, square[3] = {1, 100, 140}, oblong[3] = {1, 100, 151};

#define MEANING(dims, patch, ...) meaning((const char *const[]){__VA_ARGS__, NULL}, dims, patch)

static struct augment_options meaning(const char *const *words, int dims, const int patch[3])
{
    struct options o;
    struct strength s;
    struct augment_options a;
    set_options(&o, words);
    strength_read(&o, &s);
    strength_options(&s, dims, patch, false, &a);
    options_free(&o);
    return a;
}

static bool is_degrees(double radians, double degrees)
{
    return fabs(radians - degrees * acos(-1.0) / 180) < 1e-12;
}

static void light_is_the_default(void **state)
{
    (void)state;
    struct augment_options a = MEANING(3, cube, NULL), b = MEANING(3, cube, "augment=light");
    assert_memory_equal(a.spacing, b.spacing, sizeof a - offsetof(struct augment_options, spacing));
    assert_true(a.through == b.through && a.masked == b.masked && a.slices == b.slices);
    for (int i = 0; i < 3; i++) assert_true(a.mirror[i] && b.mirror[i]);
    assert_true(
        is_degrees(a.rotate, 20) && is_degrees(a.rotate_plane, 20) && a.rotate_probability == .5);
    assert_true(a.scale == .25 && a.scale_probability == .5 && a.scale_axes == 0 && a.jitter == 1);
    assert_true(a.elastic == 0 && a.noise == 0 && a.blur == 0 && a.brightness == 0 &&
        a.contrast == 0 && a.low_resolution == 0);
    assert_true(a.gamma == 0 && a.cutout == 0);
    a = MEANING(2, square, NULL);
    assert_true(!a.mirror[0] && a.mirror[1] && a.mirror[2]); /* there is no d */
}

static void full_is_nnu_nets(void **state)
{
    (void)state;
    struct augment_options a = MEANING(3, cube, "augment=full");
    assert_true(
        is_degrees(a.rotate, 30) && is_degrees(a.rotate_plane, 180) && a.rotate_probability == .2);
    assert_true(a.scale == .4 && a.scale_probability == .2 && a.scale_axes == 0 && a.elastic == 0 &&
        a.jitter == 0 && a.noise == .1 && a.blur == .2);
    assert_true(a.brightness == .15 && a.contrast == .15 && a.low_resolution == .25 &&
        a.gamma == .3 && a.cutout == 0);
    a = MEANING(2, square, "augment=full");
    assert_true(is_degrees(a.rotate_plane, 180));
    a = MEANING(2, oblong, "augment=full");
    assert_true(is_degrees(a.rotate_plane, 15));
}

static void none_is_nothing(void **state)
{
    (void)state;
    struct augment_options a = MEANING(3, cube, "augment=none");
    assert_true(!a.mirror[0] && !a.mirror[1] && !a.mirror[2] && a.rotate == 0 &&
        a.rotate_plane == 0 && a.scale == 0);
    assert_true(a.elastic == 0 && a.jitter == 0 && a.noise == 0 && a.blur == 0 && a.gamma == 0);
}

static void single_flags_win(void **state)
{
    (void)state;
    struct augment_options a = MEANING(2, oblong, "augment=full", "rotate=45", "noise=0",
        "gamma=0.5", "mirror=no", "elastic=0.25");
    assert_true(
        is_degrees(a.rotate, 45) && is_degrees(a.rotate_plane, 45) && a.rotate_probability == .2);
    assert_true(a.noise == 0 && a.gamma == .5 && !a.mirror[1] && a.elastic == .25 && a.blur == .2);
    a = MEANING(3, cube, "augment=none", "rotate=10", "scale=0.1", "cutout=1");
    assert_true(is_degrees(a.rotate, 10) && a.rotate_probability == .5 && a.scale == .1 &&
        a.scale_probability == .5 && a.cutout == 1);
    a = MEANING(3, cube, "jitter=0.5", "brightness=1", "rotate-probability=1",
        "scale-probability=0.75", "scale-axes=0.5", "blur=0.1", "contrast=0.2",
        "low-resolution=0.3");
    assert_true(a.jitter == .5 && a.brightness == 1 && a.rotate_probability == 1 &&
        a.scale_probability == .75 && a.scale_axes == .5);
    assert_true(a.blur == .1 && a.contrast == .2 && a.low_resolution == .3);
}

static void intensity_switches_its_group_off(void **state)
{
    (void)state;
    struct augment_options a =
        MEANING(3, cube, "augment=full", "intensity=no", "noise=1", "jitter=1", "cutout=0.5");
    assert_true(a.jitter == 0 && a.noise == 0 && a.blur == 0 && a.brightness == 0 &&
        a.contrast == 0 && a.low_resolution == 0);
    assert_true(a.gamma == 0 && a.cutout == .5 && a.mirror[0] && a.rotate > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(light_is_the_default),
        cmocka_unit_test(full_is_nnu_nets),
        cmocka_unit_test(none_is_nothing),
        cmocka_unit_test(single_flags_win),
        cmocka_unit_test(intensity_switches_its_group_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

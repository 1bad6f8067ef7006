/* SPDX-License-Identifier: Apache-2.0 */
/* Patches cut, mirrored, turned and changed.  Most images here hold their own labels as samples, so whatever happens to one must happen to
 * the other. */
#include "image/augment.h"

/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h> /* needs those above */
/* clang-format on */

#include <math.h>
#include <string.h>

enum { D = 5, H = 6, W = 7, VOXELS = D * H * W, PATCH = 9, AREA = PATCH * PATCH * PATCH, OUTSIDE = 255 };

static const struct augment none = {.matrix = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, .gain = 1};

static float image[2 * VOXELS], out[2 * AREA];
static uint8_t classes[VOXELS], labels[AREA];
static const struct augment_source source = {image, classes, 2, {D, H, W}};

/* Every voxel its own number: samples voxel and 1000 + voxel, and as class the voxel too (210 of them). */
static int fill_numbers(void **state)
{
    (void)state;
    for (int i = 0; i < VOXELS; i++) {
        image[i] = (float)i;
        image[VOXELS + i] = (float)(1000 + i);
        classes[i] = (uint8_t)i;
    }
    return 0;
}

/* Voxel `to` of the patch came from this voxel of the image, or from beyond it (-1). */
static void expect(size_t to, size_t area, int from)
{
    assert_int_equal(labels[to], from < 0 ? OUTSIDE : from);
    assert_true(out[to] == (from < 0 ? 0 : (float)from));
    assert_true(out[area + to] == (from < 0 ? 0 : (float)(1000 + from)));
}

static int voxel(int d, int h, int w)
{
    bool inside = d >= 0 && d < D && h >= 0 && h < H && w >= 0 && w < W;
    return inside ? (d * H + h) * W + w : -1;
}

static void nothing_drawn_changes_nothing(void **state)
{
    (void)state;
    struct augment_options off = {.flat = false};
    struct rng r = rng_stream(3, RNG_AUGMENT, 0, 0);
    struct augment a;
    int patch[3] = {3, 4, 5}, origin[3] = {1, 2, 2};
    augment_draw(&off, &r, &a);
    assert_memory_equal(a.matrix, none.matrix, sizeof a.matrix);
    assert_false(a.affine || a.flip[0] || a.flip[1] || a.flip[2]);
    assert_true(a.gain == 1 && a.offset == 0 && a.noise == 0);
    augment_patch(&source, origin, patch, OUTSIDE, &a, out, labels);
    for (int d = 0, to = 0; d < 3; d++)
        for (int h = 0; h < 4; h++)
            for (int w = 0; w < 5; w++, to++) expect((size_t)to, 60, voxel(1 + d, 2 + h, 2 + w));
}

static void mirrored_on_every_axis(void **state)
{
    (void)state;
    int patch[3] = {4, 5, 6}, origin[3] = {1, 0, 1};
    for (int k = 0; k < 16; k++) { /* the last eight through the general path */
        struct augment a = none;
        for (int i = 0; i < 3; i++) a.flip[i] = k >> i & 1;
        a.affine = k >= 8;
        augment_patch(&source, origin, patch, OUTSIDE, &a, out, labels);
        for (int d = 0, to = 0; d < 4; d++)
            for (int h = 0; h < 5; h++)
                for (int w = 0; w < 6; w++, to++)
                    expect((size_t)to, 120, voxel(1 + (a.flip[0] ? 3 - d : d), a.flip[1] ? 4 - h : h, 1 + (a.flip[2] ? 5 - w : w)));
    }
}

static void beyond_the_image_is_nothing(void **state)
{
    (void)state;
    int patch[3] = {PATCH, PATCH, PATCH}, origin[3] = {-2, -1, 3};
    for (int k = 0; k < 16; k++) {
        struct augment a = none;
        for (int i = 0; i < 3; i++) a.flip[i] = k >> i & 1;
        a.affine = k >= 8;
        augment_patch(&source, origin, patch, OUTSIDE, &a, out, labels);
        for (int d = 0, to = 0; d < PATCH; d++)
            for (int h = 0; h < PATCH; h++)
                for (int w = 0; w < PATCH; w++, to++)
                    expect((size_t)to, AREA,
                           voxel(-2 + (a.flip[0] ? 8 - d : d), -1 + (a.flip[1] ? 8 - h : h), 3 + (a.flip[2] ? 8 - w : w)));
    }
}

/* Quarter turns put voxels onto voxels. */
static void quarter_turns_are_exact(void **state)
{
    (void)state;
    static const struct {
        double m[3][3];
    } turns[] = {
        {{{1, 0, 0}, {0, 0, -1}, {0, 1, 0}}},
        {{{0, 0, 1}, {0, 1, 0}, {-1, 0, 0}}},
        {{{0, -1, 0}, {1, 0, 0}, {0, 0, 1}}},
    };
    int patch[3] = {PATCH, PATCH, PATCH}, origin[3] = {-2, -1, -1};
    for (int k = 0; k < 3; k++) {
        struct augment a = none;
        a.affine = true;
        memcpy(a.matrix, turns[k].m, sizeof a.matrix);
        augment_patch(&source, origin, patch, OUTSIDE, &a, out, labels);
        for (int d = 0, to = 0; d < PATCH; d++)
            for (int h = 0; h < PATCH; h++)
                for (int w = 0; w < PATCH; w++, to++) {
                    int v[3] = {d - 4, h - 4, w - 4}, p[3];
                    for (int i = 0; i < 3; i++)
                        p[i] = origin[i] + 4 + (int)a.matrix[i][0] * v[0] + (int)a.matrix[i][1] * v[1] + (int)a.matrix[i][2] * v[2];
                    expect((size_t)to, AREA, voxel(p[0], p[1], p[2]));
                }
    }
}

/* Any turn and scale: samples that grow evenly along an axis come out as the place they were taken from; the label is the nearest of them.
 */
static void labels_follow_the_image(void **state)
{
    (void)state;
    enum { LONG = 40, THIN = 24 };
    static float ramp[THIN * THIN * LONG];
    static uint8_t steps[THIN * THIN * LONG];
    struct augment_source s = {ramp, steps, 1, {THIN, THIN, LONG}};
    struct augment_options o = {.mirror = true, .rotate = 3, .scale = .4};
    int patch[3] = {PATCH, PATCH, PATCH}, inside = 0, seen = 0;
    for (int axis = 0; axis < 3; axis++)
        for (uint32_t k = 0; k < 20; k++) {
            int origin[3] = {k % 2 ? 9 : -2, 4, k % 2 ? 34 : 20}; /* beyond the near side of one axis, beyond the far side of another */
            struct rng r = rng_stream(1, RNG_AUGMENT, k, 0);
            struct augment a;
            augment_draw(&o, &r, &a);
            for (int i = 0; i < THIN * THIN * LONG; i++) {
                int at[3] = {i / LONG / THIN, i / LONG % THIN, i % LONG};
                ramp[i] = (float)at[axis];
                steps[i] = (uint8_t)at[axis];
            }
            augment_patch(&s, origin, patch, OUTSIDE, &a, out, labels);
            for (int to = 0; to < AREA; to++) {
                double v[3] = {to / 81 - 4, to / 9 % 9 - 4, to % 9 - 4}, p[3];
                bool within = true;
                for (int i = 0; i < 3; i++) v[i] = a.flip[i] ? -v[i] : v[i];
                for (int i = 0; i < 3; i++) {
                    p[i] = origin[i] + 4 + a.matrix[i][0] * v[0] + a.matrix[i][1] * v[1] + a.matrix[i][2] * v[2];
                    within &= p[i] >= -.5 && p[i] <= s.size[i] - .5;
                }
                assert_int_equal(labels[to] != OUTSIDE, within);
                double wanted = fmin(fmax(p[axis], 0), s.size[axis] - 1);
                if (within)
                    assert_true(fabs((double)out[to] - wanted) < 1e-4);
                else
                    assert_true(out[to] == 0);
                if (within && fabs(wanted - floor(wanted) - .5) > 1e-4) assert_int_equal(labels[to], (int)floor(wanted + .5));
                inside += within;
                seen++;
            }
        }
    assert_in_range(inside, seen / 2, seen - seen / 10);
}

/* 2D images turn in their plane, and their one slice stays where it is. */
static void flat_images_stay_flat(void **state)
{
    (void)state;
    struct augment_options o = {.flat = true, .mirror = true, .rotate = .5, .scale = .3};
    for (uint32_t k = 0; k < 200; k++) {
        struct rng r = rng_stream(2, RNG_AUGMENT, k, 0);
        struct augment a;
        augment_draw(&o, &r, &a);
        assert_false(a.flip[0]);
        for (int i = 1; i < 3; i++) assert_true(a.matrix[0][i] == 0 && a.matrix[i][0] == 0);
        assert_true(a.matrix[0][0] == 1);
        struct augment_source s = {image, classes, 2, {1, 30, 7}};
        int patch[3] = {1, 8, 8}, origin[3] = {0, 11, 0};
        augment_patch(&s, origin, patch, OUTSIDE, &a, out, labels);
        assert_int_not_equal(labels[3 * 8 + 3], OUTSIDE);
    }
}

static bool between(double x, double lo, double hi) { return x >= lo && x <= hi; }

/* What is drawn lies in its range and reaches most of it; half of the patches are mirrored, turned, scaled. */
static void draws_are_as_asked(void **state)
{
    (void)state;
    enum { DRAWS = 4000 };
    struct augment_options o = {.flat = true, .mirror = true, .intensity = true, .rotate = .4, .scale = .25};
    int flips[3] = {0}, turned = 0, scaled = 0;
    double most_turn = 0, most_scale = 0, least_scale = 9, gains = 0, most_noise = 0;
    for (uint32_t k = 0; k < DRAWS; k++) {
        struct rng r = rng_stream(4, RNG_AUGMENT, k, 1);
        struct augment a;
        augment_draw(&o, &r, &a);
        for (int i = 0; i < 3; i++) flips[i] += a.flip[i];
        double factor = 1 / hypot(a.matrix[1][1], a.matrix[1][2]), angle = fabs(atan2(a.matrix[2][1], a.matrix[1][1]));
        assert_true(between(factor, .8 - 1e-12, 1.25 + 1e-12) && between(angle, 0, .4 + 1e-12));
        assert_true(fabs(a.matrix[1][1] - a.matrix[2][2]) < 1e-12 && fabs(a.matrix[1][2] + a.matrix[2][1]) < 1e-12);
        assert_true(between((double)a.gain, .79999, 1.25001) && between((double)a.noise, 0, .1));
        turned += angle > 1e-9;
        scaled += fabs(factor - 1) > 1e-9;
        assert_int_equal(a.affine, angle > 1e-9 || fabs(factor - 1) > 1e-9);
        most_turn = fmax(most_turn, angle);
        most_scale = fmax(most_scale, factor);
        least_scale = fmin(least_scale, factor);
        most_noise = fmax(most_noise, (double)a.noise);
        gains += log((double)a.gain);
    }
    assert_int_equal(flips[0], 0);
    for (int i = 1; i < 3; i++) assert_in_range(flips[i], DRAWS / 2 - 130, DRAWS / 2 + 130);
    assert_in_range(turned, DRAWS / 2 - 130, DRAWS / 2 + 130);
    assert_in_range(scaled, DRAWS / 2 - 130, DRAWS / 2 + 130);
    assert_true(most_turn > .39 && most_scale > 1.24 && least_scale < .81 && most_noise > .099);
    assert_true(fabs(gains / DRAWS) < .01);
}

/* Switching one change off leaves the others as they were. */
static void changes_are_independent(void **state)
{
    (void)state;
    for (uint32_t k = 0; k < 50; k++) {
        struct augment_options all = {.mirror = true, .intensity = true, .rotate = .3, .scale = .2}, fewer = all;
        struct rng r = rng_stream(5, RNG_AUGMENT, k, 0), q = r;
        struct augment a, b;
        fewer.mirror = k & 1;
        if (k & 2) fewer.rotate = 0;
        if (k & 4) fewer.intensity = false;
        augment_draw(&all, &r, &a);
        augment_draw(&fewer, &q, &b);
        if (fewer.mirror) assert_memory_equal(a.flip, b.flip, sizeof a.flip);
        if (fewer.rotate > 0) assert_memory_equal(a.matrix, b.matrix, sizeof a.matrix);
        if (fewer.intensity) assert_true(a.gain == b.gain && a.offset == b.offset && a.noise == b.noise);
        assert_memory_equal(&a.rng, &b.rng, sizeof a.rng);
    }
}

/* gain * x + offset inside the image, and 0 where the patch reaches beyond it; ignored voxels are image too. */
static void intensity_changes_the_image_only(void **state)
{
    (void)state;
    int patch[3] = {PATCH, PATCH, PATCH}, origin[3] = {-2, -1, -1};
    classes[0] = OUTSIDE; /* label "ignore", inside */
    struct augment a = none;
    a.gain = 2;
    a.offset = .5f;
    augment_patch(&source, origin, patch, OUTSIDE, &a, out, labels);
    for (int d = 0, to = 0; d < PATCH; d++)
        for (int h = 0; h < PATCH; h++)
            for (int w = 0; w < PATCH; w++, to++) {
                int from = voxel(d - 2, h - 1, w - 1);
                assert_int_equal(labels[to], from < 0 ? OUTSIDE : classes[from]);
                assert_true(out[to] == (from < 0 ? 0 : 2 * (float)from + .5f));
                assert_true(out[AREA + to] == (from < 0 ? 0 : 2 * (float)(1000 + from) + .5f));
            }
    fill_numbers(NULL);
}

/* Noise of the deviation drawn, another one for every voxel and channel, and the same one every time. */
static void noise_is_as_drawn(void **state)
{
    (void)state;
    enum { SIDE = 64 };
    static float plain[2 * SIDE * SIDE], noisy[2 * SIDE * SIDE], again[2 * SIDE * SIDE];
    static uint8_t zero[SIDE * SIDE], target[SIDE * SIDE];
    struct augment_source s = {plain, zero, 2, {1, SIDE, SIDE}};
    int patch[3] = {1, SIDE, SIDE}, origin[3] = {0};
    struct augment a = none;
    a.noise = .08f;
    a.rng = rng_stream(6, RNG_AUGMENT, 0, 0);
    augment_patch(&s, origin, patch, OUTSIDE, &a, noisy, target);
    augment_patch(&s, origin, patch, OUTSIDE, &a, again, target);
    assert_memory_equal(noisy, again, sizeof noisy);
    double sum = 0, squares = 0, both = 0;
    for (int i = 0; i < 2 * SIDE * SIDE; i++) {
        sum += (double)noisy[i];
        squares += (double)noisy[i] * (double)noisy[i];
        both += (double)noisy[i] * (double)noisy[(i + SIDE * SIDE) % (2 * SIDE * SIDE)];
    }
    double n = 2 * SIDE * SIDE;
    assert_true(fabs(sum / n) < .004 && fabs(sqrt(squares / n) - .08) < .002 && fabs(both / n) < .0005);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_drawn_changes_nothing),
        cmocka_unit_test(mirrored_on_every_axis),
        cmocka_unit_test(beyond_the_image_is_nothing),
        cmocka_unit_test(quarter_turns_are_exact),
        cmocka_unit_test(labels_follow_the_image),
        cmocka_unit_test(flat_images_stay_flat),
        cmocka_unit_test(draws_are_as_asked),
        cmocka_unit_test(changes_are_independent),
        cmocka_unit_test(intensity_changes_the_image_only),
        cmocka_unit_test(noise_is_as_drawn),
    };
    return cmocka_run_group_tests(tests, fill_numbers, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Patches cut, mirrored, turned, scaled and bent.  Most images here hold their own labels as
 * samples, so whatever happens to one must happen to the other. */
#include "unit/image/augment_test.h"

enum { D = 5, H = 6, W = 7, VOXELS = D * H * W, PATCH = 9, AREA = PATCH * PATCH * PATCH };

static float image[2 * VOXELS], out[2 * AREA];
static uint8_t classes[VOXELS], labels[AREA];
static const struct augment_source source = {image, classes, 2, {D, H, W}};

/* Every voxel its own number: samples voxel and 1000 + voxel, and as class the voxel too (210 of
 * them). */
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

static void mirrored_on_every_axis(void **state)
{
    (void)state;
    int patch[3] = {4, 5, 6}, origin[3] = {1, 0, 1};
    for (int k = 0; k < 16; k++) { /* the last eight through the general path */
        struct augment a = nothing();
        for (int i = 0; i < 3; i++) a.flip[i] = k >> i & 1;
        a.affine = k >= 8;
        cut(&source, origin, patch, &a, out, labels);
        for (int d = 0, to = 0; d < 4; d++)
            for (int h = 0; h < 5; h++)
                for (int w = 0; w < 6; w++, to++)
                    expect((size_t)to, 120,
                        voxel(1 + (a.flip[0] ? 3 - d : d), a.flip[1] ? 4 - h : h,
                            1 + (a.flip[2] ? 5 - w : w)));
    }
}

static void beyond_the_image_is_nothing(void **state)
{
    (void)state;
    int patch[3] = {PATCH, PATCH, PATCH}, origin[3] = {-2, -1, 3};
    for (int k = 0; k < 16; k++) {
        struct augment a = nothing();
        for (int i = 0; i < 3; i++) a.flip[i] = k >> i & 1;
        a.affine = k >= 8;
        cut(&source, origin, patch, &a, out, labels);
        for (int d = 0, to = 0; d < PATCH; d++)
            for (int h = 0; h < PATCH; h++)
                for (int w = 0; w < PATCH; w++, to++)
                    expect((size_t)to, AREA,
                        voxel(-2 + (a.flip[0] ? 8 - d : d), -1 + (a.flip[1] ? 8 - h : h),
                            3 + (a.flip[2] ? 8 - w : w)));
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
        struct augment a = nothing();
        a.affine = true;
        memcpy(a.matrix, turns[k].m, sizeof a.matrix);
        cut(&source, origin, patch, &a, out, labels);
        for (int d = 0, to = 0; d < PATCH; d++)
            for (int h = 0; h < PATCH; h++)
                for (int w = 0; w < PATCH; w++, to++) {
                    int v[3] = {d - 4, h - 4, w - 4}, p[3];
                    for (int i = 0; i < 3; i++)
                        p[i] = origin[i] + 4 + (int)a.matrix[i][0] * v[0] +
                            (int)a.matrix[i][1] * v[1] + (int)a.matrix[i][2] * v[2];
                    expect((size_t)to, AREA, voxel(p[0], p[1], p[2]));
                }
    }
}

/* Any turn and scale: samples that grow evenly along an axis come out as the place they were taken
 * from; the label is the nearest of them.
 */
static void labels_follow_the_image(void **state)
{
    (void)state;
    enum { LONG = 40, THIN = 24 };
    static float ramp[THIN * THIN * LONG];
    static uint8_t steps[THIN * THIN * LONG];
    struct augment_source s = {ramp, steps, 1, {THIN, THIN, LONG}};
    struct augment_options o = {.mirror = {true, true, true},
        .through = -1,
        .rotate = 3,
        .rotate_probability = .5,
        .scale = .4,
        .scale_probability = .5,
        .scale_axes = .5};
    int patch[3] = {PATCH, PATCH, PATCH}, inside = 0, seen = 0;
    for (int axis = 0; axis < 3; axis++)
        for (uint32_t k = 0; k < 20; k++) {
            int origin[3] = {k % 2 ? 9 : -2, 4,
                k % 2 ? 34
                      : 20}; /* beyond the near side of one axis, beyond the far side of another */
            struct augment a;
            augment_draw(&o, 1, k, 0, &a);
            for (int i = 0; i < THIN * THIN * LONG; i++) {
                int at[3] = {i / LONG / THIN, i / LONG % THIN, i % LONG};
                ramp[i] = (float)at[axis];
                steps[i] = (uint8_t)at[axis];
            }
            cut(&s, origin, patch, &a, out, labels);
            for (int to = 0; to < AREA; to++) {
                double v[3] = {to / 81 - 4, to / 9 % 9 - 4, to % 9 - 4}, p[3];
                bool within = true, edge = false;
                for (int i = 0; i < 3; i++) v[i] = a.flip[i] ? -v[i] : v[i];
                for (int i = 0; i < 3; i++) {
                    p[i] = origin[i] + 4 + a.matrix[i][0] * v[0] + a.matrix[i][1] * v[1] +
                        a.matrix[i][2] * v[2];
                    within &= p[i] >= -.5 && p[i] <= s.size[i] - .5;
                    edge |= fabs(p[i] + .5) < 1e-4 || fabs(p[i] - s.size[i] + .5) < 1e-4;
                }
                if (edge) continue; /* where rounding decides */
                assert_int_equal(labels[to] != OUTSIDE, within);
                double wanted = fmin(fmax(p[axis], 0), s.size[axis] - 1);
                if (within)
                    assert_true(fabs((double)out[to] - wanted) < 1e-4);
                else
                    assert_true(out[to] == 0);
                if (within && fabs(wanted - floor(wanted) - .5) > 1e-4)
                    assert_int_equal(labels[to], (int)floor(wanted + .5));
                inside += within;
                seen++;
            }
        }
    assert_in_range(inside, seen / 2, seen - seen / 10);
}

/* 2D images turn and bend in their plane, and their one slice stays where it is. */
static void flat_images_stay_flat(void **state)
{
    (void)state;
    struct augment_options o = {.mirror = {true, true, true},
        .rotate_plane = .5,
        .rotate_probability = 1,
        .scale = .3,
        .scale_probability = 1,
        .elastic = 1};
    for (uint32_t k = 0; k < 200; k++) {
        struct augment a;
        augment_draw(&o, 2, k, 0, &a);
        for (int i = 1; i < 3; i++) assert_true(a.matrix[0][i] == 0 && a.matrix[i][0] == 0);
        assert_true(a.matrix[0][0] == 1 && !a.bends[0]);
        struct augment_source s = {image, classes, 2, {1, 30, 7}};
        int patch[3] = {1, 8, 8}, origin[3] = {0, 11, 0};
        cut(&s, origin, patch, &a, out, labels);
        assert_int_not_equal(labels[3 * 8 + 3], OUTSIDE);
    }
}

/* Four classes without a pattern, and each again as a channel that is 1 where the class is: the
 * label is the channel with the largest sample. */
static void labels_are_the_largest_share(void **state)
{
    (void)state;
    enum { SIDE = 12, CLASSES = 4, ALL = SIDE * SIDE * SIDE };
    static float shares[CLASSES * ALL], sampled[CLASSES * ALL];
    static uint8_t four[ALL], target[ALL];
    for (int flat = 0; flat < 2; flat++) {
        struct augment_source s = {shares, four, CLASSES, {flat ? 1 : SIDE, SIDE, SIDE}};
        int patch[3] = {flat ? 1 : SIDE, SIDE, SIDE}, origin[3] = {0, 1, -2},
            count = (int)image_voxels(patch), mixed = 0;
        for (int i = 0; i < CLASSES * count; i++) {
            four[i % count] = (uint8_t)(augment_number((uint32_t)(i % count)) >> 30);
            shares[i] = four[i % count] == i / count;
        }
        for (uint32_t k = 0; k < 8; k++) {
            struct augment_options o = {.through = flat - 1,
                .rotate = 1,
                .rotate_plane = 1,
                .rotate_probability = .7,
                .scale = .4,
                .scale_probability = 1,
                .elastic = .5};
            struct augment a;
            augment_draw(&o, 8, k, 0, &a);
            cut(&s, origin, patch, &a, sampled, target);
            for (int i = 0; i < count; i++) {
                if (target[i] == OUTSIDE) continue;
                float own = sampled[target[i] * count + i];
                for (int c = 0; c < CLASSES; c++)
                    assert_true(sampled[c * count + i] <= own + 1e-6f);
                mixed += own < .99f;
            }
        }
        assert_true(mixed > count);
    }
}

/* Samples are their own voxel's place along `axis`: what comes out is where each voxel of the patch
 * was taken from. */
static void places_along(
    int axis, const int size[3], const int patch[3], const struct augment *a, float *places)
{
    static float ramp[40 * 40 * 40];
    static uint8_t zero[40 * 40 * 40], target[40 * 40 * 40];
    int origin[3];
    for (int i = 0; i < 3; i++) origin[i] = (size[i] - patch[i]) / 2;
    for (int i = 0; i < (int)image_voxels(size); i++)
        ramp[i] = (float)(axis == 0 ? i / size[2] / size[1]
                : axis == 1         ? i / size[2] % size[1]
                                    : i % size[2]);
    struct augment_source s = {ramp, zero, 1, {size[0], size[1], size[2]}};
    cut(&s, origin, patch, a, places, target);
}

/* The uniform cubic B-spline around 0. */
static double bump(double t)
{
    t = fabs(t);
    return t < 1 ? (4 - 6 * t * t + 3 * t * t * t) / 6
        : t < 2  ? (2 - t) * (2 - t) * (2 - t) / 6
                 : 0;
}

/* Node k lies k - 1 cells from the patch's edge; random numbers go axis by axis, nodes in d, h, w
 * order. */
static double displacement(const struct augment *a, const int patch[3], int axis, const int at[3])
{
    int nodes[3], count = 1;
    double sum = 0;
    for (int i = 0; i < 3; i++) count *= nodes[i] = a->bends[i] ? a->cells + 3 : 1;
    struct rng r = a->bend_rng;
    for (int k = 0; k < axis * count; k++) rng_u32(&r);
    for (int k = 0; k < count; k++) {
        int node[3] = {k / nodes[2] / nodes[1], k / nodes[2] % nodes[1], k % nodes[2]};
        double weight = rng_range(&r, -1, 1) * a->bend * patch[axis] / a->cells;
        for (int i = 0; i < 3; i++)
            weight *= nodes[i] == 1 ? 1 : bump((at[i] + .5) * a->cells / patch[i] - node[i] + 1);
        sum += weight;
    }
    return a->bends[axis] ? sum : 0;
}

static void bent_as_the_formula_says(void **state)
{
    (void)state;
    static const int size[3] = {30, 34, 40}, sizes[2][3] = {{13, 20, 17}, {9, 24, 30}};
    static float places[24 * 24 * 40];
    for (uint32_t k = 0; k < 12; k++) {
        const int *patch = sizes[k % 2];
        struct augment_options o = {.through = k % 3 == 2 ? 0 : -1, .elastic = 1};
        struct augment a;
        augment_draw(&o, 6, k, 0, &a);
        assert_true(a.bend > 0 && a.bend < .4 && a.cells >= 3 && a.cells <= 5 && !a.affine);
        for (int axis = 0; axis < 3; axis++) {
            places_along(axis, size, patch, &a, places);
            for (int i = 0; i < (int)image_voxels(patch); i += 7) {
                int at[3] = {i / patch[2] / patch[1], i / patch[2] % patch[1], i % patch[2]};
                double wanted =
                    (size[axis] - patch[axis]) / 2 + at[axis] + displacement(&a, patch, axis, at);
                if (fabs((double)places[i] - wanted) > 2e-4)
                    fail_msg(
                        "%u: axis %d at %d: %g, not %g", k, axis, i, (double)places[i], wanted);
            }
        }
    }
}

/* Turned and bent: the matrix takes the bent offset. */
static void bent_first_then_turned(void **state)
{
    (void)state;
    static const int size[3] = {40, 40, 40}, patch[3] = {12, 14, 16};
    static float places[12 * 14 * 16];
    struct augment_options o = {.mirror = {true, true, true},
        .through = -1,
        .rotate = .6,
        .rotate_probability = 1,
        .scale = .3,
        .scale_probability = 1,
        .elastic = 1};
    for (uint32_t k = 0; k < 8; k++) {
        struct augment a;
        augment_draw(&o, 9, k, 0, &a);
        for (int axis = 0; axis < 3; axis++) {
            places_along(axis, size, patch, &a, places);
            for (int i = 0; i < 12 * 14 * 16; i += 11) {
                int at[3] = {i / 16 / 14, i / 16 % 14, i % 16};
                double wanted = (size[axis] - patch[axis]) / 2 + (patch[axis] - 1) / 2.0;
                for (int j = 0; j < 3; j++) {
                    double v = at[j] - (patch[j] - 1) / 2.0;
                    wanted +=
                        a.matrix[axis][j] * ((a.flip[j] ? -v : v) + displacement(&a, patch, j, at));
                }
                assert_true(fabs((double)places[i] - wanted) < 2e-4);
            }
        }
    }
}

/* However strongly it bends, along every line of the patch the place in the image only grows. */
static void nothing_folds(void **state)
{
    (void)state;
    static const int size[3] = {40, 40, 40}, patch[3] = {24, 24, 24};
    static float places[24 * 24 * 24];
    for (uint32_t k = 0; k < 30; k++) {
        struct augment_options o = {.through = -1, .elastic = 1};
        struct augment a;
        augment_draw(&o, 7, k, 0, &a);
        a.bend = .4;
        for (int axis = 0, stride = 24 * 24; axis < 3; axis++, stride /= 24) {
            places_along(axis, size, patch, &a, places);
            for (int i = 0; i < 24 * 24 * 24; i++)
                if (i / stride % 24) assert_true(places[i] > places[i - stride]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mirrored_on_every_axis),
        cmocka_unit_test(beyond_the_image_is_nothing),
        cmocka_unit_test(quarter_turns_are_exact),
        cmocka_unit_test(labels_follow_the_image),
        cmocka_unit_test(flat_images_stay_flat),
        cmocka_unit_test(labels_are_the_largest_share),
        cmocka_unit_test(bent_as_the_formula_says),
        cmocka_unit_test(bent_first_then_turned),
        cmocka_unit_test(nothing_folds),
    };
    return cmocka_run_group_tests(tests, fill_numbers, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The planner's rules on made-up fingerprints: numbers worked out by hand, some of them nnU-Net's
 * own (docs/plan.md). */
#include "plan/planner.h"

#include "unit/expect.h"

#include <locale.h>
#include <math.h>

#include "unit/plan/fingerprint_test.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

static struct fingerprint_case cases[MADE_CASES];

static void assert_size(const int size[3], int d, int h, int w)
{
    if (size[0] != d || size[1] != h || size[2] != w)
        fail_msg("%dx%dx%d is not %dx%dx%d", size[0], size[1], size[2], d, h, w);
}

static void assert_axes(const int (*have)[3], int count, const char *wanted)
{
    char text[128] = "";
    for (int i = 0; i < count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%dx%dx%d", i ? "," : "",
            have[i][0], have[i][1], have[i][2]);
    assert_string_equal(text, wanted);
}

/* All decisions in their order, as recipe_network.c makes them. */
struct all {
    int dims, batch, patch[3];
    struct planner_grid grid;
    struct planner_view view;
    struct planner_levels levels;
};

static struct all plan_at(const struct made *m, struct planner_time time)
{
    struct fingerprint f = make_print(m, cases);
    struct all a;
    a.dims = planner_dims(&f, NULL);
    bool nonzero = planner_nonzero(&f, NULL);
    planner_grid(&f, a.dims, a.dims == 2 ? 8 : 2, time, &a.grid, NULL);
    planner_apply_grid(&f, &a.grid, nonzero, &a.view);
    a.batch = planner_batch(&f, a.dims, &a.view, NULL);
    planner_patch(&a.view, a.dims, a.batch, time, NULL, a.patch, &a.levels, NULL);
    return a;
}

static struct all plan(const struct made *m, double minutes)
{
    return plan_at(m, (struct planner_time){60 * minutes, PLANNER_SPEED});
}

/* ---- levels */

/* MSD Task04: nnU-Net has 3 halvings of every axis and a patch of 40x56x40, and so have we. */
static void hippocampus(void **state)
{
    (void)state;
    static const struct made m = {.dims = 3,
        .count = 166,
        .size = {36, 50, 35},
        .spacing = {1, 1, 1},
        .classes = 3,
        .run = {5.5, 6.4, 8}};
    static const double times[] = {1, 15, 20, 75, 600};
    for (int i = 0; i < COUNT(times); i++) {
        struct all a = plan(&m, times[i]);
        assert_true(a.dims == 3 && a.batch == 2 && a.levels.count == 3 && a.levels.plain);
        assert_true(a.grid.spacing[0] == 0 && a.grid.resize[0] == 0);
        assert_size(a.patch, 40, 56, 40);
    }
}

/* 256x256x10 slices, 4 mm thick: 1x3x3 kernels and no halving across the slices until 0.6 mm have
 * become 2.4. */
static void thick_slices(void **state)
{
    (void)state;
    static const struct made m = {.dims = 3,
        .count = 40,
        .size = {10, 256, 256},
        .spacing = {4, .6, .6},
        .classes = 3,
        .run = {4, 30, 30}};
    struct all a = plan(&m, 15);
    assert_true(a.dims == 3 && a.batch == 2 && a.levels.count == 4 && !a.levels.plain);
    assert_axes((const int(*)[3])a.levels.stride, 4, "1x2x2,1x2x2,2x2x2,1x2x2");
    assert_axes((const int(*)[3])a.levels.kernel, 5, "1x3x3,1x3x3,3x3x3,3x3x3,3x3x3");
    assert_true(a.grid.spacing[0] == 0 && a.grid.spacing[1] == 0);
    assert_size(a.patch, 10, 224, 224);
    a = plan(&m, 30);
    assert_size(a.patch, 10, 256, 256);
    /* Ten times as many voxels: coarser in the plane, as far as 12 voxels in a row allow, and not
     * across it. */
    static const struct made large = {.dims = 3,
        .count = 40,
        .size = {30, 512, 512},
        .spacing = {4, .6, .6},
        .classes = 3,
        .run = {4, 20, 20}};
    a = plan(&large, 30);
    assert_true(a.grid.spacing[0] == 4 && a.grid.spacing[1] > .97 && a.grid.spacing[1] <= 1 &&
        a.grid.spacing[2] == a.grid.spacing[1]);
    static const struct made oblong = {.dims = 3,
        .count = 40,
        .size = {30, 512, 512},
        .spacing = {4, .6, .6},
        .classes = 3,
        .run = {4, 20, 40}};
    a = plan(&oblong, 30);
    assert_true(a.grid.spacing[1] > .97 && a.grid.spacing[1] <= 1 &&
        a.grid.spacing[2] == a.grid.spacing[1]); /* pixels stay square */
}

static void sizes_decide_levels(void **state)
{
    (void)state;
    static const struct {
        int size[3], dims, count;
        const char *strides;
        double mm[3];
    } list[] = {
        {{1, 16, 16}, 2, 2, "1x2x2,1x2x2", {1, 1, 1}},
        {{1, 63, 64}, 2, 4, "1x2x2,1x2x2,1x2x2,1x2x2",
            {1, 1, 1}}, /* half of 63 is 32: patches are rounded up */
        {{1, 5, 300}, 2, 4, "1x1x2,1x1x2,1x1x2,1x1x2", {1, 1, 1}},
        {{1, 5, 11}, 2, 1, "1x2x2", {1, 1, 1}}, /* nothing to halve: once all the same */
        {{9, 90, 90}, 3, 4, "2x2x2,1x2x2,1x2x2,1x2x2", {1, 1, 1}},
        {{128, 128, 128}, 3, 4, "2x2x2,2x2x2,2x2x2,2x2x2", {1, 1, 1}},
        {{12, 50, 35}, 3, 3, "1x2x2,2x2x2,1x2x2", {3, 1, 1}},
        {{35, 50, 12}, 3, 3, "2x2x1,2x2x2,2x2x1", {1, 1, 3}}, /* whichever axis it is */
        {{4, 4, 4}, 3, 1, "2x2x2", {1, 1, 1}},
        {{16, 400, 400}, 3, 4, "1x2x2,1x2x2,1x2x2,2x2x2", {10, 1, 1}},
    };
    for (int k = 0; k < COUNT(list); k++) {
        struct planner_levels l;
        planner_levels(list[k].size, list[k].mm, list[k].dims, &l);
        assert_int_equal(l.count, list[k].count);
        assert_axes((const int(*)[3])l.stride, l.count, list[k].strides);
        for (int a = 3 - list[k].dims; a < 3; a++)
            assert_int_equal(l.kernel[l.count][a], 3); /* the coarsest mixes all axes */
    }
}

/* ---- the grid */

static void one_spacing_stays(void **state)
{
    (void)state;
    static const struct made m = {
        .dims = 3, .count = 9, .size = {40, 40, 40}, .spacing = {.703125, .7, .7}};
    struct all a = plan(&m, 15);
    assert_true(a.grid.spacing[0] == 0 && a.grid.spacing[1] == 0 && a.grid.spacing[2] == 0);
    assert_true(fabs(a.view.mm[0] - .703125) < 1e-6);
}

static void the_median_of_several(void **state)
{
    (void)state;
    static const struct made m = {
        .dims = 3, .count = 9, .size = {40, 40, 40}, .spacing = {1, 1, 1}};
    struct fingerprint f = make_print(&m, cases);
    struct planner_grid g;
    struct planner_view v;
    for (int i = 0; i < 9; i++) cases[i].spacing[0] = (float)(1 + i / 8.);
    planner_grid(&f, 3, 2, (struct planner_time){900, PLANNER_SPEED}, &g, NULL);
    assert_true(g.spacing[0] == 1.5 && g.spacing[1] == 1 && g.spacing[2] == 1);
    planner_apply_grid(&f, &g, false, &v);
    assert_size(v.size, 40, 40, 40); /* 40 x (1 .. 2) / 1.5: 27 .. 53 */
    cases[3].has_spacing = false;
    planner_grid(&f, 3, 2, (struct planner_time){900, PLANNER_SPEED}, &g, NULL);
    assert_true(g.spacing[0] == 0); /* not every image could be brought there */
}

/* An axis of slices more than 3 times as thick and 3 times as few takes the 10th percentile: thick
 * ones are made thinner. */
static void thick_and_few(void **state)
{
    (void)state;
    static const struct made m = {
        .dims = 3, .count = 10, .size = {12, 64, 64}, .spacing = {5, 1, 1}};
    struct fingerprint f = make_print(&m, cases);
    struct planner_grid g;
    cases[0].spacing[0] = 2;
    cases[1].spacing[0] = 3;
    planner_grid(&f, 3, 2, (struct planner_time){900, PLANNER_SPEED}, &g, NULL);
    assert_true(g.spacing[0] == 2.9 && g.spacing[1] == 1 &&
        g.spacing[2] == 1); /* 2, 3, 5, 5, ...: numpy.percentile(.., 10) */
    for (int i = 0; i < 10; i++)
        cases[i].size[0] = cases[i].box[0] = 30; /* many of them: the median */
    planner_grid(&f, 3, 2, (struct planner_time){900, PLANNER_SPEED}, &g, NULL);
    assert_true(g.spacing[0] == 5);
    for (int i = 0; i < 10; i++)
        cases[i].size[0] =
            25; /* few, were it not for zeros beside what there is: sizes are after cropping */
    for (int i = 0; i < 10; i++) cases[i].box[0] = 20;
    planner_grid(&f, 3, 2, (struct planner_time){900, PLANNER_SPEED}, &g, NULL);
    assert_true(g.spacing[0] == 2.9);
    for (int i = 0; i < 10; i++) cases[i].box[1] = 60;
    planner_grid(&f, 3, 2, (struct planner_time){900, PLANNER_SPEED}, &g, NULL);
    assert_true(g.spacing[0] == 5);
}

/* Twice as fine as needed: coarser while there is little time, and never so that a class is less
 * than 6 voxels thick. */
static void coarser_in_little_time(void **state)
{
    (void)state;
    static const struct made fine = {.dims = 3,
                                 .count = 166,
                                 .size = {72, 100, 70},
                                 .spacing = {.5, .5, .5},
                                 .classes = 3,
                                 .run = {11, 13, 16}},
                             thin = {.dims = 3,
                                 .count = 166,
                                 .size = {72, 100, 70},
                                 .spacing = {.5, .5, .5},
                                 .classes = 3,
                                 .run = {6, 7, 7}};
    struct all a = plan(&fine, 20);
    double voxels = (double)a.view.size[0] * a.view.size[1] * a.view.size[2];
    assert_true(a.grid.spacing[1] > .7 && a.grid.spacing[1] < .95);
    assert_true(11 * .5 / a.grid.spacing[0] >= 5.99 && voxels < 1.1 * 48 * 48 * 48);
    assert_true(a.patch[0] >= a.view.size[0] && a.patch[1] >= a.view.size[1]); /* whole */
    a = plan(&fine, 100);
    assert_true(a.grid.spacing[0] == 0); /* time for all of it */
    a = plan(&thin, 20);
    assert_true(a.grid.spacing[0] == 0); /* thin already */
}

/* ---- 2D */

static void large_pictures_without_spacing(void **state)
{
    (void)state;
    static const struct made
        glands = {.dims = 2,
            .count = 85,
            .size = {1, 522, 775},
            .run = {1, 70, 70},
            .channels = {"r", "g", "b"}},
        wide = {.dims = 2, .count = 85, .size = {1, 700, 1000}, .run = {1, 70, 70}},
        vessels = {.dims = 2, .count = 20, .size = {1, 584, 565}, .run = {1, 6, 6}},
        lesions = {.dims = 2, .count = 500, .size = {1, 473, 563}, .run = {1, 78, 131}};
    struct all a = plan(&glands, 30);
    assert_size(a.grid.resize, 1, 208, 304);
    assert_size(a.patch, 1, 208, 304);
    assert_true(a.batch == 8 && a.levels.count == 4);
    a = plan(&wide, 30);
    assert_size(a.grid.resize, 1, 208, 304);
    a = plan(&vessels, 30);
    assert_size(a.grid.resize, 0, 0, 0);
    assert_size(a.patch, 1, 256, 256);
    a = plan(&lesions, 15);
    assert_size(a.grid.resize, 1, 240, 272);
    assert_size(a.patch, 1, 240, 272);
    a = plan(&lesions, 240);
    assert_size(a.grid.resize, 0, 0, 0); /* 4 hours are enough for pictures as they are */
    assert_size(a.patch, 1, 480, 576);
}

/* Known spacings in 2D: the slice axis has none. */
static void slices_with_spacing(void **state)
{
    (void)state;
    static const struct made m = {
        .dims = 2, .count = 100, .size = {1, 512, 512}, .spacing = {1, .5, .5}, .run = {1, 60, 60}};
    struct all a = plan(&m, 15);
    assert_true(a.grid.spacing[0] == 0 && a.grid.spacing[1] > .9 && a.grid.spacing[1] < 1.1 &&
        a.grid.spacing[1] == a.grid.spacing[2]);
    assert_true(a.view.size[0] == 1 && a.view.size[1] <= 256);
    assert_size(a.patch, 1, 256, 256);
}

static void few_slices_are_flat(void **state)
{
    (void)state;
    static const struct made
        five = {.dims = 3, .count = 30, .size = {5, 200, 200}, .spacing = {8, 1, 1}},
        six = {.dims = 3, .count = 30, .size = {6, 200, 200}, .spacing = {8, 1, 1}};
    struct all a = plan(&five, 15);
    assert_int_equal(a.dims, 2);
    assert_size(a.patch, 1, 208, 208);
    a = plan(&six, 15);
    assert_int_equal(a.dims, 3);
    assert_true(a.patch[0] == 6 && a.levels.stride[0][0] == 1 && a.levels.kernel[0][0] == 1);
}

/* ---- small sets */

static void tiny_sets(void **state)
{
    (void)state;
    static const struct made
        one = {.dims = 2, .count = 1, .size = {1, 64, 64}},
        three = {.dims = 2, .count = 3, .size = {1, 64, 64}},
        volume = {.dims = 3, .count = 1, .size = {100, 100, 100}, .spacing = {1, 1, 1}},
        small = {.dims = 3, .count = 50, .size = {16, 16, 16}, .spacing = {1, 1, 1}},
        dot = {.dims = 2, .count = 4, .size = {1, 3, 3}};
    struct all a = plan(&one, 15);
    assert_true(a.batch == 2 && a.patch[1] == 64);
    assert_int_equal(plan(&three, 15).batch, 3);
    assert_int_equal(plan(&volume, 15).batch, 2);
    assert_int_equal(plan(&small, 15).batch, 8);
    a = plan(&dot, 15);
    assert_size(a.patch, 1, 4, 4);
}

/* However large the images: a patch is what a run of 1200 steps can hold, and as long as wide in
 * mm. */
static void large_volumes(void **state)
{
    (void)state;
    static const struct made m = {
        .dims = 3, .count = 30, .size = {500, 500, 500}, .run = {9, 9, 9}};
    static const double minutes[] = {1, 15, 30, 600};
    static const int side[] = {48, 64, 96, 128};
    for (int i = 0; i < COUNT(minutes); i++) {
        struct all a = plan(&m, minutes[i]);
        double max =
            fmax(48. * 48 * 48, fmin(128. * 128 * 128, 1.35e6 * 60 * minutes[i] / 1200 / 2));
        assert_true((double)a.patch[0] * a.patch[1] * a.patch[2] <= max);
        for (int k = 0; k < 3; k++)
            assert_true(a.patch[k] >= side[i] - 16 && a.patch[k] <= side[i] + 16);
        /* A machine of half the speed in twice the time. */
        const struct all slow = plan_at(&m, (struct planner_time){120 * minutes[i], .675});
        assert_memory_equal(slow.patch, a.patch, sizeof a.patch);
        assert_memory_equal(&slow.grid, &a.grid, sizeof a.grid);
    }
}

/* An axis that a grid makes coarser has longer voxels: thick slices on a grid of 128x128x128 are
 * the fine axis. */
static void another_grid_has_other_voxels(void **state)
{
    (void)state;
    static const struct made m = {.dims = 3,
                                 .count = 5,
                                 .size = {40, 512, 512},
                                 .spacing = {5, .8, .8}},
                             unknown = {.dims = 2, .count = 5, .size = {1, 1024, 256}};
    const struct planner_grid volume = {.resize = {128, 128, 128}},
                              plane = {.resize = {1, 256, 256}};
    struct planner_view v;
    struct fingerprint f = make_print(&m, cases);
    planner_apply_grid(&f, &volume, false, &v);
    assert_size(v.size, 128, 128, 128);
    assert_true(fabs(v.mm[0] - 5 * 40 / 128.) < 1e-6 && fabs(v.mm[1] - .8 * 512 / 128) < 1e-6 &&
        v.mm[1] == v.mm[2]);
    f = make_print(&unknown, cases);
    planner_apply_grid(&f, &plane, false, &v);
    assert_true(v.mm[0] == 1 && v.mm[1] == 4 && v.mm[2] == 1);
}

/* ---- intensities */

static void zeros_around(void **state)
{
    (void)state;
    static const struct made m = {
        .dims = 3, .count = 5, .size = {100, 100, 100}, .spacing = {1, 1, 1}, .box = .9};
    struct fingerprint f = make_print(&m, cases);
    assert_true(planner_nonzero(&f, NULL)); /* .9 x .9 x .9 = .729 */
    struct planner_grid none = {.resize = {0}};
    struct planner_view v;
    planner_apply_grid(&f, &none, true, &v);
    assert_size(v.size, 90, 90, 90);
    planner_apply_grid(&f, &none, false, &v);
    assert_size(v.size, 100, 100, 100);
    for (int i = 0; i < 5; i++) cases[i].box[0] = 100;
    assert_false(planner_nonzero(&f, NULL));
}

static void channels_called_ct(void **state)
{
    (void)state;
    static const struct made
        ct = {.dims = 3, .count = 5, .size = {9, 9, 9}, .channels = {"CT", "ct"}},
        mixed = {.dims = 3, .count = 5, .size = {9, 9, 9}, .channels = {"CT", "PET"}},
        none = {.dims = 3, .count = 5, .size = {9, 9, 9}, .channels = {"CTA", "T1"}},
        told = {.dims = 3, .count = 5, .size = {9, 9, 9}, .channels = {"NoNorm", "rgb_to_0_1"}},
        equal = {.dims = 3,
            .count = 5,
            .size = {9, 9, 9},
            .channels = {"rescale_to_0_1", "rescale_to_0_1"}};
    char text[64];
    struct fingerprint f = make_print(&ct, cases);
    planner_normalise(&f, text, sizeof text, NULL);
    assert_string_equal(text, "ct");
    f = make_print(&mixed, cases);
    planner_normalise(&f, text, sizeof text, NULL);
    assert_string_equal(text, "ct,zscore");
    f = make_print(&none, cases);
    planner_normalise(&f, text, sizeof text, NULL);
    assert_string_equal(text, "zscore");
    json_t *why = json_object();
    f.all[1] = (struct fingerprint_range){.count = 9, .min = -1024, .max = 1500};
    planner_normalise(&f, text, sizeof text, why);
    assert_string_equal(text, "zscore");
    assert_string_equal(json_string_value(json_object_get(why, "normalise")),
        "each image is scaled by its own mean and deviation, because no channel is named CT; but "
        "T1 ranges from -1024 to 1500, like Hounsfield units; if it is CT, give `normalise` ct");
    f.all[1].min = -300;
    planner_normalise(&f, text, sizeof text, why);
    assert_string_equal(json_string_value(json_object_get(why, "normalise")),
        "each image is scaled by its own mean and deviation, because no channel is named CT");
    f = make_print(&told, cases);
    planner_normalise(&f, text, sizeof text, why);
    assert_string_equal(text, "none,rgb");
    assert_string_equal(json_string_value(json_object_get(why, "normalise")),
        "as the channel names state, which are nnU-Net's");
    f = make_print(&equal, cases);
    planner_normalise(&f, text, sizeof text, NULL);
    assert_string_equal(text, "minmax01");
    json_decref(why);
}

/* Reasons are JSON, which is the same in every locale. */
static void reasons_have_a_point(void **state)
{
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "ru_RU.UTF-8"};
    const char *found = NULL;
    for (int i = 0; i < 4 && !found; i++) found = setlocale(LC_ALL, names[i]);
    if (!found) skip(); /* none is installed */
    json_t *why = json_object();
    planner_explain(why, "patch", "%g minutes of %s", 2.5, "steps");
    setlocale(LC_ALL, "C");
    assert_string_equal(json_string_value(json_object_get(why, "patch")), "2.5 minutes of steps");
    json_decref(why);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hippocampus),
        cmocka_unit_test(thick_slices),
        cmocka_unit_test(sizes_decide_levels),
        cmocka_unit_test(one_spacing_stays),
        cmocka_unit_test(the_median_of_several),
        cmocka_unit_test(thick_and_few),
        cmocka_unit_test(coarser_in_little_time),
        cmocka_unit_test(large_pictures_without_spacing),
        cmocka_unit_test(slices_with_spacing),
        cmocka_unit_test(few_slices_are_flat),
        cmocka_unit_test(tiny_sets),
        cmocka_unit_test(large_volumes),
        cmocka_unit_test(another_grid_has_other_voxels),
        cmocka_unit_test(zeros_around),
        cmocka_unit_test(channels_called_ct),
        cmocka_unit_test(reasons_have_a_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

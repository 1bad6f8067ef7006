/* SPDX-License-Identifier: Apache-2.0 */
/* Views of training cases: what they show, and where a window of theirs lies in the case. */
#include "unit/dataset/dataset_test.h"

#include "hard/hard_views.h"

enum { D = 3, H = 9, W = 14, CHANNELS = 2 };

static float image[CHANNELS * D * H * W];
static uint8_t classes[D * H * W];
static struct prepared one;
static struct view_rules rules;

static int make_case(void **state)
{
    (void)state;
    for (int i = 0; i < CHANNELS * D * H * W; i++) image[i] = (float)i;
    for (int i = 0; i < D * H * W; i++) classes[i] = (uint8_t)(i % 5);
    one = (struct prepared){.image = image,
        .classes = classes,
        .channels = CHANNELS,
        .size = {D, H, W},
        .spacing = {3, 1, 2}};
    rules = (struct view_rules){
        .cases = &one, .count = 1, .mirror = {true, true, true}, .tile = {2, 4, 4}, .seed = 7};
    return 0;
}

static void the_first_is_the_case_itself(void **state)
{
    (void)state;
    struct view v;
    struct view_image shown;
    OK(view_image_create(&rules, &shown, &e));
    view_of(&rules, 0, &v);
    view_show(&v, &one, &shown);
    assert_memory_equal(shown.image.size, one.size, sizeof one.size);
    assert_memory_equal(shown.image.data, image, sizeof image);
    assert_memory_equal(shown.classes, classes, sizeof classes);
    assert_true(shown.image.geometry.spacing[2] == 2);
    view_image_free(&shown);
}

/* Labels that somebody else has of the case are shown as its own are. */
static void labels_are_shown_alike(void **state)
{
    (void)state;
    struct view_image shown;
    static uint8_t out[D * H * W];
    OK(view_image_create(&rules, &shown, &e));
    for (int64_t n = 0; n < 20; n++) {
        struct view v;
        view_of(&rules, n, &v);
        view_show(&v, &one, &shown);
        view_show_labels(&v, &one, classes, out);
        assert_memory_equal(out, shown.classes, image_voxels(v.size));
    }
    view_image_free(&shown);
}

/* Voxel by voxel: x of the view is the case's voxel start + x, or start - x when mirrored. */
static void others_are_mirrored_and_cut(void **state)
{
    (void)state;
    struct view_image shown;
    bool mirrored[3] = {false}, straight[3] = {false}, cut[3] = {false};
    OK(view_image_create(&rules, &shown, &e));
    for (int64_t n = 1; n < 60; n++) {
        struct view v;
        view_of(&rules, n, &v);
        view_show(&v, &one, &shown);
        for (int a = 0; a < 3; a++) {
            assert_true(v.cut[a] >= 0 && v.cut[a] <= one.size[a] / 4 && v.cut[a] < rules.tile[a]);
            assert_int_equal(v.size[a], one.size[a] - v.cut[a]);
            assert_int_equal(shown.image.size[a], v.size[a]);
            mirrored[a] |= v.mirror[a];
            straight[a] |= !v.mirror[a];
            cut[a] |= v.cut[a] > 0;
        }
        for (int i = 0; i < v.size[0] * v.size[1] * v.size[2]; i++) {
            const int at[3] = {i / v.size[2] / v.size[1], i / v.size[2] % v.size[1], i % v.size[2]};
            int from[3];
            for (int a = 0; a < 3; a++)
                from[a] = v.mirror[a] ? one.size[a] - 1 - v.cut[a] - at[a] : v.cut[a] + at[a];
            const int there = (from[0] * H + from[1]) * W + from[2];
            assert_int_equal(shown.classes[i], classes[there]);
            for (int c = 0; c < CHANNELS; c++)
                assert_true(shown.image.data[c * v.size[0] * v.size[1] * v.size[2] + i] ==
                    image[c * D * H * W + there]);
        }
    }
    for (int a = 0; a < 3; a++)
        assert_true(mirrored[a] && straight[a] && cut[a] == (one.size[a] / 4 > 0));
    view_image_free(&shown);
}

/* The corner of a window with the lowest numbers in the case is a corner of the window in the view.
 */
static void windows_are_found_in_the_case(void **state)
{
    (void)state;
    static const int window[3] = {2, 5, 6}, first[3] = {-1, 2, 7};
    for (int64_t n = 1; n < 40; n++) {
        struct view v;
        int origin[3];
        view_of(&rules, n, &v);
        view_origin(&v, &one, first, window, origin);
        for (int a = 0; a < 3; a++) {
            int low = v.mirror[a] ? first[a] + window[a] - 1 : first[a]; /* in the view */
            int there = v.mirror[a] ? one.size[a] - 1 - v.cut[a] - low : v.cut[a] + low;
            assert_int_equal(origin[a], there);
        }
    }
}

static void only_where_mirroring_is_allowed(void **state)
{
    (void)state;
    struct view_rules r = rules;
    r.mirror[2] = false;
    for (int64_t n = 1; n < 40; n++) {
        struct view v, again;
        view_draw(&r, n, &v);
        view_draw(&r, n, &again);
        assert_memory_equal(&v, &again, sizeof v);
        assert_false(v.mirror[2]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_is_the_case_itself),
        cmocka_unit_test(labels_are_shown_alike),
        cmocka_unit_test(others_are_mirrored_and_cut),
        cmocka_unit_test(windows_are_found_in_the_case),
        cmocka_unit_test(only_where_mirroring_is_allowed),
    };
    return cmocka_run_group_tests(tests, make_case, NULL);
}

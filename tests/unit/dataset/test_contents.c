/* SPDX-License-Identifier: Apache-2.0 */
/* What two masks of an image, or two images, have in common. */
#include "dataset/contents.h"

#include "format/joined.h"
#include "unit/dataset/dataset_test.h"

static struct contents_shared share(void)
{
    struct contents_shared s;
    assert_true(contents_share("a.png", "b.png", &s));
    return s;
}

static void values_tell_those_of_another_mask(void **state)
{
    (void)state;
    put_labels("a.png", 1, 2, 4, 0, 1, 2, 2, 3, 0, 0, 0);
    put_labels("b.png", 1, 2, 4, 0, 0, 9, 9, 9, 0, 0, 0); /* 2 and 3 */
    struct contents_shared s = share();
    assert_true(s.first == 4 && s.second == 3 && s.both == 3);
    assert_true(s.untold == 0);
    assert_true(contents_share("b.png", "a.png", &s));
    assert_true(s.untold == 2);                           /* 0 may be 1, 9 may be 3 */
    put_labels("b.png", 1, 2, 4, 0, 0, 9, 0, 0, 0, 0, 0); /* some of 2 */
    s = share();
    assert_true(s.both == 1 && s.untold == 1);
}

static void other_sizes_share_nothing(void **state)
{
    struct contents_shared s;
    (void)state;
    put_labels("a.png", 1, 2, 2, 0, 1, 1, 0);
    put_labels("b.png", 1, 1, 4, 0, 1, 1, 0);
    assert_false(contents_share("a.png", "b.png", &s));
    assert_false(contents_share("a.png", "none.png", &s));
    assert_true(s.first == 0 && s.second == 0 && s.both == 0);
}

static void images_may_be_cut_out_along_a_mask(void **state)
{
    (void)state;
    put_labels("a.png", 1, 2, 4, 0, 1, 1, 0, 0, 1, 1, 0);
    put_labels("image.png", 1, 2, 4, 7, 40, 50, 7, 7, 60, 70, 7);
    assert_int_equal(contents_cut("image.png", "a.png"), CUT_OUT);
    put_labels("image.png", 1, 2, 4, 7, 40, 50, 7, 7, 60, 70, 8); /* as JPEG has it */
    assert_int_equal(contents_cut("image.png", "a.png"), CUT_OUT);
    put_labels("image.png", 1, 2, 4, 7, 40, 50, 7, 7, 60, 70, 30);
    assert_int_equal(contents_cut("image.png", "a.png"), CUT_NOT);
    put_labels("image.png", 1, 2, 4, 7, 40, 7, 7, 7, 60, 70, 7);
    assert_int_equal(contents_cut("image.png", "a.png"), CUT_NOT);
    put_labels("a.png", 1, 2, 4, 0, 0, 0, 0, 0, 0, 0, 0);
    assert_int_equal(contents_cut("image.png", "a.png"), CUT_UNKNOWN);
    assert_int_equal(contents_cut("none.png", "a.png"), CUT_UNKNOWN);
}

static void an_image_may_be_cut_out_along_several_masks(void **state)
{
    (void)state;
    put_labels("left.png", 1, 1, 4, 1, 0, 0, 0);
    put_labels("right.png", 1, 1, 4, 0, 0, 1, 0);
    put_labels("image.png", 1, 1, 4, 70, 0, 60, 0);
    char *masks = joined_add(joined_add(NULL, "./left.png", 1), "./right.png", 2);
    assert_int_equal(contents_cut("image.png", masks), CUT_OUT);
    assert_int_equal(contents_cut("image.png", "left.png"), CUT_NOT);
    mem_free(masks);
}

static void something_may_be_drawn_over_an_image(void **state)
{
    (void)state;
    put_labels("a.png", 1, 2, 5, 0, 0, 40, 50, 0, 60, 70, 80, 0, 200);
    put_labels("b.png", 1, 2, 5, 0, 0, 40, 255, 0, 60, 70, 255, 0, 200);
    assert_int_equal(contents_drawn("a.png", "b.png"), DRAWN_SECOND); /* in one value */
    assert_int_equal(contents_drawn("b.png", "a.png"), DRAWN_FIRST);
    put_labels("b.png", 1, 2, 5, 0, 0, 90, 10, 0, 200, 5, 80, 0, 200); /* but not another channel */
    assert_int_equal(contents_drawn("a.png", "b.png"), DRAWN_NOT);
    put_labels("b.png", 1, 2, 5, 0, 0, 40, 50, 0, 60, 70, 80, 0, 200); /* nor a copy */
    assert_int_equal(contents_drawn("a.png", "b.png"), DRAWN_NOT);
    put_labels("b.png", 1, 1, 5, 0, 0, 40, 50, 0);
    assert_int_equal(contents_drawn("a.png", "b.png"), DRAWN_NOT);
    assert_int_equal(contents_drawn("a.png", "none.png"), DRAWN_NOT);
}

/* Lines in a JPEG of low quality, which is unlike the other one everywhere. */
static void noise_of_jpeg_is_not_drawn(void **state)
{
    (void)state;
    static const char image[] = TEST_SOURCE_DIR "/tests/fixtures/pictures/tissue.jpg",
                      over[] = TEST_SOURCE_DIR "/tests/fixtures/pictures/tissue_drawn.jpg",
                      other[] = TEST_SOURCE_DIR "/tests/fixtures/pictures/tissue_other.jpg";
    if (format_jpeg.missing) skip();
    assert_int_equal(contents_drawn(image, over), DRAWN_SECOND);
    assert_int_equal(contents_drawn(over, image), DRAWN_FIRST);
    assert_int_equal(contents_drawn(image, image), DRAWN_NOT);
    assert_int_equal(contents_drawn(image, other), DRAWN_NOT);
}

/* An image of the same range is not: hardly a voxel of it is full. */
static void maps_of_probabilities_are_known(void **state)
{
    static const float part[] = {0, .3F, .9F, 1};
    struct contents c;
    struct image m = {.channels = 1, .size = {2, 8, 8}};
    const size_t voxels = image_voxels(m.size);
    (void)state;
    m.data = mem_array(voxels, sizeof *m.data);
    for (int map = 0; map < 2; map++) {
        for (size_t i = 0; i < voxels; i++)
            m.data[i] = map ? part[i < 90 ? 0 : i < 94 ? 1 : i < 98 ? 2 : 3] : (float)i / 128;
        OK(format_save_image("map.nii", &m, &e));
        contents_look("map.nii", true, &c);
        assert_int_equal(c.map, map);
    }
    mem_free(m.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_tell_those_of_another_mask),
        cmocka_unit_test(other_sizes_share_nothing),
        cmocka_unit_test(images_may_be_cut_out_along_a_mask),
        cmocka_unit_test(an_image_may_be_cut_out_along_several_masks),
        cmocka_unit_test(something_may_be_drawn_over_an_image),
        cmocka_unit_test(noise_of_jpeg_is_not_drawn),
        cmocka_unit_test(maps_of_probabilities_are_known),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Labels of pictures: lossy masks, colours, palettes of black and white. */
#include "format/raster.h"

#include "unit/format/raster_test.h"

static void refuse_labels(const char *name, const char *words)
{
    struct labelmap l;
    REFUSED(format_load_labels(fixture(name), &l, &e), ATT_DATA, words);
    assert_null(l.data);
}

static bool is_lossy(const char *name)
{
    struct image m;
    OK(format_peek_image(fixture(name), &m, &e));
    return m.geometry.lossy;
}

#ifdef ATT_JPEG
static void lossy_masks_are_cut(void **state)
{
    (void)state;
    assert_int_equal(read_as_expected("pictures", "mask.jpg"), 1);
    assert_int_equal(read_as_expected("pictures", "mask_rgb.jpg"), 1);
    assert_int_equal(read_as_expected("pictures", "mask_empty.jpg"), 1);
    assert_true(is_lossy("pictures/mask.jpg"));
#ifdef ATT_TIFF
    assert_int_equal(read_as_expected("pictures", "mask_jpeg.tif"), 1);
    assert_true(is_lossy("pictures/mask_jpeg.tif"));
#endif
}

static void lossy_classes_are_refused(void **state)
{
    (void)state;
    refuse_labels("pictures/classes.jpg",
        "classes.jpg: its compression changes values, and its values from 0 to 3 are not only "
        "near 0 and 255; get the original labels, as PNG");
    refuse_labels("pictures/three.jpg", "are not only near 0 and 255");
    refuse_labels("pictures/colours.jpg", "it has many colours (");
}
#endif

static void colours_are_listed(void **state)
{
    (void)state;
    assert_false(is_lossy("pictures/colours.png"));
    refuse_labels("pictures/colours.png",
        "colours.png: its labels are the colours (0,128,0) (0,0,0) (128,0,0); save them as grey "
        "values instead, one number for each class");
}

/* White is the object, whether its index is 0 or 1. */
static void black_and_white_are_not_indices(void **state)
{
    (void)state;
    assert_int_equal(read_as_expected("pictures", "white_first.png"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#ifdef ATT_JPEG
        cmocka_unit_test(lossy_masks_are_cut),
        cmocka_unit_test(lossy_classes_are_refused),
#endif
        cmocka_unit_test(colours_are_listed),
        cmocka_unit_test(black_and_white_are_not_indices),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

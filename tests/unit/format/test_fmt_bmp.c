/* SPDX-License-Identifier: Apache-2.0 */
/* BMP: what Pillow reads, and what is refused. */
#include "unit/format/raster_test.h"

static void reads_what_pillow_reads(void **state)
{
    (void)state;
    assert_int_equal(read_as_expected("pictures", ".bmp"), 18);
    assert_int_equal(read_as_expected("pictures", ".bmp.gz"), 1);
}

/* As labels, indices of grey are values; those of colours may be PASCAL VOC's (layout_meaning.c).
 */
static void a_palette_has_colours(void **state)
{
    (void)state;
    struct labelmap grey, colours;
    OK(format_load_labels(fixture("pictures/grey.bmp"), &grey, &e));
    OK(format_load_labels(fixture("pictures/palette.bmp"), &colours, &e));
    assert_true(!grey.palette && colours.palette);
    labelmap_free(&grey);
    labelmap_free(&colours);
    OK(format_load_labels(fixture("pictures/mask.gif"), &grey, &e));
    OK(format_load_labels(fixture("pictures/palette.gif"), &colours, &e));
    assert_true(!grey.palette && colours.palette);
    labelmap_free(&grey);
    labelmap_free(&colours);
}

static void refuses_with_a_sentence(void **state)
{
    (void)state;
    static const struct refusal files[] = {
        {"pictures/rle.bmp", "its compression (kind 1) is not supported"},
        {"fuzz/bmp/short", "not an image that attunet can read"},
        {"fuzz/bmp/cut", "ends inside its pixels"},
        {"fuzz/bmp/huge", "its size of 30000x30000 needs more than the file's"},
        {"fuzz/bmp/wide", "is 1x2147483647"},
        {"fuzz/bmp/lowest", "is 2147483648x7"},
        {"fuzz/bmp/zero", "is 5x0"},
        {"fuzz/bmp/far", "ends inside the bytes before its pixels"},
        {"fuzz/bmp/inside", "begin within its header"},
        {"fuzz/bmp/head", "not one of BMP"},
        {"fuzz/bmp/bits", "65535 bits per pixel"},
    };
    refuse_images(files, COUNT(files));
}

static void half_files_are_refused(void **state)
{
    (void)state;
    refuse_parts("pictures/palette.bmp", 18, 0);
    refuse_parts("pictures/grey.bmp.gz", 18, 0);
}

static void never_written(void **state)
{
    (void)state;
    refuse_writing(
        "x/a.bmp", "a.bmp: attunet reads BMP files but does not write them; use .nii.gz");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_pillow_reads),
        cmocka_unit_test(a_palette_has_colours),
        cmocka_unit_test(refuses_with_a_sentence),
        cmocka_unit_test(half_files_are_refused),
        cmocka_unit_test(never_written),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

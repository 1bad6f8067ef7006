/* SPDX-License-Identifier: Apache-2.0 */
/* What descriptions of TIFF files say of pages: tifffile's JSON and ImageJ's lines; OME-XML is read
 * from whole files (test_fmt_tiff.c). */
#include "unit/expect.h"

#include "format/tiff_axes.h"

#ifdef ATT_TIFF
static struct tiff_axes read(const char *text)
{
    struct tiff_axes x;
    struct err e = {0};
    if (tiff_axes_read("a.tif", text, &x, &e) != ATT_OK) fail_msg("%s: %s", text, e.text);
    return x;
}

static void shapes_with_axes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t images, channels, slices, frames;
        bool slices_first;
    } shapes[] = {{"{\"axes\": \"CYX\", \"shape\": [2, 64, 80]}", 2, 2, 1, 1, false},
        {"{\"axes\": \"ZCYX\", \"shape\": [3, 2, 64, 80]}", 6, 2, 3, 1, false},
        {"{\"axes\": \"CZYX\", \"shape\": [2, 3, 64, 80]}", 6, 2, 3, 1, true},
        {"{\"axes\": \"ZQYXS\", \"shape\": [5, 1, 64, 80, 3]}", 5, 1, 5, 1, true},
        {"{\"axes\": \"TZYX\", \"shape\": [4, 3, 64, 80]}", 12, 1, 3, 4, true}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct tiff_axes x = read(shapes[i].text);
        assert_int_equal(x.kind, TIFF_SHAPED);
        assert_int_equal(x.images, shapes[i].images);
        assert_int_equal(x.channels, shapes[i].channels);
        assert_int_equal(x.slices, shapes[i].slices);
        assert_int_equal(x.frames, shapes[i].frames);
        assert_int_equal(x.slices_first, shapes[i].slices_first);
        assert_false(x.truncated);
    }
    assert_true(read("{\"axes\": \"CYX\", \"truncated\": true, \"shape\": [2, 64, 80]}").truncated);
}

/* A page may be any two axes. */
static void axes_in_any_order(void **state)
{
    (void)state;
    const struct tiff_axes x = read("{\"axes\": \"ZYXC\", \"shape\": [3, 64, 80, 2]}");
    assert_int_equal(x.kind, TIFF_SHAPED);
    assert_string_equal(x.order, "ZYXC");
    assert_true(x.images == 192 && x.channels == 2 && x.slices == 3 && x.frames == 1);
    assert_true(x.count[0] == 3 && x.count[1] == 64 && x.count[2] == 80 && x.count[3] == 2);
    static const char *const texts[] = {"{\"axes\": \"YCZ\", \"shape\": [64, 80, 2]}",
        "{\"axes\": \"YXXC\", \"shape\": [64, 80, 2, 2]}",
        "{\"axes\": \"YXQ\", \"shape\": [64, 80, 2]}", "{\"axes\": \"YXC\", \"shape\": [64, 0, 2]}",
        "{\"axes\": \"ZYXC\", \"shape\": [2147483647, 2147483647, 2, 2]}",
        "{\"axes\": \"\", \"shape\": []}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (read(texts[i]).kind != TIFF_PLAIN) fail_msg("%s", texts[i]);
}

/* Anybody may write JSON there, and axes may be of anything. */
static void shapes_that_say_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {"{\"shape\": [2, 64, 80]}",
        "{\"axes\": \"QYX\", \"shape\": [2, 64, 80]}",
        "{\"axes\": \"CCYX\", \"shape\": [2, 2, 64, 80]}",
        "{\"axes\": \"CYX\", \"shape\": [64, 80]}", "{\"axes\": \"CYX\", \"shape\": [0, 64, 80]}",
        "{\"axes\": \"CYX\", \"shape\": [-2, 64, 80]}",
        "{\"axes\": \"ZYX\", \"shape\": [4294967296, 64, 80]}",
        "{\"axes\": \"ZCYX\", \"shape\": [4294967295, 2, 64, 80]}",
        "{\"axes\": \"CYX\", \"shape\": [\"2\", 64, 80]}", "{\"shape\": 7, \"axes\": \"CYX\"}",
        "{\"shape\": [2, 64, 8", "{\"shape\":"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (read(texts[i]).kind != TIFF_PLAIN) fail_msg("%s", texts[i]);
    assert_int_equal(read(NULL).kind, TIFF_PLAIN);
    const struct tiff_axes x =
        read("{\"truncated\": true, \"shape\": [8, 64, 80]}"); /* but of how many samples it is */
    assert_true(x.kind == TIFF_PLAIN && x.truncated && x.samples == 8 * 64 * 80);
    assert_true(read("{\"shape\": [4294967296, 4294967296]}").samples == 0);
}

static void imagej_lengths(void **state)
{
    (void)state;
    const struct tiff_axes y = read("ImageJ=1.54f\nunit=um\nyunit=nm\n");
    assert_true(y.unit[0] == 1e-3 && y.unit[1] == 1e-6 && y.unit[2] == 1e-3);
    static const struct {
        const char *text;
        double unit, depth;
    } lines[] = {{"ImageJ=1.54f\nimages=3\nslices=3\nunit=um\nspacing=2.5\n", 1e-3, 2.5e-3},
        {"ImageJ=1.54f\nimages=3\nslices=3\nunit=nm\n", 1e-6,
            1e-6},                            /* ImageJ leaves out a spacing of 1 */
        {"ImageJ=1.54f\nunit=um\n", 1e-3, 0}, /* of one slice it says nothing */
        {"ImageJ=1.54f\nunit=\xc3\x85\nspacing=-20\n", 1e-7, 2e-6},
        {"ImageJ=1.54f\nimages=3\nslices=3\nunit=micron\nzunit=nm\nspacing=500\n", 1e-3,
            500 * 1e-6},
        {"ImageJ=1.54f\nimages=3\nslices=3\nspacing=2.5\n", 0, 0}};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct tiff_axes x = read(lines[i].text);
        assert_int_equal(x.kind, TIFF_IMAGEJ);
        assert_true(x.unit[1] == x.unit[2]);
        assert_true(x.unit[2] == lines[i].unit && x.spacing[0] == lines[i].depth);
    }
}
#else
static void nothing_to_read(void **state)
{
    (void)state;
    skip(); /* built without libtiff and expat */
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
#ifdef ATT_TIFF
        cmocka_unit_test(shapes_with_axes),
        cmocka_unit_test(axes_in_any_order),
        cmocka_unit_test(shapes_that_say_nothing),
        cmocka_unit_test(imagej_lengths),
#else
        cmocka_unit_test(nothing_to_read),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

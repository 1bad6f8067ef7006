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
    refuse_labels("pictures/colours.jpg",
        "its compression changes colours, and they are not only near 0 and 255; get the original "
        "labels, as PNG");
    /* (128,0,0) on an eighth, beside red, by tests/trees/images.py */
    refuse_labels("pictures/dark_red.jpg", "its compression changes colours");
    /* discs of radius 3 in (128,0,0), (0,128,0) and (128,128,0), by tests/trees/images.py */
    refuse_labels("pictures/dark_discs.jpg", "its compression changes colours");
    /* discs of radius 4 in red, green and (255,160,0) */
    refuse_labels("pictures/orange_disc.jpg", "its compression changes colours");
}

/* Red 8 x 12 beside green 9 x 12, by tests/trees/images.py: no yellow where they meet. */
static void lossy_colours_are_cut(void **state)
{
    (void)state;
    enum { RED = LABEL_RED + 255, GREEN = LABEL_COLOUR + (31 << 10) };
    struct labelmap l;
    int red = 0, green = 0, black = 0;
    OK(format_load_labels(fixture("pictures/red_green.jpg"), &l, &e));
    assert_true(l.coloured);
    for (int i = 0; i < 24 * 24; i++) {
        red += l.data[i] == RED;
        green += l.data[i] == GREEN;
        black += l.data[i] == 0;
    }
    assert_int_equal(red + green + black, 24 * 24);
    assert_in_range(red, 90, 102);
    assert_in_range(green, 102, 114);
    assert_int_equal(l.data[10 * 24 + 6], RED);
    assert_int_equal(l.data[10 * 24 + 15], GREEN);
    labelmap_free(&l);
}
#endif

static void put_text(const char *name, const char *text)
{
    write_scratch(name, text, strlen(text));
}

/* In the same way in every file, and no two by one number. */
static void colours_are_numbered(void **state)
{
    (void)state;
    struct labelmap l;
    assert_false(is_lossy("pictures/colours.png"));
    OK(format_load_labels(fixture("pictures/colours.png"), &l, &e));
    assert_true(l.coloured);
    assert_int_equal(l.data[0], LABEL_COLOUR + (16 << 10)); /* (0,128,0) */
    for (size_t i = 0; i < image_voxels(l.size); i++)
        assert_true(!l.data[i] || l.data[i] == l.data[0] || l.data[i] == LABEL_RED + 128);
    labelmap_free(&l);
    put_text("red.ppm", "P3 4 1 255  1 0 0  2 0 0  255 255 255  9 9 9\n");
    OK(format_load_labels("red.ppm", &l, &e));
    const uint16_t wanted[] = {LABEL_RED + 1, LABEL_RED + 2, 255, 9};
    assert_memory_equal(l.data, wanted, sizeof wanted);
    labelmap_free(&l);
    put_text("near.ppm", "P3 2 1 255  0 9 0  0 10 0\n");
    REFUSED(format_load_labels("near.ppm", &l, &e), ATT_DATA,
        "near.ppm: it has nearly equal colours ((0,9,0) (0,10,0) ...), so it is no mask; give "
        "masks with one grey value for each class");
    put_text("deep.ppm", "P3 2 1 65535  0 9 0  0 1000 0\n");
    REFUSED(format_load_labels("deep.ppm", &l, &e), ATT_DATA, "deep.ppm: it has deep colours");
    char many[2048] = "P3 65 1 255";
    for (int i = 0; i < 65; i++)
        snprintf(many + strlen(many), sizeof many - strlen(many), " 0 %d %d", i % 9 * 28,
            i / 9 * 28 + 8);
    put_text("many.ppm", many);
    REFUSED(format_load_labels("many.ppm", &l, &e), ATT_DATA, "many.ppm: it has many colours (");
}

/* White is the object, whether its index is 0 or 1. */
static void black_and_white_are_not_indices(void **state)
{
    (void)state;
    assert_int_equal(read_as_expected("pictures", "white_first.png"), 1);
}

/* A GIF of one row without compression, of four colours that begin with these two greys. */
static void put_gif(const char *name, int first, int second, int rest, const unsigned char pixel[3])
{
    const unsigned char head[] = "GIF87a\3\0\1\0\x91\0";
    unsigned char file[64];
    size_t n = sizeof head;
    memcpy(file, head, n);
    for (int i = 0; i < 12; i++) file[n++] = (unsigned char)(i < 3 ? first : i < 6 ? second : rest);
    memcpy(file + n, ",\0\0\0\0\3\0\1\0\0\2\3", 12);
    n += 12;
    /* codes of three bits: clear, three pixels, end */
    const int bits = 4 | pixel[0] << 3 | pixel[1] << 6 | pixel[2] << 9 | 5 << 12;
    file[n++] = (unsigned char)(bits & 255);
    file[n++] = (unsigned char)(bits >> 8);
    memcpy(file + n, "\0\0;", 3);
    write_scratch(name, (const char *)file, n + 3);
}

/* Several numbers of one colour are several numbers. */
static void shared_colours_lose_no_numbers(void **state)
{
    (void)state;
    struct labelmap l;
    put_gif("plain.gif", 0, 255, 0, (const unsigned char[]){0, 1, 0});
    OK(format_load_labels("plain.gif", &l, &e));
    assert_memory_equal(l.data, ((uint16_t[]){0, 255, 0}), 6);
    labelmap_free(&l);
    put_gif("whites.gif", 0, 255, 255, (const unsigned char[]){0, 1, 2});
    OK(format_load_labels("whites.gif", &l, &e));
    assert_memory_equal(l.data, ((uint16_t[]){0, 1, 2}), 6);
    labelmap_free(&l);
    put_gif("blacks.gif", 0, 255, 0, (const unsigned char[]){0, 1, 2});
    REFUSED(format_load_labels("blacks.gif", &l, &e), ATT_DATA,
        "blacks.gif: its palette shows the numbers 0 and 2 as black");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#ifdef ATT_JPEG
        cmocka_unit_test(lossy_masks_are_cut),
        cmocka_unit_test(lossy_classes_are_refused),
        cmocka_unit_test(lossy_colours_are_cut),
#endif
        cmocka_unit_test(colours_are_numbered),
        cmocka_unit_test(black_and_white_are_not_indices),
#ifdef ATT_GIF
        cmocka_unit_test(shared_colours_lose_no_numbers),
#endif
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

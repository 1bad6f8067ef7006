/* SPDX-License-Identifier: Apache-2.0 */
/* JPEG: what Pillow reads, what is refused; in a build without libjpeg, the sentence that says so.
 */
#include "unit/format/raster_test.h"

#ifdef ATT_JPEG
static void reads_what_pillow_reads(void **state)
{
    (void)state;
    assert_int_equal(read_as_expected("raster", ".jpg"),
        8); /* among them one whose EXIF data asks viewers to turn it: it is not turned */
}

static void never_written(void **state)
{
    (void)state;
    struct labelmap l = {.size = {1, 1, 1}, .data = (uint16_t[]){0}};
    struct image m = {.channels = 1, .size = {1, 1, 1}, .data = (float[]){0}};
    REFUSED(format_save_labels("a.jpg", &l, &e), ATT_USAGE,
        "a.jpg: attunet reads JPEG files but does not write them; use .nii.gz");
    REFUSED(format_save_image("a.jpeg", &m, &e), ATT_USAGE,
        "a.jpeg: attunet reads JPEG files but does not write them; use .nii.gz");
    assert_false(file_exists("a.jpg"));
    assert_string_equal(format_result_ending("x/a.jpeg"), ".png");
}

static size_t find(const unsigned char *file, size_t size, int marker)
{
    for (size_t i = 0; i + 1 < size; i++)
        if (file[i] == 0xff && file[i + 1] == marker) return i;
    fail_msg("no marker %x", (unsigned)marker);
    return 0;
}

static bool asks_turning(const char *path)
{
    struct image m;
    OK(format_peek_image(path, &m, &e));
    return m.geometry.asks_turning;
}

/* What asks for the picture as it is, or is cut off, asks for nothing. */
static void exif_data_that_ask_to_turn_are_noticed(void **state)
{
    (void)state;
    size_t size;
    unsigned char *file = read_fixture("raster/orientation.jpg", &size),
                  *exif = file + find(file, size, 0xe1), *tag = exif;
    assert_true(asks_turning(fixture("raster/orientation.jpg")));
    assert_false(asks_turning(fixture("raster/grey.jpg")));
    const bool large_first = exif[10] == 'M';
    while (memcmp(tag, large_first ? "\x01\x12\0\3" : "\x12\x01\3\0", 4) != 0) tag++;
    tag[large_first ? 9 : 8] = 1;
    write_scratch("exif.jpg", file, size);
    assert_false(asks_turning("exif.jpg"));
    tag[large_first ? 9 : 8] = 6;
    exif[large_first ? 16 : 15] = 0xff; /* where its entries would begin */
    write_scratch("exif.jpg", file, size);
    assert_false(asks_turning("exif.jpg"));
    mem_free(file);
}

static void inks_are_refused(void **state)
{
    (void)state;
    struct image m;
    REFUSED(format_load_image(fixture("raster/cmyk.jpg"), &m, &e), ATT_DATA,
        "its 4 colours are inks (CMYK or YCCK); convert it to RGB or grey");
    assert_null(m.data);
}

static void sizes_are_judged_first(void **state)
{
    (void)state;
    size_t size;
    struct image m;
    unsigned char *file = read_fixture("raster/rgb_420.jpg", &size),
                  *sizes = file + find(file, size, 0xc0) + 5;
    memcpy(sizes, "\xea\x60\xea\x60", 4); /* 60000 x 60000 */
    write_scratch("nasty.jpg", file, size);
    REFUSED(format_load_image("nasty.jpg", &m, &e), ATT_DATA, "nasty.jpg is 60000x60000");
    memcpy(sizes, "\x40\x00\x40\x00", 4); /* 16384 x 16384: 2^28 pixels */
    write_scratch("nasty.jpg", file, size);
    REFUSED(format_load_image("nasty.jpg", &m, &e), ATT_DATA,
        "its size of 16384x16384 needs more than the file's");
    memcpy(sizes, "\x00\x00\x00\x05", 4);
    write_scratch("nasty.jpg", file, size);
    REFUSED(format_load_image("nasty.jpg", &m, &e), ATT_DATA, "damaged");
    assert_null(m.data);
    mem_free(file);
}

static void half_an_image_is_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"raster/rgb_420.jpg", "raster/grey_progressive.jpg"};
    struct image m;
    for (size_t k = 0; k < COUNT(names); k++) {
        size_t size;
        unsigned char *file = read_fixture(names[k], &size);
        for (size_t cut = 3; cut < size - 4; cut += 1 + cut / 50) {
            write_scratch("nasty.jpg", file, cut);
            struct err e = {0};
            assert_int_equal(format_load_image("nasty.jpg", &m, &e), ATT_DATA);
            if (!strstr(e.text, "nasty.jpg: the JPEG file is damaged (") ||
                strstr(e.text, "Improper call"))
                fail_msg("%s", e.text);
            assert_null(m.data);
        }
        mem_free(file);
    }
    /* Only the end marker is missing: every pixel is there. */
    size_t size;
    unsigned char *file = read_fixture("raster/rgb_420.jpg", &size);
    write_scratch("nasty.jpg", file, size - 2);
    OK(format_load_image("nasty.jpg", &m, &e));
    image_free(&m);
    mem_free(file);
}

/* Bytes between segments say nothing about pixels. */
static void surplus_in_the_header_is_passed_over(void **state)
{
    (void)state;
    size_t size;
    struct image m, whole;
    unsigned char *file = read_fixture("raster/grey.jpg", &size), *longer = mem_alloc(size + 2);
    size_t at = find(file, size, 0xdb); /* the quantisation table */
    memcpy(longer, file, at);
    memcpy(longer + at, "\x12\x34", 2);
    memcpy(longer + at + 2, file + at, size - at);
    write_scratch("surplus.jpg", longer, size + 2);
    OK(format_load_image(fixture("raster/grey.jpg"), &whole, &e));
    OK(format_load_image("surplus.jpg", &m, &e));
    assert_memory_equal(m.size, whole.size, sizeof m.size);
    assert_memory_equal(m.data, whole.data, image_voxels(m.size) * sizeof *m.data);
    image_free(&m);
    image_free(&whole);
    mem_free(longer);
    mem_free(file);
}

/* Of several scans libjpeg holds the coefficients of the whole image, two bytes each, and of one a
 * few rows. */
static void what_decoding_holds_is_known(void **state)
{
    (void)state;
    struct image one, several;
    double bytes, more;
    OK(format_jpeg.survey(fixture("raster/grey.jpg"), &one, &bytes, &e));
    OK(format_jpeg.survey(fixture("raster/grey_progressive.jpg"), &several, &more, &e));
    assert_memory_equal(one.size, several.size, sizeof one.size);
    assert_true(more >= bytes + 2 * (double)image_voxels(several.size));
}

static void endless_scans_are_refused(void **state)
{
    (void)state;
    struct image m;
    OK(format_load_image(fixture("fuzz/jpeg/goodscans"), &m, &e));
    for (int i = 0; i < 64; i++) assert_true(m.data[i] == 128);
    image_free(&m);
    REFUSED(format_load_image(fixture("fuzz/jpeg/scans"), &m, &e), ATT_DATA, "more than 100 scans");
}
#else
static void says_what_is_missing(void **state)
{
    (void)state;
    struct image m;
    REFUSED(format_load_image(fixture("raster/grey.jpg"), &m, &e), ATT_DATA,
        "built without libjpeg, which JPEG files need");
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
#ifdef ATT_JPEG
        cmocka_unit_test(reads_what_pillow_reads),
        cmocka_unit_test(never_written),
        cmocka_unit_test(what_decoding_holds_is_known),
        cmocka_unit_test(inks_are_refused),
        cmocka_unit_test(exif_data_that_ask_to_turn_are_noticed),
        cmocka_unit_test(sizes_are_judged_first),
        cmocka_unit_test(half_an_image_is_refused),
        cmocka_unit_test(endless_scans_are_refused),
        cmocka_unit_test(surplus_in_the_header_is_passed_over),
#else
        cmocka_unit_test(says_what_is_missing),
#endif
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* JPEG 2000: what imagecodecs and Pillow read, and what is refused; in a build without its library,
 * the sentence that says so. */
#include "unit/format/raster_test.h"

#ifdef ATT_OPENJPEG
static void reads_as_expected(void **state)
{
    (void)state;
    assert_int_equal(read_as_expected("pictures", ".jp2"), 16);
    assert_int_equal(read_as_expected("pictures", ".j2k"), 3);
}

static void refuses_with_a_sentence(void **state)
{
    (void)state;
    static const struct refusal files[] = {
        {"fuzz/jp2/short", "the JPEG 2000 file is damaged ("},
        {"fuzz/jp2/short_box", "damaged ("},
        {"fuzz/jp2/cut", "damaged ("},
        {"fuzz/jp2/huge", "is 60000x60000"},
        {"fuzz/jp2/empty", "needs more than the file"},
        {"fuzz/jp2/tiles", "needs more than the file"},
        {"fuzz/jp2/no_tiles", "damaged ("},
        {"fuzz/jp2/origin", "damaged ("},
        {"fuzz/jp2/channels", "damaged ("},
        {"fuzz/jp2/bits", "it has 38 bits per sample"},
        {"fuzz/jp2/steps", "its channels differ in size or type"},
        {"fuzz/jp2/box_length", "damaged ("},
        {"fuzz/jp2/box_zero", "damaged ("},
        {"fuzz/jp2/palette", "its colours are a palette"},
        {"fuzz/jp2/ycc", "its colours are sYCC"},
    };
    refuse_images(files, COUNT(files));
}

static void half_files_are_refused(void **state)
{
    (void)state;
    refuse_parts("pictures/u2.jp2", 4, 2);
    refuse_parts("pictures/bare.j2k", 4, 2);
}

/* The box cdef lists channel, kind and colour of each: opacity is the fourth. */
static void channels_must_be_in_order(void **state)
{
    enum { ENTRIES = 6, ENTRY = 6, OPACITY = ENTRIES + 3 * ENTRY };
    static const int changed[] = {OPACITY + 1, ENTRIES + 5, ENTRIES + 3};
    struct image m;
    size_t size, at = 0;
    (void)state;
    unsigned char *all = read_fixture("pictures/alpha.jp2", &size);
    while (memcmp(all + at, "cdef", 4) != 0) at++;
    for (size_t i = 0; i < COUNT(changed); i++) {
        const unsigned char before = all[at + (size_t)changed[i]];
        all[at + (size_t)changed[i]] = changed[i] == ENTRIES + 5 ? 3 : 1;
        write_scratch("mixed.jp2", all, size);
        all[at + (size_t)changed[i]] = before;
        REFUSED(format_load_image("mixed.jp2", &m, &e), ATT_DATA,
            "mixed.jp2: its channels are not in the order red, green, blue, opacity; convert it");
    }
    mem_free(all);
}

static void lossy_files_are_known(void **state)
{
    (void)state;
    struct image m;
    struct labelmap l;
    OK(format_peek_image(fixture("pictures/lossy.jp2"), &m, &e));
    assert_true(m.geometry.lossy && m.geometry.colours);
    OK(format_peek_image(fixture("pictures/u2.jp2"), &m, &e));
    assert_false(m.geometry.lossy);
    REFUSED(format_load_labels(fixture("pictures/i2.jp2"), &l, &e), ATT_DATA,
        "has the value -32768, but a label must be");
}
#else
static void says_what_is_missing(void **state)
{
    (void)state;
    struct image m;
    REFUSED(format_load_image(fixture("pictures/u2.jp2"), &m, &e), ATT_DATA,
        "built without openjpeg (libopenjp2-7-dev), which JPEG 2000 files need");
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
#ifdef ATT_OPENJPEG
        cmocka_unit_test(reads_as_expected),
        cmocka_unit_test(refuses_with_a_sentence),
        cmocka_unit_test(half_files_are_refused),
        cmocka_unit_test(channels_must_be_in_order),
        cmocka_unit_test(lossy_files_are_known),
#else
        cmocka_unit_test(says_what_is_missing),
#endif
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

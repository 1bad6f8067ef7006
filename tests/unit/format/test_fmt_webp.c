/* SPDX-License-Identifier: Apache-2.0 */
/* WebP: what Pillow reads, and what is refused; in a build without its library, the sentence that
 * says so. */
#include "unit/format/raster_test.h"

#ifdef ATT_WEBP
static void reads_as_expected(void **state)
{
    (void)state;
    assert_int_equal(read_as_expected("pictures", ".webp"), 9);
}

static void refuses_with_a_sentence(void **state)
{
    (void)state;
    static const struct refusal files[] = {
        {"fuzz/webp/short", "the WebP file is damaged or cut off"},
        {"fuzz/webp/cut", "damaged or cut off"},
        {"fuzz/webp/cut_lossy", "damaged or cut off"},
        {"fuzz/webp/huge", "needs more than the file"},
        {"fuzz/webp/huge_lossy", "needs more than the file"},
        {"fuzz/webp/garbage", "damaged or cut off"},
    };
    refuse_images(files, COUNT(files));
}

static void half_files_are_refused(void **state)
{
    (void)state;
    refuse_parts("pictures/lossless.webp", 12, 0);
    refuse_parts("pictures/lossy.webp", 12, 0);
}

/* frames.webp has two pictures, the first from byte 44 on. */
static void animations_begin_with_a_whole_picture(void **state)
{
    enum { FIRST = 44, PLACE = FIRST + 8, WIDTH = PLACE + 6 };
    static const int changed[] = {PLACE, PLACE + 3, WIDTH, WIDTH + 3};
    struct image m;
    size_t size;
    (void)state;
    unsigned char *all = read_fixture("pictures/frames.webp", &size);
    assert_memory_equal(all + FIRST, "ANMF", 4);
    for (size_t i = 0; i < COUNT(changed); i++) {
        all[changed[i]]++;
        write_scratch("frames.webp", all, size);
        all[changed[i]]--;
        REFUSED(format_load_image("frames.webp", &m, &e), ATT_DATA,
            "it is an animation that does not begin with a whole picture; save the picture you "
            "want as PNG");
    }
    for (size_t cut = 12; cut < size - 280; cut++) { /* before the second picture */
        write_scratch("frames.webp", all, cut);
        REFUSED(format_load_image("frames.webp", &m, &e), ATT_DATA, "frames.webp");
    }
    mem_free(all);
}

static void lossy_files_are_known(void **state)
{
    (void)state;
    struct image m;
    OK(format_peek_image(fixture("pictures/lossy.webp"), &m, &e));
    assert_true(m.geometry.lossy && m.geometry.colours);
    OK(format_peek_image(fixture("pictures/lossless.webp"), &m, &e));
    assert_false(m.geometry.lossy);
}
#else
static void says_what_is_missing(void **state)
{
    (void)state;
    struct image m;
    REFUSED(format_load_image(fixture("pictures/grey.webp"), &m, &e), ATT_DATA,
        "built without libwebp (libwebp-dev), which WebP files need");
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
#ifdef ATT_WEBP
        cmocka_unit_test(reads_as_expected),
        cmocka_unit_test(refuses_with_a_sentence),
        cmocka_unit_test(half_files_are_refused),
        cmocka_unit_test(animations_begin_with_a_whole_picture),
        cmocka_unit_test(lossy_files_are_known),
#else
        cmocka_unit_test(says_what_is_missing),
#endif
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

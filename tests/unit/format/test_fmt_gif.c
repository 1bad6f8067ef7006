/* SPDX-License-Identifier: Apache-2.0 */
/* GIF: what Pillow reads, and what is refused; in a build without its library, the sentence that
 * says so. */
#include "unit/format/raster_test.h"

#ifdef ATT_GIF
static void reads_as_expected(void **state)
{
    (void)state;
    assert_int_equal(read_as_expected("pictures", ".gif"), 12);
}

static void refuses_with_a_sentence(void **state)
{
    (void)state;
    static const struct refusal files[] = {
        {"fuzz/gif/short", "the GIF file is damaged ("},
        {"fuzz/gif/no_frame", "it has no image"},
        {"fuzz/gif/cut", "the GIF file is damaged ("},
        {"fuzz/gif/canvas", "is 65535x65535"},
        {"fuzz/gif/far", "is 65544x65542"},
        {"fuzz/gif/zero", "damaged"},
        {"fuzz/gif/taller", "damaged"},
        {"fuzz/gif/codes", "damaged"},
    };
    refuse_images(files, COUNT(files));
}

static void half_files_are_refused(void **state)
{
    (void)state;
    refuse_parts("pictures/interlaced.gif", 6, 2);
}
#else
static void says_what_is_missing(void **state)
{
    (void)state;
    struct image m;
    REFUSED(format_load_image(fixture("pictures/grey.gif"), &m, &e), ATT_DATA,
        "built without giflib (libgif-dev), which GIF files need");
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
#ifdef ATT_GIF
        cmocka_unit_test(reads_as_expected),
        cmocka_unit_test(refuses_with_a_sentence),
        cmocka_unit_test(half_files_are_refused),
#else
        cmocka_unit_test(says_what_is_missing),
#endif
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* PBM, PGM, PPM and PAM, as bytes and as text, also in gzip: what Pillow reads of them, and what is
 * refused. */
#include "unit/format/raster_test.h"

static void reads_what_pillow_reads(void **state)
{
    (void)state;
    static const struct {
        const char *ending;
        int lines;
    } kinds[] = {{".pbm", 4}, {".pgm", 10}, {".ppm", 5}, {".pam", 11}, {".ppm.gz", 1}};
    for (size_t k = 0; k < COUNT(kinds); k++)
        assert_int_equal(read_as_expected("pictures", kinds[k].ending), kinds[k].lines);
}

static void refuses_with_a_sentence(void **state)
{
    (void)state;
    static const struct refusal files[] = {
        {"fuzz/pnm/short", "ends inside its header"},
        {"fuzz/pnm/cut", "ends inside its samples"},
        {"fuzz/pnm/cut_text", "its samples end early"},
        {"fuzz/pnm/huge", "its size of 30000x30000 needs more than the file's"},
        {"fuzz/pnm/wide", "is 1x9223372036854775807"},
        {"fuzz/pnm/zero", "has 0 in the place of a number"},
        {"fuzz/pnm/minus", "has -4 in the place of a number"},
        {"fuzz/pnm/maximum", "its samples go up to 65536"},
        {"fuzz/pnm/letters", "are no numbers up to 255"},
        {"fuzz/pnm/above", "are no numbers up to 9"},
        {"fuzz/pnm/comment", "ends inside its header"},
        {"fuzz/pnm/long_word", "its PNM header has no size"},
        {"fuzz/pnm/no_end", "ends inside its header"},
        {"fuzz/pnm/depth", "in 99999 channels"},
    };
    refuse_images(files, COUNT(files));
}

static void half_files_are_refused(void **state)
{
    (void)state;
    refuse_parts("pictures/raw16.pgm", 3, 0);
    refuse_parts("pictures/rgba.pam", 3, 0);
    refuse_parts("pictures/im0001.ppm.gz", 3, 0);
}

static void never_written(void **state)
{
    (void)state;
    refuse_writing("x/im1.ppm.gz", "attunet reads PNM files but does not write them; use .nii.gz");
    char *stem = format_stem("x/im0001.ppm.gz");
    assert_string_equal(stem, "im0001");
    mem_free(stem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_pillow_reads),
        cmocka_unit_test(refuses_with_a_sentence),
        cmocka_unit_test(half_files_are_refused),
        cmocka_unit_test(never_written),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

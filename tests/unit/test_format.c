/* SPDX-License-Identifier: Apache-2.0 */
/* Which format a file has: by content on reading, by name on writing; and what all images must hold to. */
#include "format/format.h"

#include <math.h>

#include "format_test.h"

static void reading_goes_by_content(void **state)
{
    (void)state;
    size_t size;
    struct image m;
    unsigned char *file = read_fixture("nifti/i2.nii.gz", &size);
    write_scratch("liar.png", file, size);
    OK(format_load_image("liar.png", &m, &e));
    assert_int_equal(m.size[IMAGE_D], 5);
    image_free(&m);
    mem_free(file);
    file = read_fixture("png/grey8.png", &size);
    write_scratch("liar.nii", file, size);
    OK(format_load_image("liar.nii", &m, &e));
    assert_int_equal(m.size[IMAGE_D], 1);
    image_free(&m);
    mem_free(file);
}

static void unknown_files_are_refused(void **state)
{
    (void)state;
    struct image m;
    struct labelmap l;
    write_scratch("text.nii", "hello, world", 12);
    write_scratch("empty.nii", "", 0);
    REFUSED(format_load_image("text.nii", &m, &e), ATT_DATA, "text.nii: not an image that can be read; give NIfTI or PNG");
    REFUSED(format_load_labels("empty.nii", &l, &e), ATT_DATA, "empty");
    REFUSED(format_load_image("absent.nii", &m, &e), ATT_IO, "absent.nii");
}

static void writing_goes_by_name(void **state)
{
    (void)state;
    size_t ending;
    assert_ptr_equal(format_by_name("a/b.nii.gz", &ending), &format_nifti);
    assert_int_equal(ending, 7);
    assert_ptr_equal(format_by_name("B.NII", &ending), &format_nifti);
    assert_int_equal(ending, 4);
    assert_ptr_equal(format_by_name("b.png", &ending), &format_png);
    assert_null(format_by_name("b.gz", &ending));
    assert_null(format_by_name("png", &ending));
    struct labelmap l = {.size = {1, 1, 1}, .data = (uint16_t[]){0}};
    REFUSED(format_save_labels("b.jpg", &l, &e), ATT_USAGE, "use .nii.gz, .nii or .png");
}

static void not_a_number_is_named(void **state)
{
    (void)state;
    float data[24] = {0};
    struct image m = {.channels = 2, .size = {2, 2, 3}, .data = data}, back;
    data[12 + 10] = NAN; /* channel 1, (1,1,1) */
    data[12 + 11] = -INFINITY;
    OK(format_save_image("nan.nii", &m, &e));
    REFUSED(format_load_image("nan.nii", &back, &e), ATT_DATA,
            "nan.nii: 2 of 24 samples are NaN or infinite, the first at voxel (1,1,1) of channel 1");
    assert_null(back.data);
}

static void full_disks_are_told(void **state)
{
    (void)state;
    static const char *const names[] = {"full.nii", "full.nii.gz", "full.png"};
    enum { SIDE = 400 };
    struct image m = {.channels = 1, .size = {1, SIDE, SIDE}, .data = mem_array(SIDE * SIDE, sizeof(float))};
    for (int i = 0; i < SIDE * SIDE; i++) m.data[i] = (float)(i * 7919 % 65536) / 65536;
    for (size_t i = 0; i < COUNT(names); i++) {
        assert_int_equal(symlink("/dev/full", names[i]), 0);
        REFUSED(format_save_image(names[i], &m, &e), ATT_IO, "/dev/full");
    }
    image_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading_goes_by_content), cmocka_unit_test(unknown_files_are_refused), cmocka_unit_test(writing_goes_by_name),
        cmocka_unit_test(not_a_number_is_named),   cmocka_unit_test(full_disks_are_told),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* NPY: fixtures by NumPy. */
#include "unit/format/volume_test.h"

static void reads_every_type(void **state)
{
    static const char *const names[] = {"u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8",
        "f2", "big_i2", "big_f8", "fortran", "v2", "v3"};
    char name[64];
    struct labelmap l;
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        snprintf(name, sizeof name, "npy/%s.npy", names[i]);
        check_volume(fixture(name), names[i][0] != 'u', 1, NULL);
    }
    check_volume(fixture("npy/4d.npy"), true, 2, NULL);
    OK(format_load_labels(fixture("npy/bool.npy"), &l, &e));
    for (size_t k = 0; k < VOXELS; k++) assert_int_equal(l.data[k], 7 * k % 120 % 2);
    labelmap_free(&l);
}

static void results_have_the_axes(void **state)
{
    static const char *const names[] = {"i2", "fortran", "2d", "4d", "v2"};
    static const char *const shapes[] = {
        "(5, 4, 3)", "(5, 4, 3)", "(4, 3)", "(5, 4, 3)", "(5, 4, 3)"}; /* of the mask */
    char name[64], result[64];
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        char *file;
        size_t size;
        snprintf(name, sizeof name, "npy/%s.npy", names[i]);
        snprintf(result, sizeof result, "%s.npy", names[i]);
        check_copy(fixture(name), result);
        check_mask(fixture(name), result);
        OK(file_read(result, 1 << 20, &file, &size, &e));
        assert_non_null(memmem(file, size, shapes[i], strlen(shapes[i])));
        assert_int_equal(((unsigned char)file[8] + 10) % 64, 0);
        mem_free(file);
    }
    write_instead("npy/i2.npy", "flat.npy", "(5, 4, 3), }",
        "(1, 4, 3), }"); /* one slice of a volume stays one */
    check_mask("flat.npy", "flat_mask.npy");
    char *file;
    size_t size;
    OK(file_read("flat_mask.npy", 1 << 20, &file, &size, &e));
    assert_non_null(memmem(file, size, "(1, 4, 3)", 9));
    mem_free(file);
    struct image m;
    write_instead("npy/i2.npy", "keras.npy", "(5, 4, 3), }", "(20,3,1), } ");
    OK(format_load_image("keras.npy", &m, &e));
    assert_true(m.channels == 1 && m.size[0] == 1 && m.size[1] == 20 && m.size[2] == 3);
    image_free(&m);
}

static void nasty_headers_are_refused(void **state)
{
    static const struct {
        const char *old, *fresh, *words;
    } nasty[] = {
        {"'<i2'", "'|O' ", "its type, '|O', is not supported"},
        {"'<i2'", "'<c8'", "complex"},
        {"'<i2'", "[1,2]", "its type, [1,2], is not supported"},
        {"'<i2'", "[('r', '<f4'), ('green', '<f4'), ('blue', '<f4'), ('alpha', '<f4')]",
            "its type, [('r', '<f4'), ('green', '<f4'), ('blue', '<f4'), ('alpha', ..., is not"},
        {"'<i2'", "'<U9'", "its type"},
        {"'<i2'", "'<f1'", "its type"},
        {"'descr'", "'decsr'", "its type, missing"},
        {"False", "Folse", "the array's fortran_order, Folse, is not valid"},
        {"(5, 4, 3)", "(5, 4, x)", "the array's shape, (5, 4, x), is not valid"},
        {"(5, 4, 3)", "(5,-4, 3)", "shape"},
        {"(5, 4, 3)", "(5, 0, 3)", "is not an image's"},
        {"(5, 4, 3)", "(60,)    ", "its shape, (60,), is not an image's"},
        {"(5, 4, 3)", "()       ", "is not an image's"},
        {"(5, 4, 3)", "(1,1,1,1,9)", "is not an image's"},
        {"(5, 4, 3)", "(6, 4, 3)", "6x4x3 voxels"},
        {"(5, 4, 3), }           ", "(2147483647,2147483647,9)", "2^40"},
    };
    struct image m;
    (void)state;
    for (size_t i = 0; i < COUNT(nasty); i++) {
        write_instead("npy/i2.npy", "nasty.npy", nasty[i].old, nasty[i].fresh);
        REFUSED(format_load_image("nasty.npy", &m, &e), ATT_DATA, nasty[i].words);
        assert_null(m.data);
    }
    write_scratch("bundle.npz", "PK\3\4rest", 8);
    REFUSED(format_load_image("bundle.npz", &m, &e), ATT_DATA,
        "a zip archive, not an image; save the image of an .npz");
    write_scratch("volume.h5", "\x89HDF\r\n\x1a\nrest", 12);
    REFUSED(format_load_image("volume.h5", &m, &e), ATT_DATA,
        "volume.h5: HDF5 or MINC, which attunet does not read; save its volumes as NIfTI");
    write_scratch("old.mnc", "CDF\1\0\0\0\0rest", 12);
    REFUSED(format_load_image("old.mnc", &m, &e), ATT_DATA, "old.mnc: HDF5 or MINC");
}

static void cut_files_are_refused(void **state)
{
    (void)state;
    check_cuts("npy/i2.npy", "cut.npy");
    check_cuts("npy/v2.npy", "cut2.npy");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_type),
        cmocka_unit_test(results_have_the_axes),
        cmocka_unit_test(nasty_headers_are_refused),
        cmocka_unit_test(cut_files_are_refused),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

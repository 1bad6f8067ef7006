/* SPDX-License-Identifier: Apache-2.0 */
/* Boxes of a file are what the whole file has there, of every type and byte order; masks by parts
 * are the masks as a whole. */
#include "format/places.h"

#include "format/format.h"
#include "unit/format/format_test.h"

static void check_box(const struct opened *o, const struct image *m, const struct box *b)
{
    float *part = mem_array(box_voxels(b), sizeof *part);
    for (int c = 0; c < m->channels; c++) {
        OK(opened_read(o, c, b, part, &e));
        for (size_t i = 0; i < box_voxels(b); i++)
            assert_memory_equal(&part[i],
                &m->data[(size_t)c * image_voxels(m->size) + box_voxel(b, m->size, i)],
                sizeof *part);
    }
    mem_free(part);
}

static void check_file(const char *path)
{
    struct image m;
    struct opened o;
    bool can = false;
    OK(format_load_image(path, &m, &e));
    OK(opened_peek(path, &o, &can, &e));
    assert_true(can && o.at.channels == m.channels && !memcmp(o.at.size, m.size, sizeof m.size));
    assert_memory_equal(o.geometry.affine, m.geometry.affine, sizeof m.geometry.affine);
    assert_true((opened_temporary(&o) > 0) == o.at.packed);
    OK(opened_begin(&o, ".", NULL, &e));
    const struct box whole = box_whole(m.size);
    struct box inner = whole, rows = whole, planes = whole;
    for (int i = 0; i < 3; i++) {
        inner.from[i] = m.size[i] / 3;
        inner.size[i] = m.size[i] - inner.from[i] - m.size[i] / 4;
    }
    rows.from[1] = inner.from[1];
    rows.size[1] = inner.size[1];
    planes.from[0] = inner.from[0];
    planes.size[0] = inner.size[0];
    check_box(&o, &m, &whole);
    check_box(&o, &m, &inner);
    check_box(&o, &m, &rows);
    check_box(&o, &m, &planes);
    opened_close(&o);
    image_free(&m);
}

static void boxes_are_those_of_the_image(void **state)
{
    static const char *const names[] = {"u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f4", "f8",
        "2d", "4d", "5d", "rgb", "rgba", "scaled", "v1be_f4", "v1be_f8", "v1be_i2", "v2be_f4",
        "v2be_i2", "v2le_f8", "nan_slope", "qform"};
    char name[64];
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        snprintf(name, sizeof name, "nifti/%s.nii", names[i]);
        check_file(fixture(name));
    }
    check_file(fixture("nifti/i2.nii.gz"));
    check_file(fixture("nifti/i2_two_members.nii.gz"));
}

static void any_format_of_volumes_has_boxes(void **state)
{
    static const char *const names[] = {"nrrd/2d.nrrd", "nrrd/big.nrrd", "nrrd/f4.nrrd",
        "nrrd/f8.nrrd", "nrrd/first.nrrd", "nrrd/last.nrrd", "nrrd/rgba.nrrd", "nrrd/vector.nrrd",
        "nrrd/u2.nrrd", "nrrd/skipped.nhdr", "nrrd/beside.nhdr", "nrrd/at_the_end.nhdr",
        "metaimage/big.mha", "metaimage/4d.mha", "metaimage/vector.mha", "metaimage/f4.mha",
        "metaimage/beside.mhd", "metaimage/beside_raw.mhd", "metaimage/u2.mha", "metaimage/i8.mha",
        "npy/2d.npy", "npy/4d.npy", "npy/big_f8.npy", "npy/bool.npy", "npy/f2.npy", "npy/u8.npy",
        "npy/v3.npy"};
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) check_file(fixture(names[i]));
}

/* Whatever their pages, strips, tiles, planes, bits, codecs and passes: what is read as a whole is
 * read by parts. */
static void pictures_are_decoded(void **state)
{
    (void)state;
    static const char *const folders[] = {"png", "raster", "pictures"};
    int count = 0, photographs = 0;
    for (size_t k = 0; k < COUNT(folders); k++) {
        struct file_list l;
        OK(file_list(fixture(folders[k]), &l, &e));
        for (int i = 0; i < l.count; i++) {
            struct image m;
            char name[128];
            struct err refused = {0};
            snprintf(name, sizeof name, "%s/%s", folders[k], l.names[i]);
            if (file_ends(name, ".txt")) continue;
            if (format_load_image(fixture(name), &m, &refused) != ATT_OK) continue;
            check_file(fixture(name));
            image_free(&m);
            count++;
            photographs += file_ends(name, ".jpg");
        }
        file_list_free(&l);
    }
#ifdef ATT_JPEG
    assert_int_equal(photographs, 21);
#endif
#ifdef ATT_TIFF
    assert_true(count > 80);
#else
    assert_true(count > 20);
#endif
}

static void a_file_that_has_changed_is_told(void **state)
{
    (void)state;
    struct opened o;
    bool can;
    char *bytes;
    size_t size;
    const struct image small = {.channels = 1, .size = {1, 1, 2}, .data = (float[]){0, 1}},
                       large = {.channels = 1, .size = {1, 1, 3}, .data = (float[]){0, 1, 1}};
    OK(format_save_image("other.png", &large, &e));
    OK(file_read("other.png", 1 << 20, &bytes, &size, &e));
    OK(format_save_image("changing.png", &small, &e));
    OK(opened_peek("changing.png", &o, &can, &e));
    OK(file_write_all("changing.png", bytes, size, &e));
    REFUSED(opened_begin(&o, ".", NULL, &e), ATT_DATA,
        "changing.png: the file changed while attunet read it; try again");
    opened_close(&o);
    mem_free(bytes);
}

/* Text, and orders that would take a read for every sample. */
static void what_has_none_is_read_whole(void **state)
{
    static const char *const names[] = {
        "nrrd/ascii.nrrd", "nrrd/middle.nrrd", "metaimage/text.mha", "npy/fortran.npy"};
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        struct opened o;
        bool can = true;
        OK(opened_peek(fixture(names[i]), &o, &can, &e));
        if (can) fail_msg("%s", names[i]);
        opened_close(&o);
    }
}

/* A voxel that is larger than a buffer. */
static void many_colours_are_read_whole(void **state)
{
    (void)state;
    struct opened o;
    bool can = true;
    struct image m = {.channels = 5000, .size = {1, 2, 3}, .geometry = {.spacing = {1, 1, 1}}};
    m.data = mem_array((size_t)5000 * 6, sizeof *m.data);
    OK(format_save_image("many.mha", &m, &e));
    OK(opened_peek("many.mha", &o, &can, &e));
    assert_false(can);
    opened_close(&o);
    image_free(&m);
}

/* More than one buffer, from a deflated file, too. */
static void long_rows_are_read_on(void **state)
{
    (void)state;
    struct image m = {.channels = 2, .size = {3, 7, 5001}};
    m.data = mem_array((size_t)2 * 3 * 7 * 5001, sizeof *m.data);
    for (size_t i = 0; i < (size_t)2 * 3 * 7 * 5001; i++) m.data[i] = (float)(i * 7 % 100003);
    OK(format_save_image("long.nii", &m, &e));
    OK(format_save_image("long.nii.gz", &m, &e));
    check_file("long.nii");
    check_file("long.nii.gz");
    image_free(&m);
}

static void damage_is_told(void **state)
{
    struct opened o;
    bool can = true;
    char *bytes;
    size_t size;
    (void)state;
    OK(file_read("long.nii.gz", 1 << 24, &bytes, &size, &e));
    OK(file_write_all("cut.nii.gz", bytes, size / 2, &e));
    bytes[size - 5] ^= 1;
    OK(file_write_all("wrong.nii.gz", bytes, size, &e));
    mem_free(bytes);
    OK(opened_peek("cut.nii.gz", &o, &can, &e));
    REFUSED(opened_begin(&o, ".", NULL, &e), ATT_DATA, "cut.nii.gz: the gzip stream is cut off");
    opened_close(&o);
    OK(opened_peek("wrong.nii.gz", &o, &can, &e));
    REFUSED(opened_begin(&o, ".", NULL, &e), ATT_DATA, "wrong.nii.gz: the gzip stream is damaged");
    opened_close(&o);
    OK(opened_peek("long.nii.gz", &o, &can, &e));
    REFUSED(opened_begin(&o, "nowhere", NULL, &e), ATT_IO,
        "cannot make a temporary file in nowhere: No such file or directory");
    opened_close(&o);
    struct file_list l;
    OK(file_list(".", &l, &e));
    for (int i = 0; i < l.count; i++) assert_null(strstr(l.names[i], "tmp"));
    file_list_free(&l);
}

static att_status next_labels(
    void *user, size_t start, size_t count, uint16_t *labels, struct err *e)
{
    const struct labelmap *l = user;
    memcpy(labels, l->data + start, count * sizeof *labels);
    return start > 90000 ? err_set(e, ATT_DATA, "far enough") : ATT_OK;
}

static void check_mask(const char *name, const struct geometry *g, bool wide)
{
    char *a, *b, whole[64], parts[64];
    size_t n, k;
    snprintf(whole, sizeof whole, "whole%s", name);
    snprintf(parts, sizeof parts, "parts%s", name);
    struct labelmap l = {.size = {11, 41, 97}, .geometry = *g};
    l.data = mem_array((size_t)11 * 41 * 97, sizeof *l.data);
    for (size_t i = 0; i < (size_t)11 * 41 * 97; i++)
        l.data[i] = (uint16_t)(i % (wide ? 700 : 251));
    OK(format_save_labels(whole, &l, &e));
    OK(format_save_parts(parts, &l, wide, next_labels, &l, &e));
    OK(file_read(whole, 1 << 24, &a, &n, &e));
    OK(file_read(parts, 1 << 24, &b, &k, &e));
    assert_int_equal(n, k);
    assert_memory_equal(a, b, n);
    mem_free(a);
    mem_free(b);
    mem_free(l.data);
    l.data = mem_array(100000, sizeof *l.data);
    memcpy(l.size, (int[]){1, 1, 100000}, sizeof l.size);
    REFUSED(format_save_parts(parts, &l, false, next_labels, &l, &e), ATT_DATA, "far enough");
    OK(file_read(parts, 1 << 24, &b, &n, &e)); /* as it was */
    assert_int_equal(n, k);
    mem_free(b);
    mem_free(l.data);
}

static void masks_by_parts_have_the_same_bytes(void **state)
{
    static const struct {
        const char *image, *ending;
    } list[] = {{"nifti/v2be_sform.nii", ".nii.gz"}, {"nifti/v2be_sform.nii", ".nii"},
        {"nrrd/gzip.nrrd", ".nrrd"}, {"nrrd/raw.nrrd", ".nrrd"}, {"metaimage/f4.mha", ".mha"},
        {"metaimage/i2.mha", ".mha"}, {"npy/f4.npy", ".npy"}, {"npy/f4.npy", ".nrrd"},
        {"nrrd/raw.nrrd", ".tif"}};
    (void)state;
    for (size_t i = 0; i < COUNT(list); i++)
        for (int wide = 0; wide < 2; wide++) {
            struct image grid;
            OK(format_load_image(fixture(list[i].image), &grid, &e));
            check_mask(list[i].ending, &grid.geometry, wide);
#ifdef ATT_TIFF
            if (i == 0) check_mask(".tif", &grid.geometry, wide);
#endif
            image_free(&grid);
        }
}

static void large_pngs_are_decoded_by_rows(void **state)
{
    static unsigned char file[20000] = "\211PNG\r\n\032\n\0\0\0\rIHDR";
    struct opened o;
    bool can;
    (void)state;
    file[24] = 8; /* bits */
    for (int side = 2048; side <= 4096; side *= 2) {
        file[18] = file[22] = (unsigned char)(side >> 8);
        write_scratch("header.png", file, sizeof file);
        OK(opened_peek("header.png", &o, &can, &e));
        assert_true(can);
        assert_true(
            o.working == (side > 2048 ? side : (side + 1.0) * (side + 1) + (double)sizeof file));
        opened_close(&o);
    }
}

static void a_png_mask_by_parts_has_the_same_bytes(void **state)
{
    (void)state;
    for (int wide = 0; wide < 2; wide++) {
        char *a, *b;
        size_t n, k;
        struct labelmap l = {.size = {1, 41, 4999}, .geometry = {.spacing = {1, 1, 1}}};
        l.data = mem_array((size_t)41 * 4999, sizeof *l.data);
        for (size_t i = 0; i < (size_t)41 * 4999; i++)
            l.data[i] = (uint16_t)(i % (wide ? 700 : 251));
        OK(format_save_labels("whole.png", &l, &e));
        REFUSED(
            format_save_parts("parts.png", &l, wide, next_labels, &l, &e), ATT_DATA, "far enough");
        assert_true(wide || !file_exists("parts.png"));
        l.size[1] = 18; /* what is asked for before it is enough */
        OK(format_save_labels("whole.png", &l, &e));
        OK(format_save_parts("parts.png", &l, wide, next_labels, &l, &e));
        OK(file_read("whole.png", 1 << 24, &a, &n, &e));
        OK(file_read("parts.png", 1 << 24, &b, &k, &e));
        assert_int_equal(n, k);
        assert_memory_equal(a, b, n);
        mem_free(a);
        mem_free(b);
        mem_free(l.data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boxes_are_those_of_the_image),
        cmocka_unit_test(any_format_of_volumes_has_boxes),
        cmocka_unit_test(pictures_are_decoded),
        cmocka_unit_test(a_file_that_has_changed_is_told),
        cmocka_unit_test(what_has_none_is_read_whole),
        cmocka_unit_test(many_colours_are_read_whole),
        cmocka_unit_test(long_rows_are_read_on),
        cmocka_unit_test(damage_is_told),
        cmocka_unit_test(masks_by_parts_have_the_same_bytes),
        cmocka_unit_test(large_pngs_are_decoded_by_rows),
        cmocka_unit_test(a_png_mask_by_parts_has_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

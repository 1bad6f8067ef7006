/* SPDX-License-Identifier: Apache-2.0 */
/* NIfTI pairs: a header and a file of samples, from the fixtures of test_fmt_nifti.c. */
#include "format/format.h"
#include "format/places.h"
#include "unit/format/format_test.h"

enum { W = 3, H = 4, D = 5, VOXELS = W * H * D };

/* The fixture as a pair NAME.hdr and NAME.img (deflated if `packed`), with what stands between its
 * header and samples in the .hdr. */
static void write_pair_of(
    const char *name, const char *stem, const void *magic, size_t magic_at, bool packed)
{
    size_t size, header = magic_at == 4 ? 540 : 348;
    char path[64];
    unsigned char *file = read_fixture(name, &size);
    memcpy(file + magic_at, magic, 4);
    memset(file + (magic_at == 4 ? 168 : 108), 0, magic_at == 4 ? 8 : 4); /* vox_offset */
    snprintf(path, sizeof path, "%s.hdr", stem);
    write_scratch(path, file, header + 4);
    snprintf(path, sizeof path, "%s.img%s", stem, packed ? ".gz" : "");
    if (packed)
        write_gzip(path, file + header + 4, size - header - 4);
    else
        write_scratch(path, file + header + 4, size - header - 4);
    mem_free(file);
}

static void pairs_are_read_and_written(void **state)
{
    (void)state;
    struct image whole, m;
    struct labelmap l;
    write_pair_of("nifti/sform.nii", "one", "ni1", 344, false);
    write_pair_of("nifti/v2be_i2.nii", "two", "ni2", 4, true);
    OK(format_load_image(fixture("nifti/sform.nii"), &whole, &e));
    OK(format_load_image("one.hdr", &m, &e));
    assert_memory_equal(m.data, whole.data, VOXELS * sizeof(float));
    assert_memory_equal(m.geometry.affine, whole.geometry.affine, sizeof m.geometry.affine);
    OK(format_save_image("again.hdr", &m, &e)); /* a pair again ... */
    image_free(&m);
    OK(format_load_image("again.hdr", &m, &e));
    assert_memory_equal(m.data, whole.data, VOXELS * sizeof(float));
    OK(format_save_image("single.nii.gz", &m, &e)); /* ... and one file */
    image_free(&m);
    OK(format_load_image("single.nii.gz", &m, &e));
    assert_memory_equal(m.data, whole.data, VOXELS * sizeof(float));
    image_free(&m);
    OK(format_load_image("two.hdr", &m, &e));
    for (size_t k = 0; k < VOXELS; k++) assert_true(m.data[k] == (float)(7 * k % 120) - 60);
    l = (struct labelmap){.size = {D, H, W}, .data = mem_array(VOXELS, 2), .geometry = m.geometry};
    l.data[7] = 9;
    OK(format_save_labels("mask.hdr", &l, &e));
    mem_free(l.data);
    OK(format_load_labels("mask.hdr", &l, &e));
    assert_int_equal(l.data[7], 9);
    assert_memory_equal(l.geometry.affine, m.geometry.affine, sizeof m.geometry.affine);
    labelmap_free(&l);
    image_free(&m);
    image_free(&whole);
    unlink("one.img");
    REFUSED(format_load_image("one.hdr", &m, &e), ATT_DATA,
        "one.hdr: its samples are missing: one.img");
    write_scratch("one.img", "short", 5);
    REFUSED(
        format_load_image("one.hdr", &m, &e), ATT_DATA, "one.img: its header states 5x4x3 voxels");
    REFUSED(format_load_image("one.img", &m, &e), ATT_DATA, "give its header, the .hdr or .hdr.gz");
}

/* By their name: what they begin with may look like a stream's first bytes. */
static void samples_of_a_pair_may_look_deflated(void **state)
{
    (void)state;
    struct labelmap l = {.size = {1, 2, 2}, .data = (uint16_t[4]){0x1f, 0x8b, 8, 0}};
    OK(format_save_labels("stream.hdr", &l, &e));
    OK(format_load_labels("stream.hdr", &l, &e));
    assert_memory_equal(l.data, ((uint16_t[4]){0x1f, 0x8b, 8, 0}), 4 * sizeof *l.data);
    labelmap_free(&l);
}

/* The headers of a pair are read to their end, extensions and all; what is held by then is let go.
 */
static void nothing_is_left_of_a_pair_with_half_a_header(void **state)
{
    (void)state;
    enum { SIZE = 8192 };
    static unsigned char header[SIZE];
    char *packed;
    size_t size;
    bool can;
    struct opened o;
    write_pair_of("nifti/sform.nii", "half", "ni1", 344, false);
    OK(file_read("half.hdr", 1 << 20, &packed, &size, &e));
    memcpy(header, packed, 348);
    mem_free(packed);
    header[348] = 1;
    for (uint32_t i = 352, v = 1; i < SIZE; i++)
        header[i] = (unsigned char)((v = v * 1664525 + 1013904223) >> 24);
    write_gzip("half.hdr", header, SIZE);
    OK(opened_peek("half.hdr", &o, &can, &e));
    assert_true(can && o.at.data_path && o.geometry.header_size == SIZE);
    opened_close(&o);
    OK(file_read("half.hdr", 1 << 20, &packed, &size, &e));
    write_scratch("half.hdr", packed, size / 2);
    mem_free(packed);
    REFUSED(
        opened_peek("half.hdr", &o, &can, &e), ATT_DATA, "half.hdr: the gzip stream is cut off");
    assert_null(o.at.data_path);
    assert_null(o.geometry.header);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_are_read_and_written),
        cmocka_unit_test(samples_of_a_pair_may_look_deflated),
        cmocka_unit_test(nothing_is_left_of_a_pair_with_half_a_header),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

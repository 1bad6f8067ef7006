/* SPDX-License-Identifier: Apache-2.0 */
/* NAME.EXT.gz is read as NAME.EXT, in every format; what is wrong with such a file is said. */
#include "format/format.h"
#include "format/places.h"
#include "format/source.h"
#include "unit/format/format_test.h"

static void same_geometry(const struct geometry *a, const struct geometry *b)
{
    assert_int_equal(a->valid, b->valid);
    assert_memory_equal(a->spacing, b->spacing, sizeof a->spacing);
    assert_memory_equal(a->affine, b->affine, sizeof a->affine);
    assert_int_equal(a->header_size, b->header_size);
    if (a->header) assert_memory_equal(a->header, b->header, a->header_size);
}

static void same_labels(const char *plain, const char *twin)
{
    struct labelmap a, b;
    struct err first = {0}, second = {0};
    const att_status status = format_load_labels(plain, &a, &first);
    assert_int_equal(format_load_labels(twin, &b, &second), status);
    if (status != ATT_OK) return;
    assert_memory_equal(a.size, b.size, sizeof a.size);
    assert_memory_equal(a.data, b.data, image_voxels(a.size) * sizeof *a.data);
    labelmap_free(&a);
    labelmap_free(&b);
}

/* By parts of the file, where the format has them. */
static void same_boxes(const char *twin, const struct image *m)
{
    struct opened o;
    bool can;
    OK(opened_peek(twin, &o, &can, &e));
    if (!can) return;
    if (!file_ends(twin, ".nii.gz") && !o.at.data_path) assert_true(o.working > 0 && o.at.packed);
    OK(opened_begin(&o, ".", NULL, &e));
    const struct box whole = box_whole(m->size);
    const size_t voxels = image_voxels(m->size);
    float *x = mem_array(voxels, sizeof *x);
    for (int c = 0; c < m->channels; c++) {
        OK(opened_read(&o, c, &whole, x, &e));
        assert_memory_equal(x, m->data + (size_t)c * voxels, voxels * sizeof *x);
    }
    mem_free(x);
    opened_close(&o);
}

static void same_image(const char *plain, const char *twin)
{
    struct image a, b;
    struct err err = {0};
    OK(format_load_image(plain, &a, &e));
    if (format_load_image(twin, &b, &err) != ATT_OK) fail_msg("%s", err.text);
    assert_int_equal(a.channels, b.channels);
    assert_memory_equal(a.size, b.size, sizeof a.size);
    same_geometry(&a.geometry, &b.geometry);
    assert_memory_equal(a.data, b.data, (size_t)a.channels * image_voxels(a.size) * sizeof *a.data);
    image_free(&b);
    OK(format_peek_image(twin, &b, &e));
    assert_memory_equal(a.size, b.size, sizeof a.size);
    same_boxes(twin, &a);
    image_free(&a);
}

/* Whether gzip can compress it: an image in one file that is not compressed so already. */
static bool has_twin(const char *name)
{
    struct image m;
    struct err refused = {0};
    char *beside = NULL;
    const bool image =
        !file_ends(name, ".gz") && format_load_image(fixture(name), &m, &refused) == ATT_OK;
    if (image) image_free(&m);
    if (image) OK(format_companion(fixture(name), &beside, &e));
    mem_free(beside);
    return image && !beside;
}

typedef void twin_test(const char *name, const unsigned char *file, size_t size);

/* Calls `test` for the fixtures of all formats, or the first of each ending; returns how many. */
static int each_fixture(bool all, twin_test *test)
{
    static const char *const folders[] = {
        "nifti", "nrrd", "metaimage", "npy", "png", "raster", "pictures"};
    int count = 0;
    char seen[512] = "", ending[32], name[128];
    for (size_t k = 0; k < COUNT(folders); k++) {
        struct file_list l;
        OK(file_list(fixture(folders[k]), &l, &e));
        for (int i = 0; i < l.count; i++) {
            snprintf(name, sizeof name, "%s/%s", folders[k], l.names[i]);
            if (!has_twin(name)) continue;
            snprintf(ending, sizeof ending, "%.16s ", strrchr(name, '.'));
            if (!all && strstr(seen, ending)) continue;
            if (!all) strcat(seen, ending);
            size_t size;
            unsigned char *file = read_fixture(name, &size);
            test(name, file, size);
            mem_free(file);
            count++;
        }
        file_list_free(&l);
    }
    return count;
}

static const char *twin_of(const char *name)
{
    static char twin[128];
    snprintf(twin, sizeof twin, "%s.gz", file_base(name));
    return twin;
}

static void read_as_plain(const char *name, const unsigned char *file, size_t size)
{
    size_t plain, ending;
    const char *twin = twin_of(name);
    write_gzip(twin, file, size);
    same_image(fixture(name), twin);
    same_labels(fixture(name), twin);
    assert_ptr_equal(format_by_name(twin, &ending), format_by_name(name, &plain));
    assert_int_equal(ending, plain + 3);
    unlink(twin);
}

static void every_format_has_twins(void **state)
{
    (void)state;
    assert_true(each_fixture(true, read_as_plain) > 100);
}

/* ---- what is wrong with a file */

static unsigned char *gzip_of(const void *data, size_t size, size_t *bytes)
{
    char *packed;
    write_gzip("packed", data, size);
    OK(file_read("packed", 1 << 24, &packed, bytes, &e));
    return (unsigned char *)packed;
}

static void refused(const char *twin, const char *words)
{
    struct image m;
    struct err err = {0};
    const att_status status = format_load_image(twin, &m, &err);
    if (status != ATT_DATA || !strstr(err.text, twin) || !strstr(err.text, words))
        fail_msg("%s: %d %s", twin, status, err.text);
    assert_null(m.data);
}

static void told_of_damage(const char *name, const unsigned char *file, size_t size)
{
    const char *twin = twin_of(name);
    const bool streamed = file_ends(name, ".nii"); /* checks what it needs of the file */
    size_t bytes;
    unsigned char *packed = gzip_of(file, size, &bytes);
    for (size_t cut = bytes / 2; cut < bytes && !streamed; cut += bytes / 20 + 1) {
        write_scratch(twin, packed, cut);
        refused(twin, "the gzip stream is cut off; get a complete copy");
    }
    write_scratch(twin, packed, bytes - 1);
    refused(twin, "the gzip stream is cut off; get a complete copy");
    for (size_t i = bytes - 8; i < bytes; i++) { /* checksum and length */
        packed[i] ^= 1;
        write_scratch(twin, packed, bytes);
        refused(twin, "the gzip stream is damaged (incorrect ");
        packed[i] ^= 1;
    }
    unsigned char *more = mem_alloc(2 * bytes + 600);
    memcpy(more, packed, bytes);
    write_scratch(twin, more, bytes + 600); /* zeros */
    same_image(fixture(name), twin);
    more[bytes + 599] = 'x';
    write_scratch(twin, more, bytes + 600);
    if (!streamed) refused(twin, "other bytes follow its gzip stream; unpack it with gunzip");
    mem_free(packed);
    packed = gzip_of(file, size / 3, &bytes); /* two members, of which the last states less */
    memcpy(more, packed, bytes);
    mem_free(packed);
    size_t rest;
    packed = gzip_of(file + size / 3, size - size / 3, &rest);
    memcpy(more + bytes, packed, rest);
    write_scratch(twin, more, bytes + rest);
    same_image(fixture(name), twin);
    mem_free(packed);
    packed = gzip_of(file, size, &bytes);
    write_gzip(twin, packed, bytes);
    refused(twin, "gzip compressed it twice; unpack it once with gunzip");
    mem_free(packed);
    mem_free(more);
    unlink(twin);
}

static void damage_is_told(void **state)
{
    (void)state;
    assert_true(each_fixture(false, told_of_damage) >= 9);
}

/* ---- headers and their samples */

static void copy_fixture(const char *name, bool packed)
{
    size_t size;
    unsigned char *file = read_fixture(name, &size);
    char path[64];
    snprintf(path, sizeof path, "%s%s", file_base(name), packed ? ".gz" : "");
    if (packed)
        write_gzip(path, file, size);
    else
        write_scratch(path, file, size);
    mem_free(file);
}

static void pairs_have_twins(void **state)
{
    static const char *const pairs[][2] = {{"metaimage/beside.mhd", "metaimage/beside.zraw"},
        {"metaimage/beside_raw.mhd", "metaimage/beside_raw.raw"},
        {"nrrd/skipped.nhdr", "nrrd/skipped.bin"}, {"nrrd/beside.nhdr", "nrrd/beside.raw.gz"}};
    char header[64], beside[64], *companion;
    (void)state;
    for (size_t i = 0; i < COUNT(pairs); i++)
        for (int packed = 1; packed < 4; packed++) {
            const bool both = packed & 1, samples = packed & 2 && !file_ends(pairs[i][1], ".gz");
            copy_fixture(pairs[i][0], both);
            copy_fixture(pairs[i][1], samples);
            snprintf(header, sizeof header, "%s%s", file_base(pairs[i][0]), both ? ".gz" : "");
            snprintf(beside, sizeof beside, "%s%s", file_base(pairs[i][1]), samples ? ".gz" : "");
            same_image(fixture(pairs[i][0]), header);
            OK(format_companion(header, &companion, &e));
            assert_string_equal(companion, beside);
            mem_free(companion);
            unlink(header);
            unlink(beside);
        }
}

/* nnU-Net's spacing beside a stack. */
static void a_packed_stack_has_its_spacing(void **state)
{
    (void)state;
#ifdef ATT_TIFF
    struct image m = {.channels = 1, .size = {2, 1, 2}, .data = (float[]){1, 2, 3, 4}};
    char *file, *json;
    size_t size;
    OK(format_save_image("case_0000.tif", &m, &e));
    OK(file_read("case_0000.tif", 1 << 20, &file, &size, &e));
    write_gzip("case_0000.tif.gz", file, size);
    mem_free(file);
    write_scratch("case.json", "{\"spacing\": [3, 2, 1]}", 22);
    OK(format_companion("case_0000.tif.gz", &json, &e));
    assert_string_equal(json, "case.json");
    mem_free(json);
    OK(format_peek_image("case_0000.tif.gz", &m, &e));
    assert_true(m.geometry.spacing[0] == 3 && m.geometry.spacing[2] == 1);
#endif
}

/* ---- names */

static void results_are_not_packed(void **state)
{
    static const char *const names[][2] = {{"a.png.gz", ".png"}, {"a.tif.gz", ".tif"},
        {"a.JPG.GZ", ".png"}, {"a.nrrd.gz", ".nrrd"}, {"a.mhd.gz", ".mhd"}, {"a.npy.gz", ".npy"},
        {"a.nii.gz", ".nii.gz"}, {"a.hdr.gz", ".hdr.gz"}, {"a.ppm.gz", ".png"}};
    struct labelmap l = {.size = {1, 1, 1}, .data = (uint16_t[]){0}};
    size_t ending;
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        assert_string_equal(format_result_ending(names[i][0]), names[i][1]);
        char *stem = format_stem(names[i][0]);
        assert_string_equal(stem, "a");
        mem_free(stem);
    }
    assert_non_null(format_by_name("a.png.gz.gz", &ending)); /* it is read, and then refused */
    assert_int_equal(ending, 10);
    assert_null(format_by_name(".gz", &ending));
    assert_null(format_by_name("a.xyz.gz", &ending));
    REFUSED(format_save_labels("a.png.gz", &l, &e), ATT_USAGE,
        "a.png.gz: attunet reads PNG files that gzip compressed but does not write them; use ");
}

static void contents_name_their_ending(void **state)
{
    static const char *const files[][3] = {{"png/grey8.png", ".png", ".png.gz"},
        {"nifti/i2.nii", ".nii", ".nii.gz"}, {"nrrd/raw.nrrd", ".nrrd", ".nrrd.gz"}};
    char text[FORMAT_ENDING];
    (void)state;
    for (size_t i = 0; i < COUNT(files); i++) {
        size_t size;
        unsigned char *file = read_fixture(files[i][0], &size);
        format_content_ending(fixture(files[i][0]), text);
        assert_string_equal(text, files[i][1]);
        write_gzip("unnamed", file, size);
        format_content_ending("unnamed", text);
        assert_string_equal(text, files[i][2]);
        assert_true(source_whole_bytes("unnamed") == (double)size);
        assert_true(source_whole_bytes(fixture(files[i][0])) == 0);
        mem_free(file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_has_twins),
        cmocka_unit_test(damage_is_told),
        cmocka_unit_test(pairs_have_twins),
        cmocka_unit_test(a_packed_stack_has_its_spacing),
        cmocka_unit_test(results_are_not_packed),
        cmocka_unit_test(contents_name_their_ending),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

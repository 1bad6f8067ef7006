/* SPDX-License-Identifier: Apache-2.0 */
/* All 48 orientations, by sform, qform and both, in every sample type: voxels and affines are
 * nibabel's and SimpleITK's, to the last bit, and stay so in every format that holds them.  The
 * fixtures are of tools/fixtures/make_orientations.py; sample k in file order is 7 k mod 120. */
#include <math.h>

#include "image/orient.h"
#include "unit/format/volume_test.h"

enum { ORIENTATIONS = 48, FORMS = 3, HEADER = 348, OFFSET = 352 };

static const struct {
    int16_t code, bits;
    const char *name;
} types[] = {{2, 8, "u1"}, {256, 8, "i1"}, {512, 16, "u2"}, {4, 16, "i2"}, {768, 32, "u4"},
    {8, 32, "i4"}, {1280, 64, "u8"}, {1024, 64, "i8"}, {16, 32, "f4"}, {64, 64, "f8"}};

static void put_sample(unsigned char *to, const char *type, int k)
{
    double v = 7 * k % 120;
    float f = (float)v;
    int64_t l = (int64_t)v; /* little-endian: its first bytes are those of every shorter type */
    size_t bytes = (size_t)(type[1] - '0');
    memcpy(to,
        type[0] != 'f'   ? (const void *)&l
            : bytes == 4 ? (const void *)&f
                         : (const void *)&v,
        bytes);
}

static size_t make_nifti(
    const unsigned char *header, size_t type, unsigned char file[OFFSET + 8 * VOXELS])
{
    size_t bytes = (size_t)types[type].bits / 8;
    memset(file, 0, OFFSET);
    memcpy(file, header, HEADER);
    memcpy(file + 70, &types[type].code, 2);
    memcpy(file + 72, &types[type].bits, 2);
    for (int k = 0; k < VOXELS; k++)
        put_sample(file + OFFSET + (size_t)k * bytes, types[type].name, k);
    return OFFSET + VOXELS * bytes;
}

static void check(const char *path, const double affine[12])
{
    struct image m;
    OK(format_load_image(path, &m, &e));
    assert_memory_equal(m.size, ((int[3]){D, H, W}), sizeof m.size);
    for (size_t k = 0; k < VOXELS; k++) assert_true(m.data[k] == (float)(7 * k % 120));
    for (int i = 0; i < 12; i++)
        if (m.geometry.affine[i / 4][i % 4] != affine[i])
            fail_msg("%s: affine[%d] is %.17g, not %.17g", path, i, m.geometry.affine[i / 4][i % 4],
                affine[i]);
    image_free(&m);
}

static void every_orientation_is_read(void **state)
{
    size_t size, n;
    unsigned char file[OFFSET + 8 * VOXELS],
        *headers = read_fixture("orientations/headers.bin", &size);
    double *affines = (void *)read_fixture("orientations/affines.bin", &n);
    (void)state;
    assert_int_equal(size, ORIENTATIONS * FORMS * HEADER);
    assert_int_equal(n, ORIENTATIONS * FORMS * 12 * sizeof(double));
    for (size_t i = 0; i < ORIENTATIONS * FORMS; i++)
        for (size_t t = 0; t < COUNT(types); t++) {
            write_scratch("one.nii", file, make_nifti(headers + i * HEADER, t, file));
            check("one.nii", affines + 12 * i);
        }
    mem_free(headers);
    mem_free(affines);
}

/* dim, intent, data type, vox_offset, scl, cal, descrip, intent_name; of a pair, the magic, which
 * has i for + */
static const size_t changed[][2] = {
    {40, 74}, {56, 68}, {108, 120}, {124, 132}, {148, 228}, {328, 344}, {345, 346}};

static void assert_same_header(const unsigned char *header, const char *path)
{
    char *file;
    size_t size;
    OK(file_read(path, 1 << 20, &file, &size, &e));
    for (size_t i = 0; i < HEADER; i++) {
        bool may = false;
        for (size_t c = 0; c < COUNT(changed); c++) may |= i >= changed[c][0] && i < changed[c][1];
        if (!may && (unsigned char)file[i] != header[i])
            fail_msg("byte %zu of the header changed", i);
    }
    mem_free(file);
}

static void every_orientation_is_written(void **state)
{
    static const char *const names[] = {
        "copy.nii.gz", "copy.nrrd", "copy.mha", "copy.npy", "copy.hdr"};
    static const double none[12] = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0};
    size_t size;
    unsigned char file[OFFSET + 8 * VOXELS],
        *headers = read_fixture("orientations/headers.bin", &size);
    double *affines = (void *)read_fixture("orientations/affines.bin", &size);
    (void)state;
    for (size_t i = 0; i < ORIENTATIONS * FORMS; i++) {
        struct image m;
        struct labelmap l;
        write_scratch("one.nii", file, make_nifti(headers + i * HEADER, i % COUNT(types), file));
        OK(format_load_image("one.nii", &m, &e));
        OK(format_load_labels("one.nii", &l, &e));
        OK(format_save_labels("mask.nii", &l, &e));
        check("mask.nii", affines + 12 * i);
        assert_same_header(headers + i * HEADER, "mask.nii");
        if (i % FORMS == i / FORMS % FORMS) { /* each file is synced: a third of them */
            for (size_t f = 0; f < COUNT(names); f++) {
                OK(format_save_image(names[f], &m, &e));
                check(names[f], strcmp(names[f], "copy.npy") == 0 ? none : affines + 12 * i);
                OK(format_save_labels(names[f], &l, &e));
                check(names[f], strcmp(names[f], "copy.npy") == 0 ? none : affines + 12 * i);
            }
            assert_same_header(headers + i * HEADER, "copy.hdr");
        }
        labelmap_free(&l);
        image_free(&m);
    }
    mem_free(headers);
    mem_free(affines);
}

static double place_of(const double row[4], const int v[3])
{
    return row[0] * v[2] + row[1] * v[1] + row[2] * v[0] + row[3];
}

/* Every sample of a turned image lies where it lay in its file; samples tell which they are. */
static void check_turned(const struct image *m, const uint8_t *classes, const double affine[12])
{
    for (int d = 0, at = 0; d < m->size[0]; d++)
        for (int h = 0; h < m->size[1]; h++)
            for (int w = 0; w < m->size[2]; w++, at++) {
                const int v[3] = {d, h, w}, k = (int)m->data[at] * 103 % 120,
                          from[3] = {k / (W * H), k / W % H, k % W};
                const struct box one = {{d, h, w}, {1, 1, 1}};
                struct box stored;
                for (int i = 0; i < 3; i++)
                    assert_true(fabs(place_of(m->geometry.affine[i], v) -
                                    place_of(affine + 4 * i, from)) < 1e-12);
                turn_box_back(&m->geometry.turned, m->size, &one, &stored);
                assert_memory_equal(stored.from, from, sizeof from);
                assert_true((float)classes[at] == m->data[at]);
            }
}

static uint8_t *bytes_of(const struct image *m)
{
    uint8_t *classes = mem_alloc(VOXELS);
    for (int i = 0; i < VOXELS; i++) classes[i] = (uint8_t)m->data[i];
    return classes;
}

static void every_orientation_is_turned_and_back(void **state)
{
    static const char *const axes[] = {"LPS", "RAS", "PIR", "SLA"};
    size_t size;
    unsigned char file[OFFSET + 8 * VOXELS],
        *headers = read_fixture("orientations/headers.bin", &size);
    double *affines = (void *)read_fixture("orientations/affines.bin", &size);
    int turned = 0;
    (void)state;
    for (size_t i = 0; i < ORIENTATIONS * FORMS; i++) {
        struct image m;
        char name[ORIENT_TEXT];
        const char *to = axes[i % COUNT(axes)];
        write_scratch("one.nii", file, make_nifti(headers + i * HEADER, i % COUNT(types), file));
        OK(format_load_image("one.nii", &m, &e));
        uint8_t *classes = bytes_of(&m);
        orient_name(&m.geometry, m.size, name);
        const bool lies_so = strcmp(name, to) == 0;
        OK(orient_sample(to, &m, &classes, &e));
        orient_name(&m.geometry, m.size, name);
        assert_string_equal(name, to);
        check_turned(&m, classes, affines + 12 * i);
        assert_true(turn_any(&m.geometry.turned) != lies_so);
        turned += !lies_so;
        struct labelmap l = {.size = {m.size[0], m.size[1], m.size[2]},
            .data = mem_array(VOXELS, 2),
            .geometry = m.geometry};
        for (int k = 0; k < VOXELS; k++) l.data[k] = classes[k];
        OK(format_save_labels("mask.nii", &l, &e));
        check("mask.nii", affines + 12 * i);
        assert_same_header(headers + i * HEADER, "mask.nii");
        if (i % FORMS == 0) {
            OK(format_save_image("copy.nii", &m, &e));
            check("copy.nii", affines + 12 * i);
        }
        mem_free(l.data);
        mem_free(classes);
        image_free(&m);
    }
    assert_true(turned > 0 && turned < ORIENTATIONS * FORMS);
    mem_free(headers);
    mem_free(affines);
}

/* The same volumes as SimpleITK writes them, and where it says that they lie. */
static void files_of_itk_agree(void **state)
{
    static const char *const names[] = {"itk.nrrd", "itk.mha"},
                             *const results[] = {"itk_mask.nrrd", "itk_mask.mha"};
    size_t size, n;
    unsigned char *written = read_fixture("orientations/written.bin", &size), *at = written;
    double *itk = (void *)read_fixture("orientations/itk.bin", &n);
    (void)state;
    assert_int_equal(n, ORIENTATIONS * 2 * 12 * sizeof(double));
    for (size_t i = 0; i < ORIENTATIONS * 2; i++) {
        uint32_t length;
        struct labelmap l;
        memcpy(&length, at, sizeof length);
        write_scratch(names[i % 2], at + sizeof length, length);
        at += sizeof length + length;
        check(names[i % 2], itk + 12 * i);
        OK(format_load_labels(names[i % 2], &l, &e));
        OK(format_save_labels(results[i % 2], &l, &e));
        check(results[i % 2], itk + 12 * i);
        labelmap_free(&l);
    }
    assert_int_equal(at - written, size);
    mem_free(written);
    mem_free(itk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_orientation_is_read),
        cmocka_unit_test(every_orientation_is_written),
        cmocka_unit_test(every_orientation_is_turned_and_back),
        cmocka_unit_test(files_of_itk_agree),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

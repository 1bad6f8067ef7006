/* SPDX-License-Identifier: Apache-2.0 */
/* NIfTI: fixtures written by nibabel.  Sample k in file order is 7 k mod 120, less 60 in types with
 * a sign. */
#include "format/format.h"
#include "format/places.h"
#include "unit/format/format_test.h"
#include <math.h>

enum { W = 3, H = 4, D = 5, VOXELS = W * H * D };

static float ramp(size_t k, bool is_signed) { return (float)(7 * k % 120) - (is_signed ? 60 : 0); }

static void check_ramp(const char *name, bool is_signed)
{
    struct image m;
    OK(format_load_image(fixture(name), &m, &e));
    assert_int_equal(m.channels, 1);
    assert_memory_equal(m.size, ((int[3]){D, H, W}), sizeof m.size);
    assert_memory_equal(
        m.geometry.spacing, ((float[3]){2, 0.75f, 0.5f}), sizeof m.geometry.spacing);
    assert_true(m.geometry.valid);
    for (size_t k = 0; k < VOXELS; k++)
        if (m.data[k] != ramp(k, is_signed))
            fail_msg("%s: sample %zu is %g", name, k, (double)m.data[k]);
    image_free(&m);
}

static void reads_every_type(void **state)
{
    (void)state;
    static const char *const types[] = {"u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8"};
    static const char *const versions[] = {"v1le", "v1be", "v2le", "v2be"};
    char name[64];
    for (size_t i = 0; i < COUNT(types); i++) {
        snprintf(name, sizeof name, "nifti/%s.nii", types[i]);
        check_ramp(name, types[i][0] != 'u');
    }
    for (size_t i = 0; i < COUNT(versions); i++)
        for (size_t t = 0; t < COUNT(types); t++) {
            snprintf(name, sizeof name, "nifti/%s_%s.nii", versions[i], types[t]);
            if (file_exists(fixture(name))) check_ramp(name, types[t][0] != 'u');
        }
    check_ramp("nifti/v2be_i2.nii", true);
    check_ramp("nifti/i2.nii.gz", true);
    check_ramp("nifti/i2_two_members.nii.gz", true);
    check_ramp("nifti/nan_slope.nii", true);
}

static void reads_other_shapes(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int channels, size[3];
    } shapes[] = {{"nifti/2d.nii", 1, {1, 4, 3}}, {"nifti/4d.nii", 2, {5, 4, 3}},
        {"nifti/5d.nii", 6, {1, 4, 3}}};
    for (size_t i = 0; i < COUNT(shapes); i++) {
        struct image m;
        int channels, size[3];
        float spacing[3];
        OK(format_load_image(fixture(shapes[i].name), &m, &e));
        assert_int_equal(m.channels, shapes[i].channels);
        assert_memory_equal(m.size, shapes[i].size, sizeof m.size);
        for (size_t k = 0; k < image_voxels(m.size) * (size_t)m.channels; k++)
            assert_true(m.data[k] == ramp(k, true));
        OK(format_peek(fixture(shapes[i].name), &channels, size, spacing, &e));
        assert_int_equal(channels, m.channels);
        assert_memory_equal(size, m.size, sizeof size);
        assert_memory_equal(spacing, m.geometry.spacing, sizeof spacing);
        image_free(&m);
    }
}

static void reads_colour_and_scaling(void **state)
{
    (void)state;
    struct image m;
    OK(format_load_image(fixture("nifti/rgb.nii"), &m, &e));
    assert_int_equal(m.channels, 3);
    for (size_t k = 0; k < 3 * VOXELS; k++)
        assert_true(m.data[k] == ramp(k % VOXELS, false) + 40 * (float)(k / VOXELS));
    image_free(&m);
    OK(format_load_image(fixture("nifti/rgba.nii"), &m, &e)); /* the same with an alpha of 7 */
    assert_int_equal(m.channels, 3);
    for (size_t k = 0; k < 3 * VOXELS; k++)
        assert_true(m.data[k] == ramp(k % VOXELS, false) + 40 * (float)(k / VOXELS));
    image_free(&m);
    OK(format_load_image(fixture("nifti/scaled.nii"), &m, &e));
    for (size_t k = 0; k < VOXELS; k++) assert_true(m.data[k] == ramp(k, true) * 0.5f - 3);
    image_free(&m);
}

/* dim[4] and dim[5] and four samples a voxel: six axes, all of 2 but the colours'. */
static void reads_colour_over_time(void **state)
{
    (void)state;
    enum { HEADER = 352, DIM = 40, SAMPLES = 4 * 32 };
    struct image m;
    char *rgba;
    unsigned char file[HEADER + SAMPLES];
    size_t size;
    OK(file_read(fixture("nifti/rgba.nii"), 4096, &rgba, &size, &e));
    memcpy(file, rgba, HEADER);
    mem_free(rgba);
    for (int16_t i = 0, dim[8] = {5, 2, 2, 2, 2, 2, 1, 1}; i < 8; i++)
        memcpy(file + DIM + 2 * i, &dim[i], 2);
    for (int i = 0; i < SAMPLES; i++) file[HEADER + i] = (unsigned char)i;
    OK(file_write_all("rgba_5d.nii", file, sizeof file, &e));
    OK(format_load_image("rgba_5d.nii", &m, &e));
    assert_int_equal(m.channels, 12);
    for (int k = 0; k < 12 * 8; k++)
        assert_true(m.data[k] == (float)(k / 8 % 3 + 4 * (k % 8 + 8 * (k / 24))));
    image_free(&m);
    file_remove("rgba_5d.nii");
}

static void affines_are_nibabels(void **state)
{
    (void)state;
    FILE *list = fopen(fixture("nifti/affines.txt"), "r");
    char name[64], path[96];
    int files = 0;
    assert_non_null(list);
    while (fscanf(list, "%63s", name) == 1) {
        struct image m;
        snprintf(path, sizeof path, "nifti/%s", name);
        OK(format_load_image(fixture(path), &m, &e));
        for (int i = 0; i < 12; i++) {
            double expected, got = m.geometry.affine[i / 4][i % 4];
            assert_int_equal(fscanf(list, "%lf", &expected), 1);
            if (!(fabs(got - expected) <= 1e-12))
                fail_msg("%s: affine[%d] is %.17g, not %.17g", name, i, got, expected);
        }
        image_free(&m);
        files++;
    }
    fclose(list);
    assert_true(files >= 30);
}

/* Writes the fixture, or a file of this test, with some bytes changed. */
static void write_changed(
    const char *name, const char *to, size_t at, const void *bytes, size_t count)
{
    size_t size;
    char *file;
    OK(file_read(strchr(name, '/') ? fixture(name) : name, 1 << 20, &file, &size, &e));
    assert_true(at + count <= size);
    memcpy(file + at, bytes, count);
    write_scratch(to, file, size);
    mem_free(file);
}

/* Changes bytes of the fixture and compares the affine that is read. */
static void check_affine(
    const char *name, size_t at, const void *bytes, size_t count, const double expected[3][4])
{
    struct image m;
    write_changed(name, "affine.nii", at, bytes, count);
    OK(format_load_image("affine.nii", &m, &e));
    for (int i = 0; i < 12; i++)
        assert_true(fabs(m.geometry.affine[i / 4][i % 4] - expected[i / 4][i % 4]) < 1e-12);
    image_free(&m);
}

static void degenerate_forms_are_passed_over(void **state)
{
    (void)state;
    static const float half_turn[3] = {0, 0, 1}, no_rows[12];
    static const double turned[3][4] = {{-0.5, 0, 0, -10}, {0, -0.75, 0, 20.5}, {0, 0, 2, 3}};
    struct image m;
    check_affine("nifti/qform.nii", 256, half_turn, sizeof half_turn, turned);
    OK(format_load_image(fixture("nifti/qform.nii"), &m, &e));
    check_affine("nifti/sform.nii", 280, no_rows, sizeof no_rows, m.geometry.affine);
    image_free(&m);
}

/* As nibabel and SimpleITK read them: a voxel size of 0 is 1; SimpleITK alone reads the others. */
static void partly_undefined_qforms_are_kept(void **state)
{
    (void)state;
    static const float sizes[] = {0, NAN, INFINITY}, no_rotation[3] = {NAN, INFINITY, 0};
    static const double one[3][4] = {{0.5, 0, 0, -10}, {0, 0.75, 0, 20.5}, {0, 0, 1, 3}},
                        plain[3][4] = {{0.5, 0, 0, -10}, {0, 0.75, 0, 20.5}, {0, 0, 2, 3}},
                        zero[3][4] = {{0.5, 0, 0, 0}, {0, 0.75, 0, 20.5}, {0, 0, 2, 3}};
    write_changed("nifti/qform.nii", "turn.nii", 256, (float[3]){0}, 12);
    for (int i = 0; i < 3; i++) {
        struct image m;
        check_affine("turn.nii", 88, &sizes[i], 4, one);
        OK(format_load_image("affine.nii", &m, &e));
        assert_true(m.geometry.oriented && m.geometry.valid && m.geometry.spacing[0] == 1);
        image_free(&m);
    }
    check_affine("nifti/qform.nii", 256, no_rotation, sizeof no_rotation, plain);
    check_affine("turn.nii", 268, &sizes[1], 4, zero);
}

/* nibabel keeps the place of a slice whose sform has no third column. */
static void a_slice_needs_no_third_column(void **state)
{
    (void)state;
    static const double expected[3][4] = {{0, -.5, 0, -50}, {.5, 0, 0, -60}, {0, 0, 2, 12.5}};
    const int16_t depth = 1, no_qform = 0;
    float rows[12];
    for (int i = 0; i < 12; i++) rows[i] = (float)(i == 10 ? 0 : expected[i / 4][i % 4]);
    write_changed("nifti/sform.nii", "slice.nii", 46, &depth, 2);
    check_affine("slice.nii", 280, rows, sizeof rows, expected); /* not the qform */
    write_changed("affine.nii", "alone.nii", 252, &no_qform, 2);
    check_affine("alone.nii", 46, &depth, 2, expected);
}

/* SimpleITK's reading of micrometres and metres. */
static void lengths_follow_the_unit(void **state)
{
    (void)state;
    static const struct {
        unsigned char code;
        double mm;
    } units[] = {{0, 1}, {1, 1000}, {2, 1}, {3, .001}, {3 + 8, .001}, {5, 1}};
    for (size_t k = 0; k < COUNT(units); k++) {
        struct image m, plain;
        write_changed("nifti/sform.nii", "unit.nii", 123, &units[k].code, 1);
        OK(format_load_image("unit.nii", &m, &e));
        OK(format_load_image(fixture("nifti/sform.nii"), &plain, &e));
        for (int i = 0; i < 12; i++)
            assert_true(
                fabs(m.geometry.affine[i / 4][i % 4] -
                    units[k].mm * plain.geometry.affine[i / 4][i % 4]) < 1e-12 * units[k].mm);
        assert_true(m.geometry.spacing[2] == (float)(.5 * units[k].mm));
        assert_true(geometry_difference(&plain.geometry, &m.geometry, m.size) < 1e-9);
        image_free(&m);
        image_free(&plain);
    }
}

/* pixdim without a size: the form has it; where there is none, no size is known, and masks keep the
 * header all the same. */
static void sizes_that_pixdim_lacks(void **state)
{
    (void)state;
    static const float none[2] = {0, NAN};
    struct image m, right;
    char *file;
    size_t size;
    OK(format_load_image(fixture("nifti/sform.nii"), &right, &e));
    OK(file_read(fixture("nifti/sform.nii"), 1 << 16, &file, &size, &e));
    memcpy(file + 80, none, sizeof none);
    OK(file_write_all("form.nii", file, size, &e));
    OK(format_load_image("form.nii", &m, &e));
    assert_true(m.geometry.valid && m.geometry.derived && !right.geometry.derived);
    for (int a = 0; a < 3; a++) {
        double length = 0;
        for (int r = 0; r < 3; r++)
            length += m.geometry.affine[r][2 - a] * m.geometry.affine[r][2 - a];
        assert_true(fabs((double)m.geometry.spacing[a] -
                        (a ? sqrt(length) : (double)right.geometry.spacing[0])) < 1e-6);
    }
    image_free(&m);
    memset(file + 252, 0, 4); /* both codes */
    OK(file_write_all("form.nii", file, size, &e));
    OK(format_load_image("form.nii", &m, &e));
    assert_false(m.geometry.valid || m.geometry.derived);
    assert_int_equal(m.geometry.header_size, right.geometry.header_size);
    image_free(&m);
    image_free(&right);
    mem_free(file);
    file_remove("form.nii");
}

static void reads_labels(void **state)
{
    (void)state;
    struct labelmap l;
    OK(format_load_labels(fixture("nifti/labels_f4.nii"), &l, &e));
    for (size_t k = 0; k < VOXELS; k++) assert_int_equal(l.data[k], 7 * k % 120 % 3);
    labelmap_free(&l);
    REFUSED(format_load_labels(fixture("nifti/i2.nii"), &l, &e), ATT_DATA,
        "voxel (0,0,0) has the value -60, but a label");
    assert_null(l.data);
    REFUSED(format_load_labels(fixture("nifti/rgb.nii"), &l, &e), ATT_DATA, "3 channels");
    REFUSED(format_load_labels(fixture("nifti/4d.nii"), &l, &e), ATT_DATA, "2 channels");
}

/* The value of voxel (1,2,3) of a float32 label file. */
static void label_value(float value, const char *words)
{
    size_t size;
    struct labelmap l;
    unsigned char *file = read_fixture("nifti/labels_f4.nii", &size);
    memcpy(file + 352 + 4 * (1 + W * (2 + H * 3)), &value, 4);
    write_scratch("labels.nii", file, size);
    mem_free(file);
    REFUSED(format_load_labels("labels.nii", &l, &e), ATT_DATA, words);
}

static void odd_labels_are_named(void **state)
{
    (void)state;
    label_value(1.5f, "labels.nii: voxel (1,2,3) has the value 1.5");
    label_value(-1, "value -1,");
    label_value(65536, "value 65536,");
    label_value(NAN, "voxel (1,2,3)");
}

static void refuses_nasty_headers(void **state)
{
    (void)state;
#define SHORTS(...) (const int16_t[]){__VA_ARGS__}, sizeof((const int16_t[]){__VA_ARGS__})
#define FLOATS(...) (const float[]){__VA_ARGS__}, sizeof((const float[]){__VA_ARGS__})
    const struct {
        size_t at;
        const void *bytes;
        size_t count;
        const char *words;
    } nasty[] = {
        {40, SHORTS(0), "dim[0]"},
        {40, SHORTS(8), "dim[0]"},
        {40, SHORTS(-3), "dim[0]"},
        {40, SHORTS(3, 3, -4, 5), "dim[2] is -4"},
        {40, SHORTS(3, 0, 4, 5), "dim[1] is 0"},
        {40, SHORTS(3, 3, 4, 6),
            ": its header states 6x4x3 voxels (depth x height x width) of int16"},
        {40, SHORTS(6, 3, 4, 5, 1, 1, 2), "dim[6] is 2"},
        {40, SHORTS(5, 32767, 32767, 32767, 32767, 32767), "2^40"},
        {40, SHORTS(3, 3000, 3000, 3000), "but the file has"},
        {70, SHORTS(32), "complex"},
        {70, SHORTS(77), "datatype 77"},
        {108, FLOATS(NAN), "vox_offset"},
        {108, FLOATS(-352), "vox_offset"},
        {108, FLOATS(100), "vox_offset"},
        {108, FLOATS(352.5f), "vox_offset"},
        {108, FLOATS(1e30f), "vox_offset"},
        {108, FLOATS(400), "but the file has"},
        {112, FLOATS(2, INFINITY), "scl_inter"},
        {344, "ni1", 4, ".hdr/.img"},
        {344, "abc", 4, "magic"},
    };
    struct image m;
    for (size_t i = 0; i < COUNT(nasty); i++) {
        write_changed("nifti/i2.nii", "nasty.nii", nasty[i].at, nasty[i].bytes, nasty[i].count);
        REFUSED(format_load_image("nasty.nii", &m, &e), ATT_DATA, nasty[i].words);
        assert_null(m.data);
    }
}

static void huge_claims_cost_nothing(void **state)
{
    (void)state;
    size_t size;
    struct image m;
    unsigned char *file = read_fixture("nifti/v2be_i2.nii", &size);
    for (int axis = 0; axis < 3; axis++)
        memcpy(file + 24 + 8 * axis, "\0\0\0\0\0\0\x1f\x40", 8); /* 8000^3 voxels of 2 bytes */
    write_gzip("claim.nii.gz", file, 544);
    mem_free(file);
    REFUSED(format_load_image("claim.nii.gz", &m, &e), ATT_DATA,
        "1024000000544 bytes with the header, but the file has at most ");
    assert_null(m.data);
}

static void cut_files_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"nifti/i2.nii", "nifti/i2.nii.gz", "nifti/v2be_i2.nii"};
    struct image m;
    for (size_t i = 0; i < COUNT(names); i++) {
        size_t size;
        unsigned char *file = read_fixture(names[i], &size);
        for (size_t cut = 0; cut < size; cut++) {
            write_scratch("cut.nii", file, cut);
            REFUSED(format_load_image("cut.nii", &m, &e), ATT_DATA, "cut.nii: ");
            assert_null(m.data);
        }
        mem_free(file);
    }
}

/* nibabel and ITK disagree; a form of twelve numbers says more. */
static void negative_sizes_of_a_qform_are_refused(void **state)
{
    (void)state;
    struct image m;
    unsigned char *file;
    size_t size;
    const float length = -2, rows[12] = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0};
    file = read_fixture("nifti/i2.nii", &size);
    for (int i = 1; i <= 3; i++) {
        unsigned char *changed = mem_array(size, 1);
        char words[64];
        memcpy(changed, file, size);
        memcpy(changed + 76 + 4 * i, &length, 4);
        memcpy(changed + 252, "\1\0\0\0", 4);
        write_scratch("negative.nii", changed, size);
        snprintf(words, sizeof words, "negative.nii: pixdim[%d] is negative", i);
        REFUSED(format_load_image("negative.nii", &m, &e), ATT_DATA, words);
        memcpy(changed + 254, "\1", 1);
        memcpy(changed + 280, rows, sizeof rows);
        write_scratch("negative.nii", changed, size);
        OK(format_load_image("negative.nii", &m, &e));
        image_free(&m);
        mem_free(changed);
    }
    mem_free(file);
}

static void damaged_gzip_is_refused(void **state)
{
    (void)state;
    size_t size;
    struct image m;
    unsigned char *file = read_fixture("nifti/i2.nii.gz", &size);
    file[size - 8] ^= 1; /* the checksum */
    write_scratch("damaged.nii.gz", file, size);
    REFUSED(format_load_image("damaged.nii.gz", &m, &e), ATT_DATA, "damaged");
    mem_free(file);
    /* samples end early inside a stream that is itself in order */
    file = read_fixture("nifti/i2.nii", &size);
    write_gzip("short.nii.gz", file, size - 1);
    mem_free(file);
    REFUSED(format_load_image("short.nii.gz", &m, &e), ATT_DATA, "ends inside its samples");
}

/* Which bytes of the header differ between two files of one version, outside of those that a result
 * may change. */
static void assert_header_kept(
    const char *before, const char *after, const size_t changed[][2], size_t count)
{
    char *a, *b;
    size_t n, m;
    OK(file_read(fixture(before), 1 << 20, &a, &n, &e));
    OK(file_read(after, 1 << 20, &b, &m, &e));
    size_t header = a[0] == 92 || a[3] == 92 ? 348 : 540;
    for (size_t i = 0; i < header; i++) {
        bool may = false;
        for (size_t c = 0; c < count; c++) may |= i >= changed[c][0] && i < changed[c][1];
        if (!may && a[i] != b[i]) fail_msg("%s: byte %zu of the header changed", before, i);
    }
    mem_free(a);
    mem_free(b);
}

static void results_keep_the_header(void **state)
{
    (void)state;
    /* dim, intent, data type, vox_offset, scl, cal, descrip, intent_name */
    static const size_t first[][2] = {
        {40, 74}, {56, 68}, {108, 120}, {124, 132}, {148, 228}, {328, 344}};
    static const size_t second[][2] = {{12, 104}, {168, 208}, {240, 320}, {504, 524}};
    struct labelmap l;
    OK(format_load_labels(fixture("nifti/labels_f4.nii"), &l, &e));
    static const char *const names[] = {
        "nifti/sform.nii", "nifti/qform_left.nii", "nifti/v1be_i2.nii", "nifti/v2be_sform.nii"};
    for (size_t i = 0; i < COUNT(names); i++) {
        struct image m, back;
        struct labelmap labels;
        bool large = strstr(names[i], "v2") != NULL;
        OK(format_load_image(fixture(names[i]), &m, &e));
        OK(format_save_image("image.nii", &m, &e));
        assert_header_kept(
            names[i], "image.nii", large ? second : first, large ? COUNT(second) : COUNT(first));
        OK(format_load_image("image.nii", &back, &e));
        assert_memory_equal(back.data, m.data, VOXELS * sizeof(float));
        assert_memory_equal(back.geometry.affine, m.geometry.affine, sizeof m.geometry.affine);
        image_free(&back);
        struct labelmap result = {.size = {D, H, W}, .data = l.data, .geometry = m.geometry};
        OK(format_save_labels("labels.nii.gz", &result, &e));
        OK(format_load_labels("labels.nii.gz", &labels, &e));
        assert_memory_equal(labels.data, l.data, VOXELS * sizeof *l.data);
        assert_memory_equal(labels.geometry.affine, m.geometry.affine, sizeof m.geometry.affine);
        OK(format_save_labels("labels.nii", &result, &e));
        assert_header_kept(
            names[i], "labels.nii", large ? second : first, large ? COUNT(second) : COUNT(first));
        labelmap_free(&labels);
        image_free(&m);
    }
    labelmap_free(&l);
}

static int16_t header_short(const char *path, size_t at)
{
    char *file;
    size_t size;
    int16_t value;
    OK(file_read(path, 1 << 20, &file, &size, &e));
    memcpy(&value, file + at, sizeof value);
    mem_free(file);
    return value;
}

static void fields_of_results(void **state)
{
    (void)state;
    uint16_t data[] = {0, 1, 300, 65535};
    struct labelmap l = {.size = {1, 2, 2},
                        .data = data,
                        .geometry = {.spacing = {1, 0.25f, 0.5f}}},
                    back;
    OK(format_save_labels("wide.nii", &l, &e));
    assert_int_equal(header_short("wide.nii", 70), 512);
    assert_int_equal(header_short("wide.nii", 72), 16);
    assert_int_equal(header_short("wide.nii", 68), 1002);
    assert_int_equal(header_short("wide.nii", 252), 0);
    assert_int_equal(header_short("wide.nii", 254), 0);
    OK(format_load_labels("wide.nii", &back, &e));
    assert_memory_equal(back.data, data, sizeof data);
    assert_memory_equal(back.geometry.spacing, l.geometry.spacing, sizeof l.geometry.spacing);
    labelmap_free(&back);
    data[2] = data[3] = 255;
    OK(format_save_labels("narrow.nii", &l, &e));
    assert_int_equal(header_short("narrow.nii", 70), 2);
    OK(format_load_labels("narrow.nii", &back, &e));
    assert_memory_equal(back.data, data, sizeof data);
    labelmap_free(&back);
    struct image m;
    OK(format_load_image(fixture("nifti/2d.nii"), &m, &e));
    OK(format_save_image("flat.nii", &m, &e));
    assert_int_equal(header_short("flat.nii", 40), 2);
    image_free(&m);
    OK(format_load_image(fixture("nifti/5d.nii"), &m, &e));
    OK(format_save_image("channels.nii", &m, &e));
    assert_int_equal(header_short("channels.nii", 40), 4);
    assert_int_equal(header_short("channels.nii", 48), 6);
    assert_int_equal(header_short("channels.nii", 50), 1);
    image_free(&m);
}

static void grids_without_a_header_get_one(void **state)
{
    (void)state;
    float data[] = {1, 2, 3, 4, 5, 6};
    struct image back,
        m = {.channels = 2,
            .size = {1, 1, 3},
            .data = data,
            .geometry = {.spacing = {3, 2, 1},
                .affine = {{0, -2, 0, 7}, {1, 0, 0, 8}, {0, 0, 3, 9}},
                .valid = true}};
    OK(format_save_image("fresh.nii.gz", &m, &e));
    OK(format_load_image("fresh.nii.gz", &back, &e));
    assert_int_equal(back.channels, 2);
    assert_memory_equal(back.data, data, sizeof data);
    assert_memory_equal(back.geometry.spacing, m.geometry.spacing, sizeof m.geometry.spacing);
    assert_true(geometry_difference(&back.geometry, &m.geometry, m.size) == 0);
    image_free(&back);
    /* more than 32767 along an axis needs NIfTI-2 */
    struct labelmap l = {.size = {1, 1, 40000}, .data = mem_array(40000, 2)}, long_back;
    l.data[39999] = 3;
    OK(format_save_labels("long.nii.gz", &l, &e));
    OK(format_load_labels("long.nii.gz", &long_back, &e));
    assert_int_equal(long_back.geometry.header_size, 540);
    assert_int_equal(long_back.size[IMAGE_W], 40000);
    assert_int_equal(long_back.data[39999], 3);
    l.geometry = long_back.geometry;
    OK(format_save_labels("long2.nii.gz", &l, &e));
    OK(format_load_image(fixture("nifti/i2.nii"), &back, &e));
    l.geometry = back.geometry;
    REFUSED(format_save_labels("long3.nii.gz", &l, &e), ATT_DATA, "NIfTI-2");
    assert_false(file_exists("long3.nii.gz"));
    image_free(&back);
    labelmap_free(&long_back);
    mem_free(l.data);
}

/* An extension of 16 bytes: size, code, eight letters. */
static const unsigned char extension[20] = {
    1, 0, 0, 0, 16, 0, 0, 0, 6, 0, 0, 0, 'c', 'o', 'm', 'm', 'e', 'n', 't', 0};

static void extensions_are_kept(void **state)
{
    (void)state;
    const float offset = 348 + sizeof extension;
    static const char *const results[] = {"mask.nii", "mask.nii.gz", "mask2.hdr"};
    struct image m;
    size_t size;
    unsigned char *file = read_fixture("nifti/sform.nii", &size), *longer = mem_alloc(size + 16);
    memcpy(longer, file, 348);
    memcpy(longer + 108, &offset, 4);
    memcpy(longer + 348, extension, sizeof extension);
    memcpy(longer + 348 + sizeof extension, file + 352, size - 352);
    write_scratch("extended.nii", longer, size + 16);
    OK(format_load_image("extended.nii", &m, &e));
    for (size_t k = 0; k < VOXELS; k++) assert_true(m.data[k] == ramp(k, true));
    struct labelmap l = {.size = {D, H, W}, .data = mem_array(VOXELS, 2), .geometry = m.geometry},
                    back;
    l.data[VOXELS - 1] = 3;
    for (size_t i = 0; i < COUNT(results); i++) {
        OK(format_save_labels(results[i], &l, &e));
        OK(format_load_labels(results[i], &back, &e));
        assert_int_equal(back.data[VOXELS - 1], 3);
        assert_int_equal(back.geometry.header_size, 348 + sizeof extension);
        assert_memory_equal(back.geometry.header + 348, extension, sizeof extension);
        labelmap_free(&back);
    }
    mem_free(l.data);
    image_free(&m);
    mem_free(file);
    mem_free(longer);
}

static void equal_images_give_equal_files(void **state)
{
    (void)state;
    struct image m;
    OK(format_load_image(fixture("nifti/f4.nii"), &m, &e));
    OK(format_save_image("one.nii.gz", &m, &e));
    OK(format_save_image("two.nii.gz", &m, &e));
    assert_same_file("one.nii.gz", "two.nii.gz");
    assert_int_equal(header_short("one.nii.gz", 4), 0); /* no time in the gzip header */
    assert_int_equal(header_short("one.nii.gz", 6), 0);
    image_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_type),
        cmocka_unit_test(reads_other_shapes),
        cmocka_unit_test(reads_colour_and_scaling),
        cmocka_unit_test(reads_colour_over_time),
        cmocka_unit_test(affines_are_nibabels),
        cmocka_unit_test(degenerate_forms_are_passed_over),
        cmocka_unit_test(partly_undefined_qforms_are_kept),
        cmocka_unit_test(a_slice_needs_no_third_column),
        cmocka_unit_test(lengths_follow_the_unit),
        cmocka_unit_test(sizes_that_pixdim_lacks),
        cmocka_unit_test(reads_labels),
        cmocka_unit_test(odd_labels_are_named),
        cmocka_unit_test(refuses_nasty_headers),
        cmocka_unit_test(huge_claims_cost_nothing),
        cmocka_unit_test(cut_files_are_refused),
        cmocka_unit_test(damaged_gzip_is_refused),
        cmocka_unit_test(negative_sizes_of_a_qform_are_refused),
        cmocka_unit_test(results_keep_the_header),
        cmocka_unit_test(fields_of_results),
        cmocka_unit_test(grids_without_a_header_get_one),
        cmocka_unit_test(extensions_are_kept),
        cmocka_unit_test(equal_images_give_equal_files),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* NRRD: fixtures by SimpleITK and pynrrd. */
#include "unit/format/volume_test.h"

#include <math.h>

#include "format/volume.h"

static void reads_every_type(void **state)
{
    static const char *const types[] = {"u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8"};
    char name[64];
    (void)state;
    for (size_t i = 0; i < COUNT(types); i++) {
        snprintf(name, sizeof name, "nrrd/%s.nrrd", types[i]);
        check_volume(fixture(name), types[i][0] != 'u', 1, itk_place);
    }
}

static void reads_every_way_to_store(void **state)
{
    static const char *const names[] = {"raw.nrrd", "gzip.nrrd", "ascii.nrrd", "big.nrrd",
        "ras.nrrd", "las.nrrd", "below.nhdr", "deep/raw.nhdr"};
    char name[64];
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        snprintf(name, sizeof name, "nrrd/%s", names[i]);
        check_volume(fixture(name), true, 1, skewed_place);
    }
    check_volume(fixture("nrrd/beside.nhdr"), true, 1, itk_place);
    check_volume(fixture("nrrd/skipped.nhdr"), true, 1, NULL);
    check_volume(fixture("nrrd/at_the_end.nhdr"), true, 1, NULL);
    check_volume(fixture("nrrd/plain.nrrd"), false, 1, NULL);
}

static void any_axis_is_channels(void **state)
{
    static const double plain[3][4] = {{-0.5, 0, 0, 0}, {0, -0.75, 0, 0}, {0, 0, 2, 0}};
    (void)state;
    check_volume(fixture("nrrd/last.nrrd"), true, 2, skewed_place);
    check_volume(fixture("nrrd/first.nrrd"), true, 2, skewed_place);
    check_volume(fixture("nrrd/middle.nrrd"), true, 2, plain);
    check_volume(fixture("nrrd/vector.nrrd"), false, 3, itk_place);
    check_volume(fixture("nrrd/rgba.nrrd"), false, 3, skewed_place); /* without alpha */
    struct image m;
    OK(format_load_image(fixture("nrrd/2d.nrrd"), &m, &e));
    assert_memory_equal(m.size, ((int[3]){1, H, W}), sizeof m.size);
    for (size_t k = 0; k < W * H; k++) assert_true(m.data[k] == ramp(k, true));
    image_free(&m);
}

struct transparency {
    float x[VOXELS];
};

static att_status take_transparency(
    void *user, int channel, size_t start, const float *x, size_t count, struct err *err)
{
    struct transparency *t = user;
    (void)err;
    assert_true(channel == 0 && start + count <= VOXELS);
    memcpy(t->x + start, x, count * sizeof *x);
    return ATT_OK;
}

/* The fourth sample of a voxel, as SimpleITK reads it. */
static void transparency_is_read_alone(void **state)
{
    static const char *const without[] = {"nrrd/vector.nrrd", "nrrd/u1.nrrd", "nifti/rgb.nii"};
    struct transparency t = {{0}};
    struct image m;
    bool varies;
    (void)state;
    OK(format_peek_image(fixture("nrrd/rgba.nrrd"), &m, &e));
    assert_true(m.geometry.alpha);
    OK(volume_give_alpha(&format_nrrd, fixture("nrrd/rgba.nrrd"), take_transparency, &t, &e));
    for (size_t k = 0; k < VOXELS; k++) assert_true(t.x[k] == ramp(k, false) + 3);
    OK(format_alpha_varies(fixture("nrrd/rgba.nrrd"), &varies, &e));
    assert_true(varies);
    for (size_t i = 0; i < COUNT(without); i++) {
        OK(format_peek_image(fixture(without[i]), &m, &e));
        OK(format_alpha_varies(fixture(without[i]), &varies, &e));
        assert_true(!m.geometry.alpha && !varies);
    }
    OK(format_peek_image(fixture("nifti/rgba.nii"), &m, &e));
    OK(format_alpha_varies(fixture("nifti/rgba.nii"), &varies, &e));
    assert_true(m.geometry.alpha && !varies); /* 7 everywhere */
}

static void write_spaced(const char *path, const char *fields)
{
    char text[512];
    snprintf(text, sizeof text,
        "NRRD0004\ntype: uint8\ndimension: 3\nsizes: 2 2 2\nencoding: raw\n%s\n\n12345678", fields);
    write_scratch(path, text, strlen(text));
}

/* The first as SimpleITK reads it. */
static void spacings_have_signs_and_units(void **state)
{
    static const struct {
        const char *fields;
        double affine[3][4];
    } cases[] = {
        {"spacings: -1 1 2", {{1, 0, 0, 0}, {0, -1, 0, 0}, {0, 0, 2, 0}}},
        {"spacings: 1 -1 -2", {{-1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, -2, 0}}},
        {"spacings: 1 1 2\nunits: \"um\" \"um\" \"um\"",
            {{-.001, 0, 0, 0}, {0, -.001, 0, 0}, {0, 0, .002, 0}}},
        {"space dimension: 3\nspace directions: (-1,0,0) (0,1,0) (0,0,2)\n"
         "space units: \"cm\" \"cm\" \"cm\"\nspace origin: (1,2,3)",
            {{10, 0, 0, -10}, {0, -10, 0, -20}, {0, 0, 20, 30}}},
    };
    (void)state;
    for (size_t k = 0; k < COUNT(cases); k++) {
        struct image m;
        write_spaced("spaced.nrrd", cases[k].fields);
        OK(format_load_image("spaced.nrrd", &m, &e));
        for (int i = 0; i < 12; i++)
            assert_true(
                fabs(m.geometry.affine[i / 4][i % 4] - cases[k].affine[i / 4][i % 4]) < 1e-12);
        for (int a = 0; a < 3; a++) assert_true(m.geometry.spacing[a] > 0);
        image_free(&m);
        check_mask("spaced.nrrd", "spaced_mask.nrrd");
    }
}

static void spacings_without_a_length_are_refused(void **state)
{
    static const char *const cases[][2] = {
        {"spacings: 0 1 2", "spacing 0 of axis 0 is not valid; repair the header"},
        {"spacings: 1 inf 2", "spacing inf of axis 1 is not valid; repair the header"},
        {"spacings: 1 1 2\nunits: \"mm\" \"um\" \"mm\"",
            "its axes have different units of length; repair the header"}};
    (void)state;
    for (size_t k = 0; k < COUNT(cases); k++) {
        struct image m;
        write_spaced("spaced.nrrd", cases[k][0]);
        REFUSED(format_load_image("spaced.nrrd", &m, &e), ATT_DATA, cases[k][1]);
    }
}

static void results_keep_the_fields(void **state)
{
    static const char *const names[] = {
        "raw", "gzip", "ras", "las", "first", "last", "middle", "2d", "plain", "f8"};
    char name[64], result[64];
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        snprintf(name, sizeof name, "nrrd/%s.nrrd", names[i]);
        snprintf(result, sizeof result, "%s.nrrd", names[i]);
        check_copy(fixture(name), result);
        check_mask(fixture(name), result);
    }
    assert_true(file_holds("ras.nrrd", "space: right-anterior-superior\n"));
    assert_true(
        file_holds("ras.nrrd", "encoding: raw\n") && file_holds("gzip.nrrd", "encoding: gzip\n"));
    assert_true(file_holds("first.nrrd", "kinds: domain domain domain\n"));
    assert_true(file_holds("middle.nrrd", "spacings: 0.5 0.75 2"));
    assert_true(file_holds("2d.nrrd", "dimension: 2\n"));
    write_instead("nrrd/raw.nrrd", "noted.nrrd", "encoding: raw",
        "encoding: raw\nSegment0_ID:=liver\n# by hand\ncontent: a scan");
    check_mask("noted.nrrd", "kept.nrrd");
    assert_true(file_holds("kept.nrrd", "\nSegment0_ID:=liver\n# by hand\ncontent: a scan\n"));
    check_mask(fixture("nrrd/below.nhdr"), "mask.nhdr");
    assert_true(file_holds("mask.nhdr", "data file: mask.raw\n"));
    check_mask(fixture("nrrd/beside.nhdr"), "mask2.nhdr");
    assert_true(file_exists("mask2.raw.gz"));
    check_copy(fixture("nifti/sform.nii"),
        "from_nifti.nrrd"); /* the place by decimal text, to the last bit */
}

/* Several channels on the grid of a file that says nothing of its axes: the result says which axis
 * they are. */
static void channels_are_named_where_nothing_was(void **state)
{
    (void)state;
    static const char plain[] =
        "NRRD0004\ntype: uint8\ndimension: 3\nsizes: 2 2 2\nencoding: raw\n\n12345678";
    struct image m, again;
    write_scratch("bare.nrrd", plain, strlen(plain));
    OK(format_load_image("bare.nrrd", &m, &e));
    float both[16] = {0}, *own = m.data;
    m.channels = 2;
    m.data = both;
    both[15] = 5;
    OK(format_save_image("two.nrrd", &m, &e));
    assert_true(file_holds("two.nrrd", "kinds: domain domain domain list\n"));
    OK(format_load_image("two.nrrd", &again, &e));
    assert_true(again.channels == 2 && again.data[15] == 5 && again.data[7] == 0);
    m.data = own;
    image_free(&m);
    image_free(&again);
}

/* Whatever a file is called, what is written under its name can be read again. */
static void any_name_will_do(void **state)
{
    (void)state;
    check_names(fixture("nrrd/below.nhdr"), ".nhdr");
    check_names(fixture("nrrd/beside.nhdr"), ".nhdr");
}

static void nasty_headers_are_refused(void **state)
{
    static const struct {
        const char *old, *fresh, *words;
    } nasty[] = {
        {"type: int16", "type: block", "type 'block'"},
        {"type: int16", "tape: int16", "no 'type'"},
        {"dimension: 3", "dimension: 0", "dimension: 0"},
        {"dimension: 3", "dimension: 16", "16 axes"},
        {"dimension: 3", "dimension: -3000000000000", "is not a valid entry"},
        {"encoding: raw", "encoding: raw\nspace dimension: 3000000000000", "is not a valid entry"},
        {"dimension: 3", "dimension: 2", "'sizes' for each of its 2 axes"},
        {"sizes: 3 4 5", "sizes: 3 4", "'sizes' for each of its 3 axes"},
        {"sizes: 3 4 5", "sizes: 3 -4 5", "size -4 of axis 1"},
        {"sizes: 3 4 5", "sizes: 3 4.5 5", "size 4.5 of axis 1"},
        {"sizes: 3 4 5", "sizes: 3 nan 5", "size nan of axis 1"},
        {"sizes: 3 4 5", "sizes: 3 x 5", "is not a valid entry"},
        {"sizes: 3 4 5", "sizes: 2147483647 2147483647 2147483647", "2^40"},
        {"sizes: 3 4 5", "sizes: 3000 3000 3000",
            "54000000000 bytes with the header, but the file has 120"},
        {"sizes: 3 4 5", "sizes: 3 4 6", "6x4x3 voxels"},
        {"encoding: raw", "encoding: bzip2", "encoding 'bzip2' is not supported"},
        {"endian: little", "endian: middle", "endian: middle"},
        {"sizes: 3 4 5", "sizes: 3 4 5\nSizes: 3 4 5", "has 'Sizes' twice"},
        {"encoding: raw", "encoding: raw\nkinds:", "has 'kinds' twice"},
        {"endian: little\n", "", "no 'endian'"},
        {"encoding: raw", "encoding: raw\nline skip: 99", "fewer lines than its 'line skip'"},
        {"encoding: raw", "encoding: raw\nline skip: -1", "line skip: -1"},
        {"encoding: raw", "encoding: raw\nbyte skip: -2", "byte skip: -2"},
        {"encoding: raw", "encoding: raw\nbyte skip: 100000000", "but the file has 120"},
        {"encoding: raw", "encoding: gzip", "damaged"},
        {"encoding: raw", "encoding: text", "sample 0 is not a number"},
        {"encoding: raw", "encoding: raw\ndata file: ../i2.nrrd",
            "'../i2.nrrd' must be in the header's folder or below"},
        {"encoding: raw", "encoding: raw\ndata file: a/../../b", "must be in the header"},
        {"encoding: raw", "encoding: raw\ndata file: /etc/passwd", "must be in the header"},
        {"encoding: raw", "encoding: raw\ndata file: a\\..\\b", "must be in the header"},
        {"encoding: raw", "encoding: raw\ndata file: nothing.raw",
            "its data file nothing.raw is missing; put it there"},
        {"encoding: raw", "encoding: raw\ndata file: LIST", "several files"},
        {"encoding: raw", "encoding: raw\ndata file: a%d.raw 1 5 1", "several files"},
        {"encoding: raw", "encoding", "'encoding' is not a field"},
        {"(0.5,0.125,0)", "(0,0,0)", "not span a volume"},
        {"(0.5,0.125,0)", "(0.5,0.125)", "space direction"},
        {"(0,0.5,2)", "(0,0.5,2",
            "is not a valid entry"}, /* would take in what is written behind it */
        {"(0.5,0.125,0)", "none", "make 2 axes spatial"},
        {"(10,-20.5,3.25)", "(10,-20.5,inf)", "not span a volume"},
        {"left-posterior-superior", "left-hand-side", "space 'left-hand-side'"},
        {"domain domain domain", "complex domain domain", "complex numbers"},
    };
    struct image m;
    (void)state;
    for (size_t i = 0; i < COUNT(nasty); i++) {
        write_instead("nrrd/raw.nrrd", "nasty.nrrd", nasty[i].old, nasty[i].fresh);
        if (strcmp(nasty[i].fresh, "none") ==
            0) { /* two axes are left: a picture of three channels */
            OK(format_load_image("nasty.nrrd", &m, &e));
            assert_int_equal(m.channels, 3);
            image_free(&m);
            continue;
        }
        REFUSED(format_load_image("nasty.nrrd", &m, &e), ATT_DATA, nasty[i].words);
        assert_null(m.data);
    }
    REFUSED(format_load_image(fixture("nrrd/deep/above.nhdr"), &m, &e), ATT_DATA,
        "must be in the header");
    REFUSED(format_load_image(fixture("nrrd/bzip2.nrrd"), &m, &e), ATT_DATA,
        "encoding 'bzip2' is not supported; save the file with encoding gzip or raw");
}

static void cut_files_are_refused(void **state)
{
    (void)state;
    check_cuts("nrrd/raw.nrrd", "cut.nrrd");
    check_cuts("nrrd/gzip.nrrd", "cut2.nrrd");
}

static void labels_are_checked(void **state)
{
    (void)state;
    struct labelmap l;
    REFUSED(format_load_labels(fixture("nrrd/raw.nrrd"), &l, &e), ATT_DATA,
        "voxel (0,0,0) has the value -60, but a label");
    REFUSED(format_load_labels(fixture("nrrd/ascii.nrrd"), &l, &e), ATT_DATA,
        "voxel (0,0,0) has the value -60, but a label");
    REFUSED(format_load_labels(fixture("nrrd/last.nrrd"), &l, &e), ATT_DATA, "2 channels");
    OK(format_load_labels(fixture("nrrd/u8.nrrd"), &l, &e));
    for (size_t k = 0; k < VOXELS; k++) assert_int_equal(l.data[k], 7 * k % 120);
    labelmap_free(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_type),
        cmocka_unit_test(reads_every_way_to_store),
        cmocka_unit_test(any_axis_is_channels),
        cmocka_unit_test(transparency_is_read_alone),
        cmocka_unit_test(spacings_have_signs_and_units),
        cmocka_unit_test(spacings_without_a_length_are_refused),
        cmocka_unit_test(results_keep_the_fields),
        cmocka_unit_test(nasty_headers_are_refused),
        cmocka_unit_test(cut_files_are_refused),
        cmocka_unit_test(labels_are_checked),
        cmocka_unit_test(any_name_will_do),
        cmocka_unit_test(channels_are_named_where_nothing_was),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

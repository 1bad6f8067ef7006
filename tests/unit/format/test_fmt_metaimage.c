/* SPDX-License-Identifier: Apache-2.0 */
/* MetaImage: fixtures by SimpleITK. */
#include "unit/format/volume_test.h"

static void reads_every_type(void **state)
{
    static const char *const types[] = {"u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8"};
    char name[64];
    (void)state;
    for (size_t i = 0; i < COUNT(types); i++) {
        snprintf(name, sizeof name, "metaimage/%s.mha", types[i]);
        check_volume(fixture(name), types[i][0] != 'u', 1, itk_place);
    }
}

static void reads_every_way_to_store(void **state)
{
    (void)state;
    check_volume(fixture("metaimage/big.mha"), true, 1, itk_place);
    check_volume(fixture("metaimage/text.mha"), true, 1, itk_place);
    check_volume(fixture("metaimage/beside.mhd"), true, 1, itk_place);
    check_volume(fixture("metaimage/beside_raw.mhd"), true, 1, itk_place);
    check_volume(fixture("metaimage/vector.mha"), false, 3, itk_place);
    struct image m;
    OK(format_load_image(fixture("metaimage/4d.mha"), &m, &e));
    assert_int_equal(m.channels, 2);
    for (size_t k = 0; k < 2 * VOXELS; k++)
        assert_true(m.data[k] == ramp(k % VOXELS, true) + (float)(k / VOXELS));
    image_free(&m);
    OK(format_load_image(fixture("metaimage/2d.mha"), &m, &e));
    assert_memory_equal(m.size, ((int[3]){1, H, W}), sizeof m.size);
    for (size_t k = 0; k < W * H; k++) assert_true(m.data[k] == ramp(k, true));
    image_free(&m);
    write_instead("metaimage/big.mha", "flag.mha", "MSB = True", "MSB = T");
    check_volume("flag.mha", true, 1, itk_place);
    write_instead("metaimage/i2.mha", "flag.mha", "MSB = False", "MSB = f");
    check_volume("flag.mha", true, 1, itk_place);
    write_instead("metaimage/i2.mha", "tail.mha", "ElementType", "HeaderSize = -1\nElementType");
    check_volume("tail.mha", true, 1, itk_place);
}

/* HeaderSize counts from the beginning of the file that the samples are in, also of the header's
 * own. */
static void samples_may_begin_later(void **state)
{
    enum { BEGIN = 2000 };
    static const char last[] = "ElementDataFile = LOCAL\n", size[] = "HeaderSize = 2000\n";
    char padded[8192] = "";
    size_t all;
    (void)state;
    unsigned char *file = read_fixture("metaimage/i2.mha", &all);
    const unsigned char *line = memmem(file, all, last, strlen(last));
    assert_non_null(line);
    const size_t before = (size_t)(line - file), begin = before + strlen(last),
                 samples = all - begin;
    memcpy(padded, file, before);
    memcpy(padded + before, size, strlen(size));
    memcpy(padded + before + strlen(size), last, strlen(last));
    assert_true(before + strlen(size) + strlen(last) < BEGIN && BEGIN + samples <= sizeof padded);
    memcpy(padded + BEGIN, file + begin, samples);
    write_scratch("later.mha", padded, BEGIN + samples);
    check_volume("later.mha", true, 1, itk_place);
    mem_free(file);
}

/* As SimpleITK reads it: the axis runs backwards, and the voxels stay. */
static void a_spacing_below_zero_turns_its_axis(void **state)
{
    static const double turned[3][4] = {{0, 0, -2, -10}, {0.5, 0, 0, 20.5}, {0, 0.75, 0, 3.25}};
    (void)state;
    write_instead(
        "metaimage/i2.mha", "turned.mha", "ElementSpacing = 0.5", "ElementSpacing = -0.5");
    check_volume("turned.mha", true, 1, turned);
    check_mask("turned.mha", "mask.mha");
    check_copy("turned.mha", "copy.nii");
}

static void results_keep_the_fields(void **state)
{
    static const char *const names[] = {"i2", "f4", "vector", "2d", "4d", "big"};
    char name[64], result[64];
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        snprintf(name, sizeof name, "metaimage/%s.mha", names[i]);
        snprintf(result, sizeof result, "%s.mha", names[i]);
        check_copy(fixture(name), result);
        check_mask(fixture(name), result);
    }
    assert_true(file_holds("f4.mha", "CompressedData = True\n") &&
        file_holds("i2.mha", "CompressedData = False\n"));
    assert_true(file_holds("2d.mha", "NDims = 2\n"));
    write_instead("metaimage/i2.mha", "noted.mha", "ElementType",
        "Modality = MET_MOD_CT\nCenterOfRotation = 1 2 3\nElementType");
    check_mask("noted.mha", "kept.mha");
    assert_true(file_holds("kept.mha", "Modality = MET_MOD_CT\n") &&
        file_holds("kept.mha", "CenterOfRotation = 1 2 3\n"));
    char noted[2048], key[80], words[1600];
    memset(key, 'k', sizeof key - 1);
    memset(words, 'w', sizeof words - 1);
    key[sizeof key - 1] = words[sizeof words - 1] = 0;
    snprintf(noted, sizeof noted, "Comment = %s\n%s = 1\nElementType", words, key);
    write_instead("metaimage/i2.mha", "noted.mha", "ElementType", noted);
    check_mask("noted.mha", "kept.mha");
    assert_true(file_holds("kept.mha", words) &&
        file_holds("kept.mha", key)); /* values and keys of any length */
    check_mask(fixture("metaimage/beside.mhd"), "mask.mhd");
    assert_true(file_holds("mask.mhd", "ElementDataFile = mask.zraw"));
    check_mask(fixture("metaimage/beside_raw.mhd"), "mask2.mhd");
    assert_true(file_holds("mask2.mhd", "ElementDataFile = mask2.raw"));
}

/* Whatever a file is called, what is written under its name can be read again. */
static void any_name_will_do(void **state)
{
    (void)state;
    check_names(fixture("metaimage/beside.mhd"), ".mhd");
    check_names(fixture("metaimage/beside_raw.mhd"), ".mhd");
}

/* A place that came from elsewhere is a direction times a length in this format: as far off as
 * their product rounds. */
static void sheared_places_are_written(void **state)
{
    struct image m, back;
    (void)state;
    OK(format_load_image(fixture("nifti/sform.nii"), &m, &e));
    OK(format_save_image("sheared.mha", &m, &e));
    OK(format_load_image("sheared.mha", &back, &e));
    assert_true(geometry_difference(&m.geometry, &back.geometry, m.size) < 1e-13);
    image_free(&m);
    image_free(&back);
}

static void nasty_headers_are_refused(void **state)
{
    static const struct {
        const char *old, *fresh, *words;
    } nasty[] = {
        {"ObjectType = Image", "ObjectType = Tube", "it contains a Tube"},
        {"NDims = 3", "NDims = 1", "NDims is 1"},
        {"NDims = 3", "NDims = 9", "NDims is 9"},
        {"NDims = 3", "NDims = 2", "DimSize is not 2 numbers"},
        {"DimSize = 3 4 5", "DimSize = 3 -4 5", "size -4 of axis 1"},
        {"DimSize = 3 4 5", "DimSize = 3 4.5 5", "size 4.5 of axis 1"},
        {"DimSize = 3 4 5", "DimSize = 3 4 5 6 7", "is not a valid entry"},
        {"DimSize = 3 4 5", "DimSize = 2147483647 2147483647 2147483647", "2^40"},
        {"DimSize = 3 4 5", "DimSize = 3 4 6", "6x4x3 voxels"},
        {"DimSize", "DimSise", "no 'DimSize'"},
        {"MET_SHORT", "MET_ASCII_CHAR", "ElementType 'MET_ASCII_CHAR'"},
        {"ElementType", "ElementTipe", "no 'ElementType'"},
        {"ElementType", "ElementNumberOfChannels = 0\nElementType", "ElementNumberOfChannels = 0"},
        {"ElementType", "ElementNumberOfChannels = 2147483647\nElementType",
            "in 2147483647 channels, "},
        {"ElementType", "HeaderSize = 5\nElementType", "HeaderSize is 5, within the header of "},
        {"CompressedData = False", "CompressedData = True", "damaged"},
        {"BinaryData = True", "BinaryData = False", "sample 0 is not a number"},
        {"BinaryData = True", "HeaderSize = -1\nBinaryData = False",
            "HeaderSize = -1 needs samples of known length"},
        {"ElementSpacing = 0.5", "ElementSpacing = 0", "not span a volume"},
        {"ElementSpacing = 0.5", "ElementSpacing = nan", "not span a volume"},
        {"ElementSpacing = 0.5", "ElementSpacing = 1e50", "not span a volume"},
        {"Offset = 10", "Offset = nan", "not span a volume"},
        {"LOCAL", "../i2.raw", "must be in the header's folder or below"},
        {"LOCAL", "/etc/passwd", "must be in the header"},
        {"LOCAL", "LIST", "several files"},
        {"LOCAL", "LIST 2", "several files"},
        {"MSB = False", "MSB = perhaps", "'BinaryDataByteOrderMSB = perhaps' is not a valid entry"},
        {"MSB = False", "MSB =", "'BinaryDataByteOrderMSB = ' is not a valid entry"},
        {"CompressedData = False", "CompressedData = no",
            "'CompressedData = no' is not a valid entry"},
        {"BinaryData = True", "BinaryData = 2", "'BinaryData = 2' is not a valid entry"},
        {"LOCAL", "slice%03d.raw 1 5 1", "several files"},
        {"LOCAL", "nothing.raw", "its data file nothing.raw is missing; put it there"},
    };
    struct image m;
    (void)state;
    for (size_t i = 0; i < COUNT(nasty); i++) {
        write_instead("metaimage/i2.mha", "nasty.mha", nasty[i].old, nasty[i].fresh);
        REFUSED(format_load_image("nasty.mha", &m, &e), ATT_DATA, nasty[i].words);
        assert_null(m.data);
    }
}

static void cut_files_are_refused(void **state)
{
    (void)state;
    check_cuts("metaimage/i2.mha", "cut.mha");
    check_cuts("metaimage/f4.mha", "cut2.mha"); /* compressed */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_type),
        cmocka_unit_test(reads_every_way_to_store),
        cmocka_unit_test(a_spacing_below_zero_turns_its_axis),
        cmocka_unit_test(results_keep_the_fields),
        cmocka_unit_test(sheared_places_are_written),
        cmocka_unit_test(nasty_headers_are_refused),
        cmocka_unit_test(cut_files_are_refused),
        cmocka_unit_test(any_name_will_do),
        cmocka_unit_test(samples_may_begin_later),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

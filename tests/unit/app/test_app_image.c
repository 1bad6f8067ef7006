/* SPDX-License-Identifier: Apache-2.0 */
/* Images from the bytes of a file, which may name no other file, and masks as bytes. */
#include "unit/format/format_test.h"

#include <math.h>

#include "format/format.h"

static att_context *c;

static char *bytes_of(const char *path, size_t *size)
{
    char *bytes;
    OK(file_read(path, 1 << 20, &bytes, size, &e));
    return bytes;
}

static att_status decode(const char *path, size_t most, att_image **image)
{
    size_t size;
    char *bytes = bytes_of(path, &size);
    const att_status status = att_image_decode(c, bytes, size, most, image);
    mem_free(bytes);
    return status;
}

#define SAYS(call, expected, words)                                                                \
    do {                                                                                           \
        assert_int_equal(call, expected);                                                          \
        assert_string_equal(att_context_error(c), words);                                          \
    } while (0)

/* As att_image_load has it, of each kind of format. */
static void bytes_are_the_file(void **state)
{
    static const struct {
        const char *name, *ending, *file_ending;
    } files[] = {{"nifti/i2.nii.gz", ".nii.gz", ".nii.gz"}, {"nifti/sform.nii", ".nii.gz", ".nii"},
        {"nrrd/gzip.nrrd", ".nrrd", ".nrrd"}, {"metaimage/vector.mha", ".mha", ".mha"},
        {"npy/f8.npy", ".npy", ".npy"}, {"pictures/colours.png", ".png", ".png"},
        {"pictures/three.jpg", ".png", ".jpg"}, {"pictures/zyxc.tif", ".tif", ".tif"}};
    (void)state;
    for (size_t i = 0; i < COUNT(files); i++) {
        const char *path = fixture(files[i].name);
        att_image *a, *b;
        if (att_image_load(c, &path, 1, &a) != ATT_OK) {
            print_message("SKIPPED: %s\n", att_context_error(c));
            continue;
        }
        assert_int_equal(decode(path, 0, &b), ATT_OK);
        assert_int_equal(a->channels, b->channels);
        assert_memory_equal(a->size, b->size, sizeof a->size);
        assert_memory_equal(a->spacing, b->spacing, sizeof a->spacing);
        assert_int_equal(a->affine == NULL, b->affine == NULL);
        if (a->affine) assert_memory_equal(a->affine, b->affine, 12 * sizeof *a->affine);
        const size_t voxels = (size_t)a->size[0] * (size_t)a->size[1] * (size_t)a->size[2];
        assert_memory_equal(a->data, b->data, voxels * (size_t)a->channels * sizeof *a->data);
        assert_string_equal(att_image_ending(b), files[i].ending);
        assert_string_equal(att_image_file_ending(b), files[i].file_ending);
        assert_string_equal(att_image_file_ending(a), files[i].file_ending);
        att_image_free(a);
        att_image_free(b);
    }
}

static void what_is_no_image_is_refused(void **state)
{
    att_image *image;
    (void)state;
    SAYS(att_image_decode(c, "", 0, 0, &image), ATT_DATA,
        "the image: the file is empty; get a complete copy");
    assert_null(image);
    assert_int_equal(att_image_decode(c, "some words", 10, 0, &image), ATT_DATA);
    assert_non_null(strstr(att_context_error(c), "the image: not an image that attunet can read"));
    SAYS(att_image_decode(c, NULL, 0, 0, &image), ATT_USAGE, "the argument 'bytes' is missing");
    assert_null(att_image_ending(NULL));
    assert_null(att_image_file_ending(NULL));
}

/* A stranger's header may name any file of this machine, or another one that is open. */
static void no_other_file_is_read(void **state)
{
    static const char *const headers[] = {
        "nrrd/beside.nhdr", "nrrd/below.nhdr", "metaimage/beside.mhd", "metaimage/beside_raw.mhd"};
    static const char own[] =
        "NRRD0004\ntype: uchar\ndimension: 2\nsizes: 2 2\nencoding: raw\ndata file: 0\n";
    att_image *image;
    (void)state;
    for (size_t i = 0; i < COUNT(headers); i++) {
        SAYS(decode(fixture(headers[i]), 0, &image), ATT_DATA,
            "the image: a header whose samples are in another file; give one file with both");
        assert_null(image);
    }
    assert_int_equal(att_image_decode(c, own, sizeof own - 1, 0, &image), ATT_DATA);
    static const char above[] =
        "NRRD0004\ntype: uchar\ndimension: 2\nsizes: 2 2\nencoding: raw\ndata file: ../x\n";
    assert_int_equal(att_image_decode(c, above, sizeof above - 1, 0, &image), ATT_DATA);
    assert_null(strstr(att_context_error(c), "/proc"));
}

static void large_images_are_refused_by_their_header(void **state)
{
    att_image *image;
    const char *path = fixture("nifti/i2.nii.gz");
    (void)state;
    assert_int_equal(decode(path, 0, &image), ATT_OK);
    const size_t samples = (size_t)image->size[0] * (size_t)image->size[1] * (size_t)image->size[2];
    att_image_free(image);
    assert_int_equal(decode(path, samples, &image), ATT_OK);
    att_image_free(image);
    char words[200];
    snprintf(words, sizeof words,
        "the image has %zu samples, but at most %zu are allowed; give a smaller image", samples,
        samples - 1);
    SAYS(decode(path, samples - 1, &image), ATT_MEMORY, words);
}

/* The bytes of a mask lie on the image's grid, with its header. */
static void masks_become_bytes(void **state)
{
    static const char *const endings[] = {NULL, ".nii", ".nrrd", ".mha", ".npy"};
    const char *path = fixture("nifti/sform.nii");
    att_image *image;
    (void)state;
    assert_int_equal(decode(path, 0, &image), ATT_OK);
    const size_t voxels = (size_t)image->size[0] * (size_t)image->size[1] * (size_t)image->size[2];
    uint16_t *labels = mem_alloc(voxels * sizeof *labels);
    for (size_t i = 0; i < voxels; i++) labels[i] = (uint16_t)(i * 7 % 300);
    for (size_t i = 0; i < COUNT(endings); i++) {
        char *bytes;
        size_t size;
        att_image *back;
        assert_int_equal(att_mask_encode(c, image, labels, endings[i], &bytes, &size), ATT_OK);
        assert_int_equal(att_image_decode(c, bytes, size, 0, &back), ATT_OK);
        assert_memory_equal(back->size, image->size, sizeof back->size);
        for (size_t k = 0; k < voxels; k++) assert_true(back->data[k] == labels[k]);
        for (int k = 0; i < 4 && k < 12; k++)
            assert_true(fabs(back->affine[k] - image->affine[k]) < 1e-6);
        att_image_free(back);
        att_text_free(bytes);
    }
    att_image *back;
    const char *saved = "mask.nii.gz";
    assert_int_equal(att_mask_save(c, image, labels, saved), ATT_OK);
    assert_int_equal(att_image_load(c, &saved, 1, &back), ATT_OK);
    for (size_t k = 0; k < voxels; k++) assert_true(back->data[k] == labels[k]);
    att_image_free(back);
    SAYS(att_mask_save(c, image, labels, ""), ATT_USAGE,
        "the argument 'path' is empty; give the path of a file or folder");
    assert_int_equal(att_mask_save(c, image, labels, "mask.xyz"), ATT_USAGE);
    char *bytes;
    size_t size;
    SAYS(att_mask_encode(c, image, labels, ".nhdr", &bytes, &size), ATT_USAGE,
        ".nhdr files keep their samples in a second file; give an ending of one file, such as "
        ".nii.gz");
    SAYS(att_mask_encode(c, image, labels, "./../x.png", &bytes, &size), ATT_USAGE,
        "'./../x.png' is not the ending of an image file; give one such as .nii.gz or .png");
    SAYS(att_mask_encode(c, image, labels, ".x\".png", &bytes, &size), ATT_USAGE,
        "'.x\".png' is not the ending of an image file; give one such as .nii.gz or .png");
    SAYS(att_mask_encode(c, image, labels, "png", &bytes, &size), ATT_USAGE,
        "'png' is not the ending of an image file; give one such as .nii.gz or .png");
    assert_int_equal(att_mask_encode(c, image, labels, ".xyz", &bytes, &size), ATT_USAGE);
    assert_non_null(strstr(att_context_error(c), "the mask: the ending does not say"));
    assert_null(bytes);
    mem_free(labels);
    att_image_free(image);
}

static int start(void **state)
{
    return make_scratch(state) || att_context_create(1, "ref", NULL, &c) != ATT_OK;
}

static int stop(void **state)
{
    att_context_destroy(c);
    return remove_scratch(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(bytes_are_the_file),
        cmocka_unit_test(what_is_no_image_is_refused), cmocka_unit_test(no_other_file_is_read),
        cmocka_unit_test(large_images_are_refused_by_their_header),
        cmocka_unit_test(masks_become_bytes)};
    return cmocka_run_group_tests(tests, start, stop);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of NRRD, MetaImage and NPY share: the volume that
 * tools/fixtures/make_volume_fixtures.py writes, and its places. */
#ifndef VOLUME_TEST_H
#define VOLUME_TEST_H

#include "format/format.h"
#include "unit/format/format_test.h"

enum { W = 3, H = 4, D = 5, VOXELS = W * H * D };

static const double itk_place[3][4] = {{0, 0, -2, -10}, {-0.5, 0, 0, 20.5}, {0, 0.75, 0, 3.25}};
static const double skewed_place[3][4] = {
    {-0.5, 0.25, 0, -10}, {-0.125, -0.75, -0.5, 20.5}, {0, 0, 2, 3.25}};

static inline float ramp(size_t k, bool is_signed)
{
    return (float)(7 * k % 120) - (is_signed ? 60 : 0);
}

/* Samples, channels, size and place (NULL: it has none), as image and by the header alone. */
static inline void check_volume(
    const char *path, bool is_signed, int count, const double place[3][4])
{
    struct image m;
    int channels, size[3];
    float spacing[3];
    OK(format_load_image(path, &m, &e));
    OK(format_peek(path, &channels, size, spacing, &e));
    assert_int_equal(m.channels, count);
    assert_int_equal(channels, count);
    assert_memory_equal(m.size, ((int[3]){D, H, W}), sizeof m.size);
    assert_memory_equal(size, m.size, sizeof size);
    for (size_t k = 0; k < VOXELS * (size_t)count; k++)
        if (m.data[k] != ramp(k % VOXELS, is_signed) + (float)(k / VOXELS))
            fail_msg("%s: sample %zu is %g", path, k, (double)m.data[k]);
    assert_true(m.geometry.valid == (place != NULL));
    assert_true((spacing[0] > 0) == m.geometry.valid);
    if (place) assert_memory_equal(spacing, m.geometry.spacing, sizeof spacing);
    if (place) assert_memory_equal(m.geometry.affine, place, sizeof m.geometry.affine);
    image_free(&m);
}

static inline bool file_holds(const char *path, const char *words)
{
    char *text;
    size_t size;
    OK(file_read(path, 1 << 20, &text, &size, &e));
    bool there = strstr(text, words) != NULL;
    mem_free(text);
    return there;
}

/* Labels on the grid of `image` under `result`: they come back, at its place. */
static inline void check_mask(const char *image, const char *result)
{
    struct image m;
    struct labelmap back;
    OK(format_load_image(image, &m, &e));
    size_t voxels = image_voxels(m.size);
    for (int wide = 0; wide < 2; wide++) {
        struct labelmap l = {.size = {m.size[0], m.size[1], m.size[2]},
            .data = mem_array(voxels, 2),
            .geometry = m.geometry};
        for (size_t i = 0; i < voxels; i++) l.data[i] = (uint16_t)(i % 5 * (wide ? 1000 : 1));
        OK(format_save_labels(result, &l, &e));
        OK(format_load_labels(result, &back, &e));
        assert_memory_equal(back.size, l.size, sizeof l.size);
        assert_memory_equal(back.data, l.data, voxels * sizeof *l.data);
        assert_memory_equal(back.geometry.affine, m.geometry.affine, sizeof m.geometry.affine);
        assert_memory_equal(back.geometry.spacing, m.geometry.spacing, sizeof m.geometry.spacing);
        assert_true(back.geometry.valid == m.geometry.valid);
        labelmap_free(&back);
        mem_free(l.data);
    }
    image_free(&m);
}

/* The image as float32 under `result`: equal samples, channels and place. */
static inline void check_copy(const char *image, const char *result)
{
    struct image m, back;
    OK(format_load_image(image, &m, &e));
    OK(format_save_image(result, &m, &e));
    OK(format_load_image(result, &back, &e));
    assert_int_equal(back.channels, m.channels);
    assert_memory_equal(back.size, m.size, sizeof m.size);
    assert_memory_equal(
        back.data, m.data, image_voxels(m.size) * (size_t)m.channels * sizeof *m.data);
    assert_memory_equal(back.geometry.affine, m.geometry.affine, sizeof m.geometry.affine);
    image_free(&back);
    image_free(&m);
}

/* Labels on the grid of `image` under names that look like something else in a header that names
 * its data file. */
static inline void check_names(const char *image, const char *ending)
{
    static const char *const stems[] = {"my case", "50%", "50% 2", "LISTER", "LIST", "LIST 2",
        "LOCAL", "case%d", "a 1 2 3", "x=y", "x: y"};
    char name[64];
    for (size_t i = 0; i < COUNT(stems); i++) {
        snprintf(name, sizeof name, "%s%s", stems[i], ending);
        check_mask(image, name);
    }
}

/* Every beginning of the file is refused, and no sample of it is used. */
static inline void check_cuts(const char *name, const char *scratch_name)
{
    size_t size;
    struct image m;
    unsigned char *file = read_fixture(name, &size);
    for (size_t cut = 0; cut < size; cut++) {
        write_scratch(scratch_name, file, cut);
        REFUSED(format_load_image(scratch_name, &m, &e), ATT_DATA, scratch_name);
        assert_null(m.data);
    }
    mem_free(file);
}

/* The text file with one word in place of another. */
static inline void write_instead(
    const char *name, const char *scratch_name, const char *old, const char *fresh)
{
    size_t size, before, after;
    unsigned char *file = read_fixture(name, &size);
    char *at = memmem(file, size, old, strlen(old));
    if (!at) fail_msg("%s has no '%s'", name, old);
    before = (size_t)(at - (char *)file);
    after = size - before - strlen(old);
    char *text = mem_alloc(before + strlen(fresh) + after);
    memcpy(text, file, before);
    memcpy(text + before, fresh, strlen(fresh));
    memcpy(text + before + strlen(fresh), at + strlen(old), after);
    write_scratch(scratch_name, text, before + strlen(fresh) + after);
    mem_free(text);
    mem_free(file);
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* ANALYZE 7.5 as nibabel reads it, and pairs of files in gzip. */
#include "format/nifti_header.h"

#include <math.h>

#include "format/format.h"
#include "unit/format/format_test.h"

enum { D = 5, H = 4, W = 3, VOXELS = D * H * W };

static void analyze_is_nibabels(void **state)
{
    (void)state;
    FILE *list = fopen(fixture("nifti/analyze.txt"), "r");
    char name[64], path[96];
    int files = 0;
    assert_non_null(list);
    while (fscanf(list, "%63s", name) == 1) {
        struct image m;
        double expected;
        snprintf(path, sizeof path, "nifti/%s", name);
        OK(format_load_image(fixture(path), &m, &e));
        assert_memory_equal(m.size, ((int[]){D, H, W}), sizeof m.size);
        for (int i = 0; i < 12; i++) {
            assert_int_equal(fscanf(list, "%lf", &expected), 1);
            if (!(fabs(m.geometry.affine[i / 4][i % 4] - expected) <= 1e-12))
                fail_msg("%s: affine[%d] is not %.17g", name, i, expected);
        }
        for (int i = 0; i < VOXELS; i++) {
            assert_int_equal(fscanf(list, "%lf", &expected), 1);
            if (m.data[i] != (float)expected)
                fail_msg("%s: sample %d is %.9g, not %.9g", name, i, (double)m.data[i], expected);
        }
        assert_true(m.geometry.valid && !m.geometry.oriented && !m.geometry.header);
        assert_true(m.geometry.spacing[0] == 2 && m.geometry.spacing[2] == 0.5f);
        image_free(&m);
        files++;
    }
    fclose(list);
    assert_int_equal(files, 5);
}

/* The history of ANALYZE lies where NIfTI has its forms, so no byte of it is kept. */
static void results_of_analyze_are_nifti(void **state)
{
    (void)state;
    struct image m;
    OK(format_load_image(fixture("nifti/analyze_spm.hdr"), &m, &e));
    struct labelmap l = {.size = {D, H, W}, .data = mem_array(VOXELS, 2), .geometry = m.geometry},
                    back;
    l.data[7] = 9;
    OK(format_save_labels("mask.hdr", &l, &e));
    OK(format_load_labels("mask.hdr", &back, &e));
    assert_memory_equal(back.data, l.data, VOXELS * sizeof *l.data);
    assert_memory_equal(back.geometry.affine, m.geometry.affine, sizeof m.geometry.affine);
    assert_int_equal(back.geometry.header_size, NIFTI1_SIZE);
    assert_memory_equal(back.geometry.header + 344, "ni1", 4);
    labelmap_free(&back);
    mem_free(l.data);
    image_free(&m);
}

static void a_header_without_its_name_is_refused(void **state)
{
    (void)state;
    struct image m;
    size_t size;
    unsigned char *header = read_fixture("nifti/analyze.hdr", &size);
    write_scratch("other.nii", header, size);
    REFUSED(format_load_image("other.nii", &m, &e), ATT_DATA,
        "other.nii: the header has NIfTI's size but not its magic");
    mem_free(header);
}

static void check_pair(const char *header, const char *samples, const struct image *wanted)
{
    struct image m;
    char *companion;
    OK(format_load_image(header, &m, &e));
    assert_memory_equal(m.data, wanted->data, VOXELS * sizeof *m.data);
    image_free(&m);
    OK(format_companion(header, &companion, &e));
    assert_string_equal(companion, samples);
    mem_free(companion);
    char *stem = format_stem(header);
    assert_string_equal(stem, "pair");
    mem_free(stem);
}

/* Either file of a pair may be in gzip; a written pair is of one kind. */
static void pairs_may_be_in_gzip(void **state)
{
    (void)state;
    struct image m;
    OK(format_load_image(fixture("nifti/sform.nii"), &m, &e));
    OK(format_save_image("pair.hdr.gz", &m, &e));
    assert_true(file_exists("pair.img.gz") && !file_exists("pair.img"));
    check_pair("pair.hdr.gz", "pair.img.gz", &m);
    OK(format_save_image("pair.hdr", &m, &e));
    check_pair("pair.hdr.gz", "pair.img.gz", &m);
    check_pair("pair.hdr", "pair.img", &m);
    unlink("pair.img.gz");
    check_pair("pair.hdr.gz", "pair.img", &m);
    OK(format_save_image("pair.hdr.gz", &m, &e));
    unlink("pair.img");
    check_pair("pair.hdr", "pair.img.gz", &m);
    char *bytes;
    size_t size;
    OK(file_read("pair.hdr.gz", 1 << 16, &bytes, &size, &e));
    assert_memory_equal(bytes, "\x1f\x8b", 2);
    mem_free(bytes);
    assert_string_equal(format_result_ending("a.hdr.gz"), ".hdr.gz");
    struct image other;
    REFUSED(format_load_image("pair.img.gz", &other, &e), ATT_DATA, "the .hdr or .hdr.gz file");
    image_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(analyze_is_nibabels),
        cmocka_unit_test(results_of_analyze_are_nifti),
        cmocka_unit_test(a_header_without_its_name_is_refused),
        cmocka_unit_test(pairs_may_be_in_gzip),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Pairs of values in two files, the unit of volume, and files that cannot be compared. */
#include "measure/tally.h"

#include "unit/dataset/dataset_test.h"

static struct geometry grid(double shift)
{
    return (struct geometry){.spacing = {3, 2, 0.5f},
        .affine = {{-0.5, 0, 0, shift}, {0, 2, 0, 7}, {0, 0, 3, -9}},
        .valid = true};
}

static void expect(const struct tally_entry *x, int predicted, int truth, int voxels)
{
    assert_int_equal(x->predicted, predicted);
    assert_int_equal(x->truth, truth);
    assert_int_equal(x->voxels, voxels);
}

static void pairs_of_values_are_counted(void **state)
{
    (void)state;
    struct tally t;
    put_labels("set/p.png", 1, 3, 4, 1, 1, 2, 2, 40000, 0, 1, 2);
    put_labels("set/t.png", 1, 3, 4, 1, 2, 2, 2, 0, 40000, 1);
    OK(tally_files(
        &(struct mask_pair){.predicted = "set/p.png", .truth = "set/t.png"}, NULL, &t, &e));
    assert_int_equal(t.count, 7);
    expect(&t.entry[0], 0, 0, 4);
    expect(&t.entry[1], 0, 40000, 1);
    expect(&t.entry[2], 1, 1, 2);
    expect(&t.entry[3], 1, 2, 1);
    expect(&t.entry[4], 2, 0, 1);
    expect(&t.entry[5], 2, 2, 2);
    expect(&t.entry[6], 40000, 0, 1);
    assert_string_equal(t.unit, "pixels");
    assert_true(t.voxel == 1);
    tally_free(&t);
    assert_null(t.entry);
}

static void the_overlap_is_that_of_metrics(void **state)
{
    (void)state;
    enum { N = 400 };
    struct labelling l = {.count = 4, .value = {0, 3, 5, 9}, .ignore = 77};
    uint16_t values[2][N];
    uint8_t classes[2][N];
    struct labelmap m = {.size = {4, 10, 10}};
    struct tally t;
    for (int i = 0; i < N; i++) {
        values[0][i] = l.value[i * i % 7 % 4];
        values[1][i] = i % 11 == 0 ? 77 : l.value[i * i % 5 % 4];
    }
    OK(file_make_folders("set", &e));
    for (int k = 0; k < 2; k++) {
        m.data = values[k];
        OK(labelling_encode(&l, &m, "", classes[k], &e));
        OK(format_save_labels(k ? "set/t.nii.gz" : "set/p.nii.gz", &m, &e));
    }
    OK(tally_files(
        &(struct mask_pair){.predicted = "set/p.nii.gz", .truth = "set/t.nii.gz"}, &l, &t, &e));
    OK(tally_overlaps(&t, &l, &e));
    for (int k = 0; k < 3; k++) {
        const struct class_set set = class_set_of(k + 1);
        const struct overlap b = overlap_count(classes[0], classes[1], N, set, set);
        assert_memory_equal(&t.overlap[k], &b, sizeof b);
    }
    l.regions = 15; /* all sets of the four classes */
    for (int k = 0; k < l.regions; k++) l.region[k] = class_set_bits((uint64_t)k + 1);
    OK(tally_overlaps(&t, &l, &e));
    for (int k = 0; k < l.regions; k++) {
        const struct overlap *a = &t.overlap[k],
                             b = overlap_count(classes[0], classes[1], N, l.region[k], l.region[k]);
        assert_memory_equal(a, &b, sizeof b);
        assert_true(a->tp + a->fp + a->fn + a->tn == N - 37);
    }
    tally_free(&t);
}

static void volumes_come_from_the_label(void **state)
{
    (void)state;
    struct tally t;
    struct geometry g = grid(0);
    put_labels_at("set/t.nii", 2, 3, 4, (const int[]){1, -1}, &g);
    put_labels_at("set/p.nii", 2, 3, 4, (const int[]){1, -1}, &g);
    OK(tally_files(
        &(struct mask_pair){.predicted = "set/p.nii", .truth = "set/t.nii"}, NULL, &t, &e));
    assert_true(t.voxel == 3);
    assert_string_equal(t.unit, "mm3");
    tally_free(&t);
}

/* Many programs save labels without a spacing. */
static void else_from_the_prediction(void **state)
{
    (void)state;
    struct tally t;
    struct geometry g = grid(0);
    put_labels("set/bare.png", 1, 3, 4, 1);
    put_labels_at("set/p.nii", 1, 3, 4, (const int[]){1, -1}, &g);
    OK(tally_files(
        &(struct mask_pair){.predicted = "set/p.nii", .truth = "set/bare.png"}, NULL, &t, &e));
    assert_true(t.voxel == 3 && t.spacing[1] == 2 && t.spacing[2] == 0.5);
    assert_string_equal(t.unit, "mm3");
    assert_string_equal(t.length, "mm");
    tally_to_um(&t);
    assert_true(t.voxel == 3e9 && t.spacing[1] == 2000 && t.spacing[2] == 500);
    assert_string_equal(t.unit, "um3");
    assert_string_equal(t.length, "um");
    tally_free(&t);
}

/* One slice has a volume only where a header of three dimensions, or the user, says how thick it
 * is. */
static void a_slice_without_thickness_has_an_area(void **state)
{
    (void)state;
    static const float given[3] = {3, 2, 0.5f};
    struct tally t;
    struct geometry g = grid(0);
    put_labels_at("set/t.nii", 1, 3, 4, (const int[]){1, -1}, &g);
    put_labels("set/t.png", 1, 3, 4, 1);
    put_text("set/t.mhd",
        "NDims = 2\n"
        "DimSize = 4 3\n"
        "ElementSpacing = 0.5 2\n"
        "ElementType = MET_UCHAR\n"
        "ElementDataFile = t.raw\n");
    put_text("set/t.raw", "123456789012");
    OK(tally_files(
        &(struct mask_pair){.predicted = "set/t.nii", .truth = "set/t.nii"}, NULL, &t, &e));
    assert_true(t.voxel == 3);
    assert_string_equal(t.unit, "mm3");
    tally_free(&t);
    OK(tally_files(
        &(struct mask_pair){.predicted = "set/t.mhd", .truth = "set/t.mhd"}, NULL, &t, &e));
    assert_true(t.voxel == 1);
    assert_string_equal(t.unit, "mm2");
    assert_string_equal(t.length, "mm");
    tally_to_um(&t);
    assert_true(t.voxel == 1e6);
    assert_string_equal(t.unit, "um2");
    tally_free(&t);
    OK(tally_files(
        &(struct mask_pair){.predicted = "set/t.png", .truth = "set/t.png"}, NULL, &t, &e));
    assert_string_equal(t.unit, "pixels");
    tally_set_voxel(&t, given, true);
    assert_true(t.voxel == 1);
    assert_string_equal(t.unit, "mm2");
    tally_set_voxel(&t, given, false);
    assert_true(t.voxel == 3);
    assert_string_equal(t.unit, "mm3");
    tally_free(&t);
}

static void grids_must_agree(void **state)
{
    (void)state;
    struct tally t;
    struct geometry here = grid(0), near = grid(0.04), far = grid(0.1);
    put_labels_at("set/t.nii", 2, 3, 4, (const int[]){1, -1}, &here);
    put_labels_at("set/near.nii", 2, 3, 4, (const int[]){1, -1}, &near); /* 0.08 of a voxel */
    put_labels_at("set/far.nii", 2, 3, 4, (const int[]){1, -1}, &far);
    put_labels_at("set/size.nii", 2, 4, 3, (const int[]){1, -1}, &here);
    OK(tally_files(
        &(struct mask_pair){.predicted = "set/near.nii", .truth = "set/t.nii"}, NULL, &t, &e));
    tally_free(&t);
    REFUSED(tally_files(&(struct mask_pair){.predicted = "set/far.nii", .truth = "set/t.nii"}, NULL,
                &t, &e),
        ATT_DATA, "set/far.nii is 0.2 voxels (0.1 mm) away from its label set/t.nii");
    REFUSED(tally_files(&(struct mask_pair){.predicted = "set/size.nii", .truth = "set/t.nii"},
                NULL, &t, &e),
        ATT_DATA, "set/size.nii has 2x4x3 voxels, but its label set/t.nii has 2x3x4");
    REFUSED(tally_files(&(struct mask_pair){.predicted = "set/none.nii", .truth = "set/t.nii"},
                NULL, &t, &e),
        ATT_IO, "set/none.nii");
    assert_null(t.entry);
}

static void undeclared_values_are_refused(void **state)
{
    (void)state;
    struct tally t;
    const struct labelling l = {.count = 2, .value = {0, 1}, .ignore = -1};
    put_labels("set/good.png", 1, 2, 3, 0, 1);
    put_labels("set/bad.png", 1, 2, 3, 0, 1, 0, 0, 7);
    REFUSED(tally_files(&(struct mask_pair){.predicted = "set/bad.png", .truth = "set/good.png"},
                &l, &t, &e),
        ATT_DATA, "set/bad.png: voxel (1,1,0) has the label value 7");
    REFUSED(tally_files(&(struct mask_pair){.predicted = "set/good.png", .truth = "set/bad.png"},
                &l, &t, &e),
        ATT_DATA, "set/bad.png: voxel (1,1,0) has the label value 7");
    OK(tally_files(
        &(struct mask_pair){.predicted = "set/bad.png", .truth = "set/good.png"}, NULL, &t, &e));
    tally_free(&t);
}

static void images_are_no_masks(void **state)
{
    (void)state;
    enum { N = 254 * 255 + 1 };
    struct labelmap m = {.size = {1, 1, N}, .data = mem_array(N, sizeof *m.data)};
    struct tally t;
    for (int i = 0; i < N; i++) m.data[i] = (uint16_t)i;
    OK(file_make_folders("set", &e));
    OK(format_save_labels("set/p.nii", &m, &e));
    REFUSED(tally_files(
                &(struct mask_pair){.predicted = "set/p.nii", .truth = "set/p.nii"}, NULL, &t, &e),
        ATT_DATA, "too many different values for classes");
    m.data[N - 1] = 0; /* 4096 are possible */
    OK(format_save_labels("set/p.nii", &m, &e));
    OK(tally_files(
        &(struct mask_pair){.predicted = "set/p.nii", .truth = "set/p.nii"}, NULL, &t, &e));
    assert_int_equal(t.count, N - 1);
    expect(&t.entry[0], 0, 0, 2);
    expect(&t.entry[N - 2], N - 2, N - 2, 1);
    tally_free(&t);
    mem_free(m.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(pairs_of_values_are_counted, clear_set),
        cmocka_unit_test_setup(the_overlap_is_that_of_metrics, clear_set),
        cmocka_unit_test_setup(volumes_come_from_the_label, clear_set),
        cmocka_unit_test_setup(grids_must_agree, clear_set),
        cmocka_unit_test_setup(else_from_the_prediction, clear_set),
        cmocka_unit_test_setup(a_slice_without_thickness_has_an_area, clear_set),
        cmocka_unit_test_setup(undeclared_values_are_refused, clear_set),
        cmocka_unit_test_setup(images_are_no_masks, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A case in memory: channels together, label on the image's grid, values as classes. */
#include "unit/dataset/dataset_test.h"

/* Voxels of 2 x 1 x 0.5 mm (w, h, d) whose first lies at x mm. */
static struct geometry grid(double x)
{
    return (struct geometry){.valid = true,
        .spacing = {0.5F, 1, 2},
        .affine = {{2, 0, 0, x}, {0, 1, 0, 0}, {0, 0, 0.5, 0}}};
}

static void put_image_on(const char *path, const struct geometry *g)
{
    float data[24];
    for (int i = 0; i < 24; i++) data[i] = (float)i;
    make_parent(path);
    OK(format_save_image(
        path, &(struct image){.channels = 1, .size = {2, 3, 4}, .data = data, .geometry = *g}, &e));
}

/* A set of one case with two channels; the second and the label may lie elsewhere. */
static void open_pair(struct dataset *d, double second, double label)
{
    struct geometry g = grid(10), s = grid(second), l = grid(label);
    put_text("set/dataset.json",
        "{\"channel_names\": {\"0\": \"a\", \"1\": \"b\"}, \"labels\": {\"background\": 0, "
        "\"x\": 3, \"ignore\": 7}}");
    put_image_on("set/imagesTr/c_0000.nii.gz", &g);
    put_image_on("set/imagesTr/c_0001.nii.gz", &s);
    put_labels_at("set/labelsTr/c.nii.gz", 2, 3, 4, (const int[]){0, 3, 7, -1}, &l);
    OK(dataset_open("set", d, NULL, &e));
}

static void channels_and_classes_come_together(void **state)
{
    struct dataset d;
    struct sample s;
    (void)state;
    open_pair(&d, 10.1, 10.1);
    OK(dataset_load(&d, 0, &s, &e));
    assert_int_equal(s.image.channels, 2);
    assert_int_equal(s.image.size[IMAGE_D], 2);
    assert_int_equal(s.image.size[IMAGE_W], 4);
    for (int i = 0; i < 48; i++) assert_true(s.image.data[i] == (float)(i % 24));
    assert_true(s.image.geometry.affine[0][3] == 10);
    assert_int_equal(s.classes[0], 0);
    assert_int_equal(s.classes[1], 1);
    assert_int_equal(s.classes[2], LABELLING_IGNORE);
    assert_int_equal(s.classes[23], 0);
    sample_free(&s);
    sample_free(&s);
    mem_free(d.cases[0].label);
    d.cases[0].label = NULL;
    OK(dataset_load(&d, 0, &s, &e));
    assert_null(s.classes);
    sample_free(&s);
    dataset_free(&d);
}

static void other_places_are_measured(void **state)
{
    struct dataset d;
    struct sample s;
    (void)state;
    open_pair(&d, 10, 13);
    REFUSED(dataset_load(&d, 0, &s, &e), ATT_DATA,
        "set/labelsTr/c.nii.gz: by its header it is 1.5 voxels (3 mm) off from "
        "set/imagesTr/c_0000.nii.gz (tolerance 0.1 voxels); resample");
    assert_null(s.image.data);
    assert_null(s.classes);
    dataset_free(&d);
    open_pair(&d, 9.5, 10);
    REFUSED(dataset_load(&d, 0, &s, &e), ATT_DATA,
        "set/imagesTr/c_0001.nii.gz: by its header it is 0.25 voxels (0.5 mm) off from ");
    dataset_free(&d);
    struct geometry g = grid(10);
    open_pair(&d, 10, 10);
    g.affine[2][2] = -0.5; /* upside down: the slices at 0 and -0.5 mm instead of 0 and 0.5 mm */
    put_labels_at("set/labelsTr/c.nii.gz", 2, 3, 4, (const int[]){-1}, &g);
    REFUSED(dataset_load(&d, 0, &s, &e), ATT_DATA,
        "set/labelsTr/c.nii.gz: its axes are RAI, but those of set/imagesTr/c_0000.nii.gz are RAS");
    dataset_free(&d);
}

static void files_that_changed_are_noticed(void **state)
{
    struct dataset d;
    struct sample s;
    struct geometry g = grid(10);
    (void)state;
    open_pair(&d, 10, 10);
    put_labels_at("set/labelsTr/c.nii.gz", 2, 3, 4, (const int[]){0, 0, 0, 0, 0, 4, -1}, &g);
    REFUSED(dataset_load(&d, 0, &s, &e), ATT_DATA,
        "set/labelsTr/c.nii.gz: voxel (1,1,0) has the label value 4, which is none of 0, 3 and "
        "7 (ignore)");
    assert_null(s.classes);
    put_labels("set/labelsTr/c.nii.gz", 2, 4, 3, 0);
    REFUSED(dataset_load(&d, 0, &s, &e), ATT_DATA,
        "set/labelsTr/c.nii.gz is 2x4x3 but set/imagesTr/c_0000.nii.gz is 2x3x4; resample one to "
        "the other's grid");
    put_image("set/imagesTr/c_0001.nii.gz", 1, 2, 3, 5);
    REFUSED(dataset_load(&d, 0, &s, &e), ATT_DATA, "set/imagesTr/c_0001.nii.gz is 2x3x5 but ");
    put_image("set/imagesTr/c_0000.nii.gz", 2, 2, 3, 5);
    REFUSED(dataset_load(&d, 0, &s, &e), ATT_DATA, "case c has 3 channels, but the data set has 2");
    assert_int_equal(remove("set/imagesTr/c_0000.nii.gz"), 0);
    REFUSED(dataset_load(&d, 0, &s, &e), ATT_IO, "c_0000.nii.gz");
    dataset_free(&d);
}

/* PNG knows no geometry: a PNG label fits a NIfTI image of its size. */
static void pictures_have_no_place(void **state)
{
    struct dataset d;
    struct sample s;
    (void)state;
    put_image("set/images/a.nii.gz", 1, 1, 3, 4);
    put_labels("set/labels/a.png", 1, 3, 4, 0, 200);
    OK(dataset_open("set", &d, NULL, &e));
    OK(dataset_load(&d, 0, &s, &e));
    assert_int_equal(s.classes[1], 1);
    assert_int_equal(s.classes[2], 0);
    sample_free(&s);
    dataset_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(channels_and_classes_come_together, clear_set),
        cmocka_unit_test_setup(other_places_are_measured, clear_set),
        cmocka_unit_test_setup(files_that_changed_are_noticed, clear_set),
        cmocka_unit_test_setup(pictures_have_no_place, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

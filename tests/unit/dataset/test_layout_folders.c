/* SPDX-License-Identifier: Apache-2.0 */
/* Data sets with a folder per case, and a dataset.json that says what labels mean in any layout. */
#include "dataset/layout_found.h"
#include "unit/dataset/dataset_test.h"

static void put_brats(const char *name)
{
    static const char *const keys[] = {"t1", "flair", "seg"};
    char path[128];
    for (int k = 0; k < 3; k++) {
        snprintf(path, sizeof path, "set/%s/%s_%s.nii.gz", name, name, keys[k]);
        if (k < 2)
            put_image(path, 1, 2, 3, 4);
        else
            put_labels(path, 2, 3, 4, 0, 4, 1);
    }
}

static void folders_are_cases(void **state)
{
    struct dataset d;
    struct sample s;
    (void)state;
    put_brats("BraTS_002");
    put_brats("BraTS_001");
    put_text("set/names.csv", "x");
    put_text("set/BraTS_001/notes.txt", "x");
    OK(dataset_open("set", &d, NULL, &e));
    assert_string_equal(d.layout, "a folder per case");
    assert_int_equal(d.count, 2);
    assert_int_equal(d.channels, 2);
    assert_int_equal(d.labels.count, 3);
    assert_string_equal(d.cases[0].id, "BraTS_001");
    assert_string_equal(d.channel_name[0], "flair");
    assert_string_equal(d.channel_name[1], "t1");
    assert_string_equal(d.cases[1].image[0], "set/BraTS_002/BraTS_002_flair.nii.gz");
    assert_string_equal(d.cases[1].label, "set/BraTS_002/BraTS_002_seg.nii.gz");
    OK(dataset_load(&d, 1, &s, &e));
    assert_true(s.image.channels == 2 && s.classes);
    sample_free(&s);
    dataset_free(&d);

    put_image("set/BraTS_003/flair.nii.gz", 1, 2, 3, 4); /* called without its case */
    put_image("set/BraTS_003/t1.nii.gz", 1, 2, 3, 4);
    put_labels("set/BraTS_003/Mask.nii.gz", 2, 3, 4, 0, 1);
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.count, 3);
    dataset_free(&d);
    file_remove("set/BraTS_003/t1.nii.gz");
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set/BraTS_003 has no t1, but case BraTS_001 does; add it, or remove the folder");
    put_image("set/BraTS_003/t1.nii.gz", 1, 2, 3, 4);
    put_image("set/BraTS_003/t2.nii.gz", 1, 2, 3, 4);
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set/BraTS_003 has t2, but case BraTS_001 does not; remove it, or add it there");
    put_labels("set/BraTS_003/t2_seg.nii.gz", 2, 3, 4, 0, 1);
    file_remove("set/BraTS_003/t2.nii.gz");
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set/BraTS_003 has 2 labels, but a case has one; name it seg, mask, label or segmentation, "
        "or list the files in a CSV (docs/data.md)");

    struct problems p = {.count = 0};
    OK(dataset_open_patterns("set", NULL, &d, &p, NULL, &e));
    assert_true(d.count == 2 && p.count == 1 && p.list[0].kind == PROBLEM_PARTNER);
    dataset_free(&d);
    problems_free(&p);
}

/* Pictures of the screen beside volumes are no channels. */
static void previews_are_left_aside(void **state)
{
    struct dataset d;
    (void)state;
    for (int i = 0; i < 4; i++) {
        char path[64];
        snprintf(path, sizeof path, "set/scene%d/T1.nrrd", i);
        put_image(path, 1, 3, 8, 8);
        snprintf(path, sizeof path, "set/scene%d/Segmentation.nrrd", i);
        put_labels(path, 3, 8, 8, 0, 0, 1, 1);
        snprintf(path, sizeof path, "set/scene%d/Scene View.png", i);
        put_photo(path, 20, 30);
    }
    OK(dataset_open("set", &d, NULL, &e));
    assert_true(d.count == 4 && d.channels == 1 && d.dims == 3);
    assert_string_equal(d.cases[0].image[0], "set/scene0/T1.nrrd");
    dataset_free(&d);
}

/* What a network made of an image would tell its label. */
static void results_are_no_channels(void **state)
{
    struct dataset d;
    (void)state;
    for (int i = 0; i < 4; i++) {
        char path[64];
        snprintf(path, sizeof path, "set/p%d/T1.nii.gz", i);
        put_image(path, 1, 3, 16, 16);
        snprintf(path, sizeof path, "set/p%d/seg.nii.gz", i);
        put_labels(path, 3, 16, 16, 0, 1, 1, 1);
        snprintf(path, sizeof path, "set/p%d/unet.nii.gz", i);
        put_labels(path, 3, 16, 16, 0, 1, 1, 1, 1);
    }
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set has 2 files for each case that may be its label");
}

/* Names of channels go into models, which are UTF-8 and have LABELLING_NAME bytes for one. */
static void names_of_channels_can_be_kept(void **state)
{
    struct dataset d;
    char path[160];
    (void)state;
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "set/p%d/diff\xe9r.nii", i);
        put_image(path, 1, 2, 3, 4);
        snprintf(path, sizeof path, "set/p%d/%062d\xc3\xa9%d.nii", i, 0,
            7); /* the letter has bytes 62 and 63 */
        put_image(path, 1, 2, 3, 4);
        snprintf(path, sizeof path, "set/p%d/seg.nii", i);
        put_labels(path, 2, 3, 4, 0, 1);
    }
    snprintf(path, sizeof path, "%062d", 0);
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.count, 2);
    assert_string_equal(d.channel_name[0], path);
    assert_string_equal(d.channel_name[1], "diff?r");
    dataset_free(&d);
}

/* Images beside their masks, or several of a kind, are no case. */
static void other_folders_are_no_cases(void **state)
{
    struct dataset d;
    (void)state;
    put_image("set/mr/a.png", 1, 1, 3, 4);
    put_labels("set/mr/a_mask.png", 1, 3, 4, 0, 1);
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set is not a data set, but contains some (mr); give one of them");
    file_remove("set/mr/a_mask.png");
    put_image("set/mr/b.png", 1, 1, 3, 4);
    REFUSED(
        dataset_open("set", &d, NULL, &e), ATT_DATA, "set is not a data set; give a folder with");
    assert_false(layout_are_folders("set", 1) || layout_are_folders("nowhere", 1));
    assert_true(layout_are_folders("set", 2));
}

/* ---- dataset.json of other layouts than nnU-Net's */

static void any_layout_can_say_what_labels_mean(void **state)
{
    struct dataset d;
    struct heard h;
    struct sample s;
    (void)state;
    put_image("set/images/a.nii", 1, 2, 3, 4);
    put_labels("set/labels/a.nii", 2, 3, 4, 0, 7, 255, 9);
    put_text("set/dataset.json",
        "{\"labels\": {\"background\": 0, \"organ\": [7, 9], \"tumour\": 9, \"ignore\": 255}, "
        "\"regions_class_order\": [7, 9], \"channel_names\": {\"0\": \"CT\"}}");
    hear(&h);
    OK(dataset_open("set", &d, &h.host, &e));
    assert_string_equal(d.layout, "images and labels");
    assert_non_null(strstr(h.text, "set/dataset.json states the meaning of labels"));
    assert_string_equal(d.channel_name[0], "CT");
    assert_true(d.labels.ignore == 255 && d.labels.regions == 2);
    OK(dataset_load(&d, 0, &s, &e));
    assert_true(s.classes[0] == 0 && s.classes[2] == LABELLING_IGNORE);
    sample_free(&s);
    dataset_free(&d);

    put_text("set/dataset.json", "{\"labels\": {\"background\": 0, \"organ\": 7}}");
    OK(dataset_open("set", &d, NULL, &e));
    assert_string_equal(d.channel_name[0], "image");
    assert_string_equal(d.labels.name[1], "organ");
    REFUSED(dataset_load(&d, 0, &s, &e), ATT_DATA, "255");
    dataset_free(&d);

    put_text("set/dataset.json", "{\"channel_names\": {\"0\": \"CT\", \"1\": \"PET\"}}");
    hear(&h);
    OK(dataset_open("set", &d, &h.host, &e));
    assert_non_null(strstr(
        h.text, "set/dataset.json names 2 channels, but images have 1; attunet ignores its names"));
    assert_true(d.labels.count == 4 && d.labels.ignore < 0);
    dataset_free(&d);
    put_text("set/dataset.json", "{\"modality\": \"US\"}"); /* of another program */
    OK(dataset_open("set", &d, NULL, &e));
    dataset_free(&d);
    put_text("set/dataset.json", "{\"labels\": [\"background\", \"tumour\"]}");
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA, "set/dataset.json");
    put_text("set/dataset.json", "[]");
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set/dataset.json must contain an object, as in");
    put_text("set/dataset.json", "{");
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA, "set/dataset.json");
}

static void lists_and_folders_take_it_too(void **state)
{
    struct dataset d;
    (void)state;
    put_brats("p1");
    put_brats("p2");
    put_text(
        "set/dataset.json", "{\"labels\": {\"background\": 0, \"core\": 1, \"enhancing\": 4}}");
    OK(dataset_open("set", &d, NULL, &e));
    assert_string_equal(d.layout, "a folder per case");
    assert_string_equal(d.labels.name[2], "enhancing");
    assert_string_equal(d.channel_name[0], "flair");
    dataset_free(&d);
    put_text("set/dataset.csv", "image,label\np1/p1_t1.nii.gz,p1/p1_seg.nii.gz\n");
    OK(dataset_open("set", &d, NULL, &e));
    assert_string_equal(d.labels.name[2], "enhancing");
    dataset_free(&d);
    OK(dataset_open("set/dataset.csv", &d, NULL, &e)); /* a list in any folder */
    assert_string_equal(d.labels.name[2], "label 4");
    dataset_free(&d);
    file_remove("set/dataset.csv");
    /* nnU-Net's it is where its folder is */
    put_text("set/imagesTr/notes.txt", "x");
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA, "\"channel_names\" must name");
}

/* Neither a channel of its case nor an image without a mask. */
static void outlines_are_left_aside(void **state)
{
    static const char *const names[] = {"set/c%d/img.png", "set/c%d/mask.png",
        "set/c%d/contour.png", "set/a%d.png", "set/a%d_mask.png", "set/a%d_contour.png"};
    struct dataset d;
    char path[64];
    (void)state;
    for (int flat = 0; flat < 2; flat++) {
        for (int i = 0; i < 8; i++)
            for (int k = 0; k < 3; k++) {
                snprintf(path, sizeof path, names[3 * flat + k], i);
                if (k == 0) put_photo(path, 8, 9);
                if (k == 1) put_labels(path, 1, 8, 9, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0);
                if (k == 2) put_labels(path, 1, 8, 9, 1, 1, 0);
            }
        OK(dataset_open("set", &d, NULL, &e));
        assert_int_equal(d.count, 8);
        assert_int_equal(d.cases[2].nimages, 1);
        assert_string_equal(d.cases[2].label, flat ? "set/a2_mask.png" : "set/c2/mask.png");
        dataset_free(&d);
        assert_int_equal(clear_set(NULL), 0);
    }
}

static void a_stack_and_its_labels_may_share_no_word(void **state)
{
    enum { DEPTH = 12 };
    struct dataset d;
    (void)state;
    put_image("set/volume.tif", 1, DEPTH, 8, 9);
    put_labels("set/labels.tif", DEPTH, 8, 9, 1, 1);
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.count, DEPTH);
    assert_string_equal(d.reading->images, "volume.tif");
    assert_string_equal(d.reading->labels, "labels.tif");
    assert_string_equal(d.cases[3].label, "set/labels.tif#3");
    dataset_free(&d);
    put_labels("set/volume.tif", DEPTH, 8, 9, 1, 1);
    put_image("set/labels.tif", 1, DEPTH, 8, 9);
    REFUSED(
        dataset_open("set", &d, NULL, &e), ATT_DATA, "set has masks by name, such as labels.tif");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_stack_and_its_labels_may_share_no_word, clear_set),
        cmocka_unit_test_setup(folders_are_cases, clear_set),
        cmocka_unit_test_setup(previews_are_left_aside, clear_set),
        cmocka_unit_test_setup(results_are_no_channels, clear_set),
        cmocka_unit_test_setup(names_of_channels_can_be_kept, clear_set),
        cmocka_unit_test_setup(other_folders_are_no_cases, clear_set),
        cmocka_unit_test_setup(any_layout_can_say_what_labels_mean, clear_set),
        cmocka_unit_test_setup(outlines_are_left_aside, clear_set),
        cmocka_unit_test_setup(lists_and_folders_take_it_too, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

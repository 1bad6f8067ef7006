/* SPDX-License-Identifier: Apache-2.0 */
/* Which folder is a data set, and what is checked in every layout. */
#include <unistd.h>

#include "dataset/layout_found.h"
#include "dataset/outputs.h"
#include "files/claims.h"
#include "unit/dataset/dataset_test.h"

static void other_folders_are_refused(void **state)
{
    struct dataset d;
    (void)state;
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_IO, "set does not exist; check the path");
    put_text("set/a.txt", "");
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set is not a data set; give a folder with dataset.json, imagesTr and labelsTr, or images "
        "and labels (or masks) with equal file names");
    OK(file_make_folders("set/Images", &e)); /* alone: renaming it would not help */
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA, "set is not a data set; give a folder");
    OK(file_make_folders("set/Truth", &e));
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set is not a data set, but has a folder Images; rename it to images, and the folder of "
        "labels to labels or masks (docs/data.md lists all layouts)");
    REFUSED(dataset_open("set/a.txt", &d, NULL, &e), ATT_DATA,
        "set/a.txt is no folder; give the folder of a data set, or a list");
    put_image("set/trus/images/a.png", 1, 1, 2, 2);
    put_text("set/mr/dataset.json", "{}");
    put_text("set/other/x", "");
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA, "contains some (mr); give one of them");
    put_text("set/trus/dataset.json", "{}");
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set is not a data set, but contains some (mr, trus); give one of them");
    assert_null(d.root);
}

static void cases_are_found_by_id(void **state)
{
    struct dataset d;
    char path[64];
    (void)state;
    for (int i = 0; i < 130; i++) {
        snprintf(path, sizeof path, "set/images/%d.png", i);
        put_image(path, 1, 1, 2, 2);
        snprintf(path, sizeof path, "set/labels/%d.png", i);
        put_labels(path, 1, 2, 2, 0, 1);
    }
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.count, 130);
    for (int i = 0; i < 130; i++) {
        snprintf(path, sizeof path, "%d", i);
        int index = dataset_find(&d, path);
        assert_in_range(index, 0, 129);
        assert_string_equal(d.cases[index].id, path);
    }
    assert_int_equal(dataset_find(&d, "130"), -1);
    assert_int_equal(dataset_find(&d, ""), -1);
    dataset_free(&d);
    assert_int_equal(dataset_find(&d, "1"), -1);
    dataset_free(&d);
}

static void one_thick_image_makes_three_dimensions(void **state)
{
    struct dataset d;
    (void)state;
    put_image("set/images/a.nii", 1, 1, 3, 3);
    put_image("set/images/b.nii", 1, 2, 3, 3);
    put_labels("set/labels/a.nii", 1, 3, 3, 0, 1);
    put_labels("set/labels/b.nii", 2, 3, 3, 0, 1);
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.dims, 3);
    dataset_free(&d);
}

static void unreadable_files_are_named(void **state)
{
    struct dataset d;
    (void)state;
    put_image("set/images/a.nii", 1, 1, 3, 3);
    put_labels("set/labels/a.nii", 1, 3, 3, 0, 1);
    put_image("set/images/b.nii", 17, 1, 3, 3);
    put_labels("set/labels/b.nii", 1, 3, 3, 0, 1);
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set/images/b.nii: with this file, case b has more than 16 channels; remove some");
    put_text("set/images/b.nii", "");
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA, "set/images/b.nii: the file is empty");
    put_image("set/images/b.nii", 1, 1, 3, 3);
    put_text("set/labels/b.nii", "not an image");
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA, "set/labels/b.nii");
    put_labels("set/labels/b.nii", 2, 3, 3, 0, 1);
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set/labels/b.nii is 2x3x3 but set/images/b.nii is 3x3;");
}

/* Names say image and label, contents do not: the message says what is wrong. */
static void pairs_by_names_alone_say_their_fault(void **state)
{
    struct dataset d;
    char path[40];
    (void)state;
    for (int i = 0; i < 6; i++) {
        snprintf(path, sizeof path, "set/scan/%d.png", i);
        put_photo(path, 8, 9);
        snprintf(path, sizeof path, "set/roi/%d.png", i);
        put_labels(path, 1, 4, 5, 0, 1);
    }
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "by their names, images 'scan/{id}.png' and labels 'roi/{id}.png' pair, but set/roi/0.png "
        "is 4x5 but");
    for (int i = 0; i < 6; i++) {
        snprintf(path, sizeof path, "set/roi/%d.png", i);
        put_photo(path, 8, 9);
    }
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "if these are labels, give `images` 'scan/{id}.png' `labels` 'roi/{id}.png'");
}

/* What is set aside for a reason is not left aside for another one, too. */
static void files_are_left_aside_once(void **state)
{
    struct dataset d;
    char path[40];
    (void)state;
    for (int i = 0; i < 6; i++) {
        snprintf(path, sizeof path, "set/im/case%d.png", i);
        put_photo(path, 8, 9);
        for (int k = 1; k < 3; k++) {
            snprintf(path, sizeof path, "set/im/case%d_r%d.png", i, k);
            put_labels(path, 1, 8, 9, 1, 0);
        }
    }
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.reading->lefts, 1);
    assert_string_equal(d.reading->left[0].why, "labels of another reader");
    assert_int_equal(d.reading->left[0].count, 6);
    dataset_free(&d);
    clear_set(state);
    for (int i = 0; i < 8; i++) { /* as in AIRS; a label has no image at all */
        snprintf(path, sizeof path, "set/photo/c%d.png", 3 * i);
        if (i != 5) put_photo(path, 8, 9);
        snprintf(path, sizeof path, "set/label/c%d.png", 3 * i);
        put_labels(path, 1, 8, 9, 1, 0);
        snprintf(path, sizeof path, "set/label/c%d_vis.png", 3 * i);
        put_labels(path, 1, 8, 9, 255, 0);
    }
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.reading->lefts, 2);
    assert_string_equal(d.reading->left[0].why, "labels without an image"); /* two: _vis, too */
    assert_string_equal(d.reading->left[0].first, "label/c15.png");
    assert_string_equal(d.reading->left[1].why, "files of another version of the labels");
    assert_int_equal(d.reading->left[1].count, 7);
    dataset_free(&d);
}

static void masks_that_do_not_pair_are_named(void **state)
{
    struct dataset d;
    char path[40];
    (void)state;
    for (int i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "set/photo_%d.png", 1000 + i * i);
        put_photo(path, 8, 9);
        snprintf(path, sizeof path, "other/all/photo_%d.png", 1000 + i * i);
        put_photo(path, 8, 9);
    }
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA, "set has images but no masks; give");
    REFUSED(dataset_open("other", &d, NULL, &e), ATT_DATA, "other has images but no masks; give");
    put_photo("other/segmented/photo_x.png", 8, 9);
    REFUSED(dataset_open("other", &d, NULL, &e), ATT_DATA, "other has images but no masks; give");
    put_labels("other/fasit/7.png", 1, 8, 9, 1, 0); /* of a name that does not pair */
    REFUSED(dataset_open("other", &d, NULL, &e), ATT_DATA, "other is not a data set; give");
    for (int i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "set/mask_%d.png", 1030 + 7 * i);
        put_labels(path, 1, 8, 9, 1, 0);
    }
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set has masks by name, such as mask_1030.png, but no image with the same number or name");
}

static void put_file(const char *form, int p, int i, bool label)
{
    char path[64];
    snprintf(path, sizeof path, form, p, i);
    if (label)
        put_labels(path, 1, 8, 9, 1, 0);
    else
        put_photo(path, 8, 9);
}

/* Choices between images that the same patterns find. */
static void no_option_is_printed_twice(void **state)
{
    static const char option[] = "`images` 'img/{part}/{id}.png'";
    struct dataset d;
    struct err why = {0};
    (void)state;
    for (int p = 1; p < 5; p++) {
        for (int i = 0; i < 5; i++) {
            put_file("set/img/p%d/%d.png", p, i, false);
            put_file("set/mask/p%d/%d.png", p, i, true);
        }
        for (int i = 70; i < 72; i++) put_file("set/img/p%d/%d.png", p, i, false);
        for (int i = 90; i < 93; i++) put_file("set/mask/p%d/%d.png", p, i, true);
    }
    assert_int_equal(dataset_open("set", &d, NULL, &why), ATT_DATA);
    const char *first = strstr(why.text, option);
    if (!strstr(why.text, "may be its image") || !first || strstr(first + 1, option))
        fail_msg("%s", why.text);
}

/* The files that are left over are no other cases. */
static void numbers_are_asked_for_before_the_rest(void **state)
{
    static const char *const forms[][2] = {{"set/img/p%d/%d.png", "set/mask/p%d/%d.png"},
        {"set/p%d_img_%03d.png", "set/p%d_mask_%03d.png"},
        {"set/p%d_img_20190101120%03d.png", "set/p%d_mask_20190101120%03d.png"}};
    struct dataset d;
    for (int k = 0; k < COUNT(forms); k++) {
        clear_set(state);
        for (int p = 0; p < 4; p++)
            for (int i = 0; i < 5 + p; i++) {
                put_file(forms[k][0], p, i, false);
                put_file(forms[k][1], p, i + 3, true);
            }
        REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
            "so images and labels seem to be counted from different numbers");
    }
}

/* With a command's list, as predict writes it beside its masks and maps. */
static void claim_image(const char *path)
{
    struct host predict = {.command = "predict"};
    make_parent(path);
    OK(claims_take(&predict, path, &e));
    put_image(path, 1, 1, 3, 4);
}

static void results_are_no_data_set(void **state)
{
    static const char sentence[] = "set holds only what 'attunet predict' wrote, which is no data "
                                   "set; give the folder with the images and their masks";
    static const char *const data[] = {"set/c.png", "set/images/a.png", "set/dataset.csv"};
    struct dataset d;
    (void)state;
    claim_image("set/a.png");
    claim_image("set/a_attention_gate.0.png");
    claim_image("set/b.png");
    put_text("set/notes.txt", "");
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA, sentence);
    for (int k = 0; k < COUNT(data); k++) {
        if (file_ends(data[k], ".csv"))
            put_text(data[k], "");
        else
            put_image(data[k], 1, 1, 3, 4);
        OK(outputs_refuse("set", true, &e));
        file_remove(data[k]);
        if (k == 1) rmdir("set/images");
    }
    file_remove("set/b.png");
    REFUSED(outputs_refuse("set", false, &e), ATT_DATA, sentence);
    file_remove("set/a.png");
    file_remove("set/a_attention_gate.0.png");
    OK(outputs_refuse("set", true, &e)); /* the list alone says nothing */
    struct host evaluate = {.command = "evaluate"};
    OK(claims_take(&evaluate, "set/scores.json", &e));
    put_text("set/scores.json", "{}");
    OK(outputs_refuse("set", false, &e)); /* images may come from elsewhere */
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA, "set holds only what 'attunet ");
}

static void a_data_set_may_lie_in_a_run(void **state)
{
    struct dataset d;
    (void)state;
    put_text("set/lock", "");
    put_text("set/settings.json", "{}");
    put_image("set/validation/a.png", 1, 1, 3, 4);
    REFUSED(dataset_open("set/validation", &d, NULL, &e), ATT_DATA,
        "set/validation is a part of a run, not a data set");
    put_image("set/mine/images/a.png", 1, 1, 3, 4);
    put_labels("set/mine/labels/a.png", 1, 3, 4, 0, 1);
    OK(dataset_open("set/mine", &d, NULL, &e));
    dataset_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(masks_that_do_not_pair_are_named, clear_set),
        cmocka_unit_test_setup(files_are_left_aside_once, clear_set),
        cmocka_unit_test_setup(pairs_by_names_alone_say_their_fault, clear_set),
        cmocka_unit_test_setup(no_option_is_printed_twice, clear_set),
        cmocka_unit_test_setup(numbers_are_asked_for_before_the_rest, clear_set),
        cmocka_unit_test_setup(other_folders_are_refused, clear_set),
        cmocka_unit_test_setup(results_are_no_data_set, clear_set),
        cmocka_unit_test_setup(a_data_set_may_lie_in_a_run, clear_set),
        cmocka_unit_test_setup(cases_are_found_by_id, clear_set),
        cmocka_unit_test_setup(one_thick_image_makes_three_dimensions, clear_set),
        cmocka_unit_test_setup(unreadable_files_are_named, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

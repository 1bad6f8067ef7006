/* SPDX-License-Identifier: Apache-2.0 */
/* Which masks are compared: folders, files, data sets, endings, suffixes, what is missing, double
 * or too many. */
#include "measure/pairs.h"

#include "unit/dataset/dataset_test.h"

/* Only names matter here. */
static void touch(const char *path) { put_text(path, "x"); }

static void expect(
    const struct mask_pair *p, const char *id, const char *predicted, const char *truth)
{
    assert_string_equal(p->id, id);
    assert_string_equal(p->predicted, predicted);
    assert_string_equal(p->truth, truth);
}

static void names_pair_whatever_their_endings(void **state)
{
    (void)state;
    struct mask_pairs p;
    touch("set/p/b.png");
    touch("set/p/a.nii.gz");
    touch("set/t/a.nii");
    touch("set/t/b.png");
    touch("set/t/readme.txt");
    OK(pairs_find("set/p", "set/t", NULL, NULL, &p, NULL, &e));
    assert_int_equal(p.count, 2);
    expect(&p.pair[0], "a", "set/p/a.nii.gz", "set/t/a.nii");
    expect(&p.pair[1], "b", "set/p/b.png", "set/t/b.png");
    assert_string_equal(p.folder, "set/t");
    pairs_free(&p);
    assert_null(p.pair);
}

static void samples_of_headers_are_no_masks(void **state)
{
    (void)state;
    struct mask_pairs p;
    static const char *const folders[] = {"set/p", "set/t"};
    for (int i = 0; i < 2; i++) {
        char path[32];
        snprintf(path, sizeof path, "%s/a.mhd", folders[i]);
        put_labels(path, 2, 3, 4, 1);
        snprintf(path, sizeof path, "%s/b.hdr", folders[i]);
        put_labels(path, 2, 3, 4, 1);
    }
    OK(pairs_find("set/p", "set/t", NULL, NULL, &p, NULL, &e));
    assert_int_equal(p.count, 2);
    expect(&p.pair[0], "a", "set/p/a.mhd", "set/t/a.mhd");
    expect(&p.pair[1], "b", "set/p/b.hdr", "set/t/b.hdr");
    pairs_free(&p);
}

static void label_suffixes_are_understood(void **state)
{
    (void)state;
    struct mask_pairs p;
    touch("set/p/a.png");
    touch("set/p/b_mask.png");
    touch("set/p/c.png"); /* of the single image c_0000.png, as which its label is called */
    touch("set/p/d_0000.png");
    touch("set/t/a_mask.png");
    touch("set/t/b_mask.png");
    touch("set/t/c_0000.png");
    touch("set/t/d_0000.png");
    OK(pairs_find("set/p", "set/t", NULL, NULL, &p, NULL, &e));
    assert_int_equal(p.count, 4);
    expect(&p.pair[0], "a", "set/p/a.png", "set/t/a_mask.png");
    expect(&p.pair[1], "b_mask", "set/p/b_mask.png", "set/t/b_mask.png");
    expect(&p.pair[2], "c", "set/p/c.png", "set/t/c_0000.png");
    expect(&p.pair[3], "d_0000", "set/p/d_0000.png", "set/t/d_0000.png");
    pairs_free(&p);
}

static void an_exact_name_goes_before_a_suffix(void **state)
{
    (void)state;
    struct mask_pairs p;
    touch("set/p/a.png");
    touch("set/p/a_seg.png");
    touch("set/t/a.png");
    touch("set/t/a_seg.png");
    OK(pairs_find("set/p", "set/t", NULL, NULL, &p, NULL, &e));
    assert_int_equal(p.count, 2);
    expect(&p.pair[0], "a", "set/p/a.png", "set/t/a.png");
    expect(&p.pair[1], "a_seg", "set/p/a_seg.png", "set/t/a_seg.png");
    pairs_free(&p);
}

static void a_data_set_stands_for_its_labels(void **state)
{
    (void)state;
    static const char *const names[] = {"labelsTr", "labels", "masks"};
    for (int i = 0; i < COUNT(names); i++) {
        struct mask_pairs p;
        char *truth = mem_text("set/d%d/%s/a.png", i, names[i]), *root = mem_text("set/d%d", i);
        touch("set/p/a.png");
        touch(truth);
        OK(pairs_find("set/p", root, NULL, NULL, &p, NULL, &e));
        assert_int_equal(p.count, 1);
        expect(&p.pair[0], "a", "set/p/a.png", truth);
        pairs_free(&p);
        mem_free(truth);
        mem_free(root);
    }
}

/* As it trains. */
static void a_list_of_cases_goes_before_its_folders(void **state)
{
    (void)state;
    struct mask_pairs p;
    put_labels("set/d/images/1.png", 1, 1, 4, 9, 9, 9);
    put_labels("set/d/masks/1.png", 1, 1, 4, 1, 0, 0);
    put_labels("set/d/masks/1_b.png", 1, 1, 4, 0, 1, 0);
    put_text("set/d/dataset.csv", "case,image,mask\np1,images/1.png,masks/1.png;masks/1_b.png\n");
    touch("set/p/p1.png");
    OK(pairs_find("set/p", "set/d", NULL, NULL, &p, NULL, &e));
    assert_int_equal(p.count, 1);
    assert_string_equal(p.pair[0].id, "p1");
    assert_non_null(strstr(p.pair[0].truth, "1_b.png"));
    pairs_free(&p);
}

/* Patterns say which labels; without any, a folder for each class is read as for training. */
static void classes_in_folders_are_one_label(void **state)
{
    (void)state;
    static const char *const folders[] = {"liver", "spleen", "other"};
    struct mask_pairs p;
    for (int i = 0; i < 8; i++) {
        for (int k = 0; k < 3; k++) {
            char path[48];
            snprintf(path, sizeof path, "set/d/masks/%s/%d.png", folders[k], i);
            put_labels(path, 1, 2, 4, k == 0, k == 1, k == 2);
        }
        char image[32], mask[32];
        snprintf(image, sizeof image, "set/d/us/%d.png", i);
        snprintf(mask, sizeof mask, "set/p/%d.png", i);
        put_labels(image, 1, 2, 4, 10 + i, 90, 30, 41, 52, 63, 74, 85);
        touch(mask);
    }
    OK(pairs_find("set/p", "set/d", NULL, NULL, &p, NULL, &e));
    assert_int_equal(p.count, 8);
    assert_int_equal(p.labels->count, 4);
    pairs_free(&p);
    const struct dataset_patterns patterns = {
        .images = "us/{id}.png", .labels = "masks/liver/{id}.png;masks/spleen/{id}.png"};
    OK(pairs_find("set/p", "set/d", NULL, &patterns, &p, NULL, &e));
    assert_int_equal(p.count, 8);
    assert_null(strstr(p.pair[0].truth, "other"));
    assert_int_equal(p.labels->count, 3);
    pairs_free(&p);
}

/* Of inner folders, which name cases: by the set that holds them, or by that of a training. */
static void labels_inside_a_set_are_named_by_it(void **state)
{
    (void)state;
    struct mask_pairs p;
    for (int i = 0; i < 8; i++) {
        char image[48], truth[48], mask[48];
        snprintf(image, sizeof image, "set/d/Original/%d/img_%d.png", i / 4, i % 4);
        snprintf(truth, sizeof truth, "set/d/Truth/%d/gt_%d.png", i / 4, i % 4);
        snprintf(mask, sizeof mask, "set/p/%d_%d.png", i / 4, i % 4);
        put_photo(image, 8, 9);
        put_labels(truth, 1, 8, 9, 1, 1, 1, 1, 0);
        touch(mask);
    }
    OK(pairs_find("set/p", "set/d/Truth", NULL, NULL, &p, NULL, &e));
    assert_int_equal(p.count, 8);
    assert_string_equal(p.pair[5].id, "1_1");
    pairs_free(&p);
    const struct dataset_patterns patterns = {.images = "Original/{part}/img_{id}.png",
        .labels = "Truth/{part}/gt_{id}.png",
        .hint = true,
        .home = "set/d"};
    OK(pairs_find("set/p", "set/d/Truth/1", NULL, &patterns, &p, NULL, &e));
    assert_int_equal(p.count, 4);
    assert_string_equal(p.pair[3].id, "1_3");
    pairs_free(&p);
    touch("set/m/a.png"); /* a hint is none for masks alone */
    touch("set/t/a.png");
    OK(pairs_find("set/m", "set/t", NULL, &patterns, &p, NULL, &e));
    expect(&p.pair[0], "a", "set/m/a.png", "set/t/a.png");
    pairs_free(&p);
}

/* A prediction may have the name of its image, if no other image has it. */
static void images_name_predictions(void **state)
{
    (void)state;
    struct mask_pairs p;
    for (int i = 0; i < 6; i++) {
        char image[48], truth[48], mask[48];
        snprintf(image, sizeof image, "set/d/img_%d.png", i);
        snprintf(truth, sizeof truth, "set/d/gt_%d.png", i);
        snprintf(mask, sizeof mask, "set/p/img_%d.png", i);
        put_labels(image, 1, 2, 4, 10 + i, 90, 30, 41, 52, 63, 74, 85);
        put_labels(truth, 1, 2, 4, i % 2, 1, 0, 0, 0, 1);
        touch(mask);
    }
    OK(pairs_find("set/p", "set/d", NULL, NULL, &p, NULL, &e));
    assert_int_equal(p.count, 6);
    expect(&p.pair[4], "img_4", "set/p/img_4.png", "set/d/gt_4.png");
    pairs_free(&p);
}

static void the_folder_that_trains_is_the_one(void **state)
{
    (void)state;
    struct mask_pairs p;
    touch("set/p/a.png");
    touch("set/d/images/a.png");
    touch("set/d/labels/a.png");
    touch("set/d/labelsTr/a.png");
    OK(pairs_find("set/p", "set/d", NULL, NULL, &p, NULL, &e));
    expect(&p.pair[0], "a", "set/p/a.png", "set/d/labels/a.png");
    pairs_free(&p);
    touch("set/d/imagesTr/a_0000.png");
    put_text("set/d/dataset.json", "{}");
    OK(pairs_find("set/p", "set/d", NULL, NULL, &p, NULL, &e));
    expect(&p.pair[0], "a", "set/p/a.png", "set/d/labelsTr/a.png");
    pairs_free(&p);
}

static void a_file_finds_its_label(void **state)
{
    (void)state;
    struct mask_pairs p;
    touch("set/p/b.png");
    touch("set/t/a.png");
    touch("set/t/b_label.png");
    touch("set/t/c.png");
    OK(pairs_find("set/p/b.png", "set/t", NULL, NULL, &p, NULL, &e));
    assert_int_equal(p.count, 1);
    expect(&p.pair[0], "b", "set/p/b.png", "set/t/b_label.png");
    pairs_free(&p);
    REFUSED(pairs_find("set/p/d.png", "set/t", NULL, NULL, &p, NULL, &e), ATT_IO, "set/p/d.png");
    touch("set/p/d.png");
    REFUSED(pairs_find("set/p/d.png", "set/t", NULL, NULL, &p, NULL, &e), ATT_DATA,
        "set/p/d.png has no label of the same name in set/t");
}

static void two_files_need_no_common_name(void **state)
{
    (void)state;
    struct mask_pairs p;
    touch("set/mine.nii.gz");
    touch("set/yours.nii");
    OK(pairs_find("set/mine.nii.gz", "set/yours.nii", NULL, NULL, &p, NULL, &e));
    assert_int_equal(p.count, 1);
    expect(&p.pair[0], "mine", "set/mine.nii.gz", "set/yours.nii");
    assert_string_equal(p.folder, "set/");
    pairs_free(&p);
    touch("set/p/a.png");
    REFUSED(pairs_find("set/p", "set/yours.nii", NULL, NULL, &p, NULL, &e), ATT_USAGE,
        "name two folders or two files");
    REFUSED(pairs_find("set/nope.nii", "set/yours.nii", NULL, NULL, &p, NULL, &e), ATT_IO,
        "set/nope.nii does not exist; check the path");
}

static void missing_predictions_are_named(void **state)
{
    (void)state;
    struct mask_pairs p;
    touch("set/p/a.png");
    touch("set/t/a.png");
    touch("set/t/b.png");
    REFUSED(pairs_find("set/p", "set/t", NULL, NULL, &p, NULL, &e), ATT_DATA,
        "set/p has no prediction for case b (1 of 2 labels has none)");
    touch("set/t/c.png");
    REFUSED(pairs_find("set/p", "set/t", NULL, NULL, &p, NULL, &e), ATT_DATA,
        "for case b, among others (2 of 3 labels have none); predict it, or list");
    touch("set/q/z.png");
    REFUSED(pairs_find("set/q", "set/t", NULL, NULL, &p, NULL, &e), ATT_DATA,
        "(3 of 3 labels have none); give the predictions first, then their labels or data set");
    touch("set/t/a\xc3\x9c.png");
    struct err plain = {0};
    assert_int_equal(pairs_find("set/p", "set/t", NULL, NULL, &p, NULL, &plain), ATT_DATA);
    assert_non_null(strstr(plain.text, "for case a\xc3\x9c, among others"));
    assert_null(strstr(plain.text, "NFC")); /* nothing there looks like it */
    touch("set/p/aU\xcc\x88.png");
    REFUSED(pairs_find("set/p", "set/t", NULL, NULL, &p, NULL, &e), ATT_DATA, "NFC and NFD");
    assert_null(p.pair);
}

static void extra_predictions_are_passed_over_and_said(void **state)
{
    (void)state;
    struct mask_pairs p;
    struct heard h;
    hear(&h);
    touch("set/p/a.png");
    touch("set/p/a_overlay.png"); /* predict has written these beside the mask */
    touch("set/p/a_attention_gate.1_own.png");
    touch("set/p/a_probability_1_lesion.png");
    touch("set/p/y_overlay.png");
    touch("set/p/z.png");
    touch("set/p/notes.txt");
    touch("set/p/deeper/b.png");
    touch("set/t/a.png");
    OK(pairs_find("set/p", "set/t", NULL, NULL, &p, &h.host, &e));
    assert_int_equal(p.count, 1);
    assert_string_equal(h.text,
        "1 set/p: attunet ignores 2 files without a label of the same name, such as "
        "y_overlay.png\n");
    pairs_free(&p);
}

static void a_list_chooses_cases(void **state)
{
    (void)state;
    struct mask_pairs p;
    struct heard h;
    hear(&h);
    for (int i = 0; i < 4; i++) {
        char name[64];
        snprintf(name, sizeof name, "set/t/%c_mask.png", 'a' + i);
        touch(name);
        snprintf(name, sizeof name, "set/p/%c.png", 'a' + i);
        if (i != 1) touch(name); /* b is not in the list */
    }
    put_text("set/list.txt", "d.png\n\n  images/a_mask.png \r\n");
    OK(pairs_find("set/p", "set/t", "set/list.txt", NULL, &p, &h.host, &e));
    assert_int_equal(p.count, 2);
    expect(&p.pair[0], "a", "set/p/a.png", "set/t/a_mask.png");
    expect(&p.pair[1], "d", "set/p/d.png", "set/t/d_mask.png");
    assert_string_equal(h.text, "");
    pairs_free(&p);
    put_text("set/list.txt", "a\nb\n");
    REFUSED(pairs_find("set/p", "set/t", "set/list.txt", NULL, &p, NULL, &e), ATT_DATA,
        " has no prediction for case b_mask");
    put_text("set/list.txt", "a\nx_masc\n");
    REFUSED(pairs_find("set/p", "set/t", "set/list.txt", NULL, &p, NULL, &e), ATT_DATA,
        "set/list.txt: there is no case 'x_masc' in set/t");
    put_text("set/list.txt", "\n");
    REFUSED(pairs_find("set/p", "set/t", "set/list.txt", NULL, &p, NULL, &e), ATT_DATA,
        "set/list.txt names no case");
    REFUSED(pairs_find("set/p/a.png", "set/t", "set/list.txt", NULL, &p, NULL, &e), ATT_USAGE,
        "name a folder");
}

static void a_run_of_folds_has_its_masks_in_each(void **state)
{
    (void)state;
    struct mask_pairs p;
    touch("set/run/fold_0/validation/b.png");
    touch("set/run/fold_1/validation/a.png");
    touch("set/run/fold_1/validation/c.png");
    touch("set/t/a.png");
    touch("set/t/b.png");
    REFUSED(pairs_find("set/p", "set/t", NULL, NULL, &p, NULL, &e), ATT_IO, "set/p");
    OK(pairs_find("set/run", "set/t", NULL, NULL, &p, NULL, &e));
    assert_int_equal(p.count, 2);
    expect(&p.pair[0], "a", "set/run/fold_1/validation/a.png", "set/t/a.png");
    expect(&p.pair[1], "b", "set/run/fold_0/validation/b.png", "set/t/b.png");
    OK(pairs_add(&p, "x", "y", "z", NULL, &e));
    assert_int_equal(p.count, 3);
    expect(&p.pair[2], "x", "y", "z");
    pairs_free(&p);
    touch("set/run/fold_1/validation/b.png");
    REFUSED(pairs_find("set/run", "set/t", NULL, NULL, &p, NULL, &e), ATT_DATA,
        "case b has two predictions");
    touch("set/few/fold_1/validation/b.png"); /* some folds of a run are one, too */
    touch("set/few/fold_4/validation/a.png");
    OK(pairs_find("set/few", "set/t", NULL, NULL, &p, NULL, &e));
    assert_int_equal(p.count, 2);
    expect(&p.pair[0], "a", "set/few/fold_4/validation/a.png", "set/t/a.png");
    pairs_free(&p);
}

/* Some cases are in no fold; but a fold that is not done lacks its cases. */
static void folds_know_which_cases_validate(void **state)
{
    (void)state;
    struct mask_pairs p;
    struct heard h;
    hear(&h);
    touch("set/run/fold_0/validation/b.png");
    touch("set/run/fold_1/validation/a.png");
    touch("set/t/a.png");
    touch("set/t/b.png");
    touch("set/t/test.png");
    OK(pairs_find("set/run", "set/t", NULL, NULL, &p, &h.host, &e)); /* put together by hand */
    assert_int_equal(p.count, 2);
    assert_string_equal(h.text, "1 set/run: 2 of 3 cases with a label are validation cases\n");
    pairs_free(&p);
    touch("set/run/folds.json");
    REFUSED(pairs_find("set/run", "set/t", NULL, NULL, &p, NULL, &e), ATT_DATA,
        "set/run has no prediction for case test (1 of 3 labels");
    touch("set/run/summary.json");
    OK(pairs_find("set/run", "set/t", NULL, NULL, &p, NULL, &e));
    assert_int_equal(p.count, 2);
    pairs_free(&p);
    put_text("set/list.txt", "a\ntest\n");
    REFUSED(pairs_find("set/run", "set/t", "set/list.txt", NULL, &p, NULL, &e), ATT_DATA,
        "set/run has no prediction for case test");
    OK(file_make_folders("set/run/fold_2", &e));
    REFUSED(pairs_find("set/run", "set/t", NULL, NULL, &p, NULL, &e), ATT_DATA,
        "set/run has no prediction for case test");
}

static void doubles_and_absent_folders_are_refused(void **state)
{
    (void)state;
    struct mask_pairs p;
    touch("set/p/a.png");
    touch("set/p/a.nii");
    touch("set/t/a.png");
    REFUSED(pairs_find("set/none", "set/t", NULL, NULL, &p, NULL, &e), ATT_IO, "set/none");
    REFUSED(pairs_find("set/p", "set/t", NULL, NULL, &p, NULL, &e), ATT_DATA,
        "case a has two predictions, set/p/a.nii and set/p/a.png");
    touch("set/t/a.nii");
    REFUSED(pairs_find("set/p", "set/t", NULL, NULL, &p, NULL, &e), ATT_DATA,
        "case a has two labels, set/t/a.nii and set/t/a.png");
    REFUSED(pairs_find("set/p", "set/none", NULL, NULL, &p, NULL, &e), ATT_IO, "set/none");
    OK(file_make_folders("set/empty", &e));
    REFUSED(pairs_find("set/p", "set/empty", NULL, NULL, &p, NULL, &e), ATT_DATA,
        "set/empty has no label");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(names_pair_whatever_their_endings, clear_set),
        cmocka_unit_test_setup(samples_of_headers_are_no_masks, clear_set),
        cmocka_unit_test_setup(label_suffixes_are_understood, clear_set),
        cmocka_unit_test_setup(an_exact_name_goes_before_a_suffix, clear_set),
        cmocka_unit_test_setup(a_data_set_stands_for_its_labels, clear_set),
        cmocka_unit_test_setup(a_list_of_cases_goes_before_its_folders, clear_set),
        cmocka_unit_test_setup(classes_in_folders_are_one_label, clear_set),
        cmocka_unit_test_setup(labels_inside_a_set_are_named_by_it, clear_set),
        cmocka_unit_test_setup(images_name_predictions, clear_set),
        cmocka_unit_test_setup(the_folder_that_trains_is_the_one, clear_set),
        cmocka_unit_test_setup(a_file_finds_its_label, clear_set),
        cmocka_unit_test_setup(two_files_need_no_common_name, clear_set),
        cmocka_unit_test_setup(missing_predictions_are_named, clear_set),
        cmocka_unit_test_setup(extra_predictions_are_passed_over_and_said, clear_set),
        cmocka_unit_test_setup(a_list_chooses_cases, clear_set),
        cmocka_unit_test_setup(a_run_of_folds_has_its_masks_in_each, clear_set),
        cmocka_unit_test_setup(folds_know_which_cases_validate, clear_set),
        cmocka_unit_test_setup(doubles_and_absent_folders_are_refused, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

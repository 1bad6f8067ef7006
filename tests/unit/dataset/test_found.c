/* SPDX-License-Identifier: Apache-2.0 */
/* Readings of lists of names: no file exists; what they hold is told by their names. */
#include "unit/dataset/found_test.h"

static void folders_and_endings_of_names(void **state)
{
    struct list l = {NULL, 0};
    (void)state;
    for (int i = 1; i < 9; i++) {
        add(&l, "RawData/Training/img/img%04d.nii.gz", i);
        add(&l, "RawData/Training/label/label%04d.nii.gz", i);
        add(&l, "RawData/Testing/img/img%04d.nii.gz", i + 60);
    }
    expect(&l, (struct told){.labels = {"/label"}}, "RawData/Training/img/img{id}.nii.gz",
        "RawData/Training/label/label{id}.nii.gz");
    for (int i = 0; i < 9; i++) {
        add(&l, "Set/%s/city%d/a_%06d_photo.png", i % 3 ? "train" : "val", i / 3, i);
        add(&l, "Gt/%s/city%d/a_%06d_gt_color.png", i % 3 ? "train" : "val", i / 3, i);
        add(&l, "Gt/%s/city%d/a_%06d_gt_labelIds.png", i % 3 ? "train" : "val", i / 3, i);
    }
    expect(&l, (struct told){.labels = {"Gt/"}, .both = 90}, "Set/{part}/{part2}/{id}_photo.png",
        "Gt/{part}/{part2}/{id}_gt_labelIds.png");
    for (int i = 0; i < 9; i++) {
        add(&l, "%s/%d.png", i % 2 ? "train" : "val", i);
        add(&l, "%sannot/%d.png", i % 2 ? "train" : "val", i);
    }
    expect(&l, (struct told){.labels = {"annot"}}, "{part}/{id}.png", "{part}annot/{id}.png");
}

static void a_folder_names_its_files(void **state)
{
    struct list l = {NULL, 0};
    (void)state;
    for (int i = 1; i < 9; i++) {
        add(&l, "train/Patient_%02d/Patient_%02d.nii.gz", i, i);
        add(&l, "train/Patient_%02d/GT.nii.gz", i);
        add(&l, "test/Patient_%02d.nii.gz", i + 40);
    }
    expect(&l, (struct told){.labels = {"/GT"}}, "train/{id}/{id}.nii.gz", "train/{id}/GT.nii.gz");
    for (int i = 1; i < 9; i++) { /* patients of several cases are groups */
        add(&l, "p%03d/p%03d_4d.nii", i, i);
        for (int k = 1; k < 12; k += 10) {
            add(&l, "p%03d/p%03d_frame%02d.nii", i, i, k);
            add(&l, "p%03d/p%03d_frame%02d_gt.nii", i, i, k);
        }
    }
    expect(&l, (struct told){.labels = {"_gt"}}, "{group}/{id}.nii", "{group}/{id}_gt.nii");
}

static void channels_are_parts_of_names(void **state)
{
    struct list l = {NULL, 0};
    (void)state;
    for (int i = 1; i < 9; i++)
        for (int k = 0; k < 4; k++)
            add(&l, "B_%03d/B_%03d_%s.nii.gz", i, i,
                (const char *const[]){"flair", "t1", "t1ce", "seg"}[k]);
    expect(&l, (struct told){.labels = {"seg"}},
        "{id}/{id}_flair.nii.gz;{id}/{id}_t1.nii.gz;{id}/{id}_t1ce.nii.gz", "{id}/{id}_seg.nii.gz");
    for (int i = 1; i < 9; i++) /* a time has the name of a channel */
        for (int t = 1; t < 3; t++)
            for (int k = 0; k < 4; k++)
                add(&l, "P%d/T%d/P%d_T%d_%s.nii", i, t, i, t,
                    (const char *const[]){"FLAIR", "T1", "T2", "MASK"}[k]);
    expect(&l, (struct told){.labels = {"MASK"}},
        "{group}/{part}/{id}_FLAIR.nii;{group}/{part}/{id}_T1.nii;{group}/{part}/{id}_T2.nii",
        "{group}/{part}/{id}_MASK.nii");
    for (int i = 10; i < 18; i++) { /* T10 is no kind of T1 */
        add(&l, "photos/T%d.png", i);
        add(&l, "masks/M%d.png", i);
    }
    expect(&l, (struct told){.labels = {"masks"}}, "photos/T{id}.png", "masks/M{id}.png");
    for (int i = 1; i < 6; i++) /* many labels that differ in numbers, channel t2 beside mask2 */
        for (int t = 1; t < 5; t++) {
            for (int k = 0; k < 4; k++)
                add(&l, "S%02d/images/S%02d_%02d_%s_pp.nii", i, i, t,
                    (const char *const[]){"flair", "mprage", "pd", "t2"}[k]);
            for (int k = 1; k < 3; k++) add(&l, "S%02d/masks/S%02d_%02d_mask%d.nii", i, i, t, k);
        }
    expect(&l, (struct told){.labels = {"mask"}, .both = 90},
        "{group}/images/{id}_flair_pp.nii;{group}/images/{id}_mprage_pp.nii;"
        "{group}/images/{id}_pd_pp.nii;{group}/images/{id}_t2_pp.nii",
        "{group}/masks/{id}_mask1.nii");
    for (int i = 0; i < 9; i++)
        for (int k = 0; k < 3; k++)
            add(&l, "%s/%d.nii", (const char *const[]){"before", "after", "mask"}[k], i);
    refuse(&l, (struct told){.labels = {"mask"}},
        "`images` 'after/{id}.nii' `labels` 'mask/{id}.nii', or");
    for (int i = 0; i < 9; i++)
        for (int k = 0; k < 3; k++)
            add(&l, "%s/%d.png", (const char *const[]){"rgb", "nir", "mask"}[k], i);
    refuse(&l, (struct told){.labels = {"mask"}},
        "`images` 'nir/{id}.png;rgb/{id}.png' `labels` 'mask/{id}.png', or");
    for (int i = 0; i < 9; i++) {
        for (int k = 0; k < 18; k++) add(&l, "%d/x%cx.nii", i, 'a' + k);
        add(&l, "%d/mask.nii", i);
    }
    refuse(&l, (struct told){.labels = {"mask"}},
        "more than 16 files for each case that may be its image");
}

/* Each holds all parts of a set, and one that cannot be read, or is empty, is left out. */
static void options_are_tried(void **state)
{
    struct list l = {NULL, 0};
    (void)state;
    for (int i = 0; i < 16; i++) {
        const char *const part = i % 2 ? "Train" : "Test", *const gt = i % 2 ? "GT" : "Test_GT";
        add(&l, "Set/%s/Images/d%02d.png", part, i);
        add(&l, "Set/%s/%s/d%02d/Map/d%02d_disc.png", part, gt, i, i);
        add(&l, "Set/%s/%s/d%02d/Map/d%02d_cup.png", part, gt, i, i);
        add(&l, "Set/%s/%s/d%02d/Map/d%02d_spot.png", part, gt, i, i);
    }
    refuse(&l,
        (struct told){
            .labels = {"/Map/"}, .pair = {{"disc", "cup", 100, 64, 64, false}}, .empty = {"spot"}},
        "say which; give `images` "
        "'Set/Train/Images/{id}.png|Set/Test/Images/{id}.png' `labels` "
        "'Set/Train/GT/{id}/Map/{id}_disc.png|Set/Test/Test_GT/{id}/Map/{id}_disc.png', or "
        "`images` 'Set/Train/Images/{id}.png|Set/Test/Images/{id}.png' `labels` "
        "'Set/Train/GT/{id}/Map/{id}_cup.png|Set/Test/Test_GT/{id}/Map/{id}_cup.png'");
}

/* A folder of one image's masks is no label of others, and a class for each file would join the
 * values of files with several. */
static void options_give_no_wrong_labels(void **state)
{
    struct list l = {NULL, 0};
    struct tree tree;
    struct found f;
    struct err why = {0};
    struct told t = {.labels = {"masks"}};
    (void)state;
    for (int i = 0; i < 8; i++) {
        add(&l, "img/%d.png", i);
        for (int k = 0; k < 6; k++) add(&l, "masks/%d/%d.png", i, k);
    }
    assert_int_equal(search(&l, &t, &f, &tree, &why), ATT_DATA);
    if (strstr(why.text, "masks/2/") || !strstr(why.text, "masks/{id}/")) fail_msg("%s", why.text);
    found_free(&f);
    tree_free(&tree);
    forget(&l);
    for (int many = 0; many < 2; many++) {
        for (int i = 0; i < 8; i++) {
            add(&l, "%d/t1.nii", i);
            add(&l, "%d/hippo_L.nii", i);
            add(&l, "%d/hippo_R.nii", i);
        }
        why = (struct err){0};
        t = (struct told){
            .labels = {"hippo"}, .both = many ? 0 : 40, .many = many ? "hippo" : NULL};
        assert_int_equal(search(&l, &t, &f, &tree, &why), ATT_DATA);
        const bool joined = strstr(why.text, "{id}/hippo_L.nii;{id}/hippo_R.nii");
        if (joined == many || !strstr(why.text, "'{id}/hippo_R.nii'")) fail_msg("%s", why.text);
        found_free(&f);
        tree_free(&tree);
        forget(&l);
    }
}

static void a_plural_is_the_same_word_in_another_part(void **state)
{
    struct list l = {NULL, 0};
    (void)state;
    for (int i = 1; i < 9; i++) {
        add(&l, "train/image/%d.png", i);
        add(&l, "train/mask/%d.png", i);
        for (int k = 0; k < 3; k++) {
            add(&l, "test/s%d/images/%d.png", k, i + 10 * k);
            add(&l, "test/s%d/masks/%d.png", k, i + 10 * k);
        }
    }
    expect(&l, (struct told){.labels = {"mask"}},
        "test/{part}/images/{id}.png|train/image/{id}.png",
        "test/{part}/masks/{id}.png|train/mask/{id}.png");
}

static void labels_without_a_word_are_seen(void **state)
{
    struct list l = {NULL, 0};
    (void)state;
    for (int i = 0; i < 9; i++) {
        add(&l, "%d/lgemri.nrrd", i);
        add(&l, "%d/laendo.nrrd", i);
    }
    expect(&l, (struct told){.labels = {"laendo"}}, "{id}/lgemri.nrrd", "{id}/laendo.nrrd");
    for (int i = 0; i < 9; i++) {
        add(&l, "images/%d.png", i);
        add(&l, "labels/%d.png", i);
    }
    refuse(&l, (struct told){.labels = {"images"}},
        "by its contents images/0.png is; if folders are exchanged, give them their right names, "
        "or if the contents are right, give `images` 'labels/{id}.png' `labels` 'images/{id}.png'");
    /* numbers of two files say that they belong to two cases */
    for (int part = 0; part < 2; part++)
        for (int i = 0; i < 12; i++) {
            add(&l, "%s_In/mask%04d.png", part ? "Test" : "Train", i);
            add(&l, "%s_Out/%d.png", part ? "Test" : "Train", i);
        }
    refuse(&l, (struct told){.labels = {"Out"}},
        "give `images` '{part}_In/mask{id}.png' `labels` '{part}_Out/{id}.png'");
}

/* Ten files a case: samples at even steps would miss half of their names. */
static void names_that_repeat_are_all_seen(void **state)
{
    static const char *const kinds[] = {"FLAIR", "T1W", "T1WKS", "T2W"};
    struct list l = {NULL, 0};
    (void)state;
    for (int i = 1; i < 10; i++) {
        for (int k = 0; k < 8; k++)
            add(&l, "patient%02d/%s/%s.nii", i, k < 4 ? "preprocessed" : "raw", kinds[k % 4]);
        add(&l, "patient%02d/patient%02d_brainmask.nii", i, i);
        add(&l, "patient%02d/patient%02d_consensus_gt.nii", i, i);
    }
    expect(&l,
        (struct told){
            .labels = {"_brainmask", "_gt"}, .pair = {{"_brainmask", "_gt", 100, 20, 20, false}}},
        "{id}/preprocessed/FLAIR.nii;{id}/preprocessed/T1W.nii;{id}/preprocessed/T1WKS.nii;"
        "{id}/preprocessed/T2W.nii",
        "{id}/{id}_consensus_gt.nii");
    /* a word within the name of the image */
    for (int i = 1; i < 10; i++) {
        add(&l, "IBSR_V2.0_nifti_stripped/IBSR_%02d/IBSR_%02d_ana.nii", i, i);
        add(&l, "IBSR_V2.0_nifti_stripped/IBSR_%02d/IBSR_%02d_seg_ana.nii", i, i);
        add(&l, "IBSR_V2.0_nifti_stripped/IBSR_%02d/IBSR_%02d_ana_brainmask.nii", i, i);
    }
    expect(&l,
        (struct told){.labels = {"_seg_", "_brainmask"},
            .pair = {{"_brainmask", "_seg_", 100, 90, 90, false}}},
        "IBSR_V2.0_nifti_stripped/IBSR_{id}/IBSR_{id}_ana.nii",
        "IBSR_V2.0_nifti_stripped/IBSR_{id}/IBSR_{id}_seg_ana.nii");
}

static void plain_and_manual_labels_come_first(void **state)
{
    struct list l = {NULL, 0};
    (void)state;
    for (int i = 1; i < 10; i++) {
        add(&l, "pat%d.nii", i);
        add(&l, "pat%d_seg.nii", i);
        add(&l, "pat%d_seg_endpoints.nii", i);
    }
    expect(
        &l, (struct told){.labels = {"_seg"}, .both = 90, .values = 4}, "{id}.nii", "{id}_seg.nii");
    /* labels by a program of more cases than those by hand are no labels left over */
    for (int i = 1; i < 12; i++) {
        add(&l, "structural/GBM-%05d/GBM-%05d_T1.nii", i, i);
        add(&l, "unstripped/GBM-%05d/GBM-%05d_T1_unstripped.nii", i, i);
        add(&l, "automated_segm/GBM-%05d_automated_approx_segm.nii", i);
        if (i % 3) add(&l, "images_segm/GBM-%05d_segm.nii", i);
    }
    expect(&l, (struct told){.labels = {"segm"}, .both = 90}, "structural/{id}/{id}_T1.nii",
        "images_segm/{id}_segm.nii");
}

/* The others may cost cases, so which to take is asked. */
static void fewer_labels_by_hand_are_asked_about(void **state)
{
    static const char *const pairs[][2] = {
        {"auto_seg", "manual_seg"}, {"nnunet", "corrected"}, {"ai_label", "consensus"}};
    struct list l = {NULL, 0};
    (void)state;
    for (int k = 0; k < 3; k++)
        for (int few = 0; few < 2; few++) {
            const char *program = pairs[k][0], *hand = pairs[k][1];
            char only[64];
            for (int i = 0; i < 16; i++) {
                add(&l, "ct/c%02d.nii", i);
                add(&l, "%s/c%02d.nii", program, i);
                if (i < 6 || !few) add(&l, "%s/c%02d.nii", hand, i);
            }
            snprintf(only, sizeof only, few ? "`labels` '%s/{id}.nii'" : "%s/{id}.nii", hand);
            const struct told told = {.labels = {program, hand}, .both = 90};
            if (few)
                refuse(&l, told, only);
            else
                expect(&l, told, "ct/{id}.nii", only);
        }
}

/* A second site with other names is not used, which a warning says. */
static void pairs_with_other_names_are_listed(void **state)
{
    struct list l = {NULL, 0};
    struct tree tree;
    struct found f;
    struct told t = {.labels = {"fasit", "Masken", "masques", "roi"}};
    (void)state;
    for (int i = 0; i < 6; i++) {
        add(&l, "Oslo/bilder/%d.png", i);
        add(&l, "Oslo/fasit/%d.png", i);
        add(&l, "Bern/Bilder/B%d.tif", i);
        add(&l, "Bern/Masken/B%d.png", i);
        if (i > 3) continue;
        add(&l, "Lyon/p%d/t2.nii", i);
        add(&l, "Lyon/p%d/roi.nii", i);
    }
    OK(search(&l, &t, &f, &tree, &e));
    assert_int_equal(f.pairs, 6);
    assert_int_equal(f.more, 10);
    const bool bern = strstr(f.images, "Bern");
    assert_non_null(strstr(f.more_images, bern ? "Oslo/bilder/" : "Bern/Bilder/"));
    assert_non_null(strstr(f.more_labels, "Lyon/"));
    found_free(&f);
    tree_free(&tree);
    forget(&l);
}

/* Only names say which of two labels on the same voxels is better. */
static void newer_and_final_labels_come_first(void **state)
{
    static const struct {
        const char *a, *b;
        bool asks; /* else b is taken */
    } pairs[] = {
        {"roi_draft", "roi_final", false},
        {"roi", "roi_final", false},
        {"a_prelim", "z_roi", false},
        {"roi_v1", "roi_v2", false},
        {"roi_v9", "roi_v10", false},
        {"v1.2/roi", "v2.0/roi", false},
        {"roi_20200101", "roi_20210101", false},
        {"roi_2020-11-05", "roi_2021-01-04", false},
        {"roi_2020-11-05", "roi_2020-12-04", false},
        {"roi", "roi_v2", true},
        {"roi", "roi_new", true},
        {"roi_01-03-2020", "roi_02-01-2021", true},
        {"gt_2020", "seg_2021", true},
    };
    struct list l = {NULL, 0};
    (void)state;
    for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++) {
        char only[64];
        for (int i = 0; i < 8; i++) {
            add(&l, "P%d/ct.nii", i);
            add(&l, "P%d/%s.nii", i, pairs[k].a);
            add(&l, "P%d/%s.nii", i, pairs[k].b);
        }
        const struct told told = {.labels = {pairs[k].a, pairs[k].b}, .both = 90};
        snprintf(only, sizeof only, "{id}/%s.nii", pairs[k].b);
        if (pairs[k].asks)
            refuse(&l, told, only);
        else
            expect(&l, told, "{id}/ct.nii", only);
    }
}

/* What is left aside for its labels asks no question about them. */
static void labels_of_programs_ask_nothing(void **state)
{
    struct list l = {NULL, 0};
    (void)state;
    for (int i = 1; i < 30; i++) {
        add(&l, "a/img%d.png", i);
        add(&l, "a/img%d_mask.png", i);
        if (i > 8) continue;
        add(&l, "b/pic%d.png", i);
        add(&l, "b/pic%d_automatic_mask_x.png", i);
        add(&l, "b/pic%d_automatic_mask_y.png", i);
    }
    expect(&l, (struct told){.labels = {"mask"}, .both = 50, .values = 4}, "a/{id}.png",
        "a/{id}_mask.png");
}

/* Parts of a label, not classes, only where the name says so, too. */
static void the_whole_comes_before_its_parts(void **state)
{
    struct list l = {NULL, 0};
    (void)state;
    for (int i = 1; i < 9; i++) {
        add(&l, "img/%02d.tif", i);
        add(&l, "gt/%02d.tif", i);
        add(&l, "thick_gt/%02d.tif", i);
        add(&l, "thin_gt/%02d.tif", i);
    }
    expect(&l, (struct told){.labels = {"gt/"}, .whole = "gt/"}, "img/{id}.tif", "gt/{id}.tif");
    for (int i = 1; i < 9; i++) {
        add(&l, "mr/%02d.nii", i);
        add(&l, "prostate/%02d.nii", i);
        add(&l, "pz/%02d.nii", i);
        add(&l, "tz/%02d.nii", i);
    }
    refuse(&l, (struct told){.labels = {"prostate/", "z/"}, .whole = "prostate"},
        "has 3 files for each case that may be its label");
}

static void second_choices_are_left_aside(void **state)
{
    struct list l = {NULL, 0};
    struct tree tree;
    struct found f;
    struct told t = {.labels = {"manual", "mask"},
        .both = 90,
        .pair = {{"mask/", "manual", 500, 100, 100, false}}};
    (void)state;
    for (int i = 1; i < 9; i++) {
        add(&l, "training/images/%02d_training.tif", i);
        add(&l, "training/1st_manual/%02d_manual1.tif", i);
        add(&l, "training/2nd_manual/%02d_manual2.tif", i);
        add(&l, "training/mask/%02d_training_mask.tif", i);
        add(&l, "test/images/%02d_test.tif", i);
        add(&l, "test/mask/%02d_test_mask.tif", i);
    }
    OK(search(&l, &t, &f, &tree, &e));
    assert_string_equal(f.images, "training/images/{id}_training.tif");
    assert_string_equal(f.labels, "training/1st_manual/{id}_manual1.tif");
    assert_int_equal(f.asides, 2);
    for (int i = 0; i < 2; i++)
        assert_true(strstr(f.aside[i].why, strstr(f.aside[i].first, "mask") ? "field" : "reader"));
    found_free(&f);
    tree_free(&tree);
    forget(&l);
}

static void add_two(struct list *l, const char *a, const char *b)
{
    for (int i = 0; i < 12; i++) {
        add(l, "images/g%02d.png", i);
        add(l, "%s/g%02d.png", a, i);
        add(l, "%s/g%02d.png", b, i);
    }
}

/* Contents say that labels are no readers, versions or regions, whatever the words. */
static void what_contents_do_not_settle_is_asked(void **state)
{
    static const char TWO[] = "has 2 files for each case that may be its label";
    static const struct {
        const char *a, *b;
        struct told told;
    } cases[] = {
        /* strictly within, more than half as large */
        {"disc", "cup", {.pair = {{"disc", "cup", 100, 64, 64, false}}}},
        {"masks_disc", "masks_cup", {.pair = {{"disc", "cup", 100, 64, 64, false}}}},
        {"gt_outer", "gt_inner", {.pair = {{"outer", "inner", 100, 72, 72, false}}}},
        /* a little outside is within, too */
        {"disc", "cup", {.pair = {{"disc", "cup", 100, 64, 62, false}}}},
        /* beside the label, whatever the word */
        {"gt_new", "gt_old", {.both = 0}},
        {"gt", "gt_border", {.both = 0}},
        /* the classes of the one do not tell the other */
        {"seg_organs", "seg_lesion",
            {.many = "organs", .pair = {{"organs", "lesion", 100, 9, 9, false}}}},
        {"seg_organs", "seg_lesion",
            {.many = "organs", .pair = {{"organs", "lesion", 100, 9, 0, false}}}},
        {"seg_organs", "seg_lesion",
            {.many = "organs",
                .pair = {{"organs", "lesion", 100, 9, 9, true}},
                .empty = {"lesion/"}}},
        /* a region has two values and covers the labels */
        {"organs_mask", "lesion_seg",
            {.many = "organs", .pair = {{"organs", "lesion", 100, 9, 9, false}}}},
        {"region_mask", "lesion_seg", {.pair = {{"region", "lesion", 100, 9, 0, false}}}},
        {"region_mask", "lesion_seg",
            {.pair = {{"region", "lesion", 100, 9, 9, false}}, .empty = {"lesion_seg/"}}},
        /* a second reader saw something else */
        {"gt", "2nd_gt", {.both = 0}},
        /* numbers: objects, or classes; or never both */
        {"seg_1", "seg_2", {.both = 0}},
        {"seg_1", "seg_2", {.empty = {"seg_2/"}}},
    };
    struct list l = {NULL, 0};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct told t = cases[i].told;
        t.labels[0] = cases[i].a;
        t.labels[1] = cases[i].b;
        add_two(&l, cases[i].a, cases[i].b);
        refuse(&l, t, TWO);
    }
    add_two(&l, "seg_1", "seg_2");
    refuse(&l, (struct told){.labels = {"seg_"}}, "`labels` 'seg_#/{id}.png'");
}

static void contents_settle_it(void **state)
{
    struct list l = {NULL, 0};
    (void)state;
    add_two(&l, "seg_organs", "seg_liver");
    expect(&l,
        (struct told){.labels = {"seg_"},
            .many = "organs",
            .pair = {{"organs", "liver", 100, 40, 40, true}},
            .empty = {"liver/g00", "liver/g01", "liver/g02", "liver/g03", "liver/g04",
                "liver/g05"}},
        "images/{id}.png", "seg_organs/{id}.png");
    /* nothing in the first half, and beside each other later */
    add_two(&l, "seg_left", "seg_right");
    expect(&l,
        (struct told){.labels = {"seg_"},
            .empty = {"right/g00", "right/g01", "right/g02", "right/g03", "right/g04",
                "right/g05"}},
        "images/{id}.png", "seg_left/{id}.png;seg_right/{id}.png");
    /* two readers differ on both sides */
    add_two(&l, "reader_a", "reader_b");
    expect(&l, (struct told){.labels = {"reader"}, .both = 90}, "images/{id}.png",
        "reader_a/{id}.png");
}

static void several_masks_are_classes_or_objects(void **state)
{
    struct list l = {NULL, 0};
    (void)state;
    for (int both = 0; both < 2; both++) {
        for (int i = 0; i < 9; i++) {
            add(&l, "png/%d.png", i);
            add(&l, "Mask/leftMask/%d.png", i);
            add(&l, "Mask/rightMask/%d.png", i);
        }
        if (both == 0)
            expect(&l, (struct told){.labels = {"Mask"}}, "png/{id}.png",
                "Mask/leftMask/{id}.png;Mask/rightMask/{id}.png");
        else
            refuse(&l, (struct told){.labels = {"Mask"}, .both = 30}, "2 files for each case");
    }
    for (int left = 3; left < 5; left++) { /* voxels without a class: some, or none */
        const struct told_pair pair = {"leftMask", "rightMask", 2000 - 3 + left, 303, 0, false};
        for (int i = 0; i < 9; i++) {
            add(&l, "png/%d.png", i);
            add(&l, "Mask/leftMask/%d.png", i);
            add(&l, "Mask/rightMask/%d.png", i);
        }
        if (left == 3)
            expect(&l, (struct told){.labels = {"Mask"}, .pair = {pair}}, "png/{id}.png",
                "Mask/leftMask/{id}.png;Mask/rightMask/{id}.png");
        else
            refuse(&l, (struct told){.labels = {"Mask"}, .pair = {pair}}, "2 files for each case");
    }
    for (int i = 0; i < 9; i++) {
        add(&l, "%x%x/images/%x%x.png", i, 7 * i, i, 7 * i);
        for (int k = 0; k < 2 + i; k++) add(&l, "%x%x/masks/%x.png", i, 7 * i, 100 * i + 17 * k);
    }
    expect(&l, (struct told){.labels = {"masks"}}, "{id}/images/{id}.png", "{id}/masks/*.png");
    for (int i = 0; i < 9; i++) {
        add(&l, "s%d/ct.nii", i);
        for (int k = 0; k < 26; k++) add(&l, "s%d/parts/organ_%c.nii", i, 'a' + k);
    }
    expect(&l, (struct told){.labels = {"organ"}}, "{id}/ct.nii", "{id}/parts/{class}.nii");
    for (int i = 0; i < 9; i++) {
        add(&l, "a/%d.png", i);
        add(&l, "a/%d_mask.png", i);
        if (i % 4 == 1) add(&l, "a/%d_mask_1.png", i);
    }
    expect(
        &l, (struct told){.labels = {"mask"}}, "a/{id}.png", "a/{id}_mask.png;a/{id}_mask_#.png");
}

/* Where runs of words pair nothing: a folder with half of an id, words that all names have. */
static void single_words_pair(void **state)
{
    struct list l = {NULL, 0};
    (void)state;
    for (int i = 0; i < 9; i++) {
        add(&l, "pictures/fold0/%d/%d_%d_adc.mha", 100 + i, 100 + i, 7000 + i);
        add(&l, "pictures/fold0/%d/%d_%d_t2w.mha", 100 + i, 100 + i, 7000 + i);
        add(&l, "labels/human/%d_%d.nii.gz", 100 + i, 7000 + i);
    }
    expect(&l, (struct told){.labels = {"labels/"}},
        "pictures/fold0/{part}/{part}_{id}_adc.mha;pictures/fold0/{part}/{part}_{id}_t2w.mha",
        "labels/human/{part}_{id}.nii.gz");
    for (int i = 0; i < 9; i++)
        for (int k = 0; k < 2; k++)
            add(&l, "R%03d/sub-r%03ds%03d/ses-1/sub-r%03ds%03d_ses-1_%s.nii.gz", i / 3, i / 3,
                i % 3, i / 3, i % 3, k ? "label-L_desc-T1lesion_mask" : "T1w");
    expect(&l, (struct told){.labels = {"mask"}},
        "R{part}/sub-r{part}s{id}/ses-1/sub-r{part}s{id}_ses-1_T1w.nii.gz",
        "R{part}/sub-r{part}s{id}/ses-1/sub-r{part}s{id}_ses-1_label-L_desc-T1lesion_mask.nii.gz");
}

/* But where nothing else tells cases apart they do. */
static void numbers_of_single_files_count_for_nothing(void **state)
{
    struct list l = {NULL, 0};
    (void)state;
    for (int i = 0; i < 9; i++) {
        add(&l, "pat%04d/VSD.MR_T1.%d/VSD.MR_T1.%d.mha", i, 54000 + 7 * i, 54000 + 7 * i);
        add(&l, "pat%04d/VSD.MR_T2.%d/VSD.MR_T2.%d.mha", i, 64000 + 5 * i, 64000 + 5 * i);
        add(&l, "pat%04d/VSD.OT.%d/VSD.OT.%d.mha", i, 74000 + 3 * i, 74000 + 3 * i);
    }
    expect(&l, (struct told){.labels = {"OT"}},
        "{id}/VSD.MR_T1.*/VSD.MR_T1.*.mha;{id}/VSD.MR_T2.*/VSD.MR_T2.*.mha",
        "{id}/VSD.OT.{number}/VSD.OT.{number}.mha");
    for (int i = 0; i < 9; i++) {
        add(&l, "images/z_a%02d_w1c686fcb6378af86c90d67e929da5c%03x.tif", i, i);
        add(&l, "labels/z_a%02d.png", i);
    }
    expect(&l, (struct told){.labels = {"labels"}}, "images/{id}_w1*.tif", "labels/{id}.png");
    for (int i = 0; i < 9; i++) {
        add(&l, "images/a_%d.png", 54000 + 7 * i);
        add(&l, "labels/a_%d.png", 64000 + 7 * i);
    }
    expect(&l, (struct told){.labels = {"labels"}}, NULL, NULL);
    for (int i = 0; i < 2; i++) add(&l, "%s/a_%d.png", i ? "labels" : "images", 54000 + i);
    expect(&l, (struct told){.labels = {"labels"}}, NULL, NULL);
}

static void what_fits_badly_is_not_read(void **state)
{
    struct list l = {NULL, 0};
    (void)state;
    for (int i = 0; i < 9; i++) {
        add(&l, "images/a%d.png", i);
        add(&l, "labels/%c.png", 'b' + i);
    }
    expect(&l, (struct told){.labels = {"labels"}}, NULL, NULL);
    for (int i = 0; i < 9; i++) { /* labels that pair with nothing: the others may be no labels */
        add(&l, "images/a%d.png", i);
        add(&l, "manual/%c.png", 'b' + i);
        add(&l, "mask/a%d.png", i);
    }
    refuse(&l, (struct told){.labels = {"mask", "manual"}}, "other labels, such as manual/b.png");
}

/* Names that share much without pairing. */
static void hostile_names_end(void **state)
{
    struct list l = {NULL, 0};
    unsigned random = 1;
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        struct tree tree;
        struct found f;
        struct told t = {.labels = {"b"}};
        for (int i = 0; i < NAMES; i++) {
            char text[200] = "";
            for (int k = 0; k < 60 && kind == 0; k++) {
                random = random * 1664525 + 1013904223;
                text[2 * k] = "ab12"[random >> 30];
                text[2 * k + 1] = k % 9 == 8 ? '/' : '_';
            }
            if (kind == 0)
                add(&l, "%s%d.png", text, i);
            else if (kind == 1)
                add(&l, "%08x%08x/%08x_%08x.png", (unsigned)i * 2654435761u, i,
                    (unsigned)i * 2654435761u + 1, i / 2);
            else
                add(&l, "x%d_%d_%d.png", i % 3, i % 7, i);
        }
        OK(search(&l, &t, &f, &tree, &e));
        assert_true(t.looks < 1000);
        found_free(&f);
        tree_free(&tree);
        forget(&l);
    }
}

/* Classes that overlap others, and the background, are in no option for several. */
static void options_join_what_lies_beside(void **state)
{
    struct list l = {NULL, 0};
    (void)state;
    for (int i = 0; i < 8; i++)
        add(&l, "img/%d.png", i), add(&l, "any/%d.png", i), add(&l, "heart/%d.png", i),
            add(&l, "lung/%d.png", i);
    refuse(&l,
        (struct told){.labels = {"any", "heart", "lung"},
            .pair = {{"any/", "heart/", 100, 50, 50, true}, {"any/", "lung/", 100, 50, 40, true}}},
        "give `images` 'img/{id}.png' `labels` 'heart/{id}.png;lung/{id}.png', or");
    for (int i = 0; i < 8; i++)
        add(&l, "s%d/photo.jpg", i), add(&l, "s%d/background.png", i), add(&l, "s%d/leaf.png", i),
            add(&l, "s%d/stem.png", i);
    refuse(&l, (struct told){.labels = {".png"}},
        "give `images` '{id}/photo.jpg' `labels` '{id}/leaf.png;{id}/stem.png', or");
}

/* The number of an object is that of its image by chance. */
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_join_what_lies_beside),
        cmocka_unit_test(folders_and_endings_of_names),
        cmocka_unit_test(a_folder_names_its_files),
        cmocka_unit_test(channels_are_parts_of_names),
        cmocka_unit_test(options_are_tried),
        cmocka_unit_test(options_give_no_wrong_labels),
        cmocka_unit_test(a_plural_is_the_same_word_in_another_part),
        cmocka_unit_test(labels_without_a_word_are_seen),
        cmocka_unit_test(names_that_repeat_are_all_seen),
        cmocka_unit_test(plain_and_manual_labels_come_first),
        cmocka_unit_test(fewer_labels_by_hand_are_asked_about),
        cmocka_unit_test(pairs_with_other_names_are_listed),
        cmocka_unit_test(newer_and_final_labels_come_first),
        cmocka_unit_test(labels_of_programs_ask_nothing),
        cmocka_unit_test(the_whole_comes_before_its_parts),
        cmocka_unit_test(second_choices_are_left_aside),
        cmocka_unit_test(what_contents_do_not_settle_is_asked),
        cmocka_unit_test(contents_settle_it),
        cmocka_unit_test(several_masks_are_classes_or_objects),
        cmocka_unit_test(single_words_pair),
        cmocka_unit_test(numbers_of_single_files_count_for_nothing),
        cmocka_unit_test(what_fits_badly_is_not_read),
        cmocka_unit_test(hostile_names_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

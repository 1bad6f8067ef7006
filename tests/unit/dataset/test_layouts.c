/* SPDX-License-Identifier: Apache-2.0 */
/* Masks beside images, BIDS, lists in a CSV, the Decathlon's details, and problems
 * that are gathered. */
#include "dataset/groups.h"
#include "dataset/layout_found.h"
#include "format/joined.h"
#include "unit/dataset/dataset_test.h"

/* ---- masks beside images */

static void put_busi(void)
{
    put_image("set/benign/benign (1).png", 1, 1, 3, 4);
    put_labels("set/benign/benign (1)_mask.png", 1, 3, 4, 255, 255);
    put_labels("set/benign/benign (1)_mask_1.png", 1, 3, 4, 0, 255, 255);
    put_image("set/benign/benign (10).png", 1, 1, 3, 4);
    put_labels("set/benign/benign (10)_mask.png", 1, 3, 4, 0, 0, 0, 255);
    put_image("set/normal/normal (1).png", 1, 1, 3, 4);
    put_labels("set/normal/normal (1)_mask.png", 1, 3, 4, 0);
    for (int i = 2; i < 6; i++) {
        char path[64];
        snprintf(path, sizeof path, "set/normal/normal (%d).png", i);
        put_image(path, 1, 1, 3, 4);
        snprintf(path, sizeof path, "set/normal/normal (%d)_mask.png", i);
        put_labels(path, 1, 3, 4, 0);
    }
}

static void masks_of_one_image_are_joined(void **state)
{
    struct dataset d;
    struct heard h;
    struct sample s;
    struct labelmap m;
    size_t overlap;
    char part[PATH_MAX];
    (void)state;
    put_busi();
    hear(&h);
    OK(dataset_open("set", &d, &h.host, &e));
    assert_string_equal(d.layout, "pairs by name");
    assert_int_equal(d.count, 7);
    assert_string_equal(d.cases[0].id, "benign (1)");
    assert_string_equal(d.reading->images, "{part}/{id}.png");
    assert_string_equal(
        d.cases[0].label, "set/benign/benign (1)_mask.png + ./benign (1)_mask_1.png");
    assert_non_null(
        strstr(h.text, "1 of 7 images has several masks; attunet reads those of an image as one"));
    OK(dataset_load(&d, 0, &s, &e));
    static const uint8_t joined[] = {1, 1, 1, 0};
    assert_memory_equal(s.classes, joined, sizeof joined);
    sample_free(&s);
    OK(joined_load(d.cases[0].label, &m, &overlap, &e));
    assert_int_equal(overlap, 1);
    labelmap_free(&m);
    assert_int_equal(joined_count(d.cases[0].label), 2);
    assert_true(joined_part(d.cases[0].label, 1, part));
    assert_string_equal(part, "set/benign/benign (1)_mask_1.png");
    assert_false(joined_part(d.cases[0].label, 2, part));
    put_labels("set/benign/benign (1)_mask_1.png", 1, 3, 5, 255);
    REFUSED(joined_load(d.cases[0].label, &m, NULL, &e), ATT_DATA,
        "set/benign/benign (1)_mask_1.png is 3x5 but set/benign/benign (1)_mask.png, another mask "
        "of the same image, is 3x4");
    dataset_free(&d);
}

static void a_name_with_a_plus_is_one_file(void **state)
{
    struct labelmap m;
    (void)state;
    put_labels("set/a + b.png", 1, 2, 2, 1);
    assert_int_equal(joined_count("set/a + b.png"), 1);
    OK(format_load_labels("set/a + b.png", &m, &e));
    assert_int_equal(m.data[0], 1);
    labelmap_free(&m);
}

static void masks_that_contradict_each_other_are_refused(void **state)
{
    struct labelmap m;
    struct dataset d;
    struct sample s;
    size_t overlap = 7;
    char part[PATH_MAX];
    (void)state;
    put_image("set + more/us/a.png", 1, 1, 2, 3); /* a folder may have a plus, too */
    put_labels("set + more/us/a_mask.png", 1, 2, 3, 1, 1);
    put_labels("set + more/us/a_mask_1.png", 1, 2, 3, 0, 1, 0, 0, 2);
    OK(dataset_open("set + more/us", &d, NULL, &e));
    assert_string_equal(d.cases[0].label, "set + more/us/a_mask.png + ./a_mask_1.png");
    assert_true(joined_part(d.cases[0].label, 1, part));
    assert_string_equal(part, "set + more/us/a_mask_1.png");
    OK(joined_load(d.cases[0].label, &m, &overlap, &e));
    assert_int_equal(overlap, 1);
    assert_int_equal(m.data[0] + 10 * m.data[1] + 100 * m.data[4], 211);
    labelmap_free(&m);
    put_labels("set + more/us/a_mask_1.png", 1, 2, 3, 0, 1, 0, 0, 2, 3);
    put_labels("set + more/us/a_mask.png", 1, 2, 3, 1, 1, 0, 0, 0, 4);
    REFUSED(dataset_load(&d, 0, &s, &e), ATT_DATA,
        "set + more/us/a_mask_1.png: voxel (2,1,0) is 3, but 4 in set + more/us/a_mask.png, "
        "another "
        "mask of the same image; correct one of them");
    dataset_free(&d);
}

/* Of planes, which say nothing of where they lie, only the sizes tell; of volumes the headers, too.
 */
static void masks_of_other_places_are_not_joined(void **state)
{
    struct labelmap m;
    struct geometry here = {.valid = true,
                        .spacing = {1, 1, 1},
                        .affine = {{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}}},
                    there = here;
    static const char joined[] = "set/a_mask.nii + ./a_mask_1.nii";
    (void)state;
    put_labels_at("set/a_mask.nii", 2, 3, 4, (const int[]){1, -1}, &here);
    there.affine[0][3] = .05; /* rounded */
    put_labels_at("set/a_mask_1.nii", 2, 3, 4, (const int[]){0, 1, -1}, &there);
    OK(joined_load(joined, &m, NULL, &e));
    assert_int_equal(m.data[0] + m.data[1], 2);
    labelmap_free(&m);
    there.affine[0][3] = 50;
    put_labels_at("set/a_mask_1.nii", 2, 3, 4, (const int[]){0, 1, -1}, &there);
    REFUSED(joined_load(joined, &m, NULL, &e), ATT_DATA,
        "set/a_mask_1.nii: by its header it is 50 voxels off from set/a_mask.nii, another mask of "
        "the same image (tolerance 0.1 voxels");
    put_labels_at("set/a_mask_1.nii", 3, 3, 4, (const int[]){0, 1, -1}, &here);
    REFUSED(joined_load(joined, &m, NULL, &e), ATT_DATA,
        "set/a_mask_1.nii is 3x3x4 but set/a_mask.nii, another mask of the same image, is 2x3x4; "
        "resample one to the other's grid");
}

static void samples_of_headers_lie_beside_them(void **state)
{
    struct dataset d;
    const struct geometry g = {
        .valid = true, .spacing = {1, 1, 1}, .affine = {{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}}};
    (void)state;
    put_image("set/a.hdr", 1, 2, 3, 4);
    put_labels_at("set/a_mask.hdr", 2, 3, 4, (const int[]){0, 1, -1}, &g);
    put_labels_at("set/a_mask_1.mhd", 2, 3, 4, (const int[]){0, 0, 1, -1}, &g);
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.count, 1);
    assert_string_equal(d.cases[0].label, "set/a_mask.hdr + ./a_mask_1.mhd");
    dataset_free(&d);
    clear_set(NULL);
    put_image("set/sub-1/anat/sub-1_T1w.hdr", 1, 2, 3, 4);
    put_labels("set/derivatives/x/sub-1/anat/sub-1_dseg.nhdr", 2, 3, 4, 0, 1);
    OK(dataset_open("set/", &d, NULL, &e));
    assert_int_equal(d.count, 1);
    dataset_free(&d);
}

static void masks_may_lie_beside_images(void **state)
{
    struct dataset d;
    (void)state;
    put_image("set/a.nii.gz", 1, 2, 3, 4);
    put_labels("set/a-label.nii.gz", 2, 3, 4, 0, 1);
    put_image("set/b_2.nii.gz", 1, 2, 3, 4); /* a number is no mask's */
    put_labels("set/b_2_seg.nii.gz", 2, 3, 4, 0, 2);
    OK(dataset_open("set", &d, NULL, &e));
    assert_string_equal(d.layout, "images and masks in one folder");
    assert_int_equal(d.count, 2);
    assert_string_equal(d.cases[1].label, "set/b_2_seg.nii.gz");
    assert_int_equal(d.labels.count, 3);
    dataset_free(&d);
    put_image("set/c.nii.gz", 1, 2, 3, 4);
    OK(dataset_open("set", &d, NULL, &e)); /* an image without a label is left out */
    assert_int_equal(d.count, 2);
    dataset_free(&d);
    const struct dataset_patterns strict = {.strict = true};
    REFUSED(dataset_open_patterns("set", &strict, &d, NULL, NULL, &e), ATT_DATA,
        "set: 1 of 3 images has no label, which `unlabelled` forbids: set/c.nii.gz; add its "
        "label, such as set/c-label.nii.gz, or leave out that setting");
    OK(remove("set/c.nii.gz") ? ATT_IO : ATT_OK);
    put_labels("set/d_seg.nii.gz", 2, 3, 4, 0, 2);
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "mask set/d_seg.nii.gz has no image; put d next to it, or remove the mask");
}

static void the_names_of_nnunet_can_be_plain(void **state)
{
    struct dataset d;
    (void)state;
    put_image("set/imagesTr/a.nii", 1, 2, 3, 4);
    put_labels("set/labelsTr/a.nii", 2, 3, 4, 0, 1);
    OK(dataset_open("set", &d, NULL, &e));
    assert_string_equal(d.layout, "images and labels");
    assert_int_equal(d.count, 1);
    dataset_free(&d);
    file_remove("set/imagesTr/a.nii");
    put_image("set/imagesTr/a_0000.nii", 1, 2, 3, 4);
    put_image("set/imagesTr/a_0001.nii", 1, 2, 3, 4);
    OK(dataset_open("set", &d, NULL, &e));
    assert_string_equal(d.layout, "pairs by name");
    assert_true(d.count == 1 && d.channels == 2);
    dataset_free(&d);
    file_remove("set/imagesTr/a_0001.nii");
    file_remove("set/labelsTr/a.nii");
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set has nnU-Net's folders but no dataset.json; write one");
    put_labels("set/vessel_labelsTr/a_seg.nii", 2, 3, 4, 0, 1);
    file_remove_folder("set/labelsTr");
    OK(dataset_open("set", &d, NULL, &e));
    assert_string_equal(d.layout, "pairs by name");
    assert_int_equal(d.count, 1);
    dataset_free(&d);
}

/* ---- BIDS */

static void subjects_are_groups(void **state)
{
    struct dataset d;
    struct heard h;
    int group[3], count;
    (void)state;
    put_image("set/sub-01/ses-a/anat/sub-01_ses-a_T1w.nii.gz", 1, 2, 3, 4);
    put_image("set/sub-01/ses-b/anat/sub-01_ses-b_T1w.nii.gz", 1, 2, 3, 4);
    put_image("set/sub-01/ses-b/anat/sub-01_ses-b_T2w.nii.gz", 1, 2, 3, 4);
    put_image("set/sub-02/anat/sub-02_T1w.nii.gz", 1, 2, 3, 4);
    put_image("set/sub-03/anat/sub-03_T1w.nii.gz", 1, 2, 3, 4);
    put_text("set/sub-02/anat/sub-02_T1w.json", "{}");
    put_labels(
        "set/derivatives/manual/sub-01/ses-a/anat/sub-01_ses-a_space-orig_desc-x_dseg.nii.gz", 2, 3,
        4, 0, 1);
    put_labels("set/derivatives/manual/sub-01/ses-b/anat/sub-01_ses-b_dseg.nii.gz", 2, 3, 4, 0, 1);
    put_labels("set/derivatives/manual/sub-01/ses-b/anat/sub-01_ses-b_space-MNI_dseg.nii.gz", 2, 3,
        4, 0, 1);
    put_labels("set/derivatives/manual/sub-02/anat/sub-02_dseg.nii.gz", 2, 3, 4, 0, 1);
    hear(&h);
    OK(dataset_open("set", &d, &h.host, &e));
    assert_string_equal(d.layout, "BIDS");
    assert_int_equal(d.count, 3);
    assert_string_equal(d.cases[0].id, "sub-01_ses-a");
    assert_string_equal(d.cases[2].label, "set/derivatives/manual/sub-02/anat/sub-02_dseg.nii.gz");
    assert_non_null(
        strstr(h.text, "attunet uses images that end in _T1w and ignores 1 other (such as _T2w)"));
    assert_non_null(strstr(h.text, "set: 1 of 4 images has no label, and attunet leaves it out: "));
    assert_non_null(strstr(h.text, "3 images of 2 subjects"));
    OK(groups_read(&d, group, &count, &e));
    assert_int_equal(count, 2);
    assert_int_equal(group[0], group[1]);
    dataset_free(&d);
    put_labels("set/derivatives/auto/sub-02/anat/sub-02_dseg.nii.gz", 2, 3, 4, 0, 1);
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "case sub-02 has two labels, set/derivatives/auto/sub-02/anat/sub-02_dseg.nii.gz and");
}

/* What is no image, or lies on another one's grid, may be among the labels; what should be an image
 * and is not may not. */
static void what_a_name_says_is_believed(void **state)
{
    struct dataset d;
    (void)state;
    put_image("set/sub-1/anat/sub-1_T1w.nii", 1, 2, 3, 4);
    put_image("set/sub-2/anat/sub-2_T1w.nii", 1, 2, 3, 4);
    put_image("set/sub-2/anat/sub-2_acq-fast_T1w.nii", 1, 2, 3, 4);
    put_text("set/sub-1/anat/sub-1_defacemask.mgz", "x");
    put_labels("set/derivatives/x/sub-1/anat/sub-1_space-T1w_desc-x_dseg.nii", 2, 3, 4, 0, 1);
    put_labels("set/derivatives/x/sub-2/anat/sub-2_acq-fast_label-x_dseg.nii", 2, 3, 4, 0, 1);
    put_text("set/derivatives/x/sub-1/anat/sub-1_hemi-L_pial.surf.gii", "x");
    put_text("set/derivatives/x/sub-1/anat/sub-1_from-T1w_to-MNI_xfm.h5", "x");
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.count, 2);
    assert_string_equal(d.cases[1].id, "sub-2_acq-fast");
    dataset_free(&d);
    put_labels("set/derivatives/x/sub-1/anat/sub-1_acq-hires_dseg.nii", 2, 3, 4, 0, 1);
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "label set/derivatives/x/sub-1/anat/sub-1_acq-hires_dseg.nii has no image that ends");
    file_remove("set/derivatives/x/sub-1/anat/sub-1_acq-hires_dseg.nii");
    put_text("set/derivatives/x/sub-1/anat/sub-1_desc-y_dseg.mgz", "x");
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA, "sub-1_desc-y_dseg.mgz; convert it to ");
    file_remove("set/derivatives/x/sub-1/anat/sub-1_desc-y_dseg.mgz");
    put_text("set/sub-3/anat/sub-3_T1w.mgz", "x");
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA, "sub-3_T1w.mgz; convert it to ");
}

/* It is said what lies there and why it does not count. */
static void labels_that_do_not_count(void **state)
{
    struct dataset d;
    (void)state;
    put_image("set/sub-1/ses-a/anat/sub-1_ses-a_T1w.nii", 1, 2, 3, 4);
    put_text("set/derivatives/x/readme.txt", "x");
    put_text("set/derivatives/x/sub-1/ses-a/anat/sub-1_ses-a_desc-brain_mask.json",
        "{}"); /* describes, and is no label */
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set has 1 image but none of derivatives/*/sub-*/anat/*_dseg.nii.gz (or "
        "sub-*/ses-*/anat); put the labels there");
    put_labels(
        "set/derivatives/x/sub-1/ses-a/anat/sub-1_ses-a_space-T1w_label-L_mask.nii", 2, 3, 4, 0, 1);
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "no label that ends in _dseg: "
        "set/derivatives/x/sub-1/ses-a/anat/sub-1_ses-a_space-T1w_label-L_mask.nii may mark");
    put_labels("set/derivatives/x/sub-1/ses-a/anat/sub-1_ses-a_space-MNI_dseg.nii", 2, 3, 4, 0, 1);
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        " but no label on an image's grid: by its name, "
        "set/derivatives/x/sub-1/ses-a/anat/sub-1_ses-a_space-MNI_dseg.nii is in another space; "
        "resample labels to their images (space-orig), or list both in a CSV");
}

static void other_contrasts_are_not_guessed(void **state)
{
    struct dataset d;
    (void)state;
    put_image("set/sub-0/anat/sub-0_FLAIR.nii", 1, 2, 3, 4);
    put_labels("set/derivatives/x/sub-0/anat/sub-0_space-T1w_dseg.nii", 2, 3, 4, 0,
        1); /* on a grid that is not this one's */
    put_image("set/sub-1/anat/sub-1_FLAIR.nii", 1, 2, 3, 4);
    put_labels("set/derivatives/x/sub-1/anat/sub-1_dseg.nii", 2, 3, 4, 0, 1);
    OK(dataset_open("set", &d, NULL, &e)); /* the only one */
    assert_int_equal(d.count, 1);
    assert_string_equal(d.cases[0].image[0], "set/sub-1/anat/sub-1_FLAIR.nii");
    assert_false(d.has_groups);
    dataset_free(&d);
    put_image("set/sub-1/anat/sub-1_T2w.nii", 1, 2, 3, 4);
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set has images that end in _FLAIR and _T2w, but none in _T1w; list the images to use in a "
        "CSV");
}

/* ---- CSV */

static void put_listed(void)
{
    put_image("set/scans/p1/a.nii", 1, 2, 3, 4);
    put_image("set/scans/p1/b.nii", 1, 2, 3, 4);
    put_image("set/scans/p2/c, d.nii", 2, 2, 3, 4);
    put_labels("set/m.nii", 2, 3, 4, 0, 1);
}

static void a_csv_lists_cases(void **state)
{
    struct dataset d;
    (void)state;
    put_listed();
    put_text("set/list.csv",
        "\xef\xbb\xbfNote,Label,image,GROUP,fold\r\n"
        "x,m.nii,scans/p1/a.nii;./scans/p1/b.nii,7,1\r\n\r\n"
        "\"say \"\"y\"\"\", m.nii ,\"scans/p2/c, d.nii\",,test\n");
    OK(dataset_open("set/list.csv", &d, NULL, &e));
    assert_string_equal(d.layout, "CSV");
    assert_string_equal(d.root, "set");
    assert_string_equal(d.path, "set/list.csv");
    assert_int_equal(d.count, 2);
    assert_string_equal(d.cases[0].id, "a");
    assert_int_equal(d.cases[0].nimages, 2);
    assert_string_equal(d.cases[0].image[1], "set/scans/p1/b.nii");
    assert_string_equal(d.cases[0].group, "7");
    assert_int_equal(d.cases[0].fold, 1);
    assert_string_equal(d.cases[1].id, "c, d");
    assert_null(d.cases[1].group);
    assert_int_equal(d.cases[1].fold, FOLD_OUT);
    assert_true(d.has_groups && d.has_folds);
    assert_int_equal(d.channels, 2);
    dataset_free(&d);
    put_text(
        "set/dataset.csv", "image_1,case,image_0,label\nscans/p1/b.nii,one,scans/p1/a.nii,m.nii\n");
    OK(dataset_open("set", &d, NULL, &e));
    assert_string_equal(d.cases[0].id, "one");
    assert_string_equal(d.cases[0].image[0], "set/scans/p1/a.nii");
    assert_false(d.has_groups || d.has_folds);
    dataset_free(&d);
    put_text("set/dataset.csv",
        "image,label,group\nscans/p1/a.nii,m.nii,\nscans/p1/b.nii,m.nii,\n"); /* a column that says
                                                                                 nothing */
    OK(dataset_open("set", &d, NULL, &e));
    assert_false(d.has_groups);
    dataset_free(&d);
}

static void masks_of_a_csv_are_joined(void **state)
{
    struct dataset d;
    struct heard h;
    struct sample s;
    (void)state;
    put_listed();
    put_labels("set/n.nii", 2, 3, 4, 0, 0, 0, 1);
    put_text("set/list.csv", "image,label\nscans/p1/a.nii,m.nii;n.nii\nscans/p1/b.nii,m.nii\n");
    hear(&h);
    OK(dataset_open("set/list.csv", &d, &h.host, &e));
    assert_non_null(
        strstr(h.text, "1 of 2 images has several masks; attunet reads those of an image as one"));
    OK(dataset_load(&d, 0, &s, &e));
    assert_true(s.classes[1] == 1 && s.classes[2] == 0 && s.classes[3] == 1);
    sample_free(&s);
    dataset_free(&d);
}

/* A name may hold the mark between names, or the end of a line. */
static void names_of_a_csv_hold_marks(void **state)
{
    struct dataset d;
    (void)state;
    put_image("set/a;b.nii", 1, 2, 3, 4);
    put_image("set/c\nd.nii", 1, 2, 3, 4);
    put_labels("set/m;n.nii", 2, 3, 4, 1, 1);
    put_text("set/list.csv",
        "case,image,label\none,a;b.nii;a;b.nii,m;n.nii\ntwo,\"a;b.nii;c\nd.nii\",m;n.nii\n");
    OK(dataset_open("set/list.csv", &d, NULL, &e));
    assert_int_equal(d.count, 2);
    assert_string_equal(d.cases[0].image[0], "set/a;b.nii");
    assert_string_equal(d.cases[0].image[1], "set/a;b.nii");
    assert_string_equal(d.cases[1].image[1], "set/c\nd.nii");
    assert_string_equal(d.cases[1].label, "set/m;n.nii");
    dataset_free(&d);
}

static void wrong_lists_of_cases_are_refused(void **state)
{
    static const struct {
        const char *text, *words;
    } list[] = {
        {"", "set/list.csv is empty; begin with a line such as image,label,group"},
        {"picture,label\n", "set/list.csv, line 1: there is no column \"image\""},
        {"case;image;label\n",
            "line 1: semicolons separate the columns; save the list with commas between them"},
        {"image\tlabel\n", "line 1: tabs separate the columns"},
        {"image\n", "line 1: there is no column \"label\""},
        {"image,image_0,label\n", "line 1: there are two columns image_0"},
        {"image_0,image_2,label\n", "line 1: there is a column image_2 but no image_1"},
        {"image,image_16,label\n",
            "line 1: column image_16 is one too many: an image has at most 16 channels; remove "
            "some"},
        {"image,\"label\n", "line 1: a quote is not closed"},
        {"image,label\nm.nii,\"m.nii\n", "line 2: a quote is not closed"},
        {"image,label\nm.nii\n", "line 2: it has 1 field, but the first line has 2"},
        {"image,label\nm.nii,m.nii,7\n", "line 2: it has 3 fields, but the first line has 2"},
        {"image,label\n,m.nii\n", "line 2: the name of a file is empty"},
        {"image,label\n../list.csv,m.nii\n",
            "line 2: ../list.csv is outside the folder of this file; give paths below it"},
        {"image,label\nscans/../../m.nii,m.nii\n",
            "line 2: scans/../../m.nii is outside the folder of this file; give paths below it"},
        {"image,label\n/etc/passwd,m.nii\n",
            "line 2: /etc/passwd is an absolute path; write it relative to the folder of this "
            "file"},
        {"image,label\nm.nii,nothing.nii\n", "line 2: set/nothing.nii does not exist"},
        {"image,label\nscans\\p1\\a.nii,m.nii\n", "does not exist; write / in place of \\ between"},
        {"image,label\nm\xf6.nii,m.nii\n", "does not exist; the list is not UTF-8; save it so"},
        {"image,label\n,\n,m.nii\n", "line 3: the name of a file is empty"}, /* of a spreadsheet */
        {"image,label\nm.nii,m.nii;nothing.nii\n", "line 2: set/nothing.nii does not exist"},
        {"image,label\nm.nii,m.nii;\n", "line 2: the name of a file is empty"},
        {"image,label\nm.nii,m.nii;scans/p1/a.nii\n",
            "line 2: set/scans/p1/a.nii is not in the folder of the mask before it; put all masks "
            "of an image into one folder"},
        {"image,label,fold\nm.nii,m.nii,-1\n", "line 2: the fold is \"-1\"; give a number from 0"},
        {"image,label,case\nm.nii,m.nii,a/b\n",
            "line 2: \"a/b\" cannot be the name of a case, because result files get it; choose "
            "another name"},
        {"image,label\nm.nii,m.nii\nm.nii,m.nii\n", "m.nii is listed twice; list it once"},
        {"image,label\n", "set has no image"},
    };
    struct dataset d;
    (void)state;
    put_listed();
    for (int k = 0; k < COUNT(list); k++) {
        put_text("set/list.csv", list[k].text);
        REFUSED(dataset_open("set/list.csv", &d, NULL, &e), ATT_DATA, list[k].words);
    }
    char wide[1024] = "image,label";
    for (size_t i = 0; i < 80; i++) strcat(wide, ",note");
    put_text("set/list.csv", wide);
    REFUSED(dataset_open("set/list.csv", &d, NULL, &e), ATT_DATA,
        "set/list.csv, line 1: there are more than 64 columns; remove some");
}

/* ---- dataset.json */

#define MSD                                                                                        \
    "{\"modality\": {\"0\": \"MRI\"}, \"labels\": {\"0\": \"background\", \"1\": \"x\"}, "         \
    "\"overwrite_image_reader_writer\": "                                                          \
    "\"NibabelIO\","                                                                               \
    " \"training\": [{\"image\": \"./imagesTr/._a.nii.gz\", \"label\": \"l\"}, {\"image\": "       \
    "\"./imagesTr/a.nii.gz\", \"label\": \"%s\"}]}"

static void lists_do_not_lead_out(void **state)
{
    struct dataset d;
    struct heard h;
    char json[512];
    (void)state;
    put_image("set/imagesTr/a.nii.gz", 1, 2, 3, 4);
    put_labels("set/labelsTr/a.nii.gz", 2, 3, 4, 0, 1);
    snprintf(json, sizeof json, MSD, "./labelsTr/a.nii.gz");
    put_text("set/dataset.json", json);
    hear(&h);
    OK(dataset_open("set", &d, &h.host, &e));
    assert_string_equal(d.layout, "Medical Segmentation Decathlon");
    assert_int_equal(d.count, 1);
    assert_non_null(strstr(h.text,
        "1 set/dataset.json: attunet ignores \"overwrite_image_reader_writer\"; it reads images by "
        "content"));
    dataset_free(&d);
    snprintf(json, sizeof json, MSD, "labelsTr/../../set/labelsTr/a.nii.gz");
    put_text("set/dataset.json", json);
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "for case a, which is outside the folder of the data set; move the file inside");
}

/* ---- gathering */

static void all_problems_are_gathered(void **state)
{
    struct dataset d;
    struct problems p = {.count = 0};
    (void)state;
    put_image("set/images/a.png", 1, 1, 3, 3);
    put_labels("set/labels/a.png", 1, 3, 3, 0, 1);
    put_image("set/images/b.png", 1, 1, 3, 3);
    put_labels("set/labels/c.png", 1, 3, 3, 0, 1);
    put_image("set/images/d.png", 1, 1, 3, 3);
    put_labels("set/labels/d.png", 1, 3, 4, 0, 1);
    put_text("set/images/e.xcf", "x");
    put_text("set/images/f.png", "x");
    put_text("set/images/g.png.tmp-7-0123456789ab-1", "x"); /* left by one that was killed */
    put_labels("set/labels/f.png", 1, 3, 4, 0, 1);
    OK(dataset_open_patterns("set", NULL, &d, &p, NULL, &e));
    assert_int_equal(d.count, 3);
    assert_false(d.cases[0].bad);
    assert_true(d.cases[1].bad && d.cases[2].bad);
    static const enum problem_kind kinds[] = {
        PROBLEM_UNREADABLE, PROBLEM_PARTNER, PROBLEM_UNLABELLED, PROBLEM_SIZE, PROBLEM_UNREADABLE};
    assert_int_equal(p.count, COUNT(kinds));
    assert_int_equal(p.errors, COUNT(kinds) - 1);
    for (int i = 0; i < p.count; i++) assert_int_equal(p.list[i].kind, kinds[i]);
    assert_int_equal(p.list[3].index, 1);
    assert_string_equal(p.list[1].file, "set/labels/c.png");
    assert_string_equal(p.list[3].file, "set/labels/d.png");
    assert_string_equal(p.list[2].text,
        "set: 1 of 4 images has no label, and attunet leaves it out: set/images/b.png; add its "
        "label, such as set/labels/b.png, or give `unlabelled` stop to refuse such sets");
    dataset_free(&d);
    problems_free(&p);
}

/* The rest of such a case is as good as any other's. */
static void names_that_json_cannot_hold_are_gathered(void **state)
{
    struct dataset d;
    struct problems p = {.count = 0};
    (void)state;
    put_image("set/images/a.png", 1, 1, 3, 3);
    put_labels("set/labels/a.png", 1, 3, 3, 0, 1);
    put_image("set/images/m\377.png", 1, 1, 3, 3);
    put_labels("set/labels/m\377.png", 1, 3, 3, 0, 1);
    OK(dataset_open_patterns("set", NULL, &d, &p, NULL, &e));
    assert_true(p.count == 1 && p.errors == 1);
    assert_int_equal(p.list[0].kind, PROBLEM_NAME);
    assert_int_equal(p.list[0].index, 1);
    assert_string_equal(
        p.list[0].text, "the name of case m\377 is not UTF-8; give its files another name");
    assert_false(d.cases[1].bad);
    dataset_free(&d);
    problems_free(&p);
    OK(dataset_open("set", &d, NULL, &e));
    dataset_free(&d);
}

/* Without a plain mask, two masks may be objects, classes or readers. */
static void numbered_masks_alone_are_not_joined(void **state)
{
    struct dataset d;
    (void)state;
    for (int i = 0; i < 8; i++)
        for (int k = 0; k < 3; k++) {
            char path[64];
            snprintf(path, sizeof path, k ? "set/a%d_mask_%d.png" : "set/a%d.png", i, k);
            if (k)
                put_labels(path, 1, 9, 9, k == 1, k == 2);
            else
                put_photo(path, 9, 9);
        }
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "give `images` '{id}.png' `labels` '{id}_mask_1.png;{id}_mask_2.png', or `images` "
        "'{id}.png' `labels` '{id}_mask_#.png', or");
}

/* Images from 0 and masks from 1: pairs of equal numbers would all be wrong. */
static void first_and_last_left_over_are_asked(void **state)
{
    struct dataset d;
    const struct dataset_patterns p = {.images = "frames/f_{id}.png", .labels = "segs/s_{id}.png"};
    (void)state;
    for (int i = 0; i < 8; i++) {
        char path[64];
        snprintf(path, sizeof path, "set/frames/f_%03d.png", i);
        put_photo(path, 8, 9);
        snprintf(path, sizeof path, "set/segs/s_%03d.png", i + 1);
        put_labels(path, 1, 8, 9, 255, 0);
    }
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "frames/f_000.png has no label and segs/s_008.png has no image");
    OK(dataset_open_patterns("set", &p, &d, NULL, NULL, &e)); /* who says so gets them */
    assert_int_equal(d.count, 7);
    dataset_free(&d);
    unlink("set/segs/s_008.png"); /* a label is missing */
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.count, 7);
    dataset_free(&d);
}

/* A list beside folders that pair by their names may pair otherwise. */
static void a_list_that_is_not_read_is_named(void **state)
{
    struct dataset d;
    struct heard h;
    (void)state;
    put_named("images", "labels", (const char *const[]){"0", "1", "2"}, 3);
    put_text("set/Dataset.CSV", "a,b\nimages/0.png,labels/1.png\nimages\\1.png;labels\\0.png\n");
    put_text("set/patients.csv", "image,age\n0.png,12\n1.png,13\n");
    hear(&h);
    OK(dataset_open("set", &d, &h.host, &e));
    assert_int_equal(d.count, 3);
    assert_null(strstr(h.text, "patients.csv"));
    assert_non_null(strstr(h.text, "set/Dataset.CSV lists files"));
    assert_non_null(strstr(h.text, "name its columns image and label, and give it in place"));
    dataset_free(&d);
}

static void labels_of_other_names_are_asked_for(void **state)
{
    struct dataset d;
    char path[64];
    (void)state;
    for (int i = 0; i < 6; i++) {
        snprintf(path, sizeof path, "set/images/%d.png", i);
        put_photo(path, 8, 9);
        snprintf(path, sizeof path, "set/masks/%d.png", i);
        put_labels(path, 1, 8, 9, 1, 0);
        snprintf(path, sizeof path, "set/gt/%.4s.png", &"vokzambier"[i]);
        put_labels(path, 1, 8, 9, 1, 0);
    }
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "but about 6 other labels, such as gt/ambi.png, pair with no image; to leave them out, "
        "give `images` 'images/{id}.png' `labels` 'masks/{id}.png'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_list_that_is_not_read_is_named, clear_set),
        cmocka_unit_test_setup(first_and_last_left_over_are_asked, clear_set),
        cmocka_unit_test_setup(masks_of_one_image_are_joined, clear_set),
        cmocka_unit_test_setup(masks_of_other_places_are_not_joined, clear_set),
        cmocka_unit_test_setup(samples_of_headers_lie_beside_them, clear_set),
        cmocka_unit_test_setup(masks_that_contradict_each_other_are_refused, clear_set),
        cmocka_unit_test_setup(a_name_with_a_plus_is_one_file, clear_set),
        cmocka_unit_test_setup(masks_may_lie_beside_images, clear_set),
        cmocka_unit_test_setup(the_names_of_nnunet_can_be_plain, clear_set),
        cmocka_unit_test_setup(subjects_are_groups, clear_set),
        cmocka_unit_test_setup(what_a_name_says_is_believed, clear_set),
        cmocka_unit_test_setup(labels_that_do_not_count, clear_set),
        cmocka_unit_test_setup(other_contrasts_are_not_guessed, clear_set),
        cmocka_unit_test_setup(a_csv_lists_cases, clear_set),
        cmocka_unit_test_setup(wrong_lists_of_cases_are_refused, clear_set),
        cmocka_unit_test_setup(masks_of_a_csv_are_joined, clear_set),
        cmocka_unit_test_setup(names_of_a_csv_hold_marks, clear_set),
        cmocka_unit_test_setup(lists_do_not_lead_out, clear_set),
        cmocka_unit_test_setup(all_problems_are_gathered, clear_set),
        cmocka_unit_test_setup(names_that_json_cannot_hold_are_gathered, clear_set),
        cmocka_unit_test_setup(numbered_masks_alone_are_not_joined, clear_set),
        cmocka_unit_test_setup(labels_of_other_names_are_asked_for, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

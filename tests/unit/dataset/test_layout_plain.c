/* SPDX-License-Identifier: Apache-2.0 */
/* images/ and labels/: pairs by name, and label values found by reading. */
#include "dataset/layout_found.h"
#include "format/joined.h"
#include "unit/dataset/dataset_test.h"

static void pairs_are_found_and_sorted(void **state)
{
    struct dataset d;
    struct heard h;
    (void)state;
    put_image("set/images/a.png", 1, 1, 4, 6);
    put_image("set/images/a-1.png", 1, 1, 5, 7);
    put_image("set/images/b.x.nii.gz", 1, 1, 4, 6);
    put_labels("set/labels/a.png", 1, 4, 6, 0, 255);
    put_labels("set/labels/a-1.nii", 1, 5, 7, 255, 255);
    put_labels("set/labels/b.x.nii.gz", 1, 4, 6, 0);
    put_text("set/images/.hidden", "");
    put_text("set/images/notes.txt", "");
    put_text("set/images/b.x.json", "{}");
    put_text("set/train.txt", "a\n");
    hear(&h);
    OK(dataset_open("set", &d, &h.host, &e));
    assert_string_equal(d.root, "set");
    assert_string_equal(d.layout, "images and labels");
    assert_int_equal(d.count, 3);
    assert_string_equal(d.cases[0].id, "a"); /* "a.png" sorts behind "a-1.png", the names do not */
    assert_string_equal(d.cases[1].id, "a-1");
    assert_string_equal(d.cases[2].id, "b.x");
    assert_string_equal(d.cases[1].image[0], "set/images/a-1.png");
    assert_string_equal(d.cases[1].label, "set/labels/a-1.nii");
    assert_int_equal(d.cases[2].nimages, 1);
    assert_int_equal(d.dims, 2);
    assert_int_equal(d.channels, 1);
    assert_string_equal(d.channel_name[0], "image");
    assert_int_equal(d.labels.count, 2);
    assert_true(d.labels.nonzero);
    assert_int_equal(d.labels.value[1], 255);
    assert_int_equal(d.labels.ignore, -1);
    assert_string_equal(d.labels.name[1], "foreground");
    assert_string_equal(h.text, "1 labels have the values 0 and 255: background and one class\n");
    assert_int_equal(h.done, 3);
    assert_int_equal(h.total, 3);
    dataset_free(&d);
}

/* In folders of any names, or in images/ and labels/. */
static void open_words(const char *in, const char *out, const char *const *word, struct heard *h)
{
    struct dataset d;
    for (int i = 0; i < 10; i++) {
        char path[64];
        snprintf(path, sizeof path, "set/%s/%s_%d.png", in, word[i / 2], i);
        put_image(path, 1, 1, 8, 9);
        snprintf(path, sizeof path, "set/%s/%s_%d.png", out, word[i / 2], i);
        put_labels(path, 1, 8, 9, 1, 0);
    }
    hear(h);
    OK(dataset_open("set", &d, &h->host, &e));
    assert_false(d.has_groups);
    dataset_free(&d);
}

/* Letters alone may be a patient, or a class: attunet asks. */
static void words_before_numbers_may_be_groups(void **state)
{
    static const char *const codes[] = {"ALWI", "BEPO", "CAGU", "DOSA", "EVRI"},
                             *const some[] = {"ALWI", "ALWI", "DOSA", "DOSA", "D"};
    struct heard h;
    open_words("photo", "truth", codes, &h);
    assert_non_null(strstr(h.text,
        "set: if \"ALWI\" is one patient, its cases may be in both training and validation, such "
        "as ALWI_0 and ALWI_1; to keep them together, give `images` 'photo/{group}_{id}.png' "
        "`labels` 'truth/{group}_{id}.png'"));
    const struct dataset_patterns p = {
        .images = "photo/{group}_{id}.png", .labels = "truth/{group}_{id}.png"};
    struct dataset d;
    hear(&h);
    OK(dataset_open_patterns("set", &p, &d, NULL, &h.host, &e)); /* as it says */
    assert_string_equal(d.cases[9].group, "EVRI");
    assert_null(strstr(h.text, "patient"));
    dataset_free(&d);
    clear_set(state);
    open_words("images", "labels", codes, &h);
    assert_non_null(strstr(h.text,
        "ALWI_1; to keep them together, give `images` 'images/{group}_{id}' `labels` "
        "'labels/{group}_{id}'\n"));
    put_text("set/groups.csv", "image,group\nALWI_0,ALWI\n");
    open_words("images", "labels", codes, &h);
    assert_null(strstr(h.text, "patient"));
    clear_set(state);
    open_words("images", "labels", some, &h); /* too few for folds */
    assert_non_null(strstr(h.text, "if \"ALWI\" is one patient"));
}

/* "7" and "007" are one case, unless another name is that number. If no name is that of its image,
 * pairs are sought in all folders, and files without a partner are left aside. */
static void zeros_before_numbers_may_differ(void **state)
{
    static const struct {
        const char *images, *labels;
        bool paired[2]; /* in two folders, in one */
    } sets[] = {{"1 2 10 11", "01 02 10 11", {true, true}},
        {"01 02 10 11", "1 002 10 11", {true, true}},
        {"p1 p02 p3", "p01_mask p2_mask p3_mask", {true, true}},
        {"1 2 3 4 5", "001 002 003 004 005 006", {true, false}},
        {"1 01 2", "1 001 2", {false, false}}, {"1 2 3", "1 01 2", {false, false}},
        {"1 2 x", "01 2 y", {false, false}}};
    char text[64], path[64];
    struct dataset d;
    for (size_t k = 0; k < COUNT(sets); k++)
        for (int beside = 0; beside < 2; beside++) {
            clear_set(state);
            for (int label = 0; label < 2; label++) {
                snprintf(text, sizeof text, "%s", label ? sets[k].labels : sets[k].images);
                for (char *word = strtok(text, " "); word; word = strtok(NULL, " ")) {
                    const bool named = strstr(word, "_mask") != NULL || !label || !beside;
                    snprintf(path, sizeof path, "set/%s%s%s.png",
                        beside      ? ""
                            : label ? "masks/"
                                    : "images/",
                        word, named ? "" : "_mask");
                    if (label)
                        put_labels(path, 1, 4, 6, 0, 255);
                    else
                        put_image(path, 1, 1, 4, 6);
                }
            }
            struct err why = {0};
            const att_status status = dataset_open("set", &d, NULL, &why);
            if ((status == ATT_OK) != sets[k].paired[beside])
                fail_msg("%s: %s", sets[k].labels, why.text);
            for (int i = 0; status == ATT_OK && i < d.count; i++)
                assert_int_equal(
                    strtol(file_base(d.cases[i].image[0]) + (*sets[k].images == 'p'), NULL, 10),
                    strtol(file_base(d.cases[i].label) + (*sets[k].images == 'p'), NULL, 10));
            if (status == ATT_OK) dataset_free(&d);
        }
}

/* As above, with several masks of an image; those of two names cannot be of one. */
static void several_masks_may_have_other_zeros(void **state)
{
    static const char *const names[] = {"001_mask", "001_mask_1", "2_mask", "1_mask"};
    struct dataset d;
    struct err why = {0};
    char path[64];
    (void)state;
    put_image("set/01.png", 1, 1, 4, 6);
    put_image("set/2.png", 1, 1, 4, 6);
    for (size_t i = 0; i < COUNT(names); i++) {
        snprintf(path, sizeof path, "set/%s.png", names[i]);
        put_labels(path, 1, 4, 6, 0, 255);
        if (i < 2) continue;
        const att_status status = dataset_open("set", &d, NULL, &why);
        assert_int_equal(status, i == 2 ? ATT_OK : ATT_DATA);
        if (status != ATT_OK) continue;
        assert_int_equal(joined_count(d.cases[0].label), 2);
        assert_string_equal(d.cases[1].label, "set/2_mask.png");
        dataset_free(&d);
    }
    assert_non_null(strstr(why.text, " has no image; put "));
}

/* Other pairs nearby, even more of them, belong to nobody's set of images and labels. */
static void pairs_next_to_the_standard_folders_are_left(void **state)
{
    struct dataset d;
    (void)state;
    put_image("set/images/a.png", 1, 1, 4, 6);
    put_labels("set/labels/a.png", 1, 4, 6, 0, 1);
    for (int i = 0; i < 3; i++) {
        char path[64];
        snprintf(path, sizeof path, "set/unseen/images/b%d.png", i);
        put_image(path, 1, 1, 4, 6);
        snprintf(path, sizeof path, "set/unseen/labels/b%d.png", i);
        put_labels(path, 1, 4, 6, 0, 1);
    }
    OK(dataset_open("set", &d, NULL, &e));
    assert_string_equal(d.layout, "images and labels");
    assert_int_equal(d.count, 1);
    assert_string_equal(d.cases[0].image[0], "set/images/a.png");
    assert_string_equal(d.cases[0].label, "set/labels/a.png");
    dataset_free(&d);
}

static void listing_looks_at_no_file(void **state)
{
    struct dataset d;
    (void)state;
    put_text("set/images/b.png", "no picture");
    put_text("set/images/a.png", "nor this");
    put_text("set/labels/a.png", "nor its mask");
    put_text("set/labels/b.png", "");
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA, ".png");
    OK(dataset_list("set", NULL, &d, &e));
    assert_int_equal(d.count, 2);
    assert_string_equal(d.cases[0].image[0], "set/images/a.png");
    assert_string_equal(d.cases[1].label, "set/labels/b.png");
    dataset_free(&d);
}

static void label_names_may_have_a_suffix(void **state)
{
    struct dataset d;
    (void)state;
    static const char *const names[] = {"p", "p_mask", "q", "r", "s", "t"};
    static const char *const labels[] = {
        "p_seg", "p_mask", "q_mask", "r_label", "s", "t-segmentation"};
    for (int i = 0; i < COUNT(names); i++) {
        char path[64];
        snprintf(path, sizeof path, "set/images/%s.png", names[i]);
        put_image(path, 1, 1, 3, 3);
        snprintf(path, sizeof path, "set/masks/%s.png", labels[i]);
        put_labels(path, 1, 3, 3, 0, 1);
    }
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.count, COUNT(names));
    for (int i = 0; i < COUNT(names); i++) {
        assert_string_equal(d.cases[i].id, names[i]);
        assert_memory_equal(file_base(d.cases[i].label), labels[i], strlen(labels[i]));
    }
    dataset_free(&d);
}

/* As 3D Slicer saves segmentations: a labelmap, or layers of segments that overlap, which are no
 * labels. */
static void segmentations_of_slicer(void **state)
{
    struct dataset d;
    (void)state;
    put_image("set/images/a.nrrd", 1, 2, 3, 4);
    put_labels("set/labels/a.seg.nrrd", 2, 3, 4, 0, 1);
    OK(dataset_open("set", &d, NULL, &e));
    assert_string_equal(d.cases[0].label, "set/labels/a.seg.nrrd");
    dataset_free(&d);
    put_image("set/labels/a.seg.nrrd", 2, 2, 3, 4);
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set/labels/a.seg.nrrd: it has 2 channels, but labels have one; save overlapping "
        "segments as one labelmap, and times as one file each");
}

/* Without it, the ignored value would be a class. Keys of other programs are no fault. */
static void a_misspelt_key_is_refused(void **state)
{
    struct dataset d;
    (void)state;
    put_image("set/images/a.nii", 1, 2, 3, 4);
    put_labels("set/labels/a.nii", 2, 3, 4, 0, 1);
    put_text("set/dataset.json", "{\"lables\": {\"background\": 0, \"x\": 1, \"ignore\": 2}}");
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set/dataset.json has \"lables\" but no \"labels\"; rename the key");
    put_text("set/dataset.json",
        "{\"labels\": {\"background\": 0, \"x\": 1}, \"label\": {}, \"relase\": \"1.0\", "
        "\"lables\": 1, "
        "\"numTest\": 0, \"modality\": {\"0\": \"CT\"}, \"channelnames\": {}}");
    OK(dataset_open("set", &d, NULL, &e));
    assert_string_equal(d.labels.name[1], "x");
    dataset_free(&d);
}

/* Channels of nnU-Net's names; without such labels a number is no channel. */
static void channels_have_files_of_their_own(void **state)
{
    struct dataset d;
    (void)state;
    put_image("set/images/a_0000.nii", 1, 2, 3, 4);
    put_labels("set/labels/a.nii", 2, 3, 4, 0, 1);
    put_image("set/images/a_0001.nii", 1, 2, 3, 4);
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.count, 1);
    assert_int_equal(d.channels, 2);
    assert_string_equal(d.cases[0].label, "set/labels/a.nii");
    dataset_free(&d);
    file_remove("set/labels/a.nii");
    put_labels("set/labels/a_0000.nii", 2, 3, 4, 0, 1);
    put_labels("set/labels/a_0001.nii", 2, 3, 4, 0, 1);
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.count, 2);
    dataset_free(&d);
}

static void values_become_classes(void **state)
{
    struct dataset d;
    struct heard h;
    (void)state;
    for (int i = 0; i < 2; i++)
        put_image(i ? "set/images/b.nii.gz" : "set/images/a.nii.gz", 2, 3, 4, 5);
    put_labels("set/labels/a.nii.gz", 3, 4, 5, 0, 300, 7);
    put_image("set/labels/b.nii.gz", 1, 3, 4, 5); /* float, values 0..59 */
    hear(&h);
    OK(dataset_open("set", &d, &h.host, &e));
    assert_int_equal(d.dims, 3);
    assert_int_equal(d.channels, 2);
    assert_string_equal(d.channel_name[1], "channel 1");
    assert_int_equal(d.labels.count, 61);
    assert_false(d.labels.nonzero);
    assert_string_equal(d.labels.name[7], "label 7");
    assert_int_equal(d.labels.value[60], 300);
    assert_string_equal(d.labels.name[60], "label 300");
    assert_non_null(strstr(h.text, "1 labels have the values 0, 1, 2, "));
    assert_non_null(strstr(h.text, ", 14, 15 and 45 more: background and 60 classes"));
    dataset_free(&d);
}

/* The label of one more case of the set; the question that the set is opened with then, or "". */
static const char *doubt_with(const char *name, const struct labelmap *m)
{
    static char text[1024];
    struct dataset d;
    char path[64];
    snprintf(path, sizeof path, "set/images/%s.png", name);
    put_image(path, 1, 1, m->size[1], m->size[2]);
    snprintf(path, sizeof path, "set/labels/%s.png", name);
    make_parent(path);
    OK(format_save_labels(path, m, &e));
    OK(dataset_open("set", &d, NULL, &e));
    snprintf(text, sizeof text, "%s", d.doubt ? d.doubt : "");
    dataset_free(&d);
    return text;
}

static struct labelmap two_rows(uint16_t *data)
{
    return (struct labelmap){.size = {1, 2, 4}, .data = data};
}

/* 1 and 255 are one class where no mask has both; what else looks like a damaged mask is warned of,
 * and classes in grey are not. */
static void damaged_masks_are_warned_of(void **state)
{
    struct dataset d;
    (void)state;
    struct labelmap ones = two_rows((uint16_t[8]){0, 1, 1}),
                    white = two_rows((uint16_t[8]){0, 255}), grey = two_rows((uint16_t[8]){128}),
                    jpeg = two_rows((uint16_t[8]){1, 254, 255}),
                    classes = two_rows((uint16_t[8]){85, 170, 255}),
                    ignored = two_rows((uint16_t[8]){0, 1, 2, 255});
    assert_string_equal(doubt_with("a", &ones), "");
    assert_non_null(strstr(doubt_with("b", &white),
        "some labels of set have values 0 and 1, others 0 and 255; if these are classes, give "
        "`mask-values` classes, or name them in a dataset.json; if 1 and 255 are one class, give "
        "`mask-values` one, or info `fix`, which writes all as 0 and 1"));
    OK(dataset_open("set", &d, NULL, &e));
    assert_true(d.two_ways && d.labels.nonzero);
    assert_int_equal(d.labels.count, 2);
    dataset_free(&d);
    assert_non_null(strstr(doubt_with("c", &ignored),
        "the labels of set have 1 next to 255; if these are classes, give `mask-values` classes, "
        "or name them in a dataset.json; if they are masks of one class that were smoothed, or "
        "saved as JPEG, give `mask-values` one, or save them as 0 and 1; if 255 means ignore, say "
        "so there"));
    put_text("set/dataset.json",
        "{\"labels\": {\"background\": 0, \"x\": 1, \"y\": 2, \"ignore\": 255}}");
    assert_string_equal(doubt_with("c", &ignored), "");
    clear_set(NULL);
    assert_non_null(strstr(doubt_with("a", &jpeg), "the labels of set have 1 and 254 next to 255"));
    clear_set(NULL);
    assert_string_equal(doubt_with("a", &grey), "");
    assert_non_null(strstr(
        doubt_with("b", &white), "the labels of set have 255 and others, but no image with two"));
    clear_set(NULL);
    assert_string_equal(doubt_with("a", &classes), "");
}

static void smoothed_edges_are_warned_of(void **state)
{
    enum { SIDE = 24 };
    uint16_t data[SIDE * SIDE];
    struct labelmap m = {.size = {1, SIDE, SIDE}, .data = data};
    (void)state;
    for (int i = 0; i < SIDE * SIDE; i++) {
        const int w = i % SIDE;
        data[i] = (uint16_t)(w < 10 ? 0 : w == 10 ? 64 : w == 11 ? 128 : 192);
    }
    assert_non_null(
        strstr(doubt_with("a", &m), "the labels of set have values below 192 only along edges"));
    for (int i = 0; i < SIDE * SIDE; i++)
        data[i] = (uint16_t)(i % SIDE / 6 * 64); /* classes in grey */
    assert_string_equal(doubt_with("a", &m), "");
}

static void colours_are_channels(void **state)
{
    static const unsigned char rgb[3 * 3 * 2] = {1, 2, 3};
    struct dataset d;
    (void)state;
    make_parent("set/images/a.png");
    OK(png_write_rgb("set/images/a.png", 3, 2, rgb, &e));
    put_labels("set/labels/a.png", 1, 2, 3, 1);
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.channels, 3);
    assert_string_equal(d.channel_name[2], "blue");
    dataset_free(&d);
    put_image("set/images/b.nii", 2, 1, 2, 3);
    put_labels("set/labels/b.nii", 1, 2, 3, 1);
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set/images/b.nii has 2 channels, but set/images/a.png has 3; give all images the same "
        "channels");
    struct heard h;
    hear(&h);
    put_text("set/images/0.png", "no image"); /* the number is that of the first that can be read */
    put_labels("set/labels/0.png", 1, 2, 3, 1);
    REFUSED(dataset_open("set", &d, &h.host, &e), ATT_DATA,
        "2 of 3 cases of set cannot be used; the first: set/images/0.png");
    assert_non_null(strstr(h.text, "set/images/b.nii has 2 channels, but set/images/a.png has 3"));
}

/* Whichever comes first. */
static void grey_pictures_may_lie_among_coloured_ones(void **state)
{
    static const unsigned char rgb[3 * 3 * 2] = {1, 2, 3};
    static const char *const grey[] = {"set/images/a.png", "set/images/c.png"};
    struct dataset d;
    struct sample s;
    struct heard h;
    (void)state;
    make_parent("set/images/b.png");
    OK(png_write_rgb("set/images/b.png", 3, 2, rgb, &e));
    put_labels("set/labels/a.png", 1, 2, 3, 1);
    put_labels("set/labels/b.png", 1, 2, 3, 1);
    put_labels("set/labels/c.png", 1, 2, 3, 1);
    for (int i = 0; i < 2; i++) put_image(grey[i], 1, 1, 2, 3);
    hear(&h);
    OK(dataset_open("set", &d, &h.host, &e));
    assert_non_null(strstr(h.text,
        "2 images such as set/images/a.png are grey, unlike the others; attunet reads red, green "
        "and blue from it"));
    assert_int_equal(d.channels, 3);
    assert_string_equal(d.channel_name[0], "red");
    OK(dataset_load(&d, 1, &s, &e));
    assert_true(s.image.channels == 3 && s.image.data[0] == 1 && s.image.data[6] == 2);
    sample_free(&s);
    for (int i = 0; i < 3; i += 2) {
        OK(dataset_load(&d, i, &s, &e));
        assert_int_equal(s.image.channels, 3);
        assert_true(s.image.data[1] == s.image.data[6 + 1]);
        assert_memory_equal(s.image.data, s.image.data + 2 * 6, 6 * sizeof *s.image.data);
        assert_true(d.cases[i].samples == 3 * 2 * 3);
        sample_free(&s);
    }
    dataset_free(&d);
    put_text("set/dataset.json", "{\"channel_names\": {\"0\": \"X-ray\"}}");
    OK(dataset_open("set", &d, NULL, &e)); /* names of channels that are not there */
    assert_int_equal(d.channels, 3);
    dataset_free(&d);
}

static void links_are_not_emptied(void **state)
{
    struct dataset d;
    (void)state;
    put_image("set/images/a.png", 1, 1, 3, 3);
    put_labels("set/labels/a.png", 1, 3, 3, 0, 1);
    assert_int_equal(symlink("..", "set/images/up"), 0);
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set/images/up is a folder where images are expected; remove this link");
}

static void partners_must_be_there(void **state)
{
    struct dataset d;
    (void)state;
    put_image("set/images/a.png", 1, 1, 3, 3);
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set has images but no folder labels or masks; put a label of the same name for each image "
        "into set/labels");
    OK(file_make_folders("set/Masks", &e));
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "into set/labels, or, if they are in Masks, rename that folder to labels");
    put_image("set/images/b.png", 1, 1, 3, 3);
    put_image("set/images/c.nii.gz", 1, 1, 3, 3);
    put_labels("set/labels/b.png", 1, 3, 3, 0, 1);
    const struct dataset_patterns strict = {.strict = true};
    struct heard h;
    REFUSED(dataset_open_patterns("set", &strict, &d, NULL, NULL, &e), ATT_DATA,
        "set: 2 of 3 images have no label, which `unlabelled` forbids: set/images/a.png, "
        "set/images/c.nii.gz; add their labels, such as set/labels/a.png, or leave out that "
        "setting; to list all problems: attunet info set");
    put_labels("set/labels/a.png", 1, 3, 3, 0, 1);
    hear(&h);
    OK(dataset_open("set", &d, &h.host, &e));
    assert_int_equal(d.count, 2);
    assert_non_null(strstr(h.text,
        "set: 1 of 3 images has no label, and attunet leaves it out: set/images/c.nii.gz; add its "
        "label, such as set/labels/c.png, or give `unlabelled` stop to refuse such sets"));
    dataset_free(&d);
    put_labels("set/labels/c.png", 1, 3, 3, 0, 1);
    put_labels("set/labels/cc_mask.png", 1, 3, 3, 0, 1);
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "label set/labels/cc_mask.png has no image; put an image of that name next to "
        "set/images/a.png, or remove the label");
}

static void names_of_another_kind_are_said_once(void **state)
{
    struct dataset d;
    (void)state;
    for (int i = 0; i < 2; i++)
        put_image(i ? "set/images/img_1.png" : "set/images/img_0.png", 1, 1, 3, 3);
    for (int i = 0; i < 2; i++)
        put_labels(i ? "set/labels/lab_b.png" : "set/labels/lab_a.png", 1, 3, 3, 0, 1);
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "no label in set/labels, such as lab_a.png, has the name of an image; the "
        "label of set/images/img_0.png must be set/labels/img_0.png (or end in _mask, _seg, _label "
        "or _segmentation); rename the labels, or list");
}

static void a_case_has_one_image_and_one_label(void **state)
{
    struct dataset d;
    (void)state;
    put_image("set/images/a.png", 1, 1, 3, 3);
    put_labels("set/labels/a.png", 1, 3, 3, 0, 1);
    put_labels("set/labels/a_mask.png", 1, 3, 3, 0, 1);
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "case a has two labels, set/labels/a.png and set/labels/a_mask.png; keep one");
    put_image("set/images/a.nii", 1, 1, 3, 3);
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "case a has two images, set/images/a.nii and set/images/a.png; keep one");
}

static void foreign_files_are_named(void **state)
{
    struct dataset d;
    (void)state;
    put_image("set/images/a.png", 1, 1, 3, 3);
    put_labels("set/labels/a.png", 1, 3, 3, 0, 1);
    put_text("set/images/report.pdf", "x"); /* these hold no case */
    put_text("set/images/a.XMP", "x");
    put_text("set/labels/a.png.bak", "x");
    put_text("set/labels/classes.xlsx", "x");
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.count, 1);
    dataset_free(&d);
    put_text("set/labels/b.xcf", "x");
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "attunet cannot read the format of set/labels/b.xcf; convert it to ");
    put_text("set/images/more/b.png", "x");
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set/images/more is a folder where images are expected");
}

static void meaning_must_be_found(void **state)
{
    struct dataset d;
    (void)state;
    OK(file_make_folders("set/images", &e));
    OK(file_make_folders("set/labels", &e));
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA, "set has no image; put NIfTI");
    put_image("set/images/a.png", 1, 1, 2, 2);
    put_labels("set/labels/a.png", 1, 2, 2, 0);
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "the labels of set contain only 0; mark the objects to find");
    put_labels("set/labels/a.png", 1, 2, 2, 255, 255, 255, 255); /* as a white mask with alpha */
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "the labels of set contain only 255; mark the objects to find, in greys or colours, as "
        "attunet ignores transparency (alpha)");
    put_labels("set/labels/a.png", 1, 2, 2, 2, 1, 2, 2);
    OK(dataset_open("set", &d, NULL, &e)); /* the most frequent value is the background */
    assert_true(d.labels.count == 2 && d.labels.value[0] == 2 && d.labels.value[1] == 1);
    dataset_free(&d);
    put_text("set/dataset.json", "{\"labels\": {\"background\": 1, \"object\": 2}}");
    OK(dataset_open("set", &d, NULL, &e)); /* or as it is named */
    assert_true(d.labels.count == 2 && d.labels.value[0] == 1 && d.labels.value[1] == 2);
    assert_string_equal(d.labels.name[1], "object");
    dataset_free(&d);
    remove("set/dataset.json");
    put_image("set/images/a.nii", 1, 1, 15, 17);
    struct labelmap many = {.size = {1, 15, 17}, .data = mem_array(255, sizeof *many.data)};
    for (int i = 0; i < 255; i++) many.data[i] = (uint16_t)i;
    OK(format_save_labels("set/labels/a.nii", &many, &e));
    mem_free(many.data);
    OK(remove("set/images/a.png") ? ATT_IO : ATT_OK);
    OK(remove("set/labels/a.png") ? ATT_IO : ATT_OK);
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set/labels/a.nii: up to this file the labels have 255 different values, but a network has "
        "at most 254 classes");
    put_labels("set/labels/a.nii", 1, 5, 13, 0, 1);
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set/labels/a.nii is 5x13 but set/images/a.nii is 15x17; resample");
}

static void both_label_folders_are_spoken_of(void **state)
{
    struct dataset d;
    struct heard h;
    (void)state;
    put_image("set/images/a.png", 1, 1, 3, 3);
    put_labels("set/labels/a.png", 1, 3, 3, 0, 1);
    put_labels("set/masks/a.png", 1, 3, 3, 0, 2);
    hear(&h);
    OK(dataset_open("set", &d, &h.host, &e));
    assert_non_null(strstr(h.text, "2 set has both labels and masks; attunet uses labels"));
    assert_string_equal(d.cases[0].label, "set/labels/a.png");
    dataset_free(&d);
}

static void other_folders_are_left_aside(void **state)
{
    struct dataset d;
    struct heard h;
    char path[64];
    (void)state;
    for (int i = 0; i < 8; i++) {
        snprintf(path, sizeof path, "set/images/a%d.png", i);
        put_photo(path, 8, 9);
        snprintf(path, sizeof path, "set/masks/a%d.png", i);
        put_labels(path, 1, 8, 9, 1, 0);
        snprintf(path, sizeof path, "set/masks_soft/a%d.png", i);
        put_photo(path, 8, 9);
    }
    hear(&h);
    OK(dataset_open("set", &d, &h.host, &e));
    assert_non_null(strstr(h.text,
        "set: attunet reads images and masks, and leaves 1 other folder aside: masks_soft"));
    dataset_free(&d);
    OK(rename("set/masks", "set/hard") ? ATT_IO : ATT_OK);
    OK(rename("set/masks_soft", "set/soft") ? ATT_IO : ATT_OK);
    OK(dataset_open("set", &d, NULL, &e)); /* probabilities are no images */
    assert_string_equal(d.reading->images, "images/{id}.png");
    assert_string_equal(d.reading->labels, "hard/{id}.png");
    assert_string_equal(d.reading->left[0].why, "files named as results, beside images");
    dataset_free(&d);
}

static void opening_can_be_stopped(void **state)
{
    struct dataset d;
    struct heard h;
    (void)state;
    put_image("set/images/a.png", 1, 1, 3, 3);
    put_labels("set/labels/a.png", 1, 3, 3, 0, 1);
    hear(&h);
    atomic_store(&h.host.stop, 1);
    REFUSED(dataset_open("set", &d, &h.host, &e), ATT_INTERRUPTED, "stopped");
    assert_null(d.cases);
}

/* Two images of each patient, whose number stands before the last separator. */
static void names_group_patients(void **state)
{
    struct dataset d;
    (void)state;
    for (int i = 0; i < 12; i++) {
        char path[64];
        for (int label = 0; label < 2; label++) {
            snprintf(path, sizeof path, "set/%s/%d_t%d.png", label ? "labels" : "images", i / 2 + 1,
                i % 2 + 1);
            if (label)
                put_labels(path, 1, 3, 3, 0, 1);
            else
                put_image(path, 1, 1, 3, 3);
        }
    }
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.count, 12);
    assert_true(d.has_groups && d.name_groups);
    assert_string_equal(d.cases[2].id, "2_t1");
    assert_string_equal(d.cases[2].group, "2");
    assert_string_equal(d.cases[3].group, "2");
    dataset_free(&d);
    put_text("set/groups.csv", "image,group\n1_t1,a\n");
    OK(dataset_open("set", &d, NULL, &e));
    assert_false(d.has_groups); /* the file has them */
    dataset_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(pairs_are_found_and_sorted, clear_set),
        cmocka_unit_test_setup(words_before_numbers_may_be_groups, clear_set),
        cmocka_unit_test_setup(zeros_before_numbers_may_differ, clear_set),
        cmocka_unit_test_setup(several_masks_may_have_other_zeros, clear_set),
        cmocka_unit_test_setup(pairs_next_to_the_standard_folders_are_left, clear_set),
        cmocka_unit_test_setup(listing_looks_at_no_file, clear_set),
        cmocka_unit_test_setup(label_names_may_have_a_suffix, clear_set),
        cmocka_unit_test_setup(segmentations_of_slicer, clear_set),
        cmocka_unit_test_setup(a_misspelt_key_is_refused, clear_set),
        cmocka_unit_test_setup(channels_have_files_of_their_own, clear_set),
        cmocka_unit_test_setup(values_become_classes, clear_set),
        cmocka_unit_test_setup(damaged_masks_are_warned_of, clear_set),
        cmocka_unit_test_setup(smoothed_edges_are_warned_of, clear_set),
        cmocka_unit_test_setup(colours_are_channels, clear_set),
        cmocka_unit_test_setup(grey_pictures_may_lie_among_coloured_ones, clear_set),
        cmocka_unit_test_setup(links_are_not_emptied, clear_set),
        cmocka_unit_test_setup(partners_must_be_there, clear_set),
        cmocka_unit_test_setup(names_of_another_kind_are_said_once, clear_set),
        cmocka_unit_test_setup(a_case_has_one_image_and_one_label, clear_set),
        cmocka_unit_test_setup(foreign_files_are_named, clear_set),
        cmocka_unit_test_setup(meaning_must_be_found, clear_set),
        cmocka_unit_test_setup(both_label_folders_are_spoken_of, clear_set),
        cmocka_unit_test_setup(other_folders_are_left_aside, clear_set),
        cmocka_unit_test_setup(opening_can_be_stopped, clear_set),
        cmocka_unit_test_setup(names_group_patients, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

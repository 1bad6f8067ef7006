/* SPDX-License-Identifier: Apache-2.0 */
/* Data sets whose files pair by name, on disk. */
#include <sys/stat.h>

#include "dataset/layout_found.h"
#include "dataset/mask_values.h"
#include "dataset_test.h"
#include "format/joined.h"

static void open_set(struct dataset *d, const char *images, const char *labels)
{
    const struct dataset_patterns p = {.images = images, .labels = labels};
    OK(dataset_open_patterns("set", &p, d, NULL, NULL, &e));
}

/* Three photos, with masks of two classes in folders; the last photo lacks one of them. */
static void put_two_classes(const char *photos, const char *first, const char *second)
{
    for (int i = 0; i < 3; i++) {
        char path[64];
        snprintf(path, sizeof path, "set/%s/a%d.png", photos, i);
        put_photo(path, 8, 9);
        snprintf(path, sizeof path, "set/%s/a%d.png", first, i);
        put_labels(path, 1, 8, 9, 1, 0, 0);
        snprintf(path, sizeof path, "set/%s/a%d.png", second, i);
        if (i < 2) put_labels(path, 1, 8, 9, 0, 255, 0);
    }
}

static void masks_of_folders_are_classes(void **state)
{
    struct dataset d;
    struct sample s;
    (void)state;
    put_two_classes("png", "Mask/leftMask", "Mask/rightMask");
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.count, 3);
    assert_string_equal(d.cases[0].label, "set/Mask/leftMask/a0.png=1 + ../rightMask/a0.png=2");
    assert_string_equal(d.cases[2].label, "set/Mask/leftMask/a2.png=1");
    assert_int_equal(d.labels.count, 3);
    assert_string_equal(d.labels.name[1], "leftMask");
    assert_string_equal(d.labels.name[2], "rightMask");
    OK(dataset_load(&d, 1, &s, &e));
    assert_memory_equal(s.classes, "\1\2\0", 3);
    sample_free(&s);
    dataset_free(&d);
    /* the printed patterns give the same */
    open_set(&d, "png/{id}.png", "Mask/leftMask/{id}.png;Mask/rightMask/{id}.png");
    assert_string_equal(d.cases[0].label, "set/Mask/leftMask/a0.png=1 + ../rightMask/a0.png=2");
    dataset_free(&d);
    open_set(&d, "png/{id}.png", "Mask/{class}Mask/{id}.png");
    assert_string_equal(d.labels.name[2], "right");
    dataset_free(&d);
}

static void a_description_gives_values_to_classes(void **state)
{
    struct dataset d;
    struct sample s;
    (void)state;
    put_two_classes("im", "heart", "lung");
    put_text("set/dataset.json",
        "{\"labels\": {\"background\": 0, \"lung\": 1, \"liver\": 2, \"heart\": 300}}");
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.labels.count, 4);
    assert_string_equal(d.labels.name[1], "lung");
    assert_string_equal(d.labels.name[3], "heart");
    assert_int_equal(d.labels.value[3], 300);
    assert_string_equal(d.cases[0].label, "set/heart/a0.png=300 + ../lung/a0.png=1");
    assert_string_equal(d.cases[2].label, "set/heart/a2.png=300");
    OK(dataset_load(&d, 0, &s, &e));
    assert_memory_equal(s.classes, "\3\1\0", 3);
    sample_free(&s);
    dataset_free(&d);
    put_text("set/dataset.json", "{\"labels\": {\"background\": 0, \"lungs\": 1, \"heart\": 2}}");
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set/dataset.json: \"labels\" gives no value above 0 to 'lung', a class by the names of "
        "mask files; correct the name there, rename the files, or give patterns (docs/data.md)");
}

/* Only where nothing pairs as it is. */
static void numbers_may_begin_with_zeros(void **state)
{
    struct dataset d;
    (void)state;
    for (int i = 0; i < 12; i++) {
        char path[64];
        snprintf(path, sizeof path, "set/faces/%d.png", i);
        put_photo(path, 8, 9);
        snprintf(path, sizeof path, "set/parts/0/%05d_nose.png", i);
        put_labels(path, 1, 8, 9, 255, 0);
        snprintf(path, sizeof path, "set/parts/0/%05d_skin.png", i);
        put_labels(path, 1, 8, 9, 0, 255);
    }
    open_set(&d, "faces/{id}.png", "parts/{part}/{id}_{class}.png");
    assert_int_equal(d.count, 12);
    assert_int_equal(d.labels.count, 3);
    for (int i = 0; i < 12; i++) {
        char label[32];
        snprintf(label, sizeof label, "set/parts/0/%05d_nose", atoi(d.cases[i].id));
        assert_true(strncmp(d.cases[i].label, label, strlen(label)) == 0);
    }
    dataset_free(&d);
    OK(dataset_open("set", &d, NULL, &e)); /* and without patterns */
    assert_int_equal(d.count, 12);
    assert_int_equal(d.labels.count, 3);
    assert_string_equal(d.cases[1].label, "set/parts/0/00001_nose.png=1 + ./00001_skin.png=2");
    dataset_free(&d);
    put_labels("set/parts/0/7_nose.png", 1, 8, 9, 255, 0);
    open_set(&d, "faces/{id}.png", "parts/{part}/{id}_{class}.png");
    assert_int_equal(d.count, 1);
    dataset_free(&d);
    clear_set(state);
    for (int i = 0; i < 12; i++) { /* behind letters, too */
        char path[64];
        snprintf(path, sizeof path, "set/images/P%d.png", i);
        put_photo(path, 8, 9);
        snprintf(path, sizeof path, "set/masks/P%04d.png", i);
        put_labels(path, 1, 8, 9, 255, 0);
    }
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.count, 12);
    assert_string_equal(d.cases[1].image[0], "set/images/P1.png");
    assert_string_equal(d.cases[1].label, "set/masks/P0001.png");
    dataset_free(&d);
    assert_int_equal(rename("set/masks", "set/truth01"), 0); /* and in names of folders */
    OK(dataset_open("set", &d, NULL, &e));
    assert_string_equal(d.cases[1].label, "set/truth01/P0001.png");
    assert_string_equal(d.reading->labels, "truth01/{id}.png");
    dataset_free(&d);
    open_set(&d, "images/{id}.png", "truth01/{id}.png"); /* the printed patterns */
    assert_int_equal(d.count, 12);
    dataset_free(&d);
    const struct dataset_patterns other = {
        .images = "images/{id}.png", .labels = "truth1/{id}.png"};
    REFUSED(dataset_open_patterns("set", &other, &d, NULL, NULL, &e), ATT_DATA,
        "set: no file fits `labels` 'truth1/{id}.png'; correct that, for files such as "
        "images/P0.png");
    assert_int_equal(mkdir("set/truth1", 0777), 0); /* no pattern fits both */
    assert_int_equal(rename("set/truth01/P0001.png", "set/truth1/P0001.png"), 0);
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set: images 'images/{id}.png' and labels 'truth1/{id}.png' pair only if numbers lose");
}

/* 0 and 1 are the names of two images, but these folders hold the masks of all. */
static void numbered_folders_are_parts(void **state)
{
    struct dataset d;
    (void)state;
    for (int i = 0; i < 12; i++) {
        char path[64];
        snprintf(path, sizeof path, "set/faces/%d.png", i);
        put_photo(path, 8, 9);
        snprintf(path, sizeof path, "set/parts/%d/%05d_nose.png", i / 6, i);
        put_labels(path, 1, 8, 9, 255, 0);
        snprintf(path, sizeof path, "set/parts/%d/%05d_skin.png", i / 6, i);
        put_labels(path, 1, 8, 9, 0, 255);
    }
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.count, 12);
    assert_string_equal(d.cases[1].label, "set/parts/0/00001_nose.png=1 + ./00001_skin.png=2");
    dataset_free(&d);
}

static void channels_keep_their_zeros(void **state)
{
    struct dataset d;
    (void)state;
    for (int i = 0; i < 6; i++) {
        char path[64];
        snprintf(path, sizeof path, "set/in/%d_%04d.png", i / 2, i % 2);
        put_photo(path, 8, 9);
        snprintf(path, sizeof path, "set/out/%03d.png", i / 2);
        put_labels(path, 1, 8, 9, 255, 0);
    }
    open_set(&d, "in/{id}_{channel}.png", "out/{id}.png");
    assert_int_equal(d.count, 3);
    assert_int_equal(d.channels, 2);
    assert_string_equal(d.channel_name[1], "0001");
    dataset_free(&d);
}

/* Where two meet, the first has the voxel. */
static void masks_of_single_objects_are_numbered(void **state)
{
    struct dataset d;
    struct labelmap m;
    (void)state;
    for (int i = 0; i < 3; i++) {
        char path[64];
        snprintf(path, sizeof path, "set/a%d/images/a%d.png", i, i);
        put_photo(path, 8, 9);
        for (int k = 0; k < 3; k++) {
            snprintf(path, sizeof path, "set/a%d/masks/%d%d.png", i, 7 - k, i);
            put_labels(path, 1, 8, 9, k > 0 ? 255 : 0, k == 1 ? 255 : 0, k == 0 ? 255 : 0);
        }
    }
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.count, 3);
    assert_string_equal(d.cases[0].label, "set/a0/masks/50.png=-1 + ./60.png=-2 + ./70.png=-3");
    assert_true(d.objects);
    OK(format_load_labels(d.cases[0].label, &m, &e));
    static const uint16_t numbers[] = {1, 2, 3, 0};
    assert_memory_equal(m.data, numbers, sizeof numbers);
    labelmap_free(&m);
    dataset_free(&d);
    put_text("set/dataset.json", "{\"labels\": {\"background\": 0, \"cell\": 5}}");
    for (int one = 0; one < 2; one++) {
        struct sample s;
        OK(dataset_open("set", &d, NULL, &e));
        REFUSED(mask_values_choose(NULL, &d, &e), ATT_DATA,
            "set/dataset.json names one class, but images have several mask files; if each file is "
            "one object, give `instances`; if the files of an image are parts of one mask, give "
            "`mask-values` one");
        OK(mask_values_choose(one ? "one" : "objects", &d, &e));
        assert_int_equal(d.labels.objects, !one);
        assert_string_equal(d.labels.name[1], one ? "cell" : "inside");
        if (one) assert_int_equal(d.labels.value[1], 5);
        OK(dataset_load(&d, 0, &s, &e));
        assert_memory_equal(s.classes, one ? "\1\1\1\0" : "\1\2\1\0", 4);
        sample_free(&s);
        dataset_free(&d);
    }
    put_text("set/dataset.json", "{\"labels\": {\"background\": 0, \"cell\": 1, \"x\": 2}}");
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set/dataset.json: images have several mask files, one for each object, so \"labels\" must "
        "be the background and one class");
}

/* Where some images have several masks, both answers work. */
static void some_images_with_several_masks_are_asked(void **state)
{
    struct dataset d;
    (void)state;
    for (int i = 0; i < 12; i++) {
        char path[64];
        snprintf(path, sizeof path, "set/images/c%d.png", i);
        put_photo(path, 8, 9);
        for (int k = 0; k < 1 + (i > 5); k++) {
            snprintf(path, sizeof path, "set/masks/c%d_%d.png", i, k);
            put_labels(path, 1, 8, 9, k ? 255 : 0, k ? 0 : 255);
        }
    }
    for (int one = 0; one < 2; one++) {
        OK(dataset_open("set", &d, NULL, &e));
        REFUSED(mask_values_choose(NULL, &d, &e), ATT_DATA,
            "6 of 12 images of set have several mask files; if each file is one object, give "
            "`instances`; if the files of an image are parts of one mask, give `mask-values` one");
        OK(mask_values_choose(one ? "one" : "objects", &d, &e));
        assert_int_equal(d.labels.objects, !one);
        assert_int_equal(d.labels.nonzero, one);
        dataset_free(&d);
    }
    for (int i = 7; i < 12; i++) { /* one of twelve: parts of a mask */
        char path[64];
        snprintf(path, sizeof path, "set/masks/c%d_1.png", i);
        assert_int_equal(remove(path), 0);
    }
    OK(dataset_open("set", &d, NULL, &e));
    assert_false(d.objects);
    assert_null(d.doubt);
    dataset_free(&d);
}

static void a_stack_is_its_planes(void **state)
{
    enum { DEPTH = 12, PLANE = 8 * 9 };
    struct dataset d;
    struct image m;
    struct labelmap l;
    (void)state;
    put_image("set/train-volume.tif", 1, DEPTH, 8, 9);
    put_labels("set/train-labels.tif", DEPTH, 8, 9, 1, 1);
    put_image("set/test-volume.tif", 1, DEPTH, 8, 9);
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.count, DEPTH);
    assert_int_equal(d.dims, 2);
    assert_string_equal(d.cases[3].image[0], "set/train-volume.tif#3");
    assert_string_equal(d.cases[0].group, d.cases[1].group);
    assert_string_not_equal(d.cases[0].group, d.cases[DEPTH - 1].group);
    OK(format_load_image(d.cases[3].image[0], &m, &e));
    assert_int_equal(m.size[IMAGE_D], 1);
    assert_true(m.data[0] == (float)(3 * PLANE % 100));
    image_free(&m);
    OK(format_load_labels(d.cases[0].label, &l, &e));
    assert_int_equal(l.data[0], 1);
    labelmap_free(&l);
    OK(format_load_labels(d.cases[1].label, &l, &e));
    assert_int_equal(l.data[0], 0);
    labelmap_free(&l);
    REFUSED(format_load_labels("set/train-labels.tif#12", &l, &e), ATT_DATA,
        "the file has only 12 slices, counted from 0");
    assert_int_equal(d.reading->lefts, 1);
    assert_string_equal(d.reading->left[0].first, "test-volume.tif");
    dataset_free(&d);
}

static void numbers_of_readers_are_asked_for(void **state)
{
    struct dataset d;
    char path[64];
    (void)state;
    for (int i = 0; i < 6; i++) {
        snprintf(path, sizeof path, "set/p%d/scan_%d.png", i / 2, i % 2);
        put_image(path, 1, 1, 8, 9);
        snprintf(path, sizeof path, "set/p%d/reader_%d.png", i / 2, i % 2);
        put_labels(path, 1, 8, 9, 1, 0);
    }
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set has labels such as p0/reader_0.png, whose number may be that of a reader");
    open_set(&d, "{group}/scan_{id}.png", "{group}/reader_{id}.png");
    assert_int_equal(d.count, 6);
    dataset_free(&d);
}

static void patterns_state_the_pairs(void **state)
{
    struct dataset d;
    const struct dataset_patterns hint = {
        .images = "none/{id}.png", .labels = "nothing/{id}.png", .hint = true};
    (void)state;
    for (int i = 0; i < 4; i++) {
        char path[64];
        snprintf(path, sizeof path, "set/p%d/x_w1%c%c.png", i / 2, 'a' + i, 'f' - i);
        put_photo(path, 8, 9);
        snprintf(path, sizeof path, "set/p%d/t%d.png", i / 2, i);
        put_photo(path, 8, 9);
        snprintf(path, sizeof path, "set/p%d/t%d_seg.png", i / 2, i);
        put_labels(path, 1, 8, 9, 1, 0);
    }
    const struct dataset_patterns p = {
        .images = "{group}/{id}.png", .labels = "{group}/{id}_seg.png"};
    struct heard h;
    hear(&h);
    OK(dataset_open_patterns("set", &p, &d, NULL, &h.host, &e));
    assert_int_equal(d.count, 4);
    assert_string_equal(d.cases[3].id, "t3");
    assert_string_equal(d.cases[3].group, "p1");
    assert_non_null(strstr(h.text,
        "set: 4 of 8 images have no label, and attunet leaves them out: p0/x_w1af.png, "
        "p0/x_w1be.png, p1/x_w1cd.png and 1 more; add their labels, or give `unlabelled` stop"));
    dataset_free(&d);
    /* those of another data set are no more than a hint */
    OK(dataset_open_patterns("set", &hint, &d, NULL, NULL, &e));
    assert_int_equal(d.count, 4);
    dataset_free(&d);
    const struct dataset_patterns told = {.images = hint.images, .labels = hint.labels};
    REFUSED(dataset_open_patterns("set", &told, &d, NULL, NULL, &e), ATT_DATA, "set");
}

static void patterns_that_pair_nothing_are_named(void **state)
{
    struct dataset d;
    (void)state;
    put_photo("set/scan/a1.png", 8, 9);
    put_photo("set/scan/b2.png", 8, 9);
    put_labels("set/truth/c3.png", 1, 8, 9, 255, 0);
    static const struct {
        const char *images, *labels, *why;
    } p[] = {{"scans/{id}", "truth/{id}",
                 "set: no file fits `images` 'scans/{id}'; correct that, for files such as "
                 "scan/a1.png"},
        {"scan/{id}", "true/{id}", "set: no file fits `labels` 'true/{id}'; correct that"},
        {"scan/{id}", "truth/{id}",
            "set: no image such as scan/a1.png has the variables of a label such as truth/c3.png; "
            "correct `images` 'scan/{id}' or `labels` 'truth/{id}'"}};
    for (int i = 0; i < COUNT(p); i++) {
        const struct dataset_patterns own = {.images = p[i].images, .labels = p[i].labels};
        REFUSED(dataset_open_patterns("set", &own, &d, NULL, NULL, &e), ATT_DATA, p[i].why);
    }
}

static void faults_of_cases_are_listed(void **state)
{
    struct dataset d;
    struct problems p = {.count = 0};
    (void)state;
    for (int i = 0; i < 4; i++) {
        char path[64];
        for (int k = 0; k < 3; k++) {
            snprintf(path, sizeof path, "set/b%d/b%d_%s.nii", i, i,
                (const char *const[]){"flair", "t1", "seg"}[k]);
            if (k < 2 && (i != 2 || k != 1)) put_image(path, 1, 2, 8, 9);
            if (k == 2) put_labels(path, 2, 8, 9, 1, 0);
        }
    }
    const struct dataset_patterns told = {
        .images = "{id}/{id}_flair.nii;{id}/{id}_t1.nii", .labels = "{id}/{id}_seg.nii"};
    OK(dataset_open_patterns("set", &told, &d, &p, NULL, &e));
    assert_int_equal(d.count, 3);
    assert_string_equal(d.channel_name[1], "t1");
    assert_int_equal(p.count, 1);
    assert_string_equal(p.list[0].text,
        "case b2: it has no image for the channel t1; add it, or take its other files away");
    problems_free(&p);
    dataset_free(&d);
}

/* Void of palettes, labels without 0, masks of a JPEG file. */
static void values_of_public_sets(void **state)
{
    struct dataset d;
    struct heard h;
    (void)state;
    for (int i = 0; i < 3; i++) {
        char path[64];
        snprintf(path, sizeof path, "set/photos/a%d.png", i);
        put_photo(path, 4, 4);
        snprintf(path, sizeof path, "set/trimaps/a%d.png", i);
        put_labels(path, 1, 4, 4, 1, 1, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2);
    }
    hear(&h);
    OK(dataset_open("set", &d, &h.host, &e));
    assert_int_equal(d.labels.count, 3);
    assert_int_equal(d.labels.value[0], 2);
    assert_false(d.labels.nonzero);
    if (!strstr(h.text, "no label has a 0: attunet takes 2")) fail_msg("%s", h.text);
    dataset_free(&d);
}

static void links_are_followed_once(void **state)
{
    struct dataset d;
    (void)state;
    for (int i = 0; i < 3; i++) {
        char path[64];
        snprintf(path, sizeof path, "set/in/a%d.png", i);
        put_photo(path, 8, 9);
        snprintf(path, sizeof path, "other/manual/a%d.png", i);
        put_labels(path, 1, 8, 9, 1, 0);
    }
    assert_int_equal(symlink("../other/manual", "set/manual"), 0);
    assert_int_equal(symlink(".", "set/again"), 0);
    assert_int_equal(symlink("nowhere.png", "set/in/a9.png"), 0);
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.count, 3);
    assert_int_equal(d.reading->lefts, 2);
    assert_string_equal(d.reading->left[0].why, "link to missing files");
    assert_string_equal(d.reading->left[1].first, "manual");
    dataset_free(&d);
}

static void nothing_says_what_is_there(void **state)
{
    struct dataset d;
    (void)state;
    put_photo("set/tissue/a1.png", 8, 9);
    put_photo("set/tissue/a2.png", 8, 9);
    put_text("set/notes/a1.xml", "<a/>");
    put_text("set/notes/a2.xml", "<a/>");
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "2 files such as notes/a1.xml: XML annotations");
    assert_int_equal(rename("set/tissue", "set/images"), 0);
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set has images but no folder labels or masks: it has 2 image files that attunet reads, "
        "and 2 files such as notes/a1.xml: XML annotations");
    assert_int_equal(rename("set/notes/a1.xml", "set/notes/a1.h5"), 0);
    assert_int_equal(rename("set/notes/a2.xml", "set/notes/a2.H5"), 0);
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "a1.h5: HDF5 files, which attunet does not read; save each volume as NIfTI");
    assert_int_equal(rename("set/images", "set/tissue"), 0);
    put_text("set/notes/masks.json", "{}"); /* one that has all labels is enough */
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA, "notes/masks.json: JSON files");
    put_text("set/places.csv", "id,place\na1,12 5 40\n");
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA, "notes/masks.json: JSON files");
    put_text("set/train.csv", "id,class,rle\na1,x,\na2,x,12 5 40 3\n");
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set/train.csv holds masks as run lengths, which attunet does not read");
    assert_int_equal(rename("set/train.csv", "set/train.old"), 0);
    assert_int_equal(rename("set/notes/masks.json", "set/notes/a1.txt"), 0);
    put_text("set/notes/a2.txt", "1 2 3 4");
    assert_int_equal(rename("set/notes/a1.h5", "set/notes/a1"), 0);
    assert_int_equal(rename("set/notes/a2.H5", "set/notes/a2"), 0);
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA, "set has images but no masks; give");
    assert_int_equal(rename("set/notes", "set/outlines"), 0);
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA, "2 files such as outlines/a");
}

/* The labels of a half lie in another folder; a case of both is one of the first. */
static void parts_share_images(void **state)
{
    struct dataset d;
    char path[64];
    (void)state;
    for (int i = 0; i < 6; i++) {
        snprintf(path, sizeof path, "set/scan/a%d.png", i);
        put_photo(path, 8, 9);
        snprintf(path, sizeof path, "set/half%d/label/a%d.png", 1 + i / 3, i);
        put_labels(path, 1, 8, 9, 1, 0);
    }
    put_labels("set/half2/label/a2.png", 1, 8, 9, 1, 0);
    put_photo("set/scan/a9.png", 8, 9);
    open_set(&d, "scan/{id}.png|scan/{id}.png", "half1/label/{id}.png|half2/label/{id}.png");
    assert_int_equal(d.count, 6);
    assert_string_equal(d.cases[2].label, "set/half1/label/a2.png");
    assert_string_equal(d.cases[5].label, "set/half2/label/a5.png");
    assert_int_equal(d.reading->lefts, 1); /* the image a9 is a warning's */
    assert_int_equal(d.reading->left[0].count, 1);
    assert_string_equal(d.reading->left[0].first, "half2/label/a2.png");
    dataset_free(&d);
}

/* A part with one patient only, whose folder is called like those of the others, and its parent
 * like that without a number. */
static void folders_like_groups_are_groups(void **state)
{
    struct dataset d;
    (void)state;
    for (int i = 0; i < 8; i++) {
        static const char *const images[] = {"set/in/P-%d/%d.png", "set/in/P-/P-9/%d.png"},
                                 *const labels[] = {"set/out/P-%d/%d.png", "set/out/P-/P-9/%d.png"};
        char path[64];
        for (int label = 0; label < 2; label++) {
            const char *const *name = label ? labels : images;
            if (i < 6)
                snprintf(path, sizeof path, name[0], i / 2, i);
            else
                snprintf(path, sizeof path, name[1], i);
            if (label)
                put_labels(path, 1, 8, 9, 1, 0);
            else
                put_photo(path, 8, 9);
        }
    }
    open_set(
        &d, "in/{group}/{id}.png|in/P-/P-9/{id}.png", "out/{group}/{id}.png|out/P-/P-9/{id}.png");
    assert_int_equal(d.count, 8);
    assert_string_equal(d.cases[5].group, "P-2");
    assert_string_equal(d.cases[6].group, "P-9");
    assert_string_equal(d.cases[7].group, "P-9");
    dataset_free(&d);
}

static const char *const letters[] = {"ax", "bx", "cx", "dx", "ex", "fx", "gx", "hx"};

/* Images set/IN/NAME.png with labels set/OUT/NAME.png. */
/* Where each class has a file only for the images that show it, no image has all. */
static void classes_may_share_few_images(void **state)
{
    static const char *const classes[] = {"red", "blue", "grey", "pink"};
    struct dataset d;
    (void)state;
    for (int i = 0; i < 12; i++) {
        char path[64];
        snprintf(path, sizeof path, "set/photos/a%02d.png", i);
        put_photo(path, 8, 9);
        for (int k = 0; k < 2; k++) {
            snprintf(path, sizeof path, "set/masks/a%02d_%s.png", i, classes[(i + k) % 4]);
            put_labels(path, 1, 8, 9, k ? 255 : 0, k ? 0 : 255);
        }
    }
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.count, 12);
    assert_int_equal(d.labels.count, 5);
    assert_non_null(strstr(d.cases[2].label, "a02_grey.png="));
    assert_non_null(strstr(d.cases[2].label, "a02_pink.png="));
    dataset_free(&d);
}

/* "a1_seg_ends" is no image beside the mask "a1_seg". */
static void second_masks_are_no_images(void **state)
{
    struct dataset d;
    (void)state;
    for (int i = 0; i < 8; i++) {
        char path[64];
        snprintf(path, sizeof path, "set/a%d.png", i);
        put_photo(path, 8, 9);
        snprintf(path, sizeof path, "set/a%d_seg.png", i);
        put_labels(path, 1, 8, 9, 1, 1, 1, 1, 0);
        snprintf(path, sizeof path, "set/a%d_seg_ends.png", i);
        put_labels(path, 1, 8, 9, 1, 0);
    }
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "say which; give `images` '{id}.png' `labels` '{id}_seg.png', or"); /* not both as classes
                                                                             */
    open_set(&d, "{id}.png", "{id}_seg.png");
    assert_int_equal(d.count, 8);
    dataset_free(&d);
}

/* Numbered folders are parts of one set, unless one says what its own labels mean. */
static void numbered_sets_with_names_stay_apart(void **state)
{
    struct dataset d;
    bool several = false;
    (void)state;
    put_named("Task1/images", "Task1/labels", letters, 4);
    put_named("Task2/images", "Task2/labels", letters + 1, 4);
    put_named("Task3/images", "Task3/labels", letters + 2, 4);
    OK(dataset_holds_sets("set", &several, &e));
    assert_false(several);
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.count, 12);
    dataset_free(&d);
    put_text("set/Task1/dataset.json", "{\"labels\": {\"background\": 0, \"kidney\": 1}}");
    OK(dataset_holds_sets("set", &several, &e));
    assert_true(several);
}

/* "wound" is a label of all images, "truth" of some, on the same pixels. */
static void a_word_loses_no_case(void **state)
{
    struct dataset d;
    (void)state;
    put_named("photo", "wound", letters, 8);
    put_named("photo", "truth", letters, 3);
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.count, 8);
    for (int i = 0; i < d.count; i++) assert_non_null(d.cases[i].label);
    dataset_free(&d);
    put_named("photo", "truth", letters, 5);
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set has up to 2 files for each case that may be its label");
}

/* Two labels have the same pixels and several classes; one is named as a label. */
static void a_word_decides_between_classes(void **state)
{
    struct dataset d;
    char path[64];
    (void)state;
    put_named("photo", "truth", letters, 8);
    for (int i = 0; i < 8; i++)
        for (int k = 0; k < 2; k++) {
            snprintf(path, sizeof path, "set/%s/%s.png", k ? "truth" : "mask", letters[i]);
            put_labels(path, 1, 8, 9, 0, 1, 2, 2 - k, 1 + k);
        }
    OK(dataset_open("set", &d, NULL, &e));
    assert_string_equal(d.cases[0].label, "set/truth/ax.png");
    dataset_free(&d);
}

/* A mask of a brain is no label, wherever BIDS has it. */
static void brains_of_bids_are_no_labels(void **state)
{
    struct dataset d;
    char path[96];
    (void)state;
    for (int i = 1; i < 4; i++) {
        snprintf(path, sizeof path, "set/sub-%d/anat/sub-%d_T1w.nii", i, i);
        put_photo(path, 8, 9);
        snprintf(path, sizeof path, "set/sub-%d/func/sub-%d_boldref.nii", i, i);
        put_photo(path, 8, 9);
        snprintf(path, sizeof path,
            "set/derivatives/x/sub-%d/func/sub-%d_boldref_desc-brain_mask.nii", i, i);
        put_labels(path, 1, 8, 9, 1, 0);
    }
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA, "none of derivatives/*/sub-*/anat/*_dseg");
}

/* A pattern for all classes must not fit the images, which come behind many masks. */
static void class_patterns_fit_no_image(void **state)
{
    static const char *const folders[] = {"car", "road", "sky", "znir", "zrgb"};
    struct dataset d;
    char path[64];
    (void)state;
    for (int i = 0; i < 30; i++)
        for (int k = 0; k < 5; k++) {
            snprintf(path, sizeof path, "set/%s/a%02d.png", folders[k], i);
            if (k > 2)
                put_photo(path, 8, 9);
            else
                put_labels(path, 1, 8, 9, k == 0, k == 1, k == 2);
        }
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "`images` 'zrgb/{id}.png' `labels` 'car/{id}.png;road/{id}.png;sky/{id}.png'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(masks_of_folders_are_classes, clear_set),
        cmocka_unit_test_setup(a_description_gives_values_to_classes, clear_set),
        cmocka_unit_test_setup(numbers_may_begin_with_zeros, clear_set),
        cmocka_unit_test_setup(numbered_folders_are_parts, clear_set),
        cmocka_unit_test_setup(channels_keep_their_zeros, clear_set),
        cmocka_unit_test_setup(masks_of_single_objects_are_numbered, clear_set),
        cmocka_unit_test_setup(some_images_with_several_masks_are_asked, clear_set),
        cmocka_unit_test_setup(a_stack_is_its_planes, clear_set),
        cmocka_unit_test_setup(numbers_of_readers_are_asked_for, clear_set),
        cmocka_unit_test_setup(patterns_state_the_pairs, clear_set),
        cmocka_unit_test_setup(patterns_that_pair_nothing_are_named, clear_set),
        cmocka_unit_test_setup(faults_of_cases_are_listed, clear_set),
        cmocka_unit_test_setup(values_of_public_sets, clear_set),
        cmocka_unit_test_setup(links_are_followed_once, clear_set),
        cmocka_unit_test_setup(nothing_says_what_is_there, clear_set),
        cmocka_unit_test_setup(parts_share_images, clear_set),
        cmocka_unit_test_setup(folders_like_groups_are_groups, clear_set),
        cmocka_unit_test_setup(classes_may_share_few_images, clear_set),
        cmocka_unit_test_setup(second_masks_are_no_images, clear_set),
        cmocka_unit_test_setup(numbered_sets_with_names_stay_apart, clear_set),
        cmocka_unit_test_setup(a_word_loses_no_case, clear_set),
        cmocka_unit_test_setup(a_word_decides_between_classes, clear_set),
        cmocka_unit_test_setup(class_patterns_fit_no_image, clear_set),
        cmocka_unit_test_setup(brains_of_bids_are_no_labels, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* nnU-Net's raw layout, its explicit lists, and the older dataset.json of the Decathlon. */
#include "unit/dataset/dataset_test.h"

#define CHANNELS "\"channel_names\": {\"0\": \"CT\", \"1\": \"PET\"}"
#define LABELS "\"labels\": {\"background\": 0, \"tumour\": 2, \"organ\": 1}"
#define HEAD "{" CHANNELS ", " LABELS ", \"file_ending\": \".nii.gz\", \"numTraining\": 2"

/* Two cases of two channels. */
static void put_set(const char *json)
{
    put_text("set/dataset.json", json);
    put_image("set/imagesTr/a_0000.nii.gz", 1, 3, 4, 5);
    put_image("set/imagesTr/a_0001.nii.gz", 1, 3, 4, 5);
    put_image("set/imagesTr/a b_0000.nii.gz", 1, 1, 4, 5);
    put_image("set/imagesTr/a b_0001.nii.gz", 1, 1, 4, 5);
    put_labels("set/labelsTr/a.nii.gz", 3, 4, 5, 0, 1, 2);
    put_labels("set/labelsTr/a b.nii.gz", 1, 4, 5, 0);
}

static void cases_are_found_by_name(void **state)
{
    struct dataset d;
    struct heard h;
    (void)state;
    put_set(HEAD "}");
    put_text("set/imagesTr/a.json", "{}");
    hear(&h);
    OK(dataset_open("set", &d, &h.host, &e));
    assert_string_equal(d.layout, "nnU-Net raw");
    assert_int_equal(d.count, 2);
    assert_string_equal(d.cases[0].id, "a");
    assert_string_equal(d.cases[1].id, "a b"); /* its file names sort first */
    assert_int_equal(d.cases[1].nimages, 2);
    assert_string_equal(d.cases[1].image[0], "set/imagesTr/a b_0000.nii.gz");
    assert_string_equal(d.cases[1].image[1], "set/imagesTr/a b_0001.nii.gz");
    assert_string_equal(d.cases[1].label, "set/labelsTr/a b.nii.gz");
    assert_int_equal(d.channels, 2);
    assert_int_equal(d.dims, 3);
    assert_string_equal(d.channel_name[0], "CT");
    assert_string_equal(d.channel_name[1], "PET");
    assert_int_equal(d.labels.count, 3);
    assert_string_equal(d.labels.name[1], "organ");
    assert_string_equal(d.labels.name[2], "tumour");
    assert_int_equal(d.labels.value[2], 2);
    assert_int_equal(d.labels.ignore, -1);
    assert_int_equal(d.labels.regions, 0);
    assert_false(d.labels.nonzero);
    assert_string_equal(h.text, "");
    dataset_free(&d);
}

static void stated_numbers_are_not_trusted(void **state)
{
    struct dataset d;
    struct heard h;
    (void)state;
    put_set("{" CHANNELS ", " LABELS ", \"file_ending\": \".nii.gz\", \"numTraining\": 99}");
    hear(&h);
    OK(dataset_open("set", &d, &h.host, &e));
    assert_int_equal(d.count, 2);
    assert_string_equal(h.text,
        "2 set/dataset.json states 99 cases, but there are 2; check that the data set is "
        "complete\n");
    dataset_free(&d);
}

static void one_file_may_hold_all_channels(void **state)
{
    static const unsigned char rgb[3 * 3 * 2] = {1, 2, 3};
    struct dataset d;
    (void)state;
    put_text("set/dataset.json",
        "{\"channel_names\": {\"0\": \"R\", \"1\": \"G\", \"2\": \"B\"}, " LABELS
        ", \"file_ending\": \".png\"}");
    make_parent("set/imagesTr/x");
    OK(png_write_rgb("set/imagesTr/x_0000.png", 3, 2, rgb, &e));
    put_labels("set/labelsTr/x.png", 1, 2, 3, 1);
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.cases[0].nimages, 1);
    assert_int_equal(d.channels, 3);
    assert_int_equal(d.dims, 2);
    dataset_free(&d);
    put_text("set/dataset.json",
        "{\"channel_names\": {\"0\": \"grey\"}, " LABELS ", \"file_ending\": \".png\"}");
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "case x has 3 channels in 1 file (set/imagesTr/x_0000.png) but dataset.json names 1; "
        "correct one of them");
}

static void files_may_be_listed(void **state)
{
    struct dataset d;
    (void)state;
    put_set(HEAD ", \"dataset\": {\"two\": {\"images\": [\"imagesTr/a_0000.nii.gz\", "
                 "\"./imagesTr/a_0001.nii.gz\"], \"label\": \"labelsTr/a.nii.gz\"}, \"one\": "
                 "{\"images\": [\"other/both.nii\"], \"label\": \"other/mask.nii\"}}}");
    put_image("set/other/both.nii", 2, 3, 4, 5);
    put_labels("set/other/mask.nii", 3, 4, 5, 1);
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.count, 2);
    assert_string_equal(d.cases[0].id, "one");
    assert_string_equal(d.cases[0].image[0], "set/other/both.nii");
    assert_string_equal(d.cases[0].label, "set/other/mask.nii");
    assert_string_equal(d.cases[1].image[1], "set/imagesTr/a_0001.nii.gz");
    dataset_free(&d);
    put_text("set/dataset.json",
        HEAD ", \"dataset\": {\"one\": {\"images\": [\"other/both.nii\"], \"label\": "
             "\"other/musk.nii\"}}}");
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set/dataset.json lists set/other/musk.nii for case one, but it does not exist; copy the "
        "file or correct the list");
    put_text("set/dataset.json",
        HEAD ", \"dataset\": {\"one\": {\"images\": [\"other/../../set/both.nii\"], \"label\": "
             "\"other/mask.nii\"}}}");
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "other/../../set/both.nii for case one, which is outside the folder of the data set");
    put_text("set/dataset.json",
        HEAD ", \"dataset\": {\"one\": {\"images\": [3], \"label\": \"other/mask.nii\"}}}");
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "case one must list its image and label as file names");
    put_text("set/dataset.json", HEAD ", \"dataset\": {\"one\": {\"label\": \"other/mask.nii\"}}}");
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA, "case one must list 1 to 16 files");
    put_text("set/dataset.json",
        HEAD ", \"dataset\": {\"one\": {\"images\": [\"other/both.nii\"], \"label\": \"other\"}}}");
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "lists set/other for case one, but it does not exist; copy the file or correct the list");
    static const char *const names[] = {"../../one", "a/b", ".hidden", ""};
    for (size_t i = 0; i < COUNT(names); i++) {
        char json[1024];
        snprintf(json, sizeof json,
            "%s, \"dataset\": {\"%s\": {\"images\": [\"other/both.nii\"], \"label\": "
            "\"other/mask.nii\"}}}",
            HEAD, names[i]);
        put_text("set/dataset.json", json);
        REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
            "cannot be the name of a case, because result files get it; choose another name");
    }
}

/* As in Task04_Hippocampus of the Medical Segmentation Decathlon. */
#define MSD                                                                                        \
    "{\"name\": \"Hippocampus\", \"tensorImageSize\": \"3D\", \"modality\": {\"0\": \"MRI\"}, "    \
    "\"labels\": {\"0\": \"background\", "                                                         \
    "\"1\": \"Anterior\", \"2\": \"Posterior\"}, \"numTraining\": 1, \"numTest\": 1, "             \
    "\"training\": [{\"image\": "                                                                  \
    "\"./imagesTr/h_001.nii.gz\", \"label\": \"./labelsTr/h_001.nii.gz\"}], \"test\": "            \
    "[\"./imagesTs/h_002.nii.gz\"]}"

static void decathlon_sets_open(void **state)
{
    struct dataset d;
    struct heard h;
    (void)state;
    put_text("set/dataset.json", MSD);
    put_image("set/imagesTr/h_001.nii.gz", 1, 3, 4, 5);
    put_text("set/imagesTr/._h_001.nii.gz", "as macOS leaves it");
    put_labels("set/labelsTr/h_001.nii.gz", 3, 4, 5, 0, 1, 2);
    hear(&h);
    OK(dataset_open("set", &d, &h.host, &e));
    assert_string_equal(h.text, "");
    assert_int_equal(d.count, 1);
    assert_string_equal(d.cases[0].id, "h_001");
    assert_string_equal(d.cases[0].image[0], "set/imagesTr/h_001.nii.gz");
    assert_string_equal(d.channel_name[0], "MRI");
    assert_int_equal(d.labels.count, 3);
    assert_string_equal(d.labels.name[2], "Posterior");
    assert_int_equal(d.labels.value[2], 2);
    dataset_free(&d);
}

/* nnU-Net v1 lists the same pairs, but its files carry _0000. */
static void version_1_sets_open(void **state)
{
    struct dataset d;
    (void)state;
    put_text("set/dataset.json", MSD);
    put_image("set/imagesTr/h_001_0000.nii.gz", 1, 3, 4, 5);
    put_labels("set/labelsTr/h_001.nii.gz", 3, 4, 5, 0, 1, 2);
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.count, 1);
    assert_string_equal(d.cases[0].id, "h_001");
    assert_string_equal(d.cases[0].image[0], "set/imagesTr/h_001_0000.nii.gz");
    dataset_free(&d);
}

static void regions_are_read_in_order(void **state)
{
    struct dataset d;
    (void)state;
    put_set("{" CHANNELS ", \"labels\": {\"background\": 0, \"whole\": [1, 2, 5], \"core\": [2, "
            "5], \"enhancing\": 5, \"ignore\": 9}, \"regions_class_order\": [1, 2, 5]}");
    OK(dataset_open("set", &d, NULL, &e));
    const struct labelling *l = &d.labels;
    assert_int_equal(l->count, 4);
    assert_string_equal(l->name[0], "background");
    assert_string_equal(l->name[1], "label 1");
    assert_string_equal(l->name[3], "enhancing");
    assert_int_equal(l->value[3], 5);
    assert_int_equal(l->ignore, 9);
    assert_int_equal(l->regions, 3);
    assert_string_equal(l->region_name[0], "whole");
    assert_string_equal(l->region_name[2], "enhancing");
    assert_int_equal(l->region[0].bits[0], 0xe);
    assert_int_equal(l->region[1].bits[0], 0xc);
    assert_int_equal(l->region[2].bits[0], 0x8);
    assert_int_equal(l->region_value[1], 2);
    assert_int_equal(l->region_value[2], 5);
    dataset_free(&d);
}

#define BEFORE "{" CHANNELS ", \"labels\": "

static void wrong_labels_are_refused(void **state)
{
    static const struct {
        const char *json, *words;
    } cases[] = {
        {"{" CHANNELS ", \"label\": {\"background\": 0, \"x\": 1}}",
            "dataset.json has \"label\" but no \"labels\"; rename the key"},
        {"{\"chanel_names\": {\"0\": \"CT\"}, \"labels\": {\"background\": 0, \"x\": 1}}",
            "dataset.json has \"chanel_names\" but no \"channel_names\"; rename the key"},
        {BEFORE "{\"background\": 0, \"x\": [1, 2]}, \"region_class_order\": [1]}",
            "has \"region_class_order\" but no \"regions_class_order\"; rename the key"},
        {"{" CHANNELS "}", "\"labels\" must list up to 254 names with their values"},
        {BEFORE "{\"organ\": 1}}", "no label has the value 0; declare \"background\": 0"},
        {BEFORE "{\"background\": 0}}", "there is no label but the background"},
        {BEFORE "{\"background\": 1, \"x\": 0, \"y\": [0, 2]}}",
            "beside regions, \"background\" must have the value 0"},
        {BEFORE "{\"background\": 1}}", "there is no label but the background"},
        {BEFORE "{\"background\": 0, \"x\": 65536}}",
            "the label 'x' needs a whole number from 0 to 65535"},
        {BEFORE "{\"background\": 0, \"x\": -1}}", "the label 'x' needs"},
        {BEFORE "{\"background\": 0, \"x\": 1.5}}", "the label 'x' needs"},
        {BEFORE "{\"background\": 0, \"x\": []}}", "the label 'x' needs"},
        {BEFORE "{\"background\": 0, \"x\": [1, \"2\"]}}", "the label 'x' needs"},
        {BEFORE "{\"0\": \"background\", \"1x\": \"y\"}}", "the label '1x' needs"},
        {BEFORE "{\"background\": 0, \"x\": 1, \"y\": 1}}",
            "the labels 'x' and 'y' have the same value, 1"},
        {BEFORE "{\"background\": 0, \"x\": 2, \"ignore\": 1}}",
            "\"ignore\" has the value 1, but must have the highest; give it a value above 2"},
        {BEFORE "{\"background\": 0, \"x\": 2, \"Ignore\": 3}}",
            "the label 'Ignore' would be a class; call it \"ignore\" if its voxels"},
        {BEFORE "{\"background\": 0, \"x\": 2, \"ignore\": [3, 4]}}",
            "\"ignore\" must be one whole number"},
        {BEFORE "{\"background\": 0, \"x\": [1, 2], \"y\": 2}}",
            "declares 2 regions, so \"regions_class_order\" must list 2 values"},
        {BEFORE "{\"background\": 0, \"x\": [1, 2]}, \"regions_class_order\": [3]}",
            "entry 0 of \"regions_class_order\" is not the value"},
        {BEFORE "{\"background\": 0, "
                "\"0123456789012345678901234567890123456789012345678901234567890123\": 1}}",
            "is too long; shorten"},
        {"{" LABELS "}", "\"channel_names\" must name 1 to 16 channels"},
        {"{\"channel_names\": {\"0\": \"CT\", \"2\": \"PET\"}, " LABELS "}",
            "has 2 entries but no usable name for \"1\""},
        {"{" CHANNELS ", " LABELS ", \"file_ending\": \".xyz\"}",
            "\"file_ending\" is \".xyz\", a format that attunet cannot read"},
        {"{" CHANNELS ", " LABELS ", \"file_ending\": 1}", "\"file_ending\" is \"\""},
        {"[]", "\"channel_names\" must name"},
        {"{,}", "set/dataset.json: line 1 is not valid JSON"},
        {"{\"labels\": {\"x\": 1, \"x\": 2}}", "is not valid JSON"},
    };
    struct dataset d;
    (void)state;
    put_set(HEAD "}");
    for (int i = 0; i < COUNT(cases); i++) {
        put_text("set/dataset.json", cases[i].json);
        REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA, cases[i].words);
    }
    char json[2048] = BEFORE "{\"background\": 0, \"x\": [1";
    size_t used = strlen(json);
    for (int i = 2; i < 255; i++)
        used += (size_t)snprintf(
            json + used, sizeof json - used, i == 129 ? "], \"y\": [129" : ",%d", i);
    snprintf(json + used, sizeof json - used, "]}}");
    put_text("set/dataset.json", json);
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "it declares 255 labels, but a network has at most 254");
}

static void partners_must_be_there(void **state)
{
    struct dataset d;
    (void)state;
    put_set(HEAD "}");
    put_image("set/imagesTr/c_0001.nii.gz", 1, 1, 4, 5);
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set/imagesTr/c_0001.nii.gz exists, but channel 0 of its case does not; add c_0000.nii.gz "
        "next to it");
    put_image("set/imagesTr/c_0000.nii.gz", 1, 1, 4, 5);
    put_image("set/imagesTr/c_0003.nii.gz", 1, 1, 4, 5);
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "c_0003.nii.gz exists, but channel 2 of its case does not; add c_0002.nii.gz");
    assert_int_equal(remove("set/imagesTr/c_0003.nii.gz"), 0);
    const struct dataset_patterns strict = {.strict = true};
    REFUSED(dataset_open_patterns("set", &strict, &d, NULL, NULL, &e), ATT_DATA,
        "images has no label, which `unlabelled` forbids: set/imagesTr/c_0000.nii.gz; add its "
        "label, such as set/labelsTr/c.nii.gz, or leave out that setting");
    put_labels("set/labelsTr/c.nii.gz", 1, 4, 5, 1);
    assert_int_equal(remove("set/imagesTr/c_0001.nii.gz"), 0);
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "case c has 1 channel in 1 file (set/imagesTr/c_0000.nii.gz) but dataset.json names 2");
    assert_int_equal(remove("set/imagesTr/c_0000.nii.gz"), 0);
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "label set/labelsTr/c.nii.gz has no image; put an image of that name next to set/");
    put_image("set/imagesTr/c.nii.gz", 1, 1, 4, 5);
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set/imagesTr/c.nii.gz: its name must end in the channel's number, _0000 to _0015; "
        "rename it");
}

static void folders_must_be_there(void **state)
{
    struct dataset d;
    (void)state;
    OK(file_make_folders("set/imagesTr", &e));
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set has nnU-Net's folders but no dataset.json; write one");
    put_text("set/dataset.json", HEAD "}");
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set has no folder labelsTr; put the labels there");
    OK(file_make_folders("set/labelsTr", &e));
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA, "set has no image");
    put_image("set/imagesTr/c_0000.nii", 1, 1, 4, 5);
    put_text("set/dataset.json", "{" CHANNELS ", " LABELS "}");
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set/dataset.json: without \"file_ending\", it is \".nii.gz\", but set/imagesTr contains "
        "c_0000.nii; write \"file_ending\": \".nii\", or convert the images");
    put_text("set/dataset.json", "{" CHANNELS ", " LABELS ", \"file_ending\": \".nrrd\"}");
    REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
        "set/dataset.json: \"file_ending\" is \".nrrd\", but set/imagesTr contains c_0000.nii; "
        "write \"file_ending\": \".nii\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(cases_are_found_by_name, clear_set),
        cmocka_unit_test_setup(stated_numbers_are_not_trusted, clear_set),
        cmocka_unit_test_setup(one_file_may_hold_all_channels, clear_set),
        cmocka_unit_test_setup(files_may_be_listed, clear_set),
        cmocka_unit_test_setup(decathlon_sets_open, clear_set),
        cmocka_unit_test_setup(version_1_sets_open, clear_set),
        cmocka_unit_test_setup(regions_are_read_in_order, clear_set),
        cmocka_unit_test_setup(wrong_labels_are_refused, clear_set),
        cmocka_unit_test_setup(partners_must_be_there, clear_set),
        cmocka_unit_test_setup(folders_must_be_there, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What the values of masks are, where no file says so. */
#include "dataset/check.h"
#include "dataset/layout_found.h"
#include "dataset/mask_values.h"
#include "dataset/problems.h"
#include "format/joined.h"

#include "unit/dataset/dataset_test.h"

static void open_pair(struct dataset *d, int first, int second)
{
    put_image("set/images/a.nii", 1, 2, 3, 4);
    put_image("set/images/b.nii", 1, 2, 3, 4);
    put_labels("set/labels/a.nii", 2, 3, 4, 0, first);
    put_labels("set/labels/b.nii", 2, 3, 4, 0, second);
    OK(dataset_open("set", d, NULL, &e));
}

static void masks_in_two_ways_are_asked_about(void **state)
{
    struct dataset d;
    (void)state;
    open_pair(&d, 1, 255);
    assert_true(d.two_ways && d.labels.nonzero && d.labels.count == 2);
    REFUSED(mask_values_choose(NULL, &d, &e), ATT_DATA, "give `mask-values` one");
    OK(mask_values_choose("one", &d, &e));
    assert_true(d.labels.nonzero && d.labels.count == 2);
    OK(mask_values_choose("classes", &d, &e));
    assert_true(!d.labels.nonzero && d.labels.count == 3 && d.labels.value[2] == 255);
    dataset_free(&d);
}

/* Two hospitals may number the same classes in two ways. */
static void numbers_without_a_common_file_are_asked_about(void **state)
{
    struct dataset d;
    (void)state;
    open_pair(&d, 2, 200);
    assert_non_null(strstr(d.doubt,
        "set/labels/a.nii has values of 2, set/labels/b.nii of 200, and no label has values of "
        "both; if these are classes, give `mask-values` classes"));
    dataset_free(&d);
    put_image("set/images/c.nii", 1, 2, 3, 4);
    put_labels("set/labels/c.nii", 2, 3, 4, 0, 1, 2, 5);
    put_image("set/images/d.nii", 1, 2, 3, 4);
    put_labels("set/labels/d.nii", 2, 3, 4, 0, 100, 200, 50);
    OK(dataset_open("set", &d, NULL, &e));
    assert_non_null(strstr(d.doubt,
        "set/labels/c.nii has values of 1, 2, 5, set/labels/d.nii of 50, 100, 200, and no"));
    dataset_free(&d);
    put_labels("set/labels/c.nii", 2, 3, 4, 0, 1, 2, 5, 50);
    OK(dataset_open("set", &d, NULL, &e));
    assert_true(!d.doubt && d.labels.count == 7);
    dataset_free(&d);
    clear_set(NULL);
    open_pair(&d, 1, 2); /* each image may have one of the classes */
    assert_true(!d.doubt && d.labels.count == 3);
    dataset_free(&d);
    for (int i = 3; i < 7; i++) { /* the numbers of five cases; a sixth has the fifth's */
        char path[32];
        snprintf(path, sizeof path, "set/images/%d.nii", i);
        put_image(path, 1, 2, 3, 4);
        snprintf(path, sizeof path, "set/labels/%d.nii", i);
        put_labels(path, 2, 3, 4, 0, i < 5 ? i : 5);
        OK(dataset_open("set", &d, NULL, &e));
        assert_int_equal(d.doubt != NULL, i == 5);
        dataset_free(&d);
    }
}

/* A bitmap of four indices in a row, with two colours. */
static void put_bitmap(const char *path, const unsigned char colour[2][3])
{
    unsigned char x[66] = {'B', 'M',
        66, [10] = 62, [14] = 40, [18] = 4, [22] = 1, [26] = 1, [28] = 8, [46] = 2, [62] = 0, 1, 0,
        1};
    for (int i = 0; i < 2; i++)
        for (int c = 0; c < 3; c++) x[54 + 4 * i + 2 - c] = colour[i][c];
    make_parent(path);
    OK(file_write_all(path, x, sizeof x, &e));
}

/* A TIFF file of 8 pixels of one bit. */
static void put_bits(const char *path, unsigned char photometric)
{
    static const unsigned char entries[][4] = {{0, 1, 3, 8}, {1, 1, 3, 1}, {2, 1, 3, 1},
        {3, 1, 3, 1}, {6, 1, 3, 0}, {17, 1, 4, 8}, {21, 1, 3, 1}, {22, 1, 3, 1}, {23, 1, 4, 1}};
    unsigned char x[124] = {'I', 'I', 42, 0, 10, 0, 0, 0, 0x35, 0, COUNT(entries)};
    for (int i = 0; i < COUNT(entries); i++) {
        unsigned char *to = x + 12 + 12 * i;
        memcpy(to, entries[i], 3);
        to[4] = 1;
        to[8] = entries[i][0] == 6 ? photometric : entries[i][3];
    }
    make_parent(path);
    OK(file_write_all(path, x, sizeof x, &e));
}

static void expect_doubt(const char *part)
{
    struct dataset d;
    OK(dataset_open("set", &d, NULL, &e));
    if (part)
        assert_non_null(strstr(d.doubt, part));
    else
        assert_null(d.doubt);
    dataset_free(&d);
}

/* Numbers count, but not where the files themselves show them otherwise. */
static void looks_that_differ_are_asked_about(void **state)
{
    static const unsigned char red[2][3] = {{0}, {255}}, green[2][3] = {{0}, {0, 255}},
                               inverted[2][3] = {{255}, {0}};
    (void)state;
    put_image("set/images/a.png", 1, 1, 1, 4);
    put_image("set/images/b.png", 1, 1, 1, 4);
    put_bitmap("set/labels/a.bmp", red);
    put_bitmap("set/labels/b.bmp", red);
    expect_doubt(NULL);
    put_bitmap("set/labels/b.bmp", green);
    expect_doubt("the palettes of set/labels/a.bmp and set/labels/b.bmp show 1 in different");
    put_bitmap("set/labels/a.bmp", inverted);
    put_bitmap("set/labels/b.bmp", inverted);
    expect_doubt("the palette of set/labels/a.bmp shows 0 in a colour, but 1 as black");
    clear_set(NULL);
#ifdef ATT_TIFF
    put_image("set/images/a.png", 1, 1, 1, 8);
    put_image("set/images/b.png", 1, 1, 1, 8);
    put_bits("set/labels/a.tif", 0);
    put_bits("set/labels/b.tif", 0);
    expect_doubt(NULL);
    put_bits("set/labels/b.tif", 1);
    expect_doubt("set/labels/a.tif shows 0 as white (MinIsWhite), but set/labels/b.tif does not");
#endif
}

/* Declared classes leave no question, but a warning; so do images. */
static void expect_look(const char *part)
{
    struct dataset d;
    struct problems p = {.count = 0};
    struct check c;
    int looks = 0;
    OK(dataset_open_patterns("set", NULL, &d, &p, NULL, &e));
    assert_null(d.doubt);
    OK(check_all(&d, NULL, NULL, &c, &e));
    for (int i = 0; i < p.count; i++) {
        if (p.list[i].kind != PROBLEM_LOOK) continue;
        looks++;
        if (!part || !strstr(p.list[i].text, part)) fail_msg("%s", p.list[i].text);
    }
    assert_int_equal(looks, part != NULL);
    check_free(&c);
    problems_free(&p);
    dataset_free(&d);
}

static void looks_that_differ_among_declared_classes_are_said(void **state)
{
    static const unsigned char red[2][3] = {{0}, {255}}, green[2][3] = {{0}, {0, 255}};
    (void)state;
    put_text("set/dataset.json", "{\"labels\": {\"background\": 0, \"cell\": 1}}");
    put_image("set/images/a.png", 1, 1, 1, 4);
    put_image("set/images/b.png", 1, 1, 1, 4);
    put_bitmap("set/labels/a.bmp", red);
    put_bitmap("set/labels/b.bmp", red);
    expect_look(NULL);
    put_bitmap("set/labels/b.bmp", green);
    expect_look("the palettes of set/labels/a.bmp and set/labels/b.bmp show 1 in different");
    clear_set(NULL);
#ifdef ATT_TIFF
    put_labels("set/labels/a.png", 1, 1, 8, 0, 1);
    put_labels("set/labels/b.png", 1, 1, 8, 0, 1);
    put_bits("set/images/a.tif", 0);
    put_bits("set/images/b.tif", 0);
    expect_look(NULL);
    put_bits("set/images/b.tif", 1);
    expect_look("1 image such as set/images/a.tif shows 0 as white (MinIsWhite), unlike the");
#endif
}

/* Names of mask files may be classes that a user wants as one. */
static void classes_by_names_become_one(void **state)
{
    struct dataset d;
    (void)state;
    for (int i = 0; i < 4; i++) {
        char path[40];
        snprintf(path, sizeof path, "named/ct/%d.nii", i);
        put_image(path, 1, 2, 3, 4);
        snprintf(path, sizeof path, "named/%s/%d.nii", i % 2 ? "liver" : "spleen", i);
        put_labels(path, 2, 3, 4, 0, 1);
    }
    const struct dataset_patterns p = {
        .images = "ct/{id}.nii", .labels = "liver/{id}.nii;spleen/{id}.nii"};
    OK(dataset_open_patterns("named", &p, &d, NULL, NULL, &e));
    assert_true(d.labels.count == 3 && !d.labels.nonzero);
    OK(mask_values_choose("classes", &d, &e));
    assert_int_equal(d.labels.count, 3);
    REFUSED(mask_values_choose("objects", &d, &e), ATT_USAGE, "several classes");
    struct labelling one;
    OK(mask_values_choose("one", &d, &e));
    one = d.labels;
    assert_true(one.nonzero && one.count == 2);
    dataset_free(&d);
    OK(dataset_open_patterns("named", &p, &d, NULL, NULL, &e));
    mask_values_follow("one", &one, &d);
    assert_true(d.labels.nonzero && d.labels.count == 2);
    dataset_free(&d);
}

static void put_colours(const char *path, const char *samples)
{
    char text[200];
    snprintf(text, sizeof text, "P3 3 2 255 %s", samples);
    put_text(path, text);
}

/* Nobody knows whether a colour is a class or an object. */
static void colours_are_asked_about(void **state)
{
    struct dataset d;
    (void)state;
    put_image("set/images/a.png", 1, 1, 2, 3);
    put_image("set/images/b.png", 1, 1, 2, 3);
    put_colours("set/labels/a.ppm", "0 0 0 0 0 0 255 0 0  0 0 0 255 0 0 255 0 0");
    put_colours("set/labels/b.ppm", "0 0 0 0 0 0 255 0 0  0 0 0 255 0 0 255 0 0");
    OK(dataset_open("set", &d, NULL, &e));
    assert_true(d.labels.count == 2 && !d.doubt);
    dataset_free(&d);
    put_colours("set/labels/b.ppm", "0 0 0 0 0 0 0 255 0  0 0 0 0 255 0 128 64 32");
    OK(dataset_open("set", &d, NULL, &e));
    REFUSED(mask_values_choose(NULL, &d, &e), ATT_DATA,
        "the labels of set have 3 colours besides the background; if these are classes, give "
        "`mask-values` classes, or name them in a dataset.json; if they number objects, give "
        "`instances`");
    dataset_free(&d);
    struct problems p = {.count = 0};
    OK(dataset_open_patterns("set", NULL, &d, &p, NULL, &e));
    assert_int_equal(p.errors, 1); /* since it stops a training */
    problems_free(&p);
    OK(mask_values_choose("classes", &d, &e));
    assert_string_equal(d.labels.name[1], "#804020");
    assert_string_equal(d.labels.name[2], "#00ff00");
    assert_string_equal(d.labels.name[3], "#ff0000");
    dataset_free(&d);
    /* white is the background */
    put_colours("set/labels/a.ppm", "255 255 255 255 255 255 255 0 0  0 255 0 255 0 0 255 0 0");
    put_colours("set/labels/b.ppm", "255 255 255 255 255 255 255 255 255  0 255 0 255 0 0 255 0 0");
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.labels.value[0], 255);
    REFUSED(mask_values_choose("one", &d, &e), ATT_DATA,
        "no label of set has a 0, so everything would be one class; give `mask-values` classes");
    dataset_free(&d);
}

static void void_is_no_foreground(void **state)
{
    struct dataset d;
    (void)state;
    open_pair(&d, 1, 2);
    d.labels.ignore = 255;
    OK(mask_values_choose("one", &d, &e));
    assert_int_equal(labelling_class(&d.labels, 255), LABELLING_IGNORE);
    assert_int_equal(labelling_class(&d.labels, 2), 1);
    OK(mask_values_choose("objects", &d, &e));
    assert_true(d.labels.objects && d.labels.ignore == 255);
    dataset_free(&d);
}

static void a_model_is_followed(void **state)
{
    struct dataset d;
    (void)state;
    open_pair(&d, 1, 2);
    assert_int_equal(d.labels.count, 3);
    OK(mask_values_choose(NULL, &d, &e));
    struct labelling three = d.labels, one = {.ignore = -1, .nonzero = true};
    labelling_add(&one, 0, "background");
    labelling_add(&one, 1, "foreground");
    mask_values_follow("one", &three, &d);
    assert_memory_equal(&d.labels, &three, sizeof three);
    mask_values_follow(NULL, &one, &d); /* a class more than before */
    mask_values_follow("", &one, &d);
    assert_memory_equal(&d.labels, &three, sizeof three);
    mask_values_follow("one", &one, &d);
    assert_memory_equal(&d.labels, &one, sizeof one);
    dataset_free(&d);
    open_pair(&d, 1, 255);
    mask_values_follow(NULL, &three, &d);
    assert_int_equal(d.labels.value[2], 255);
    dataset_free(&d);
}

static void what_a_file_states_is_not_chosen(void **state)
{
    struct dataset d;
    (void)state;
    put_text("set/dataset.json", "{\"labels\": {\"background\": 0, \"x\": 1, \"y\": 255}}");
    open_pair(&d, 1, 255);
    OK(mask_values_choose(NULL, &d, &e));
    REFUSED(mask_values_choose("one", &d, &e), ATT_USAGE,
        "set states the meaning of its labels; leave out `mask-values`");
    assert_int_equal(d.labels.count, 3);
    dataset_free(&d);
}

/* A mask of one value has an object in each piece, also where a file names the class. */
static void masks_may_number_objects(void **state)
{
    struct dataset d;
    struct sample s;
    (void)state;
    put_text("set/dataset.json", "{\"labels\": {\"background\": 0, \"cell\": 1}}");
    open_pair(&d, 1, 1);
    OK(mask_values_choose("objects", &d, &e));
    assert_true(d.labels.objects);
    struct labelling objects = d.labels;
    OK(mask_values_choose("objects", &d, &e)); /* as for a packed set */
    assert_int_equal(d.labels.count, objects.count);
    OK(dataset_load(&d, 0, &s, &e));
    for (int i = 0; i < 24; i++) assert_true(s.classes[i] <= 2);
    sample_free(&s);
    dataset_free(&d);
    open_pair(&d, 1, 1);
    mask_values_follow("objects", &objects, &d);
    assert_true(d.labels.objects);
    dataset_free(&d);
    put_text("set/dataset.json", "{\"labels\": {\"background\": 0, \"x\": 1, \"y\": 255}}");
    open_pair(&d, 1, 255);
    REFUSED(mask_values_choose("objects", &d, &e), ATT_USAGE,
        "set names several classes, but objects are of one");
    mask_values_follow("objects", &objects, &d);
    assert_int_equal(d.labels.count, 3);
    dataset_free(&d);
}

/* Masks of one case may not mark a voxel as two classes. */
static void classes_overlap_only_as_layers(void **state)
{
    struct dataset d;
    struct sample s;
    struct dataset_patterns p = {
        .images = "scan/{id}.nii", .labels = "bone/{id}.nii;lung/{id}.nii;node/{id}.nii"};
    (void)state;
    for (int i = 0; i < 3; i++) {
        char path[64];
        snprintf(path, sizeof path, "set/scan/a%d.nii", i);
        put_image(path, 1, 2, 8, 9);
        snprintf(path, sizeof path, "set/bone/a%d.nii", i);
        put_labels(path, 2, 8, 9, 0, 0, 1);
        snprintf(path, sizeof path, "set/lung/a%d.nii", i);
        put_labels(path, 2, 8, 9, 1, 1, 0);
        snprintf(path, sizeof path, "set/node/a%d.nii", i);
        put_labels(path, 2, 8, 9, 0, 1, 1);
    }
    OK(dataset_open_patterns("set", &p, &d, NULL, NULL, &e));
    REFUSED(dataset_load(&d, 0, &s, &e), ATT_DATA,
        "set/node/a0.nii overlaps set/lung/a0.nii, a mask of another class, in 1 voxel, such as "
        "(1,0,0) (3, not 2); in `labels`, give each class a pattern, with > in place of ; before "
        "that of the class that covers the other, or give `mask-values` one, or correct the masks");
    OK(mask_values_choose("one", &d, &e));
    OK(dataset_load(&d, 0, &s, &e));
    for (int i = 0; i < 4; i++) assert_int_equal(s.classes[i], i < 3);
    sample_free(&s);
    dataset_free(&d);
    /* the later class covers the earlier ones */
    static const uint8_t covered[] = {2, 3, 3, 0};
    p.labels = "bone/{id}.nii;lung/{id}.nii>node/{id}.nii";
    OK(dataset_open_patterns("set", &p, &d, NULL, NULL, &e));
    assert_string_equal(d.reading->labels, "bone/{id}.nii;lung/{id}.nii>node/{id}.nii");
    OK(dataset_load(&d, 0, &s, &e));
    assert_memory_equal(s.classes, covered, sizeof covered);
    sample_free(&s);
    dataset_free(&d);
}

/* Most of these images have two cells, and the first has one. */
static void put_cells(int images, int with_two)
{
    char path[64];
    for (int i = 0; i < images; i++) {
        snprintf(path, sizeof path, "set/scan/a%d.nii", i);
        put_image(path, 1, 2, 8, 9);
        snprintf(path, sizeof path, "set/tissue/a%d.nii", i);
        put_labels(path, 2, 8, 9, 1, 1, 0);
        snprintf(path, sizeof path, "set/cells/a%d_1.nii", i);
        put_labels(path, 2, 8, 9, 0, 1);
        snprintf(path, sizeof path, "set/cells/a%d_2.nii", i);
        if (i >= images - with_two) put_labels(path, 2, 8, 9, 0, 0, 1);
    }
}

static void objects_cover_what_is_below_them(void **state)
{
    struct dataset d;
    struct labelmap m;
    const struct dataset_patterns p = {
        .images = "scan/{id}.nii", .labels = "tissue/{id}.nii>cells/{id}_#.nii"};
    static const uint16_t objects[] = {1, 2, 3, 0};
    (void)state;
    put_cells(4, 3);
    OK(dataset_open_patterns("set", &p, &d, NULL, NULL, &e));
    assert_true(d.class_objects);
    OK(mask_values_choose("objects", &d, &e));
    OK(joined_load(d.cases[3].label, &m, NULL, &e));
    assert_memory_equal(m.data, objects, sizeof objects);
    labelmap_free(&m);
    dataset_free(&d);
}

static void objects_of_a_class_are_of_that_class(void **state)
{
    struct dataset d;
    struct problems problems = {0};
    const struct dataset_patterns p = {
        .images = "scan/{id}.nii", .labels = "tissue/{id}.nii;cells/{id}_#.nii"};
    (void)state;
    put_cells(4, 3);
    if (remove("set/cells/a0_1.nii")) fail();
    OK(dataset_open_patterns("set", &p, &d, &problems, NULL, &e));
    assert_true(d.class_objects);
    bool said = false;
    for (int i = 0; i < problems.count; i++)
        said |=
            strstr(problems.list[i].text, "background there: cells in 1 of 4 cases (a0); ") != NULL;
    assert_true(said);
    problems_free(&problems);
    dataset_free(&d);
}

/* Then classes that overlap are an error, though "#" finds a second mask of one image. */
static void few_second_masks_are_no_objects(void **state)
{
    struct dataset d;
    struct sample s;
    const struct dataset_patterns p = {
        .images = "scan/{id}.nii", .labels = "tissue/{id}.nii;cells/{id}_#.nii"};
    (void)state;
    put_cells(4, 1);
    OK(dataset_open_patterns("set", &p, &d, NULL, NULL, &e));
    assert_false(d.class_objects);
    REFUSED(dataset_load(&d, 0, &s, &e), ATT_DATA,
        "set/cells/a0_1.nii overlaps set/tissue/a0.nii, a mask of another class, in 1 voxel");
    dataset_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(masks_in_two_ways_are_asked_about, clear_set),
        cmocka_unit_test_setup(looks_that_differ_are_asked_about, clear_set),
        cmocka_unit_test_setup(looks_that_differ_among_declared_classes_are_said, clear_set),
        cmocka_unit_test_setup(numbers_without_a_common_file_are_asked_about, clear_set),
        cmocka_unit_test_setup(classes_by_names_become_one, clear_set),
        cmocka_unit_test_setup(colours_are_asked_about, clear_set),
        cmocka_unit_test_setup(void_is_no_foreground, clear_set),
        cmocka_unit_test_setup(a_model_is_followed, clear_set),
        cmocka_unit_test_setup(what_a_file_states_is_not_chosen, clear_set),
        cmocka_unit_test_setup(masks_may_number_objects, clear_set),
        cmocka_unit_test_setup(classes_overlap_only_as_layers, clear_set),
        cmocka_unit_test_setup(objects_cover_what_is_below_them, clear_set),
        cmocka_unit_test_setup(objects_of_a_class_are_of_that_class, clear_set),
        cmocka_unit_test_setup(few_second_masks_are_no_objects, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Values in files and classes, and the way of a labelling through JSON. */
#include "dataset/labelling.h"

#include "unit/dataset/dataset_test.h"

static struct labelling three_classes(void)
{
    struct labelling l = {.ignore = -1};
    labelling_add(&l, 0, "background");
    labelling_add(&l, 10, "liver");
    labelling_add(&l, 65535, "Tumor größer");
    return l;
}

static struct labelling brats(void)
{
    struct labelling l = {
        .ignore = 4, .regions = 2, .region = {{{0xe}}, {{0x8}}}, .region_value = {1, 3}};
    static const char *const names[] = {"background", "label 1", "label 2", "enhancing"};
    for (unsigned i = 0; i < 4; i++) labelling_add(&l, i, names[i]);
    strcpy(l.region_name[0], "whole");
    strcpy(l.region_name[1], "enhancing");
    return l;
}

static void values_become_classes(void **state)
{
    (void)state;
    struct labelling l = three_classes();
    uint16_t data[] = {0, 10, 10, 65535, 0, 7};
    uint8_t classes[6];
    struct labelmap m = {.size = {1, 1, 5}, .data = data};
    OK(labelling_encode(&l, &m, "a.png", classes, &e));
    assert_memory_equal(classes, "\0\1\1\2\0", 5);
    l.ignore = 7;
    m.size[IMAGE_W] = 6;
    OK(labelling_encode(&l, &m, "a.png", classes, &e));
    assert_int_equal(classes[5], LABELLING_IGNORE);
}

static void a_value_is_of_one_class(void **state)
{
    (void)state;
    struct labelling l = three_classes();
    OK(labelling_check(&l, "set", &e));
    labelling_add(&l, 10, "lung");
    REFUSED(labelling_check(&l, "set", &e), ATT_DATA,
        "set: the classes 'liver' and 'lung' have the same value, 10; give each its own");
}

static void undeclared_values_are_named(void **state)
{
    (void)state;
    struct labelling l = three_classes();
    uint16_t data[24] = {0};
    uint8_t classes[24];
    struct labelmap m = {.size = {2, 3, 4}, .data = data};
    data[12 + 4 + 2] = 11;
    REFUSED(labelling_encode(&l, &m, "a/b.nii", classes, &e), ATT_DATA,
        "a/b.nii: voxel (2,1,1) has the label value 11, which is none of 0, 10 and 65535; correct");
    l.ignore = 12;
    REFUSED(labelling_encode(&l, &m, "a/b.nii", classes, &e), ATT_DATA,
        "none of 0, 10, 65535 and 12 (ignore)");
}

static void of_many_values_the_first_are_named(void **state)
{
    (void)state;
    char text[LABELLING_TEXT];
    struct labelling l = {.ignore = -1};
    for (unsigned i = 0; i < 16; i++) labelling_add(&l, 60000 + i, "x");
    assert_string_equal(labelling_values(&l, text, sizeof text),
        "60000, 60001, 60002, 60003, 60004, 60005, 60006, 60007, 60008, 60009, 60010, 60011, "
        "60012, 60013, 60014 and 60015");
    for (unsigned i = 16; i < LABELLING_MAX; i++) labelling_add(&l, 60000 + i, "x");
    assert_non_null(strstr(labelling_values(&l, text, sizeof text), ", 60014, 60015 and 238 more"));
    l.ignore = 65535;
    assert_non_null(strstr(
        labelling_values(&l, text, sizeof text), ", 60014, 60015, 238 more and 65535 (ignore)"));
}

static void files_become_classes(void **state)
{
    (void)state;
    struct labelling l = three_classes();
    uint8_t *classes;
    int size[3];
    put_labels("set/a.nii", 1, 2, 3, 0, 10, 65535, 65535, 0, 10);
    OK(labelling_load(&l, "set/a.nii", &classes, size, &e));
    assert_memory_equal(size, ((int[]){1, 2, 3}), sizeof size);
    assert_memory_equal(classes, "\0\1\2\2\0\1", 6);
    mem_free(classes);
    put_labels("set/a.nii", 1, 2, 3, 0, 11);
    REFUSED(labelling_load(&l, "set/a.nii", &classes, size, &e), ATT_DATA,
        "set/a.nii: voxel (1,0,0) has the label value 11");
    assert_null(classes);
    REFUSED(labelling_load(&l, "set/none.nii", &classes, size, &e), ATT_IO, "set/none.nii");
    assert_null(classes);
}

static void masks_need_not_be_clean(void **state)
{
    (void)state;
    struct labelling l = {.ignore = -1, .nonzero = true};
    labelling_add(&l, 0, "background");
    labelling_add(&l, 255, "foreground");
    uint16_t data[] = {255, 0, 254, 1};
    uint8_t classes[4];
    OK(labelling_encode(
        &l, &(struct labelmap){.size = {1, 2, 2}, .data = data}, "a.png", classes, &e));
    assert_memory_equal(classes, "\1\0\1\1", 4);
}

/* Between objects that touch, too. */
static void void_is_no_object(void **state)
{
    (void)state;
    struct labelling l = {.ignore = 255}, back;
    uint16_t data[] = {7, 7, 255, 9, 9, 0, 0, 0}, one[] = {7, 7, 255, 7, 7, 0, 0, 0};
    struct labelmap m = {.size = {1, 1, 8}, .data = data};
    struct err why = {0};
    uint8_t classes[8];
    labelling_of_objects(&l);
    OK(labelling_encode(&l, &m, "a.png", classes, &e));
    assert_memory_equal(classes, "\1\2\377\1\1\0\0\0", 8);
    m.data = one; /* two pieces of one value */
    uint16_t *number = labelling_number(&m, l.ignore, "a.png", &why);
    assert_memory_equal(number, ((uint16_t[]){1, 1, 0, 2, 2, 0, 0, 0}), sizeof one);
    mem_free(number);
    for (l.ignore = 2; l.ignore >= 0; l.ignore -= 2) { /* 2 is the value of no object here */
        json_t *j = labelling_to_json(&l);
        if (l.ignore) {
            OK(labelling_from_json(j, &back, &e));
        } else {
            REFUSED(labelling_from_json(j, &back, &e), ATT_MODEL, "the value to ignore");
        }
        assert_int_equal(back.ignore, l.ignore ? 2 : -1);
        assert_true(back.objects == (l.ignore != 0));
        json_decref(j);
    }
}

static void channels_are_classes_or_regions(void **state)
{
    (void)state;
    struct labelling plain = three_classes(), regions = brats();
    assert_int_equal(labelling_channels(&plain), 3);
    assert_int_equal(labelling_channels(&regions), 2);
}

static void assert_survives(const struct labelling *l)
{
    struct labelling back;
    json_t *j = labelling_to_json(l);
    assert_non_null(j);
    OK(labelling_from_json(j, &back, &e));
    assert_int_equal(back.count, l->count);
    assert_int_equal(back.ignore, l->ignore);
    assert_int_equal(back.nonzero, l->nonzero);
    assert_int_equal(back.regions, l->regions);
    assert_memory_equal(back.value, l->value, sizeof l->value);
    assert_memory_equal(back.name, l->name, sizeof l->name);
    assert_memory_equal(back.region, l->region, sizeof l->region);
    assert_memory_equal(back.region_name, l->region_name, sizeof l->region_name);
    assert_memory_equal(back.region_value, l->region_value, sizeof l->region_value);
    json_decref(j);
}

static void json_keeps_everything(void **state)
{
    (void)state;
    struct labelling plain = three_classes(), regions = brats(),
                     mask = {.ignore = -1, .nonzero = true}, full = {.ignore = LABELLING_MAX};
    labelling_add(&mask, 0, "background");
    labelling_add(&mask, 255, "foreground");
    for (unsigned i = 0; i < LABELLING_MAX; i++) labelling_add(&full, i, "x");
    assert_survives(&plain);
    assert_survives(&regions);
    assert_survives(&mask);
    full.regions = 1;
    for (int i = 0; i < LABELLING_MAX; i += 127) class_set_add(&full.region[0], i);
    assert_survives(&full);
}

static void json_says_what_people_read(void **state)
{
    (void)state;
    struct labelling l = brats();
    json_t *j = labelling_to_json(&l);
    char *text = json_dumps(j, JSON_COMPACT);
    assert_string_equal(text,
        "{\"classes\":[{\"name\":\"background\",\"value\":0},{\"name\":\"label 1\",\"value\":1},"
        "{\"name\":\"label 2\",\"value\":2},{\"name\":\"enhancing\",\"value\":3}],\"ignore\":4,"
        "\"regions\":[{\"name\":\"whole\",\"values\":[1,2,3],\"writes\":1},"
        "{\"name\":\"enhancing\",\"values\":[3],\"writes\":3}]}");
    free(text);
    json_decref(j);
}

#define CLASSES "\"classes\":[{\"name\":\"a\",\"value\":0},{\"name\":\"b\",\"value\":1}]"

static void damaged_json_is_refused(void **state)
{
    static const struct {
        const char *json, *words;
    } cases[] = {
        {"{}", "no list of 1 to 254 classes"},
        {"[]", "no list of 1 to 254 classes"},
        {"{\"classes\":[]}", "no list of 1 to 254 classes"},
        {"{\"classes\":[{\"value\":0}]}", "name"},
        {"{\"classes\":[{\"name\":"
         "\"0123456789012345678901234567890123456789012345678901234567890123\",\"value\":0}]}",
            "name"},
        {"{\"classes\":[{\"name\":\"a\",\"value\":65536}]}", "value"},
        {"{\"classes\":[{\"name\":\"a\",\"value\":-1}]}", "value"},
        {"{\"classes\":[{\"name\":\"a\",\"value\":0.5}]}", "value"},
        {"{\"classes\":[{\"name\":\"a\",\"value\":0},{\"name\":\"b\",\"value\":0}]}",
            "two classes have the same value"},
        {"{" CLASSES ",\"ignore\":1}", "ignore"},
        {"{" CLASSES ",\"ignore\":\"x\"}", "ignore"},
        {"{" CLASSES ",\"regions\":[]}", "regions"},
        {"{" CLASSES ",\"regions\":[{\"name\":\"r\",\"values\":[2],\"writes\":1}]}",
            "no class has"},
        {"{" CLASSES ",\"ignore\":2,\"regions\":[{\"name\":\"r\",\"values\":[2],\"writes\":1}]}",
            "no class has"},
        {"{" CLASSES ",\"regions\":[{\"name\":\"r\",\"values\":[],\"writes\":1}]}", "empty"},
        {"{" CLASSES ",\"regions\":[{\"name\":\"r\",\"values\":[1]}]}", "writes"},
        {"{" CLASSES ",\"regions\":[{\"values\":[1],\"writes\":1}]}", "name"},
        {"{" CLASSES
         ",\"nonzero\":true,\"regions\":[{\"name\":\"r\",\"values\":[1],\"writes\":1}]}",
            "two classes"},
    };
    (void)state;
    for (int i = 0; i < COUNT(cases); i++) {
        struct labelling l;
        json_t *j = json_loads(cases[i].json, 0, NULL);
        assert_non_null(j);
        REFUSED(labelling_from_json(j, &l, &e), ATT_MODEL, cases[i].words);
        assert_int_equal(l.count, 0);
        json_decref(j);
    }
    struct labelling l;
    REFUSED(labelling_from_json(NULL, &l, &e), ATT_MODEL, "no list");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_become_classes),
        cmocka_unit_test(values_become_classes),
        cmocka_unit_test(a_value_is_of_one_class),
        cmocka_unit_test(undeclared_values_are_named),
        cmocka_unit_test(of_many_values_the_first_are_named),
        cmocka_unit_test(masks_need_not_be_clean),
        cmocka_unit_test(void_is_no_object),
        cmocka_unit_test(channels_are_classes_or_regions),
        cmocka_unit_test(json_keeps_everything),
        cmocka_unit_test(json_says_what_people_read),
        cmocka_unit_test(damaged_json_is_refused),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

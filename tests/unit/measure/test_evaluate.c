/* SPDX-License-Identifier: Apache-2.0 */
/* The whole of evaluation: numbers by hand, means, what values mean, ignore, regions, units, any
 * number of threads. */
#include "measure/evaluate.h"

#include <math.h>

#include "unit/dataset/dataset_test.h"

static const struct evaluate_options plain = {.ignore = -1};

static att_status report_of(const char *labels, const struct evaluate_options *o, struct pool *pool,
    struct host *host, json_t **j, struct err *e)
{
    struct evaluation v;
    TRY(evaluate_masks(
        file_ends(labels, ".png") ? "set/p/a.png" : "set/p", labels, NULL, o, pool, host, &v, e));
    *j = evaluation_report(&v);
    evaluation_free(&v);
    return ATT_OK;
}

static json_t *run(const struct evaluate_options *o, const char *labels)
{
    json_t *j = NULL;
    OK(report_of(labels, o, NULL, NULL, &j, &e));
    return j;
}

/* Row k of "classes" of case i, or of the mean for i < 0. */
static json_t *row(json_t *j, int i, size_t k)
{
    json_t *from =
        i < 0 ? json_object_get(j, "mean") : json_array_get(json_object_get(j, "cases"), (size_t)i);
    return json_array_get(json_object_get(from, "classes"), k);
}

static void is(json_t *from, const char *name, double value)
{
    double found = json_number_value(json_object_get(from, name));
    if (!json_is_number(json_object_get(from, name)) || found < value - 1e-12 ||
        found > value + 1e-12)
        fail_msg("%s is %.15g, not %.15g", name, found, value);
}

static void is_text(json_t *from, const char *name, const char *text)
{
    assert_string_equal(json_string_value(json_object_get(from, name)), text);
}

static void is_null(json_t *from, const char *name)
{
    assert_true(json_is_null(json_object_get(from, name)));
}

static void numbers_by_hand(void **state)
{
    (void)state;
    put_labels("set/p/a.png", 1, 2, 5, 1, 1, 1, 0, 0, 2);
    put_labels("set/t/a.png", 1, 2, 5, 0, 1, 1, 1, 0, 2);
    json_t *j = run(&plain, "set/t"), *a = row(j, 0, 0);
    is_text(json_array_get(json_object_get(j, "cases"), 0), "case", "a");
    is_text(json_array_get(json_object_get(j, "cases"), 0), "unit", "pixels");
    is_text(a, "class", "1");
    is_text(a, "name", "label 1");
    is(a, "dice", 4.0 / 6);
    is(a, "iou", 2.0 / 4);
    is(a, "precision", 2.0 / 3);
    is(a, "recall", 2.0 / 3);
    is(a, "volume_predicted", 3);
    is(a, "volume_true", 3);
    is(row(j, 0, 1), "dice", 1);
    is(json_object_get(j, "mean"), "dice", 5.0 / 6);
    assert_null(row(j, 0, 2));
    is_text(json_object_get(j, "definitions"), "dice", "2 TP / (2 TP + FP + FN)");
    assert_null(json_object_get(json_object_get(j, "definitions"), "ignore"));
    json_decref(j);
}

static void empty_masks_stay_out_of_means(void **state)
{
    (void)state;
    put_labels("set/p/a.png", 1, 1, 5, 1, 1, 0);
    put_labels("set/t/a.png", 1, 1, 5, 1, 1, 0);
    put_labels("set/p/b.png", 1, 1, 5, 0, 0,
        2); /* class 1 neither there nor predicted; class 2 only predicted */
    put_labels("set/t/b.png", 1, 1, 5, 0);
    put_labels("set/p/c.png", 1, 1, 5, 0, 0, 2);
    put_labels("set/t/c.png", 1, 1, 5, 1, 0, 2);
    json_t *j = run(&plain, "set/t");
    is_null(row(j, 1, 0), "dice");
    is_null(row(j, 1, 0), "precision");
    is(row(j, 1, 0), "volume_true", 0);
    is(row(j, 1, 1), "dice", 0);
    is_null(row(j, 1, 1), "recall");
    is(row(j, -1, 0), "dice", 0.5);
    is(row(j, -1, 0), "cases", 2);
    is(row(j, -1, 0), "precision", 1);
    is(row(j, -1, 0), "recall", 0.5);
    is(row(j, -1, 0), "volume_true", 1);
    is(row(j, -1, 1), "dice", 0.5);
    is(row(j, -1, 1), "precision", 0.5);
    is(row(j, -1, 1), "recall", 1);
    is(json_object_get(j, "mean"), "precision", 0.75);
    json_decref(j);
}

static void masks_of_two_values_are_one_class(void **state)
{
    (void)state;
    put_labels("set/p/a.png", 1, 1, 5, 1, 1);
    put_labels("set/t/a.png", 1, 1, 5, 255, 0, 255);
    json_t *j = run(&plain, "set/t");
    is_text(row(j, 0, 0), "class", "255");
    is_text(row(j, 0, 0), "name", "foreground");
    is(row(j, 0, 0), "dice", 0.5);
    assert_null(row(j, 0, 1));
    is_text(json_object_get(j, "definitions"), "classes", "all values but 0 are one class");
    json_decref(j);
    put_labels("set/p/a.png", 1, 1, 5, 1, 2); /* two values predicted are two classes */
    j = run(&plain, "set/t");
    is_text(row(j, 0, 0), "class", "1");
    is_text(row(j, 0, 2), "class", "255");
    json_decref(j);
}

static void a_value_can_be_ignored(void **state)
{
    (void)state;
    put_labels("set/p/a.png", 1, 1, 6, 1, 1, 1, 0, 1);
    put_labels("set/t/a.png", 1, 1, 6, 1, 1, 9, 9, 9);
    json_t *j = run(&(struct evaluate_options){.ignore = 9}, "set/t");
    is(row(j, 0, 0), "dice", 1);
    is(row(j, 0, 0), "volume_predicted", 2);
    assert_null(row(j, 0, 1));
    is_text(json_object_get(j, "definitions"), "ignore", "voxels whose label is 9 do not count");
    json_decref(j);
}

/* A BMP file of 8x1 indices of colours. */
static void put_indices(const char *path, const unsigned char index[8])
{
    enum { HEAD = 54, COLOURS = 1024 };
    unsigned char f[HEAD + COLOURS + 8] = {
        'B', 'M', [10] = HEAD, [11] = 4, [14] = 40, [18] = 8, [22] = 1, [26] = 1, [28] = 8};
    for (int i = 0; i < 256; i++) f[HEAD + 4 * i] = (unsigned char)i; /* blue */
    memcpy(f + HEAD + COLOURS, index, 8);
    FILE *out = fopen(path, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(f, 1, sizeof f, out), sizeof f);
    fclose(out);
}

static void void_of_palettes_is_ignored(void **state)
{
    (void)state;
    static const unsigned char with_void[] = {0, 1, 1, 255, 2, 2, 255, 0},
                               with_last[] = {0, 1, 1, 255, 2, 2, 254, 0};
    struct labelling objects = {.ignore = -1};
    labelling_of_objects(&objects);
    put_labels("set/p/a.png", 1, 1, 8, 0, 1, 1, 1, 2, 2, 0, 0);
    OK(file_make_folders("set/t", &e));
    put_indices("set/t/a.bmp", with_void);
    json_t *j = run(&plain, "set/t");
    is(row(j, 0, 0), "dice", 1);
    assert_null(row(j, 0, 2));
    json_decref(j);
    const struct evaluate_options o = {.ignore = -1, .labels = &objects};
    j = run(&o, "set/t");
    is(row(j, 0, 0), "ap90", 1);
    json_decref(j);
    put_indices("set/t/a.bmp", with_last); /* 254 too: these are numbers */
    j = run(&o, "set/t");
    is(row(j, 0, 0), "ap90", 1.0 / 5); /* one of two, of four */
    json_decref(j);
}

static void volumes_are_in_mm(void **state)
{
    (void)state;
    struct geometry g = {.spacing = {3, 2, 0.5f},
        .affine = {{0.5, 0, 0, 0}, {0, 2, 0, 0}, {0, 0, 3, 0}},
        .valid = true};
    put_labels_at("set/p/a.nii.gz", 2, 2, 2, (const int[]){1, -1}, &g);
    put_labels_at("set/t/a.nii.gz", 2, 2, 2, (const int[]){1, 1, -1}, &g);
    json_t *j = run(&plain, "set/t");
    is_text(json_array_get(json_object_get(j, "cases"), 0), "unit", "mm3");
    is(row(j, 0, 0), "volume_predicted", 3);
    is(row(j, 0, 0), "volume_true", 6);
    is(row(j, -1, 0), "volume_true", 6);
    json_decref(j);
    put_labels("set/p/b.png", 1, 2, 2, 1);
    put_labels("set/t/b.png", 1, 2, 2, 1);
    j = run(&plain, "set/t");
    is_null(row(j, -1, 0), "volume_true"); /* mm3 and pixels have no mean */
    is(row(j, -1, 0), "dice", (2.0 / 3 + 1) / 2);
    json_decref(j);
}

static const char description[] =
    "{\"labels\": {\"background\": 0, \"whole\": [1, 2], \"core\": 2, \"ignore\": 3}, "
    "\"regions_class_order\": [1, 2]}";

static void check_regions(const char *labels)
{
    json_t *j = run(&plain, labels);
    is_text(row(j, 0, 0), "class", "1+2");
    is_text(row(j, 0, 0), "name", "whole");
    is(row(j, 0, 0), "dice", 6.0 / 7);
    is_text(row(j, 0, 1), "class", "2");
    is(row(j, 0, 1), "dice", 2.0 / 3);
    assert_null(row(j, 0, 2));
    json_decref(j);
}

static void dataset_json_says_what_values_mean(void **state)
{
    (void)state;
    put_labels("set/p/a.png", 1, 1, 8, 1, 1, 2, 1, 0, 2);
    put_labels("set/d/labelsTr/a.png", 1, 1, 8, 1, 2, 2, 0, 0, 3);
    put_text("set/d/dataset.json", description);
    check_regions("set/d");
    check_regions("set/d/labelsTr");
    check_regions("set/d/labelsTr/a.png");
    put_labels("set/p/a.png", 1, 1, 8, 1, 1, 2, 1, 0, 4);
    json_t *j = NULL;
    REFUSED(report_of("set/d", &(struct evaluate_options){.ignore = 0}, NULL, NULL, &j, &e),
        ATT_USAGE,
        "`ignore` is 0, but 0 is the background, which always counts; give the value of unlabelled "
        "voxels");
    REFUSED(report_of("set/d", &plain, NULL, NULL, &j, &e), ATT_DATA,
        "set/p/a.png: voxel (5,0,0) has the label value 4");
    assert_null(j);
    /* A labelling of the caller goes before. */
    const struct labelling own = {.count = 3,
        .value = {0, 1, 2},
        .name = {"background", "rim", "core"},
        .ignore = 3,
        .nonzero = false};
    put_labels("set/p/a.png", 1, 1, 8, 1, 1, 2, 1, 0, 2);
    j = run(&(struct evaluate_options){.labels = &own, .ignore = -1}, "set/d");
    is_text(row(j, 0, 0), "name", "rim");
    is(row(j, 0, 0), "dice", 2.0 / 4);
    json_decref(j);
}

static void dataset_json_may_tell_other_things(void **state)
{
    (void)state;
    put_labels("set/d/images/a.png", 1, 1, 4, 9, 9, 9);
    put_labels("set/d/labels/a.png", 1, 1, 4, 1, 2, 1);
    put_labels("set/p/a.png", 1, 1, 4, 1, 2, 1);
    put_text("set/d/dataset.json", "{\"channel_names\": {\"0\": \"US\"}}");
    json_t *j = run(&plain, "set/d");
    is_text(row(j, 0, 1), "class", "2");
    json_decref(j);
}

/* Who knows what values mean does not say that the background may be left out, or that a class is
 * none. */
static void ignored_values_are_no_class(void **state)
{
    (void)state;
    json_t *j = NULL;
    put_labels("set/d/images/a.png", 1, 1, 4, 9, 9, 9);
    put_labels("set/d/labels/a.png", 1, 1, 4, 1, 2, 1);
    put_labels("set/p/a.png", 1, 1, 4, 1, 2, 1);
    REFUSED(report_of("set/d", &(struct evaluate_options){.ignore = 0}, NULL, NULL, &j, &e),
        ATT_USAGE,
        "`ignore` is 0, but 0 is the background, which always counts; give the value of unlabelled "
        "voxels");
    assert_null(j);
    j = run(&(struct evaluate_options){.ignore = 2}, "set/d");
    is_text(row(j, 0, 0), "class", "1");
    assert_null(row(j, 0, 1));
    json_decref(j);
}

static void what_cannot_be_compared_is_refused(void **state)
{
    (void)state;
    json_t *j = NULL;
    put_labels("set/p/a.png", 1, 1, 5, 0);
    put_labels("set/t/a.png", 1, 1, 5, 0);
    REFUSED(report_of("set/t", &plain, NULL, NULL, &j, &e), ATT_DATA,
        "labels and predictions contain only 0, so there is nothing to compare; check the files");
    struct labelmap m = {.size = {1, 1, 300}, .data = mem_array(300, sizeof *m.data)};
    for (int i = 0; i < 300; i++) m.data[i] = (uint16_t)i;
    OK(format_save_labels("set/p/a.png", &m, &e));
    OK(format_save_labels("set/t/a.png", &m, &e));
    mem_free(m.data);
    REFUSED(report_of("set/t", &plain, NULL, NULL, &j, &e), ATT_DATA,
        "labels and predictions have 300 different values");
    put_labels("set/p/a.png", 1, 1, 4, 0);
    REFUSED(report_of("set/t", &plain, NULL, NULL, &j, &e), ATT_DATA, "set/p/a.png has 1x4 voxels");
    put_labels("set/t/b.png", 1, 1, 4, 0);
    REFUSED(
        report_of("set/t", &plain, NULL, NULL, &j, &e), ATT_DATA, " has no prediction for case b");
    assert_null(j);
}

static void many_cases(int count)
{
    for (int i = 0; i < count; i++) {
        char name[64];
        for (int k = 0; k < 2; k++) {
            snprintf(name, sizeof name, "set/%c/case_%02d.png", k ? 't' : 'p', i);
            put_labels(name, 1, 3, 3, i % 3, (i + k) % 3, i % 2 * 2, k, 1);
        }
    }
}

static void threads_change_nothing(void **state)
{
    (void)state;
    struct heard h;
    hear(&h);
    many_cases(13);
    json_t *one = run(&plain, "set/t"), *two = NULL;
    struct pool *pool = pool_create(3);
    OK(report_of("set/t", &plain, pool, &h.host, &two, &e));
    assert_true(json_equal(one, two));
    assert_int_equal(json_array_size(json_object_get(two, "cases")), 13);
    assert_int_equal(h.done, 13);
    assert_int_equal(h.total, 13);
    /* The first failure in the order of names is told, whatever came first in time. */
    put_labels("set/p/case_03.png", 1, 1, 4, 0);
    put_labels("set/p/case_02.png", 1, 1, 3, 0);
    json_t *none = NULL;
    REFUSED(
        report_of("set/t", &plain, pool, NULL, &none, &e), ATT_DATA, "set/p/case_02.png has 1x3");
    pool_destroy(pool);
    json_decref(one);
    json_decref(two);
}

static void it_can_be_stopped(void **state)
{
    (void)state;
    struct heard h;
    json_t *j = NULL;
    hear(&h);
    many_cases(3);
    atomic_store(&h.host.stop, 1);
    REFUSED(report_of("set/t", &plain, NULL, &h.host, &j, &e), ATT_INTERRUPTED, "stopped");
    assert_null(j);
}

static const struct geometry slab = {
    .spacing = {3, 2, 0.5f}, .affine = {{0.5, 0, 0, 0}, {0, 2, 0, 0}, {0, 0, 3, 0}}, .valid = true};

static void distances_are_in_mm_of_the_label(void **state)
{
    (void)state;
    put_labels_at("set/p/a.nii.gz", 2, 2, 5,
        (const int[]){0, 1, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1}, &slab);
    put_labels_at("set/t/a.nii.gz", 2, 2, 5,
        (const int[]){0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, -1}, &slab);
    json_t *j = run(&(struct evaluate_options){.ignore = -1,
                        .measures = 1 << MEASURE_DICE | 1 << MEASURE_HD95 | 1 << MEASURE_NSD,
                        .tolerance = .99},
        "set/t");
    is_text(json_array_get(json_object_get(j, "cases"), 0), "distance_unit", "mm");
    is(row(j, 0, 0), "hd95", 1); /* moved by two voxels of half a mm */
    is(row(j, 0, 0), "nsd",
        .5); /* the sides that face each other are half a mm apart, and edges are cut alike */
    is(row(j, 0, 1), "dice", 0);
    is(row(j, -1, 0), "cases_with_distance", 1);
    assert_null(json_object_get(row(j, 0, 0), "assd"));
    assert_null(json_object_get(row(j, 0, 0), "iou"));
    assert_null(json_object_get(row(j, -1, 0), "volume_true"));
    assert_null(json_object_get(json_object_get(j, "mean"), "assd"));
    json_decref(j);
    j = run(&(struct evaluate_options){.ignore = -1, .measures = 1 << MEASURE_IOU}, "set/t");
    assert_null(json_object_get(row(j, 0, 0), "hd95"));
    is(row(j, 0, 0), "iou", 0);
    json_decref(j);
}

static void empty_masks_have_no_distance(void **state)
{
    (void)state;
    put_labels("set/p/a.png", 1, 2, 5, 1, 1, 0, 0, 0, 1, 1);
    put_labels("set/t/a.png", 1, 2, 5, 0, 1, 1, 0, 0, 0, 1, 1);
    put_labels("set/p/b.png", 1, 2, 5, 1, 1);
    put_labels("set/t/b.png", 1, 2, 5, 0);
    json_t *j = run(&(struct evaluate_options){.ignore = -1, .tolerance = 1}, "set/t");
    is_text(json_array_get(json_object_get(j, "cases"), 0), "distance_unit", "pixels");
    is(row(j, 0, 0), "hd95", 1);
    is_null(row(j, 1, 0), "hd95");
    is_null(row(j, 1, 0), "assd");
    is(row(j, 1, 0), "nsd", 0);
    is(row(j, -1, 0), "hd95", 1);
    is(row(j, -1, 0), "cases", 2);
    is(row(j, -1, 0), "cases_with_distance", 1);
    is(row(j, -1, 0), "nsd", .5);
    json_decref(j);
}

static void ignored_voxels_belong_to_no_mask(void **state)
{
    (void)state;
    put_labels("set/p/a.png", 1, 1, 7, 0, 1, 1, 1, 1, 1);
    put_labels("set/t/a.png", 1, 1, 7, 0, 1, 1, 9, 9, 9);
    json_t *j = run(&(struct evaluate_options){.ignore = 9, .tolerance = 0}, "set/t");
    is(row(j, 0, 0), "hd95", 0);
    is(row(j, 0, 0), "nsd", 1);
    json_decref(j);
}

static void cases_without_foreground_can_be_left_out(void **state)
{
    (void)state;
    put_labels("set/p/a.png", 1, 1, 4, 1);
    put_labels("set/t/a.png", 1, 1, 4, 0);
    put_labels("set/p/b.png", 1, 1, 4, 1, 1);
    put_labels("set/t/b.png", 1, 1, 4, 1);
    put_labels("set/p/c.png", 1, 1, 4, 0);
    put_labels("set/t/c.png", 1, 1, 4, 0);
    json_t *all = run(&plain, "set/t"),
           *j =
               run(&(struct evaluate_options){.ignore = -1, .only_with_foreground = true}, "set/t");
    is(row(all, -1, 0), "iou", .25);
    is(row(j, -1, 0), "iou", .5);
    assert_int_equal(json_array_size(json_object_get(all, "cases")), 3);
    assert_int_equal(json_array_size(json_object_get(j, "cases")), 1);
    is_text(json_array_get(json_object_get(j, "cases"), 0), "case", "b");
    is(row(j, 0, 0), "hd95", 1);
    assert_int_equal(json_array_size(json_object_get(all, "without_foreground")), 2);
    assert_true(json_equal(
        json_object_get(all, "without_foreground"), json_object_get(j, "without_foreground")));
    json_decref(all);
    json_decref(j);
    put_labels("set/p/b.png", 1, 1, 4, 1);
    put_labels("set/t/b.png", 1, 1, 4, 0);
    const struct evaluate_options only = {.ignore = -1, .only_with_foreground = true};
    REFUSED(report_of("set/t", &only, NULL, NULL, &j, &e), ATT_DATA,
        "no label has foreground, so there is nothing to measure; check the labels");
}

static void metrics_are_chosen_by_name(void **state)
{
    (void)state;
    unsigned bits;
    OK(measures_parse("hd95,dice,volume", &bits, &e));
    assert_int_equal(bits,
        1 << MEASURE_HD95 | 1 << MEASURE_DICE | 1 << MEASURE_VOLUME_PREDICTED |
            1 << MEASURE_VOLUME_TRUE);
    OK(measures_parse("nsd", &bits, &e));
    assert_int_equal(bits, 1 << MEASURE_NSD);
    REFUSED(measures_parse("dice,hd", &bits, &e), ATT_USAGE, "'hd' is not a metric");
    REFUSED(measures_parse("dice,,iou", &bits, &e), ATT_USAGE, "'' is not a metric");
    REFUSED(measures_parse("dice,dice", &bits, &e), ATT_USAGE, "named twice");
    REFUSED(measures_parse("", &bits, &e), ATT_USAGE, "no metric is named");
}

static void names_that_are_not_utf8_are_mended(void **state)
{
    (void)state;
    put_labels("set/p/\xe9t.png", 1, 1, 3, 1);
    put_labels("set/t/\xe9t.png", 1, 1, 3, 1);
    json_t *j = run(&plain, "set/t");
    is_text(json_array_get(json_object_get(j, "cases"), 0), "case", "?t");
    json_decref(j);
}

/* One predicted class against labels that number objects; two predicted classes against the same
 * labels are classes. */
static void numbered_objects_are_one_class(void **state)
{
    (void)state;
    put_labels("set/t/a.png", 1, 2, 5, 1, 2, 3, 4, 5, 6);
    put_labels("set/t/b.png", 1, 2, 5, 1, 2);
    put_labels("set/t/c.png", 1, 2, 5, 1, 0, 2, 3);
    put_labels("set/p/a.png", 1, 2, 5, 1, 1, 1, 1, 0, 1);
    put_labels("set/p/b.png", 1, 2, 5, 1, 1, 1);
    put_labels("set/p/c.png", 1, 2, 5, 1, 1, 1, 1);
    json_t *j = run(&plain, "set/t");
    is(row(j, 0, 0), "dice", 10. / 11);
    is(row(j, 1, 0), "dice", 4. / 5);
    is(row(j, 2, 0), "dice", 6. / 7);
    assert_null(row(j, 0, 1));
    json_decref(j);
    put_labels("set/p/c.png", 1, 2, 5, 1, 2, 1, 1);
    j = run(&plain, "set/t");
    assert_non_null(row(j, 0, 5));
    json_decref(j);
}

/* Of a data set all labels say what there is, whichever are measured. */
static void the_data_set_says_what_values_mean(void **state)
{
    (void)state;
    struct heard h;
    const int all[] = {1, 2, 2, -1};
    for (int i = 0; i < 3; i++) {
        char name[32];
        snprintf(name, sizeof name, "set/d/images/%c.png", 'a' + i);
        put_image(name, 1, 1, 2, 5);
        snprintf(name, sizeof name, "set/d/labels/%c.png", 'a' + i);
        put_labels_at(name, 1, 2, 5, i ? all : (const int[]){1, 1, -1}, NULL);
    }
    put_labels("set/p/a.png", 1, 2, 5, 2, 2);
    const char *const given[] = {"set/d", "set/d/labels", "set/d/labels/"};
    put_text("set/cases.txt", "a\n");
    for (int i = 0; i < COUNT(given); i++) {
        struct evaluation v;
        OK(evaluate_masks("set/p", given[i], "set/cases.txt", &plain, NULL, NULL, &v, &e));
        assert_int_equal(labelling_targets(&v.labels), 2);
        assert_true(evaluation_number(&v, 0, 0, MEASURE_DICE) < 1e-9);
        evaluation_free(&v);
    }
    /* Beside nothing that says so they may be one class, which is told. */
    json_t *j = NULL;
    hear(&h);
    put_labels("set/t/a.png", 1, 2, 5, 1, 1);
    OK(report_of("set/t", &plain, NULL, &h.host, &j, &e));
    is(row(j, 0, 0), "dice", 1);
    assert_non_null(strstr(h.text,
        "labels have 0 and 1 but predictions 0 and 2, so attunet compares them as one class; if "
        "these are two classes, name them in a dataset.json next to the labels"));
    json_decref(j);
    put_labels("set/p/a.png", 1, 2, 5, 255, 255);
    hear(&h);
    OK(report_of("set/t", &plain, NULL, &h.host, &j, &e));
    assert_null(strstr(h.text,
        ", so attunet compares them as one class; if these are two classes, name them in a "
        "dataset.json next to the labels"));
    json_decref(j);
}

static void the_data_set_says_that_objects_are_numbered(void **state)
{
    (void)state;
    struct evaluation v;
    for (int i = 0; i < 3; i++) {
        char name[32];
        snprintf(name, sizeof name, "set/d/images/%c.png", 'a' + i);
        put_image(name, 1, 1, 2, 20);
        snprintf(name, sizeof name, "set/d/labels/%c.png", 'a' + i);
        put_labels_at(
            name, 1, 2, 20, (const int[]){1, 0, 2, 0, 3, 0, i ? -1 : 4, 0, 5, 0, 6, -1}, NULL);
    }
    put_labels("set/p/a.png", 1, 2, 20, 1, 1, 1);
    put_text("set/cases.txt", "a\n");
    OK(evaluate_masks("set/p", "set/d", "set/cases.txt", &plain, NULL, NULL, &v, &e));
    assert_int_equal(labelling_targets(&v.labels), 1);
    assert_true(fabs(evaluation_number(&v, 0, 0, MEASURE_DICE) - 4. / 9) < 1e-9);
    evaluation_free(&v);
}

/* Their numbers are attunet's own, also where a file states their class. */
static void objects_with_files_of_their_own_are_one_class(void **state)
{
    (void)state;
    struct evaluation v;
    for (int i = 0; i < 3; i++) {
        char path[64];
        snprintf(path, sizeof path, "set/d/a%d/images/a%d.png", i, i);
        put_photo(path, 8, 9);
        for (int k = 0; k < 3; k++) {
            snprintf(path, sizeof path, "set/d/a%d/masks/%d%d.png", i, k + 5, i);
            put_labels(path, 1, 8, 9, k == 0 ? 255 : 0, k == 1 ? 255 : 0, k == 2 ? 255 : 0);
        }
        snprintf(path, sizeof path, "set/p/a%d.png", i);
        put_labels(path, 1, 8, 9, 1, 0, 1, 1);
    }
    for (int stated = 0; stated < 2; stated++) {
        if (stated)
            put_text("set/d/dataset.json", "{\"labels\": {\"background\": 0, \"cell\": 1}}");
        OK(evaluate_masks("set/p", "set/d", NULL, &plain, NULL, NULL, &v, &e));
        assert_int_equal(labelling_targets(&v.labels), 1);
        assert_true(fabs(evaluation_number(&v, 0, 0, MEASURE_DICE) - 4. / 6) < 1e-9);
        evaluation_free(&v);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(numbers_by_hand, clear_set),
        cmocka_unit_test_setup(empty_masks_stay_out_of_means, clear_set),
        cmocka_unit_test_setup(masks_of_two_values_are_one_class, clear_set),
        cmocka_unit_test_setup(a_value_can_be_ignored, clear_set),
        cmocka_unit_test_setup(void_of_palettes_is_ignored, clear_set),
        cmocka_unit_test_setup(volumes_are_in_mm, clear_set),
        cmocka_unit_test_setup(dataset_json_says_what_values_mean, clear_set),
        cmocka_unit_test_setup(dataset_json_may_tell_other_things, clear_set),
        cmocka_unit_test_setup(ignored_values_are_no_class, clear_set),
        cmocka_unit_test_setup(what_cannot_be_compared_is_refused, clear_set),
        cmocka_unit_test_setup(threads_change_nothing, clear_set),
        cmocka_unit_test_setup(it_can_be_stopped, clear_set),
        cmocka_unit_test_setup(distances_are_in_mm_of_the_label, clear_set),
        cmocka_unit_test_setup(empty_masks_have_no_distance, clear_set),
        cmocka_unit_test_setup(ignored_voxels_belong_to_no_mask, clear_set),
        cmocka_unit_test_setup(cases_without_foreground_can_be_left_out, clear_set),
        cmocka_unit_test_setup(metrics_are_chosen_by_name, clear_set),
        cmocka_unit_test_setup(names_that_are_not_utf8_are_mended, clear_set),
        cmocka_unit_test_setup(numbered_objects_are_one_class, clear_set),
        cmocka_unit_test_setup(the_data_set_says_what_values_mean, clear_set),
        cmocka_unit_test_setup(the_data_set_says_that_objects_are_numbered, clear_set),
        cmocka_unit_test_setup(objects_with_files_of_their_own_are_one_class, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

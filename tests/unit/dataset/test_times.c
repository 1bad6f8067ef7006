/* SPDX-License-Identifier: Apache-2.0 */
/* Volumes of several times, as the hearts of M&Ms are. */
#include "dataset/times.h"

#include "dataset_test.h"

enum { DEPTH = 2, SIDE = 8, PLANE = DEPTH * SIDE * SIDE, TIMES = 6 };

/* Labels with `values` different values from voxel 8 t on, at the times t of `labelled`. */
static void put_times(const char *path, int times, unsigned labelled, int values)
{
    struct image m = {.channels = times, .size = {DEPTH, SIDE, SIDE}};
    m.data = mem_array((size_t)(PLANE * times), sizeof *m.data);
    for (int t = 0; t < times; t++)
        for (int v = 0; v < 2 * values && labelled >> t & 1; v++)
            m.data[t * PLANE + 8 * t + v] = (float)(1 + v / 2);
    make_parent(path);
    OK(format_save_image(path, &m, &e));
    mem_free(m.data);
}

static void put_case(int i, int times, unsigned labelled, int values)
{
    char path[64];
    snprintf(path, sizeof path, "set/images/p%d.nii.gz", i);
    put_image(path, times, DEPTH, SIDE, SIDE);
    snprintf(path, sizeof path, "set/labels/p%d.nii.gz", i);
    put_times(path, times, labelled, values);
}

static void labelled_times_are_cases(void **state)
{
    struct dataset d;
    struct sample s;
    struct image m;
    struct labelmap l;
    struct heard h;
    (void)state;
    hear(&h);
    for (int i = 0; i < 3; i++) put_case(i, TIMES, i == 1 ? 1u << 3 : 1u | 1u << 4, 2);
    OK(dataset_open("set", &d, &h.host, &e));
    assert_int_equal(d.count, 5);
    assert_int_equal(d.channels, 1);
    assert_int_equal(d.dims, 3);
    assert_int_equal(d.labels.count, 3);
    assert_string_equal(d.cases[1].id, "p0_t04");
    assert_string_equal(d.cases[1].image[0], "set/images/p0.nii.gz#t4");
    assert_string_equal(d.cases[1].label, "set/labels/p0.nii.gz#t4");
    assert_string_equal(d.cases[2].id, "p1_t03");
    for (int i = 0; i < 5; i++)
        assert_string_equal(d.cases[i].group, i < 2 ? "p0" : i < 3 ? "p1" : "p2");
    assert_non_null(strstr(
        h.text, "each labelled time is a case; attunet leaves 13 times without a label aside"));
    OK(dataset_load(&d, 1, &s, &e));
    assert_int_equal(s.image.channels, 1);
    assert_true(s.image.data[5] == 405); /* put_image */
    assert_int_equal(s.classes[8 * 4 + 1], 1);
    assert_int_equal(s.classes[8 * 4 + 2], 2);
    assert_int_equal(s.classes[0], 0);
    sample_free(&s);
    dataset_free(&d);
    REFUSED(format_load_image("set/images/p0.nii.gz#t6", &m, &e), ATT_DATA,
        "the file has only 6 times, counted from 0");
    REFUSED(format_load_labels("set/labels/p0.nii.gz#t6", &l, &e), ATT_DATA, "only 6 times");
    OK(format_peek_image("set/images/p0.nii.gz#t5", &m, &e));
    assert_int_equal(m.channels, 1);
}

/* A file with a channel for each class, beside an image of as many channels; or with numbered
 * nuclei and cells, beside two stains. */
static void few_channels_are_no_times(void **state)
{
    struct dataset d;
    (void)state;
    for (int values = 1; values < 3; values++) {
        for (int i = 0; i < 3; i++) put_case(i, 2, 3, values);
        REFUSED(dataset_open("set", &d, NULL, &e), ATT_DATA,
            "it has 2 channels, but labels have one; save overlapping segments as one labelmap, "
            "and times as one file each");
    }
}

/* One value in each of many times. */
static void many_channels_are_times(void **state)
{
    struct dataset d;
    (void)state;
    for (int i = 0; i < 3; i++) put_case(i, 5, 1u << i, 1);
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.count, 3);
    assert_string_equal(d.cases[2].id, "p2_t02");
    dataset_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(labelled_times_are_cases, clear_set),
        cmocka_unit_test_setup(few_channels_are_no_times, clear_set),
        cmocka_unit_test_setup(many_channels_are_times, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

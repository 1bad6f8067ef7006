/* SPDX-License-Identifier: Apache-2.0 */
/* Places of the foreground of a case, class by class and component by component. */
#include "feed/prepared.h"

#include "unit/dataset/dataset_test.h"

/* A case with some voxels of classes; the samples are the classes. */
static struct prepared make_labelled(int d, int h, int w, const int (*marks)[2], int count)
{
    struct sample s = {.image = {.channels = 1, .size = {d, h, w}}};
    struct prepared p;
    size_t voxels = image_voxels(s.image.size);
    s.image.data = mem_array(voxels, sizeof(float));
    s.classes = mem_alloc(voxels);
    for (int i = 0; i < count; i++) s.classes[marks[i][0]] = (uint8_t)marks[i][1];
    for (size_t i = 0; i < voxels; i++) s.image.data[i] = s.classes[i];
    OK(prepared_make(&s, 3, &p, &e));
    return p;
}

static void few_places_are_all_kept(void **state)
{
    (void)state;
    static const int marks[][2] = {{3, 2}, {5, 1}, {8, 2}, {63, 1}, {40, 2}};
    struct prepared p = make_labelled(1, 8, 8, marks, COUNT(marks));
    static const uint32_t wanted[] = {5, 63, 3, 8, 40};
    assert_int_equal(p.first[0], 0);
    assert_int_equal(p.first[1], 0);
    assert_int_equal(p.first[2], 2);
    for (int c = 3; c <= LABELLING_MAX; c++) assert_int_equal(p.first[c], 5);
    assert_memory_equal(p.places, wanted, sizeof wanted);
    assert_true(p.channels == 1 && p.size[0] == 1 && p.size[1] == 8 && p.size[2] == 8);
    prepared_free(&p);
    assert_null(p.image);
}

/* All voxels but that one stand in the background's place, and classes where they stood. */
static void labelled_places_are_kept_where_some_are_ignored(void **state)
{
    (void)state;
    static const int marks[][2] = {{3, 2}, {5, 1}, {9, LABELLING_IGNORE}};
    struct prepared p = make_labelled(1, 4, 4, marks, COUNT(marks));
    static const uint32_t wanted[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 5, 3};
    assert_true(p.first[0] == 0 && p.first[1] == 15 && p.first[2] == 16 && p.first[3] == 17);
    assert_memory_equal(p.places, wanted, sizeof wanted);
    prepared_free(&p);
}

/* Of 10 000 voxels of a class 4096 are kept, spread over all of them; the case takes over the
 * memory. */
static void many_places_are_spread(void **state)
{
    (void)state;
    enum { SIDE = 128, FIRST = 1000, MANY = 10000 };
    struct sample s = {.image = {.channels = 1, .size = {1, SIDE, SIDE}}};
    struct prepared p;
    float *data = s.image.data = mem_array(SIDE * SIDE, sizeof(float));
    uint8_t *classes = s.classes = mem_alloc(SIDE * SIDE);
    for (int i = 0; i < MANY; i++) classes[FIRST + i] = 1;
    OK(prepared_make(&s, 2, &p, &e));
    assert_true(p.image == data && p.classes == classes && !s.image.data && !s.classes);
    assert_int_equal(p.first[2], 4096);
    for (int i = 0; i < 4096; i++) {
        double ideal = FIRST + (double)i * MANY / 4096;
        assert_true(p.places[i] >= ideal && p.places[i] < ideal + 1);
    }
    prepared_free(&p);
}

static void images_beyond_all_numbers_are_refused(void **state)
{
    (void)state;
    struct sample s = {.image = {.channels = 1, .size = {2, 32768, 32768}}};
    struct prepared p;
    REFUSED(prepared_make(&s, 2, &p, &e), ATT_DATA,
        "an image of 2147483648 voxels is too large to train on");
}

/* Components of class c as text: "5 6|63|", its voxels in order. */
static const char *parts_of(const struct prepared *p, int c)
{
    static char text[256];
    int at = 0;
    text[0] = 0;
    for (int k = p->parts[c]; k < p->parts[c + 1]; k++) {
        for (int i = p->part_first[k]; i < p->part_first[k + 1]; i++)
            at += snprintf(text + at, sizeof text - (size_t)at, "%s%u",
                i > p->part_first[k] ? " " : "", p->part_places[i]);
        at += snprintf(text + at, sizeof text - (size_t)at, "|");
    }
    return text;
}

/* Corners are neighbours; a class in one piece has no components. */
static void components_are_told_apart(void **state)
{
    (void)state;
    static const int marks[][2] = {{9, 1}, {18, 1}, {30, 1}, {31, 1}, {63, 1}, {0, 2}, {1, 2},
        {9 + 64, 1}, {62 + 64, 2}, {3, 255}};
    struct prepared p = make_labelled(2, 8, 8, marks, COUNT(marks));
    assert_string_equal(parts_of(&p, 0), "");
    assert_string_equal(parts_of(&p, 1), "9 18 73|30 31|63|");
    assert_string_equal(parts_of(&p, 2), "0 1|126|");
    assert_string_equal(parts_of(&p, 3), "");
    prepared_free(&p);
    static const int one[][2] = {{9, 1}, {18, 1}, {40, 2}};
    p = make_labelled(1, 8, 8, one, COUNT(one));
    assert_string_equal(parts_of(&p, 1), "");
    assert_string_equal(parts_of(&p, 2), "");
    prepared_free(&p);
}

/* 5000 single voxels in rows of 100 with gaps: 4096 of them have a place; among two components the
 * larger one has half of the room. */
static void many_components_are_spread(void **state)
{
    (void)state;
    enum { ROW = 200, ROWS = 100, BIG = 120 };
    struct sample s = {.image = {.channels = 1, .size = {1, ROWS, ROW}}};
    struct prepared p;
    s.image.data = mem_array(ROW * ROWS, sizeof(float));
    s.classes = mem_alloc(ROW * ROWS);
    for (int i = 0; i < 5000; i++) s.classes[i / 100 * 2 * ROW + i % 100 * 2] = 1;
    OK(prepared_make(&s, 2, &p, &e));
    assert_int_equal(p.parts[2] - p.parts[1], 4096);
    for (int k = 0; k < 4096; k++) {
        int voxel = (int)p.part_places[k], number = voxel / ROW / 2 * 100 + voxel % ROW / 2;
        double ideal = (double)k * 5000 / 4096;
        assert_int_equal(p.part_first[k + 1], k + 1);
        assert_true(number >= ideal && number < ideal + 1);
    }
    prepared_free(&p);
    struct sample t = {.image = {.channels = 1, .size = {1, BIG, BIG}}};
    t.image.data = mem_array(BIG * BIG, sizeof(float));
    t.classes = mem_alloc(BIG * BIG);
    for (int i = 0; i < 90 * BIG; i++) t.classes[i] = 1;
    t.classes[BIG * BIG - 1] = 1;
    OK(prepared_make(&t, 2, &p, &e));
    assert_int_equal(p.parts[2], 2);
    assert_int_equal(p.part_first[1], 2048);
    assert_int_equal(p.part_first[2], 2049);
    for (int i = 0; i < 2048; i++) assert_int_equal(p.part_places[i], (i * 90 * BIG + 2047) / 2048);
    assert_int_equal(p.part_places[2048], BIG * BIG - 1);
    prepared_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_places_are_all_kept),
        cmocka_unit_test(labelled_places_are_kept_where_some_are_ignored),
        cmocka_unit_test(many_places_are_spread),
        cmocka_unit_test(images_beyond_all_numbers_are_refused),
        cmocka_unit_test(components_are_told_apart),
        cmocka_unit_test(many_components_are_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

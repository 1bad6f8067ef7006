/* SPDX-License-Identifier: Apache-2.0 */
/* Groups of tiles, of names of two forms, and of folders that are parts of a patient's. */
#include <string.h>

#include "dataset/layout_found.h"
#include "unit/dataset/dataset_test.h"

enum { MOST = 24 };

struct names {
    char text[MOST][60];
    const char *list[MOST];
    int count;
};

static void add_name(struct names *n, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void add_name(struct names *n, const char *format, ...)
{
    va_list list;
    assert_true(n->count < MOST);
    va_start(list, format);
    vsnprintf(n->text[n->count], sizeof n->text[0], format, list);
    va_end(list);
    n->list[n->count] = n->text[n->count];
    n->count++;
}

static void open_names(struct names *n, struct dataset *d, struct heard *h)
{
    put_named("in", "out", n->list, n->count);
    hear(h);
    OK(dataset_open("set", d, &h->host, &e));
    n->count = 0;
}

/* Rows of one slide are no groups: its other rows would be on the other side of a split. */
static void tiles_of_few_slides_are_asked(void **state)
{
    static const struct {
        const char *slides[5];
        int slide_count, step;
        const char *says, *group; /* NULL: none */
    } sets[] = {
        {{"slide1", "slide2", "slide3"}, 3, 1000, "if \"slide1\" is one patient", NULL},
        {{"rom", "turin", "pisa"}, 3, 512, "if \"pisa\" is one patient", NULL},
        {{"slide1", "slide2", "slide3", "slide4", "slide5"}, 5, 256, NULL, "slide1"},
    };
    for (size_t k = 0; k < COUNT(sets); k++) {
        struct names n = {.count = 0};
        struct dataset d;
        struct heard h;
        clear_set(state);
        for (int i = 0; i < 4 * sets[k].slide_count; i++)
            add_name(&n, "%s_%d_%d", sets[k].slides[i / 4], i / 2 % 2 * sets[k].step,
                i % 2 * sets[k].step);
        open_names(&n, &d, &h);
        const char *asked = strstr(h.text, " is one patient");
        if (!asked != !sets[k].says || (asked && !strstr(h.text, sets[k].says)) ||
            d.has_groups != (sets[k].group != NULL) ||
            (d.has_groups && strcmp(d.cases[0].group, sets[k].group) != 0))
            fail_msg("%s: %s", *sets[k].slides, h.text);
        dataset_free(&d);
    }
}

/* Patients of two sites, whose slices count from 0, are no tiles. */
static void patients_of_sites_are_no_tiles(void **state)
{
    struct names n = {.count = 0};
    struct dataset d;
    struct heard h;
    (void)state;
    for (int i = 0; i < 24; i++) add_name(&n, "site%d_%02d_%d", 1 + i / 12, i / 3 % 4, i % 3);
    open_names(&n, &d, &h);
    assert_true(d.has_groups);
    assert_string_equal(d.cases[0].group, d.cases[1].group);
    assert_string_not_equal(d.cases[2].group, d.cases[3].group);
    dataset_free(&d);
}

/* town_1 has a number and flight has none: its frames would be groups of their own. */
static void names_of_another_form_are_asked(void **state)
{
    struct names n = {.count = 0};
    struct dataset d;
    struct heard h;
    (void)state;
    for (int i = 0; i < 8; i++)
        add_name(&n, "town_%d__%04d_1661%d", 1 + i / 4, 400 + i % 4 * 7, 200 + i);
    for (int i = 8; i < 16; i++) add_name(&n, "flight__%04d_1661%d", 400 + i % 8 * 7, 200 + i);
    open_names(&n, &d, &h);
    assert_true(d.has_groups);
    assert_non_null(strstr(h.text, "if \"flight\" is one patient"));
    dataset_free(&d);
}

/* 001L and 001R are two eyes of one patient; P1_A and P1_B of too few patients are asked about. */
static void folders_of_eyes_are_joined(void **state)
{
    struct names n = {.count = 0};
    struct dataset d;
    struct heard h;
    for (int i = 0; i < 20; i++) add_name(&n, "%03d%c/%d", 1 + i / 4, "LR"[i / 2 % 2], i % 2);
    open_names(&n, &d, &h);
    assert_non_null(strstr(d.reading->images, "{group}"));
    assert_string_equal(d.cases[0].group, "001");
    assert_string_equal(d.cases[3].group, "001");
    assert_string_equal(d.cases[4].group, "002");
    assert_null(strstr(h.text, " is one patient"));
    dataset_free(&d);
    clear_set(state);
    for (int i = 0; i < 16; i++) add_name(&n, "P%02d_%c/f%d", 1 + i / 4, "AB"[i / 2 % 2], i % 2);
    open_names(&n, &d, &h);
    assert_non_null(strstr(h.text, "if \"P01\" is one patient"));
    dataset_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(tiles_of_few_slides_are_asked, clear_set),
        cmocka_unit_test_setup(patients_of_sites_are_no_tiles, clear_set),
        cmocka_unit_test_setup(names_of_another_form_are_asked, clear_set),
        cmocka_unit_test_setup(folders_of_eyes_are_joined, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

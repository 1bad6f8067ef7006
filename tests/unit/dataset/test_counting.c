/* SPDX-License-Identifier: Apache-2.0 */
/* Images and labels that are counted from different numbers. */
#include "dataset/counting.h"

#include <stdio.h>
#include <string.h>

#include "unit/expect.h"

enum { FILES = 200 };

static char name[FILES][64];
static int names;

/* Files of a patient, whose numbers are `first` to `last`. */
static void add(const char *format, int patient, int first, int last)
{
    for (int i = first; i <= last; i++) {
        assert_true(names < FILES);
        snprintf(name[names++], sizeof *name, format, patient, i);
    }
}

static void drop(const char *one)
{
    int i = 0;
    while (i < names && strcmp(name[i], one) != 0) i++;
    assert_true(i < names);
    memmove(name[i], name[i + 1], (size_t)(--names - i) * sizeof *name);
}

/* Whether attunet asks, and the two files that its question names. */
static void expect(const char *images, const char *labels, bool asks, const char *image,
    const char *label, bool alone)
{
    const char *list[FILES];
    struct tree t;
    struct reading r;
    struct paired_list l;
    struct counting c;
    for (int i = 0; i < names; i++) list[i] = name[i];
    OK(tree_of(list, names, &t, &e));
    OK(reading_parse(images, labels, &r, &e));
    OK(paired_make(&t, &r, false, &l, &e));
    OK(counting_check(&t, &r, &l, &c, &e));
    assert_int_equal(c.doubtful, asks);
    if (asks) {
        assert_string_equal(t.file[c.image].path, image);
        assert_string_equal(t.file[c.label].path, label);
        assert_int_equal(c.alone, alone);
    }
    paired_free(&l);
    reading_clear(&r);
    tree_free(&t);
    names = 0;
}

static const char images[] = "p{group}_img_{id}", labels[] = "p{group}_mask_{id}";

static void add_patients(int first, int more, int moved)
{
    for (int p = 1; p < 5; p++) {
        add("p%02d_img_%d.png", p, first, first + more + p);
        add("p%02d_mask_%d.png", p, first + moved, first + more + p + moved);
    }
}

static void other_first_numbers_are_asked_for(void **state)
{
    (void)state;
    add("a/%d_%d.png", 1, 0, 11);
    add("b/%d_%d.png", 1, 1, 12);
    expect("a/1_{id}", "b/1_{id}", true, "a/1_0.png", "b/1_12.png", true);
    add("a/%d_20190101120%03d.png", 1, 0, 11);
    add("b/%d_20190101120%03d.png", 1, 1, 12);
    expect("a/1_{id}", "b/1_{id}", true, "a/1_20190101120000.png", "b/1_20190101120012.png", true);
    add_patients(0, 2, 1);
    expect(images, labels, true, "p01_img_0.png", "p01_mask_4.png", true);
    add_patients(7, 2, -3);
    expect(images, labels, true, "p01_img_8.png", "p01_mask_4.png", true);
    for (int p = 1; p < 5; p++) { /* one patient alone, the number first, zeros */
        add("img/%2$d_p%1$d.png", p, 10, 13);
        add("mask/%2$03d_p%1$d.png", p, 10 + (p == 3), 13 + (p == 3));
    }
    expect(
        "img/{id}_p{group}", "mask/0{id}_p{group}", true, "img/10_p3.png", "mask/014_p3.png", true);
    add_patients(0, 3, 1); /* gaps */
    drop("p02_mask_3.png");
    drop("p03_img_4.png");
    drop("p04_img_2.png");
    drop("p04_mask_3.png");
    expect(images, labels, true, "p01_img_0.png", "p01_mask_5.png", true);
}

static void the_last_label_of_each_may_be_missing(void **state)
{
    (void)state;
    add_patients(0, 3, 1);
    drop("p01_mask_5.png");
    drop("p02_mask_6.png");
    drop("p03_mask_7.png");
    drop("p04_mask_8.png");
    expect(images, labels, true, "p01_img_0.png", "p01_mask_1.png", false);
    add_patients(0, 3, 0); /* only one patient lacks the first label */
    drop("p02_mask_0.png");
    expect(images, labels, false, NULL, NULL, false);
}

static void missing_files_are_no_doubt(void **state)
{
    (void)state;
    add_patients(1, 5, 0);
    drop("p01_img_1.png");
    drop("p02_mask_1.png");
    drop("p03_img_3.png");
    drop("p03_mask_4.png");
    drop("p04_mask_10.png");
    expect(images, labels, false, NULL, NULL, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_first_numbers_are_asked_for),
        cmocka_unit_test(the_last_label_of_each_may_be_missing),
        cmocka_unit_test(missing_files_are_no_doubt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

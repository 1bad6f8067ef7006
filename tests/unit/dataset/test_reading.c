/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns that were found by bare numbers get the zeros of names back. */
#include <stdio.h>

#include "base/mem.h"
#include "dataset/paired.h"
#include "unit/expect.h"

static bool put_zeros(const char *const *names, int count, const char *images, const char *labels,
    struct tree *t, struct reading *r)
{
    struct reading bare;
    OK(tree_of(names, count, t, &e));
    OK(reading_parse(images, labels, &bare, &e));
    OK(reading_parse(images, labels, r, &e));
    const bool put = reading_put_zeros(t, &bare, r);
    reading_clear(&bare);
    return put;
}

static void forget(struct tree *t, struct reading *r)
{
    reading_clear(r);
    tree_free(t);
}

static void literals_get_zeros_and_classes_keep_theirs(void **state)
{
    static const char *const names[] = {"in01/P1_x7.png", "in01/P2_y8.png",
        "out01/P0001/01_s002_v03.png", "out01/P0001/02_s010_v03.png",
        "out01/P0002/01_s002_v03.png"};
    struct tree t;
    struct reading r;
    struct paired_list l;
    (void)state;
    assert_true(put_zeros(
        names, 5, "in1/{id}_*.png|none/{id}", "out1/{id}/{class}_s#_v3.png|none/{id}_m", &t, &r));
    char *images = reading_text(&r, false), *labels = reading_text(&r, true);
    assert_string_equal(images, "in01/{id}_*.png|none/{id}");
    assert_string_equal(labels, "out01/{id}/{class}_s#_v03.png|none/{id}_m");
    mem_free(images);
    mem_free(labels);
    OK(paired_make(&t, &r, false, &l, &e));
    assert_int_equal(l.count, 2);
    assert_int_equal(l.classes, 2);
    assert_string_equal(l.class_name[0], "01");
    assert_int_equal(l.list[0].labels, 2);
    assert_int_equal(l.label[l.list[0].first + 1].class, 2);
    paired_free(&l);
    forget(&t, &r);
}

static void zeros_that_differ_are_refused(void **state)
{
    static const char *const names[] = {"in/1.png", "in/2.png", "out1/0001.png", "out01/0002.png"};
    struct tree t;
    struct reading r;
    (void)state;
    assert_false(put_zeros(names, 4, "in/{id}", "out1/{id}", &t, &r));
    forget(&t, &r);
}

/* 12 belongs to 12, and 3 to 03, but 03 is not for two images. */
static void some_numbers_have_zeros(void **state)
{
    static const char *const names[] = {"in/12", "in/3", "in/4", "out/03", "out/04", "out/12"};
    struct tree t;
    struct reading r;
    struct paired_list l;
    char path[6][16];
    const char *list[7];
    (void)state;
    for (int more = 0; more < 2; more++) {
        for (int i = 0; i < 6; i++) {
            snprintf(path[i], sizeof path[i], "%s.png", names[i]);
            list[i] = path[i];
        }
        list[6] = "out/003.png";
        OK(tree_of(list, 6 + more, &t, &e));
        OK(reading_parse("in/{id}", "out/{id}", &r, &e));
        OK(paired_make(&t, &r, false, &l, &e));
        assert_int_equal(l.count, more ? 1 : 3);
        paired_free(&l);
        forget(&t, &r);
    }
}

static void check_cases(
    const char *const *names, int count, const char *labels, int cases, int first)
{
    struct tree t;
    struct reading r;
    struct paired_list l;
    OK(tree_of(names, count, &t, &e));
    OK(reading_parse("in/{id}.png", labels, &r, &e));
    OK(paired_make(&t, &r, false, &l, &e));
    assert_int_equal(l.count, cases);
    assert_int_equal(l.list[0].labels, first);
    assert_int_equal(l.unlabelled + l.imageless, 0);
    paired_free(&l);
    forget(&t, &r);
}

/* "a_1_2" is a mask of image "a_1", but not where an image "a_1_2" is. */
static void labels_of_their_own_image_are_no_objects(void **state)
{
    static const char *const names[] = {
        "in/a_1.png", "in/a_2.png", "out/a_1.png", "out/a_1_2.png", "out/a_2.png", "in/a_1_2.png"};
    (void)state;
    check_cases(names, 5, "out/{id}.png;out/{id}_#.png", 2, 2);
    check_cases(names, 6, "out/{id}.png;out/{id}_#.png", 3, 1);
}

static void the_last_number_of_a_name_is_the_objects(void **state)
{
    static const char *const names[] = {
        "in/a_1.png", "in/a_2.png", "out/a_1_1.png", "out/a_1_2.png", "out/a_2_1.png"};
    static const char *const masks[] = {
        "in/a_1_m.png", "in/a_2.png", "out/a_1_m_1_m.png", "out/a_1_m_2_m.png", "out/a_2_1_m.png"};
    (void)state;
    check_cases(names, 5, "out/{id}_#.png", 2, 2);
    check_cases(masks, 5, "out/{id}_#_m.png", 2, 2);
}

/* Parts that touch can be told apart where one of them is a whole number, or has a width. */
static void numbers_touch_other_parts(void **state)
{
    static const struct {
        const char *pattern, *name, *id, *group; /* NULL: does not fit */
    } tries[] = {{"{group}{id#}", "A001", "001", "A"}, {"{group}{id#}", "p1_x02", "02", "p1_x"},
        {"{id}{group#}", "AB12", "AB", "12"}, {"{group#}{id}", "01B1", "B1", "01"},
        {"K{group#}{id}", "K12B1", "B1", "12"}, {"{group#}{id}", "B1", NULL, NULL},
        {"{group}{id#}", "A1B", NULL, NULL}, {"{group}{id#}_m", "a1_b2_m", "2", "a1_b"},
        {"{id}_{group#}", "t_0_1", "t_0", "1"}, {"{id}_{group#}", "t_0_x", NULL, NULL},
        {"{group:4}{id}", "A00101", "01", "A001"}, {"A{group:3}{id:2}", "A00101", "01", "001"},
        {"A{group:3}{id:2}", "A001012", NULL, NULL}, {"{group:4}{id}", "A001", NULL, NULL},
        {"{group:2}{id#}", "0112", "12", "01"}, {"{id}{group:4}", "10A003", "10", "A003"},
        {"{id}{group:4}_m", "_m1A003_m", "_m1", "A003"}, {"{id}{group:4}_m", "A003_m", NULL, NULL},
        {"{group:2}/{id}", "a/b", NULL, NULL}, {"{group:2}_{id}_{group}", "ab_1_ab", "1", "ab"},
        {"{group:2}_{id}_{group}", "ab_1_abc", NULL, NULL}};
    static const char *const unclear[] = {"{id}{group}", "{id#}{group#}", "{id}#", "#{id#}",
        "{id#}{group:2}", "#{id:2}", "{id:0}", "{id:}", "{id:123}", "{id:2#}", "{id:a}", "{:2}"};
    struct reading r;
    struct err why;
    struct span got[PATTERN_VARS];
    (void)state;
    for (size_t k = 0; k < sizeof tries / sizeof *tries; k++) {
        OK(reading_parse(tries[k].pattern, tries[k].pattern, &r, &e));
        const bool fits = pattern_match(&r.part[0].image->pattern, span_of(tries[k].name), got);
        if (fits != (tries[k].id != NULL)) fail_msg("%s: %s", tries[k].pattern, tries[k].name);
        if (fits) {
            assert_int_equal(got[VAR_ID].length, strlen(tries[k].id));
            assert_memory_equal(got[VAR_ID].text, tries[k].id, strlen(tries[k].id));
            assert_int_equal(got[VAR_GROUP].length, strlen(tries[k].group));
            assert_memory_equal(got[VAR_GROUP].text, tries[k].group, strlen(tries[k].group));
        }
        char *text = reading_text(&r, false);
        assert_string_equal(text, tries[k].pattern);
        mem_free(text);
        reading_clear(&r);
    }
    for (size_t k = 0; k < sizeof unclear / sizeof *unclear; k++) {
        why = (struct err){0};
        assert_int_equal(reading_parse(unclear[k], unclear[k], &r, &why), ATT_USAGE);
    }
}

/* Written again, no name is cut. */
static void long_names_are_written_whole(void **state)
{
    static const char name[] = "{abcdefghijklmnopqrstuvw#}";
    char pattern[PATTERN_PIECES * sizeof name] = "";
    struct reading r;
    (void)state;
    assert_int_equal(strlen(name), READING_NAME + 2);
    for (int i = 0; i < PATTERN_PIECES; i++) strcat(pattern, name);
    OK(reading_parse(pattern, pattern, &r, &e));
    char *text = reading_text(&r, false);
    assert_string_equal(text, pattern);
    mem_free(text);
    reading_clear(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(literals_get_zeros_and_classes_keep_theirs),
        cmocka_unit_test(zeros_that_differ_are_refused),
        cmocka_unit_test(some_numbers_have_zeros),
        cmocka_unit_test(labels_of_their_own_image_are_no_objects),
        cmocka_unit_test(the_last_number_of_a_name_is_the_objects),
        cmocka_unit_test(numbers_touch_other_parts),
        cmocka_unit_test(long_names_are_written_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

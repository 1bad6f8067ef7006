/* SPDX-License-Identifier: Apache-2.0 */
/* Names of channels and classes by the patterns of their files. */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "dataset/paired.h"
#include "dataset/paired_names.h"
#include "unit/expect.h"

enum { MOST = 6 };

static void check(bool label, const char *patterns, const char *const *expected)
{
    struct reading r;
    char *name[MOST] = {NULL};
    OK(reading_parse(label ? "x{id}" : patterns, label ? patterns : "x{id}", &r, &e));
    const struct reading_part *p = &r.part[0];
    const int count = label ? p->labels : p->images;
    OK(paired_names_find(label ? p->label : p->image, count, label, name, &e));
    for (int k = 0; k < count; k++) {
        if (!expected)
            assert_null(name[k]);
        else
            assert_string_equal(name[k], expected[k]);
        mem_free(name[k]);
    }
    reading_clear(&r);
}

#define CHECK(label, patterns, ...) check(label, patterns, (const char *const[]){__VA_ARGS__})

static void classes_keep_words_that_all_share(void **state)
{
    (void)state;
    CHECK(true, "{id}/Eye_L.nii.gz;{id}/Eye_R.nii.gz", "Eye_L", "Eye_R");
    CHECK(true, "{id}_Parotid_L.nrrd;{id}_Parotid_R.nrrd;{id}_Brain.nrrd", "Parotid_L", "Parotid_R",
        "Brain");
    CHECK(true, "ManualMask/leftMask/{id}.png;ManualMask/rightMask/{id}.png", "leftMask",
        "rightMask");
    CHECK(true, "{id}_t1_seg_label1;{id}_t2_seg_label2", "t1_seg_label1", "t2_seg_label2");
}

static void classes_lose_numbers_of_a_list_and_words_for_labels(void **state)
{
    (void)state;
    CHECK(true, "gt/1. Optic Disc/{id}_OD;gt/2. Hard Exudates/{id}_EX", "Optic Disc",
        "Hard Exudates");
    CHECK(true, "{id}_seg_Liver;{id}_seg_Spleen", "Liver", "Spleen");
    CHECK(true, "{id}_Liver_mask;{id}_Spleen_mask", "Liver", "Spleen");
    CHECK(true, "{id}-1-Cup-gt;{id}-1-Disc-gt", "Cup", "Disc");
    /* but not all of it */
    CHECK(true, "{id}_1_kidney;{id}_2_kidney", "1_kidney", "2_kidney");
    CHECK(true, "{id}_seg;{id}_seg_tumour", "seg", "seg_tumour");
}

static void channels_lose_what_all_share(void **state)
{
    (void)state;
    CHECK(false, "X.MR_Flair.{id};X.MR_T1.{id};X.MR_T1c.{id}", "Flair", "T1", "T1c");
    CHECK(false, "{id}-t1c;{id}-t1n;{id}-t2f", "t1c", "t1n", "t2f");
    CHECK(false, "{id}/T1.nii;{id}/T1_IR.nii", "T1", "T1_IR");
    CHECK(false, "maps/OCT(FULL)/{id};maps/OCTA(FULL)/{id}", "OCT(FULL)", "OCTA(FULL)");
    CHECK(false, "set/{id};set/{id}_brain", "set", "brain");
}

static void differences_in_two_places_are_joined(void **state)
{
    (void)state;
    CHECK(true, "left/{id}_lung;left/{id}_heart;right/{id}_lung", "left_lung", "left_heart",
        "right_lung");
    CHECK(true, "mean/{id}-Cup;mean/{id}-Disc;exp1/{id}-Cup-exp1;exp1/{id}-Disc-exp1", "Cup",
        "Disc", "Cup-exp1", "Disc-exp1");
}

static void one_text_is_no_name(void **state)
{
    (void)state;
    check(true, "{id}_mask;{id}_mask_#", NULL);
    check(true, "{id}_mask", NULL);
    check(true, "{id}_lesion_mni;{id}_lesion_#_mni", NULL);
    check(true, "c{group#}{id}_lesion_mni;c{group#}{id}_lesion(#)_mni", NULL);
    CHECK(true, "{id}_lesion_mni;{id}_lesion_#_mni;{id}_organ_mni", "lesion_mni", "lesion_mni",
        "organ_mni");
    CHECK(true, "{id}_lesion_mni;{id}_lesion_#", "lesion_mni", "lesion");
}

static void names_that_differ_in_case_alone_are_refused(void **state)
{
    static const char *const names[] = {"1/Heart.png", "1/ct.png", "2/heart.png", "2/ct.png"};
    struct tree t;
    struct reading r;
    struct paired_list l;
    (void)state;
    OK(tree_of(names, 4, &t, &e));
    OK(reading_parse("{id}/ct", "{id}/Heart;{id}/heart", &r, &e));
    REFUSED(paired_make(&t, &r, false, &l, &e), ATT_DATA,
        "two classes that differ only in letter case, Heart and heart");
    reading_clear(&r);
    tree_free(&t);
}

/* The classes of the labels of each case, in the order of cases; or a part of what is wrong. */
static void check_parts(const char *labels, const char *classes, const char *wrong)
{
    static const char *const names[] = {"amd/a1.png", "amd/a2.png", "gt/disc/a1.png",
        "gt/disc/a2.png", "gt/disc/n1.png", "gt/more/druse/a1.png", "gt/more/druse/a2.png",
        "gt/more/spot/a2.png", "gt/more/spot/n1.png", "non/n1.png", "test/disc_n1.png",
        "test/whole_n1.png"};
    char images[] = "amd/{id}|non/{id}", text[200] = "";
    struct tree t;
    struct reading r;
    struct paired_list l;
    OK(tree_of(names, sizeof names / sizeof *names, &t, &e));
    OK(reading_parse(images, labels, &r, &e));
    OK(paired_make(&t, &r, false, &l, &e));
    for (int i = 0; i < l.count; i++)
        for (int k = 0; k < l.list[i].labels && !l.list[i].wrong; k++)
            text_append(text, sizeof text, "%s%s",
                k       ? " "
                    : i ? ", "
                        : "",
                l.class_name[l.label[l.list[i].first + k].class - 1]);
    assert_string_equal(text, classes);
    assert_true(!wrong == !l.list[2].wrong);
    if (wrong) assert_non_null(strstr(l.list[2].wrong, wrong));
    paired_free(&l);
    reading_clear(&r);
    tree_free(&t);
}

/* A part with fewer classes calls them as the other does, or says that it has none. */
static void parts_share_their_classes(void **state)
{
    static const char most[] = "gt/disc/{id};gt/more/druse/{id};gt/more/spot/{id}|";
    char labels[200];
    (void)state;
    snprintf(labels, sizeof labels, "%sgt/disc/{id}", most);
    check_parts(labels, "disc druse, disc druse spot, disc", NULL);
    snprintf(labels, sizeof labels, "%sgt/disc/{id};gt/more/spot/{id}", most);
    check_parts(labels, "disc druse, disc druse spot, disc spot", NULL);
    snprintf(labels, sizeof labels, "%stest/disc_{id}", most);
    check_parts(labels, "disc druse, disc druse spot, disc", NULL);
    snprintf(labels, sizeof labels, "%stest/whole_{id}", most);
    check_parts(labels, "disc druse, disc druse spot", "says no class, as names of others do");
    snprintf(labels, sizeof labels, "%stest/{class}_{id}", most);
    check_parts(labels, "disc druse, disc druse spot, disc whole", NULL);
}

static void check_copies(const char *images, const char *labels, bool crossed)
{
    static const char *const names[] = {"old/scan/1.png", "old/gt/a/1.png", "scan/1.png",
        "gt/a/1.png", "other/1.png", "1/1.png", "1/edge/1.png", "1/edge/2.png"};
    const char *image = NULL, *label = NULL;
    struct tree t;
    struct reading r;
    struct paired_list l;
    OK(tree_of(names, 8, &t, &e));
    OK(reading_parse(images, labels, &r, &e));
    OK(paired_make(&t, &r, false, &l, &e));
    assert_int_equal(l.count, 1);
    assert_int_equal(paired_crosses_copies(&t, &l, &image, &label), crossed);
    assert_true(!image == !crossed && !label == !crossed);
    paired_free(&l);
    reading_clear(&r);
    tree_free(&t);
}

static void pairs_of_two_copies_are_found(void **state)
{
    (void)state;
    check_copies("scan/{id}", "gt/a/{id}", false);
    check_copies("old/scan/{id}", "old/gt/a/{id}", false);
    check_copies("old/scan/{id}", "gt/a/{id}", true);
    check_copies("scan/{id}", "old/gt/a/{id}", true);
    check_copies("old/scan/{id}", "other/{id}", false);
    check_copies("{part}/{part}", "{part}/edge/#", false); /* numbers of objects */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_keep_words_that_all_share),
        cmocka_unit_test(classes_lose_numbers_of_a_list_and_words_for_labels),
        cmocka_unit_test(channels_lose_what_all_share),
        cmocka_unit_test(differences_in_two_places_are_joined),
        cmocka_unit_test(one_text_is_no_name),
        cmocka_unit_test(names_that_differ_in_case_alone_are_refused),
        cmocka_unit_test(parts_share_their_classes),
        cmocka_unit_test(pairs_of_two_copies_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

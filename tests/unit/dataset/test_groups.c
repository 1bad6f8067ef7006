/* SPDX-License-Identifier: Apache-2.0 */
/* Groups of cases by what their names share. */
#include <string.h>

#include "dataset/layout_found.h"
#include "unit/dataset/dataset_test.h"

static void open_set(struct dataset *d, const char *images, const char *labels)
{
    const struct dataset_patterns p = {.images = images, .labels = labels};
    OK(dataset_open_patterns("set", &p, d, NULL, NULL, &e));
}

/* Scans of one patient belong together; letters alone may name classes. */
static void names_of_patients_are_groups(void **state)
{
    static const char *const letters[] = {"ax", "bx", "cx"};
    static const char *const scans[] = {"P1-1/P1-1-a", "P1-2/P1-2-a", "P1-2/P1-2-b", "P2-1/P2-1-a",
        "P2-1/P2-1-b", "P3-1/P3-1-a", "P3-2/P3-2-a", "P4-1/P4-1-a", "P5-2/P5-2-a"};
    static const char *const classes[] = {"NORM_0", "NORM_1", "STRO_0", "STRO_1", "LYMP_0",
        "LYMP_1", "MUCO_0", "MUCO_1", "TUMO_0", "TUMO_1"};
    struct dataset d;
    (void)state;
    put_named("in", "out", scans, COUNT(scans));
    OK(dataset_open("set", &d, NULL, &e));
    assert_string_equal(d.reading->images, "in/{group}-{scan}/{id}.png");
    assert_string_equal(d.cases[1].group, "P1");
    assert_string_equal(d.cases[8].group, "P5");
    dataset_free(&d);
    /* a part without variables for them */
    put_named("more/P7-2", "label/P7-2", letters, 3);
    open_set(&d, "in/{group}-{scan}/{id}.png|more/P7-2/{id}.png",
        "out/{group}-{scan}/{id}.png|label/P7-2/{id}.png");
    assert_string_equal(d.cases[9].group, "P7");
    dataset_free(&d);
    clear_set(state);
    put_named("in", "out", classes, COUNT(classes));
    OK(dataset_open("set", &d, NULL, &e));
    assert_false(d.has_groups);
    dataset_free(&d);
}

static void folders_of_one_digit_and_channels_show_patients(void **state)
{
    static const char *const times[] = {"2/pre/2_pre", "2/mid/2_mid", "3/pre/3_pre", "3/mid/3_mid",
        "4/pre/4_pre", "4/mid/4_mid", "5/pre/5_pre", "5/mid/5_mid", "6/pre/6_pre", "6/mid/6_mid"};
    static const char *const kinds[] = {"x_ct_1", "x_mr_1", "x_ct_2", "x_mr_2", "x_ct_3", "x_mr_3",
        "x_ct_4", "x_mr_4", "x_ct_5", "x_mr_5"};
    struct dataset d;
    (void)state;
    put_named("in", "out", times, COUNT(times));
    OK(dataset_open("set", &d, NULL, &e));
    assert_string_equal(d.cases[0].group, "2");
    assert_string_equal(d.cases[9].group, "6");
    dataset_free(&d);
    clear_set(state);
    put_named("in", "out", kinds, COUNT(kinds));
    OK(dataset_open("set", &d, NULL, &e));
    assert_string_equal(d.cases[0].group, "x_1");
    assert_string_equal(d.cases[5].group, "x_1");
    dataset_free(&d);
    clear_set(state);
    put_named("in", "out", kinds, 8); /* too few to tell */
    OK(dataset_open("set", &d, NULL, &e));
    assert_false(d.has_groups);
    dataset_free(&d);
}

/* A visit or a side between patient and scan, or above the patient. */
static void visits_do_not_part_patients(void **state)
{
    char names[20][24];
    const char *list[20];
    struct dataset d;
    struct heard h;
    (void)state;
    for (int i = 0; i < 20; i++) {
        snprintf(names[i], sizeof names[i], "%04d_%c_%s", i / 4 + 1, "LR"[i / 2 % 2],
            i % 2 ? "MLO" : "CC");
        list[i] = names[i];
    }
    put_named("in", "out", list, 20);
    OK(dataset_open("set", &d, NULL, &e));
    assert_true(d.has_groups && d.name_groups);
    assert_string_equal(d.cases[3].group, "0001");
    assert_string_equal(d.cases[4].group, "0002");
    dataset_free(&d);
    for (int slices = 0; slices < 2; slices++) {
        clear_set(state);
        for (int i = 0; i < 12; i++) {
            snprintf(names[i], sizeof names[i], "%c%c/%s%d", slices ? 'v' : 't', 'a' + i / 6,
                slices ? "slice" : "pat", i % 6);
        }
        put_named("in", "out", list, 12);
        hear(&h);
        OK(dataset_open("set", &d, &h.host, &e));
        const bool warned = strstr(h.text,
                                "if \"pat0\" is one patient, its cases may be in both "
                                "training and validation, such as ta_pat0 and tb_pat0; ") != NULL;
        if (warned != !slices) fail_msg("%s", h.text);
        dataset_free(&d);
    }
}

/* Words that one patient has several of stand anywhere; %d is the patient, from 1 to 6. */
static void words_beside_a_patient_are_left_out(void **state)
{
    static const struct {
        const char *one, *other, *group; /* of patient 3 */
    } sets[] = {{"Slice-01_Pat-%d", "Slice-02_Pat-%d", "Pat-3"}, {"P%d_links", "P%d_rechts", "P3"},
        {"2019-01-11_P%d", "2020-11-01_P%d", "P3"}, {"%da_1", "%db_1", "3"}, {"x%da", "x%db", "x3"},
        {"BL/00%d", "FU1/00%d", "003"}, {"V1/pat%d_s1", "V2/pat%d_s2", "pat3"},
        {"12M/P%d", "6M/P%d", "P3"}, {"2019/MS%d", "2020/MS%d", "MS3"},
        {"train_P%d_s1", "val_P%d_s2", "P3"}, {"%d_L_CC", "%d_R_CC", "3"},
        {"visit_1_P%d", "visit_2_P%d", "P3"}, {"pre/00%d_1", "post/00%d_5", "003"},
        {"pre_%d_s1", "pre_%d_s2", "3"}, {"0m_%d_1", "6m_%d_2", "3"},
        {"month_0_%d_1", "month_6_%d_2", "3"}, {"T%d_s1", "T%d_s2", "T3"}, {"C%d_1", "C%d_2", "C3"},
        {"session1/00%d_1", "session2/00%d_2", "003"},
        {"baseline/00%d_1", "follow-up/00%d_2", "003"}, {"20190101_%d_1", "20200315_%d_2", "3"},
        {"02.01.2019_P%d", "04.03.2020_P%d", "P3"}, {"%d_post_001", "%d_pre_002", "3"},
        {"pat%d_t0_L3", "pat%d_t1_L4", "pat3"}, {"img%d", "img%d_flip", "img3"},
        {"img%d_aug1", "img%d_aug2", "img3"}, {"crop/k%d", "orig/k%d", "k3"}, {"%d", "aug_%d", "3"},
        {"train_P%d", "test_P%d", "P3"}, {"slice01_pat%d", "slice02_pat%d", "pat3"},
        {"vorher_%d", "nachher_%d", "3"}, {"M%d_izquierdo", "M%d_derecho", "M3"},
        {"axial_%d", "coronal_%d", "3"}, {"site1_00%d_1", "site1_00%d_2", "site1_003"},
        {"P0%dS01", "P0%dS02", "P03"}, {"00%dOD", "00%dOS", "003"}, {"0%d", "0%dL", "03"},
        {"M%d", "M%d_ct", "M3"}, {"%d", "%d_up", "3"},
        {"Patient%dSlice1", "Patient%dSlice2", "Patient3"}, {"P%d(1)", "P%d(2)", "P3"},
        {"p%d+a", "P0%d+b", "p3"}, {"0deg_%d", "90deg_%d", "3"}, {"10x/s%d", "40x/s%d", "s3"},
        {"s%d_1mm", "s%d_5mm", "s3"}, {"pt%dim1", "pt%dim2", "pt3"},
        {"Copy of 00%d", "00%d", "003"}, {"0%dB1", "0%dB2", "03"}, {"m%dd1", "m%dd2", "m3"},
        {"H%dant", "H%dpost", "H3"}, {"TMA%d_A1", "TMA%d_B2", "TMA3"},
        {"000%dTP_00000", "000%dTP_00030", "0003"},
        {"9999999999999999999%d_1", "9999999999999999999%d_2", "99999999999999999993"},
        {"9999999999999999999%dB1", "9999999999999999999%dB2", "99999999999999999993"}};
    char names[12][40];
    const char *list[12];
    struct dataset d;
    for (size_t k = 0; k < COUNT(sets); k++) {
        clear_set(state);
        for (int i = 0; i < 12; i++) {
            snprintf(names[i], sizeof names[i], i % 2 ? sets[k].other : sets[k].one, i / 2 + 1);
            list[i] = names[i];
        }
        put_named("in", "out", list, 12);
        OK(dataset_open("set", &d, NULL, &e));
        int same = 0;
        for (int i = 0; i < d.count; i++)
            same += d.cases[i].group && strcmp(d.cases[i].group, sets[k].group) == 0;
        if (same != 2 || d.count != 12) fail_msg("%s: %d", sets[k].one, same);
        dataset_free(&d);
    }
}

/* The settings that warnings give join cases, and nothing is asked any more. */
static void check_options(const char *text)
{
    static const char start[] = "give `images`";
    assert_non_null(strstr(text, start));
    for (const char *option = text; (option = strstr(option, start)); option++) {
        char images[200], labels[200];
        struct dataset d;
        struct heard h;
        assert_int_equal(
            sscanf(option, "give `images` '%199[^']' `labels` '%199[^']'", images, labels), 2);
        const struct dataset_patterns p = {.images = images, .labels = labels};
        hear(&h);
        OK(dataset_open_patterns("set", &p, &d, NULL, &h.host, &e));
        int joined = 0;
        for (int i = 0; i < d.count; i++)
            for (int k = 0; k < i; k++) joined += strcmp(d.cases[i].group, d.cases[k].group) == 0;
        if (joined < d.count / 2 || strstr(h.text, "patient")) fail_msg("%s: %s", option, h.text);
        dataset_free(&d);
    }
}

/* A warning gives settings, which are right. */
static void patients_that_may_be_others_are_asked(void **state)
{
    static const struct {
        const char *one, *other, *says; /* NULL: nothing */
    } sets[] = {{"part/k%d", "whole/k%d", "'in/{part}/{group}.png'"},
        {"2020-01/00%d", "2021-03/00%d", "'in/{part}/{group}.png'"},
        {"P1_00%d", "P2_00%d", "'in/{group}_{id}.png'"}, {"T0_10%d", "T1_10%d", "give"},
        {"W1_rat%d_1", "W4_rat%d_2", "rat"}, {"L3_00%d", "T12_00%d", "'in/{id}_{group}.png'"},
        {"slice1_00%d", "slice2_00%d", "'in/{id}_{group}.png'"},
        {"z1_00%d", "z2_00%d", "'in/{id}_{group}.png'"},
        {"190102_0%d", "200304_0%d", "'in/{id}_{group}.png'"},
        {"siemens_0%d", "philips_0%d", "'in/{id}_{group}.png'"},
        {"clip_1_00%d", "clip_2_00%d", "'in/clip_{group}_{id}.png'"},
        {"1_pre_00%d", "2_post_00%d", "'in/{group}_{id}.png'"}, {"Basel/0%d", "Bern/0%d", NULL},
        {"benign (%d)", "normal (%d)", NULL}, {"day_%d", "night_%d", NULL},
        {"train_%d", "test_%d", NULL}, {"grade1_0%d", "grade2_0%d", NULL},
        {"A00%d", "B00%d", "if \"001\" is one"}, {"A_f00%d", "B_f00%d", "if \"f001\" is one"},
        {"a-00%d", "b-00%d", "'in/{id}-{group}.png'"}, {"TMA1_A%d", "TMA2_A%d", "TMA1"},
        {"0001TP_0%d", "0006R0_0%d", "'in/{group#}{id}.png'"},
        {"tile_0_%d", "tile_1_%d", "'in/{id}_{group#}.png'"},
        {"r0c%d", "r1c%d", "'in/r{group}c{id}.png'"}, {"F1_0%d", "F2_0%d", "F1"},
        {"99999999999999999991_%d", "99999999999999999992_%d", "'in/{group}_{id}.png'"},
        {"austin%d", "vienna%d", "'in/{group}{id#}.png'"},
        {"slice1_%c%c", "slice2_%c%c", "'in/{id}_{group}.png'"},
        {"%c%c_slice_001", "%c%c_slice_002", "'in/{group}_{id}.png'"},
        {"%c%c_x100_y200", "%c%c_x200_y200", "'in/{group}_{id}.png'"},
        {"a_%c%c", "b_%c%c", "'in/{id}_{group}.png'"},
        {"seq1/frame00%d", "seq2/frame00%d", "'in/{group}/{id}.png'"}};
    char names[12][40];
    const char *list[12];
    struct dataset d;
    struct heard h;
    for (size_t k = 0; k < COUNT(sets); k++) {
        clear_set(state);
        for (int i = 0; i < 12; i++) {
            const char *form = i % 2 ? sets[k].other : sets[k].one;
            const int number = strstr(form, "%c") ? 'A' + i / 2 : i / 2 + 1;
            snprintf(names[i], sizeof names[i], form, number, 'P' - i / 2);
            list[i] = names[i];
        }
        put_named("in", "out", list, 12);
        hear(&h);
        OK(dataset_open("set", &d, &h.host, &e));
        const char *warned = strstr(h.text, "is one patient, its cases may be in both");
        if (!warned != !sets[k].says || (warned && !strstr(warned, sets[k].says)))
            fail_msg("%s: %s", sets[k].one, h.text);
        dataset_free(&d);
        if (warned) check_options(h.text);
    }
}

/* Too few for folds; images of one patient are neighbours, or count anew. */
static void few_patients_are_asked(void **state)
{
    static const struct {
        const char *names, *says; /* NULL: nothing */
    } sets[] = {{"1_1 2_1 3_2 4_2 5_3 6_3", "if \"1\" is one patient"},
        {"1_1 2_2 3_3 4_2 5_1 6_3", NULL},
        {"1_1 2_1 3_1 4_1 5_1 6_1 1_2 2_2 3_2 4_2 1_3 2_3", "'in/{id}_{group}.png'"},
        {"Frei_001 Frei_002 Meier_001 Meier_002 Meier_003", "'in/{group}_{id}.png'"},
        {"Frei_001 Frei_002 Huber_003 Huber_004 Meier_005 Meier_006", "if \"Frei\" is one"},
        {"Frei_001 Huber_002 Meier_003 Frei_004 Huber_005 Meier_006", NULL},
        {"subjectA_1 subjectA_2 subjectB_1 subjectB_2 subjectC_1", "if \"subjectA\" is one"},
        {"100101A 100101B 100102A 100102B 100103A 100103B 100104A", "if \"100101\" is one"},
        {"011A 011B 012A 012B 013A 013B 014A", "if \"011\" is one patient"},
        {"011_CC 011_MLO 012_CC 012_MLO 013_CC", "if \"011\" is one patient"},
        {"benign_001 benign_002 other_001 other_002 other_003", NULL}};
    for (size_t k = 0; k < COUNT(sets); k++) {
        char text[100];
        const char *list[12];
        int count = 0;
        struct dataset d;
        struct heard h;
        clear_set(state);
        snprintf(text, sizeof text, "%s", sets[k].names);
        for (char *at = strtok(text, " "); at; at = strtok(NULL, " ")) list[count++] = at;
        put_named("in", "out", list, count);
        hear(&h);
        OK(dataset_open("set", &d, &h.host, &e));
        const char *says = sets[k].says ? sets[k].says : "patient";
        if (!strstr(h.text, says) != !sets[k].says) fail_msg("%s: %s", sets[k].names, h.text);
        dataset_free(&d);
    }
}

/* Seven patients, of whom one has most cases; and cases that go on counting from letter to letter.
 */
static void one_with_most_cases_is_asked(void **state)
{
    char names[18][24];
    const char *list[18];
    struct dataset d;
    struct heard h;
    for (int k = 0; k < 3; k++) { /* "v" may be a visit */
        clear_set(state);
        for (int i = 0; i < 18; i++) {
            if (k == 1)
                snprintf(names[i], sizeof names[i], "%c%02d", 'A' + i / 6, i);
            else
                snprintf(
                    names[i], sizeof names[i], "%c%d_%02d", k ? 'v' : 'P', i < 12 ? 1 : i - 10, i);
            list[i] = names[i];
        }
        put_named("in", "out", list, 18);
        hear(&h);
        OK(dataset_open("set", &d, &h.host, &e));
        const char *asked =
            strstr(h.text, k ? "if \"v1\" is one patient" : "if \"P1\" is one patient");
        if (k == 1 ? strstr(h.text, "patient") != NULL : !asked) fail_msg("%s", h.text);
        dataset_free(&d);
        if (asked) check_options(h.text);
    }
}

/* Keys that are not neighbours share the text of a variable: such settings would join patients. */
static void settings_that_join_patients_are_not_given(void **state)
{
    static const char *const names[] = {
        "a/1_1", "a/1_2", "a/2_1", "a/2_2", "b/1_1", "b/1_2", "b/2_1", "b/2_2"};
    struct dataset d;
    struct heard h;
    (void)state;
    put_named("in", "out", names, COUNT(names));
    hear(&h);
    OK(dataset_open("set", &d, &h.host, &e));
    assert_non_null(strstr(h.text, "; to keep them together, list them in a groups.csv"));
    dataset_free(&d);
}

/* "meier", "huber" and "frei": letters alone are asked. */
static void sides_of_people_are_groups(void **state)
{
    static const char *const sides[][2] = {{"links", "rechts"}, {"gauche", "droite"},
        {"izquierda", "derecha"}, {"sinistro", "destro"}, {"G", "D"}, {"flip", "rot90"}};
    static const char *const parts[][2] = {{"slice01", "slice02"}, {"a", "b"}, {"1", "2"}};
    static const char *const people[] = {"Meier", "Huber", "Frei", "Vogel", "Keller", "Schmid"};
    static const char *const some[] = {"meier", "huber", "frei", "keller", "vogel_1", "vogel_2"};
    char names[12][24];
    const char *list[12];
    struct dataset d;
    struct heard h;
    for (size_t k = 0; k < COUNT(sides); k++) {
        clear_set(state);
        for (int i = 0; i < 12; i++) {
            snprintf(names[i], sizeof names[i], "%s_%s", people[i / 2], sides[k][i % 2]);
            list[i] = names[i];
        }
        put_named("in", "out", list, 12);
        OK(dataset_open("set", &d, NULL, &e));
        assert_string_equal(d.cases[0].group, "Frei");
        assert_string_equal(d.cases[1].group, "Frei");
        assert_string_equal(d.cases[2].group, "Huber");
        dataset_free(&d);
    }
    for (size_t k = 0; k < COUNT(parts); k++) {
        clear_set(state);
        for (int i = 0; i < 12; i++) {
            snprintf(names[i], sizeof names[i], "%s_%s", people[i / 2], parts[k][i % 2]);
            list[i] = names[i];
        }
        put_named("in", "out", list, 12);
        hear(&h);
        OK(dataset_open("set", &d, &h.host, &e));
        assert_non_null(strstr(h.text, "if \"Frei\" is one patient"));
        dataset_free(&d);
        check_options(h.text);
    }
    clear_set(state);
    put_named("in", "out", some, COUNT(some));
    hear(&h);
    OK(dataset_open("set", &d, &h.host, &e));
    assert_false(d.has_groups);
    assert_non_null(strstr(h.text,
        "if \"vogel\" is one patient, its cases may be in both training and validation, such as "
        "vogel_1 and vogel_2; to keep them together, give `images` "
        "'in/{group}_{id}.png|in/{group}.png' `labels` 'out/{group}_{id}.png|out/{group}.png'"));
    dataset_free(&d);
    open_set(&d, "in/{group}_{id}.png|in/{group}.png", "out/{group}_{id}.png|out/{group}.png");
    int same = 0;
    for (int i = 0; i < d.count; i++) same += strcmp(d.cases[i].group, "vogel") == 0;
    assert_int_equal(same, 2);
    assert_int_equal(d.count, 6);
    dataset_free(&d);
}

/* Most patients have one image; a part of a set with a name of its own is no patient. */
static void few_patients_with_several_images_are_groups(void **state)
{
    static const struct {
        const char *one, *more[2], *group; /* of patient 4; NULL: none */
    } sets[] = {{"pat00%d", {"pat004_a", "pat004_b"}, "pat004"},
        {"00%d", {"004_1", "004_2"}, "004"}, {"P%d_1", {"P4_1", "P4_2"}, "P4"},
        {"P%d_baseline", {"P4_baseline", "P4_followup"}, "P4"},
        {"img%d", {"img4", "img4_flip"}, "img4"}, {"00%d", {"004", "004 - Kopie"}, "004"}};
    char names[11][24];
    const char *list[11];
    struct dataset d;
    for (size_t k = 0; k < COUNT(sets); k++) {
        clear_set(state);
        for (int i = 0; i < 11; i++) {
            snprintf(names[i], sizeof names[i], sets[k].one, i + 1 - (i > 3));
            list[i] = i == 3 || i == 4 ? sets[k].more[i - 3] : names[i];
        }
        put_named("in", "out", list, 11);
        OK(dataset_open("set", &d, NULL, &e));
        int same = 0, grouped = 0;
        for (int i = 0; i < d.count; i++) {
            same += d.cases[i].group && strcmp(d.cases[i].group, sets[k].group) == 0;
            grouped += d.cases[i].group != NULL;
        }
        if (same != 2 || grouped != 11) fail_msg("%s: %d %d", sets[k].one, same, grouped);
        dataset_free(&d);
    }
    static const char *const parts[] = {"D_001", "DUKE_002", "DUKE_003", "DUKE_004", "DUKE_005",
        "DUKE_006", "DUKE_007", "ISPY1_001", "ISPY1_002", "ISPY1_003"};
    clear_set(state);
    put_named("in", "out", parts, COUNT(parts));
    OK(dataset_open("set", &d, NULL, &e));
    assert_false(d.has_groups);
    dataset_free(&d);
}

/* Other layouts than pairs by name. */
static void masks_beside_images_have_groups(void **state)
{
    char path[64];
    struct dataset d;
    (void)state;
    for (int i = 0; i < 12; i++) {
        snprintf(path, sizeof path, "set/P%d_s%d.png", i / 2, i % 2);
        put_image(path, 1, 1, 8, 9);
        snprintf(path, sizeof path, "set/P%d_s%d_mask.png", i / 2, i % 2);
        put_labels(path, 1, 8, 9, 1, 0);
    }
    OK(dataset_open("set", &d, NULL, &e));
    assert_null(d.reading);
    assert_string_equal(d.cases[0].group, "P0");
    assert_string_equal(d.cases[1].group, "P0");
    dataset_free(&d);
}

/* A list names folds, groups, or neither. */
static void cases_of_lists_have_groups(void **state)
{
    static const char *const heads[] = {"image,label", "image,label,group", "image,label,fold"},
                             *const ends[] = {"", ",x", ",train"};
    char text[600], name[24];
    struct dataset d;
    struct heard h;
    for (int k = 0; k < 4; k++) {
        clear_set(state);
        int used = snprintf(text, sizeof text, "%s\n", heads[k % 3]);
        for (int i = 0; i < 12; i++) {
            snprintf(name, sizeof name, "ab%c_%d", 'a' + i / 2, i % 2);
            if (k < 3) snprintf(name, sizeof name, "P%d_s%d", i / 2, i % 2);
            const char *list[] = {name};
            put_named("in", "out", list, 1);
            used += snprintf(text + used, sizeof text - (size_t)used, "in/%s.png,out/%s.png%s\n",
                name, name, ends[k % 3]);
        }
        put_text("set/x.csv", text);
        hear(&h);
        OK(dataset_open("set/x.csv", &d, &h.host, &e));
        assert_int_equal(d.count, 12);
        assert_int_equal(d.has_groups, k < 2);
        assert_int_equal(d.name_groups, k == 0);
        if (k == 0) assert_string_equal(d.cases[1].group, "P0");
        const char *asked = strstr(h.text, "; to keep them together, give the list a column");
        assert_int_equal(asked != NULL, k == 3);
        dataset_free(&d);
    }
}

/* Patterns would find none outside the root, and others inside. */
static void files_of_lists_have_no_patterns(void **state)
{
    static const char head[] =
        "{\"channel_names\": {\"0\": \"MRI\"}, \"labels\": {\"background\": 0, \"t\": 1}, "
        "\"file_ending\": \".png\", \"dataset\": {";
    char text[4096], root[128], other[128], here[96];
    struct dataset d;
    struct heard h;
    assert_non_null(getcwd(here, sizeof here));
    snprintf(root, sizeof root, "%s/set", here);
    snprintf(other, sizeof other, "%s/other/", here);
    for (int inside = 0; inside < 2; inside++) {
        clear_set(state);
        int used = snprintf(text, sizeof text, "%s", head);
        for (int i = 0; i < 9; i++) {
            char name[24];
            const char *list[] = {name}, *folder = inside ? "" : other;
            snprintf(name, sizeof name, "P%d_s%d", i / 3, i % 3);
            put_named(inside ? "in" : "../other/in", inside ? "out" : "../other/out", list, 1);
            used += snprintf(text + used, sizeof text - (size_t)used,
                "%s\"%s\": {\"images\": [\"%sin/%s.png\"], \"label\": \"%sout/%s.png\"}",
                i ? ", " : "", name, folder, name, folder, name);
        }
        snprintf(text + used, sizeof text - (size_t)used, "}}");
        put_text("set/dataset.json", text);
        hear(&h);
        OK(dataset_open(root, &d, &h.host, &e));
        assert_non_null(strstr(h.text, "; to keep them together, list them in a groups.csv"));
        dataset_free(&d);
    }
}

/* Patterns would lose the second mask of one image. */
static void joined_masks_have_no_patterns(void **state)
{
    char path[64];
    struct dataset d;
    struct heard h;
    (void)state;
    for (int i = 0; i < 9; i++) {
        snprintf(path, sizeof path, "set/P%d_s%d.png", i / 3, i % 3);
        put_image(path, 1, 1, 8, 9);
        snprintf(path, sizeof path, "set/P%d_s%d_mask.png", i / 3, i % 3);
        put_labels(path, 1, 8, 9, 1, 0);
    }
    hear(&h);
    OK(dataset_open("set", &d, &h.host, &e));
    assert_non_null(strstr(h.text, "give `images` '{group}_{id}' `labels` '{group}_{id}_mask'"));
    dataset_free(&d);
    put_labels("set/P2_s1_mask_1.png", 1, 8, 9, 0, 1);
    hear(&h);
    OK(dataset_open("set", &d, &h.host, &e));
    assert_non_null(strstr(h.text, "; to keep them together, list them in a groups.csv"));
    dataset_free(&d);
}

/* Of separators alone, which no word names. */
static void a_name_without_words_is_no_patient(void **state)
{
    static const char *const names[] = {"-", "ab_1", "ab_2", "cd_1", "cd_2", "ef_1"};
    struct dataset d;
    (void)state;
    put_named("images", "labels", names, COUNT(names));
    OK(dataset_open("set", &d, NULL, &e));
    assert_false(d.has_groups);
    dataset_free(&d);
}

/* Folders of words may be classes or people; known classes are no groups. */
static void folders_of_words_are_asked(void **state)
{
    static const struct {
        const char *folder[5];
        char expect; /* ?: asked; G: groups; -: none */
    } sets[] = {{{"Baso", "eosi", "lymp", "mono", "neut"}, '?'},
        {{"a1", "b2", "c3", "d4", "e5"}, 'G'}, {{"bear", "camel", "dog", "goldfish", "kid"}, '?'},
        {{"benign", "covid", "malignant", "odd", "normal"}, '-'}};
    for (size_t k = 0; k < COUNT(sets); k++) {
        char names[15][24], images[100], labels[100];
        const char *list[15];
        struct dataset d;
        struct heard h;
        clear_set(state);
        for (int i = 0; i < 15; i++) {
            snprintf(names[i], sizeof names[i], "%s/%d", sets[k].folder[i / 3], i % 3 + 1);
            list[i] = names[i];
        }
        put_named("in", "out", list, 15);
        hear(&h);
        OK(dataset_open("set", &d, &h.host, &e));
        const char *says = strstr(h.text, " is one group, so no fold trains and validates on it; ");
        const char got = says ? '?' : d.has_groups ? 'G' : '-';
        if (got != sets[k].expect || (says && !d.has_groups) || strstr(h.text, "one patient"))
            fail_msg("%s: %c, %s", *list, got, h.text);
        dataset_free(&d);
        if (!says) continue;
        says = strstr(says, "give `images`");
        assert_int_equal(
            sscanf(says, "give `images` '%99[^']' `labels` '%99[^']'", images, labels), 2);
        const struct dataset_patterns p = {.images = images, .labels = labels};
        hear(&h);
        OK(dataset_open_patterns("set", &p, &d, NULL, &h.host, &e));
        if (d.count != 15 || d.has_groups || strstr(h.text, "group")) fail_msg("%s", h.text);
        dataset_free(&d);
    }
}

static void cases_that_names_keep_apart_are_said(void **state)
{
    static const struct {
        const char *in[2], *out[2], *says; /* of two parts; NULL: nothing */
    } sets[] = {{{"train/img", "test/img"}, {"train/gt", "test/gt"},
                    "also trains and validates on 2 test cases, such as b1; to"},
        {{"Training/img", "Testing/img"}, {"Training/gt", "Testing/gt"}, "2 test cases"},
        {{"train_im", "test_im"}, {"train_seg", "test_seg"}, "2 test cases"},
        {{"imTrain", "imTest"}, {"segTrain", "segTest"}, "2 test cases"},
        {{"one/img", "testset/img"}, {"one/gt", "testset/gt"}, "2 test cases"},
        {{"train/img", "validation/img"}, {"train/gt", "validation/gt"},
            "also trains on 2 validation cases, such as b1; to"},
        {{"test/img", "test/img"}, {"test/gt", "test/gt"}, NULL}, /* all */
        {{"one/img", "more/img"}, {"one/gt", "more/gt"}, NULL}};
    static const char *const train[] = {"a1", "a2", "a3", "a4"}, *const test[] = {"b1", "b2"};
    struct dataset d;
    struct heard h;
    for (size_t k = 0; k < COUNT(sets); k++) {
        clear_set(state);
        put_named(sets[k].in[0], sets[k].out[0], train, COUNT(train));
        put_named(sets[k].in[1], sets[k].out[1], test, COUNT(test));
        hear(&h);
        OK(dataset_open("set", &d, &h.host, &e));
        const bool said = strstr(h.text, sets[k].says ? sets[k].says : "also trains") != NULL;
        if (d.count != 6 || said != (sets[k].says != NULL))
            fail_msg("%s: %d, %s", sets[k].in[1], d.count, h.text);
        dataset_free(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(names_of_patients_are_groups, clear_set),
        cmocka_unit_test_setup(folders_of_one_digit_and_channels_show_patients, clear_set),
        cmocka_unit_test_setup(visits_do_not_part_patients, clear_set),
        cmocka_unit_test_setup(words_beside_a_patient_are_left_out, clear_set),
        cmocka_unit_test_setup(patients_that_may_be_others_are_asked, clear_set),
        cmocka_unit_test_setup(few_patients_are_asked, clear_set),
        cmocka_unit_test_setup(one_with_most_cases_is_asked, clear_set),
        cmocka_unit_test_setup(settings_that_join_patients_are_not_given, clear_set),
        cmocka_unit_test_setup(sides_of_people_are_groups, clear_set),
        cmocka_unit_test_setup(few_patients_with_several_images_are_groups, clear_set),
        cmocka_unit_test_setup(masks_beside_images_have_groups, clear_set),
        cmocka_unit_test_setup(cases_of_lists_have_groups, clear_set),
        cmocka_unit_test_setup(files_of_lists_have_no_patterns, clear_set),
        cmocka_unit_test_setup(joined_masks_have_no_patterns, clear_set),
        cmocka_unit_test_setup(a_name_without_words_is_no_patient, clear_set),
        cmocka_unit_test_setup(folders_of_words_are_asked, clear_set),
        cmocka_unit_test_setup(cases_that_names_keep_apart_are_said, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

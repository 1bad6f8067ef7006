/* SPDX-License-Identifier: Apache-2.0 */
/* Groups of cases that have one name in several folders. */
#include <string.h>

#include "dataset/layout_found.h"
#include "unit/dataset/dataset_test.h"

enum { MOST = 12 };

static void open_set(struct dataset *d, const char *images, const char *labels, struct heard *h)
{
    const struct dataset_patterns p = {.images = images, .labels = labels};
    hear(h);
    OK(dataset_open_patterns("set", &p, d, NULL, &h->host, &e));
}

/* Cases of two folders whose names end alike have one group. */
static bool joins_twins(const struct dataset *d, const char *const *names, int count)
{
    for (int i = 0; i < count; i++) {
        const char *group = NULL;
        int cases = 0;
        for (int k = 0; k < d->count; k++) {
            const struct data_case *c = &d->cases[k];
            if (!strstr(c->image[0], names[i])) continue;
            if (!c->group || (group && strcmp(c->group, group) != 0)) return false;
            group = c->group;
            cases++;
        }
        if (cases != 2) return false;
    }
    return true;
}

/* Splits `text` at spaces, which must live as long as the names. */
static int split_text(char *text, const char *names[MOST])
{
    int count = 0;
    for (char *at = strtok(text, " "); at; at = strtok(NULL, " ")) names[count++] = at;
    return count;
}

static const char counted[] = "001 002 003 004 005 006 007 008",
                  hashes[] = "58E78E1B 5C8A9500 5CD9541E C0A8A20F CE9A05DD D3395E15",
                  plainer[] = "584E78 95AC00 CD9541 20FC0A CE9054 D33951",
                  numbers[] = "03107 03112 03119 03150 03162 03170 03201 03233 03260",
                  steps[] = "0007 0014 0021 0028 0035 0042 0049 0056";

/* G: twins are groups; A: a question's first option makes them groups; -: none of both. */
static void equal_names_of_folders_may_be_of_one_thing(void **state)
{
    static const struct {
        const char *in[2], *names;
        char expect;
    } sets[] = {{{"Images", "Images_Cropped"}, counted, 'G'}, {{"in", "in/small"}, counted, 'G'},
        {{"in_warped", "in"}, "P1_1 P1_2 P2_1 P2_2 P3_1 P4_1 P5_1", 'G'},
        {{"in", "in_warped"}, "x001 x002 x003", 'A'}, {{"in", "in2"}, counted, '-'},
        {{"in", "inWarped"}, counted, 'G'}, {{"Ann", "Anna"}, counted, '-'},
        {{"Bern", "Zug"}, "Meier_1 Frei_22 Huber_17 Vogel_4 Keller_5 Lang_101", 'A'},
        {{"in", "in_malignant"}, counted, '-'}, {{"in", "in_test"}, counted, '-'},
        {{"benign", "malignant"}, counted, '-'}, {{"Bern", "Zug"}, counted, '-'},
        {{"optic", "radar"}, hashes, 'G'}, {{"s1", "s2"}, hashes, 'G'},
        {{"optic", "radar"}, plainer, 'G'}, {{"optic", "radar"}, numbers, 'G'},
        {{"s1", "s2"}, numbers, 'A'}, {{"optic", "radar"}, "01 02 03 04 41 42 43 44", '-'},
        {{"optic", "radar"}, steps, 'A'}, {{"s1", "s2"}, steps, 'A'},
        {{"Bern", "Zug"}, "slice010 slice020 slice030 slice040 slice050 slice060", '-'},
        {{"Bern", "Zug"}, "20190103 20190211 20190624 20190912 20200101 20200315", '-'}};
    for (size_t k = 0; k < COUNT(sets); k++) {
        char text[200], images[200], labels[200];
        const char *names[MOST];
        struct dataset d;
        struct heard h;
        clear_set(state);
        snprintf(text, sizeof text, "%s", sets[k].names);
        const int count = split_text(text, names);
        for (int side = 0; side < 2; side++) {
            char out[40];
            snprintf(out, sizeof out, "out/%s", sets[k].in[side]);
            put_named(sets[k].in[side], out, names, count);
        }
        snprintf(images, sizeof images, "%s/{id}.png|%s/{id}.png", sets[k].in[0], sets[k].in[1]);
        snprintf(
            labels, sizeof labels, "out/%s/{id}.png|out/%s/{id}.png", sets[k].in[0], sets[k].in[1]);
        open_set(&d, images, labels, &h);
        const char *option = strstr(h.text, "give `images`");
        char got = joins_twins(&d, names, count) ? 'G' : '-';
        dataset_free(&d);
        if (option && got == '-') {
            assert_int_equal(
                sscanf(option, "give `images` '%199[^']' `labels` '%199[^']'", images, labels), 2);
            open_set(&d, images, labels, &h);
            if (joins_twins(&d, names, count)) got = 'A';
            dataset_free(&d);
        }
        if (got != sets[k].expect) fail_msg("%s %s: %c, %s", sets[k].in[1], *names, got, h.text);
    }
}

/* Cases with counted names are of one thing if their images are copies. */
static void copies_of_images_are_twins(void **state)
{
    for (int copied = 0; copied < 2; copied++) {
        struct dataset d;
        struct heard h;
        clear_set(state);
        for (int i = 0; i < 14; i++) {
            char path[64], in[64];
            snprintf(path, sizeof path, "set/%s/in/%d.png", i % 2 ? "old" : "now", i / 2);
            /* what put_photo writes depends on the length of the name */
            snprintf(in, sizeof in, "set/%0*d.png", 9 + (copied ? i / 2 : i), 0);
            put_photo(in, 8, 9);
            make_parent(path);
            assert_int_equal(rename(in, path), 0);
            memcpy(strstr(path, "/in/"), "/gt/", 4);
            put_labels(path, 1, 8, 9, 1, 0);
        }
        open_set(&d, "{part}/in/{id}.png", "{part}/gt/{id}.png", &h);
        assert_int_equal(d.has_groups, copied);
        if (copied) assert_string_equal(d.cases[0].group, "0");
        dataset_free(&d);
    }
}

/* The number of a folder varies in the names of cases, too. */
static void a_folder_of_one_case_is_a_group(void **state)
{
    static const char *const names[] = {"S-1/t1", "S-2/t1", "S-3/t1", "S-4/t1", "S-5/t1", "S-6/t1",
        "S-1/t1.MNI", "S-2/t1.MNI", "S-3/t1.MNI", "S-4/t1.MNI", "S-5/t1.MNI", "S-6/t1.MNI"};
    static const char *const people[] = {"S-1/", "S-2/", "S-3/", "S-4/", "S-5/", "S-6/"};
    struct dataset d;
    struct heard h;
    (void)state;
    put_named("in", "out", names, COUNT(names));
    open_set(&d, "in/{id}/t1.png|in/{id}/t1.MNI.png", "out/{id}/t1.png|out/{id}/t1.MNI.png", &h);
    assert_true(joins_twins(&d, people, COUNT(people)));
    assert_string_equal(d.cases[0].group, "S-1");
    assert_true(d.name_groups);
    dataset_free(&d);
}

/* A word that stands twice in a path is not the name of its case. */
static void a_word_of_folder_and_file_is_no_case(void **state)
{
    static const char *const kinds[] = {"CT", "US", "US"}, *const sides[] = {"", "L", "R"};
    struct dataset d;
    (void)state;
    for (int i = 0; i < 15; i++) {
        char path[64], name[8];
        const char *kind = kinds[i % 3];
        snprintf(name, sizeof name, "%02d%s", i / 3 + 1, sides[i % 3]);
        snprintf(path, sizeof path, "set/%s_data/%s_images/%s_img%s.png", kind, kind, name, kind);
        put_photo(path, 8, 9);
        snprintf(path, sizeof path, "set/%s_data/%s_masks/%s_mask%s.png", kind, kind, name, kind);
        put_labels(path, 1, 8, 9, 1, 0);
    }
    OK(dataset_open("set", &d, NULL, &e));
    assert_int_equal(d.count, 15);
    assert_string_equal(d.reading->images, "{part}/{part2}_images/{id}_img{part2}.png");
    assert_string_equal(d.cases[0].group, "01");
    assert_string_equal(d.cases[2].group, "01");
    assert_string_equal(d.cases[3].group, "02");
    dataset_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(equal_names_of_folders_may_be_of_one_thing, clear_set),
        cmocka_unit_test_setup(copies_of_images_are_twins, clear_set),
        cmocka_unit_test_setup(a_folder_of_one_case_is_a_group, clear_set),
        cmocka_unit_test_setup(a_word_of_folder_and_file_is_no_case, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

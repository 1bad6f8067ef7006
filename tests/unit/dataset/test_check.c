/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at every sample: what only the whole set shows, files of channels, and what a mended copy
 * does with them. */
#include <math.h>

#include "dataset/check.h"
#include "dataset/fix.h"
#include "dataset/groups.h"
#include "dataset/orientation.h"
#include "files/file_at.h"
#include "unit/dataset/dataset_test.h"

static int count_kind(const struct problems *p, enum problem_kind kind)
{
    int count = 0;
    for (int i = 0; i < p->count; i++) count += p->list[i].kind == kind;
    return count;
}

static const struct problem *first_of(const struct problems *p, enum problem_kind kind)
{
    for (int i = 0; i < p->count; i++)
        if (p->list[i].kind == kind) return &p->list[i];
    fail_msg("there is no problem of kind %s", problem_word(kind));
    return NULL;
}

static struct geometry grid_at(double shift, float spacing)
{
    struct geometry g = {.valid = true, .spacing = {spacing, 1, 1}};
    g.affine[0][0] = g.affine[1][1] = 1;
    g.affine[2][2] = (double)spacing;
    g.affine[0][3] = shift;
    return g;
}

static void put_volume(const char *path, double shift, float spacing, int seed)
{
    struct image m = {.channels = 1, .size = {6, 7, 8}, .geometry = grid_at(shift, spacing)};
    m.data = mem_array(image_voxels(m.size), sizeof *m.data);
    for (size_t i = 0; i < image_voxels(m.size); i++)
        m.data[i] = (float)((i * i * (size_t)(seed + 3) + i * 7919) % 101);
    make_parent(path);
    OK(format_save_image(path, &m, &e));
    mem_free(m.data);
}

static void put_mask(const char *path, double shift, float spacing)
{
    const struct geometry g = grid_at(shift, spacing);
    put_labels_at(path, 6, 7, 8, (const int[]){0, 1, 1, -1}, &g);
}

/* What is found in "set". */
struct found {
    struct dataset d;
    struct problems p;
    struct check c;
};

static void look(struct found *f)
{
    memset(f, 0, sizeof *f);
    OK(dataset_open_patterns("set", NULL, &f->d, &f->p, NULL, &e));
    OK(orientation_choose(NULL, NULL, &f->d, NULL, &e));
    OK(check_all(&f->d, NULL, NULL, &f->c, &e));
}

static void forget(struct found *f)
{
    check_free(&f->c);
    dataset_free(&f->d);
    problems_free(&f->p);
}

#define JSON                                                                                       \
    "{\"channel_names\": {\"0\": \"a\", \"1\": \"b\"}, \"labels\": {\"background\": 0, \"one\": "  \
    "1, \"two\": 2}, \"file_ending\": "                                                            \
    "\".nii\"}"

static void put_set(void)
{
    char path[64];
    put_text("set/dataset.json", JSON);
    for (int i = 0; i < 6; i++) {
        float spacing = i == 4 ? 30 : 3;
        snprintf(path, sizeof path, "set/imagesTr/c%d_0000.nii", i);
        put_volume(path, 0, spacing, i);
        snprintf(path, sizeof path, "set/imagesTr/c%d_0001.nii", i);
        put_volume(path, i == 1 ? .3 : 0, spacing, 20 + i);
        snprintf(path, sizeof path, "set/labelsTr/c%d.nii", i);
        put_mask(path, i == 2 ? .3 : i == 3 ? .6 : .01, spacing);
    }
}

static void channels_and_headers_are_checked(void **state)
{
    struct found f;
    (void)state;
    put_set();
    look(&f);
    assert_int_equal(count_kind(&f.p, PROBLEM_GEOMETRY), 3);
    assert_int_equal(f.p.errors, 3);
    assert_int_equal(f.p.list[0].index, 1);
    assert_string_equal(f.p.list[0].file, "set/imagesTr/c1_0001.nii");
    assert_false(f.p.list[0].fixable); /* which of the channels is right nobody knows */
    assert_int_equal(f.p.list[1].index, 2);
    assert_true(f.p.list[1].fixable);
    assert_true(f.p.list[1].voxels > .29 && f.p.list[1].voxels < .31 && f.p.list[1].mm > .29 &&
        f.p.list[1].mm < .31);
    assert_false(f.p.list[2].fixable); /* more than half a voxel */
    assert_true(f.d.cases[3].bad && !f.d.cases[0].bad);
    assert_non_null(strstr(first_of(&f.p, PROBLEM_CLASS)->text, "no case has the class two"));
    assert_string_equal(first_of(&f.p, PROBLEM_SPACING)->file, "set/imagesTr/c4_0000.nii");
    assert_int_equal(count_kind(&f.p, PROBLEM_SPACING), 1);
    forget(&f);
}

/* Links to nowhere are listed with what else is wrong. */
static void missing_files_are_listed(void **state)
{
    struct found f;
    (void)state;
    put_set();
    assert_int_equal(unlink("set/imagesTr/c0_0000.nii") || unlink("set/labelsTr/c5.nii"), 0);
    assert_int_equal(symlink("nowhere", "set/imagesTr/c0_0000.nii"), 0);
    assert_int_equal(symlink("nowhere", "set/labelsTr/c5.nii"), 0);
    look(&f);
    assert_int_equal(count_kind(&f.p, PROBLEM_UNREADABLE), 2);
    assert_int_equal(count_kind(&f.p, PROBLEM_GEOMETRY), 3);
    assert_string_equal(first_of(&f.p, PROBLEM_UNREADABLE)->file, "set/imagesTr/c0_0000.nii");
    assert_non_null(strstr(first_of(&f.p, PROBLEM_UNREADABLE)->text, "does not exist"));
    forget(&f);
}

/* One volume of the set is stored along other axes than the rest; a flip counts as well as a turn.
 */
static void axes_that_run_elsewhere_are_told(void **state)
{
    (void)state;
    static const struct {
        double affine[3][3];
        const char *axes;
    } list[] = {{{{-1, 0, 0}, {0, 1, 0}, {0, 0, 3}}, "LAS"},
        {{{1, 0, 0}, {0, .2, 3}, {0, -1, .6}}, "RIA"},
        {{{1, .3, 0}, {-.3, 1, 0}, {0, 0, 3}}, NULL}};
    for (size_t k = 0; k < sizeof list / sizeof *list; k++) {
        struct found f;
        put_set();
        for (int channel = 0; channel < 3; channel++) {
            const char *path = channel == 2 ? "set/labelsTr/c5.nii"
                : channel                   ? "set/imagesTr/c5_0001.nii"
                                            : "set/imagesTr/c5_0000.nii";
            struct geometry g = grid_at(0, 3);
            for (int i = 0; i < 9; i++) g.affine[i / 3][i % 3] = list[k].affine[i / 3][i % 3];
            if (channel == 2) {
                put_labels_at(path, 6, 7, 8, (const int[]){0, 1, 1, -1}, &g);
                continue;
            }
            struct image m;
            OK(format_load_image(path, &m, &e));
            geometry_free(&m.geometry);
            m.geometry = g;
            OK(format_save_image(path, &m, &e));
            m.geometry = (struct geometry){.valid = false};
            image_free(&m);
        }
        look(&f);
        assert_int_equal(count_kind(&f.p, PROBLEM_ORIENTATION), list[k].axes != NULL);
        if (list[k].axes) {
            char text[64];
            snprintf(text, sizeof text, "c5_0000.nii has the axes %s ", list[k].axes);
            assert_non_null(strstr(first_of(&f.p, PROBLEM_ORIENTATION)->text, text));
            assert_int_equal(first_of(&f.p, PROBLEM_ORIENTATION)->index, 5);
        }
        forget(&f);
    }
}

/* One that is wrong in several ways is told all of them. */
static void everything_wrong_with_a_case_is_listed(void **state)
{
    struct found f;
    (void)state;
    put_set();
    struct image m;
    OK(format_load_image("set/imagesTr/c0_0000.nii", &m, &e));
    m.data[5] = (float)NAN;
    OK(format_save_image("set/imagesTr/c0_0000.nii", &m, &e));
    image_free(&m);
    put_labels("set/labelsTr/c0.nii", 6, 7, 9, 9, 0, 7, 7, 1);
    look(&f);
    assert_string_equal(first_of(&f.p, PROBLEM_SAMPLES)->file, "set/imagesTr/c0_0000.nii");
    assert_string_equal(first_of(&f.p, PROBLEM_SIZE)->file, "set/labelsTr/c0.nii");
    assert_int_equal(count_kind(&f.p, PROBLEM_SIZE), 1);
    const struct problem *values = first_of(&f.p, PROBLEM_VALUE);
    assert_true(values->voxels > 2.5 && values->voxels < 3.5);
    assert_non_null(strstr(values->text,
        "set/labelsTr/c0.nii: 3 voxels have the values 7, 9, which are none of 0, 1 and 2, the "
        "first at x,y,z (0,0,0); correct the labels or declare the values in dataset.json"));
    forget(&f);
}

static void two_spacings_are_told(void **state)
{
    struct found f;
    (void)state;
    put_set();
    struct image m;
    OK(format_load_image("set/imagesTr/c0_0000.nii", &m, &e));
    m.geometry.affine[2][2] = 5;
    m.geometry.spacing[0] = 3;
    mem_free(m.geometry.header);
    m.geometry.header = NULL;
    OK(format_save_image("set/imagesTr/c0_0000.nii", &m, &e));
    image_free(&m);
    look(&f);
    assert_non_null(strstr(first_of(&f.p, PROBLEM_SPACING)->text,
        "along d a voxel is 3 mm long by the header's spacing, but 5"));
    forget(&f);
}

static void a_copy_is_mended(void **state)
{
    struct dataset d;
    struct problems p = {.count = 0};
    struct check c;
    struct sample s;
    json_t *done;
    int group[6] = {0, 1, 0, 2, 3, 4}, found[6], count;
    (void)state;
    put_set();
    OK(dataset_open_patterns("set", NULL, &d, &p, NULL, &e));
    OK(check_all(&d, NULL, NULL, &c, &e));
    OK(fix_copy(&d, "set/../set_mended/", group, NULL, &done, &e));
    assert_int_equal(json_array_size(done), 2);
    assert_string_equal(json_string_value(json_object_get(json_array_get(done, 0), "what")),
        "header copied from its image");
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(done, 0), "file")), "set/labelsTr/c2.nii");
    assert_true(p.list[1].fixed && !p.list[0].fixed && !p.list[2].fixed);
    REFUSED(fix_copy(&d, "set_mended", NULL, NULL, &done, &e), ATT_USAGE,
        " already exists; name a new folder");
    REFUSED(fix_copy(&d, "set/inner", NULL, NULL, &done, &e), ATT_USAGE,
        " is inside the data set; name a folder elsewhere");
    REFUSED(fix_copy(&d, "set/new/inner/", NULL, NULL, &done, &e), ATT_USAGE,
        "`fix` set/new/inner is inside the data set; name a folder elsewhere");
    REFUSED(fix_check_place(&d, "set_mended/../set/imagesTr/new/inner", &e), ATT_USAGE,
        " is inside the data set; name a folder elsewhere");
    json_decref(done);
    check_free(&c);
    dataset_free(&d);
    problems_free(&p);
    OK(dataset_open("set", &d, NULL, &e));
    REFUSED(dataset_load(&d, 2, &s, &e), ATT_DATA, "0.3 voxels");
    dataset_free(&d);
    OK(dataset_open("set_mended", &d, NULL, &e));
    OK(dataset_load(&d, 2, &s, &e));
    assert_int_equal(s.classes[1], 1);
    sample_free(&s);
    REFUSED(dataset_load(&d, 3, &s, &e), ATT_DATA, "0.6 voxels");
    OK(groups_read(&d, found, &count, &e));
    assert_int_equal(count, 5);
    assert_int_equal(found[0], found[2]);
    dataset_free(&d);
    nftw("set_mended", remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static const char *const headers[] = {"hdr", "mhd", "nhdr"};

static void put_pairs(void)
{
    char path[64];
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "set/images/c%d.%s", i, headers[i]);
        put_volume(path, 0, 3, i);
        snprintf(path, sizeof path, "set/labels/c%d.%s", i, headers[i]);
        put_mask(path, i == 1 ? .3 : 0, 3);
    }
}

static void assert_whole(const char *root)
{
    struct dataset d;
    struct sample s;
    OK(dataset_open(root, &d, NULL, &e));
    assert_int_equal(d.count, 3);
    for (int i = 0; i < 3; i++) {
        OK(dataset_load(&d, i, &s, &e));
        assert_int_equal(s.classes[1], 1);
        sample_free(&s);
    }
    dataset_free(&d);
}

/* Samples in files of their own are no images, but go where their headers go. */
static void headers_keep_their_samples(void **state)
{
    struct found f;
    json_t *done;
    (void)state;
    put_pairs();
    look(&f);
    assert_int_equal(f.p.errors, 1); /* a label that is moved */
    OK(fix_copy(&f.d, "set_mended", NULL, NULL, &done, &e));
    assert_int_equal(json_array_size(done), 1);
    json_decref(done);
    forget(&f);
    assert_whole("set_mended");
    nftw("set_mended", remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    put_text("set/images/other.raw", "x"); /* nobody's */
    REFUSED(dataset_open("set", &f.d, NULL, &e), ATT_DATA,
        "attunet cannot read the format of set/images/other.raw; convert it to ");
}

static void names_of_cases_are_quoted(void **state)
{
    struct data_case cases[] = {{.id = (char *)(uintptr_t) "a,b"},
        {.id = (char *)(uintptr_t) "c \"d\""}, {.id = (char *)(uintptr_t) "e"}};
    struct dataset d = {.root = (char *)(uintptr_t) "set", .cases = cases, .count = 3};
    int group[] = {0, 1, 0}, found[3], count;
    (void)state;
    OK(file_make_folders("set", &e));
    OK(fix_write_groups(&d, group, "set/groups.csv", &e));
    OK(groups_read(&d, found, &count, &e));
    assert_int_equal(count, 2);
    assert_memory_equal(found, group, sizeof group);
}

static void equal_images_are_named(void **state)
{
    struct found f;
    (void)state;
    for (int i = 0; i < 3; i++) {
        char path[64];
        snprintf(path, sizeof path, "set/images/%d.nii", i);
        put_volume(path, 0, 1, i / 2);
        snprintf(path, sizeof path, "set/labels/%d.nii", i);
        put_mask(path, 0, 1);
    }
    look(&f);
    assert_int_equal(f.p.count, 1);
    assert_int_equal(f.p.errors, 0);
    assert_int_equal(f.c.pairs, 1);
    assert_string_equal(f.p.list[0].text,
        "set/images/0.nii and set/images/1.nii are equal; keep one of them, or both in one group");
    forget(&f);
}

static void copies_in_place_of_images_are_errors(void **state)
{
    struct found f;
    (void)state;
    put_volume("set/images/0.nii", 0, 1, 0);
    put_mask("set/labels/0.nii", 0, 1);
    put_mask("set/images/1.nii", 0, 1);
    put_mask("set/labels/1.nii", 0, 1);
    look(&f);
    assert_int_equal(f.p.errors, 1);
    assert_string_equal(f.p.list[0].text,
        "image set/images/1.nii and its label set/labels/1.nii are copies of one file; replace "
        "the wrong one");
    forget(&f);
}

/* The headers are, but not the samples. */
static void equal_headers_are_no_copies(void **state)
{
    struct found f;
    (void)state;
    const struct geometry g = grid_at(0, 1);
    put_labels_at("set/images/0.hdr", 6, 7, 8, (const int[]){1, 0, 0, 1, -1}, &g);
    put_mask("set/labels/0.hdr", 0, 1);
    assert_true(file_at_equal("set/images/0.hdr", "set/labels/0.hdr"));
    put_mask("set/images/1.hdr", 0, 1);
    put_mask("set/labels/1.hdr", 0, 1);
    look(&f);
    assert_int_equal(f.p.errors, 1);
    assert_string_equal(f.p.list[0].text,
        "image set/images/1.hdr and its label set/labels/1.hdr are copies of one file; replace "
        "the wrong one");
    forget(&f);
}

static void masks_of_all_but_the_object_are_named(void **state)
{
    struct found f;
    (void)state;
    put_image("set/images/a.nii", 1, 1, 3, 4);
    put_labels("set/labels/a.nii", 1, 3, 4, 0, 0, 0, 0, 0, 1, 0, 0);
    put_image("set/images/b.nii", 1, 1, 3, 4);
    put_labels("set/labels/b.nii", 1, 3, 4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
    look(&f);
    assert_int_equal(count_kind(&f.p, PROBLEM_LOOK), 0); /* all is not all but the object */
    forget(&f);
    put_image("set/images/c.nii", 1, 1, 3, 4);
    put_labels("set/labels/c.nii", 1, 3, 4, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1);
    look(&f);
    assert_string_equal(first_of(&f.p, PROBLEM_LOOK)->text,
        "1 of 3 masks, such as set/labels/c.nii, marks the edge of the image and most inside, "
        "but not all; if 0 marks the object there, exchange the values");
    forget(&f);
    put_labels("set/labels/a.nii", 1, 3, 4, 0, 0, 0, 0, 0, 2, 0, 0); /* with classes, all may be */
    look(&f);
    assert_int_equal(count_kind(&f.p, PROBLEM_LOOK), 0);
    forget(&f);
}

/* A case of one channel or two, of numbers between two. */
static void put_scan(const char *name, const char *other, float low, float high)
{
    const char *const files[] = {name, other};
    char path[64];
    for (int k = 0; k < 2 && files[k]; k++) {
        struct image m = {.channels = 1, .size = {1, 3, 4}};
        float x[12];
        for (int i = 0; i < 12; i++)
            x[i] = low +
                (high - low) * (float)((i * 7 + (i == 3) * files[k][strlen(files[k]) - 1]) % 12) /
                    11;
        m.data = x;
        snprintf(path, sizeof path, "set/%s.nii", files[k]);
        make_parent(path);
        OK(format_save_image(path, &m, &e));
    }
    char *csv = NULL;
    size_t size;
    if (file_exists("set/dataset.csv")) OK(file_read("set/dataset.csv", 4096, &csv, &size, &e));
    char *more = mem_text("%s%s.nii%s%s%s,l%s.nii\n", csv ? csv : "image,label\n", name,
        other ? ";" : "", other ? other : "", other ? ".nii" : "", file_base(name));
    put_text("set/dataset.csv", more);
    snprintf(path, sizeof path, "set/l%s.nii", file_base(name));
    put_labels(path, 1, 3, 4, 1, 0);
    mem_free(more);
    mem_free(csv);
}

static void expect_look(const char *text)
{
    struct found f;
    look(&f);
    if (text) assert_string_equal(first_of(&f.p, PROBLEM_LOOK)->text, text);
    assert_int_equal(count_kind(&f.p, PROBLEM_LOOK), text != NULL);
    forget(&f);
}

static void kinds_of_images_in_one_channel_are_named(void **state)
{
    (void)state;
    put_scan("CT/p1", NULL, 0, 200);
    put_scan("CT/p2", NULL, 0, 200);
    expect_look(NULL);
    put_scan("US/p3", NULL, 0, 200);
    expect_look("by their names, 2 images such as set/CT/p1.nii are CT, 1 image such as "
                "set/US/p3.nii is ultrasound; the network learns all of them through one channel; "
                "to learn only one kind, give `images` and `labels` of it, or list its files in a "
                "CSV");
    put_scan("scans/p4", NULL, 0, 200); /* whose name does not say */
    expect_look(NULL);
}

static void kinds_in_each_case_are_channels(void **state)
{
    (void)state;
    put_scan("ct/p1", "mr/p1", 0, 200);
    put_scan("ct/p2", "mr/p2", 0, 200);
    expect_look(NULL);
    clear_set(state);
    put_scan("ct_mr/ct_1", NULL, 0, 200); /* what all names have says nothing */
    put_scan("ct_mr/ct_2", NULL, 0, 200);
    expect_look(NULL);
}

static void other_numbers_than_those_of_ct_are_named(void **state)
{
    (void)state;
    put_scan("a", NULL, 0, 200);
    put_scan("b", NULL, -200, 200); /* cut out of a CT, or something else */
    expect_look(NULL);
    put_scan("c", NULL, -1024, 90); /* too few numbers above 0 */
    expect_look(NULL);
    clear_set(state);
    put_scan("b", NULL, -200, 200);
    put_scan("d", NULL, 0, 200);
    put_scan("e", NULL, 0, 200);
    put_scan("c", NULL, -1000, 300);
    expect_look("1 image such as set/c.nii has numbers like those of CT (from -1000), but 2 such "
                "as set/d.nii have none below 0; if all are CT, save all in Hounsfield units; if "
                "not, the network learns both kinds through one channel");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(axes_that_run_elsewhere_are_told, clear_set),
        cmocka_unit_test_setup(channels_and_headers_are_checked, clear_set),
        cmocka_unit_test_setup(missing_files_are_listed, clear_set),
        cmocka_unit_test_setup(a_copy_is_mended, clear_set),
        cmocka_unit_test_setup(headers_keep_their_samples, clear_set),
        cmocka_unit_test_setup(names_of_cases_are_quoted, clear_set),
        cmocka_unit_test_setup(equal_images_are_named, clear_set),
        cmocka_unit_test_setup(copies_in_place_of_images_are_errors, clear_set),
        cmocka_unit_test_setup(equal_headers_are_no_copies, clear_set),
        cmocka_unit_test_setup(two_spacings_are_told, clear_set),
        cmocka_unit_test_setup(masks_of_all_but_the_object_are_named, clear_set),
        cmocka_unit_test_setup(kinds_of_images_in_one_channel_are_named, clear_set),
        cmocka_unit_test_setup(kinds_in_each_case_are_channels, clear_set),
        cmocka_unit_test_setup(other_numbers_than_those_of_ct_are_named, clear_set),
        cmocka_unit_test_setup(everything_wrong_with_a_case_is_listed, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

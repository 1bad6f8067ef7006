/* SPDX-License-Identifier: Apache-2.0 */
#include "predict/predict_inputs.h"

#include "unit/predict/predict_test.h"

/* A model is asked for its channels only. */
static att_status find(int channels, const char *const *inputs, int count, struct dataset *d,
    struct failures *f, struct err *e)
{
    static const struct model none;
    struct model *m = mem_alloc(sizeof *m);
    *m = none;
    m->prep.channels = channels;
    att_status status =
        inputs_find(m, &(struct inputs_asked){.inputs = inputs, .count = count}, d, f, NULL, e);
    mem_free(m);
    return status;
}

/* The cases of folder `in`, as "id:file,file id:file". */
static void assert_cases(int channels, const char *expected)
{
    char text[512] = "";
    size_t used = 0;
    struct dataset d;
    OK(find(channels, (const char *[]){"in"}, 1, &d, NULL, &e));
    for (int i = 0; i < d.count; i++) {
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "%s%s", i ? " " : "", d.cases[i].id);
        for (int c = 0; c < d.cases[i].nimages; c++)
            used += (size_t)snprintf(text + used, sizeof text - used, "%c%s", c ? ',' : ':',
                file_base(d.cases[i].image[c]));
    }
    assert_string_equal(text, expected);
    dataset_free(&d);
}

/* What a file that is given alone to a model of one channel is called. */
static void assert_id(const char *path, const char *expected)
{
    struct dataset d;
    OK(find(1, &path, 1, &d, NULL, &e));
    assert_int_equal(d.count, 1);
    assert_string_equal(d.cases[0].id, expected);
    dataset_free(&d);
}

static void refused(
    int channels, const char *const *inputs, int count, att_status status, const char *words)
{
    struct dataset d;
    REFUSED(find(channels, inputs, count, &d, NULL, &e), status, words);
    dataset_free(&d);
}

/* They are no case, and keep no other from being one. */
static void incomplete(
    int channels, const char *const *inputs, int count, int cases, const char *words)
{
    struct dataset d;
    struct failures f = {.first = ATT_OK};
    OK(find(channels, inputs, count, &d, &f, &e));
    assert_int_equal(d.count, cases);
    assert_int_equal(f.count, 1);
    REFUSED(failures_end(&f, cases + 1, "out", NULL, &e), ATT_DATA, words);
    dataset_free(&d);
}

static void write_names(const char *const *names, int count)
{
    char path[80];
    OK(file_make_folders("in", &e));
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "in/%s", names[i]);
        write_png(path, 0);
    }
}

/* Numbers at the end of a name are not always channels. */
static void files_of_a_one_channel_model(void **state)
{
    (void)state;
    write_names((const char *[]){"f_0001.png", "f_0000.png", "g_0007.png", "h_0000.png", "k.png",
                    "_0000.png", "f.png"},
        7);
    assert_cases(1,
        "_0000:_0000.png f:f.png f_0000:f_0000.png f_0001:f_0001.png g_0007:g_0007.png "
        "h:h_0000.png k:k.png");
    assert_id("in/h_0000.png", "h");
    assert_id("in/f_0000.png", "f_0000"); /* whether f_0001 is given, too, changes no name */
    OK(remove("in/f_0001.png") ? ATT_IO : ATT_OK);
    OK(remove("in/f.png") ? ATT_IO : ATT_OK);
    assert_id("in/f_0000.png", "f");
}

static void files_of_a_channel_each(void **state)
{
    (void)state;
    write_names((const char *[]){"a_0001.png", "b_0000.png", "a_0000.png", "b_0001.PNG",
                    "a_1_0000.png", "a_1_0001.png"},
        6);
    write_scratch("in/readme.txt", "x", 1);
    assert_cases(
        2, "a:a_0000.png,a_0001.png a_1:a_1_0000.png,a_1_0001.png b:b_0000.png,b_0001.PNG");
    incomplete(
        2, (const char *[]){"in/a_0000.png"}, 1, 0, "a_0000 to _0001, but only 1 file was given");
    incomplete(3, (const char *[]){"in/a_0000.png", "in/a_0001.png"}, 2, 0,
        "a_0000 to _0002, but only 2 files were given");
    incomplete(2, (const char *[]){"in/a_0000.png", "in/a_0000.png"}, 2, 0, "2 files were given");
    OK(remove("in/a_0001.png") ? ATT_IO : ATT_OK);
    incomplete(2, (const char *[]){"in"}, 1, 2,
        "a_0000 to _0001, but only 1 file was given; give all of them; the other 2 images are "
        "predicted");
}

/* Masks beside their images are none, whatever their ending; without the image they are. */
static void masks_beside_images(void **state)
{
    (void)state;
    write_names((const char *[]){"a.png", "a_mask.png", "a_Seg_2.png", "b_0000.png", "b-label.png",
                    "c_mask.png", "mask.png", "d_masked.png", "d.png"},
        9);
    assert_cases(
        1, "a:a.png b:b_0000.png c_mask:c_mask.png d:d.png d_masked:d_masked.png mask:mask.png");
    assert_id("in/a_mask.png", "a_mask");
}

static void labels_beside_images_are_refused(void **state)
{
    struct dataset d;
    (void)state;
    OK(file_make_folders("set/masks", &e));
    write_png("set/masks/a.png", 0);
    assert_id("set/masks", "a");
    OK(file_make_folders("set/images", &e));
    REFUSED(find(1, (const char *[]){"set/masks/"}, 1, &d, NULL, &e), ATT_USAGE,
        "set/masks/ holds the labels of images; give the folder images beside it");
    dataset_free(&d);
}

static void files_with_all_channels(void **state)
{
    (void)state;
    const unsigned char rgb[3] = {1, 2, 3};
    OK(file_make_folders("in", &e));
    OK(png_write_rgb("in/c_0000.png", 1, 1, rgb, &e));
    assert_cases(3, "c:c_0000.png");
    OK(png_write_rgb("in/c_0001.png", 1, 1, rgb, &e));
    OK(png_write_rgb("in/c_0002.png", 1, 1, rgb, &e));
    assert_cases(3, "c_0000:c_0000.png c_0001:c_0001.png c_0002:c_0002.png");
}

static void files_beside_folders(void **state)
{
    (void)state;
    struct dataset d;
    write_names((const char *[]){"b.png"}, 1);
    write_png("c.png", 0);
    OK(find(1, (const char *[]){"c.png", "in"}, 2, &d, NULL, &e));
    assert_int_equal(d.count, 2);
    assert_string_equal(d.cases[0].image[0], "in/b.png");
    assert_string_equal(d.cases[1].image[0], "c.png");
    dataset_free(&d);
    OK(file_make_folders("empty", &e));
    refused(1, (const char *[]){"empty"}, 1, ATT_DATA,
        "and no DICOM; give the folder that holds the images");
    OK(file_make_folders("apart/day 1", &e));
    OK(file_make_folders("apart/day 2", &e));
    write_png("apart/day 1/x.png", 0);
    write_png("apart/day 1/colour.png", 0);
    write_png("apart/day 2/y_1.png", 0);
    refused(1, (const char *[]){"apart"}, 1, ATT_DATA,
        "apart holds no image itself, but apart/day 1 does; give the folders that hold images: "
        "'apart/day 1'");
    refused(1, (const char *[]){"c.png", "nowhere.png"}, 2, ATT_IO,
        "nowhere.png does not exist; check the path");
    refused(1, NULL, 0, ATT_USAGE, "no image");
    refused(1, (const char *[]){"c.png", "in", "in/b.png"}, 3, ATT_DATA,
        ": in/b.png is listed twice; list it once");
}

static void write_list(const char *name, const char *text)
{
    write_scratch(name, text, strlen(text));
}

/* Channels wherever they lie, cases called as they like; columns of a training count for nothing.
 */
static void a_list(void **state)
{
    (void)state;
    struct dataset d;
    write_names((const char *[]){"flair.png", "t1.png", "c.png", "d.png", "e_0000.png"}, 5);
    write_list("in/list.csv",
        "case,image_0,image_1,label,fold,age\np2,flair.png,t1.png,,test,7\np1,c.png;d.png,,x,,8\n");
    REFUSED(find(2, (const char *[]){"in/list.csv"}, 1, &d, NULL, &e), ATT_DATA,
        "in/list.csv, line 3: the name of a file is empty");
    dataset_free(&d);
    write_list("in/list.csv",
        "case,image_0,image_1,label,fold,age\np2,flair.png,t1.png,,test,7\np1,c.png,d.png,x,,8\n");
    write_list("one.csv", "image\nin/e_0000.png\n");
    OK(find(2, (const char *[]){"in/list.csv", "one.csv"}, 2, &d, NULL, &e));
    assert_int_equal(d.count, 3);
    assert_string_equal(d.cases[0].id, "e_0000");
    assert_string_equal(d.cases[1].id, "p1");
    assert_string_equal(d.cases[1].image[1], "in/d.png");
    assert_string_equal(d.cases[2].image[0], "in/flair.png");
    assert_int_equal(d.cases[2].nimages, 2);
    assert_null(d.cases[2].label);
    dataset_free(&d);
    refused(2, (const char *[]){"in/list.csv", "in/list.csv"}, 2, ATT_DATA,
        " is listed twice; list it once");
    write_list("one.csv", "image\n");
    refused(1, (const char *[]){"one.csv"}, 1, ATT_DATA,
        "one.csv lists no image; add a line for each case");
    write_list("one.csv", "");
    refused(1, (const char *[]){"one.csv"}, 1, ATT_DATA,
        "one.csv is empty; begin with a line such as case,image");
    write_list("one.csv", "case,picture\np,in/c.png\n");
    refused(1, (const char *[]){"one.csv"}, 1, ATT_DATA,
        "one.csv, line 1: there is no column \"image\"; begin with a line such as case,image");
    write_list("one.csv", "case,image\np,in/c.png\nq,../c.png\n");
    refused(1, (const char *[]){"one.csv"}, 1, ATT_DATA,
        "one.csv, line 3: ../c.png is outside the folder of this file; give paths below it");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(files_of_a_one_channel_model),
        TEST(masks_beside_images),
        TEST(files_of_a_channel_each),
        TEST(labels_beside_images_are_refused),
        TEST(files_with_all_channels),
        TEST(files_beside_folders),
        TEST(a_list),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

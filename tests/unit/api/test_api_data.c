/* SPDX-License-Identifier: Apache-2.0 */
/* A program trains on its own arrays: the network is that of the same data in files. */
#include <stdio.h>

#include "attunet.h"
#include "unit/dataset/dataset_test.h"

enum { CASES = 4, SIDE = 32, PIXELS = SIDE * SIDE };

static float samples[CASES][PIXELS];
static uint16_t labels[CASES][PIXELS];

/* A newer header's: each case lies further from the last one. */
struct newer_case {
    att_case current;
    void *more;
};

static void fill(att_image image[CASES], struct newer_case cases[CASES])
{
    for (int i = 0; i < CASES; i++) {
        for (int k = 0; k < PIXELS; k++) {
            const int h = k / SIDE - 8 - 3 * i, w = k % SIDE - 16;
            labels[i][k] = h * h + w * w < 40;
            samples[i][k] = (float)(labels[i][k] * 50 + (k * 7 + i * 13) % 29);
        }
        image[i] = (att_image){sizeof *image, samples[i], 1, {1, SIDE, SIDE}, {0, 1, .5F}, NULL};
        cases[i].current = (att_case){sizeof *cases, &image[i], labels[i], NULL, i % 2 ? "x" : "y"};
    }
}

static void put_all(void)
{
    for (int i = 0; i < CASES; i++) {
        char path[64];
        struct image m = {.channels = 1, .size = {1, SIDE, SIDE}, .data = samples[i]};
        m.geometry = (struct geometry){.spacing = {1, 1, .5F}, .valid = true};
        for (int a = 0; a < 3; a++) m.geometry.affine[a][a] = (double)m.geometry.spacing[2 - a];
        struct labelmap l = {.size = {1, SIDE, SIDE}, .data = labels[i], .geometry = m.geometry};
        snprintf(path, sizeof path, "set/images/case_%04d.nii.gz", i);
        make_parent(path);
        OK(format_save_image(path, &m, &e));
        snprintf(path, sizeof path, "set/labels/case_%04d.nii.gz", i);
        make_parent(path);
        OK(format_save_labels(path, &l, &e));
    }
    put_text("set/groups.csv", "image,group\ncase_0000,y\ncase_0001,x\ncase_0002,y\ncase_0003,x\n");
}

#define GOOD(call)                                                                                 \
    do {                                                                                           \
        if ((call) != ATT_OK) fail_msg("%s: %s", #call, att_context_error(c));                     \
    } while (0)

/* Trains, and predicts the first image. */
static void train(att_context *c, const char *data, const char *run, float *probabilities)
{
    static const char *const given[][2] = {{"steps", "6"}, {"spec", "arch=unet widths=4,4"},
        {"patch", "32x32"}, {"fold", "0"}, {"folds", "2"}, {"validate-every", "3"}};
    static uint16_t mask[PIXELS];
    att_settings *s;
    att_model *m;
    GOOD(att_settings_create(c, "train", &s));
    for (int i = 0; i < COUNT(given); i++) GOOD(att_settings_set(c, s, given[i][0], given[i][1]));
    GOOD(att_train(c, data, run, s));
    att_settings_destroy(s);
    GOOD(att_model_load(c, run, &m));
    const att_image image = {sizeof image, samples[0], 1, {1, SIDE, SIDE}, {0, 1, .5F}, NULL};
    GOOD(att_model_predict_image(c, m, &image, NULL, mask, probabilities));
    att_model_free(m);
}

static void a_training_from_memory_is_that_from_files(void **state)
{
    (void)state;
    static float files[2 * PIXELS], memory[2 * PIXELS];
    att_image image[CASES];
    struct newer_case cases[CASES];
    att_context *c;
    char *text;
    assert_int_equal(att_context_create(2, NULL, NULL, &c), ATT_OK);
    fill(image, cases);
    put_all();
    GOOD(att_context_data(c, "memory:mine", &cases->current, CASES, NULL));
    train(c, "set", "files", files);
    train(c, "memory:mine", "memory", memory);
    assert_memory_equal(files, memory, sizeof files);
    GOOD(att_info(c, "memory:mine", NULL, &text));
    assert_non_null(strstr(text, "\"images in memory\""));
    att_text_free(text);
    GOOD(att_plan(c, "memory:mine", NULL, &text));
    att_text_free(text);
    GOOD(att_evaluate(c, "memory", "memory:mine", NULL, &text));
    att_text_free(text);
    GOOD(att_attend(c, "memory", NULL, NULL, &text) == ATT_USAGE ? ATT_OK
                                                                 : ATT_FAILED); /* no gate */
    GOOD(att_report(c, "memory", NULL, NULL));

    /* Longer, with the data and without them. */
    att_settings *s;
    GOOD(att_settings_create(c, "resume", &s));
    GOOD(att_settings_set(c, s, "steps", "+2"));
    GOOD(att_resume(c, "memory", s));
    GOOD(att_context_data(c, "memory:mine", NULL, 0, NULL));
    assert_int_equal(att_resume(c, "memory", s), ATT_DATA);
    assert_non_null(strstr(att_context_error(c), "memory:mine would be a data set in memory"));
    att_settings_destroy(s);
    att_context_destroy(c);
}

/* Each fold is measured against labels in memory, and chooses post-processing by them. */
static void folds_and_packing(void **state)
{
    (void)state;
    att_image image[CASES];
    struct newer_case cases[CASES];
    att_context *c;
    att_settings *s;
    char *text;
    assert_int_equal(att_context_create(2, NULL, NULL, &c), ATT_OK);
    fill(image, cases);
    for (int i = 0; i < CASES; i++) cases[i].current.group = NULL;
    GOOD(att_context_data(c, "memory:mine", &cases->current, CASES,
        "{\"labels\": {\"background\": 0, \"disc\": 1}}"));
    GOOD(att_settings_create(c, "train", &s));
    static const char *const given[][2] = {{"steps", "4"}, {"spec", "arch=attunet widths=4,4,4"},
        {"patch", "32x32"}, {"fold", "all"}, {"folds", "2"}};
    for (int i = 0; i < COUNT(given); i++) GOOD(att_settings_set(c, s, given[i][0], given[i][1]));
    GOOD(att_train(c, "memory:mine", "folds", s));
    att_settings_destroy(s);
    assert_true(file_exists("folds/fold_1/validation/case_0001.nii.gz") ||
        file_exists("folds/fold_0/validation/case_0001.nii.gz"));
    assert_true(file_exists("folds/summary.json"));
    GOOD(att_attend(c, "folds/fold_0", NULL, NULL, &text));
    att_text_free(text);
    GOOD(att_settings_create(c, "info", &s));
    GOOD(att_settings_set(c, s, "fix", "copy"));
    assert_int_equal(att_info(c, "memory:mine", s, &text), ATT_USAGE);
    assert_non_null(strstr(att_context_error(c), "no files for `fix`"));
    att_settings_destroy(s);
    assert_int_equal(att_pack(c, "memory:mine", "packed", NULL, &text), ATT_USAGE);
    assert_non_null(strstr(att_context_error(c), "packing saves no time"));
    att_context_destroy(c);
}

static void wrong_cases(void **state)
{
    (void)state;
    att_image image[CASES];
    struct newer_case cases[CASES];
    att_context *c;
    assert_int_equal(att_context_create(1, NULL, NULL, &c), ATT_OK);
    fill(image, cases);
    const att_case *first = &cases->current;
    assert_int_equal(att_context_data(c, "mine", first, CASES, NULL), ATT_USAGE);
    assert_non_null(strstr(att_context_error(c), "give a path such as memory:mine"));
    assert_int_equal(att_context_data(c, "memory:x", NULL, CASES, NULL), ATT_USAGE);
    cases[1].current.struct_size = sizeof(att_case);
    assert_int_equal(att_context_data(c, "memory:x", first, CASES, NULL), ATT_USAGE);
    assert_non_null(strstr(att_context_error(c), "set the same in all"));
    cases[1].current.struct_size = sizeof *cases;
    cases[2].current.image = NULL;
    assert_int_equal(att_context_data(c, "memory:x", first, CASES, NULL), ATT_USAGE);
    cases[2].current.image = &image[2];
    image[2].spacing[1] = -1;
    assert_int_equal(att_context_data(c, "memory:x", first, CASES, NULL), ATT_USAGE);
    image[2].spacing[1] = 1;
    cases[1].current.name = "case_0000"; /* which the first one gets */
    GOOD(att_context_data(c, "memory:x", first, CASES, NULL));
    char *text;
    assert_int_equal(att_plan(c, "memory:x", NULL, &text), ATT_DATA);
    assert_non_null(strstr(att_context_error(c), "case_0000"));
    att_context_destroy(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_training_from_memory_is_that_from_files, clear_set),
        cmocka_unit_test(folds_and_packing), cmocka_unit_test(wrong_cases)};
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The public interface: bad arguments are refused with a sentence, settings, stopping, and models
 * in memory. */
#include "unit/expect.h"

#include <stdio.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "attunet.h"
#include "base/options.h"

static att_context *make(void)
{
    att_context *c;
    assert_int_equal(att_context_create(1, "ref", NULL, &c), ATT_OK);
    return c;
}

static void refused(att_context *c, att_status status, att_status wanted, const char *sentence)
{
    assert_int_equal(status, wanted);
    assert_string_equal(att_context_error(c), sentence);
}

static void test_context(void **state)
{
    (void)state;
    att_context *c;
    assert_int_equal(att_context_create(1, "ref", NULL, NULL), ATT_USAGE);
    assert_int_equal(att_context_create(3, "ref", NULL, &c), ATT_OK);
    assert_int_equal(att_context_threads(c), 3);
    assert_string_equal(att_context_isa(c), "ref");
    assert_string_equal(att_context_error(c), "");
    att_context_destroy(c);
    att_context_destroy(NULL);
    att_context_stop(NULL);
    assert_string_equal(att_context_error(NULL), "there is no context");
    char number[16];
    assert_string_equal(att_version(), ATT_VERSION);
    snprintf(number, sizeof number, "%d.%d.%d", ATT_VERSION_NUMBER / 10000,
        ATT_VERSION_NUMBER / 100 % 100, ATT_VERSION_NUMBER % 100);
    assert_string_equal(number, ATT_VERSION);
}

/* "cpu" is the processor with its best instructions, as without a name. */
static void test_devices(void **state)
{
    (void)state;
    att_context *c, *unnamed;
    char *text = NULL;
    assert_int_equal(att_context_create(1, "cpu", NULL, &c), ATT_OK);
    assert_int_equal(att_context_create(1, NULL, NULL, &unnamed), ATT_OK);
    assert_string_equal(att_context_isa(c), att_context_isa(unnamed));
    assert_int_equal(att_devices(NULL, &text), ATT_USAGE);
    assert_null(text);
    assert_int_equal(att_devices(c, &text), ATT_OK); /* without a driver, too */
    assert_non_null(strstr(text, "\"devices\": ["));
    assert_non_null(strstr(text, "\"note\": "));
    att_text_free(text);
    att_context_destroy(unnamed);
    att_context_destroy(c);
}

/* A context that could not be made explains itself, and stays unusable. */
static void test_failed_context(void **state)
{
    (void)state;
    att_context *c;
    assert_int_equal(att_context_create(1025, "ref", NULL, &c), ATT_USAGE);
    assert_non_null(strstr(att_context_error(c), "at most 1024"));
    att_context_destroy(c);
    assert_int_equal(att_context_create(1, "mmx", NULL, &c), ATT_USAGE);
    assert_non_null(c);
    assert_non_null(strstr(att_context_error(c), "mmx"));
    assert_string_equal(att_context_isa(c), "");
    char *text = (char *)&c;
    att_settings *settings = (att_settings *)(void *)&c;
    att_model *model = (att_model *)(void *)&c;
    assert_int_equal(att_bench(c, NULL, &text), ATT_USAGE);
    assert_non_null(strstr(att_context_error(c), "mmx"));
    assert_int_equal(att_settings_create(c, "train", &settings), ATT_USAGE);
    assert_int_equal(att_model_load(c, "model.safetensors", &model), ATT_USAGE);
    assert_null(text);
    assert_null(settings);
    assert_null(model);
    att_context_destroy(c);
}

static void test_missing_arguments(void **state)
{
    (void)state;
    att_context *c = make();
    att_settings *s;
    att_model *m;
    int size[3] = {1, 8, 8};
    float x = 0;
    char *text = (char *)&x;
    uint16_t y;
    assert_int_equal(att_train(NULL, "a", "b", NULL), ATT_USAGE);
    refused(c, att_train(c, NULL, "run", NULL), ATT_USAGE, "the argument 'dataset' is missing");
    refused(c, att_train(c, "data", NULL, NULL), ATT_USAGE,
        "no folder was given for the run; name one with `output`");
    refused(c, att_resume(c, NULL, NULL), ATT_USAGE, "the argument 'run' is missing");
    refused(c, att_predict(c, NULL, NULL, 0, "out", NULL, &text), ATT_USAGE,
        "the argument 'model' is missing");
    refused(c, att_evaluate(c, NULL, "b", NULL, &text), ATT_USAGE,
        "the argument 'predictions' is missing");
    refused(c, att_info(c, NULL, NULL, &text), ATT_USAGE, "the argument 'path' is missing");
    assert_null(text); /* whatever it was */
    refused(c, att_phantom(c, NULL, "x", NULL), ATT_USAGE, "the argument 'kind' is missing");
    refused(c, att_model_load(c, NULL, &m), ATT_USAGE, "the argument 'path' is missing");
    assert_null(m);
    refused(c, att_model_predict(c, NULL, &x, 1, size, &y, NULL), ATT_USAGE,
        "the argument 'model' is missing");
    refused(c, att_settings_create(c, NULL, &s), ATT_USAGE, "the argument 'command' is missing");
    refused(c, att_settings_set(c, NULL, "steps", "1"), ATT_USAGE,
        "the argument 'settings' is missing");
    att_settings_destroy(NULL);
    att_model_free(NULL);
    att_text_free(NULL);
    att_context_destroy(c);
}

/* They would mean the folder that the process is in. */
static void test_empty_paths(void **state)
{
    (void)state;
    att_context *c = make();
    att_settings *s;
    att_model *m;
    char *text;
    const char *const image = "x.png", *const none = "";
    const char *const run = "the argument 'run' is empty; give the path of a file or folder";
    const char *const data = "the argument 'dataset' is empty; give the path of a file or folder";
    const char *const output = "the argument 'output' is empty; give the path of a file or folder";
    assert_int_equal(att_settings_create(c, "phantom", &s), ATT_OK);
    assert_int_equal(att_settings_set(c, s, "dry-run", NULL), ATT_OK);
    refused(c, att_train(c, "data", "", NULL), ATT_USAGE, run);
    refused(c, att_train(c, "", "run", NULL), ATT_USAGE, data);
    refused(c, att_plan(c, "", NULL, &text), ATT_USAGE, data);
    refused(c, att_pack(c, "data", "", NULL, &text), ATT_USAGE, output);
    refused(c, att_tune(c, "data", "", NULL, &text), ATT_USAGE, output);
    refused(c, att_tune(c, "", "out", NULL, &text), ATT_USAGE, data);
    refused(c, att_resume(c, "", NULL), ATT_USAGE, run);
    refused(c, att_predict(c, "model", &image, 1, "", NULL, &text), ATT_USAGE, output);
    refused(c, att_predict(c, "model", &none, 1, "out", NULL, &text), ATT_USAGE,
        "the argument 'inputs' is empty; give the path of a file or folder");
    refused(c, att_evaluate(c, "a", "", NULL, &text), ATT_USAGE,
        "the argument 'labels' is empty; give the path of a file or folder");
    refused(c, att_report(c, "run", "", NULL), ATT_USAGE, output);
    refused(c, att_attend(c, "run", "", NULL, &text), ATT_USAGE, data);
    refused(c, att_baselines(c, "", "b", &text), ATT_USAGE, data);
    refused(c, att_info(c, "", NULL, &text), ATT_USAGE,
        "the argument 'path' is empty; give the path of a file or folder");
    refused(c, att_convert(c, "model", "", NULL), ATT_USAGE, output);
    refused(c, att_convert(c, "", "out", NULL), ATT_USAGE,
        "the argument 'model' is empty; give the path of a file or folder");
    refused(c, att_phantom(c, "ultrasound", "", s), ATT_USAGE,
        "the argument 'folder' is empty; give the path of a file or folder");
    refused(c, att_model_load(c, "", &m), ATT_USAGE,
        "the argument 'path' is empty; give the path of a file or folder");
    att_settings_destroy(s);
    att_context_destroy(c);
}

static void test_settings(void **state)
{
    (void)state;
    att_context *c = make();
    att_settings *s;
    char *text;
    refused(c, att_settings_create(c, "trian", &s), ATT_USAGE,
        "unknown command 'trian'; did you mean train?");
    assert_null(s);
    assert_int_equal(att_settings_create(c, "train", &s), ATT_OK);
    assert_string_equal(att_context_error(c), "");
    refused(c, att_settings_set(c, s, "epochz", "1"), ATT_USAGE,
        "unknown option `epochz`; did you mean `epochs`?");
    refused(c, att_settings_set(c, s, "epochs", "none"), ATT_USAGE,
        "`epochs` takes a whole number from 1 to 10000000, not 'none'");
    assert_int_equal(att_settings_set(c, s, "epochs", "12"), ATT_OK);
    assert_int_equal(att_settings_set(c, s, "class_weights", "1,2"), ATT_OK);
    assert_int_equal(att_settings_json(c, s, &text), ATT_OK);
    assert_non_null(strstr(text, "\"epochs\": 12"));
    assert_non_null(strstr(text, "\"class_weights\": \"1,2\""));
    assert_non_null(strstr(text, "\"loss\": \"dice+ce\""));
    att_text_free(text);
    refused(c, att_bench(c, s, &text), ATT_USAGE,
        "settings of the command 'train' were given instead of those of 'bench'");
    assert_int_equal(att_settings_load(c, s, "/nonexistent/file.json"), ATT_IO);
    att_settings_destroy(s);
    att_context_destroy(c);
}

/* Every row is complete, and every default can be set again as it stands. */
static void test_option_rows(void **state)
{
    (void)state;
    att_context *c = make();
    att_option row = {.struct_size = sizeof row}, small = {.struct_size = 1};
    assert_int_equal(att_option_row(NULL, 0, &row), 0);
    assert_int_equal(att_option_row("train", 0, NULL), 0);
    assert_int_equal(att_option_row("train", 0, &small), 0);
    assert_int_equal(att_option_row("train", -1, &row), 0);
    assert_int_equal(att_option_row("trian", 0, &row), 0);
    assert_null(small.name);
    for (int k = 0; option_commands[k]; k++) {
        att_settings *s;
        assert_int_equal(att_settings_create(c, option_commands[k], &s), ATT_OK);
        int rows = 0;
        while (att_option_row(option_commands[k], rows, &row)) {
            assert_non_null(row.name);
            assert_non_null(row.help);
            assert_non_null(row.group);
            if (row.value) assert_int_equal(att_settings_set(c, s, row.name, row.value), ATT_OK);
            rows++;
        }
        assert_in_range(rows, 7, 120);
        att_settings_destroy(s);
    }
    att_context_destroy(c);
}

static att_settings *small_bench(att_context *c)
{
    att_settings *s;
    assert_int_equal(att_settings_create(c, "bench", &s), ATT_OK);
    assert_int_equal(
        att_settings_set(c, s, "spec", "arch=attunet dims=2 in=1 classes=2 widths=4,8 gated=all"),
        ATT_OK);
    assert_int_equal(att_settings_set(c, s, "shape", "16x16"), ATT_OK);
    assert_int_equal(att_settings_set(c, s, "repeat", "2"), ATT_OK);
    return s;
}

static void test_bench(void **state)
{
    (void)state;
    att_context *c = make();
    att_settings *s = small_bench(c);
    char *text;
    for (int train = 0; train < 2; train++) {
        assert_int_equal(att_settings_set(c, s, "train", train ? "yes" : "no"), ATT_OK);
        assert_int_equal(att_bench(c, s, &text), ATT_OK);
        assert_non_null(
            strstr(text, train ? "\"what\": \"training step\"" : "\"what\": \"prediction\""));
        assert_non_null(strstr(text, "\"shape\": [\n    1,\n    16,\n    16\n  ]"));
        att_text_free(text);
    }
    assert_int_equal(att_bench(c, s, NULL), ATT_OK);
    assert_int_equal(att_settings_set(c, s, "shape", "8x16x16"), ATT_OK);
    refused(c, att_bench(c, s, &text), ATT_USAGE,
        "`shape` 8x16x16 has a depth, but the network is 2D; give HxW");
    assert_int_equal(att_settings_set(c, s, "shape", "65536x65536"), ATT_OK);
    refused(c, att_bench(c, s, &text), ATT_USAGE,
        "`shape` 65536x65536: at most 2^31 voxels are possible");
    refused(c, att_settings_set(c, s, "conv", "fast"), ATT_USAGE,
        "`conv` takes one of auto|ref|direct|winograd, not 'fast'");
    assert_int_equal(att_settings_set(c, s, "shape", "15x16"), ATT_OK);
    assert_int_equal(att_bench(c, s, &text), ATT_MODEL);
    att_settings_destroy(s);
    att_context_destroy(c);
}

/* A stop ends the work in progress, or else the next, and only that. */
static void test_stop(void **state)
{
    (void)state;
    att_context *c = make();
    att_settings *s = small_bench(c);
    char *text;
    att_context_stop(c);
    refused(c, att_bench(c, s, &text), ATT_INTERRUPTED, "stopped after 0 of 4 runs");
    assert_int_equal(att_bench(c, s, &text), ATT_OK);
    att_text_free(text);
    att_settings_destroy(s);
    att_context_destroy(c);
}

struct heard {
    int progress;
    int64_t last, total;
};

static void hear(void *user, const char *what, int64_t done, int64_t total, const char *detail)
{
    struct heard *h = user;
    (void)detail;
    assert_string_equal(what, "bench");
    assert_true(done >= h->last);
    h->progress++;
    h->last = done;
    h->total = total;
}

static void test_callbacks(void **state)
{
    (void)state;
    struct heard h = {0};
    const att_callbacks callbacks = {.struct_size = sizeof callbacks, .user = &h, .progress = hear};
    const struct {
        att_callbacks current;
        void *more; /* of a later version */
    } newer = {.current = {.struct_size = sizeof newer, .user = &h, .progress = hear}};
    att_context *c;
    for (int k = 0; k < 2; k++) {
        char *text;
        h = (struct heard){0};
        assert_int_equal(att_context_create(1, "ref", k ? &newer.current : &callbacks, &c), ATT_OK);
        att_settings *s = small_bench(c);
        assert_int_equal(att_bench(c, s, &text), ATT_OK);
        att_text_free(text);
        att_settings_destroy(s);
        att_context_destroy(c);
        assert_int_equal(h.progress, 5); /* before each of 2 + 2 runs and at the end */
    }
    const att_status status = att_context_create(
        1, "ref", &(att_callbacks){.progress = hear}, &c); /* c is another one behind it */
    refused(c, status, ATT_USAGE,
        "att_callbacks.struct_size is 0; set it to the sizeof of its structure, 40");
    att_context_destroy(c);
    assert_int_equal(h.last, 4);
    assert_int_equal(h.total, 4);
}

/* A plan is a plan of `train`: it takes what that takes. */
static void test_plan_knows_what_train_knows(void **state)
{
    (void)state;
    att_option mine = {.struct_size = sizeof mine}, other = {.struct_size = sizeof other};
    for (int i = 0; att_option_row("train", i, &mine); i++) {
        bool found = !strcmp(mine.name, "output");
        for (int k = 0; !found && att_option_row("plan", k, &other); k++)
            found = !strcmp(mine.name, other.name);
        if (!found) fail_msg("'plan' lacks train's option %s", mine.name);
    }
}

static void test_plan(void **state)
{
    (void)state;
    att_context *c = make();
    char *text = (char *)(uintptr_t) "";
    refused(c, att_plan(c, NULL, NULL, &text), ATT_USAGE, "the argument 'dataset' is missing");
    assert_null(text);
    assert_int_equal(att_plan(c, "/nowhere/at/all", NULL, &text), ATT_IO);
    assert_null(text);
    att_context_destroy(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_context),
        cmocka_unit_test(test_devices), cmocka_unit_test(test_failed_context),
        cmocka_unit_test(test_missing_arguments), cmocka_unit_test(test_empty_paths),
        cmocka_unit_test(test_settings), cmocka_unit_test(test_option_rows),
        cmocka_unit_test(test_bench), cmocka_unit_test(test_stop), cmocka_unit_test(test_callbacks),
        cmocka_unit_test(test_plan_knows_what_train_knows), cmocka_unit_test(test_plan)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

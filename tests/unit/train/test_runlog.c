/* SPDX-License-Identifier: Apache-2.0 */
/* log.csv and log.jsonl: what a row looks like, and what is left of the logs when a run goes on. */
#include "train/runlog.h"

#include <math.h>

#include "unit/dataset/dataset_test.h"

static struct labelling labels_of(int count, const char *const *names)
{
    struct labelling l = {.count = count + 1, .ignore = -1, .name = {"background"}};
    for (int i = 0; i < count; i++) {
        l.value[i + 1] = (uint16_t)(i + 1);
        snprintf(l.name[i + 1], LABELLING_NAME, "%s", names[i]);
    }
    return l;
}

static struct labelling two_labels(void)
{
    return labels_of(2, (const char *const[]){"anterior", "posterior"});
}

static char *text_of(const char *name)
{
    char *text;
    size_t size;
    OK(file_read(name, 1 << 20, &text, &size, &e));
    return text;
}

static void assert_text(const char *name, const char *wanted)
{
    char *text = text_of(name);
    assert_string_equal(text, wanted);
    mem_free(text);
}

static int fresh_run(void **state)
{
    (void)state;
    struct err e = {0};
    clear_set(state);
    return file_make_folders("set", &e) != ATT_OK;
}

static void append(int64_t step, double loss, const struct validation *v)
{
    struct labelling l = two_labels();
    struct log_row row = {.step = step,
        .seconds = 2.25 * (double)step,
        .lr = .001,
        .loss = loss,
        .norm = loss * 2,
        .sampling = loss / 8,
        .validation = v};
    OK(runlog_append("set", &l, &row, &e));
}

static const char header[] =
    "step,seconds,learning_rate,loss,gradient_norm,sampling_share,dice_mean,\"dice "
    "anterior\",\"dice posterior\"\n";

static void rows_are_as_documented(void **state)
{
    (void)state;
    struct labelling l = two_labels();
    struct validation v = {.count = 2, .dice = {.875, NAN}, .mean = .875};
    char wanted[1024];
    OK(runlog_begin("set", &l, 0, &e));
    assert_text("set/log.csv", header);
    assert_text("set/log.jsonl", "");
    append(5, .75, NULL);
    append(10, .5, &v);
    append(15, NAN, NULL); /* no finite step since the last row */
    snprintf(wanted, sizeof wanted,
        "%s5,11.2,0.001,0.75,1.5,0.09375,,,\n"
        "10,22.5,0.001,0.5,1,0.0625,0.875,0.875,\n"
        "15,33.8,0.001,,,,,,\n",
        header);
    assert_text("set/log.csv", wanted);
    assert_text("set/log.jsonl",
        "{\"step\": 5, \"seconds\": 11.25, \"learning_rate\": 0.001, \"loss\": 0.75, "
        "\"gradient_norm\": 1.5, \"sampling_share\": 0.09375}\n"
        "{\"step\": 10, \"seconds\": 22.5, \"learning_rate\": 0.001, \"loss\": 0.5, "
        "\"gradient_norm\": 1.0, \"sampling_share\": 0.0625, \"validation\": {\"mean\": 0.875, "
        "\"classes\": {\"anterior\": 0.875, \"posterior\": null}}}\n"
        "{\"step\": 15, \"seconds\": 33.75, \"learning_rate\": 0.001, \"loss\": null, "
        "\"gradient_norm\": null, \"sampling_share\": null}\n");
}

/* Rows beyond the checkpoint would come twice. */
static void going_on_cuts_both_logs(void **state)
{
    (void)state;
    struct labelling l = two_labels();
    OK(runlog_begin("set", &l, 0, &e));
    for (int step = 8; step <= 12; step++) append(step, 1, NULL);
    char *csv = text_of("set/log.csv"), *jsonl = text_of("set/log.jsonl");
    append(13, 1, NULL);
    append(101, 1, NULL); /* 101 begins with 10 */
    OK(runlog_begin("set", &l, 12, &e));
    assert_text("set/log.csv", csv);
    assert_text("set/log.jsonl", jsonl);
    mem_free(csv);
    mem_free(jsonl);
    append(13, 2, NULL);
    csv = text_of("set/log.csv");
    assert_non_null(strstr(csv, "\n12,27.0,0.001,1,2,0.125,,,\n13,29.2,0.001,2,4,0.25,,,\n"));
    mem_free(csv);
}

/* A process that was killed while it wrote. */
static void torn_rows_are_taken_out(void **state)
{
    (void)state;
    struct labelling l = two_labels();
    char wanted[512];
    snprintf(wanted, sizeof wanted, "%s1,2.2,0.001,1,2,,,\n", header);
    put_text("set/log.csv", wanted);
    FILE *f = fopen("set/log.csv", "a");
    fputs("2,4.5,0.0", f);
    fclose(f);
    put_text("set/log.jsonl", "{\"step\": 1}\n{\"step\": 2, \"seco");
    OK(runlog_begin("set", &l, 9, &e));
    assert_text("set/log.csv", wanted);
    assert_text("set/log.jsonl", "{\"step\": 1}\n");
}

/* A run that goes on at step 0 has logged nothing that counts. */
static void step_0_begins_anew(void **state)
{
    (void)state;
    struct labelling l = two_labels();
    put_text("set/log.csv", "step,sec");
    put_text("set/log.jsonl", "{\"step\": 1}\n");
    OK(runlog_begin("set", &l, 0, &e));
    assert_text("set/log.csv", header);
    assert_text("set/log.jsonl", "");
}

static void lost_logs_begin_anew(void **state)
{
    (void)state;
    struct labelling l = two_labels();
    OK(runlog_begin("set", &l, 7, &e));
    assert_text("set/log.csv", header);
}

/* Names are the user's: RFC 4180 in the CSV, escaped in the JSON. */
static void odd_names_are_quoted(void **state)
{
    (void)state;
    struct labelling l = labels_of(3, (const char *const[]){"a,b", "5\" lesion", "Läsion"});
    struct validation v = {.count = 3, .dice = {1, .5, 0}, .mean = .5};
    struct log_row row = {.step = 1, .validation = &v};
    OK(runlog_begin("set", &l, 0, &e));
    OK(runlog_append("set", &l, &row, &e));
    char *csv = text_of("set/log.csv"), *jsonl = text_of("set/log.jsonl");
    assert_non_null(
        strstr(csv, ",dice_mean,\"dice a,b\",\"dice 5\"\" lesion\",\"dice Läsion\"\n1,"));
    json_t *j = json_loads(jsonl, 0, NULL),
           *classes = json_object_get(json_object_get(j, "validation"), "classes");
    assert_true(json_real_value(json_object_get(classes, "5\" lesion")) == .5);
    json_decref(j);
    mem_free(csv);
    mem_free(jsonl);
}

/* The most classes with the longest names, of quotes only. */
static void the_largest_header_fits(void **state)
{
    (void)state;
    struct labelling l = {.count = LABELLING_MAX, .ignore = -1};
    for (int i = 0; i < LABELLING_MAX; i++) memset(l.name[i], '"', LABELLING_NAME - 1);
    OK(runlog_begin("set", &l, 0, &e));
    char *csv = text_of("set/log.csv");
    size_t size = strlen(csv),
           fixed =
               strlen("step,seconds,learning_rate,loss,gradient_norm,sampling_share,dice_mean\n");
    assert_int_equal(
        size, fixed + (LABELLING_MAX - 1) * (strlen(",\"dice \"") + 2 * (LABELLING_NAME - 1)));
    mem_free(csv);
}

/* Regions have columns of their own. */
static void regions_are_named(void **state)
{
    (void)state;
    struct labelling l = two_labels();
    l.regions = 2;
    strcpy(l.region_name[0], "whole");
    strcpy(l.region_name[1], "core");
    OK(runlog_begin("set", &l, 0, &e));
    assert_text("set/log.csv",
        "step,seconds,learning_rate,loss,gradient_norm,sampling_share,dice_mean,\"dice "
        "whole\",\"dice core\"\n");
}

static void a_missing_folder_is_said(void **state)
{
    (void)state;
    struct labelling l = two_labels();
    struct log_row row = {.step = 1};
    REFUSED(runlog_begin("nowhere", &l, 0, &e), ATT_IO, "cannot write nowhere/");
    REFUSED(runlog_append("nowhere", &l, &row, &e), ATT_IO, "cannot write nowhere/");
}

/* 300 rows of a MiB each, nearly all of it holes. */
static void a_log_may_have_any_length(void **state)
{
    (void)state;
    const off_t row = 1 << 20;
    struct labelling l = two_labels();
    struct stat s;
    OK(runlog_begin("set", &l, 0, &e));
    FILE *f = fopen("set/log.csv", "r+");
    assert_non_null(f);
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    const long start = ftell(f);
    for (int i = 1; i <= 300; i++) {
        char text[16];
        const int n = snprintf(text, sizeof text, "%d,", i);
        assert_int_equal(pwrite(fileno(f), text, (size_t)n, start + (i - 1) * row), n);
        assert_int_equal(pwrite(fileno(f), "\n", 1, start + i * row - 1), 1);
    }
    fclose(f);
    OK(runlog_begin("set", &l, 2, &e));
    assert_int_equal(stat("set/log.csv", &s), 0);
    assert_int_equal(s.st_size, start + 2 * row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(rows_are_as_documented, fresh_run),
        cmocka_unit_test_setup(going_on_cuts_both_logs, fresh_run),
        cmocka_unit_test_setup(torn_rows_are_taken_out, fresh_run),
        cmocka_unit_test_setup(step_0_begins_anew, fresh_run),
        cmocka_unit_test_setup(lost_logs_begin_anew, fresh_run),
        cmocka_unit_test_setup(odd_names_are_quoted, fresh_run),
        cmocka_unit_test_setup(the_largest_header_fits, fresh_run),
        cmocka_unit_test_setup(regions_are_named, fresh_run),
        cmocka_unit_test_setup(a_log_may_have_any_length, fresh_run),
        cmocka_unit_test(a_missing_folder_is_said),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

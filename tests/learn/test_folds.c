/* SPDX-License-Identifier: Apache-2.0 */
/* Cross-validation: stopped and gone on with at any point it ends as one that never was; masks and
 * summary are there; nothing is left of one that could not begin. */
#include "dataset/split.h"
#include "files/json_file.h"
#include "run/folds.h"
#include "train/checkpoint.h"
#include "unit/train/train_test.h"

static const char *const words[] = {"fold=all", "steps=6", "patch=16x16", "batch=2",
    "spec=widths=3,4 gated=all", "ema=0.5", "validate-every=4", NULL};
enum { FOLDS = 5, CASES = 11 };

static struct how how(void) { return (struct how){1, kernels_best()}; }

static int make_data(void **state)
{
    if (make_scratch(state)) return -1;
    put_boxes("data", CASES, 1, 20, 24);
    whole_run(how(), "data", "whole", words);
    return 0;
}

static att_status go_on(
    struct watch *w, const char *run, const struct train_more *more, struct err *e)
{
    struct options table;
    set_options(&table, (const char *const[]){NULL});
    struct train_more with = *more;
    with.table = &table;
    att_status status = resume_with(how(), w, run, &with, e);
    options_free(&table);
    return status;
}

static json_t *read_json(const char *run, const char *name)
{
    char *path = file_join(run, name);
    json_t *j;
    OK(json_file_read(path, &j, &e));
    mem_free(path);
    return j;
}

/* Every case once, by the fold that has not seen it. */
static void every_case_is_predicted_once(void **state)
{
    (void)state;
    int found = 0;
    for (int fold = 0; fold < FOLDS; fold++) {
        char path[64];
        struct split s;
        struct dataset d;
        struct heard h;
        hear(&h);
        OK(dataset_open("data", &d, &h.host, &e));
        OK(split_fold(&d, NULL, NULL, fold, &s, &e));
        snprintf(path, sizeof path, "whole/fold_%d/validation", fold);
        struct file_list l;
        OK(file_list(path, &l, &e));
        assert_int_equal(l.count, s.nval);
        for (int i = 0; i < l.count; i++) {
            char wanted[64];
            snprintf(wanted, sizeof wanted, "%s.nii", d.cases[s.val[i]].id);
            assert_string_equal(l.names[i], wanted);
        }
        const int validate = s.nval;
        found += l.count;
        file_list_free(&l);
        split_free(&s);
        dataset_free(&d);
        snprintf(path, sizeof path, "whole/fold_%d", fold);
        json_t *one = read_json(path, "summary.json");
        assert_int_equal(json_array_size(json_object_get(one, "metric_per_case")), validate);
        json_decref(one);
    }
    assert_int_equal(found, CASES);
}

/* The mean is that of the cases, whichever fold they were in: from the fold's own summaries. */
static void the_summary_is_over_all_cases(void **state)
{
    (void)state;
    double sum = 0;
    int cases = 0;
    for (int fold = 0; fold < FOLDS; fold++) {
        char path[64];
        size_t i;
        json_t *v;
        snprintf(path, sizeof path, "whole/fold_%d", fold);
        json_t *one = read_json(path, "summary.json");
        json_array_foreach(json_object_get(one, "metric_per_case"), i, v)
        {
            sum += json_number_value(
                json_object_get(json_object_get(json_object_get(v, "metrics"), "1"), "Dice"));
            cases++;
        }
        json_decref(one);
    }
    json_t *all = read_json("whole", "summary.json");
    double dice =
        json_number_value(json_object_get(json_object_get(all, "foreground_mean"), "Dice"));
    assert_int_equal(json_array_size(json_object_get(all, "metric_per_case")), CASES);
    assert_int_equal(cases, CASES);
    assert_true(dice > 0 && dice - sum / cases < 1e-12 && sum / cases - dice < 1e-12);
    json_decref(all);
}

static void assert_same_folds(const char *a, const char *b)
{
    for (int fold = 0; fold < FOLDS; fold++) {
        char *x = mem_text("%s/fold_%d", a, fold), *y = mem_text("%s/fold_%d", b, fold);
        assert_same_run(x, y);
        mem_free(x);
        mem_free(y);
    }
    json_t *x = read_json(a, "summary.json"), *y = read_json(b, "summary.json");
    assert_true(json_equal(json_object_get(x, "mean"), json_object_get(y, "mean")));
    json_decref(x);
    json_decref(y);
}

/* In the first fold, in its last validation, while the second loads, in its last validation; then a
 * fold is lost whole. */
static void stopped_again_and_again(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        int at;
        const char *sentence;
    } stops[] = {
        {"training", 5, "stopped in fold 0 (1 of 5)"},
        {"validating", 2, "stopped in fold 0 (1 of 5)"},
        {"loading", 3, "stopped in fold 0 (1 of 5)"},
        {"training", 2, "stopped in fold 1 (2 of 5)"},
        {"validating", 1, "stopped in fold 1 (2 of 5)"},
    };
    struct watch w;
    struct options o;
    set_options(&o, words);
    watch_new(&w);
    /* before there is a fold to continue with: nothing is left */
    w.stop_what = "measuring the cases";
    REFUSED(start_run(how(), &w, "data", "parts", &o, &e), ATT_INTERRUPTED,
        "stopped before the first step; nothing was written");
    assert_false(file_exists("parts"));
    watch_new(&w);
    w.stop_what = "training";
    w.stop_at = 3;
    REFUSED(start_run(how(), &w, "data", "parts", &o, &e), ATT_INTERRUPTED,
        "stopped in fold 0 (1 of 5); continue with: attunet resume parts");
    options_free(&o);
    for (int k = 0; k < COUNT(stops); k++) {
        watch_new(&w);
        w.stop_what = stops[k].what;
        w.stop_at = stops[k].at;
        REFUSED(
            go_on(&w, "parts", &(struct train_more){0}, &e), ATT_INTERRUPTED, stops[k].sentence);
    }
    watch_new(&w);
    OK(go_on(&w, "parts", &(struct train_more){0}, &e));
    assert_non_null(strstr(w.text, "fold 0 (1 of 5) is finished"));
    assert_non_null(strstr(w.text, "on 11 cases of 5 folds"));
    assert_same_folds("whole", "parts");
    assert_int_equal(nftw("parts/fold_2", remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
    OK(go_on(&w, "parts", &(struct train_more){0}, &e));
    assert_same_folds("whole", "parts");
}

/* A run that is stopped in its first fold. */
static void begin(const char *run)
{
    struct watch w;
    struct options o;
    watch_new(&w);
    w.stop_what = "training";
    w.stop_at = 3;
    set_options(&o, words);
    REFUSED(start_run(how(), &w, "data", run, &o, &e), ATT_INTERRUPTED, "stopped in fold 0");
    options_free(&o);
}

static void with_data_that_were_moved(void **state)
{
    (void)state;
    struct watch w;
    begin("orphans");
    assert_int_equal(rename("data", "moved"), 0);
    watch_new(&w);
    REFUSED(go_on(&w, "orphans", &(struct train_more){0}, &e), ATT_IO,
        "if you moved the data set, use attunet");
    OK(go_on(&w, "orphans", &(struct train_more){.data = "moved"}, &e));
    assert_int_equal(rename("moved", "data"), 0);
    assert_same_folds("whole", "orphans");
}

/* A fold that begins later is cut later: from the same cases, or not at all. */
static void from_other_cases(void **state)
{
    (void)state;
    struct watch w;
    begin("changed");
    watch_new(&w);
    static const char *const added[][2] = {{"data/images/case_00.nii", "data/images/case_99.nii"},
        {"data/labels/case_00.nii", "data/labels/case_99.nii"}};
    for (int i = 0; i < 2; i++) assert_int_equal(link(added[i][0], added[i][1]), 0);
    REFUSED(go_on(&w, "changed", &(struct train_more){0}, &e), ATT_DATA,
        "data have changed since changed was started");
    for (int i = 0; i < 2; i++) assert_int_equal(unlink(added[i][1]), 0);
    put_boxes("fewer", CASES - 1, 1, 20, 24);
    REFUSED(go_on(&w, "changed", &(struct train_more){.data = "fewer"}, &e), ATT_DATA,
        "fewer have changed since changed was started");
    OK(go_on(&w, "changed", &(struct train_more){0}, &e)); /* on the data that it began with */
    assert_same_folds("whole", "changed");
}

/* The truth as prediction, with specks in a corner or without. */
static void put_masks(const char *run, bool specks)
{
    for (int k = 0; k < CASES; k++)
        for (int fold = 0; fold < FOLDS; fold++) {
            char *mask = mem_text("%s/fold_%d/validation/case_%02d.nii", run, fold, k),
                 *truth = mem_text("data/labels/case_%02d.nii", k);
            struct labelmap m;
            if (file_exists(mask)) {
                OK(format_load_labels(truth, &m, &e));
                if (specks) m.data[0] = m.data[23] = 1;
                OK(format_save_labels(mask, &m, &e));
                labelmap_free(&m);
            }
            mem_free(mask);
            mem_free(truth);
        }
}

static void assert_post(const char *run, bool all_foreground)
{
    for (int fold = 0; fold < FOLDS; fold++) {
        char *path = mem_text("%s/fold_%d", run, fold);
        struct model m;
        OK(model_load(path, &m, &e));
        assert_int_equal(m.post.all_foreground, all_foreground);
        assert_int_equal(postprocess_any(&m.post), all_foreground);
        model_free(&m);
        mem_free(path);
    }
}

static void assert_no_path(const json_t *j)
{
    const char *key;
    json_t *value;
    size_t i;
    if (json_is_string(j) && json_string_value(j)[0] == '/')
        fail_msg("%s is in a model's file", json_string_value(j));
    json_object_foreach((json_t *)(uintptr_t)j, key, value) assert_no_path(value);
    json_array_foreach(j, i, value) assert_no_path(value);
}

/* A fold's data set is named by its whole path. */
static void models_do_not_say_where_files_lay(void **state)
{
    (void)state;
    struct model m;
    OK(model_load("whole/fold_0", &m, &e));
    assert_string_equal(json_string_value(json_object_get(m.history, "dataset")), "data");
    assert_no_path(m.history);
    model_free(&m);
}

/* What helps on all cases together goes into every fold's model, and out again when it no longer
 * helps. */
static void post_processing_is_chosen(void **state)
{
    (void)state;
    struct watch w;
    watch_new(&w);
    put_masks("whole", true);
    OK(go_on(&w, "whole", &(struct train_more){0}, &e));
    assert_non_null(strstr(w.text, "post-processing raises the mean Dice from 0.9"));
    assert_non_null(
        strstr(w.text, " to 1.0000; the models of all folds apply it (whole/postprocess.json)"));
    json_t *j = read_json("whole", "postprocess.json");
    assert_true(json_is_true(json_object_get(j, "all_foreground")));
    json_decref(j);
    assert_post("whole", true);
    put_masks("whole", false);
    watch_new(&w);
    OK(go_on(&w, "whole", &(struct train_more){0}, &e));
    assert_non_null(strstr(w.text, "no post-processing helps"));
    assert_non_null(strstr(w.text, "mean Dice 1.0000 on 11 cases of 5 folds"));
    assert_false(file_exists("whole/postprocess.json"));
    assert_post("whole", false);
}

static void what_is_refused(void **state)
{
    (void)state;
    struct watch w;
    struct options o;
    watch_new(&w);
    REFUSED(go_on(&w, "whole", &(struct train_more){.steps = 3}, &e), ATT_USAGE,
        "whole has several folds; resume each fold with `steps` or `time`");
    SET_OPTIONS(&o, "fold=all", "steps=2");
    REFUSED(start_run(how(), &w, "data", "whole", &o, &e), ATT_USAGE,
        "whole began with other settings or cases; choose a new folder, or continue with");
    options_free(&o);
    set_options(&o, words);
    REFUSED(start_run(how(), &w, "nowhere", "none", &o, &e), ATT_IO, "nowhere");
    options_free(&o);
    SET_OPTIONS(&o, "fold=all", "steps=2", "loss=dicy");
    REFUSED(
        start_run(how(), &w, "data", "none", &o, &e), ATT_USAGE, "the loss \"dicy\" is unknown");
    options_free(&o);
    SET_OPTIONS(&o, "fold=all", "val-list=x");
    REFUSED(start_run(how(), &w, "data", "none", &o, &e), ATT_USAGE,
        "give `fold` or `val-list`, not both");
    options_free(&o);
    put_text("few.txt", "case_00\ncase_01\ncase_02\n");
    SET_OPTIONS(&o, "fold=all", "train-list=few.txt");
    REFUSED(start_run(how(), &w, "data", "none", &o, &e), ATT_DATA, "too few for 5 folds");
    options_free(&o);
    put_text("odd\xff.txt", "case_00\ncase_01\ncase_02\ncase_03\ncase_04\n");
    SET_OPTIONS(&o, "fold=all", "train-list=odd\xff.txt", "steps=1");
    REFUSED(start_run(how(), &w, "data", "none", &o, &e), ATT_USAGE, "`train-list` is not UTF-8");
    options_free(&o);
    assert_false(file_exists("none"));
    put_text("odd/folds.json", "{\"format\": 2}");
    REFUSED(go_on(&w, "odd", &(struct train_more){0}, &e), ATT_DATA,
        "odd/folds.json is damaged or from another version");
    static const char *const odd[] = {
        "\"fold\": \"all\"", "\"output\": \"x\"", "\"plan\": \"x\"", "\"steps\": 1"};
    for (int i = 0; i < COUNT(odd); i++) {
        char *text = mem_text(
            "{\"format\": 1, \"dataset\": \"data\", \"folds\": 5, \"cut\": [], \"options\": {%s}}",
            odd[i]);
        put_text("odd/folds.json", text);
        mem_free(text);
        REFUSED(go_on(&w, "odd", &(struct train_more){0}, &e), ATT_DATA,
            "odd/folds.json is damaged or from another version");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_is_predicted_once),
        cmocka_unit_test(the_summary_is_over_all_cases),
        cmocka_unit_test(stopped_again_and_again),
        cmocka_unit_test(with_data_that_were_moved),
        cmocka_unit_test(from_other_cases),
        cmocka_unit_test(post_processing_is_chosen),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(models_do_not_say_where_files_lay),
    };
    return cmocka_run_group_tests(tests, make_data, remove_scratch);
}

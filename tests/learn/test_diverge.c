/* SPDX-License-Identifier: Apache-2.0 */
/* Training that runs away ends with a sentence, and what was good before is still there. */
#include "unit/train/train_test.h"

#include <math.h>

#include "model/model.h"
#include "train/snapshots.h"

#define TINY "patch=16x16", "batch=2", "spec=widths=4,6 gated=all", "clip=0", "warmup=0"

/* The run says that it diverged, leaves no model with numbers that are none, and its checkpoint can
 * be read. */
static void runs_away(const char *run, const char *const *words)
{
    struct watch w;
    struct options o;
    struct err why = {0};
    watch_new(&w);
    set_options(&o, words);
    att_status status = start_run((struct how){1, kernels_best()}, &w, "data", run, &o, &why);
    options_free(&o);
    if (status != ATT_USAGE || strncmp(why.text, "training diverged: ", 19) ||
        !strstr(why.text, "; try a smaller `lr` or `clip` in a new run"))
        fail_msg("%s: %d \"%s\"", run, status, why.text);
    struct model m;
    char *model = file_join(run, "model.safetensors");
    if (file_exists(model)) {
        OK(model_load(model, &m, &e));
        model_free(&m);
    }
    mem_free(model);
    for (int64_t step = 0; step <= 100; step++) {
        char *path = snapshot_path(run, step);
        if (file_exists(path)) {
            OK(model_load(path, &m, &e));
            model_free(&m);
        }
        mem_free(path);
    }
    err_clear(&why);
    status = resume_run((struct how){1, kernels_best()}, &w, run, 0, &why);
    if (status != ATT_USAGE || strncmp(why.text, "training diverged: ", 19) ||
        strstr(w.text, "damaged"))
        fail_msg("%s, resumed: %d \"%s\" %s", run, status, why.text, w.text);
}
#define RUNS_AWAY(run, ...) runs_away(run, (const char *const[]){__VA_ARGS__, NULL})

static void huge_rates(void **state)
{
    (void)state;
    put_boxes("data", 2, 1, 20, 20);
    RUNS_AWAY("adamw", "lr=1e6", "steps=100", TINY);
    RUNS_AWAY("sgd", "lr=1e6", "steps=100", "optimiser=sgd", TINY);
    RUNS_AWAY("often", "lr=1e30", "steps=100", "checkpoint-every=0", TINY);
    RUNS_AWAY("clipped", "lr=1e38", "steps=100", "patch=16x16", "batch=2",
        "spec=widths=4,6 gated=all", "warmup=0", "clip=1");
    RUNS_AWAY("instance", "lr=1e30", "steps=100", "optimiser=sgd", "patch=16x16", "batch=2",
        "spec=widths=4,6 norm=instance", "clip=0", "warmup=0");
}

/* How many bad steps came in a row is part of a run's state: one that stops among them ends where
 * it would have ended. */
static void stopped_among_bad_steps(void **state)
{
    (void)state;
    static const char *const words[] = {"lr=1e30", "steps=100", "optimiser=sgd", TINY, NULL};
    char sentence[sizeof((struct err *)0)->text];
    for (int stopped = 0; stopped < 2; stopped++) {
        struct watch w;
        struct options o;
        struct err why = {0};
        watch_new(&w);
        w.stop_what = stopped ? "training" : NULL;
        w.stop_at = 6;
        set_options(&o, words);
        att_status status = start_run((struct how){1, kernels_best()}, &w, "data",
            stopped ? "stopped" : "unstopped", &o, &why);
        options_free(&o);
        if (stopped) {
            assert_int_equal(status, ATT_INTERRUPTED);
            watch_new(&w);
            err_clear(&why);
            status = resume_run((struct how){1, kernels_best()}, &w, "stopped", 0, &why);
            assert_string_equal(why.text, sentence);
        }
        assert_int_equal(status, ATT_USAGE);
        assert_non_null(strstr(why.text, "no finite gradient in 10 steps"));
        snprintf(sentence, sizeof sentence, "%s", why.text);
    }
}

/* The last steps are bad, but fewer than ten: a model of such numbers is not written either. */
static void at_the_very_end(void **state)
{
    (void)state;
    RUNS_AWAY("end", "lr=1e30", "steps=3", TINY);
    assert_false(file_exists("end/model.safetensors"));
    RUNS_AWAY("once", "lr=1e39", "steps=1", "optimiser=sgd",
        TINY); /* a finite gradient, and weights beyond float */
    assert_false(file_exists("once/model.safetensors"));
    RUNS_AWAY(
        "saved", "lr=1e39", "steps=5", "optimiser=sgd", "checkpoint-every=0", "snapshots=5", TINY);
    assert_true(file_exists("saved/snapshots/step_0000000.safetensors"));
    assert_false(file_exists("saved/model.safetensors"));
}

/* One bad step among good ones: it changes nothing, and the run goes on. */
static void one_bad_step_is_left_out(void **state)
{
    (void)state;
    struct watch w;
    struct options o;
    /* An image that normalises to what float cannot square: with seed 1, patches of it come up in
     * some steps and not in others. */
    put_boxes("mixed", 4, 1, 20, 20);
    struct image m;
    OK(format_load_image("mixed/images/case_02.nii", &m, &e));
    for (size_t i = 0; i < 400; i++) m.data[i] = 1e30f * (float)(i % 7);
    OK(format_save_image("mixed/images/case_02.nii", &m, &e));
    image_free(&m);
    SET_OPTIONS(&o, "steps=40", "lr=0.01", "normalise=none", "batch=1", "patch=16x16",
        "spec=widths=4,6 gated=all", "clip=12", "warmup=0");
    watch_new(&w);
    OK(start_run((struct how){1, kernels_best()}, &w, "mixed", "mended", &o, &e));
    options_free(&o);
    char *text;
    size_t size, rows = 0, empty = 0;
    OK(file_read("mended/log.jsonl", 1 << 20, &text, &size, &e));
    for (const char *s = text; (s = strstr(s, "\"loss\": ")); s++, rows++)
        empty += !strncmp(s, "\"loss\": null", 12);
    mem_free(text);
    assert_int_equal(rows, 40);
    assert_in_range(empty, 3, 25);
    struct model good;
    OK(model_load("mended", &good, &e));
    for (int i = 0; i < good.params.count;
         i++) /* batches that were counted are those of the good steps */
        if (good.params.list[i].kind == STATE_COUNT)
            assert_int_equal((int)params_at(&good.params, i)[0], 40 - (int)empty);
    model_free(&good);
}

/* The largest change of a number that trains, between two models of one network. */
static double largest_change(const char *from, const char *to)
{
    struct model a, b;
    double max = 0;
    OK(model_load(from, &a, &e));
    OK(model_load(to, &b, &e));
    for (size_t i = 0; i < a.params.size; i++)
        max = fmax(max, fabs((double)(b.params.data[i] - a.params.data[i])));
    model_free(&a);
    model_free(&b);
    return max;
}

/* The first update that AdamW makes, here of the second step (the seed says which are bad), changes
 * numbers by the learning rate, since its means know that they are of one gradient: also where a
 * bad step came before it, and where the run was stopped between them. */
static void a_bad_step_is_no_update(void **state)
{
    (void)state;
    enum { LAST = 2 };
    static const char *const words[] = {"steps=2", "snapshots=3", "lr=0.01", "schedule=constant",
        "weight-decay=0", "warmup=0", "normalise=none", "batch=1", "patch=16x16", "clip=12",
        "seed=5", "spec=widths=4,6 gated=all", NULL};
    const char *const runs[] = {"late", "late_stopped"};
    for (int stopped = 0; stopped < 2; stopped++) {
        struct watch w;
        struct options o;
        watch_new(&w);
        w.stop_what = stopped ? "training" : NULL;
        w.stop_at = 1;
        set_options(&o, words);
        struct err why = {0};
        const att_status status =
            start_run((struct how){1, kernels_best()}, &w, "mixed", runs[stopped], &o, &why);
        options_free(&o);
        assert_int_equal(status, stopped ? ATT_INTERRUPTED : ATT_OK);
        watch_new(&w);
        if (stopped) OK(resume_run((struct how){1, kernels_best()}, &w, runs[stopped], 0, &e));
        char *path[LAST + 1];
        for (int i = 0; i <= LAST; i++) path[i] = snapshot_path(runs[stopped], i);
        assert_true(largest_change(path[0], path[1]) == 0); /* the bad step */
        const double change = largest_change(path[1], path[2]);
        if (fabs(change - .01) > 1e-4) fail_msg("%s: by %g", runs[stopped], change);
        for (int i = 0; i <= LAST; i++) mem_free(path[i]);
    }
    assert_same_run(runs[0], runs[1]);
}

/* What is due after a bad step, of which no loss waits for its row, is made up for as after any
 * other: here the first (by the seed), in whose validation the run is stopped. */
static void a_bad_step_has_its_row(void **state)
{
    (void)state;
    struct watch w;
    struct options o;
    static const char *const words[] = {"steps=3", "validate-every=1", "train-list=train.txt",
        "val-list=val.txt", "normalise=none", "batch=1", "patch=16x16", "seed=1",
        "spec=widths=4,6 gated=all", NULL};
    put_text("train.txt", "case_02\ncase_03\n");
    put_text("val.txt", "case_00\ncase_01\n");
    whole_run((struct how){1, kernels_best()}, "mixed", "unstopped_row", words);
    watch_new(&w);
    w.stop_what = "validating";
    w.stop_at = 1;
    set_options(&o, words);
    REFUSED(start_run((struct how){1, kernels_best()}, &w, "mixed", "stopped_row", &o, &e),
        ATT_INTERRUPTED, "stopped at step 1 of 3");
    options_free(&o);
    watch_new(&w);
    OK(resume_run((struct how){1, kernels_best()}, &w, "stopped_row", 0, &e));
    char *text;
    size_t size;
    OK(file_read("unstopped_row/log.jsonl", 1 << 20, &text, &size, &e));
    const char *loss = strstr(text, "\"loss\": ");
    assert_true(loss && !strncmp(loss, "\"loss\": null", 12));
    mem_free(text);
    assert_same_run("unstopped_row", "stopped_row");
    assert_same_log("unstopped_row", "stopped_row");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(huge_rates),
        cmocka_unit_test(stopped_among_bad_steps),
        cmocka_unit_test(at_the_very_end),
        cmocka_unit_test(one_bad_step_is_left_out),
        cmocka_unit_test(a_bad_step_is_no_update),
        cmocka_unit_test(a_bad_step_has_its_row),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A run that was stopped goes on as if it never had been: the same weights, moments and log rows,
 * wherever the stop came. */
#include "unit/clock_test.h"
#include "unit/train/train_test.h"

enum { STEPS = 24 };

static const char *const words[] = {"steps=24", "validate-every=8", "train-list=train.txt",
    "val-list=val.txt", "patch=24x24", "batch=2", "spec=widths=4,6 gated=all",
    "checkpoint-every=1h", "ema=0.9", NULL};

static struct how how(void) { return (struct how){1, kernels_best()}; }

static int make_data(void **state)
{
    if (make_scratch(state)) return -1;
    put_boxes("data", 5, 1, 28, 32);
    put_text("train.txt", "case_00\ncase_01\ncase_03\n");
    put_text("val.txt", "case_02\ncase_04\n");
    whole_run(how(), "data", "whole", words);
    return 0;
}

/* Starts a run that stops itself when `what` has done `at`. */
static void start_and_stop(const char *run, const char *what, int64_t at, const char *sentence)
{
    struct watch w;
    struct options o;
    watch_new(&w);
    w.stop_what = what;
    w.stop_at = at;
    set_options(&o, words);
    REFUSED(start_run(how(), &w, "data", run, &o, &e), ATT_INTERRUPTED, sentence);
    options_free(&o);
}

static void go_on(const char *run, const char *said)
{
    struct watch w;
    watch_new(&w);
    OK(resume_run(how(), &w, run, 0, &e));
    if (!strstr(w.text, said)) fail_msg("\"%s\" was not said but \"%s\"", said, w.text);
}

static void the_whole_run_is_as_asked(void **state)
{
    (void)state;
    char *log = timeless_log("whole");
    int rows = 0;
    for (const char *s = log; (s = strchr(s, '\n')); s++) rows++;
    assert_int_equal(rows, 1 + STEPS);
    assert_null(strstr(log, ",0,")); /* every row has a loss */
    mem_free(log);
    const char *names[] = {"checkpoint.previous.safetensors", "checkpoint.safetensors",
        "curves.png", "events.out.tfevents.0.attunet", "lock", "log.csv", "log.jsonl",
        "model.safetensors", "report.html", "run.json", "settings.json", "summary.json",
        "validation"};
    struct file_list l;
    OK(file_list("whole", &l, &e));
    assert_int_equal(l.count, COUNT(names));
    for (int i = 0; i < l.count; i++) assert_string_equal(l.names[i], names[i]);
    file_list_free(&l);
}

static void stopped_once(void **state)
{
    (void)state;
    start_and_stop("once", "training", 7,
        "stopped at step 7 of 24, everything is saved; continue with: attunet resume once");
    assert_true(file_exists("once/model.safetensors"));
    go_on("once", "resuming at step 7 of 24");
    assert_same_run("whole", "once");
    assert_same_log("whole", "once");
}

/* Again and again, on any number of threads; validations come after 8 and 16 steps. */
static void stopped_often(void **state)
{
    (void)state;
    static const int stops[] = {2, 7, 8, 9, 15, 16, 23};
    start_and_stop("often", "training", 1, "stopped at step 1 of 24");
    for (int k = 0; k < COUNT(stops); k++) {
        struct watch w;
        char sentence[40];
        watch_new(&w);
        w.stop_what = "training";
        w.stop_at = stops[k];
        snprintf(sentence, sizeof sentence, "stopped at step %d of 24", stops[k]);
        REFUSED(resume_run((struct how){k % 3, kernels_best()}, &w, "often", 0, &e),
            ATT_INTERRUPTED, sentence);
    }
    go_on("often", "resuming at step 23 of 24");
    assert_same_run("whole", "often");
    assert_same_log("whole", "often");
}

/* Before the first step there is a checkpoint already. */
static void stopped_before_the_first_step(void **state)
{
    (void)state;
    start_and_stop("early", "loading", 3, "stopped at step 0 of 24");
    go_on("early", "resuming at step 0 of 24");
    assert_same_run("whole", "early");
    assert_same_log("whole", "early");
}

static void stopped_while_loading(void **state)
{
    (void)state;
    start_and_stop("loading", "loading", 1, "stopped before the first step; nothing was written");
    assert_false(file_exists("loading"));
}

/* All steps are done, but what comes after them is not: no model yet. */
static void stopped_in_the_last_validation(void **state)
{
    (void)state;
    struct watch w;
    start_and_stop("last", "training", STEPS - 1, "stopped at step 23 of 24");
    watch_new(&w);
    w.stop_what = "validating";
    w.stop_at = 1;
    int removed = unlink("last/model.safetensors"); /* of the validation at step 16 */
    assert_int_equal(removed, 0);
    REFUSED(resume_run(how(), &w, "last", 0, &e), ATT_INTERRUPTED,
        "stopped at step 24 of 24, everything is saved; continue with: attunet resume last");
    assert_true(file_exists("last/model.safetensors"));
    go_on("last", "step 24 of 24: mean Dice");
    assert_same_run("whole", "last");
    assert_same_log("whole", "last");
    go_on(
        "last", "this run is finished at step 24; add `steps` +N or `time` TIME to train further");
    assert_same_run("whole", "last");
}

/* Its row is there by then, and is written once more. */
static void stopped_in_the_last_report(void **state)
{
    (void)state;
    start_and_stop("drawing", "drawing cases", 0,
        "stopped at step 24 of 24, everything is saved; continue with: attunet resume drawing");
    go_on("drawing", "step 24 of 24: mean Dice");
    assert_same_run("whole", "drawing");
    assert_same_log("whole", "drawing");
}

/* One that stops in a validation on the way has its steps saved. */
static void stopped_in_a_validation(void **state)
{
    (void)state;
    start_and_stop("between", "validating", 1, "stopped at step 8 of 24");
    go_on("between", "resuming at step 8 of 24");
    assert_same_run("whole", "between");
    assert_same_log("whole", "between");
}

/* The newest checkpoint is damaged: the run takes the one before and arrives at the same place. */
static void a_damaged_checkpoint_costs_steps_only(void **state)
{
    (void)state;
    struct watch w;
    start_and_stop("damaged", "training", 13, "stopped at step 13 of 24");
    watch_new(&w);
    w.stop_what = "training";
    w.stop_at = 15;
    REFUSED(resume_run(how(), &w, "damaged", 0, &e), ATT_INTERRUPTED, "stopped at step 15 of 24");
    put_text("damaged/checkpoint.safetensors", "gone");
    go_on("damaged",
        "the newest checkpoint is damaged; resuming from damaged/checkpoint.previous.safetensors");
    assert_same_run("whole", "damaged");
    assert_same_log("whole", "damaged");
}

/* A finished run goes on for as many steps as asked; stopped and resumed on the way or not. */
static void a_finished_run_can_be_extended(void **state)
{
    (void)state;
    struct watch w;
    start_and_stop("longer", "training", 5, "stopped");
    go_on("longer", "resuming at step 5");
    watch_new(&w);
    OK(resume_run(how(), &w, "longer", 6, &e));
    assert_non_null(strstr(w.text, "resuming at step 24 of 30"));
    start_and_stop("broken", "training", 9, "stopped");
    go_on("broken", "resuming at step 9");
    watch_new(&w);
    w.stop_what = "training";
    w.stop_at = 26;
    REFUSED(resume_run(how(), &w, "broken", 6, &e), ATT_INTERRUPTED, "stopped at step 26 of 30");
    go_on("broken", "resuming at step 26 of 30");
    assert_same_run("longer", "broken");
    assert_same_log("longer", "broken");
    assert_non_null(other_tensors("whole/model.safetensors", "longer/model.safetensors"));
}

/* In the log the learning rate of a step is at most about twice that of the step before, and never
 * 0. */
static void assert_no_jump(const char *run, int rows)
{
    char *log = timeless_log(run), *line = strchr(log, '\n') + 1;
    double before = 0;
    for (int i = 0; *line; line = strchr(line, '\n') + 1, i++, rows--) {
        double rate = strtod(strchr(line, ',') + 2, NULL); /* behind the empty seconds */
        if (!(rate > 0 && (i == 0 || rate < 2.1 * before)))
            fail_msg("%s: from %g to %g in row %d", run, before, rate, i);
        before = rate;
    }
    assert_int_equal(rows, 0);
    mem_free(log);
}

/* The same for one that is on its way; the learning rate goes over from one length to the other. */
static void a_run_on_its_way_can_be_extended(void **state)
{
    (void)state;
    struct watch w;
    start_and_stop("further", "training", 13, "stopped");
    watch_new(&w);
    OK(resume_run(how(), &w, "further", 76, &e));
    assert_non_null(strstr(w.text, "resuming at step 13 of 100"));
    start_and_stop("farther", "training", 13, "stopped");
    for (int stop = 15; stop < 100; stop += 30) {
        watch_new(&w);
        w.stop_what = "training";
        w.stop_at = stop;
        REFUSED(resume_run(how(), &w, "farther", stop == 15 ? 76 : 0, &e), ATT_INTERRUPTED,
            "of 100, everything is saved");
    }
    go_on("farther", "resuming at step 75 of 100");
    assert_same_run("further", "farther");
    assert_same_log("further", "farther");
    assert_no_jump("further", 100);
    watch_new(&w);
    OK(resume_run(how(), &w, "further", 100, &e));
    assert_no_jump("further", 200);
}

/* Time instead of steps, for one that is finished. */
static void or_for_a_time(void **state)
{
    (void)state;
    struct watch w;
    start_and_stop("timed", "training", 23, "stopped");
    go_on("timed", "resuming at step 23");
    watch_new(&w);
    clock_ticks(5000);
    OK(resume_with(how(), &w, "timed", &(struct train_more){.seconds = 2},
        &e)); /* below 400 steps each has its row in the log */
    clock_ticks(0);
    assert_non_null(strstr(w.text, "steps fit into 2 s"));
    assert_true(w.steps > 24 && w.steps < 400);
    assert_no_jump("timed", (int)w.steps);
}

static void with_data_that_were_moved(void **state)
{
    (void)state;
    struct watch w;
    start_and_stop("orphan", "training", 4, "stopped");
    assert_int_equal(rename("data", "moved_data"), 0);
    watch_new(&w);
    REFUSED(resume_run(how(), &w, "orphan", 0, &e), ATT_IO,
        "if you moved the data set, use attunet resume orphan `data` PATH");
    REFUSED(resume_with(how(), &w, "orphan", &(struct train_more){.data = "nowhere"}, &e), ATT_IO,
        "nowhere does not exist; check the path");
    w.stop_what = "training";
    w.stop_at = 9;
    REFUSED(resume_with(how(), &w, "orphan", &(struct train_more){.data = "moved_data"}, &e),
        ATT_INTERRUPTED, "stopped at step 9");
    go_on("orphan", "resuming at step 9"); /* it has learnt where they are */
    assert_int_equal(rename("moved_data", "data"), 0);
    assert_same_run("whole", "orphan");
    assert_same_log("whole", "orphan");
}

static void from_another_folder(void **state)
{
    (void)state;
    start_and_stop("moved", "training", 4, "stopped");
    OK(file_make_folders("elsewhere", &e));
    assert_int_equal(rename("moved", "elsewhere/moved"), 0);
    assert_int_equal(chdir("elsewhere"), 0);
    go_on("moved", "resuming at step 4");
    assert_int_equal(chdir(".."), 0);
    assert_same_run("whole", "elsewhere/moved");
}

/* ---- what has changed meanwhile */

static void changed_data_is_refused(void **state)
{
    (void)state;
    struct watch w;
    put_boxes("changing", 5, 1, 28, 32);
    struct options o;
    watch_new(&w);
    w.stop_what = "training";
    w.stop_at = 2;
    set_options(&o, words);
    REFUSED(
        start_run(how(), &w, "changing", "refused", &o, &e), ATT_INTERRUPTED, "stopped at step 2");
    options_free(&o);
    watch_new(&w);
    put_labels("changing/labels/case_01.nii", 1, 28, 32, 0, 1, 2);
    REFUSED(resume_run(how(), &w, "refused", 0, &e), ATT_DATA,
        "changing has other labels than this run; restore them");
    put_labels("changing/labels/case_01.nii", 1, 28, 32, 0, 1);
    assert_int_equal(
        unlink("changing/labels/case_03.nii") || unlink("changing/images/case_03.nii"), 0);
    REFUSED(resume_run(how(), &w, "refused", 0, &e), ATT_DATA,
        "changing no longer has case case_03 of this run; restore it");
    assert_int_equal(rename("changing", "away"), 0);
    REFUSED(resume_run(how(), &w, "refused", 0, &e), ATT_IO,
        "changing: no such folder; if you moved the data set, use attunet");
}

static void a_run_is_never_overwritten(void **state)
{
    (void)state;
    struct watch w;
    struct options o;
    watch_new(&w);
    set_options(&o, words);
    REFUSED(start_run(how(), &w, "data", "whole", &o, &e), ATT_USAGE,
        "whole is not empty; choose a new folder, or continue with: attunet resume whole");
    REFUSED(resume_run(how(), &w, "data", 0, &e), ATT_IO, "data has no checkpoint");
    REFUSED(
        resume_run(how(), &w, "nowhere", 0, &e), ATT_IO, "nowhere does not exist; check the path");
    options_free(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_run_is_as_asked),
        cmocka_unit_test(stopped_once),
        cmocka_unit_test(stopped_often),
        cmocka_unit_test(stopped_before_the_first_step),
        cmocka_unit_test(stopped_while_loading),
        cmocka_unit_test(stopped_in_the_last_validation),
        cmocka_unit_test(stopped_in_the_last_report),
        cmocka_unit_test(stopped_in_a_validation),
        cmocka_unit_test(a_damaged_checkpoint_costs_steps_only),
        cmocka_unit_test(a_finished_run_can_be_extended),
        cmocka_unit_test(a_run_on_its_way_can_be_extended),
        cmocka_unit_test(or_for_a_time),
        cmocka_unit_test(with_data_that_were_moved),
        cmocka_unit_test(from_another_folder),
        cmocka_unit_test(changed_data_is_refused),
        cmocka_unit_test(a_run_is_never_overwritten),
    };
    return cmocka_run_group_tests(tests, make_data, remove_scratch);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* How many steps fit into a time, from what parts of a run take. */
#include "train/duration.h"
#include "train/train_build.h"
#include "train/train_decide.h"

#include "base/clock.h"
#include "unit/clock_test.h"
#include "unit/train/train_test.h"

/* A run that began just now. */
static struct training timed(double step, double validation, double save, int64_t validate_every)
{
    struct training t;
    memset(&t, 0, sizeof t);
    t.began = clock_now();
    t.duration = (struct durations){.step = step, .validation = validation, .save = save};
    t.recipe.validate_every = validate_every;
    t.recipe.checkpoint_every = 300;
    return t;
}

/* What the run would take, step by step. */
static double simulate(const struct training *t)
{
    const struct durations *d = &t->duration;
    double seconds = 0, saved = 0;
    for (int64_t step = t->step + 1; step <= t->recipe.steps; step++) {
        seconds += d->step;
        if (step == t->recipe.steps) break;
        bool check = t->recipe.validate_every > 0 && step % t->recipe.validate_every == 0;
        if (check) seconds += d->validation;
        if (!check && seconds - saved < t->recipe.checkpoint_every) continue;
        seconds += d->save;
        saved = seconds;
    }
    return seconds + d->validation + d->save;
}

static void steps_fill_the_time(void **state)
{
    (void)state;
    static const struct {
        double step, validation, save, seconds;
        int64_t every;
        int choose;
    } list[] = {
        {.1, 2, .2, 600, 0, 1},
        {.1, 40, .2, 600, 0, 1},
        {.02, 0, .01, 60, 0, 1},
        {1.5, 30, 1, 3600, 0, 1},
        {.1, 2, .2, 600, 500, 0},
        {.1, 2, .2, 600, 100, 0},
        {.01, 20, 5, 7200, 0, 0},
        {.3, 8, 3, 28800, 2000, 0},
    };
    for (int k = 0; k < COUNT(list); k++)
        for (int64_t done = 0; done <= 1000; done += 1000) {
            struct training t =
                timed(list[k].step, list[k].validation, list[k].save, list[k].every);
            t.step = done;
            duration_fit(&t, list[k].seconds, list[k].choose);
            double takes = simulate(&t);
            if (takes > 1.01 * list[k].seconds || takes < .98 * list[k].seconds)
                fail_msg("case %d: %lld steps, validation every %lld take %g s, not %g", k,
                    (long long)t.recipe.steps, (long long)t.recipe.validate_every, takes,
                    list[k].seconds);
        }
}

/* Five validations while they take no more than a tenth of the time; else one, at the end. */
static void validations_are_chosen(void **state)
{
    (void)state;
    struct training t = timed(.1, 1.9, 0, -1);
    duration_fit(&t, 100, true);
    assert_true(t.recipe.validate_every == (t.recipe.steps + 4) / 5);
    t = timed(.1, 2.1, 0, -1);
    duration_fit(&t, 100, true);
    assert_true(t.recipe.validate_every == 0);
    t = timed(.1, 2.1, 0, 7);
    duration_fit(&t, 100, false);
    assert_true(t.recipe.validate_every == 7);
}

/* What has passed counts, and there is always a step. */
static void there_is_always_a_step(void **state)
{
    (void)state;
    struct training t = timed(.1, 0, 0, 0);
    t.began -= 30;
    duration_fit(&t, 60, false);
    assert_true(t.recipe.steps >= 298 && t.recipe.steps <= 300);
    t = timed(5, 100, 0, 0);
    t.step = 12;
    duration_fit(&t, 60, false);
    assert_int_equal(t.recipe.steps, 13);
}

/* Timing leaves a run as it was: one given time has the bits of one given the steps that were
 * chosen. */
static void timing_changes_nothing(void **state)
{
    (void)state;
    static const char *const by_time[] = {"time=1s", "train-list=list.txt", "patch=16x16",
        "batch=2", "spec=widths=3,4 gated=all", "ema=.9", "val-list=val.txt", NULL};
    const struct how how = {1, kernels_best()};
    char steps[40], every[40];
    put_boxes("data", 4, 1, 20, 24);
    put_text("list.txt", "case_00\ncase_01\n");
    put_text("val.txt", "case_02\ncase_03\n");
    clock_ticks(5000);
    whole_run(how, "data", "timed", by_time);
    clock_ticks(1);
    json_error_t where;
    json_t *j = json_load_file("timed/settings.json", 0, &where),
           *settings = json_object_get(j, "settings");
    const json_int_t chosen = json_integer_value(json_object_get(settings, "steps"));
    assert_true(chosen > 1);
    snprintf(steps, sizeof steps, "steps=%lld", (long long)chosen);
    snprintf(every, sizeof every, "validate-every=%lld",
        (long long)json_integer_value(json_object_get(settings, "validate_every")));
    json_decref(j);
    whole_run(how, "data", "counted",
        (const char *const[]){steps, every, "train-list=list.txt", "patch=16x16", "batch=2",
            "spec=widths=3,4 gated=all", "ema=.9", "val-list=val.txt", NULL});
    assert_same_run("timed", "counted");
}

/* Six steps of a large network can take longer than schedulers wait. */
static void a_stop_is_heard_between_two_steps(void **state)
{
    (void)state;
    struct watch w;
    struct options o;
    struct training t;
    double seconds;
    put_boxes("data", 4, 1, 20, 24);
    watch_new(&w);
    w.host.kernels = kernels_for(ISA_REF);
    const struct train_context c = {.host = &w.host};
    json_t *why = json_object();
    memset(&t, 0, sizeof t);
    t.c = &c;
    t.run = "stopped";
    SET_OPTIONS(
        &o, "fold=0", "folds=2", "patch=16x16", "batch=2", "spec=widths=3,4", "time=1s", "speed=1");
    OK(training_decide(&t, "data", &o, NULL, why, &e));
    t.times_steps = true;
    OK(training_build(&t, &e));
    OK(duration_step(&t, 0, &seconds, &e));
    assert_true(seconds > 0);
    atomic_store(&w.host.stop, 1);
    REFUSED(duration_step(&t, 0, &seconds, &e), ATT_INTERRUPTED, "stopped while timing a step");
    json_decref(why);
    options_free(&o);
    training_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_fill_the_time),
        cmocka_unit_test(validations_are_chosen),
        cmocka_unit_test(there_is_always_a_step),
        cmocka_unit_test(timing_changes_nothing),
        cmocka_unit_test(a_stop_is_heard_between_two_steps),
    };
    clock_ticks(1);
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

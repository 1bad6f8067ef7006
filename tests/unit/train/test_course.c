/* SPDX-License-Identifier: Apache-2.0 */
/* The order of a training's parts, when it ends, fails or is stopped. */
#include "train/course.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "unit/expect.h"

/* Writes a letter for each call; the call with the letter `fails` fails, at step `at`. */
struct fake {
    char trace[256];
    int64_t step, steps;
    bool due, finished;
    char fails;
    int64_t at;
    att_status how;
    struct host host;
    char said[256];
};

static att_status called(struct fake *f, char letter, struct err *e)
{
    f->trace[strlen(f->trace)] = letter;
    return f->fails == letter && f->at == f->step ? err_set(e, f->how, "no luck") : ATT_OK;
}

static att_status step(void *user, struct err *e)
{
    struct fake *f = user;
    TRY(called(f, 's', e));
    f->step++;
    return ATT_OK;
}
static att_status validate(void *user, bool last, struct err *e)
{
    return called(user, last ? 'V' : 'v', e);
}
static att_status row(void *user, bool validated, struct err *e)
{
    return called(user, validated ? 'R' : 'r', e);
}
static void next_row(void *user)
{
    struct err why;
    (void)called(user, 'n', &why);
}
static att_status save(void *user, struct err *e) { return called(user, 'c', e); }
static att_status write_model(void *user, struct err *e) { return called(user, 'm', e); }
static att_status report(void *user, bool last, struct err *e)
{
    return called(user, last ? 'P' : 'p', e);
}
static att_status settle(void *user, bool *saved, struct err *e)
{
    TRY(called(user, 'S', e));
    *saved = true;
    return ATT_OK;
}

static const struct course_calls calls = {.step = step,
    .validate = validate,
    .row = row,
    .next_row = next_row,
    .save = save,
    .write_model = write_model,
    .report = report,
    .after_steps = settle};

static void hear(void *user, int level, const char *text)
{
    (void)level;
    snprintf(((struct fake *)user)->said, sizeof((struct fake *)user)->said, "%s", text);
}

static struct course course_of(struct fake *f, int64_t steps)
{
    f->steps = steps;
    f->host = (struct host){.log = {.message = hear, .user = f}};
    return (struct course){.calls = &calls,
        .user = f,
        .host = &f->host,
        .run = "RUN",
        .stage = "",
        .step = &f->step,
        .steps = &f->steps,
        .due = &f->due,
        .finished = &f->finished,
        .validate_every = 2,
        .checkpoint_every = 1e9,
        .validates = true};
}

static void a_whole_course(void **state)
{
    (void)state;
    struct fake f = {.step = 0};
    struct course c = course_of(&f, 3);
    OK(course_run(&c, &e));
    assert_string_equal(f.trace, "srnsvRnpcmsSVRmPnc");
    assert_true(f.finished && !f.due);
}

static void what_was_due_comes_first(void **state)
{
    (void)state;
    struct fake f = {.step = 2, .due = true};
    struct course c = course_of(&f, 3);
    OK(course_run(&c, &e));
    assert_string_equal(f.trace, "vRnpcmsSVRmPnc");
}

static void stages_count_their_own_steps(void **state)
{
    (void)state;
    struct fake f = {.step = 100};
    struct course c = course_of(&f, 1);
    c.before = 100;
    c.stage = "in stage 3 of 3 ";
    OK(course_run(&c, &e));
    assert_string_equal(f.trace, "sSVRmPnc");
    REFUSED(course_stop(&c, &e), ATT_INTERRUPTED,
        "stopped in stage 3 of 3 at step 1 of 1, everything is saved; continue with: attunet");
    assert_string_equal(f.trace + strlen(f.trace) - 3, "cmp");
}

static const char *after_failure(
    struct fake *f, char fails, int64_t at, att_status how, bool safe_io)
{
    *f = (struct fake){.fails = fails, .at = at, .how = how};
    struct course c = course_of(f, 3);
    c.safe_io = safe_io;
    REFUSED(course_run(&c, &e), how, "no luck");
    assert_false(f->finished);
    return f->trace;
}

static void failures_between_steps_save_once(void **state)
{
    (void)state;
    struct fake f;
    assert_string_equal(after_failure(&f, 'v', 2, ATT_MEMORY, false), "srnsvc");
    assert_true(f.due);
    assert_string_equal(f.said, "step 2 of 3 is saved; continue with: attunet resume RUN");
    assert_string_equal(after_failure(&f, 'V', 3, ATT_DATA, false), "srnsvRnpcmsSV");
    assert_string_equal(f.said, "step 3 of 3 is saved; continue with: attunet resume RUN");
    assert_string_equal(after_failure(&f, 'S', 3, ATT_IO, false), "srnsvRnpcmsSc");
    assert_string_equal(after_failure(&f, 'V', 3, ATT_INTERRUPTED, false), "srnsvRnpcmsSV");
    assert_string_equal(f.said, "");
    assert_string_equal(after_failure(&f, 'v', 2, ATT_USAGE, false), "srnsv");
    assert_string_equal(after_failure(&f, 'c', 2, ATT_IO, false), "srnsvRnpcc");
    assert_string_equal(f.said,
        "step 2 of 3 could not be saved; continue from the last checkpoint with: attunet "
        "resume RUN");
}

static void failures_within_a_step(void **state)
{
    (void)state;
    struct fake f;
    assert_string_equal(after_failure(&f, 's', 1, ATT_DATA, true), "srnsc");
    assert_string_equal(after_failure(&f, 's', 1, ATT_DATA, false), "srns");
    assert_string_equal(after_failure(&f, 's', 1, ATT_MEMORY, true), "srns");
}

static att_status count_trials(void *user, int trial, struct err *e)
{
    (void)e;
    assert_int_equal(trial, *(int *)user);
    ++*(int *)user;
    return ATT_OK;
}

static void steps_are_timed_after_one_to_warm_up(void **state)
{
    (void)state;
    int trials = 0;
    double mean = -1;
    struct course_timing t = {.step = count_trials, .user = &trials, .min = 6, .max = 60};
    OK(course_time_step(&t, &mean, &e));
    assert_int_equal(trials, 7);
    assert_true(mean >= 0);
    trials = 0;
    t.seconds = 1e9;
    OK(course_time_step(&t, &mean, &e));
    assert_int_equal(trials, 61);
    trials = 0;
    t.min = t.max = COURSE_PROBES + 50;
    OK(course_time_step(&t, &mean, &e));
    assert_int_equal(trials, COURSE_PROBES + 1);
    trials = 0;
    t.min = 0;
    OK(course_time_step(&t, &mean, &e));
    assert_int_equal(trials, COURSE_PROBES + 1);
    struct host host = {.muted = false};
    atomic_store(&host.stop, 1);
    t.host = &host;
    trials = 0;
    REFUSED(course_time_step(&t, &mean, &e), ATT_INTERRUPTED, "stopped while timing a step");
}

static att_status wait_for_the_clock(void *user, int trial, struct err *e)
{
    (void)user;
    (void)trial;
    (void)e;
    const double begin = clock_now();
    while (clock_now() <= begin) continue;
    return ATT_OK;
}

static void a_step_is_left_without_the_slowest(void **state)
{
    (void)state;
    double mean = 0;
    struct course_timing t = {.step = wait_for_the_clock, .min = 1, .max = 1, .trim = true};
    OK(course_time_step(&t, &mean, &e));
    assert_true(mean > 0);
    mean = 0;
    t.min = t.max = 2;
    OK(course_time_step(&t, &mean, &e));
    assert_true(mean > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_whole_course),
        cmocka_unit_test(what_was_due_comes_first), cmocka_unit_test(stages_count_their_own_steps),
        cmocka_unit_test(failures_between_steps_save_once),
        cmocka_unit_test(failures_within_a_step),
        cmocka_unit_test(steps_are_timed_after_one_to_warm_up),
        cmocka_unit_test(a_step_is_left_without_the_slowest)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

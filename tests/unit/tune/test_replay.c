/* SPDX-License-Identifier: Apache-2.0 */
/* A search is told its past; lines that do not follow from those before them are refused. */
#include "tune/replay.h"

#include "tune/journal.h"
#include "unit/tune/tune_test.h"

#include "base/json.h"

#define TRIAL(n)                                                                                   \
    "{'event':'trial','trial':" n ",'rung':0,'seconds':2,'settings':{'a':0,'b':0.5,'c':'one'}}"
#define RESULT(n)                                                                                  \
    "{'event':'result','trial':" n                                                                 \
    ",'rung':0,'dice':0.25,'classes':{'1':0.25},'steps':4,'seconds':2,'spent':2.5}"
#define DONE "{'event':'done','dice':0.5,'classes':{'1':0.5},'steps':9,'spent':7.5}"

/* Replays the lines, which have ' for ", and then `last`. */
static att_status replay_shared(struct tuning *t, int repeat, int ahead, const char *const *line,
    const char *last, struct err *fault)
{
    static char journal[] = "journal";
    *t = (struct tuning){.journal = journal,
        .ahead = ahead,
        .rungs = 3,
        .eta = 3,
        .seed = 1,
        .repeat = repeat,
        .trials = repeat,
        .lines = json_array()};
    small_space(&t->settings.space, false);
    *fault = (struct err){0};
    for (bool more = true; more; line++) {
        char text[256];
        more = *line != NULL;
        snprintf(text, sizeof text, "%s", more ? *line : last);
        for (char *at = text; *at; at++)
            if (*at == '\'') *at = '"';
        json_t *j = json_loads(text, 0, NULL);
        assert_non_null(j);
        assert_int_equal(json_array_append_new(t->lines, j), 0);
    }
    return replay(t, fault);
}

static att_status replay_of(
    struct tuning *t, int repeat, const char *const *line, const char *last, struct err *fault)
{
    return replay_shared(t, repeat, 0, line, last, fault);
}

static void forget(struct tuning *t)
{
    search_free(&t->search);
    mem_free(t->jobs);
    tune_settings_free(&t->settings);
    json_decref(t->lines);
}

static const char *const past[] = {"{'event':'begin'}", TRIAL("0"), RESULT("0"), TRIAL("1"),
    "{'event':'failed','trial':1,'rung':0,'why':'no','spent':3}", TRIAL("2"), RESULT("2"), NULL};

static void the_past_is_told(void **state)
{
    (void)state;
    struct tuning t;
    struct err fault;
    assert_int_equal(
        replay_of(&t, 0, past, "{'event':'on','trial':2,'rung':1,'seconds':4,'cut':true}", &fault),
        ATT_OK);
    assert_int_equal(t.search.count, 3);
    assert_true(t.search.trial[1].failed);
    assert_float_equal(t.spent, 2.5, 0);
    assert_int_equal(t.job_count, 4);
    assert_int_equal(t.jobs[2].state, JOB_DONE);
    assert_int_equal(t.jobs[3].state, JOB_OPEN);
    assert_int_equal(t.jobs[3].job.trial, 2);
    assert_int_equal(t.jobs[3].job.rung, 1);
    assert_float_equal(t.jobs[3].seconds, 4, 0);
    assert_true(t.jobs[3].cut);
    assert_int_equal(json_int(replay_result(t.lines, 2), "steps"), 4);
    assert_int_equal(replay_final(t.lines), -1);
    forget(&t);
    assert_int_equal(
        replay_of(&t, 0, past, "{'event':'final','trial':2,'seconds':4}", &fault), ATT_OK);
    assert_int_equal(replay_final(t.lines), 2);
    forget(&t);
    assert_int_equal(replay_of(&t, 0, past,
                         "{'event':'barred','trial':2,'seconds':4,'why':'no','spent':5}", &fault),
        ATT_OK);
    assert_int_equal(search_best(&t.search), 0); /* of two alike trial 2 was as good */
    assert_int_equal(replay_final(t.lines), -1);
    assert_string_equal(journal_why(t.lines, 2), "no");
    forget(&t);
    assert_int_equal(
        replay_of(&t, 3, past, "{'event':'done','spent':9}", &fault), ATT_OK); /* a comparison */
    forget(&t);
}

static void what_does_not_follow_is_refused(void **state)
{
    (void)state;
    static const struct {
        int repeat;
        const char *last;
    } bad[] = {{0, "{'event':'on','trial':99999,'rung':1}"},
        {0, "{'event':'on','trial':4294967296,'rung':1}"},
        {0, "{'event':'on','trial':-1,'rung':1}"}, {0, "{'event':'on','trial':0,'rung':50}"},
        {0, "{'event':'on','trial':0,'rung':2}"}, {0, "{'event':'on','trial':1,'rung':0}"},
        {0, "{'event':'on'}"}, {0, "{'event':'final','trial':99999}"},
        {0, "{'event':'final','trial':1}"}, /* it failed */
        {0, "{'event':'final'}"}, {0, "{'event':'barred','trial':1}"},
        {0, "{'event':'result','trial':0,'rung':-1,'dice':1}"},
        {0, "{'event':'dropped','trial':3}"}, {0, DONE}, /* no trial was chosen */
        {4, "{'event':'done','spent':9}"},               /* one of four runs is missing */
        {3, "{'event':'done'}"}, {0, "{'event':'what'}"}};
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct tuning t;
        struct err fault;
        if (replay_of(&t, bad[i].repeat, past, bad[i].last, &fault) != ATT_DATA)
            fail_msg("taken: %s", bad[i].last);
        assert_string_equal(
            fault.text, "journal: line 8 contradicts earlier lines; choose a new folder");
        forget(&t);
    }
}

#define SEEN(n, seen)                                                                              \
    "{'event':'trial','trial':" n ",'rung':0,'seconds':2,'seen':" seen                             \
    ",'settings':{'a':0,'b':0.5,'c':'one'}}"

/* The second of two workers ends first: the search sees its result after that of the first. */
static void results_are_seen_in_the_order_of_jobs(void **state)
{
    (void)state;
    static const char *const two[] = {SEEN("0", "0"), SEEN("1", "0"), RESULT("1"), NULL};
    struct tuning t;
    struct err fault;
    assert_int_equal(replay_shared(&t, 0, 1, two, "{'event':'stopped','spent':9}", &fault), ATT_OK);
    assert_int_equal(t.search.trial[1].done, 0);
    assert_false(replay_see(&t, 1));
    forget(&t);
    assert_int_equal(replay_shared(&t, 0, 1, two, SEEN("2", "0"), &fault), ATT_DATA);
    forget(&t);
    assert_int_equal(replay_shared(&t, 0, 1, two, SEEN("2", "1"), &fault), ATT_DATA);
    forget(&t);
    assert_int_equal(replay_shared(&t, 0, 1, two, RESULT("1"), &fault), ATT_DATA); /* again */
    forget(&t);
    assert_int_equal(replay_shared(&t, 0, 1, two, RESULT("0"), &fault), ATT_OK);
    assert_int_equal(t.seen, 0);
    assert_int_equal(t.search.trial[0].done, 0); /* one may be missing until the next choice */
    assert_true(replay_see(&t, 2));
    assert_int_equal(t.search.trial[0].done + t.search.trial[1].done, 2);
    forget(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_past_is_told),
        cmocka_unit_test(what_does_not_follow_is_refused),
        cmocka_unit_test(results_are_seen_in_the_order_of_jobs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

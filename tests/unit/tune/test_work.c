/* SPDX-License-Identifier: Apache-2.0 */
/* Turns of a search that processes share. Whole searches: tests/cli/test_workers.sh. */
#include "tune/work.h"

#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "files/file.h"
#include "files/lease.h"
#include "tune/journal.h"
#include "unit/format/format_test.h"

static struct host host = {.muted = true};
static const struct train_context context = {.host = &host};
static bool sleeps;
static int pauses;

/* In front of that of the C library: a pause is counted, and takes no time. */
int nanosleep(const struct timespec *time, struct timespec *left)
{
    (void)time;
    (void)left;
    pauses++;
    return 0;
}

/* As another process does. */
static void add(const char *text) { OK(file_append("journal.jsonl", text, strlen(text), &e)); }

/* In front of that of the C library: this process sleeps once, at the end of a file, until another
 * one has its turn and adds a line. */
ssize_t read(int fd, void *data, size_t bytes)
{
    static const char other[] = "1 5 0123456789ab 0000000003 far\n";
    const ssize_t got = syscall(SYS_read, fd, data, bytes);
    if (got != 0 || !sleeps) return got;
    sleeps = false;
    OK(file_write_all(".turn.1", other, strlen(other), &e));
    add("{\"event\": \"cases\"}\n");
    return got;
}

static struct tuning begin(void)
{
    static char journal[] = "journal.jsonl";
    host.stop = 0;
    file_remove(journal);
    return (struct tuning){
        .c = &context, .out = ".", .journal = journal, .lines = json_array(), .shared = true};
}

static size_t turn(struct tuning *t)
{
    OK(work_enter(t, &e));
    work_leave(t);
    return json_array_size(t->lines);
}

static void a_journal_that_has_not_grown_is_not_read(void **state)
{
    (void)state;
    struct tuning t = begin();
    add("{\"event\": \"begin\"}\n");
    assert_int_equal(turn(&t), 1);
    const json_t *lines = t.lines;
    assert_int_equal(turn(&t), 1);
    assert_ptr_equal(t.lines, lines);
    add("{\"event\": \"stopped\", \"spent\": 7}\n{\"event\": "); /* and was killed */
    assert_int_equal(turn(&t), 2);
    assert_true(tuning_spent(&t) >= 7);
    lines = t.lines;
    assert_int_equal(turn(&t), 2);
    assert_ptr_equal(t.lines, lines);
    OK(work_enter(&t, &e));
    OK(work_add(&t, json_pack("{s:s}", "event", "stopped"), &e));
    work_leave(&t);
    add("{\"event\": \"cases\"}\n");
    assert_int_equal(turn(&t), 4);
    json_decref(t.lines);
}

static void a_turn_that_is_lost_reads_again(void **state)
{
    (void)state;
    struct tuning t = begin();
    add("{\"event\": \"begin\"}\n");
    sleeps = true;
    assert_int_equal(turn(&t), 1);
    assert_false(sleeps);
    file_remove(".turn.1");
    assert_int_equal(turn(&t), 2);
    json_decref(t.lines);
}

static void a_pause_ends_when_the_journal_grows(void **state)
{
    (void)state;
    struct tuning t = begin();
    add("{\"event\": \"begin\"}\n");
    turn(&t);
    host.stop = 1;
    struct err fault = {0};
    assert_int_equal(work_pause(&t, &fault), ATT_INTERRUPTED);
    host.stop = 0;
    pauses = 0;
    OK(work_pause(&t, &e));
    assert_true(pauses > 1);
    add("{\"event\": \"cases\"}\n");
    pauses = 0;
    OK(work_pause(&t, &e));
    assert_int_equal(pauses, 1);
    assert_int_equal(turn(&t), 2);
    json_decref(t.lines);
}

static bool resumed;

static att_status choose_nothing(struct tuning *t, struct work *w, struct err *fault)
{
    (void)t;
    (void)fault;
    resumed = w->resumed;
    host.stop = 1;
    return ATT_OK;
}

/* A job that another process does says nothing about the one that is chosen next. */
static void a_chosen_job_is_not_resumed(void **state)
{
    (void)state;
    static const struct worker worker = {choose_nothing, NULL};
    struct tuning t = begin();
    struct tuning_job job = {.state = JOB_OPEN, .seconds = 9};
    struct lease_watch w = {0};
    struct lease *other;
    struct err fault = {0};
    t.jobs = &job;
    t.job_count = 1;
    add("{\"event\": \"begin\"}\n");
    OK(lease_take(".", "0000", &w, NULL, &other, &e));
    assert_non_null(other);
    resumed = true;
    assert_int_equal(work_all(&t, &worker, NULL, &fault), ATT_INTERRUPTED);
    assert_false(resumed);
    lease_drop(other);
    json_decref(t.lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_journal_that_has_not_grown_is_not_read),
        cmocka_unit_test(a_turn_that_is_lost_reads_again),
        cmocka_unit_test(a_pause_ends_when_the_journal_grows),
        cmocka_unit_test(a_chosen_job_is_not_resumed),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* One process has the work at a time; that of a dead one is taken again, also from afar. */
#include "files/lease.h"

#include "unit/clock_test.h"
#include "unit/format/format_test.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* In front of those of the C library: a beat comes after this pause at most; the disk is full. */
static atomic_int beat_ms = 10000;
static atomic_bool full;

int poll(struct pollfd *list, nfds_t count, int wait)
{
    const int most = atomic_load(&beat_ms);
    const struct timespec pause = {
        wait > most ? most / 1000 : wait / 1000, (wait > most ? most : wait) % 1000 * 1000000L};
    return ppoll(list, count, wait < 0 ? NULL : &pause, NULL);
}

ssize_t pwrite(int fd, const void *data, size_t bytes, off_t at)
{
    if (!atomic_load(&full)) return syscall(SYS_pwrite64, fd, data, bytes, at);
    errno = ENOSPC;
    return -1;
}

static int names(void)
{
    struct file_list l;
    OK(file_list_all(".", &l, &e));
    const int count = l.count;
    file_list_free(&l);
    return count;
}

static void one_has_it_at_a_time(void **state)
{
    (void)state;
    struct lease *a, *b, *other;
    struct lease_watch w = {0};
    OK(lease_take(".", "work", &w, NULL, &a, &e));
    assert_non_null(a);
    assert_false(lease_lost(a));
    OK(lease_take(".", "work", &w, NULL, &b, &e));
    assert_null(b);
    OK(lease_take(".", "wor", &w, NULL, &other, &e)); /* another name */
    assert_non_null(other);
    assert_int_equal(names(), 2);
    lease_drop(a);
    lease_drop(other);
    assert_int_equal(names(), 0);
    OK(lease_take(".", "work", &w, NULL, &b, &e));
    assert_non_null(b);
    lease_drop(b);
}

/* A child that takes the lease and then waits, to be killed. */
static pid_t child_with_lease(void)
{
    struct err fault = {0};
    int ready[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    const pid_t child = fork();
    if (!child) {
        struct lease *lease;
        struct lease_watch w = {0};
        if (lease_take(".", "work", &w, NULL, &lease, &fault) != ATT_OK || !lease) _exit(1);
        if (write(ready[1], "x", 1) != 1) _exit(1);
        for (;;) pause();
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return child;
}

static void what_a_dead_process_had_is_taken(void **state)
{
    (void)state;
    struct lease *lease;
    struct lease_watch w = {0};
    siginfo_t ended;
    const pid_t child = child_with_lease();
    OK(lease_take(".", "work", &w, NULL, &lease, &e));
    assert_null(lease);
    kill(child, SIGKILL);
    waitid(P_PID, (id_t)child, &ended, WEXITED | WNOWAIT); /* a zombie still has its number */
    OK(lease_take(".", "work", &w, NULL, &lease, &e));
    assert_non_null(lease);
    waitpid(child, NULL, 0);
    assert_int_equal(names(), 1); /* the old term is gone */
    lease_drop(lease);
}

static void put(const char *name, const char *text)
{
    OK(file_write_all(name, text, strlen(text), &e));
}

/* Of another machine only what its file says is known. */
static void a_silent_machine_loses_it(void **state)
{
    (void)state;
    struct lease *lease = NULL;
    struct lease_watch w = {0};
    clock_ticks(1000000L * (LEASE_SECONDS / 4)); /* 15 s between two looks */
    for (int i = 0; i < 8; i++) {
        char text[64];
        snprintf(text, sizeof text, "1 5 0123456789ab %010d far\n", i); /* it counts on */
        put(".work.7", text);
        OK(lease_take(".", "work", &w, NULL, &lease, &e));
        assert_null(lease);
    }
    for (int i = 0; i < 4; i++) {
        OK(lease_take(".", "work", &w, NULL, &lease, &e));
        assert_null(lease);
    }
    OK(lease_take(".", "work", &w, NULL, &lease, &e));
    assert_non_null(lease);
    clock_ticks(0);
    assert_true(file_exists(".work.8"));
    assert_false(file_exists(".work.7"));
    lease_drop(lease);
    put(".work.3", ""); /* made, but not yet written */
    w = (struct lease_watch){0};
    OK(lease_take(".", "work", &w, NULL, &lease, &e));
    assert_null(lease);
    file_remove(".work.3");
}

/* A later holder may have a term of the same number; a process that slept sees that at once. */
static void what_another_has_stays(void **state)
{
    (void)state;
    struct lease *lease;
    struct lease_watch w = {0};
    OK(lease_take(".", "work", &w, NULL, &lease, &e));
    assert_non_null(lease);
    put(".work.1", "1 5 0123456789ab 0000000003 far\n");
    assert_true(lease_lost(lease));
    lease_drop(lease);
    assert_true(file_exists(".work.1"));
    file_remove(".work.1");
}

static unsigned counted(const char *name)
{
    char *text;
    unsigned count = 0;
    OK(file_read_text(name, 256, &text, &e));
    sscanf(text, "%*d %*d %*s %u", &count);
    mem_free(text);
    return count;
}

/* The process counts on. Another one that takes over stops it, but not what it does next. */
static void a_lost_lease_stops_until_it_is_dropped(void **state)
{
    (void)state;
    struct host host = {.muted = true};
    struct lease *lease;
    struct lease_watch w = {0};
    atomic_store(&beat_ms, 5);
    for (int user = 0; user < 2; user++) {
        OK(lease_take(".", "work", &w, &host, &lease, &e));
        assert_non_null(lease);
        const unsigned first = counted(".work.1");
        while (counted(".work.1") == first) usleep(1000);
        assert_false(host_stopped(&host) || lease_lost(lease));
        put(".work.1", "1 5 0123456789ab 0000000003 far\n");
        while (!host_stopped(&host)) usleep(1000);
        assert_int_equal(counted(".work.1"), 3);
        assert_true(lease_lost(lease));
        if (user) atomic_store(&host.stop, 1); /* Ctrl-C meanwhile */
        lease_drop(lease);
        assert_int_equal(host_stopped(&host), user);
        assert_true(file_exists(".work.1"));
        file_remove(".work.1");
    }
    atomic_store(&beat_ms, 10000);
}

/* A turn that is dropped leaves the stop of a run that another process trains. */
static void each_lost_lease_stops(void **state)
{
    (void)state;
    struct host host = {.muted = true};
    struct lease *run, *turn;
    struct lease_watch w = {0};
    atomic_store(&beat_ms, 5);
    OK(lease_take(".", "run", &w, &host, &run, &e));
    OK(lease_take(".", "turn", &w, &host, &turn, &e));
    assert_true(run && turn);
    put(".run.1", "1 5 0123456789ab 0000000003 far\n");
    put(".turn.1", "1 5 0123456789ab 0000000003 far\n");
    while (atomic_load(&host.lost) < 2) usleep(1000);
    lease_drop(turn);
    assert_true(host_stopped(&host));
    lease_drop(run);
    assert_false(host_stopped(&host));
    atomic_store(&beat_ms, 10000);
    file_remove(".run.1");
    file_remove(".turn.1");
}

/* Others would wait for what nobody has. */
static void a_full_disk_leaves_no_term(void **state)
{
    (void)state;
    struct err fault = {0};
    struct lease *lease;
    struct lease_watch w = {0};
    atomic_store(&full, true);
    assert_int_equal(lease_take(".", "work", &w, NULL, &lease, &fault), ATT_IO);
    atomic_store(&full, false);
    assert_null(lease);
    assert_non_null(strstr(fault.text, "./.work.1"));
    assert_int_equal(names(), 0);
}

static struct lease *wait_for_turn(void)
{
    struct err fault = {0};
    struct lease *lease = NULL;
    struct lease_watch w = {0};
    while (!lease && lease_take(".", "turn", &w, NULL, &lease, &fault) == ATT_OK) usleep(100);
    return lease;
}

/* Other processes may race for each term, also for one of a dead process: only one adds at a time.
 */
static void many_take_turns(void **state)
{
    (void)state;
    enum { PROCESSES = 4, TURNS = 100 };
    struct err fault = {0};
    pid_t child[PROCESSES];
    put("sum", "0");
    for (int i = 0; i < PROCESSES; i++) {
        if ((child[i] = fork())) continue;
        for (int k = 0; k < TURNS; k++) {
            char *text, next[32];
            if (k % 5 == 0 && !fork()) _exit(wait_for_turn() ? 0 : 1); /* and keeps it */
            while (wait(NULL) > 0) continue;
            struct lease *lease = wait_for_turn();
            if (!lease || file_read_text("sum", 32, &text, &fault) != ATT_OK) _exit(1);
            snprintf(next, sizeof next, "%d", atoi(text) + 1);
            mem_free(text);
            usleep(50);
            if (file_write_all("sum", next, strlen(next), &fault) != ATT_OK) _exit(1);
            lease_drop(lease);
        }
        _exit(0);
    }
    for (int i = 0; i < PROCESSES; i++) {
        int code;
        waitpid(child[i], &code, 0);
        assert_int_equal(code, 0);
    }
    char *text;
    OK(file_read_text("sum", 32, &text, &e));
    assert_int_equal(atoi(text), PROCESSES * TURNS);
    mem_free(text);
    file_remove("sum");
    assert_int_equal(names(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_has_it_at_a_time),
        cmocka_unit_test(what_a_dead_process_had_is_taken),
        cmocka_unit_test(a_silent_machine_loses_it), cmocka_unit_test(what_another_has_stays),
        cmocka_unit_test(a_lost_lease_stops_until_it_is_dropped),
        cmocka_unit_test(each_lost_lease_stops), cmocka_unit_test(a_full_disk_leaves_no_term),
        cmocka_unit_test(many_take_turns)};
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Whether long work must stop, and where warnings go. */
#include "unit/expect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/host.h"

struct heard {
    int count;
    char text[256];
};

static void hear(void *user, int level, const char *text)
{
    struct heard *h = user;
    assert_int_equal(level, LOG_INFO);
    h->count++;
    snprintf(h->text, sizeof h->text, "%s", text);
}

static void test_stopped(void **state)
{
    (void)state;
    struct host host = {0};
    assert_false(host_stopped(NULL));
    assert_false(host_stopped(&host));
    atomic_store(&host.stop, 1);
    assert_true(host_stopped(&host));
}

/* It keeps the limits of its caller and no ear. */
static void test_silent(void **state)
{
    (void)state;
    struct heard heard = {0};
    struct host own = {.log = {.message = hear, .user = &heard}, .limit = 7};
    atomic_store(&own.stop, 1);
    struct host silent = host_silent(&own);
    host_say(&silent, LOG_WARN, "nobody listens");
    assert_int_equal(heard.count, 0);
    assert_true(silent.limit == 7 && !host_stopped(&silent));
}

/* The file is looked for four times a second, told once, and asks for what a signal asks for. */
static void test_stop_file(void **state)
{
    (void)state;
    char path[] = "/tmp/attunet-test-stop-XXXXXX";
    struct heard heard = {0};
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    struct host host = {.log = {.message = hear, .user = &heard}, .stop_file = {path}};
    atomic_store(&host.checked, clock_now());
    assert_false(host_stopped(&host)); /* too soon */
    atomic_store(&host.checked, clock_now() - 1);
    assert_true(host_stopped(&host));
    assert_int_equal(atomic_load(&host.stop), 1);
    assert_true(host_stopped(&host));
    assert_int_equal(heard.count, 1);
    assert_non_null(strstr(heard.text, " exists: stopping"));
    unlink(path);
    struct host later = {.stop_file = {path}};
    assert_false(host_stopped(&later));
    struct host inner = {.stop_file = {path, "/"}}; /* of a run within */
    assert_true(host_stopped(&inner));
}

static void hear_warning(void *user, const char *kind, const char *text)
{
    assert_string_equal(kind, "duplicates-across-split");
    assert_string_equal(text, "2 pairs");
    ++*(int *)user;
}

static void hear_plain(void *user, int level, const char *text)
{
    assert_int_equal(level, LOG_WARN);
    assert_string_equal(text, "2 pairs");
    *(int *)user += 10;
}

/* A warning goes to one listener: to the one for messages only if no other one is there. */
static void test_warning(void **state)
{
    (void)state;
    int heard = 0;
    struct host host = {.log = {hear_plain, NULL, &heard, hear_warning}};
    host_warn(&host, WARN_DUPLICATES_ACROSS_SPLIT, "%d pairs", 2);
    assert_int_equal(heard, 1);
    host.log.warning = NULL;
    host_warn(&host, WARN_DUPLICATES_ACROSS_SPLIT, "%d pairs", 2);
    assert_int_equal(heard, 11);
    host.muted = true;
    host_warn(&host, WARN_DUPLICATES_ACROSS_SPLIT, "%d pairs", 2);
    assert_int_equal(heard, 11);
    host = (struct host){.log = {.user = &heard, .warning = hear_warning}};
    host_say(&host, LOG_WARN, "no kind");
    assert_int_equal(heard, 11);
    host_warn(NULL, WARN_DUPLICATES_ACROSS_SPLIT, "nobody listens");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_stopped),
        cmocka_unit_test(test_silent), cmocka_unit_test(test_stop_file),
        cmocka_unit_test(test_warning)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

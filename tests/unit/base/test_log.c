/* SPDX-License-Identifier: Apache-2.0 */
/* Whether long work is told to stop. */
/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h> /* needs those above */
/* clang-format on */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

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
    struct log l = {0};
    assert_false(log_stopped(NULL));
    assert_false(log_stopped(&l));
    atomic_store(&l.stop, 1);
    assert_true(log_stopped(&l));
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
    struct log l = {.message = hear, .user = &heard, .stop_file = {path}};
    atomic_store(&l.looked, log_clock());
    assert_false(log_stopped(&l)); /* too soon */
    atomic_store(&l.looked, log_clock() - 1);
    assert_true(log_stopped(&l));
    assert_int_equal(atomic_load(&l.stop), 1);
    assert_true(log_stopped(&l));
    assert_int_equal(heard.count, 1);
    assert_non_null(strstr(heard.text, " is there: stopping"));
    unlink(path);
    struct log later = {.stop_file = {path}};
    assert_false(log_stopped(&later));
    struct log inner = {.stop_file = {path, "/"}}; /* of a run within */
    assert_true(log_stopped(&inner));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stopped), cmocka_unit_test(test_stop_file)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

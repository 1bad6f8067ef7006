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

/* The file is looked for four times a second, told once, and asks for what a signal asks for. */
static void test_stop_file(void **state)
{
    (void)state;
    char path[] = "/tmp/attunet-test-stop-XXXXXX";
    struct heard heard = {0};
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    struct host host = {.log = {hear, NULL, &heard}, .stop_file = {path}};
    atomic_store(&host.checked, clock_now());
    assert_false(host_stopped(&host)); /* too soon */
    atomic_store(&host.checked, clock_now() - 1);
    assert_true(host_stopped(&host));
    assert_int_equal(atomic_load(&host.stop), 1);
    assert_true(host_stopped(&host));
    assert_int_equal(heard.count, 1);
    assert_non_null(strstr(heard.text, " is there: stopping"));
    unlink(path);
    struct host later = {.stop_file = {path}};
    assert_false(host_stopped(&later));
    struct host inner = {.stop_file = {path, "/"}}; /* of a run within */
    assert_true(host_stopped(&inner));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stopped), cmocka_unit_test(test_stop_file)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

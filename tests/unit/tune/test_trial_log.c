/* SPDX-License-Identifier: Apache-2.0 */
/* Warnings of the runs of a search: once, and to the listener that the caller has. */
#include "unit/expect.h"

#include "tune/trial_log.h"

struct heard {
    int messages, kinds;
};

static void hear(void *user, int level, const char *text)
{
    assert_int_equal(level, LOG_WARN);
    assert_string_equal(text, "a class");
    ((struct heard *)user)->messages++;
}

static void hear_kind(void *user, const char *kind, const char *text)
{
    assert_string_equal(kind, "class-missing");
    assert_string_equal(text, "a class");
    ((struct heard *)user)->kinds++;
}

static struct heard two_trials(bool kinds)
{
    struct heard h = {0};
    struct host host = {.log = {.message = hear, .user = &h, .warning = kinds ? hear_kind : NULL}};
    const struct train_context c = {.host = &host};
    struct tuning t = {.c = &c};
    struct trial_log v = {0};
    for (int trial = 0; trial < 2; trial++) {
        trial_log_begin(&v, &t, trial);
        host_say(&host, LOG_INFO, "a trial says nothing but warnings");
        host_warn(&host, WARN_CLASS_MISSING, "a class");
        trial_log_end(&v);
    }
    assert_ptr_equal(host.log.user, &h);
    return h;
}

static void warnings_once(void **state)
{
    (void)state;
    const struct heard plain = two_trials(false), kind = two_trials(true);
    assert_int_equal(plain.messages, 1);
    assert_int_equal(plain.kinds, 0);
    assert_int_equal(kind.messages, 0);
    assert_int_equal(kind.kinds, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(warnings_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

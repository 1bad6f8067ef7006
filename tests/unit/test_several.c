/* SPDX-License-Identifier: Apache-2.0 */
/* Several things at a time: all of them, in order afterwards; the first failure counts, and nothing begins after it. */
#include "base/several.h"

/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h> /* needs those above */
/* clang-format on */

#include <stdatomic.h>

enum { COUNT = 23 };

struct work {
    atomic_int runs[COUNT];
    int last, fails, fails_then;
};

static void one(void *arg, int index, struct err *e)
{
    struct work *w = arg;
    atomic_fetch_add(&w->runs[index], 1);
    if (w->fails >= 0 && index >= w->fails) err_set(e, ATT_DATA, "thing %d is bad", index);
}

static att_status then(void *arg, int index, struct err *e)
{
    struct work *w = arg;
    assert_int_equal(index, w->last + 1);
    w->last = index;
    return index == w->fails_then ? err_set(e, ATT_IO, "not thing %d", index) : ATT_OK;
}

static att_status run(struct work *w, int together, int threads, struct log *log, struct err *e)
{
    struct pool *pool = pool_create(threads);
    assert_non_null(pool);
    w->last = -1;
    const struct several s = {COUNT, together, "doing things", one, then, w};
    att_status status = several_run(&s, pool, log, e);
    pool_destroy(pool);
    return status;
}

static void all_once_and_in_order(void **state)
{
    (void)state;
    for (int together = 1; together <= COUNT + 1; together += 4) {
        struct work w = {.fails = -1, .fails_then = -1};
        struct err e = {0};
        assert_int_equal(run(&w, together, 3, NULL, &e), ATT_OK);
        assert_int_equal(w.last, COUNT - 1);
        for (int i = 0; i < COUNT; i++) assert_int_equal(w.runs[i], 1);
    }
}

static void the_first_failure_counts(void **state)
{
    (void)state;
    for (int together = 1; together <= COUNT; together += 2) {
        struct work w = {.fails = 7, .fails_then = -1}, other = {.fails = -1, .fails_then = 7};
        struct err e = {0}, f = {0};
        assert_int_equal(run(&w, together, 2, NULL, &e), ATT_DATA);
        assert_string_equal(e.text, "thing 7 is bad");
        assert_int_equal(w.last, 6);
        assert_int_equal(run(&other, together, 2, NULL, &f), ATT_IO);
        assert_string_equal(f.text, "not thing 7");
        for (int i = (7 / together + 1) * together; i < COUNT; i++) assert_int_equal(w.runs[i] + other.runs[i], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_once_and_in_order), cmocka_unit_test(the_first_failure_counts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Several things at a time: all of them, in order afterwards; the first failure counts, and nothing
 * begins after it. */
#include "base/parallel.h"

#include "unit/expect.h"

#include <jansson.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/json_memory.h"
#include "base/limit.h"

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

static att_status run(struct work *w, int together, int threads, struct host *host, struct err *e)
{
    struct pool *pool = pool_create(threads);
    assert_non_null(pool);
    w->last = -1;
    const struct several s = {COUNT, together, "doing things", one, then, w, NULL};
    att_status status = parallel_run(&s, pool, host, e);
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
        for (int i = (7 / together + 1) * together; i < COUNT; i++)
            assert_int_equal(w.runs[i] + other.runs[i], 0);
    }
}

/* ---- what they take */

enum { LARGE = 3 }; /* things from here on take all the memory there is */

static double bytes_of(void *arg, int index)
{
    (void)arg;
    return index < LARGE ? 1 : 1e18;
}

static void none_beside(void *arg, int index, struct err *e)
{
    struct work *w = arg;
    (void)e;
    atomic_fetch_add(&w->runs[index], 1);
}

/* Those before have been taken over when a large one is begun, and none is begun after it before
 * that. */
static att_status alone(void *arg, int index, struct err *e)
{
    struct work *w = arg;
    (void)e;
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(w->runs[i], i <= (index < LARGE ? LARGE - 1 : index));
    w->last = index;
    return ATT_OK;
}

static void what_takes_much_has_its_turn(void **state)
{
    (void)state;
    struct work w = {.last = -1};
    struct err e = {0};
    struct pool *pool = pool_create(3);
    assert_non_null(pool);
    if (limit_machine() <= 0) skip(); /* a system that does not say */
    const struct several s = {COUNT, 8, "doing things", none_beside, alone, &w, bytes_of};
    assert_int_equal(parallel_run(&s, pool, NULL, &e), ATT_OK);
    assert_int_equal(w.last, COUNT - 1);
    pool_destroy(pool);
}

static double byte_of(void *arg, int index)
{
    (void)arg, (void)index;
    return 1;
}

/* Each has been taken over when the next one is begun. */
static att_status in_turn(void *arg, int index, struct err *e)
{
    struct work *w = arg;
    (void)e;
    for (int i = 0; i < COUNT; i++) assert_int_equal(w->runs[i], i <= index);
    w->last = index;
    return ATT_OK;
}

static void one_at_a_time_within_a_limit(void **state)
{
    (void)state;
    struct work w = {.last = -1};
    struct err e = {0};
    struct pool *pool = pool_create(3);
    struct host host = {.limit = 1e9};
    assert_non_null(pool);
    const struct several s = {COUNT, 8, "doing things", none_beside, in_turn, &w, byte_of};
    assert_int_equal(parallel_run(&s, pool, &host, &e), ATT_OK);
    assert_int_equal(w.last, COUNT - 1);
    pool_destroy(pool);
}

/* ---- what a thread of the pool loses */

static _Thread_local bool poor;
static void *ask(size_t bytes) { return poor ? NULL : malloc(bytes); }

struct losing {
    bool loses;
    atomic_int begun, lost;
};

static void lose(void *arg, int index, struct err *e)
{
    struct losing *w = arg;
    (void)index;
    (void)e;
    atomic_fetch_add(&w->begun, 1);
    while (w->begun < 2) {
    } /* both threads have one */
    poor = w->loses;
    json_decref(json_string("a word"));
    poor = false;
    atomic_fetch_add(&w->lost, json_memory_lost());
}

static void lost_json_is_said_once(void **state)
{
    (void)state;
    struct pool *pool = pool_create(2);
    for (int turn = 0; turn < 4; turn++) {
        struct err e = {0};
        struct losing w = {.loses = turn % 2 == 0};
        const struct several s = {2, 2, "losing things", lose, NULL, &w, NULL};
        json_memory_watch();
        assert_int_equal(parallel_run(&s, pool, NULL, &e), w.loses ? ATT_MEMORY : ATT_OK);
        assert_string_equal(e.text, w.loses ? "out of memory while losing things" : "");
        assert_int_equal(w.lost, w.loses ? 2 : 0);
    }
    pool_destroy(pool);
}

int main(void)
{
    json_set_alloc_funcs(ask, free); /* before anybody stands between */
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_once_and_in_order),
        cmocka_unit_test(the_first_failure_counts), cmocka_unit_test(what_takes_much_has_its_turn),
        cmocka_unit_test(one_at_a_time_within_a_limit), cmocka_unit_test(lost_json_is_said_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

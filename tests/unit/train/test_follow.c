/* SPDX-License-Identifier: Apache-2.0 */
/* A rank whose wire answers what rank 0 would send. Whole trainings: tests/mpi. */
#include "train/follow.h"

#include <string.h>

#include "train/lead.h"
#include "unit/arch/net_test.h"

static struct {
    struct order order;
    int abandoned, exchanges;
} leader;

static const char *leader_begin(const struct team_message *list, int count)
{
    assert_int_equal(1, count);
    assert_int_equal(sizeof leader.order, list->bytes);
    memcpy(list->data, &leader.order, sizeof leader.order);
    leader.exchanges++;
    return NULL;
}

static bool leader_done(const char **why)
{
    *why = NULL;
    return true;
}

static void leader_abandon(int code) { leader.abandoned = code; }

static const struct team_wire wire = {
    .begin = leader_begin, .done = leader_done, .abandon = leader_abandon};

static att_status follow(struct order order, struct team *t, struct err *e)
{
    struct team_message messages[4];
    struct host host = {.muted = true, .team = t};
    const struct train_context c = {.host = &host};
    *t = (struct team){.rank = 1, .size = 2, .wire = &wire, .messages = messages};
    memset(&leader, 0, sizeof leader);
    leader.order = order;
    return follow_leader(&c, e);
}

static void a_dismissed_rank_has_the_leaders_status(void **state)
{
    (void)state;
    struct team t;
    struct err e = {0};
    assert_int_equal(ATT_OK, follow((struct order){.kind = ORDER_DISMISS}, &t, &e));
    const struct order failed = {.kind = ORDER_DISMISS, .step = ATT_DATA};
    assert_int_equal(ATT_DATA, follow(failed, &t, &e));
    assert_false(t.lost || t.speaks);
}

/* Rank 0 would wait for its answer without an end. */
static void a_rank_without_memory_ends_all(void **state)
{
    (void)state;
    struct team t;
    struct err e = {0};
    const struct order order = {.kind = ORDER_BUILD, .step = INT64_MAX - 1};
    assert_int_equal(ATT_MEMORY, follow(order, &t, &e));
    assert_int_equal(1, leader.exchanges);
    assert_int_equal(ATT_MEMORY, leader.abandoned);
    assert_true(t.lost && t.speaks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dismissed_rank_has_the_leaders_status),
        cmocka_unit_test(a_rank_without_memory_ends_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

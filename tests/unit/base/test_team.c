/* SPDX-License-Identifier: Apache-2.0 */
/* Ranks exchange, agree, and notice a dead one. */
#include "unit/expect.h"

#include "unit/team_test.h"

enum { NUMBERS = 10 };

static int exchange(struct team *t)
{
    struct err e = {0};
    int own = 10 + t->rank, all[RANKS] = {0};
    DEMAND(team_gather(t, &own, all, sizeof own, &e) == ATT_OK);
    for (int i = 0; i < t->size; i++) DEMAND(all[i] == 10 + i);
    own *= 2;
    DEMAND(team_share(t, &own, sizeof own, &e) == ATT_OK && own == 20);
    real x[NUMBERS], got[NUMBERS * RANKS];
    for (int i = 0; i < NUMBERS; i++) x[i] = (real)(100 * t->rank + i);
    const size_t first = team_slice(t, NUMBERS, t->rank),
                 slice = team_slice(t, NUMBERS, t->rank + 1) - first;
    DEMAND(team_scatter(t, x, NUMBERS, sizeof *x, got, &e) == ATT_OK);
    for (int i = 0, at = 0; i < t->size; i++)
        for (size_t j = 0; i != t->rank && j < slice; j++, at++)
            DEMAND(got[at] == (real)(100 * i + (int)(first + j)));
    DEMAND(team_collect(t, x, NUMBERS, sizeof *x, &e) == ATT_OK);
    for (int i = 0, k = 0; i < t->size; i++)
        for (; k < (int)team_slice(t, NUMBERS, i + 1); k++) DEMAND(x[k] == (real)(100 * i + k));
    return 0;
}

static void ranks_exchange(void **unused)
{
    (void)unused;
    run_ranks(2, exchange);
    run_ranks(3, exchange);
}

static void slices_cover_all(void **unused)
{
    (void)unused;
    for (int size = 1; size < 8; size++)
        for (size_t n = 0; n < 30; n++) {
            const struct team t = {.size = size};
            assert_int_equal(0, team_slice(&t, n, 0));
            assert_int_equal(n, team_slice(&t, n, size));
            for (int i = 0; i < size; i++) {
                const size_t one = team_slice(&t, n, i + 1) - team_slice(&t, n, i);
                assert_true(one >= n / (size_t)size && one <= n / (size_t)size + 1);
            }
        }
}

static int agree(struct team *t)
{
    struct host host = {.muted = true};
    struct err e = {0};
    DEMAND(team_agree(t, &host, ATT_OK, 7, &e) == ATT_OK);
    /* each sentence reaches all; the lowest rank's counts */
    const att_status own = t->rank == 0 ? ATT_OK : err_set(&e, ATT_IO, "the disk of %d", t->rank);
    DEMAND(team_agree(t, &host, own, 0, &e) == ATT_IO);
    DEMAND(t->rank == 1 || strstr(e.text, t->rank ? "the disk of 2" : "rank 1 on "));
    DEMAND(t->rank || strstr(e.text, ": the disk of 1"));
    err_clear(&e);
    DEMAND(team_agree(t, &host, ATT_OK, t->rank == 2, &e) == ATT_FAILED);
    DEMAND(strstr(e.text, "the weights of rank 2"));
    err_clear(&e);
    DEMAND(!host.stop);
    if (t->rank == 1) host.stop = 1;
    DEMAND(team_agree(t, &host, ATT_OK, 0, &e) == ATT_OK);
    DEMAND(host.stop == (t->rank < 2)); /* rank 0 stops the others by itself */
    host.stop = 0;
    host.lost = t->rank == 0;
    DEMAND(team_agree(t, &host, ATT_OK, 0, &e) == ATT_OK);
    DEMAND(!host.stop); /* what its lost lease stops ends with the lease */
    return 0;
}

static void ranks_agree(void **unused)
{
    (void)unused;
    run_ranks(3, agree);
}

static int one_dies(struct team *t)
{
    struct err e = {0};
    int own = 0, all[RANKS];
    if (t->rank == 1) raise(SIGKILL);
    DEMAND(team_gather(t, &own, all, sizeof own, &e) == ATT_IO);
    DEMAND(strstr(e.text, "rank 1 (process "));
    DEMAND(strstr(e.text, " has ended, so all ranks stop; "));
    DEMAND(t->lost && wire.abandoned == ATT_IO && t->speaks == (t->rank == 0));
    DEMAND(team_gather(t, &own, all, sizeof own, &e) == ATT_IO);
    return 0;
}

static void a_dead_rank_is_noticed(void **unused)
{
    (void)unused;
    run_ranks(3, one_dies);
}

/* Of different lengths. */
static int texts(struct team *t)
{
    struct err e = {0}, other = {0};
    json_t *own = json_array(), *all;
    for (int i = 0; i <= t->rank * 20; i++) json_array_append_new(own, json_real(.1 * i));
    DEMAND(team_meet_all(t, NULL, ATT_OK, 7, &e) == ATT_OK && t->met);
    DEMAND(team_meet_all(t, NULL, ATT_OK, t->rank == 2, &other) == ATT_DATA);
    DEMAND(strstr(other.text, "rank 2 on ") && strstr(other.text, " has other cases than rank 0 "));
    DEMAND(team_gather_json(t, own, &all, &e) == ATT_OK);
    DEMAND((int)json_array_size(all) == t->size);
    for (int i = 0; i < t->size; i++)
        DEMAND((int)json_array_size(json_array_get(all, (size_t)i)) == i * 20 + 1);
    DEMAND(json_equal(json_array_get(all, (size_t)t->rank), own));
    json_decref(own);
    json_decref(all);
    return 0;
}

static void values_are_gathered(void **unused)
{
    (void)unused;
    run_ranks(3, texts);
}

static void a_team_of_one_needs_no_wire(void **unused)
{
    (void)unused;
    int own = 5, all[1] = {0};
    struct err e = {0};
    assert_int_equal(1, team_size(NULL));
    assert_int_equal(0, team_rank(NULL));
    assert_int_equal(ATT_OK, team_gather(NULL, &own, all, sizeof own, &e));
    assert_int_equal(5, all[0]);
    assert_int_equal(ATT_OK, team_share(NULL, &own, sizeof own, &e));
    assert_int_equal(ATT_DATA, team_agree(NULL, NULL, ATT_DATA, 0, &e));
}

static void lone_processes_are_refused(void **unused)
{
    (void)unused;
    struct team t;
    struct err e = {0};
    wire.rank = 0;
    wire.size = 1;
    assert_int_equal(ATT_USAGE, team_join(&t, &sockets, 4, 1, &e));
    assert_string_equal(e.text,
        "the launcher started 4 processes, but MPI sees only one: each would do the same; use "
        "mpirun, or srun --mpi=pmix, or set `ranks` 1 for processes of their own");
    err_clear(&e);
    assert_int_equal(ATT_OK, team_join(&t, &sockets, 1, 1, &e));
    team_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_cover_all),
        cmocka_unit_test(ranks_exchange),
        cmocka_unit_test(ranks_agree),
        cmocka_unit_test(a_dead_rank_is_noticed),
        cmocka_unit_test(values_are_gathered),
        cmocka_unit_test(a_team_of_one_needs_no_wire),
        cmocka_unit_test(lone_processes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

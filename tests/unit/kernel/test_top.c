/* SPDX-License-Identifier: Apache-2.0 */
/* The largest of many numbers against sorting them. */
#include "unit/expect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "kernel/top.h"

enum { MOST = 3000, NONE = 255 };

struct entry {
    real x;
    int at;
};

/* The largest first, equal ones in order. */
static int by_size(const void *a, const void *b)
{
    const struct entry *p = a, *q = b;
    return p->x != q->x ? (p->x < q->x ? 1 : -1) : p->at - q->at;
}

static void check(const real *x, int n, double percent, int want)
{
    struct entry list[MOST];
    uint8_t label[MOST], out[MOST], sorted[MOST];
    memset(sorted, NONE, sizeof sorted);
    for (int i = 0; i < n; i++) {
        list[i] = (struct entry){x[i], i};
        label[i] = (uint8_t)(i % 7);
    }
    qsort(list, (size_t)n, sizeof *list, by_size);
    for (int i = 0; i < want; i++) sorted[list[i].at] = label[list[i].at];
    top_labels(x, label, (size_t)n, percent, NONE, out);
    assert_memory_equal(out, sorted, (size_t)n);
}

static void test_as_sorting(void **state)
{
    (void)state;
    real x[MOST];
    struct rng r = rng_stream(1, RNG_TEST, 0, 0);
    for (int trial = 0; trial < 60; trial++) {
        int n = 1 + (int)rng_below(&r, MOST),
            kinds = trial % 3 == 0 ? 5 : 1 << 20; /* many equal ones */
        double scale = trial % 2 ? 1e-30 : 40;
        for (int i = 0; i < n; i++) x[i] = (real)(scale * rng_below(&r, (uint32_t)kinds) / kinds);
        static const double percent[] = {0.01, 1, 10, 50, 99.9, 100};
        for (int k = 0; k < 6; k++) {
            int want = (int)(n * percent[k] / 100);
            check(x, n, percent[k], want ? want : 1);
        }
    }
}

static void test_edges(void **state)
{
    (void)state;
    const real none[] = {-1, -1, -1}, some[] = {-1, 0, -1, 0, 3, -1},
               odd[] = {5, (real)NAN, (real)INFINITY, -(real)NAN, -1};
    const uint8_t label[] = {1, 2, 3, 4, 5, 6};
    uint8_t out[6];
    top_labels(none, label, 3, 50, NONE, out);
    assert_memory_equal(out, ((uint8_t[]){NONE, NONE, NONE}), 3);
    top_labels(some, label, 6, 67, NONE, out); /* two of the three that count */
    assert_memory_equal(out, ((uint8_t[]){NONE, 2, NONE, NONE, 5, NONE}), 6);
    top_labels(some, label, 6, 100, NONE, out);
    assert_memory_equal(out, ((uint8_t[]){NONE, 2, NONE, 4, 5, NONE}), 6);
    top_labels(odd, label, 5, 50, NONE, out);
    assert_memory_equal(out, ((uint8_t[]){NONE, 2, NONE, 4, NONE}), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_sorting), cmocka_unit_test(test_edges)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

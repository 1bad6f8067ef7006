/* SPDX-License-Identifier: Apache-2.0 */
/* Random numbers: known answers of Philox4x32-10 (Random123's kat_vectors), streams, distributions.
 */
#include "unit/expect.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"

static void test_known_answers(void **state)
{
    (void)state;
    static const struct {
        uint32_t counter[4], key[2], out[4];
    } known[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff},
            {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0},
            {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        struct rng r = {.used = 4};
        memcpy(r.counter, known[k].counter, sizeof r.counter);
        memcpy(r.key, known[k].key, sizeof r.key);
        for (int i = 0; i < 4; i++) assert_int_equal(rng_u32(&r), known[k].out[i]);
        assert_int_equal(r.counter[0], known[k].counter[0] + 1);
    }
}

static void test_stream_is_its_name(void **state)
{
    (void)state;
    struct rng zero = rng_stream(0, 0, 0, 0);
    assert_int_equal(rng_u32(&zero), 0x6627e8d5);
    struct rng a = rng_stream(0x123456789abcdef0, RNG_INIT, 3, 4), b = a;
    assert_int_equal(a.key[0], 0x9abcdef0);
    assert_int_equal(a.key[1], 0x12345678);
    for (int i = 0; i < 100; i++) assert_int_equal(rng_u32(&a), rng_u32(&b));
    struct rng others[] = {rng_stream(1, 1, 1, 1), rng_stream(2, 1, 1, 1),
        rng_stream((uint64_t)1 << 32 | 1, 1, 1, 1), rng_stream(1, 2, 1, 1), rng_stream(1, 1, 2, 1),
        rng_stream(1, 1, 1, 2)};
    uint32_t first[6];
    for (int i = 0; i < 6; i++) {
        first[i] = rng_u32(&others[i]);
        for (int j = 0; j < i; j++) assert_int_not_equal(first[i], first[j]);
    }
}

static void test_blocks_are_the_stream(void **state)
{
    (void)state;
    struct rng r = rng_stream(77, RNG_TEST, 5, 6), other = r;
    uint32_t numbers[4 * 40], blocks[4 * 40 + 1];
    for (int i = 0; i < 160; i++) numbers[i] = rng_u32(&r);
    for (int first = 0; first < 20; first++)
        for (int n = 0; n < 20; n++) {
            blocks[4 * n] = 12345;
            rng_blocks(
                first % 2 ? &r : &other, (uint32_t)first, n, blocks); /* wherever it stands */
            assert_memory_equal(blocks, numbers + 4 * first, (size_t)n * 16);
            assert_int_equal(blocks[4 * n], 12345);
        }
}

static void test_uniform(void **state)
{
    (void)state;
    struct rng r = rng_stream(1, RNG_TEST, 0, 0);
    enum { N = 100000 };
    double sum = 0, squares = 0;
    for (int i = 0; i < N; i++) {
        double x = rng_range(&r, -2, 4);
        assert_true(x >= -2 && x < 4);
        sum += x;
        squares += x * x;
    }
    assert_true(fabs(sum / N - 1) < 0.03); /* 5 standard errors */
    assert_true(fabs(squares / N - sum / N * sum / N - 3) < 0.05);
    struct rng last = {.out = {0, 0xffffffff}, .used = 0};
    assert_true(rng_uniform(&last) == 0);
    assert_true(rng_uniform(&last) == 1 - 0x1p-32);
}

static void test_below(void **state)
{
    (void)state;
    struct rng r = rng_stream(2, RNG_TEST, 0, 0);
    int counts[7] = {0};
    for (int i = 0; i < 70000; i++) {
        uint32_t x = rng_below(&r, 7);
        assert_true(x < 7);
        counts[x]++;
    }
    for (int i = 0; i < 7; i++) assert_true(counts[i] > 9500 && counts[i] < 10500);
    for (int i = 0; i < 100; i++) assert_int_equal(rng_below(&r, 1), 0);
    /* n = 2^31 + 1: nearly half of the draws are refused; with them the lower half would come twice
     * as often. */
    int low = 0;
    for (int i = 0; i < 10000; i++) low += rng_below(&r, 0x80000001u) < 0x40000000u;
    assert_true(low > 4750 && low < 5250);
    /* By hand: for n = 3 a draw of 0 has product 0, low half 0 < 2^32 mod 3 = 1, so it is drawn
     * again. */
    struct rng fixed = {.out = {0, 0x55555556, 0xffffffff, 5}, .used = 0};
    assert_int_equal(rng_below(&fixed, 3), 1);
    assert_int_equal(fixed.used, 2);
    assert_int_equal(rng_below(&fixed, 3), 2);
}

static void test_normal(void **state)
{
    (void)state;
    struct rng r = rng_stream(3, RNG_TEST, 0, 0);
    enum { N = 200000 };
    double moment[5] = {0};
    int beyond = 0;
    for (int i = 0; i < N; i++) {
        double x = rng_normal(&r), power = 1;
        assert_true(isfinite(x));
        for (int k = 1; k <= 4; k++) moment[k] += (power *= x) / N;
        beyond += fabs(x) > 1.959963984540054;
    }
    assert_true(fabs(moment[1]) < 0.012);
    assert_true(fabs(moment[2] - 1) < 0.016);
    assert_true(fabs(moment[3]) < 0.045);
    assert_true(fabs(moment[4] - 3) < 0.12);
    assert_true(fabs(beyond / (double)N - 0.05) < 0.0025);
}

/* The formula with the C library's logarithm. */
static void test_normal_against_libm(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 1000; i++) {
        struct rng a = rng_stream(4, RNG_TEST, i, 0), b = a;
        double u, v, s;
        do {
            u = 2 * rng_uniform(&b) - 1;
            v = 2 * rng_uniform(&b) - 1;
            s = u * u + v * v;
        } while (s >= 1 || s <= 0);
        double expected = u * sqrt(-2 * log(s) / s), x = rng_normal(&a);
        assert_true(fabs(x - expected) <= 1e-14 * fabs(expected));
        assert_int_equal(a.counter[0], b.counter[0]);
    }
    /* The smallest s but 0, where the logarithm is longest. */
    struct rng tiny = {.out = {0x80000001, 0x80000000, 0, 0}, .used = 0};
    double u = 0x1p-31;
    assert_true(fabs(rng_normal(&tiny) - sqrt(-2 * log(u * u))) < 1e-13);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_answers),
        cmocka_unit_test(test_stream_is_its_name),
        cmocka_unit_test(test_blocks_are_the_stream),
        cmocka_unit_test(test_uniform),
        cmocka_unit_test(test_below),
        cmocka_unit_test(test_normal),
        cmocka_unit_test(test_normal_against_libm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

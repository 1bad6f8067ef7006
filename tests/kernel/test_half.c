/* SPDX-License-Identifier: Apache-2.0 */
/* Rounding to bfloat16: to the nearest, of two equally near the even one, in plain C and in every
 * vector's way; nothing that is not a number becomes one, nothing too large but infinity, and the
 * smallest numbers stay. */
#include "kernel_test.h"

/* The upper halves around a number; the nearer one, or the even one of two. */
static uint16_t nearest(float f)
{
    uint32_t u;
    memcpy(&u, &f, sizeof u);
    uint16_t low = (uint16_t)(u >> 16), high = (uint16_t)(low + 1);
    double at = (double)f, below = (double)half_read(low),
           above = (high & 0x7f80) == 0x7f80 ? copysign(0x1p128, at) : (double)half_read(high);
    double to_low = fabs(at - below), to_high = fabs(above - at);
    if (to_low != to_high) return to_low < to_high ? low : high;
    return low & 1 ? high : low;
}

/* All upper halves with lower ones around a tie. */
static size_t samples(float *f)
{
    static const uint16_t low[] = {0, 1, 0x7fff, 0x8000, 0x8001, 0xffff};
    size_t n = 0;
    for (uint32_t high = 0; high < 0x10000; high++)
        for (size_t i = 0; i < sizeof low / sizeof *low; i++) {
            uint32_t u = high << 16 | low[i];
            memcpy(&f[n++], &u, sizeof u);
        }
    return n;
}

enum { SAMPLES = 6 * 0x10000 };

static void plain(void **state)
{
    (void)state;
    float *f = malloc(SAMPLES * sizeof *f);
    assert_non_null(f);
    assert_int_equal(samples(f), SAMPLES);
    for (size_t i = 0; i < SAMPLES; i++) {
        uint16_t h = half_round(f[i]);
        if (isnan(f[i])) {
            assert_true(isnan(half_read(h)));
        } else if (isinf(f[i])) {
            assert_true(half_read(h) == f[i]);
        } else if (h != nearest(f[i]))
            fail_msg("%a becomes %a", (double)f[i], (double)half_read(h));
        if (!isnan(f[i])) assert_int_equal(half_round(half_read(h)), h);
    }
    free(f);
}

/* y = 1 * map writes every number of a planar map into all lanes. */
static void vectors(void **state)
{
    (void)state;
    struct job j = job_new("rounding", 1);
    const struct kernels *k;
    float *f = job_block(&j, SAMPLES * sizeof *f);
    uint16_t *y = job_block(&j, SAMPLES * LANES * sizeof *y);
    samples(f);
    struct shape s = {1, LANES, 1, 1, SAMPLES};
    struct tensor map = {f, {1, 1, 1, 1, SAMPLES}, 1, false},
                  t = {(real *)(void *)y, s, LANES, true};
    for (int isa = 0; (k = any_set(isa)); isa++) {
        for (size_t i = 0; i < SAMPLES * (size_t)LANES; i++) y[i] = half_round(1);
        job_enter(&j, k);
        k->gate(&t, &map, &t, NULL);
        job_leave(&j);
        for (size_t i = 0; i < SAMPLES * (size_t)LANES; i++) {
            uint16_t want = half_round(f[i / LANES]);
            if (y[i] != want && !(isnan(half_read(y[i])) && isnan(f[i / LANES])))
                fail_msg("%s: %a becomes %a", k->set->name, (double)f[i / LANES],
                    (double)half_read(y[i]));
        }
    }
    job_end(&j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(plain), cmocka_unit_test(vectors)};
    return cmocka_run_group_tests(tests, kernels_begin, kernels_end);
}

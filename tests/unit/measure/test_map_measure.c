/* SPDX-License-Identifier: Apache-2.0 */
/* Measures of maps against sums over all pairs of voxels, and areas against sorted values. */
#include "measure/map_measure.h"

#include <math.h>

#include "base/rng.h"
#include "dataset/labelling.h"
#include "unit/dataset/dataset_test.h"

enum { N = 700 };

struct trial {
    float map[N];
    uint8_t classes[N];
};

/* Few different values, so that many are equal; classes 0..2, some ignored. */
static struct trial make(uint64_t seed, unsigned values)
{
    struct trial t;
    struct rng r = rng_stream(seed, RNG_TEST, 0, 0);
    for (int i = 0; i < N; i++) {
        t.classes[i] = (uint8_t)(rng_below(&r, 4) == 0 ? 1 + rng_below(&r, 2) : 0);
        if (rng_below(&r, 20) == 0) t.classes[i] = LABELLING_IGNORE;
        t.map[i] =
            (float)rng_below(&r, values) / (float)values + (t.classes[i] == 2 ? 0.25F : 0.0F);
    }
    return t;
}

static double pairs(const struct trial *t)
{
    double max_int = 0, all = 0;
    for (int i = 0; i < N; i++)
        for (int k = 0; k < N; k++) {
            if (t->classes[i] == 0 || t->classes[i] == LABELLING_IGNORE || t->classes[k] != 0)
                continue;
            max_int += t->map[i] > t->map[k] ? 1 : t->map[i] == t->map[k] ? 0.5 : 0;
            all++;
        }
    return max_int / all;
}

static void assert_near(double a, double b, double limit)
{
    if (!(fabs(a - b) <= limit)) fail_msg("%.9g is not %.9g", a, b);
}

static void as_sums_over_voxels(void **state)
{
    (void)state;
    for (unsigned values = 1; values < 200; values += 22) {
        struct trial t = make(values, values);
        struct map_measure m;
        double sum[2] = {0}, entropy = 0;
        int count[2] = {0};
        OK(map_measure(t.map, t.classes, N, &m, &e));
        for (int i = 0; i < N; i++)
            if (t.classes[i] != LABELLING_IGNORE) {
                sum[t.classes[i] != 0] += (double)t.map[i];
                count[t.classes[i] != 0]++;
            }
        for (int i = 0; i < N; i++)
            if (t.classes[i] != LABELLING_IGNORE && t.map[i] > 0) {
                double p = (double)t.map[i] / (sum[0] + sum[1]);
                entropy -= p * log(p);
            }
        assert_near(m.auc, pairs(&t), 1e-12);
        assert_near(m.inside, sum[1] / count[1], 1e-9);
        assert_near(m.outside, sum[0] / count[0], 1e-9);
        assert_near(m.entropy, entropy / log(count[0] + count[1]), 1e-9);
    }
}

static int rising(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static void percentiles(void **state)
{
    (void)state;
    struct trial t = make(5, 100000);
    struct map_measure m;
    memset(t.classes, 0, sizeof t.classes);
    OK(map_measure(t.map, t.classes, N, &m, &e));
    qsort(t.map, N, sizeof *t.map, rising);
    assert_near(m.p1, (double)t.map[6], 3e-5);
    assert_near(m.p99, (double)t.map[692], 3e-5);
    assert_true(isnan(m.inside) && isnan(m.auc) && isfinite(m.outside));
}

static void what_has_no_number(void **state)
{
    (void)state;
    const uint8_t classes[4] = {0, 1, 0, LABELLING_IGNORE};
    struct map_measure m;
    OK(map_measure((const float[]){-1, 2, 0, 9}, classes, 4, &m, &e));
    assert_true(isnan(m.entropy)); /* of what has a sign */
    assert_near(m.auc, 1, 0);
    assert_near(m.inside, 2, 0);
    OK(map_measure((const float[]){0, 0, 0, 0}, classes, 4, &m, &e));
    assert_true(isnan(m.entropy));
    assert_near(m.auc, 0.5, 0);
    OK(map_measure((const float[]){3, 3, 3, 0}, classes, 4, &m, &e));
    assert_near(m.entropy, 1, 1e-12);
    REFUSED(
        map_measure((const float[]){0, NAN, 0, 0}, classes, 4, &m, &e), ATT_FAILED, "not finite");
}

/* The area holds the largest values, and of those at its edge a share from everywhere. */
static void areas(void **state)
{
    (void)state;
    for (unsigned values = 1; values < 100; values += 7)
        for (size_t wanted = 0; wanted <= N; wanted += 50)
            for (int largest = 0; largest < 2; largest++) {
                struct trial t = make(values, values);
                uint8_t area[N];
                float inner = largest ? INFINITY : -INFINITY, outer = -inner;
                size_t count = 0;
                OK(map_area(t.map, N, largest, wanted, area, &e));
                for (int i = 0; i < N; i++) {
                    count += area[i];
                    if (area[i]) inner = largest ? fminf(inner, t.map[i]) : fmaxf(inner, t.map[i]);
                    if (!area[i]) outer = largest ? fmaxf(outer, t.map[i]) : fminf(outer, t.map[i]);
                }
                assert_int_equal(count, wanted);
                assert_true(largest ? inner >= outer - 3e-5F : inner <= outer + 3e-5F); /* a bin */
            }
}

static void equals_are_spread(void **state)
{
    (void)state;
    static const float map[8] = {1, 1, 1, 1, 1, 1, 1, 1};
    uint8_t area[8];
    OK(map_area(map, 8, true, 4, area, &e));
    assert_memory_equal(area, ((const uint8_t[]){0, 1, 0, 1, 0, 1, 0, 1}), 8);
}

static void moved_areas_keep_their_shape(void **state)
{
    (void)state;
    const int size[3] = {3, 5, 7};
    uint8_t area[105] = {0}, moved[105];
    int different = 0;
    area[0] = area[1] = area[8] = area[40] = 1;
    for (uint32_t k = 0; k < 20; k++) {
        map_area_elsewhere(area, size, 1, k, 0, moved);
        bool found = false;
        for (int d = 0; d < 3; d++)
            for (int h = 0; h < 5; h++)
                for (int w = 0; w < 7; w++) {
                    bool same = true;
                    for (int i = 0; i < 105; i++) {
                        int at = ((i / 35 + d) % 3 * 5 + (i / 7 % 5 + h) % 5) * 7 + (i % 7 + w) % 7;
                        same = same && moved[at] == area[i];
                    }
                    found = found || same;
                }
        assert_true(found);
        different += memcmp(moved, area, sizeof area) != 0;
    }
    assert_true(different > 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_sums_over_voxels),
        cmocka_unit_test(percentiles), cmocka_unit_test(what_has_no_number),
        cmocka_unit_test(areas), cmocka_unit_test(equals_are_spread),
        cmocka_unit_test(moved_areas_keep_their_shape)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

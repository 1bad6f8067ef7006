/* SPDX-License-Identifier: Apache-2.0 */
/* Chosen tiles are in one cluster each, whose window has all that their own windows read; clusters
 * cost no more than single tiles. */
#include "policy/cluster.h"

#include "unit/policy/policy_test.h"

enum { TILES = 8 * 8 * 8 };

static struct tiling tiles_of(const int size[3], const int tile[3], const int halo[3])
{
    struct tiling t;
    struct err e = {0};
    assert_int_equal(tiling_make(size, tile, halo, &t, &e), ATT_OK);
    return t;
}

static void make(const struct tiling *t, const int *item, int n, int max, const int multiple[3],
    struct clusters *c)
{
    struct err e = {0};
    assert_int_equal(clusters_make(t, item, n, (int[3]){max, max, max}, multiple, c, &e), ATT_OK);
}

/* Four by four tiles of 8 voxels with a halo of 2, windows of multiples of 4: a tile reads 12 x 12,
 * two side by side 20 x 12, a square of four 20 x 20 = 400 voxels instead of 576. */
static void a_worked_example(void **state)
{
    (void)state;
    const struct tiling t = tiles_of((int[3]){1, 32, 30}, (int[3]){1, 8, 8}, (int[3]){0, 2, 2});
    const int multiple[3] = {1, 4, 4}, square[] = {5, 0, 15, 1, 4};
    struct clusters c;
    int origin[3], extent[3];
    make(&t, square, 5, 3, multiple, &c);
    assert_int_equal(c.count, 2);
    assert_memory_equal(c.list[0].from, ((int[3]){0, 3, 3}), sizeof c.list->from);
    assert_memory_equal(c.list[0].count, ((int[3]){1, 1, 1}), sizeof c.list->count);
    assert_memory_equal(c.list[1].from, ((int[3]){0, 0, 0}), sizeof c.list->from);
    assert_memory_equal(c.list[1].count, ((int[3]){1, 2, 2}), sizeof c.list->count);
    assert_memory_equal(c.begin, ((int[]){0, 1, 5}), 3 * sizeof *c.begin);
    assert_memory_equal(c.tile, ((int[]){15, 0, 1, 4, 5}), 5 * sizeof *c.tile);
    near(clusters_voxels(&t, &c, multiple), 144 + 400, 0, "voxels");
    cluster_window(&t, &c.list[0], multiple, origin, extent);
    assert_memory_equal(origin, ((int[3]){0, 20, 18}), sizeof origin); /* moved into the image */
    assert_memory_equal(extent, ((int[3]){1, 12, 12}), sizeof extent);
    cluster_window(&t, &c.list[1], multiple, origin, extent);
    assert_memory_equal(origin, ((int[3]){0, 0, 0}), sizeof origin);
    assert_memory_equal(extent, ((int[3]){1, 20, 20}), sizeof extent);
    clusters_free(&c);
    make(&t, square, 5, 1, multiple, &c); /* each its own */
    assert_int_equal(c.count, 5);
    near(clusters_voxels(&t, &c, multiple), 5 * 144, 0, "voxels");
    clusters_free(&c);
    make(&t, square, 0, 3, multiple, &c);
    assert_int_equal(c.count, 0);
    clusters_free(&c);
    int all[16];
    for (int i = 0; i < 16; i++) all[i] = 15 - i;
    make(&t, all, 16, 4, multiple, &c); /* no longer than the image */
    assert_int_equal(c.count, 1);
    near(clusters_voxels(&t, &c, multiple), 32 * 32, 0, "voxels");
    clusters_free(&c);
}

/* An image that is smaller than a window lies in its middle, however many tiles. */
static void of_a_small_image(void **state)
{
    (void)state;
    const struct tiling t = tiles_of((int[3]){1, 10, 9}, (int[3]){1, 8, 8}, (int[3]){0, 4, 4});
    struct clusters c;
    int origin[3], extent[3];
    make(&t, (int[]){0, 1, 2, 3}, 4, 2, (int[3]){1, 4, 4}, &c);
    assert_int_equal(c.count, 1);
    cluster_window(&t, &c.list[0], (int[3]){1, 4, 4}, origin, extent);
    assert_memory_equal(origin, ((int[3]){0, -3, -3}), sizeof origin);
    assert_memory_equal(extent, ((int[3]){1, 16, 16}), sizeof extent);
    clusters_free(&c);
}

struct random_case {
    struct tiling t;
    int multiple[3], item[TILES], n, max;
};

static void draw(struct rng *r, struct random_case *x)
{
    int size[3], tile[3], halo[3];
    for (int a = 0; a < 3; a++) {
        x->multiple[a] = 1 << rng_below(r, 3);
        tile[a] = 2 + (int)rng_below(r, 7);
        halo[a] = (int)rng_below(r, 6);
        while ((tile[a] + 2 * halo[a]) % x->multiple[a]) tile[a]++;
        size[a] = 1 + (int)rng_below(r, (uint32_t)(6 * tile[a]));
    }
    x->t = tiles_of(size, tile, halo);
    x->max = 1 + (int)rng_below(r, 4);
    const uint32_t share = 1 + rng_below(r, 10);
    x->n = 0;
    for (int i = 0; i < x->t.count; i++)
        if (rng_below(r, 10) < share) x->item[x->n++] = i;
}

static bool in_box(const struct cluster *c, const int at[3])
{
    bool all = true;
    for (int a = 0; a < 3; a++)
        all = all && at[a] >= c->from[a] && at[a] < c->from[a] + c->count[a];
    return all;
}

/* What a tile's own window reads of the image is in its cluster's, and the window fits the network.
 */
static void assert_window(const struct random_case *x, const struct cluster *c, int tile)
{
    const struct cluster one = cluster_single(&x->t, tile);
    int origin[3], extent[3], from[3], length[3];
    cluster_window(&x->t, c, x->multiple, origin, extent);
    cluster_window(&x->t, &one, x->multiple, from, length);
    for (int a = 0; a < 3; a++) {
        const int size = x->t.size[a],
                  end = from[a] + length[a] < size ? from[a] + length[a] : size;
        assert_true(extent[a] % x->multiple[a] == 0 && extent[a] >= length[a] &&
            length[a] == x->t.tile[a] + 2 * x->t.halo[a]);
        assert_true(origin[a] <= (from[a] > 0 ? from[a] : 0) && origin[a] + extent[a] >= end);
        if (size >= extent[a]) assert_true(origin[a] >= 0 && origin[a] + extent[a] <= size);
    }
}

static double cost(const struct random_case *x, const struct cluster *c)
{
    int origin[3], extent[3];
    cluster_window(&x->t, c, x->multiple, origin, extent);
    return (double)extent[0] * extent[1] * extent[2];
}

/* No two neighbours would cost less together. */
static void assert_settled(const struct random_case *x, const struct clusters *c)
{
    for (int i = 0; i < c->count; i++)
        for (int j = 0; j < i; j++) {
            const struct cluster *p = &c->list[i], *q = &c->list[j];
            struct cluster both;
            bool close = true, fits = true;
            for (int a = 0; a < 3; a++) {
                const int from = p->from[a] < q->from[a] ? p->from[a] : q->from[a];
                const int one = p->from[a] + p->count[a], two = q->from[a] + q->count[a],
                          end = one > two ? one : two;
                both.from[a] = from;
                both.count[a] = end - from;
                fits = fits && both.count[a] <= x->max;
                close = close && p->from[a] <= two && q->from[a] <= one;
            }
            if (close && fits) assert_true(cost(x, &both) >= cost(x, p) + cost(x, q));
        }
}

static void any_choice(void **state)
{
    (void)state;
    struct rng r = rng_stream(5, RNG_TEST, 0, 0);
    static struct random_case x;
    int joined = 0;
    for (int round = 0; round < 400; round++) {
        struct clusters c, again;
        draw(&r, &x);
        make(&x.t, x.item, x.n, x.max, x.multiple, &c);
        bool met[TILES] = {false};
        int one[3] = {0};
        assert_true(c.begin[0] == 0 && c.begin[c.count] == x.n);
        for (int k = 0; k < c.count; k++)
            for (int i = c.begin[k]; i < c.begin[k + 1]; i++) {
                int at[3];
                tiling_place(&x.t, c.tile[i], at);
                assert_true(
                    in_box(&c.list[k], at) && (i == c.begin[k] || c.tile[i] > c.tile[i - 1]));
                assert_window(&x, &c.list[k], c.tile[i]);
                met[c.tile[i]] = true;
            }
        for (int i = 0; i < x.n; i++) assert_true(met[x.item[i]]);
        double sum = 0;
        for (int k = 0; k < c.count; k++) {
            assert_true(c.begin[k + 1] > c.begin[k]);
            for (int a = 0; a < 3; a++) assert_in_range(c.list[k].count[a], 1, x.max);
            sum += cost(&x, &c.list[k]);
        }
        near(clusters_voxels(&x.t, &c, x.multiple), sum, 0, "voxels");
        for (int a = 0; a < 3; a++) one[a] = x.t.tile[a] + 2 * x.t.halo[a];
        assert_true(sum <= (double)x.n * one[0] * one[1] * one[2]);
        assert_settled(&x, &c);
        joined += x.n - c.count;
        for (int i = 0; i < x.n / 2; i++) { /* the order of the choice does not matter */
            const int swap = x.item[i];
            x.item[i] = x.item[x.n - 1 - i];
            x.item[x.n - 1 - i] = swap;
        }
        make(&x.t, x.item, x.n, x.max, x.multiple, &again);
        assert_int_equal(again.count, c.count);
        assert_memory_equal(again.list, c.list, (size_t)c.count * sizeof *c.list);
        assert_memory_equal(again.begin, c.begin, (size_t)(c.count + 1) * sizeof *c.begin);
        assert_memory_equal(again.tile, c.tile, (size_t)x.n * sizeof *c.tile);
        clusters_free(&c);
        clusters_free(&again);
    }
    assert_true(joined > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_worked_example),
        cmocka_unit_test(of_a_small_image),
        cmocka_unit_test(any_choice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

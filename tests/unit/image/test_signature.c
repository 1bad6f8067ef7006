/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures of images: what changes them and what does not; and finding those that are alike. */
#include <math.h>

#include "base/rng.h"
#include "dataset/duplicates.h"
#include "image/signature.h"
#include "unit/dataset/dataset_test.h"

/* A smooth pattern of `kind`, on a grid of any size. */
static void paint(struct image *m, int kind)
{
    const int *n = m->size;
    m->data = mem_array(image_voxels(n) * (size_t)m->channels, sizeof *m->data);
    size_t at = 0;
    for (int c = 0; c < m->channels; c++)
        for (int d = 0; d < n[0]; d++)
            for (int h = 0; h < n[1]; h++)
                for (int w = 0; w < n[2]; w++) {
                    double x = (w + .5) / n[2], y = (h + .5) / n[1], z = (d + .5) / n[0];
                    m->data[at++] =
                        (float)(sin((7 + 5 * kind) * x + 3 * z) * cos((11 - 3 * kind) * y + 4 * z) +
                            .3 * sin(23 * x * y + kind));
                }
}

static float likeness(const struct image *a, const struct image *b, bool flat)
{
    static float x[SIGNATURE_SIDE_3D * SIGNATURE_SIDE_3D * SIGNATURE_SIDE_3D],
        y[SIGNATURE_SIDE_3D * SIGNATURE_SIDE_3D * SIGNATURE_SIDE_3D];
    OK(signature_take(a, flat, x, &e));
    OK(signature_take(b, flat, y, &e));
    return signature_likeness(x, y, signature_length(flat));
}

static void size_brightness_and_contrast_do_not_count(void **state)
{
    struct image a = {.channels = 1, .size = {1, 200, 150}},
                 b = {.channels = 3, .size = {1, 97, 131}},
                 c = {.channels = 1, .size = {1, 97, 131}};
    (void)state;
    paint(&a, 0);
    paint(&b, 0);
    paint(&c, 1);
    for (size_t i = 0; i < image_voxels(b.size) * 3; i++)
        b.data[i] = 50 - 20 * b.data[i]; /* inverted, too */
    assert_true(likeness(&a, &a, true) > .99999F);
    assert_true(likeness(&a, &b, true) < -.99F);
    assert_true(fabsf(likeness(&a, &c, true)) < .6F);
    struct image small = {.channels = 1, .size = {1, 3, 2}},
                 even = {.channels = 1, .size = {1, 40, 40}};
    paint(&small, 0);
    even.data = mem_array(1600, sizeof *even.data);
    for (int i = 0; i < 1600; i++) even.data[i] = 7.1F;
    assert_true(likeness(&small, &small, true) > .99F); /* grids finer than the image */
    assert_true(likeness(&even, &even, true) == 0);     /* nothing to see */
    struct image volume = {.channels = 1, .size = {5, 30, 31}},
                 other = {.channels = 1, .size = {23, 61, 20}};
    paint(&volume, 0);
    paint(&other, 0);
    assert_true(likeness(&volume, &other, false) > .9F);
    struct image *all[] = {&a, &b, &c, &small, &even, &volume, &other};
    for (int i = 0; i < COUNT(all); i++) image_free(all[i]);
}

/* Random signatures, of which some are copies with noise or mirror images. */
static void pairs_are_found(void **state)
{
    enum { N = 300, LENGTH = SIGNATURE_SIDE * SIGNATURE_SIDE };
    float *x = mem_array(N * LENGTH, sizeof *x);
    struct duplicate *list, *again;
    int count, more;
    (void)state;
    struct rng r = rng_stream(1, 0, 0, 0);
    for (int i = 0; i < N * LENGTH; i++) x[i] = (float)(rng_uniform(&r) - .5) / (.5774F * 8);
    for (int i = 0; i < LENGTH; i++)
        x[290 * LENGTH + i] = x[3 * LENGTH + i] + .2F * x[4 * LENGTH + i];
    for (int k = 0; k < LENGTH; k++) /* a mirror image */
        x[41 * LENGTH + k] = x[40 * LENGTH + (k | (SIGNATURE_SIDE - 1)) - k % SIGNATURE_SIDE];
    memcpy(x + 7 * LENGTH, x + 290 * LENGTH, LENGTH * sizeof *x);
    struct pool *pool = pool_create(3);
    OK(duplicates_find(x, N, true, NULL, &list, &count, &e));
    OK(duplicates_find(x, N, true, pool, &again, &more, &e));
    assert_int_equal(count, 3);
    assert_int_equal(more, 3);
    static const int pairs[][2] = {{3, 7}, {7, 290}, {40, 41}}; /* 290 is nearer to 7 than to 3 */
    for (int i = 0; i < 3; i++) {
        assert_int_equal(list[i].a, pairs[i][0]);
        assert_int_equal(list[i].b, pairs[i][1]);
        assert_int_equal(list[i].mirrored, i == 2);
        assert_int_equal(again[i].a, list[i].a);
        assert_int_equal(again[i].b, list[i].b);
        assert_int_equal(again[i].mirrored, list[i].mirrored);
        assert_true(again[i].likeness == list[i].likeness);
    }
    static const int held[] = {0, 1, 2, 2, 4, 5, 6, 7};
    int out[8];
    const struct duplicate linked[] = {{1, 6, 1, false}, {3, 6, 1, false}};
    assert_int_equal(duplicates_groups(linked, 2, held, 8, out), 5);
    static const int wanted[] = {0, 1, 1, 1, 2, 3, 1, 4};
    assert_memory_equal(out, wanted, sizeof out);
    assert_int_equal(duplicates_groups(NULL, 0, NULL, 8, out), 8);
    pool_destroy(pool);
    mem_free(list);
    mem_free(again);
    mem_free(x);
}

/* Two kinds of many images, and a chain of which only neighbours are similar. */
static void many_similar_images_give_few_pairs(void **state)
{
    enum { N = 600, KINDS = 2, LENGTH = SIGNATURE_SIDE * SIGNATURE_SIDE };
    static float unit[KINDS + 3][LENGTH];
    float *x = mem_array((size_t)N * LENGTH, sizeof *x);
    struct duplicate *list;
    int count, out[N], kept = 0;
    (void)state;
    struct rng r = rng_stream(2, 0, 0, 0);
    for (int k = 0; k < KINDS + 3; k++)
        for (int i = 0; i < LENGTH; i++) unit[k][i] = (float)(rng_uniform(&r) - .5) / (.5774F * 8);
    for (int n = 0; n < N - 3; n++)
        for (int i = 0; i < LENGTH; i++)
            x[n * LENGTH + i] =
                unit[n % KINDS][i] * (1 - .01F * (float)(n % 7)) + .01F * unit[2 + n % 3][i];
    for (int k = 0; k < 3; k++) /* angles of 0, 35 and 70 degrees */
        for (int i = 0; i < LENGTH; i++)
            x[(N - 3 + k) * LENGTH + i] =
                cosf((float)k * .61F) * unit[KINDS][i] + sinf((float)k * .61F) * unit[KINDS + 1][i];
    OK(duplicates_find(x, N, true, NULL, &list, &count, &e));
    assert_int_equal(count, N - 3); /* one for each but the first of a kind, and of the chain */
    assert_int_equal(duplicates_groups(list, count, NULL, N, out), 3);
    for (int n = 0; n < N - 3; n++) kept += out[n] == n % KINDS;
    assert_int_equal(kept, N - 3);
    assert_int_equal(out[N - 3], 2);
    assert_int_equal(out[N - 1], 2);
    mem_free(list);
    mem_free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(size_brightness_and_contrast_do_not_count),
        cmocka_unit_test(pairs_are_found), cmocka_unit_test(many_similar_images_give_few_pairs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

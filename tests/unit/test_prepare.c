/* SPDX-License-Identifier: Apache-2.0 */
/* Images on their way into a network: normalised channel by channel, brought to the grid that the model asks for. */
#include "model/prepare.h"

#include <math.h>

#include "dataset_test.h"

static struct image make_image(int channels, int d, int h, int w)
{
    struct image m = {.channels = channels, .size = {d, h, w}};
    m.data = mem_array(image_voxels(m.size), (size_t)channels * sizeof *m.data);
    for (int i = 0; i < 3; i++) {
        m.geometry.spacing[i] = (float)(1 + i);
        m.geometry.affine[i][i] = 1 + i;
    }
    for (size_t i = 0; i < image_voxels(m.size) * (size_t)channels; i++) m.data[i] = (float)i;
    return m;
}

static void the_grid_is_the_image_s_own_or_the_model_s(void **state)
{
    (void)state;
    static const struct {
        int resize[3], wanted[3];
    } list[] = {
        {{0, 0, 0}, {7, 20, 30}},
        {{4, 16, 24}, {4, 16, 24}},
        {{1, 16, 24}, {7, 16, 24}}, /* in the plane only: slices stay as many as they are */
    };
    for (int k = 0; k < COUNT(list); k++) {
        struct preparation p = {.channels = 1};
        struct image m = make_image(1, 7, 20, 30);
        struct placed where;
        memcpy(p.resize, list[k].resize, sizeof p.resize);
        OK(prepare_image(&p, &m, NULL, &where, &e));
        assert_memory_equal(m.size, list[k].wanted, sizeof m.size);
        assert_memory_equal(where.size, list[k].wanted, sizeof m.size);
        assert_int_equal(prepare_moves(&where), k > 0);
        image_free(&m);
    }
}

/* Channels have schemes of their own; without resizing nothing is allocated, and the geometry is left alone. */
static void channels_are_normalised_each_in_its_way(void **state)
{
    (void)state;
    struct image m = make_image(3, 1, 2, 2);
    float *data = m.data;
    struct geometry before = m.geometry;
    struct preparation p = {.channels = 3};
    p.normalise[0].scheme = NORMALISE_ZSCORE;
    p.normalise[1] = (struct normalise){NORMALISE_CT, 5, 6, 4, 2};
    p.normalise[2].scheme = NORMALISE_NONE;
    OK(prepare_image(&p, &m, NULL, NULL, &e));
    /* 0..3: mean 1.5, deviation sqrt(1.25); 4..7 cut to 5..6, less 4, halved. */
    static const double wanted[] = {-1.3416407865, -.4472135955, .4472135955, 1.3416407865, .5, .5, 1, 1, 8, 9, 10, 11};
    assert_true(m.data == data);
    for (int i = 0; i < 12; i++) assert_true(fabs((double)m.data[i] - wanted[i]) < 1e-6);
    assert_memory_equal(&m.geometry, &before, sizeof before);
    image_free(&m);
}

/* Normalised first, then resized: statistics are those of the samples in the file. */
static void resized_after_normalising(void **state)
{
    (void)state;
    struct image m = make_image(2, 2, 1, 4);
    struct preparation p = {.channels = 2, .resize = {2, 1, 8}};
    p.normalise[0].scheme = NORMALISE_NONE;
    p.normalise[1].scheme = NORMALISE_MINMAX01;
    OK(prepare_image(&p, &m, NULL, NULL, &e));
    assert_true(m.size[0] == 2 && m.size[1] == 1 && m.size[2] == 8);
    /* Places -1/4 (clamped), 1/4, 3/4, ..., 3 (clamped) of 0..3. */
    static const double line[] = {0, .25, .75, 1.25, 1.75, 2.25, 2.75, 3};
    for (int c = 0; c < 2; c++)
        for (int d = 0; d < 2; d++)
            for (int w = 0; w < 8; w++) {
                double wanted = line[w] + 4 * d;
                assert_true(fabs((double)m.data[(c * 2 + d) * 8 + w] - (c ? wanted / 7 : wanted)) < 1e-6);
            }
    image_free(&m);
}

static void slices_stay_slices(void **state)
{
    (void)state;
    struct image m = make_image(1, 3, 2, 2);
    for (int i = 0; i < 12; i++) m.data[i] = (float)(i / 4); /* every slice has one value */
    struct preparation p = {.channels = 1, .resize = {1, 4, 6}};
    p.normalise[0].scheme = NORMALISE_NONE;
    OK(prepare_image(&p, &m, NULL, NULL, &e));
    assert_true(m.size[0] == 3 && m.size[1] == 4 && m.size[2] == 6);
    for (int i = 0; i < 3 * 24; i++) assert_true(m.data[i] == (float)(i / 24));
    image_free(&m);
}

static void any_number_of_threads_prepares_the_same(void **state)
{
    (void)state;
    struct preparation p = {.channels = 2, .resize = {9, 31, 17}};
    struct image a = make_image(2, 5, 13, 20), b = make_image(2, 5, 13, 20);
    struct pool *pool = pool_create(3);
    OK(prepare_image(&p, &a, NULL, NULL, &e));
    OK(prepare_image(&p, &b, pool, NULL, &e));
    assert_memory_equal(a.data, b.data, 2 * 9 * 31 * 17 * sizeof(float));
    pool_destroy(pool);
    image_free(&a);
    image_free(&b);
}

static void other_channels_are_refused(void **state)
{
    (void)state;
    struct image m = make_image(3, 1, 2, 2);
    struct preparation p = {.channels = 1};
    REFUSED(prepare_image(&p, &m, NULL, NULL, &e), ATT_DATA, "the image has 3 channels, and the model was trained on 1");
    image_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_grid_is_the_image_s_own_or_the_model_s),
        cmocka_unit_test(channels_are_normalised_each_in_its_way),
        cmocka_unit_test(resized_after_normalising),
        cmocka_unit_test(slices_stay_slices),
        cmocka_unit_test(any_number_of_threads_prepares_the_same),
        cmocka_unit_test(other_channels_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

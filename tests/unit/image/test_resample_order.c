/* SPDX-License-Identifier: Apache-2.0 */
/* Resampling as nnU-Net does it: numbers of scikit-image and scipy, frozen by
 * tools/fixtures/make_resample_fixture.py. */
#include <math.h>

#include "image/nonzero.h"
#include "image/resample.h"
#include "unit/format/format_test.h"

enum { MOST = 4096 };

static uint32_t number(size_t i)
{
    uint32_t n = (uint32_t)(i + 1) * 2654435761u;
    n = (n ^ n >> 15) * 2246822519u;
    return n ^ n >> 13;
}

struct frozen {
    char kind[16];
    int order, thick_axis, in[3], out[3];
    double y[MOST];
};

static bool next_case(FILE *f, struct frozen *c)
{
    int n = fscanf(f, "%15s %d %d %d %d %d %d %d %d", c->kind, &c->order, &c->thick_axis, &c->in[0],
        &c->in[1], &c->in[2], &c->out[0], &c->out[1], &c->out[2]);
    if (n != 9) return false;
    assert_true(image_voxels(c->in) <= MOST && image_voxels(c->out) <= MOST);
    for (size_t i = 0; i < image_voxels(c->out); i++)
        assert_int_equal(fscanf(f, "%lf", &c->y[i]), 1);
    return true;
}

static void check_image(const struct frozen *c, struct pool *pool)
{
    float x[MOST], y[MOST];
    for (size_t i = 0; i < image_voxels(c->in); i++) x[i] = (float)(number(i) / 4194304.0 - 500);
    OK(resample_order(x, 1, c->in, y, c->out, c->order, c->thick_axis, pool, &e));
    for (size_t i = 0; i < image_voxels(c->out); i++)
        if (!(fabs((double)y[i] - c->y[i]) < 2e-4)) /* of a range of 1000 */
            fail_msg("order %d of %dx%dx%d, number %zu: %.9g, not %.9g", c->order, c->in[0],
                c->in[1], c->in[2], i, (double)y[i], c->y[i]);
}

static void check_classes(const struct frozen *c, struct pool *pool)
{
    uint8_t x[MOST], y[MOST];
    for (size_t i = 0; i < image_voxels(c->in); i++) x[i] = (uint8_t)(number(i) >> 30);
    OK(resample_classes(x, c->in, y, c->out, c->thick_axis, pool, &e));
    for (size_t i = 0; i < image_voxels(c->out); i++)
        if (y[i] != c->y[i])
            fail_msg("classes of %dx%dx%d, number %zu: %d, not %g", c->in[0], c->in[1], c->in[2], i,
                y[i], c->y[i]);
}

static void check_mask(const struct frozen *c)
{
    float x[2 * MOST] = {0};
    uint8_t inside[MOST];
    struct image m = {.channels = 2, .size = {c->in[0], c->in[1], c->in[2]}, .data = x};
    size_t voxels = image_voxels(c->in), filled = 0, set = 0;
    for (size_t i = 0; i < voxels; i++) x[i % 3 ? i : voxels + i] = (float)(number(i) >> 30);
    OK(nonzero_mask(&m, inside, &e));
    for (size_t i = 0; i < voxels; i++) {
        assert_int_equal(inside[i], (int)c->y[i]);
        set += (number(i) >> 30) > 0;
        filled += inside[i];
    }
    assert_true(c->in[0] == 1 ? filled == set : filled > set);
}

static void as_frozen(struct pool *pool)
{
    char *path = mem_text("%s/tests/fixtures/resample/order.txt", TEST_SOURCE_DIR);
    FILE *f = fopen(path, "r");
    int count = 0;
    assert_non_null(f);
    static struct frozen c;
    for (; next_case(f, &c); count++) {
        if (!strcmp(c.kind, "image")) check_image(&c, pool);
        if (!strcmp(c.kind, "classes")) check_classes(&c, pool);
        if (!strcmp(c.kind, "mask")) check_mask(&c);
    }
    assert_int_equal(count, 16);
    fclose(f);
    mem_free(path);
}

static void nnu_net_s_numbers(void **state)
{
    (void)state;
    as_frozen(NULL);
}

static void nnu_net_s_numbers_on_three_threads(void **state)
{
    (void)state;
    struct pool *pool = pool_create(3);
    as_frozen(pool);
    pool_destroy(pool);
}

/* Large enough for many tasks. */
static void any_number_of_threads(void **state)
{
    (void)state;
    static const int in[] = {23, 81, 67}, out[] = {31, 50, 90};
    size_t from = image_voxels(in), to = image_voxels(out);
    float *x = mem_array(2 * from, sizeof *x), *one = mem_array(2 * to, sizeof *one),
          *many = mem_array(2 * to, sizeof *many);
    uint8_t *classes = mem_alloc(from), *a = mem_alloc(to), *b = mem_alloc(to);
    struct pool *pool = pool_create(3);
    for (size_t i = 0; i < 2 * from; i++) x[i] = (float)(number(i) >> 20);
    for (size_t i = 0; i < from; i++) classes[i] = (uint8_t)(number(i) >> 30);
    for (int order = 1; order < 4; order += 2)
        for (int thick_axis = -1; thick_axis < 3; thick_axis++) {
            OK(resample_order(x, 2, in, one, out, order, thick_axis, NULL, &e));
            OK(resample_order(x, 2, in, many, out, order, thick_axis, pool, &e));
            assert_memory_equal(one, many, 2 * to * sizeof *one);
            OK(resample_classes(classes, in, a, out, thick_axis, NULL, &e));
            OK(resample_classes(classes, in, b, out, thick_axis, pool, &e));
            assert_memory_equal(a, b, to);
        }
    pool_destroy(pool);
    mem_free(x);
    mem_free(one);
    mem_free(many);
    mem_free(classes);
    mem_free(a);
    mem_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nnu_net_s_numbers),
        cmocka_unit_test(nnu_net_s_numbers_on_three_threads),
        cmocka_unit_test(any_number_of_threads),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

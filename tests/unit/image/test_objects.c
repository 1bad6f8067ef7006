/* SPDX-License-Identifier: Apache-2.0 */
/* Objects become classes and come back as objects. */
#include "image/objects.h"

#include <limits.h>

#include "base/rng.h"
#include "unit/dataset/dataset_test.h"

enum { MOST = 8192 };

/* Rows of a picture as digits. */
static void read_rows(const char *rows, uint16_t *number, uint8_t *classes)
{
    for (size_t i = 0; rows[i]; i++) {
        if (number) number[i] = (uint16_t)(rows[i] - '0');
        if (classes) classes[i] = (uint8_t)(rows[i] - '0');
    }
}

static void objects_that_touch_get_a_border(void **state)
{
    (void)state;
    const int size[3] = {1, 5, 8};
    uint16_t number[40];
    uint8_t expected[40], classes[40];
    read_rows("11133330"
              "11133330"
              "11133330"
              "11133330"
              "11100000",
        number, NULL);
    read_rows("11221120"
              "11221120"
              "11221120"
              "11222220"
              "11200000",
        NULL, expected);
    OK(objects_to_classes(number, size, classes, &e));
    for (int i = 0; i < 40; i++)
        if (classes[i] != expected[i]) fail_msg("voxel %d is %d", i, classes[i]);
}

/* Alone, along another object, between two, and in the corner of a larger one. */
static void thin_objects_have_an_inside(void **state)
{
    (void)state;
    const int size[3] = {1, 6, 8};
    uint16_t number[48], again[48];
    uint8_t expected[48], classes[48];
    int count;
    read_rows("11000002"
              "11033000"
              "00044000"
              "00055000"
              "66600000"
              "66670008",
        number, NULL);
    read_rows("12000001"
              "22012000"
              "00022000"
              "00012000"
              "22200000"
              "11210001",
        NULL, expected);
    OK(objects_to_classes(number, size, classes, &e));
    for (int i = 0; i < 48; i++)
        if (classes[i] != expected[i]) fail_msg("voxel %d is %d", i, classes[i]);
    OK(objects_from_classes(classes, size, 1, again, &count, &e));
    assert_int_equal(count, 7); /* the one between two has no room */
}

/* A picture of classes becomes a picture of numbers. */
static void become(const char *from, int64_t smallest, const char *to, int objects)
{
    const int size[3] = {1, 4, 8};
    uint16_t expected[32], number[32];
    uint8_t classes[32];
    int count;
    read_rows(from, NULL, classes);
    read_rows(to, expected, NULL);
    OK(objects_from_classes(classes, size, smallest, number, &count, &e));
    assert_int_equal(count, objects);
    for (int i = 0; i < 32; i++)
        if (number[i] != expected[i]) fail_msg("voxel %d is %d", i, number[i]);
}

static void insides_grow_until_they_meet(void **state)
{
    (void)state;
    become("12222221"
           "12222221"
           "00000000"
           "02200022",
        0,
        "11112222"
        "11112222"
        "00000000"
        "03300044",
        4);
}

/* A piece of an inside that is too small joins what grows over it, or goes. */
static void small_pieces_are_no_objects(void **state)
{
    (void)state;
    become("11122122"
           "11122222"
           "00000000"
           "21200222",
        2,
        "11111111"
        "11111111"
        "00000000"
        "00000000",
        1);
}

/* Whatever the shapes, insides of two objects never share a face, an edge or a corner. */
static void insides_lie_apart(void **state)
{
    (void)state;
    static const int sizes[][3] = {{1, 60, 70}, {14, 15, 16}};
    static uint16_t number[MOST];
    static uint8_t classes[MOST];
    int insides = 0;
    for (int s = 0; s < COUNT(sizes); s++)
        for (uint32_t seed = 0; seed < 20; seed++) {
            const int *size = sizes[s], voxels = size[0] * size[1] * size[2];
            struct rng r = rng_stream(5, RNG_TEST, (uint32_t)s, seed);
            int centre[6][3];
            for (int k = 0; k < 18; k++)
                centre[k / 3][k % 3] = (int)rng_below(&r, (uint32_t)size[k % 3]);
            for (int i = 0; i < voxels; i++) { /* of the nearest centre, or background */
                const int at[3] = {i / size[2] / size[1], i / size[2] % size[1], i % size[2]};
                int best = 0, nearest = INT_MAX;
                for (int k = 0; k < 6; k++) {
                    int far = 0;
                    for (int a = 0; a < 3; a++)
                        far += (at[a] - centre[k][a]) * (at[a] - centre[k][a]);
                    if (far < nearest) best = k;
                    if (far < nearest) nearest = far;
                }
                number[i] = (uint16_t)best;
            }
            OK(objects_to_classes(number, size, classes, &e));
            for (int i = 0; i < 27 * voxels; i++) {
                const int v = i / 27, by[3] = {i % 27 / 9 - 1, i % 9 / 3 - 1, i % 3 - 1};
                const int d = v / size[2] / size[1] + by[0], h = v / size[2] % size[1] + by[1],
                          w = v % size[2] + by[2];
                if (classes[v] != OBJECT_INSIDE || d < 0 || d >= size[0] || h < 0 || h >= size[1] ||
                    w < 0 || w >= size[2])
                    continue;
                const int next = (d * size[1] + h) * size[2] + w;
                insides++;
                if (classes[next] == OBJECT_INSIDE) assert_int_equal(number[v], number[next]);
            }
        }
    assert_true(insides > 100000);
}

/* Blocks of at least 3 voxels a side, all touching: what is learned tells them apart. */
static void blocks_come_back(void **state)
{
    (void)state;
    static const int sizes[][3] = {{1, 40, 50}, {9, 20, 30}, {6, 3, 70}};
    static uint16_t number[MOST], again[MOST];
    static uint8_t classes[MOST];
    for (int s = 0; s < COUNT(sizes); s++)
        for (uint32_t seed = 0; seed < 20; seed++) {
            const int *size = sizes[s];
            int cut[3], seen = 0, first[64] = {0}, count;
            struct rng r = rng_stream(4, RNG_TEST, (uint32_t)s, seed);
            for (int a = 0; a < 3; a++)
                cut[a] = size[a] == 1 ? 1 : 3 + (int)rng_below(&r, (uint32_t)size[a]);
            for (int i = 0; i < size[0] * size[1] * size[2]; i++) {
                const int d = i / size[2] / size[1], h = i / size[2] % size[1], w = i % size[2];
                int block[3] = {d / cut[0], h / cut[1], w / cut[2]};
                for (int a = 0; a < 3; a++) /* a rest of 1 or 2 joins the last block */
                    if (block[a] > 0 && size[a] - block[a] * cut[a] < 3) block[a]--;
                number[i] = (uint16_t)(1000 + block[0] * 400 + block[1] * 20 + block[2]);
            }
            OK(objects_to_classes(number, size, classes, &e));
            OK(objects_from_classes(classes, size, 0, again, &count, &e));
            for (int i = 0; i < size[0] * size[1] * size[2]; i++) {
                if (again[i] > seen) first[++seen] = number[i];
                assert_int_equal(number[i], first[again[i]]);
            }
            assert_int_equal(seen, count);
        }
}

static void a_number_is_left_out(void **state)
{
    uint16_t number[] = {0, 1, 2, 3, 2};
    (void)state;
    objects_skip(number, 5, 2);
    assert_memory_equal(number, ((uint16_t[]){0, 1, 3, 4, 3}), sizeof number);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_that_touch_get_a_border),
        cmocka_unit_test(thin_objects_have_an_inside),
        cmocka_unit_test(insides_grow_until_they_meet),
        cmocka_unit_test(small_pieces_are_no_objects),
        cmocka_unit_test(insides_lie_apart),
        cmocka_unit_test(blocks_come_back),
        cmocka_unit_test(a_number_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

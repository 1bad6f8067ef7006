/* SPDX-License-Identifier: Apache-2.0 */
#include "predict/predict_window.h"

#include <math.h>

#include "unit/format/format_test.h"

static void assert_origins(int size, int window, double overlap, const int *expected, int count)
{
    int origin[64];
    assert_int_equal(window_origins(size, window, overlap, NULL), count);
    assert_int_equal(window_origins(size, window, overlap, origin), count);
    for (int i = 0; i < count; i++) assert_int_equal(origin[i], expected[i]);
}

static void origins_are_spread_evenly(void **state)
{
    (void)state;
    assert_origins(16, 16, 0.5, (int[]){0}, 1);
    assert_origins(7, 16, 0.5, (int[]){0}, 1);
    assert_origins(17, 16, 0.5, (int[]){0, 1}, 2);
    assert_origins(32, 16, 0.5, (int[]){0, 8, 16}, 3);
    assert_origins(33, 16, 0.5, (int[]){0, 6, 11, 17}, 4);
    assert_origins(48, 16, 0, (int[]){0, 16, 32}, 3);
    assert_origins(4, 1, 0.5, (int[]){0, 1, 2, 3}, 4);
    assert_origins(
        24, 20, 0.9, (int[]){0, 2, 4}, 3); /* 20 * (1 - 0.9) is less than 2 in floating point */
    /* As nnU-Net 2.8.1 (compute_steps_for_sliding_window): halves go to even places, and steps need
     * not be whole. */
    assert_origins(41, 24, 0.5, (int[]){0, 8, 17}, 3);
    assert_origins(47, 24, 0.5, (int[]){0, 12, 23}, 3);
    assert_origins(50, 25, 0.5, (int[]){0, 12, 25}, 3);
    assert_origins(60, 17, 0.25, (int[]){0, 11, 22, 32, 43}, 5);
    assert_origins(245, 20, 0.5,
        (int[]){0, 10, 20, 29, 39, 49, 59, 68, 78, 88, 98, 108, 117, 127, 137, 147, 157, 166, 176,
            186, 196, 205, 215, 225},
        24); /* where a product is just off a half */
}

static void neighbours_share_what_was_asked(void **state)
{
    (void)state;
    static const double overlaps[] = {0, 0.1, 0.25, 0.5, 0.75, 0.9};
    int origin[1024];
    for (int window = 1; window <= 24; window++)
        for (int size = window; size < 70; size++)
            for (size_t o = 0; o < COUNT(overlaps); o++) {
                int count = window_origins(size, window, overlaps[o], origin),
                    step = (int)ceil(window * (1 - overlaps[o]) - 1e-9);
                assert_true(count <= (int)COUNT(origin) && origin[0] == 0 &&
                    origin[count - 1] == size - window);
                for (int i = 1; i < count; i++)
                    assert_in_range(origin[i] - origin[i - 1], 1, step < 1 ? 1 : step);
            }
}

static void the_middle_counts_most(void **state)
{
    (void)state;
    double w[16];
    window_gaussian(16, w); /* sigma 2 around 8 */
    assert_true(w[8] == 1);
    assert_true(fabs(w[6] - exp(-0.5)) < 1e-15 && w[6] == w[10]);
    assert_true(fabs(w[0] - exp(-8)) < 1e-15);
    window_gaussian(1, w);
    assert_true(w[0] == 1);
    window_gaussian(2, w);
    assert_true(w[0] > 0 && w[1] == 1);
}

/* Over all windows that share a voxel, weights sum to 1: also where the grid is coarser and windows
 * lie between its cells. */
static void weights_sum_to_one(void **state)
{
    (void)state;
    static const int cases[][3] = {{16, 16, 1}, {37, 16, 1}, {5, 16, 1}, {37, 16, 4}, {41, 16, 8},
        {5, 16, 4}, {48, 16, 16}, {33, 8, 2}};
    for (size_t k = 0; k < COUNT(cases); k++) {
        struct window_axis a;
        int size = cases[k][0], window = cases[k][1], stride = cases[k][2],
            padded = size > window ? size : window;
        OK(window_axis_make(size, window, 0.5, stride, &a, &e));
        assert_int_equal(a.size, stride == 1 ? size : (padded + stride - 1) / stride);
        assert_int_equal(a.cells, window / stride);
        double sum[64] = {0};
        for (int i = 0; i < a.count; i++)
            for (int tap = 0; tap < 2; tap++)
                for (int c = 0; c < a.cells; c++) {
                    double w = (double)a.weight[(i * 2 + tap) * a.cells + c];
                    int at = a.first[i] + c + tap;
                    if (w == 0) continue;
                    assert_in_range(at, 0, a.size - 1);
                    sum[at] += w;
                }
        for (int i = 0; i < a.size; i++) assert_true(fabs(sum[i] - 1) < 1e-6);
        window_axis_free(&a);
    }
}

static void lone_windows_have_weight_one(void **state)
{
    (void)state;
    static const int sizes[] = {16, 9, 48};
    for (size_t k = 0; k < COUNT(sizes); k++) {
        struct window_axis a;
        OK(window_axis_make(sizes[k], 16, 0, 1, &a, &e));
        for (int i = 0; i < a.count; i++)
            for (int c = 0; c < 16; c++) {
                int at = a.first[i] + c;
                assert_true(a.weight[i * 32 + c] == (at >= 0 && at < sizes[k] ? 1.0f : 0.0f));
            }
        window_axis_free(&a);
    }
}

static void padding_is_shared_by_both_sides(void **state)
{
    (void)state;
    struct window_axis a;
    assert_int_equal(window_before(5, 16), 5);
    assert_int_equal(window_before(16, 16), 0);
    assert_int_equal(window_before(20, 16), 0);
    OK(window_axis_make(5, 16, 0.5, 1, &a, &e));
    assert_int_equal(a.count, 1);
    assert_int_equal(a.first[0], -5);
    window_axis_free(&a);
}

/* A window at 6 of a grid of stride 4 covers half of cells 1 to 5: each of its four cells is spread
 * over two. */
static void shifted_cells_are_spread(void **state)
{
    (void)state;
    enum { SIZE = 22, WINDOW = 16 };
    struct window_axis axis[3];
    for (int i = 0; i < 2; i++) OK(window_axis_make(1, 1, 0.5, 1, &axis[i], &e));
    OK(window_axis_make(SIZE, WINDOW, 0.5, 4, &axis[2], &e));
    assert_int_equal(axis[2].count, 2); /* at 0 and at 6 */
    assert_int_equal(axis[2].size, 6);
    real values[2][4] = {{1, 2, 3, 4}, {10, 20, 30, 40}};
    float sum[6] = {0};
    const struct box whole = {{0, 0, 0}, {1, 1, 6}};
    for (int k = 0; k < 2; k++)
        window_add(axis, (int[]){0, 0, k}, &(struct tensor){values[k], {1, 1, 1, 1, 4}, 1, false},
            1, &whole, sum, NULL);
    double g[4], expected[6];
    window_gaussian(4, g);
    for (int i = 0; i < 6; i++) {
        double top = 0, bottom = 0;
        if (i < 4) top += g[i] * (double)values[0][i], bottom += g[i];
        for (int c = i - 2; c <= i - 1; c++)
            if (c >= 0 && c < 4) top += g[c] / 2 * (double)values[1][c], bottom += g[c] / 2;
        expected[i] = top / bottom;
    }
    for (int i = 0; i < 6; i++) assert_true(fabs((double)sum[i] - expected[i]) < 1e-5);
    for (int i = 0; i < 3; i++) window_axis_free(&axis[i]);
}

/* Adds the window at (d, 0, w) to the sums of every box of a grid of 3 x 2 x 5: `boxes`
 * [54][2][30], each as its box lies in memory. */
static int add_to_boxes(const struct window_axis axis[3], int d, int w, const struct tensor *t,
    float (*boxes)[60], struct box *list)
{
    int n = 0;
    for (int d0 = 0; d0 < 3; d0++)
        for (int h0 = 0; h0 < 2; h0++)
            for (int w0 = 0; w0 < 5; w0 += 2)
                for (int size = 1; size <= 3; size++) {
                    struct box b = {{d0, h0, w0},
                        {size < 3 - d0 ? size : 3 - d0, size < 2 - h0 ? size : 2 - h0,
                            size < 5 - w0 ? size : 5 - w0}};
                    list[n] = b;
                    window_add(axis, (int[]){d, 0, w}, t, 1, &b, boxes[n++], NULL);
                }
    return n;
}

/* Two channels, three axes, padding on one of them, blocked memory: every voxel gets its own
 * number. */
static void results_go_where_they_belong(void **state)
{
    (void)state;
    static const int size[] = {3, 2, 5}, window[] = {2, 4, 4};
    struct window_axis axis[3];
    for (int i = 0; i < 3; i++) OK(window_axis_make(size[i], window[i], 0.5, 1, &axis[i], &e));
    real memory[2 * 4 * 4 * LANES] = {0};
    struct tensor t = {memory, {1, 2, 2, 4, 4}, LANES, false};
    const struct box whole = {{0, 0, 0}, {3, 2, 5}};
    static float boxes[54][60];
    struct box list[54];
    float sum[2 * 3 * 2 * 5] = {0};
    int count = 0;
    for (int d = 0; d < axis[0].count; d++)
        for (int w = 0; w < axis[2].count; w++) {
            for (int c = 0; c < 2; c++)
                for (int i = 0; i < 32; i++) {
                    int z = i / 16 + axis[0].first[d], y = i / 4 % 4 + axis[1].first[0],
                        x = i % 4 + axis[2].first[w];
                    tensor_channel(&t, 0, c)[i * LANES] = (real)(1000 * c + 100 * z + 10 * y + x);
                }
            window_add(axis, (int[]){d, 0, w}, &t, 1, &whole, sum, NULL);
            count = add_to_boxes(axis, d, w, &t, boxes, list);
        }
    assert_int_equal(count, 54);
    for (int n = 0; n < count;
         n++) /* a part of the grid takes the same sums, and nothing is written beside it */
        for (size_t i = 0; i < 60; i++) {
            size_t voxels = box_voxels(&list[n]), at = i % voxels;
            float wanted =
                i < 2 * voxels ? sum[i / voxels * 30 + box_voxel(&list[n], size, at)] : 0;
            assert_memory_equal(&boxes[n][i], &wanted, sizeof wanted);
        }
    for (int i = 0; i < 60; i++) {
        int want = 1000 * (i / 30) + 100 * (i / 10 % 3) + 10 * (i / 5 % 2) + i % 5;
        assert_true(fabs((double)sum[i] - want) < 1e-3);
    }
    for (int i = 0; i < 3; i++) window_axis_free(&axis[i]);
}

/* Against every window by itself. */
static void windows_that_reach(void **state)
{
    (void)state;
    static const int sizes[] = {5, 16, 41, 64};
    for (size_t k = 0; k < COUNT(sizes); k++) {
        struct window_axis a;
        OK(window_axis_make(sizes[k], 16, 0.7, 1, &a, &e));
        for (int first = 0; first < a.size; first++)
            for (int end = first + 1; end <= a.size; end++) {
                int from, till;
                window_reaching(&a, first, end, &from, &till);
                for (int i = 0; i < a.count; i++)
                    assert_int_equal(
                        i >= from && i < till, a.first[i] < end && a.first[i] + a.cells > first);
            }
        window_axis_free(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(origins_are_spread_evenly),
        cmocka_unit_test(neighbours_share_what_was_asked),
        cmocka_unit_test(the_middle_counts_most),
        cmocka_unit_test(weights_sum_to_one),
        cmocka_unit_test(lone_windows_have_weight_one),
        cmocka_unit_test(padding_is_shared_by_both_sides),
        cmocka_unit_test(shifted_cells_are_spread),
        cmocka_unit_test(results_go_where_they_belong),
        cmocka_unit_test(windows_that_reach),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}

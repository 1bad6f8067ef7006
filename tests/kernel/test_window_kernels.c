/* SPDX-License-Identifier: Apache-2.0 */
/* Windows of every ISA against ref, ref against values worked out by hand, and soft skeletons for
 * any number of threads. */
#include "kernel_test.h"

#include "kernel/skeleton.h"

static void run_windows(const struct kernels *k, struct job *j, struct pool *pool)
{
    for (int box = 0; box < 2; box++) {
        (box ? k->dilate : k->erode)(
            &j->in[0], &j->to[0], box == j->per_image ? j->out[1].p : NULL, pool);
        if (box == j->per_image) k->window_dx(j->out[1].p, &j->in[1], &j->to[2], box, j->add, pool);
    }
}

static void run_skeleton(const struct kernels *k, struct job *j, struct pool *pool)
{
    int iterations = j->factor[0];
    size_t size = tensor_size(&j->in[0]);
    real *scratch = malloc(skeleton_scratch(size, iterations, true) * sizeof *scratch);
    skeleton(k, &skeleton_host, &j->in[0], iterations, &j->to[0], scratch, pool);
    skeleton_dx(k, &skeleton_host, &j->in[0], iterations, &j->in[1], &j->to[1], scratch, pool);
    free(scratch);
}

static void windows(void **state)
{
    (void)state;
    const struct shape shapes[] = {{1, 1, 1, 1, 1}, {1, 2, 1, 1, 40}, {1, 1, 5, 1, 1},
        {2, 3, 1, 7, 17}, {1, 2, 4, 5, 16}, {1, 1, 2, 3, 600}, {2, 1, 1, 3, 257},
        {1, 2, 40, 33, 31}, {1, 1, 1, 90, 513}};
    uint32_t number = 0;
    for (int i = 0; i < (int)(sizeof shapes / sizeof *shapes); i++)
        for (int way = 0; way < 8; way++) {
            struct job j = job_new("window", number++);
            j.in[0] = job_tensor(&j, shapes[i], 1, 0, 1);
            j.in[1] = job_tensor(&j, shapes[i], 1, -1, 1);
            if (way & 4) /* many equal ones */
                for (size_t p = 0; p < tensor_size(&j.in[0]); p++)
                    j.in[0].p[p] = (real)floor((double)j.in[0].p[p] * 3);
            j.add = way & 1;
            j.per_image = way & 2;
            job_out_tensor(&j, shapes[i], 1);
            job_out(&j, tensor_size(&j.in[0]));
            job_out_tensor(&j, shapes[i], 1);
            j.run = run_windows;
            job_check(&j);
        }
}

static void skeletons(void **state)
{
    (void)state;
    if (ON_DEVICE) return; /* which has its own, in centreline Dice */
    const struct shape shapes[] = {
        {1, 1, 1, 1, 1}, {1, 2, 1, 20, 31}, {1, 1, 9, 10, 17}, {1, 1, 1, 150, 140}};
    for (int i = 0; i < 4 * 4; i++) {
        struct job j = job_new("skeleton", (uint32_t)i);
        j.in[0] = job_tensor(&j, shapes[i / 4], 1, 0, 1);
        j.in[1] = job_tensor(&j, shapes[i / 4], 1, -1, 1);
        j.factor[0] = i % 4;
        job_out_tensor(&j, shapes[i / 4], 1);
        job_out_tensor(&j, shapes[i / 4], 1);
        j.run = run_skeleton;
        job_check(&j);
    }
}

static void values(void **state)
{
    (void)state;
    const struct kernels *ref = kernels_for(ISA_REF);
    real x[] = {4, 7, 7, 2, 5, 7, 9, 8, 3}, y[9], code[9],
         dy[] = {1, 2, 4, 8, 16, 32, 64, 128, 256}, dx[9];
    const real min[] = {2, 4, 7, 2, 2, 3, 2, 3, 3}, max[] = {7, 7, 7, 9, 9, 8, 9, 9, 8};
    const real min_at[] = {16, 12, 12, 13, 12, 16, 10, 14, 13},
               max_at[] = {14, 13, 12, 16, 15, 15, 13, 12, 12};
    const real min_dx[] = {2, 4, 0, 1 + 8 + 16 + 64, 0, 0, 0, 0, 32 + 128 + 256};
    struct tensor tx = {x, {1, 1, 1, 3, 3}, 1, false}, ty = {y, {1, 1, 1, 3, 3}, 1, false},
                  tdy = {dy, {1, 1, 1, 3, 3}, 1, false}, tdx = {dx, {1, 1, 1, 3, 3}, 1, false};
    ref->erode(&tx, &ty, code, NULL);
    assert_memory_equal(y, min, sizeof y);
    assert_memory_equal(code, min_at, sizeof code);
    ref->window_dx(code, &tdy, &tdx, false, false, NULL);
    assert_memory_equal(dx, min_dx, sizeof dx);
    ref->dilate(&tx, &ty, code, NULL);
    assert_memory_equal(y, max, sizeof y);
    assert_memory_equal(code, max_at, sizeof code);
    /* The skeleton of a bar of width 3 is what one erosion leaves; without one there is none. */
    real bar[7 * 9] = {0}, bone[7 * 9], scratch[6 * 7 * 9];
    struct tensor tb = {bar, {1, 1, 1, 7, 9}, 1, false}, ts = {bone, {1, 1, 1, 7, 9}, 1, false};
    for (int i = 0; i < 63; i++) bar[i] = i / 9 >= 2 && i / 9 <= 4 && i % 9 >= 1 && i % 9 <= 7;
    skeleton(ref, &skeleton_host, &tb, 1, &ts, scratch, NULL);
    for (int i = 0; i < 63; i++) {
        int h = i / 9, w = i % 9;
        bool middle = h == 3 && w >= 2 && w <= 6;
        assert_true(bone[i] == (middle ? 1 : 0));
    }
    skeleton(ref, &skeleton_host, &tb, 0, &ts, scratch, NULL);
    for (int i = 0; i < 63; i++) assert_true(bone[i] == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values), cmocka_unit_test(windows), cmocka_unit_test(skeletons)};
    return cmocka_run_group_tests(tests, kernels_begin, kernels_end);
}

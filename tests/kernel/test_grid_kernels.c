/* SPDX-License-Identifier: Apache-2.0 */
/* Pooling and linear resampling of every ISA against ref. */
#include "kernel_test.h"

static const int channels[] = {1, 3, 5, 16, 17, 33};
enum { CHANNELS = sizeof channels / sizeof *channels };

static void run_maxpool(const struct kernels *k, struct job *j, struct pool *pool)
{
    k->maxpool(&j->in[0], &j->to[0], j->factor, pool);
}

static void run_maxpool_dx(const struct kernels *k, struct job *j, struct pool *pool)
{
    k->maxpool_dx(&j->in[0], &j->in[1], &j->in[2], &j->to[0], j->factor, j->add, pool);
}

/* `levels` > 0: that many different values only, so that windows have ties. */
static void check_maxpool(
    struct shape s, const int factor[3], int lanes, int levels, bool add, uint32_t number)
{
    struct shape small = {s.n, s.c, s.d / factor[0], s.h / factor[1], s.w / factor[2]};
    for (int backward = 0; backward < 2; backward++) {
        struct job j = job_new(backward ? "maxpool_dx" : "maxpool", number);
        memcpy(j.factor, factor, sizeof j.factor);
        j.add = add;
        j.tolerance = 0;
        j.in[0] = job_tensor(&j, s, lanes, -1, 1);
        for (size_t i = 0; levels && i < tensor_size(&j.in[0]); i++)
            j.in[0].p[i] = (real)(floor((double)j.in[0].p[i] * levels) / levels);
        clear_pads(&j.in[0]);
        if (backward) {
            j.in[1] = job_tensor(&j, small, lanes, 0, 0);
            kernels_for(ISA_REF)->maxpool(&j.in[0], &j.in[1], factor, NULL);
            j.in[2] = job_tensor(&j, small, lanes, -1, 1);
        }
        job_out_tensor(&j, backward ? s : small, lanes);
        j.run = backward ? run_maxpool_dx : run_maxpool;
        job_check(&j);
    }
}

static void maxpool(void **state)
{
    (void)state;
    const int cases[][6] = {/* d h w and factor */
        {1, 7, 9, 1, 2, 2}, {1, 2, 2, 1, 2, 2}, {4, 6, 10, 2, 2, 2}, {5, 5, 5, 2, 2, 2},
        {3, 4, 11, 1, 2, 3}, {7, 9, 3, 3, 4, 1}, {2, 40, 70, 2, 2, 2}, {1, 3, 3, 1, 3, 3},
        {1, 61, 130, 1, 2, 2}};
    uint32_t number = 0;
    for (int i = 0; i < (int)(sizeof cases / sizeof *cases); i++)
        for (int c = 0; c < CHANNELS; c++)
            for (int k = 0; k < 8; k++) {
                if (i > 5 && c != 0 && channels[c] != 17) continue; /* large ones */
                struct shape s = {1 + i % 2, channels[c], cases[i][0], cases[i][1], cases[i][2]};
                check_maxpool(s, &cases[i][3], k & 1 ? LANES : 1, k & 2 ? 2 : 0, k & 4, number++);
            }
}

static void run_linear(const struct kernels *k, struct job *j, struct pool *pool)
{
    k->linear(&j->in[0], &j->to[0], j->how, pool);
}
static void run_linear_dx(const struct kernels *k, struct job *j, struct pool *pool)
{
    k->linear_dx(&j->in[0], &j->to[0], j->how, j->add, pool);
}

static void check_linear(struct shape x, struct shape y, int lanes, bool align, uint32_t number)
{
    for (int k = 0; k < 3; k++) {
        struct job j = job_new(k == 0 ? "linear" : "linear_dx", number);
        j.how.align_corners = align;
        j.add = k == 2;
        j.in[0] = job_tensor(&j, k == 0 ? x : y, lanes, -1, 1);
        job_out_tensor(&j, k == 0 ? y : x, lanes);
        j.run = k == 0 ? run_linear : run_linear_dx;
        if (k > 0) j.half_tolerance = 1. / 128;
        j.tolerance =
            k == 0 ? 1e-6 : 4e-6; /* ref adds up hundreds of floats where one pixel becomes a row */
        job_check(&j);
    }
}

static void linear(void **state)
{
    (void)state;
    const int cases[][6] = {/* from, to */
        {1, 5, 7, 1, 10, 14}, {3, 4, 5, 6, 8, 10}, {2, 3, 4, 4, 12, 16}, {5, 7, 3, 4, 9, 8},
        {4, 9, 11, 2, 3, 5}, {1, 1, 1, 3, 4, 5}, {3, 4, 5, 1, 1, 1}, {1, 2, 300, 1, 3, 601},
        {1, 1, 601, 1, 2, 140}, {1, 1, 1500, 1, 1, 7}, {1, 1, 2, 1, 1, 900}, {6, 10, 9, 12, 20, 18},
        {1, 40, 50, 1, 80, 100}, {2, 2, 2, 40, 30, 5}, {3, 3, 3, 3, 3, 3}, {1, 9, 9, 9, 1, 9}};
    uint32_t number = 0;
    for (int i = 0; i < (int)(sizeof cases / sizeof *cases); i++)
        for (int c = 0; c < CHANNELS; c++)
            for (int k = 0; k < 4; k++) {
                const int *v = cases[i];
                struct shape x = {1 + i % 2, channels[c], v[0], v[1], v[2]},
                             y = {x.n, x.c, v[3], v[4], v[5]};
                if (shape_pixels(y) > 1000 && c != 0 && channels[c] != 17) continue;
                check_linear(x, y, k & 1 ? LANES : 1, k & 2, number++);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(maxpool), cmocka_unit_test(linear)};
    return cmocka_run_group_tests(tests, kernels_begin, kernels_end);
}

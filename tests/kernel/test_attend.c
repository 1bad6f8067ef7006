/* SPDX-License-Identifier: Apache-2.0 */
/* The attention gate in one pass, of every ISA against ref, ref against numbers worked out by hand,
 * and the folding of its norms. */
#include "kernel_test.h"

enum { W, B, PSI, C, SCRATCH };

static struct attend problem(const struct job *j)
{
    return (struct attend){.x = j->in[0],
        .g = j->in[1],
        .y = j->to[0],
        .map = j->to[1],
        .inter = j->factor[0],
        .w = j->coef[W],
        .b = j->coef[B],
        .psi = j->coef[PSI],
        .c = j->coef[C],
        .scratch = j->coef[SCRATCH]};
}

static void run_attend(const struct kernels *k, struct job *j, struct pool *pool)
{
    struct attend a = problem(j);
    k->attend(&a, pool);
}

static void check(struct shape s, int g_channels, int inter, uint32_t number)
{
    struct job j = job_new("attend", number);
    j.float_only = ON_DEVICE;
    struct shape gs = s, one = s;
    gs.c = g_channels;
    one.c = 1;
    j.factor[0] = inter;
    j.in[0] = job_tensor(&j, s, LANES, -1, 1);
    j.in[1] = job_tensor(&j, gs, LANES, -1, 1);
    size_t f = (size_t)(inter + LANES - 1) / LANES,
           in = (size_t)(tensor_blocks(&j.in[0]) + tensor_blocks(&j.in[1]));
    j.coef[W] = job_numbers(&j, f * in * LANES * LANES, -0.3, 0.3);
    j.coef[B] = job_numbers(&j, f * LANES, -1, 1);
    j.coef[PSI] = job_numbers(&j, f * LANES, -1, 1);
    j.coef[C] = job_numbers(&j, LANES, -1, 1);
    j.coef[SCRATCH] = job_numbers(&j, MOST_THREADS * in * ATTEND_PIXELS * LANES, -1, 1);
    for (size_t k = 0; k < f * LANES; k++) /* as attend_fold leaves them */
        if (k >= (size_t)inter) {
            j.coef[B][k] = j.coef[PSI][k] = 0;
            for (size_t c = 0; c < in * LANES; c++)
                j.coef[W][(k / LANES * in * LANES + c) * LANES + k % LANES] = 0;
        }
    job_out_tensor(&j, s, LANES);
    job_out_tensor(&j, one, 1);
    j.run = run_attend;
    j.tolerance = 1e-5;
    job_check(&j);
}

/* y may be x's memory. */
static void in_place(void **state)
{
    (void)state;
    const struct shape s = {1, 20, 1, 9, 70}, one = {1, 1, 1, 9, 70};
    const struct kernels *k;
    for (int isa = 0; (k = any_set(isa)); isa++) {
        struct job j = job_new("attend in place", 9);
        struct tensor x = job_tensor(&j, s, LANES, -1, 1), g = job_tensor(&j, s, LANES, -1, 1),
                      y = job_tensor(&j, s, LANES, 0, 0);
        struct tensor map = job_tensor(&j, one, 1, 0, 0);
        struct attend a = {.x = x, .g = g, .y = y, .map = map, .inter = 16};
        a.w = job_numbers(&j, 4 * LANES * LANES, -0.3, 0.3);
        a.b = job_numbers(&j, LANES, -1, 1);
        a.psi = job_numbers(&j, LANES, -1, 1);
        a.c = job_numbers(&j, LANES, -1, 1);
        job_enter(&j, k);
        k->attend(&a, NULL);
        a.y = x;
        k->attend(&a, NULL);
        job_leave(&j);
        assert_memory_equal(x.p, y.p, tensor_size(&x) * sizeof *x.p);
        job_end(&j);
    }
}

static void gates(void **state)
{
    (void)state;
    check((struct shape){1, 1, 1, 1, 1}, 1, 1, 0);
    check((struct shape){2, 16, 1, 5, 7}, 32, 8, 1);
    check((struct shape){1, 40, 3, 9, 11}, 17, 33, 2);
    check((struct shape){1, 64, 1, 37, 61}, 64, 32, 3);
    check((struct shape){3, 18, 2, 4, 15}, 3, 70, 4);
}

/* One channel each: f = ReLU(2x - g + 1), q = 3f - 2. */
static void by_hand(void **state)
{
    (void)state;
    real x[LANES] = {0.5}, g[LANES] = {1}, y[LANES], map[1], w[2 * LANES * LANES] = {2},
         b[LANES] = {1}, psi[LANES] = {3}, c[LANES] = {-2};
    w[LANES * LANES] = -1;
    struct shape s = {1, 1, 1, 1, 1};
    struct attend a = {.x = {x, s, LANES, false},
        .g = {g, s, LANES, false},
        .y = {y, s, LANES, false},
        .map = {map, s, 1, false},
        .inter = 1,
        .w = w,
        .b = b,
        .psi = psi,
        .c = c};
    kernels_for(ISA_REF)->attend(&a, NULL);
    assert_float_equal(map[0], 0.7310585786, 1e-6); /* sigmoid(1) */
    assert_float_equal(y[0], 0.3655292893, 1e-6);
    for (int i = 1; i < LANES; i++) assert_float_equal(y[i], 0, 0);
    x[0] = -1; /* f = 0 */
    kernels_for(ISA_REF)->attend(&a, NULL);
    assert_float_equal(map[0], 0.1192029220, 1e-6); /* sigmoid(-2) */
    assert_float_equal(y[0], -0.1192029220, 1e-6);
}

/* A norm with mean 3, variance 4 - eps, gamma 6, beta 5 makes 3z + 5 - 9 of z; without a norm only
 * the biases count. */
static void norms_are_folded(void **state)
{
    (void)state;
    const double eps = 1e-3;
    real w[LANES * LANES] = {7}, bias[LANES] = {2}, gamma[LANES] = {6}, beta[LANES] = {5},
                   mean[LANES] = {3}, var[LANES] = {(real)(4 - eps)};
    struct attend_layer plain = {w, bias, NULL, NULL, NULL, NULL},
                        normed = {w, bias, gamma, beta, mean, var};
    struct shape s = {1, 1, 1, 1, 1};
    struct attend a = {.x = {NULL, s, LANES, false}, .g = {NULL, s, LANES, false}, .inter = 1};
    real memory[2 * LANES * LANES + 3 * LANES];
    assert_int_equal(attend_floats(&a), sizeof memory / sizeof *memory);
    attend_fold(&a, &normed, &plain, &normed, eps, memory, NULL);
    assert_float_equal(a.w[0], 21, 1e-5);
    assert_float_equal(a.w[LANES * LANES], 7, 0);
    assert_float_equal(a.b[0], 3 * 2 + 5 - 9 + 2, 1e-5);
    assert_float_equal(a.psi[0], 21, 1e-5);
    assert_float_equal(a.c[0], 3 * 2 + 5 - 9, 1e-5);
    for (int i = 1; i < LANES; i++) assert_true(a.w[i] == 0 && a.b[i] == 0 && a.psi[i] == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(gates), cmocka_unit_test(in_place),
        cmocka_unit_test(by_hand), cmocka_unit_test(norms_are_folded)};
    return cmocka_run_group_tests(tests, kernels_begin, kernels_end);
}

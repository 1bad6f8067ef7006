/* SPDX-License-Identifier: Apache-2.0 */
/* Normalisation, per-channel sums and pointwise kernels of every ISA against ref. */
#include "kernel_test.h"

static const struct shape shapes[] = {
    {1, 1, 1, 1, 1},
    {2, 3, 1, 5, 7},
    {1, 5, 3, 4, 5},
    {2, 16, 1, 8, 9},
    {1, 17, 2, 3, 5},
    {3, 33, 1, 6, 7},
    {40, 17, 1, 2, 3},
    {2, 3, 1, 70, 151},
    {1, 33, 4, 20, 21},
    {2, 16, 1, 48, 50},
};
enum { SHAPES = sizeof shapes / sizeof *shapes };

struct setting {
    struct shape s;
    int lanes;
    bool per_image, add;
    enum act act;
    double scale, offset; /* inputs are offset +- scale */
};

static void one_by_one(
    void (*check)(const struct setting *v, uint32_t number), bool images, bool adds, bool acts)
{
    uint32_t number = 0;
    for (int i = 0; i < SHAPES; i++)
        for (int k = 0; k < (2 << (images ? 1 : 0) << (adds ? 1 : 0)); k++)
            for (int a = 0; a < (acts ? 3 : 1); a++) {
                struct setting v = {
                    shapes[i], k & 1 ? LANES : 1, false, false, (enum act)a, 2, 0.1};
                int rest = k >> 1;
                if (images) {
                    v.per_image = rest & 1;
                    rest >>= 1;
                }
                v.add = rest & 1;
                check(&v, number++);
            }
}

static struct job start(const char *name, const struct setting *v, uint32_t number, int inputs)
{
    struct job j = job_new(name, number);
    j.per_image = v->per_image;
    j.add = v->add;
    j.act = v->act;
    for (int i = 0; i < inputs; i++)
        j.in[i] = job_tensor(&j, v->s, v->lanes, v->offset - v->scale, v->offset + v->scale);
    return j;
}

static size_t coefs(const struct job *j)
{
    return (size_t)tensor_padded(&j->in[0]) * (size_t)(j->per_image ? j->in[0].s.n : 1);
}

static void run_moments(const struct kernels *k, struct job *j, struct pool *pool)
{
    k->moments(&j->in[0], j->per_image, j->out[0].p, j->out[1].p, pool);
}

static void check_moments(const struct setting *v, uint32_t number)
{
    struct job j = start("moments", v, number, 1);
    j.run = run_moments;
    job_out(&j, coefs(&j));
    job_out(&j, coefs(&j));
    job_check(&j);
}

static void moments(void **state)
{
    (void)state;
    one_by_one(check_moments, true, false, false);
}

/* A mean far from zero, huge numbers, and nothing but one number. */
static void moments_extremes(void **state)
{
    (void)state;
    const struct shape s[] = {{2, 3, 1, 61, 67}, {2, 17, 3, 31, 29}};
    const double at[][2] = {{1e4, 1}, {-3e6, 10}, {0, 1e15}, {0, 1e-15}, {7.1, 0}, {0, 0}};
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < 6 * 4; k++) {
            struct setting v = {
                s[i], k & 1 ? LANES : 1, k & 2, false, ACT_NONE, at[k / 4][1], at[k / 4][0]};
            check_moments(&v, (uint32_t)k);
        }
    /* One voice far outside of the rest, at the very start. */
    struct setting v = {s[1], LANES, false, false, ACT_NONE, 1, 3};
    struct job j = start("moments with an outlier", &v, 1, 1);
    j.run = run_moments;
    j.in[0].p[0] = (real)1e4;
    job_out(&j, coefs(&j));
    job_out(&j, coefs(&j));
    job_check(&j);
}

static void run_affine(const struct kernels *k, struct job *j, struct pool *pool)
{
    k->affine(&j->in[0], &j->to[0], j->coef[0], j->coef[1], j->per_image, j->act, pool);
}

static void check_affine(const struct setting *v, uint32_t number)
{
    struct job j = start("affine", v, number, 1);
    j.run = run_affine;
    for (int i = 0; i < 2; i++) j.coef[i] = job_numbers(&j, coefs(&j), -1, 1);
    job_out_tensor(&j, v->s, v->lanes);
    j.tolerance = 3e-7;
    job_check(&j);
}

static void affine(void **state)
{
    (void)state;
    one_by_one(check_affine, true, false, true);
}

static void run_norm_sums(const struct kernels *k, struct job *j, struct pool *pool)
{
    k->norm_sums(&j->in[0], &j->in[1], j->coef[0], j->coef[1], j->coef[2], j->coef[3], j->per_image,
        j->act, j->out[0].p, j->out[1].p, pool);
}

static void check_norm_sums(const struct setting *v, uint32_t number)
{
    struct job j = start("norm_sums", v, number, 2);
    j.run = run_norm_sums;
    for (int i = 0; i < 4; i++) j.coef[i] = job_numbers(&j, coefs(&j), i == 3 ? 0.1 : -1, 1);
    job_out(&j, coefs(&j));
    job_out(&j, coefs(&j));
    job_check(&j);
}

static void norm_sums(void **state)
{
    (void)state;
    one_by_one(check_norm_sums, true, false, true);
}

static void run_norm_dx(const struct kernels *k, struct job *j, struct pool *pool)
{
    k->norm_dx(&j->in[0], &j->in[1], &j->to[0], j->coef[0], j->coef[1], j->coef[2], j->coef[3],
        j->coef[4], j->per_image, j->act, j->add, pool);
}

static void check_norm_dx(const struct setting *v, uint32_t number)
{
    struct job j = start("norm_dx", v, number, 2);
    j.run = run_norm_dx;
    for (int i = 0; i < 5; i++) j.coef[i] = job_numbers(&j, coefs(&j), -1, 1);
    job_out_tensor(&j, v->s, v->lanes);
    j.tolerance = 1e-6;
    j.floor = 1e-6; /* three terms may cancel */
    job_check(&j);
}

static void norm_dx(void **state)
{
    (void)state;
    one_by_one(check_norm_dx, true, true, true);
}

static void run_channel_sum(const struct kernels *k, struct job *j, struct pool *pool)
{
    k->channel_sum(&j->in[0], j->out[0].p, j->add, pool);
}

static void check_channel_sum(const struct setting *v, uint32_t number)
{
    struct job j = start("channel_sum", v, number, 1);
    j.run = run_channel_sum;
    job_out(&j, (size_t)tensor_padded(&j.in[0]));
    job_check(&j);
}

static void channel_sum(void **state)
{
    (void)state;
    one_by_one(check_channel_sum, false, true, false);
}

/* More pieces than the caller's stack holds at once. */
static void many_pieces(void **state)
{
    (void)state;
    const struct setting blocked = {{2, 16, 1, 400, 190}, LANES, false, false, ACT_RELU, 2, 0.1};
    const struct setting planar = {{29, 3, 1, 130, 127}, 1, true, false, ACT_RELU, 2, 0.1};
    check_moments(&blocked, 1);
    check_moments(&planar, 2);
    check_norm_sums(&blocked, 3);
    check_norm_sums(&planar, 4);
    check_channel_sum(&blocked, 5);
}

static void run_add_act(const struct kernels *k, struct job *j, struct pool *pool)
{
    k->add_act(&j->in[0], &j->in[1], &j->to[0], j->act, pool);
}

static void check_add_act(const struct setting *v, uint32_t number)
{
    struct job j = start("add_act", v, number, 2);
    j.run = run_add_act;
    job_out_tensor(&j, v->s, v->lanes);
    j.tolerance = 1e-7;
    job_check(&j);
}

static void run_act_dx(const struct kernels *k, struct job *j, struct pool *pool)
{
    const struct tensor none = {0};
    k->act_dx(j->act == ACT_NONE ? &none : &j->in[0], &j->in[1], &j->to[0], j->act, j->add, pool);
}

static void check_act_dx(const struct setting *v, uint32_t number)
{
    struct job j = start("act_dx", v, number, 2);
    j.run = run_act_dx;
    j.in[0].p[0] = 0;
    job_out_tensor(&j, v->s, v->lanes);
    j.tolerance = 2e-7;
    job_check(&j);
}

static void activations(void **state)
{
    (void)state;
    one_by_one(check_add_act, false, false, true);
    one_by_one(check_act_dx, false, true, true);
}

static const real SLOPE = (real)-0.3; /* learned: it may have become negative */

static void run_prelu(const struct kernels *k, struct job *j, struct pool *pool)
{
    k->prelu(&j->in[0], job_number(j, k, SLOPE), &j->to[0], pool);
}

static void run_prelu_dx(const struct kernels *k, struct job *j, struct pool *pool)
{
    k->prelu_dx(&j->in[0], job_number(j, k, SLOPE), &j->in[1], &j->to[0], j->add, pool);
}

static void run_prelu_dslope(const struct kernels *k, struct job *j, struct pool *pool)
{
    k->prelu_dslope(&j->in[0], &j->in[1], j->out[0].p, false, pool);
}

static void check_prelu(const struct setting *v, uint32_t number)
{
    for (int i = 0; i < 3; i++) {
        struct job j = start(i == 0 ? "prelu" : i == 1 ? "prelu_dx" : "prelu_dslope", v, number, 2);
        j.run = i == 0 ? run_prelu : i == 1 ? run_prelu_dx : run_prelu_dslope;
        j.in[0].p[0] = 0;
        if (i < 2)
            job_out_tensor(&j, v->s, v->lanes);
        else
            job_out(&j, 1);
        if (i < 2) j.tolerance = 2e-7;
        job_check(&j);
    }
}

static void prelu(void **state)
{
    (void)state;
    one_by_one(check_prelu, false, true, false);
    const struct setting large = {{2, 40, 1, 300, 301}, LANES, false, false, ACT_NONE, 2,
        0.1}; /* more pieces than one round takes */
    check_prelu(&large, 1);
}

static void run_sigmoid(const struct kernels *k, struct job *j, struct pool *pool)
{
    k->sigmoid(&j->in[0], &j->to[0], pool);
}

static void run_sigmoid_dx(const struct kernels *k, struct job *j, struct pool *pool)
{
    k->sigmoid_dx(&j->in[0], &j->in[1], &j->to[0], j->add, pool);
}

static void sigmoid(void **state)
{
    (void)state;
    for (int i = 0; i < SHAPES * 2; i++) {
        struct setting v = {shapes[i / 2], 1, false, i % 2 != 0, ACT_NONE, 12, 0};
        struct job j = start("sigmoid", &v, (uint32_t)i, 1);
        const real edge[] = {
            0, -0.0f, 1e30f, -1e30f, 88, -88, -104, (real)INFINITY, (real)-INFINITY, 1e-30f};
        for (size_t e = 0; e < 10 && e < tensor_size(&j.in[0]); e++) j.in[0].p[e] = edge[e];
        job_out_tensor(&j, v.s, 1);
        j.run = run_sigmoid;
        j.tolerance = 3e-7;
        job_check(&j);
        v.scale = 1;
        j = start("sigmoid_dx", &v, (uint32_t)i, 2);
        job_out_tensor(&j, v.s, 1);
        j.run = run_sigmoid_dx;
        j.tolerance = 3e-7;
        job_check(&j);
    }
}

/* Small values keep their relative precision: exp(-30) is not rounded away. */
static void sigmoid_tail(void **state)
{
    (void)state;
    const struct kernels *k;
    for (int isa = 0; (k = any_set(isa)); isa++) {
        struct job j = job_new("sigmoid's tail", 1);
        real *x = job_numbers(&j, 87, 0, 0), *y = job_numbers(&j, 87, 0, 0);
        for (int i = 0; i < 87; i++) x[i] = (real)-i;
        struct tensor tx = {x, {1, 1, 1, 1, 87}, 1, false}, ty = {y, {1, 1, 1, 1, 87}, 1, false};
        job_enter(&j, k);
        k->sigmoid(&tx, &ty, NULL);
        job_leave(&j);
        for (int i = 0; i < 87; i++) assert_true(fabs((double)y[i] * (1 + exp(i)) - 1) < 4e-7);
        job_end(&j);
    }
}

static void run_gate(const struct kernels *k, struct job *j, struct pool *pool)
{
    k->gate(&j->in[0], &j->in[1], &j->to[0], pool);
}

static void run_gate_dx(const struct kernels *k, struct job *j, struct pool *pool)
{
    k->gate_dx(&j->in[1], &j->in[0], &j->to[0], j->add, pool);
}

static void run_gate_dmap(const struct kernels *k, struct job *j, struct pool *pool)
{
    k->gate_dmap(&j->in[0], &j->in[1], &j->to[0], j->add, pool);
}

static void check_gates(const struct setting *v, uint32_t number)
{
    struct shape map = {v->s.n, 1, v->s.d, v->s.h, v->s.w};
    for (int i = 0; i < 3; i++) {
        struct job j = start(i == 0 ? "gate"
                : i == 1            ? "gate_dx"
                                    : "gate_dmap",
            v, number, i == 2 ? 2 : 1);
        if (i != 2) j.in[1] = job_tensor(&j, map, 1, -1, 1);
        job_out_tensor(&j, i == 2 ? map : v->s, i == 2 ? 1 : v->lanes);
        j.run = i == 0 ? run_gate : i == 1 ? run_gate_dx : run_gate_dmap;
        if (i != 2) j.tolerance = 2e-7;
        job_check(&j);
    }
}

static void gates(void **state)
{
    (void)state;
    one_by_one(check_gates, false, true, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments),
        cmocka_unit_test(moments_extremes),
        cmocka_unit_test(affine),
        cmocka_unit_test(norm_sums),
        cmocka_unit_test(norm_dx),
        cmocka_unit_test(channel_sum),
        cmocka_unit_test(activations),
        cmocka_unit_test(sigmoid),
        cmocka_unit_test(sigmoid_tail),
        cmocka_unit_test(gates),
        cmocka_unit_test(many_pieces),
        cmocka_unit_test(prelu),
    };
    return cmocka_run_group_tests(tests, kernels_begin, kernels_end);
}

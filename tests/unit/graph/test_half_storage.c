/* SPDX-License-Identifier: Apache-2.0 */
/* Maps in bfloat16: gradients point where those in float point, predictions are near those in
 * float, bits do not depend on threads nor on a limit of memory, and the maps that are to take half
 * of their memory do. */
#include "unit/arch/net_test.h"

#include <math.h>
#include <stdlib.h>

#include "kernel/conv.h"

struct outcome {
    real *grads, *state, loss;
    size_t n, nstate, work;
};

/* Bright balls in noise, and where they are. */
static void fill(const struct built *b, const struct run *r)
{
    struct rng rng = rng_stream(5, RNG_TEST, 0, 0);
    struct tensor image = run_tensor(r, b->image);
    const struct shape s = image.s;
    uint8_t *label = run_label(r, b->label);
    for (int n = 0; n < s.n; n++) {
        real *x = tensor_channel(&image, n, 0);
        for (int i = 0; i < (int)shape_pixels(s); i++, x++, label++) {
            const double d = s.d > 1 ? i / s.w / s.h - s.d / 2. : 0, h = i / s.w % s.h - s.h / 2.,
                         w = i % s.w - s.w / (2. + n);
            *label = d * d + h * h + w * w < s.h * s.h / 9.;
            *x = (real)(2. * *label + rng_range(&rng, -1, 1));
        }
    }
}

static struct outcome train_step(
    const struct trial_net *t, bool half, int isa, int threads, size_t limit)
{
    struct err e = {0};
    struct built b;
    struct run r;
    struct outcome o;
    size_t min;
    struct pool *pool = pool_create(threads);
    built_as(&b, t, true, half);
    must(run_create_within(&b.graph, kernels_for(isa), pool, NULL, limit, &min, &r, &e), &e);
    params_initialise(&b.params, 1);
    fill(&b, &r);
    run_forward(&r);
    o.loss = run_tensor(&r, b.loss).p[0];
    run_backward(&r, b.loss);
    o.n = b.params.size;
    o.nstate = b.params.state_size;
    o.work = r.plan.work_bytes;
    o.grads = malloc(o.n * sizeof(real));
    o.state = malloc(o.nstate * sizeof(real) + 1);
    assert_true(o.grads && o.state);
    memcpy(o.grads, r.grads, o.n * sizeof(real));
    memcpy(o.state, b.params.state, o.nstate * sizeof(real));
    run_free(&r);
    built_free(&b);
    pool_destroy(pool);
    return o;
}

static void outcome_free(struct outcome o)
{
    free(o.grads);
    free(o.state);
}

static void assert_same(const struct outcome *a, const struct outcome *b)
{
    assert_memory_equal(&a->loss, &b->loss, sizeof a->loss);
    assert_memory_equal(a->grads, b->grads, a->n * sizeof(real));
    assert_memory_equal(a->state, b->state, a->nstate * sizeof(real));
}

static double product(const real *a, const real *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)a[i] * (double)b[i];
    return sum;
}

/* Both forms of the gate in 2D and 3D, on so many pixels that what rounding does to each is lost in
 * their sum: a ReLU whose input is near 0 may pass a gradient in one and not in the other. */
static const struct trial_net nets[] = {
    {"arch=attunet dims=2 in=1 classes=2 widths=16,32 gate=grid gated=all gating_conv=yes "
     "gate_out=yes",
        4, 1, 128, 128, 2},
    {"arch=attunet dims=2 in=1 classes=2 widths=16,32 gate=same gate_norm=batch signal=up "
     "gated=all up=nearest",
        4, 1, 128, 128, 2},
    {"arch=attunet dims=3 in=1 classes=2 widths=16,20 gate=same gated=all up=linear "
     "norm=instance",
        2, 20, 40, 40, 2},
    {"arch=attunet dims=3 in=1 classes=2 widths=16,32,48 norm=batch up=transpose gate=grid "
     "sub=2 signal=coarse inter=x gated=inner gating_conv=yes gate_out=yes",
        2, 16, 24, 24, 2},
};
enum { NETS = sizeof nets / sizeof *nets };

static void gradients_point_the_same_way(void **state)
{
    (void)state;
    for (int i = 0; i < NETS; i++) {
        struct outcome whole = train_step(&nets[i], false, kernels_best(), 2, 0),
                       half = train_step(&nets[i], true, kernels_best(), 2, 0);
        double cosine = product(whole.grads, half.grads, whole.n) /
            sqrt(product(whole.grads, whole.grads, whole.n) *
                product(half.grads, half.grads, whole.n));
        if (!(cosine > .999)) fail_msg("%s: cosine %.6f", nets[i].spec, cosine);
        if (!(fabs((double)whole.loss - (double)half.loss) < 1e-3))
            fail_msg("%s: losses %g and %g", nets[i].spec, (double)whole.loss, (double)half.loss);
        assert_true(whole.loss != half.loss); /* else nothing was rounded */
        assert_true(half.work < whole.work * 3 / 4);
        outcome_free(whole);
        outcome_free(half);
    }
}

static double *logits(const struct trial_net *t, bool half, size_t *n)
{
    struct err e = {0};
    struct built b;
    struct run r;
    struct pool *pool = pool_create(2);
    built_as(&b, t, false, half);
    const char *conv = half ? CONV_BF16 : NULL;
    must(run_create(&b.graph, kernels_for(kernels_best()), pool, conv, &r, &e), &e);
    params_initialise(&b.params, 1);
    built_fill(&b, &r);
    run_forward(&r);
    const struct tensor y = run_tensor(&r, graph_find_output(&b.graph, "logits"));
    *n = tensor_size(&y);
    double *copy = malloc(*n * sizeof *copy);
    assert_non_null(copy);
    for (size_t i = 0; i < *n; i++) copy[i] = (double)y.p[i];
    run_free(&r);
    built_free(&b);
    pool_destroy(pool);
    return copy;
}

/* As --precision bf16 predicts: products, too, and fused gates. */
static void predictions_are_near(void **state)
{
    (void)state;
    for (int i = 0; i < NETS; i++) {
        size_t n;
        double far = 0, all = 0, *whole = logits(&nets[i], false, &n),
               *half = logits(&nets[i], true, &n);
        for (size_t k = 0; k < n; k++) {
            far += (half[k] - whole[k]) * (half[k] - whole[k]);
            all += whole[k] * whole[k];
        }
        if (!(far > 0 && far < .03 * .03 * all))
            fail_msg("%s: logits move by %g of %g", nets[i].spec, sqrt(far), sqrt(all));
        free(whole);
        free(half);
    }
}

static void threads_change_no_bit(void **state)
{
    (void)state;
    for (int i = 0; i < TRIAL_NETS; i++)
        for (int isa = ISA_REF; isa <= kernels_best(); isa++) {
            struct outcome one = train_step(&trial_nets[i], true, isa, 1, 0);
            assert_true(one.loss > 0);
            for (int threads = 2; threads <= 4 && isa > ISA_REF; threads++) {
                struct outcome more = train_step(&trial_nets[i], true, isa, threads, 0);
                assert_same(&one, &more);
                outcome_free(more);
            }
            outcome_free(one);
        }
}

/* With as little memory as there can be. */
static void a_limit_changes_no_bit(void **state)
{
    (void)state;
    int repeated = 0;
    for (int i = 0; i < TRIAL_NETS; i++) {
        struct err e = {0};
        struct built b;
        struct plan p;
        size_t min = 0;
        built_as(&b, &trial_nets[i], true, true);
        assert_int_equal(
            plan_make_within(&b.graph, kernels_for(kernels_best()), NULL, 2, 1, &min, &p, &e),
            ATT_MEMORY);
        built_free(&b);
        struct outcome free = train_step(&trial_nets[i], true, kernels_best(), 2, 0),
                       tight = train_step(&trial_nets[i], true, kernels_best(), 2, min);
        assert_true(tight.work <= min);
        if (tight.work < free.work) repeated++;
        assert_same(&free, &tight);
        outcome_free(free);
        outcome_free(tight);
    }
    assert_true(repeated > TRIAL_NETS / 2);
}

static void blocked_maps_take_half(void **state)
{
    (void)state;
    for (int i = 0; i < TRIAL_NETS; i++) {
        struct built whole, half;
        built_as(&whole, &trial_nets[i], true, false);
        built_as(&half, &trial_nets[i], true, true);
        assert_int_equal(whole.graph.nvalues, half.graph.nvalues);
        for (int v = 0; v < whole.graph.nvalues; v++) {
            const struct value *a = &whole.graph.values[v], *b = &half.graph.values[v];
            bool blocked = (a->kind == VALUE_MAP || a->kind == VALUE_INPUT) && a->lanes == LANES;
            assert_false(a->half);
            assert_int_equal(b->half, blocked);
            assert_int_equal(b->bytes, blocked ? a->bytes / 2 : a->bytes);
        }
        built_free(&whole);
        built_free(&half);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_point_the_same_way),
        cmocka_unit_test(predictions_are_near),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(a_limit_changes_no_bit),
        cmocka_unit_test(blocked_maps_take_half),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

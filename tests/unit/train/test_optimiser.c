/* SPDX-License-Identifier: Apache-2.0 */
/* Updates and clipping against torch.optim.SGD (Nesterov), torch.optim.AdamW and clip_grad_norm_
 * (tools/torch/torch_training.py). */
#include "train/optimiser.h"

#include <math.h>

#include "base/mem.h"
#include "unit/arch/net_test.h"

enum { STEPS = 5, NUMBERS = 5 };
static const double rates[STEPS] = {0.1, 0.05, 0.2, 0.1, 0.025},
                    start[NUMBERS] = {1, -2, 0.5, 3, -0.25};

static const struct {
    struct optimiser settings;
    struct {
        double norm, value[NUMBERS];
    } step[STEPS];
} torch[] = {
    {{.kind = OPTIMISER_SGD, .momentum = .9, .decay = .01},
        {
            {1.96850197, {1.2356, -1.9012, 0.45155, 2.8043, -0.059525}},
            {1.71391365, {1.23714618, -1.99708386, 0.512043528, 2.75992091, -0.0901172012}},
            {1.5411035, {1.52023535, -2.208099, 0.213687251, 2.97471625, 0.0299861746}},
            {2.06155281, {1.36335046, -2.1356578, 0.16948176, 2.83570612, 0.298894615}},
            {1.5411035, {1.34399583, -2.18321591, 0.2070031, 2.83250119, 0.307388785}},
        }},
    {{.kind = OPTIMISER_SGD, .momentum = .99, .decay = 3e-5, .clip = 1.5},
        {
            {1.96850197, {1.18954162, -1.92416902, 0.462087496, 2.84834402, -0.0983604329}},
            {1.71391365, {1.19267321, -2.01434111, 0.518060937, 2.81098927, -0.126328955}},
            {1.5411035, {1.48540314, -2.2516467, 0.222362186, 3.05043236, -0.0102716223}},
            {2.06155281, {1.40112728, -2.23642037, 0.172350977, 2.96399209, 0.204078701}},
            {1.5411035, {1.39067257, -2.29457944, 0.208396173, 2.96820792, 0.210408235}},
        }},
    {{.kind = OPTIMISER_ADAMW, .decay = .01},
        {
            {1.96850197, {1.099, -1.898, 0.399500004, 2.897, -0.149750001}},
            {1.71391365, {1.11573079, -1.91916176, 0.424009745, 2.86204859, -0.145208876}},
            {1.5411035, {1.20809942, -2.00587881, 0.370281682, 2.87349803, -0.106301261}},
            {2.06155281, {1.19791865, -2.00845494, 0.348253343, 2.8495888, -0.0541952269}},
            {1.5411035, {1.19396176, -2.01613002, 0.35299057, 2.84659168, -0.0472833984}},
        }},
    {{.kind = OPTIMISER_ADAMW, .decay = .5, .clip = 1.5},
        {
            {1.96850197, {1.05, -1.8, 0.375000005, 2.75, -0.137500001}},
            {1.71391365, {1.03865207, -1.77912488, 0.392025103, 2.64774709, -0.132974236}},
            {1.5411035, {1.03041502, -1.70048968, 0.295138504, 2.41979266, -0.0863393052}},
            {2.06155281, {0.973690465, -1.62803403, 0.256755932, 2.28911024, -0.0333799634}},
            {1.5411035, {0.958205617, -1.61797717, 0.258327865, 2.26090056, -0.0278196825}},
        }},
};
enum { CASES = sizeof torch / sizeof *torch };

/* Two trained vectors, and a third that the network does not use. */
struct trial {
    struct params params;
    struct graph graph;
    struct run run;
    struct optimiser o;
    bool trained[3];
};

static void trial_new(struct trial *t, int isa, struct optimiser settings)
{
    struct err e = {0};
    static const char *const names[] = {"a", "b", "unused"};
    memset(t, 0, sizeof *t);
    params_init(&t->params);
    for (int i = 0; i < 3; i++) {
        struct param p = {.name = (char *)(uintptr_t)names[i],
            .kind = PARAM_VECTOR,
            .dims = 1,
            .shape = {i == 0 ? 3 : 2}};
        int index;
        must(params_add(&t->params, &p, &index, &e), &e);
    }
    must(params_allocate(&t->params, &e), &e);
    for (int i = 0; i < NUMBERS; i++) params_at(&t->params, i / 3)[i % 3] = (real)start[i];
    params_at(&t->params, 2)[0] = 7;
    graph_init(&t->graph, &t->params, true);
    t->trained[0] = t->trained[1] = true;
    t->run = (struct run){
        .plan = {.graph = &t->graph, .kernels = kernels_for(isa), .trained = t->trained}};
    t->run.grads = mem_array(t->params.size, sizeof(real));
    t->o = settings;
    must(optimiser_init(&t->o, &t->params, &e), &e);
}

static void trial_free(struct trial *t)
{
    optimiser_free(&t->o);
    mem_free(t->run.grads);
    graph_free(&t->graph);
    params_free(&t->params);
}

static real *gradient(struct trial *t, int i)
{
    return t->run.grads + t->params.list[i / 3].offset + i % 3;
}

static void set_gradients(struct trial *t, int step)
{
    for (int i = 0; i < NUMBERS; i++) *gradient(t, i) = (real)((7 * step + 3 * i) % 11 - 5) / 4;
}

static void compare(struct trial *t, int k, int step, double norm)
{
    if (fabs(norm - torch[k].step[step].norm) > 1e-6 * norm)
        fail_msg("case %d, step %d: norm %.9g", k, step, norm);
    for (int i = 0; i < NUMBERS; i++) {
        double value = (double)params_at(&t->params, i / 3)[i % 3];
        if (fabs(value - torch[k].step[step].value[i]) > 1e-6)
            fail_msg("case %d, step %d, number %d: %.9g", k, step, i, value);
    }
}

static void steps_are_torch_s(void **state)
{
    (void)state;
    for (int isa = ISA_REF; isa <= kernels_best(); isa++)
        for (int k = 0; k < CASES; k++) {
            struct trial t;
            trial_new(&t, isa, torch[k].settings);
            for (int step = 0; step < STEPS; step++) {
                set_gradients(&t, step);
                compare(&t, k, step, optimiser_step(&t.o, &t.run, rates[step], step + 1));
            }
            assert_true(params_at(&t.params, 2)[0] == 7);
            trial_free(&t);
        }
}

/* A gradient below the limit is left as it is, to the bit. */
static void clipping_begins_above_the_limit(void **state)
{
    (void)state;
    struct trial a, b;
    trial_new(&a, ISA_REF, (struct optimiser){.kind = OPTIMISER_SGD, .momentum = .9});
    trial_new(&b, ISA_REF, (struct optimiser){.kind = OPTIMISER_SGD, .momentum = .9, .clip = 1.97});
    set_gradients(&a, 0);
    set_gradients(&b, 0);
    optimiser_step(&a.o, &a.run, .1, 1);
    optimiser_step(&b.o, &b.run, .1, 1);
    assert_memory_equal(a.params.data, b.params.data, a.params.size * sizeof(real));
    trial_free(&a);
    trial_free(&b);
}

/* torch divides by the norm and 1e-6, so that a gradient of 1e-6 is halved by a limit of 1e-6. */
static void tiny_gradients_too(void **state)
{
    (void)state;
    struct trial t;
    trial_new(&t, ISA_REF, (struct optimiser){.kind = OPTIMISER_SGD, .momentum = .5, .clip = 1e-6});
    *gradient(&t, 1) = (real)1e-6;
    optimiser_step(&t.o, &t.run, 1e6, 1);
    assert_true(fabs((double)params_at(&t.params, 0)[1] - (-2 - 1.5 * .5)) < 1e-5);
    trial_free(&t);
}

static void what_is_not_finite_changes_nothing(void **state)
{
    (void)state;
    static const real bad[] = {NAN, INFINITY, -INFINITY};
    for (int k = 0; k < 2 * 3; k++) {
        struct trial t;
        trial_new(&t, kernels_best(),
            (struct optimiser){
                .kind = k < 3 ? OPTIMISER_SGD : OPTIMISER_ADAMW, .momentum = .9, .clip = 1});
        set_gradients(&t, 0);
        *gradient(&t, 4) = bad[k % 3];
        double norm = optimiser_step(&t.o, &t.run, .1, 1);
        assert_true(isnan(norm) || isinf(norm));
        for (int i = 0; i < NUMBERS; i++)
            assert_true(params_at(&t.params, i / 3)[i % 3] == (real)start[i]);
        for (size_t i = 0; i < t.params.size; i++)
            assert_true(t.o.m[i] == 0 && (!t.o.v || t.o.v[i] == 0));
        trial_free(&t);
    }
}

/* The norm of gradients whose squares overflow float. */
static void huge_gradients_are_clipped(void **state)
{
    (void)state;
    for (int isa = ISA_REF; isa <= kernels_best(); isa++) {
        struct trial t;
        trial_new(&t, isa, (struct optimiser){.kind = OPTIMISER_SGD, .momentum = .5, .clip = 1});
        *gradient(&t, 0) = (real)3e30;
        *gradient(&t, 4) = (real)-4e30;
        double norm = optimiser_step(&t.o, &t.run, 1, 1);
        assert_true(fabs(norm - 5e30) < 1e25);
        assert_true(fabs((double)params_at(&t.params, 0)[0] - (1 - 1.5 * .6)) < 1e-6);
        assert_true(fabs((double)params_at(&t.params, 1)[1] - (-0.25 + 1.5 * .8)) < 1e-6);
        trial_free(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_torch_s),
        cmocka_unit_test(clipping_begins_above_the_limit),
        cmocka_unit_test(tiny_gradients_too),
        cmocka_unit_test(what_is_not_finite_changes_nothing),
        cmocka_unit_test(huge_gradients_are_clipped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

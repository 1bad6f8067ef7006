/* SPDX-License-Identifier: Apache-2.0 */
/* Plans with a limit: it is kept, nothing that is still needed is written over, and no bit changes,
 * on every kind of network. */
#include "unit/graph/plan_test.h"

#include "base/mem.h"

/* The plan with a limit, which must be kept; or the smallest limit that would be. */
static size_t plan_within(const struct built *b, int isa, int threads, size_t limit, struct plan *p)
{
    struct err e = {0};
    size_t min = 0;
    att_status status =
        plan_make_within(&b->graph, kernels_for(isa), NULL, threads, limit, &min, p, &e);
    if (status == ATT_OK) assert_true(p->work_bytes <= limit);
    if (status == ATT_OK) return 0;
    assert_int_equal(status, ATT_MEMORY);
    assert_true(min > limit);
    assert_null(p->steps);
    return min;
}

static int repeated(const struct plan *p)
{
    int count = 0;
    for (int s = 0; s < p->nsteps; s++) count += p->steps[s].again;
    return count;
}

/* Every limit between what the network takes freely and what it takes at least is kept.  Returns
 * whether there are any. */
static bool try_limits(const struct built *b, int isa, int threads)
{
    struct plan p;
    assert_int_equal(plan_within(b, isa, threads, SIZE_MAX, &p), 0);
    size_t max = p.work_bytes;
    assert_int_equal(repeated(&p), 0);
    plan_free(&p);
    size_t min = plan_within(b, isa, threads, 1, &p);
    assert_in_range(min, 2, max);
    for (int k = 0; k <= 2; k++) {
        bool tight = k < 2 && min < max;
        assert_int_equal(plan_within(b, isa, threads, min + (max - min) * (size_t)k / 2, &p), 0);
        assert_int_equal(p.free_bytes, max);
        assert_int_equal(repeated(&p) > 0, tight);
        assert_true(tight ? p.extra > 0
                          : p.extra == 0); /* a map that is only normalised again is not free */
        follow(&p);
        plan_free(&p);
    }
    assert_int_equal(plan_within(b, isa, threads, min - 1, &p), min);
    return min < max;
}

static void test_a_limit_is_kept(void **state)
{
    (void)state;
    int helped = 0;
    for (int i = 0; i < TRIAL_NETS; i++)
        for (int isa = ISA_REF; isa <= kernels_best(); isa++) {
            struct built b;
            built_new(&b, &trial_nets[i], true);
            helped += try_limits(&b, isa, isa == kernels_best() ? 4 : 1);
            built_free(&b);
        }
    assert_true(helped >
        TRIAL_NETS); /* not in the smallest, where the workspace of one step is most of it */
}

/* ---- bits */

enum { STEPS = 2 };

static void create(const struct built *b, struct run *r, int isa, bool tight)
{
    struct err e = {0};
    size_t min = 0, unused;
    if (tight)
        assert_int_equal(
            run_create_within(&b->graph, kernels_for(isa), NULL, NULL, 1, &min, r, &e), ATT_MEMORY);
    err_clear(&e);
    must(run_create_within(&b->graph, kernels_for(isa), NULL, NULL, min, &unused, r, &e), &e);
    if (tight) assert_true(r->plan.work_bytes <= min);
}

/* Not a number stands wherever nothing was written. */
static void start(struct built *b, struct run *r, const struct trial_net *t, int isa, bool tight)
{
    built_new(b, t, true);
    create(b, r, isa, tight);
    params_initialise(&b->params, 1);
    for (int i = 0; i < STEPS; i++) {
        memset(r->work.p, 0xff, r->plan.work_bytes);
        built_fill(b, r);
        run_forward(r);
        run_backward(r, b->loss);
    }
}

static void same_bits(const void *a, const void *b, size_t bytes, const char *what)
{
    if (memcmp(a, b, bytes)) fail_msg("%s differs when maps are made again", what);
}

static void compare(const struct trial_net *t, int isa)
{
    struct built a, b;
    struct run x, y;
    start(&a, &x, t, isa, false);
    start(&b, &y, t, isa, true);
    for (int i = 0; i < a.graph.noutputs; i++) {
        int v = a.graph.outputs[i].value;
        same_bits(run_tensor(&x, v).p, run_tensor(&y, v).p, a.graph.values[v].bytes,
            a.graph.outputs[i].name);
    }
    for (size_t i = 0; i < a.params.size; i++)
        if (y.grads[i] != y.grads[i]) fail_msg("gradient %zu has a number that nobody wrote", i);
    same_bits(x.grads, y.grads, a.params.size * sizeof(real), "a gradient");
    same_bits(
        a.params.state, b.params.state, a.params.state_size * sizeof(real), "a running statistic");
    run_free(&x);
    run_free(&y);
    built_free(&a);
    built_free(&b);
}

#ifdef ATT_SANITIZED /* ten times as slow */
enum { EVERY = 4 };
#else
enum { EVERY = 1 };
#endif

static void test_a_limit_changes_no_bit(void **state)
{
    (void)state;
    for (int i = 0; i < TRIAL_NETS; i += EVERY)
        for (int isa = ISA_REF; isa <= kernels_best(); isa++) compare(&trial_nets[i], isa);
}

/* The network of arXiv 1804.03999 in 3D needs a third less for some percent of its multiply-adds.
 */
static void test_what_a_third_less_costs(void **state)
{
    (void)state;
    static const struct trial_net paper = {
        "arch=attunet dims=3 in=1 classes=2 widths=16,32,64,128,256 up=transpose gate=grid", 2, 32,
        32, 32, 2};
    struct built b;
    struct plan p;
    built_new(&b, &paper, true);
    plan_within(&b, kernels_best(), 1, SIZE_MAX, &p);
    size_t max = p.work_bytes;
    plan_free(&p);
    assert_int_equal(plan_within(&b, kernels_best(), 1, max * 2 / 3, &p), 0);
    assert_true(p.extra < .1);
    follow(&p);
    plan_free(&p);
    built_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_limit_is_kept),
        cmocka_unit_test(test_a_limit_changes_no_bit),
        cmocka_unit_test(test_what_a_third_less_costs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

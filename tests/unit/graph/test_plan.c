/* SPDX-License-Identifier: Apache-2.0 */
/* The plan: nothing that is still needed is ever written over.  Shown in two independent ways, on
 * every kind of network: by following who owns each cache line of the work region step by step, and
 * by comparing results with a plan in which everything has a place of its own. */
#include "unit/graph/plan_test.h"

#include "ops/ops.h"

/* The most bytes that live at one step: no placement can need less.  A value that works in place of
 * another has its place, too, and counts once. */
static size_t max_alive(const struct plan *p)
{
    int ids = 2 * p->graph->nvalues, count;
    struct life {
        struct region r;
        int first, last;
    } *lives = calloc((size_t)ids, sizeof *lives);
    size_t max = 0, *scratch = calloc((size_t)p->nsteps + 1, sizeof *scratch);
    assert_true(lives && scratch);
    for (int s = -1; s <= p->nsteps; s++) {
        struct region list[2 * (NODE_MAX_IN + NODE_MAX_OUT) + 1], *r = list;
        for (int v = 0; s < 0 && v < p->graph->nvalues; v++) { /* filled before, read after */
            count = 0;
            if (p->graph->values[v].producer < 0)
                add_value(p, p->value_at, list, &count, v, false, true);
            if (count) lives[v] = (struct life){list[0], 0, 0};
        }
        for (int i = 0; s == p->nsteps && i < p->graph->noutputs; i++)
            lives[p->graph->outputs[i].value].last = s;
        count = s < 0 || s == p->nsteps ? 0 : regions_of(p, p->value_at, &p->steps[s], list);
        for (; count > 0; count--, r++) {
            if (r->id == SCRATCH) scratch[s] = r->bytes;
            if (r->id == SCRATCH) continue;
            if (!lives[r->id].r.bytes) lives[r->id] = (struct life){*r, s, s};
            lives[r->id].last = s;
        }
    }
    for (int s = 0; s <= p->nsteps; s++) {
        size_t sum = scratch[s];
        for (int i = 0; i < ids; i++) {
            bool counts = lives[i].r.bytes && lives[i].first <= s && s <= lives[i].last;
            for (int j = 0; j < i && counts; j++)
                if (lives[j].r.bytes && lives[j].first <= s && s <= lives[j].last &&
                    lives[j].r.at == lives[i].r.at)
                    counts = false;
            if (counts) sum += lives[i].r.bytes;
        }
        if (sum > max) max = sum;
    }
    free(lives);
    free(scratch);
    return max;
}

static void test_nothing_needed_is_overwritten(void **state)
{
    (void)state;
    for (int i = 0; i < TRIAL_NETS; i++)
        for (int training = 0; training < 2; training++)
            for (int isa = ISA_REF; isa <= kernels_best(); isa++)
                for (int threads = 1; threads <= 4; threads += 3) {
                    struct err e = {0};
                    struct built b;
                    struct plan p;
                    built_new(&b, &trial_nets[i], training);
                    must(plan_make(&b.graph, kernels_for(isa), NULL, threads, &p, &e), &e);
                    follow(&p);
                    size_t live = max_alive(&p);
                    assert_true(p.work_bytes >= live);
                    assert_true(p.work_bytes < 2 * live);
                    assert_int_equal(p.nforward, b.graph.nnodes);
                    assert_int_equal(p.nsteps > p.nforward, training);
                    plan_free(&p);
                    built_free(&b);
                }
}

/* ---- against a plan without sharing */

enum { GUARD = 1 << 16 }; /* bytes behind a workspace */

static size_t workspace_bytes(const struct plan *p, const struct plan_step *s)
{
    const struct node *n = &p->graph->nodes[s->node];
    const size_t bytes = n->op->workspace(p->graph, n, p, s->want, s->backward);
    return (bytes + LINE - 1) / LINE * LINE;
}

static void spread_out(struct run *r)
{
    struct plan *p = &r->plan;
    size_t end = 0;
    buffer_destroy(&r->work);
    for (int v = 0; v < p->graph->nvalues; v++) {
        size_t bytes = (p->graph->values[v].bytes + LINE - 1) / LINE * LINE;
        if (p->value_at[v] != PLAN_NOWHERE) p->value_at[v] = (ptrdiff_t)end, end += bytes;
        if (p->grad_at[v] != PLAN_NOWHERE) p->grad_at[v] = (ptrdiff_t)end, end += bytes;
    }
    for (int i = 0; i < p->nsteps; i++) {
        struct plan_step *s = &p->steps[i];
        if (s->workspace_at == PLAN_NOWHERE) continue;
        s->workspace_at = (ptrdiff_t)end;
        end += workspace_bytes(p, s) + GUARD;
    }
    p->work_bytes = end;
    assert_true(buffer_create(&r->work, &memory_host, end, 1));
    memcpy(r->at, p->value_at, (size_t)p->graph->nvalues * sizeof *r->at);
}

/* Nobody wrote behind a workspace. */
static void assert_guards(const struct run *r)
{
    static unsigned char whole[GUARD];
    const struct plan *p = &r->plan;
    memset(whole, 0xff, sizeof whole);
    for (const struct plan_step *s = p->steps; s < p->steps + p->nsteps; s++) {
        if (s->workspace_at == PLAN_NOWHERE) continue;
        const unsigned char *work = (const unsigned char *)r->work.p + s->workspace_at;
        if (memcmp(work + workspace_bytes(p, s), whole, GUARD))
            fail_msg("step %d (%s) writes behind its workspace", (int)(s - p->steps),
                p->graph->nodes[s->node].op->name);
    }
}

static void start(struct built *b, struct run *r, const struct trial_net *t, int isa, bool training,
    bool half, bool apart)
{
    struct err e = {0};
    built_as(b, t, training, half);
    must(run_create(&b->graph, kernels_for(isa), NULL, NULL, r, &e), &e);
    params_initialise(&b->params, 1);
    if (apart) spread_out(r);
    memset(r->work.p, 0xff, r->plan.work_bytes); /* not a number, wherever nothing was written */
    for (int pass = 0; pass < 2; pass++) {
        built_fill(b, r);
        run_forward(r);
        if (training) run_backward_part(r, b->loss, 1, pass > 0);
    }
    if (apart) assert_guards(r);
}

static void same_bits(const void *a, const void *b, size_t bytes, const char *what)
{
    if (memcmp(a, b, bytes)) fail_msg("%s differs when everything has its own place", what);
}

static void compare(const struct trial_net *t, int isa, bool training, bool half)
{
    struct built a, b;
    struct run x, y;
    start(&a, &x, t, isa, training, half, false);
    start(&b, &y, t, isa, training, half, true);
    for (int i = 0; i < a.graph.noutputs; i++) {
        int v = a.graph.outputs[i].value;
        struct tensor p = run_tensor(&x, v), q = run_tensor(&y, v);
        for (size_t j = 0; j < tensor_size(&p); j++)
            if (p.p[j] != p.p[j])
                fail_msg("%s has a number that nobody wrote", a.graph.outputs[i].name);
        same_bits(p.p, q.p, a.graph.values[v].bytes, a.graph.outputs[i].name);
    }
    if (training) same_bits(x.grads, y.grads, a.params.size * sizeof(real), "a gradient");
    if (training)
        same_bits(a.params.state, b.params.state, a.params.state_size * sizeof(real),
            "a running statistic");
    run_free(&x);
    run_free(&y);
    built_free(&a);
    built_free(&b);
}

static void test_results_do_not_depend_on_places(void **state)
{
    (void)state;
    for (int i = 0; i < TRIAL_NETS; i++)
        for (int training = 0; training < 2; training++)
            for (int isa = ISA_REF; isa <= kernels_best(); isa++) {
                compare(&trial_nets[i], isa, training, false);
                compare(&trial_nets[i], isa, training, true);
            }
}

/* x is read by a layer and by the sum behind it, so the layer's backward step adds to the gradient
 * of x. Without gradients of weights, which need more, its workspace is for that alone. */
static void add_behind(int layer, int isa)
{
    enum { SIZE = 4 * 16 * 16 };
    static const float numbers[SIZE] = {1, 2, 3};
    struct err e = {0};
    struct params params;
    struct graph g;
    struct run r;
    int x, y = -1;
    params_init(&params);
    graph_init(&g, &params, true);
    must(graph_halve(&g, &e), &e);
    must(graph_input(&g, (struct shape){1, 4, 1, 16, 16}, LANES, true, &x, &e), &e);
    struct net n = {.g = &g, .e = &e, .status = ATT_OK, .dims = 2};
    const struct conv_layer l = {.x = {x}, .out = 4};
    if (layer == 0) y = net_conv(&n, l, "a");
    if (layer == 1) y = net_conv_transposed(&n, l, "a");
    if (layer == 2) y = net_conv_up(&n, x, 4, (const int[3])CUBE(1), "a");
    y = net_add(&n, x, y, ACT_NONE);
    must(n.status, &e);
    must(graph_output(&g, y, &e, "y"), &e);
    g.nodes[0].passive |= READS_IN(1) | READS_IN(2);
    must(run_create(&g, kernels_for(isa), NULL, NULL, &r, &e), &e);
    params_initialise(&params, 1);
    assert_int_equal(r.plan.steps[3].want, 1);
    assert_int_equal(r.plan.steps[3].add, 1);
    spread_out(&r);
    memset(r.work.p, 0xff, r.plan.work_bytes);
    const struct tensor in = run_tensor(&r, x);
    run_load(&in, numbers);
    run_forward(&r);
    const struct tensor dy = run_gradient(&r, y);
    run_load(&dy, numbers);
    run_backward_seeded(&r);
    assert_guards(&r);
    run_free(&r);
    graph_free(&g);
    params_free(&params);
}

static void test_a_workspace_suffices_to_add(void **state)
{
    (void)state;
    for (int layer = 0; layer < 3; layer++)
        for (int isa = ISA_REF; isa <= kernels_best(); isa++) add_behind(layer, isa);
}

/* ---- small graphs whose plan is known */

struct chain {
    struct params params;
    struct graph graph;
    struct plan plan;
    int x, conv, norm, map; /* image -> convolution -> norm -> planar 1x1 convolution */
};

static void chain_new(struct chain *c, bool training)
{
    struct err e = {0};
    struct net n = {.g = &c->graph, .e = &e, .status = ATT_OK, .dims = 2, .norm = NORM_BATCH};
    params_init(&c->params);
    graph_init(&c->graph, &c->params, training);
    must(graph_input(&c->graph, (struct shape){1, 3, 1, 8, 8}, 1, false, &c->x, &e), &e);
    c->conv = net_conv(
        &n, (struct conv_layer){.x = {c->x}, .out = 5, .kernel = CUBE(3), .pad = CUBE(1)}, "conv");
    c->norm = net_norm(&n, c->conv, ACT_RELU, "norm");
    c->map = net_conv(&n, (struct conv_layer){.x = {c->norm}, .out = 1, .planar = true}, "map");
    must(n.status, &e);
}

static void chain_plan(struct chain *c)
{
    struct err e = {0};
    must(plan_make(&c->graph, kernels_for(ISA_REF), NULL, 1, &c->plan, &e), &e);
}

static void chain_free(struct chain *c)
{
    plan_free(&c->plan);
    graph_free(&c->graph);
    params_free(&c->params);
}

static void test_a_norm_works_in_place_in_prediction(void **state)
{
    (void)state;
    struct chain c;
    struct err e = {0};
    chain_new(&c, false);
    must(graph_output(&c.graph, c.map, &e, "map"), &e);
    chain_plan(&c);
    assert_int_equal(c.plan.value_at[c.norm], c.plan.value_at[c.conv]);
    assert_int_equal(c.plan.nsteps, 3);
    assert_int_equal(c.plan.grad_at[c.conv], PLAN_NOWHERE);
    chain_free(&c);
}

static void test_a_norm_keeps_its_input_for_training(void **state)
{
    (void)state;
    struct chain c;
    struct err e = {0};
    chain_new(&c, true);
    must(graph_output(&c.graph, c.map, &e, "map"), &e);
    chain_plan(&c);
    assert_int_not_equal(c.plan.value_at[c.norm], c.plan.value_at[c.conv]);
    assert_int_equal(c.plan.nsteps, 6);
    chain_free(&c);
}

static void test_an_output_is_not_written_over(void **state)
{
    (void)state;
    struct chain c;
    struct err e = {0};
    chain_new(&c, false);
    must(graph_output(&c.graph, c.conv, &e, "conv"), &e);
    must(graph_output(&c.graph, c.map, &e, "map"), &e);
    chain_plan(&c);
    assert_int_not_equal(c.plan.value_at[c.norm], c.plan.value_at[c.conv]);
    chain_free(&c);
}

static void test_a_later_reader_keeps_its_input(void **state)
{
    (void)state;
    struct chain c;
    struct err e = {0};
    chain_new(&c, false);
    struct net n = {.g = &c.graph, .e = &e, .status = ATT_OK, .dims = 2};
    int y = net_gate(&n, c.conv, c.map);
    must(n.status, &e);
    must(graph_output(&c.graph, y, &e, "y"), &e);
    chain_plan(&c);
    assert_int_not_equal(c.plan.value_at[c.norm], c.plan.value_at[c.conv]);
    chain_free(&c);
}

/* In training a norm's gradient by input lies where the gradient of its result lay, unless more has
 * to be added to that later. */
static void test_a_norms_gradient_takes_a_place_over(void **state)
{
    (void)state;
    struct chain c;
    struct err e = {0};
    chain_new(&c, true);
    must(graph_output(&c.graph, c.map, &e, "map"), &e);
    chain_plan(&c);
    assert_int_not_equal(c.plan.grad_at[c.conv], PLAN_NOWHERE);
    assert_int_equal(c.plan.grad_at[c.conv], c.plan.grad_at[c.norm]);
    chain_free(&c);
    chain_new(&c, true);
    struct net n = {.g = &c.graph, .e = &e, .status = ATT_OK, .dims = 2};
    int y = net_gate(&n, c.conv, c.map);
    must(n.status, &e);
    must(graph_output(&c.graph, y, &e, "y"), &e);
    chain_plan(&c);
    assert_int_not_equal(c.plan.grad_at[c.conv], c.plan.grad_at[c.norm]);
    chain_free(&c);
}

/* A sigmoid's gradient reads its result only, so it works in place in training too. */
static void test_a_sigmoid_works_in_place_in_training(void **state)
{
    (void)state;
    struct chain c;
    struct err e = {0};
    chain_new(&c, true);
    struct net n = {.g = &c.graph, .e = &e, .status = ATT_OK, .dims = 2};
    int y = net_sigmoid(&n, c.map);
    must(n.status, &e);
    must(graph_output(&c.graph, y, &e, "y"), &e);
    chain_plan(&c);
    assert_int_equal(c.plan.value_at[y], c.plan.value_at[c.map]);
    chain_free(&c);
}

/* The image (3x8x8 planar numbers) with the convolution's map (one block of 16 channels) is the
 * most that lives at once. */
static void test_bytes_of_a_known_chain(void **state)
{
    (void)state;
    struct chain c;
    struct err e = {0};
    chain_new(&c, false);
    must(graph_output(&c.graph, c.map, &e, "map"), &e);
    chain_plan(&c);
    size_t max = (3 * 64 + 16 * 64) * sizeof(real);
    assert_int_equal(c.plan.work_bytes, max);
    chain_free(&c);
}

/* Gradients of the image are nobody's wish; the weights' are written once, and added to where a
 * weight is read twice. */
static void test_what_trains(void **state)
{
    (void)state;
    struct err e = {0};
    struct params params;
    struct graph g;
    struct plan p;
    int x, y;
    params_init(&params);
    graph_init(&g, &params, true);
    must(graph_input(&g, (struct shape){1, 4, 1, 4, 4}, LANES, false, &x, &e), &e);
    struct net n = {.g = &g, .e = &e, .status = ATT_OK, .dims = 2};
    struct conv_layer l = {.x = {x}, .out = 4};
    y = net_conv(&n, l, "a");
    l.x[0] = y;
    y = net_conv(&n, l, "a");
    net_conv_parameters(&n, l, "idle");
    must(n.status, &e);
    must(graph_output(&g, y, &e, "y"), &e);
    must(plan_make(&g, kernels_for(ISA_REF), NULL, 1, &p, &e), &e);
    assert_int_equal(p.nsteps, 4);
    assert_int_equal(p.steps[2].want, 7); /* the second convolution: x, weight, bias */
    assert_int_equal(p.steps[2].add, 0);
    assert_int_equal(p.steps[3].want, 6); /* the first: no gradient of the image */
    assert_int_equal(p.steps[3].add, 6);
    assert_true(p.trained[params_find(&params, "a.weight")]);
    assert_false(p.trained[params_find(&params, "idle.weight")]);
    plan_free(&p);
    graph_free(&g);
    params_free(&params);
}

/* x is read by a convolution and by the sum behind it: the sum's backward step comes first and
 * writes, the convolution's adds. */
static void test_a_value_read_twice_adds_up(void **state)
{
    (void)state;
    struct err e = {0};
    struct params params;
    struct graph g;
    struct plan p;
    int x, y;
    params_init(&params);
    graph_init(&g, &params, true);
    must(graph_input(&g, (struct shape){1, 4, 1, 4, 4}, LANES, true, &x, &e), &e);
    struct net n = {.g = &g, .e = &e, .status = ATT_OK, .dims = 2};
    y = net_add(&n, x, net_conv(&n, (struct conv_layer){.x = {x}, .out = 4}, "a"), ACT_NONE);
    must(n.status, &e);
    must(graph_output(&g, y, &e, "y"), &e);
    must(plan_make(&g, kernels_for(ISA_REF), NULL, 1, &p, &e), &e);
    assert_int_equal(p.nsteps, 4);
    assert_int_equal(p.steps[2].want, 3);
    assert_int_equal(p.steps[2].add, 0);
    assert_int_equal(p.steps[3].want, 7);
    assert_int_equal(p.steps[3].add, 1);
    follow(&p);
    plan_free(&p);
    graph_free(&g);
    params_free(&params);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_needed_is_overwritten),
        cmocka_unit_test(test_results_do_not_depend_on_places),
        cmocka_unit_test(test_a_workspace_suffices_to_add),
        cmocka_unit_test(test_a_norm_works_in_place_in_prediction),
        cmocka_unit_test(test_a_norm_keeps_its_input_for_training),
        cmocka_unit_test(test_an_output_is_not_written_over),
        cmocka_unit_test(test_a_later_reader_keeps_its_input),
        cmocka_unit_test(test_a_norms_gradient_takes_a_place_over),
        cmocka_unit_test(test_a_sigmoid_works_in_place_in_training),
        cmocka_unit_test(test_bytes_of_a_known_chain),
        cmocka_unit_test(test_what_trains),
        cmocka_unit_test(test_a_value_read_twice_adds_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

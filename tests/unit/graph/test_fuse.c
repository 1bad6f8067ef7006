/* SPDX-License-Identifier: Apache-2.0 */
/* Joining nodes: what comes out stays the same, fewer nodes make it, and a map that somebody else
 * wants is not taken away. */
#include "unit/arch/net_test.h"

#include <math.h>
#include <stdio.h>

#include "ops/ops.h"

struct fixture {
    struct params params;
    struct graph graph;
    int image, map;
    struct err e;
};

static const struct shape SIZE = {2, 18, 1, 5, 6};

static void begin(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    params_init(&f->params);
    graph_init(&f->graph, &f->params, false);
    struct shape one = SIZE;
    one.c = 1;
    must(graph_input(&f->graph, SIZE, LANES, false, &f->image, &f->e), &f->e);
    must(graph_input(&f->graph, one, 1, false, &f->map, &f->e), &f->e);
}

static void end(struct fixture *f)
{
    graph_free(&f->graph);
    params_free(&f->params);
}

static int conv(struct fixture *f, int x, int side, const char *name)
{
    struct conv_attr a = {.kernel = {1, side, side},
        .stride = {1, 1, 1},
        .pad = {0, side / 2, side / 2},
        .out = 20,
        .has_bias = true};
    char text[32];
    int in[3] = {x}, y;
    snprintf(text, sizeof text, "%s.weight", name);
    must(ops_weights(&f->graph, text, &a, &f->graph.values[x].s.c, 1, 2, false, &in[1], &f->e),
        &f->e);
    snprintf(text, sizeof text, "%s.bias", name);
    must(ops_vector(&f->graph, text, PARAM_VECTOR, a.out, 0.25f, &in[2], &f->e), &f->e);
    must(graph_node(&f->graph, &op_conv, in, 3, 1, &a, sizeof a, &y, &f->e), &f->e);
    return y;
}

static int transposed(struct fixture *f, int x, int side, bool has_bias)
{
    struct conv_attr a = {.kernel = {1, side, side},
        .stride = {1, 2, 2},
        .pad = {0, side / 2 - 1, side / 2 - 1},
        .out = 20,
        .has_bias = has_bias};
    int in[3] = {x}, y;
    must(ops_weights(&f->graph, "t.weight", &a, &f->graph.values[x].s.c, 1, 2, true, &in[1], &f->e),
        &f->e);
    if (has_bias)
        must(ops_vector(&f->graph, "t.bias", PARAM_VECTOR, a.out, 0.25f, &in[2], &f->e), &f->e);
    must(graph_node(
             &f->graph, &op_conv_transposed, in, has_bias ? 3 : 2, 1, &a, sizeof a, &y, &f->e),
        &f->e);
    return y;
}

static int norm(struct fixture *f, int x, bool per_image)
{
    static const char *const names[] = {"gamma", "beta", "mean", "var", "batches"};
    static const float values[] = {1.5f, -0.2f, 0.1f, 0.7f, 0};
    struct norm_attr a = {per_image, ACT_RELU, 1e-5f, .1f, false};
    int in[6] = {x}, out[2], c = f->graph.values[x].s.c;
    for (int i = 0; i < (per_image ? 2 : 5); i++)
        must(ops_vector(&f->graph, names[i],
                 i < 2       ? PARAM_VECTOR
                     : i < 4 ? STATE_VECTOR
                             : STATE_COUNT,
                 i < 4 ? c : 1, values[i], &in[1 + i], &f->e),
            &f->e);
    must(
        graph_node(&f->graph, &op_norm, in, per_image ? 3 : 6, 2, &a, sizeof a, out, &f->e), &f->e);
    return out[0];
}

static int gate(struct fixture *f, int x)
{
    int y;
    must(graph_node(&f->graph, &op_gate, (int[]){x, f->map}, 2, 1, NULL, 0, &y, &f->e), &f->e);
    return y;
}

static void fill(const struct tensor *t)
{
    struct rng r = rng_stream(3, RNG_TEST, (uint32_t)t->s.c, 0);
    for (int n = 0; n < t->s.n; n++)
        for (int c = 0; c < t->s.c; c++)
            for (size_t i = 0; i < shape_pixels(t->s); i++)
                tensor_channel(t, n, c)[i * (size_t)t->lanes] = (real)rng_range(&r, -1, 1);
}

/* Every number of every parameter another one. */
static void fill_params(const struct params *p)
{
    struct rng r = rng_stream(4, RNG_TEST, 0, 0);
    for (int i = 0; i < p->count; i++) {
        const struct param *q = &p->list[i];
        if (q->kind == STATE_COUNT) continue;
        real *values = test_malloc(q->count * sizeof *values);
        double min = q->kind == PARAM_CONV ? -0.2 : 0.3;
        for (size_t k = 0; k < q->count; k++)
            values[k] = (real)rng_range(&r, min, q->kind == PARAM_CONV ? 0.2 : 1.5);
        params_import(q, values, params_at(p, i));
        test_free(values);
    }
}

/* What the graph makes of always the same numbers. */
static real *results(struct fixture *f, int y, size_t *count)
{
    struct run r;
    must(run_create(&f->graph, kernels_for(kernels_best()), NULL, NULL, &r, &f->e), &f->e);
    fill_params(&f->params);
    struct tensor image = run_tensor(&r, f->image), map = run_tensor(&r, f->map);
    memset(image.p, 0, tensor_size(&image) * sizeof *image.p);
    fill(&image);
    fill(&map);
    run_forward(&r);
    struct tensor out = run_tensor(&r, y);
    *count = (size_t)out.s.n * (size_t)out.s.c * shape_pixels(out.s);
    real *planar = test_malloc(*count * sizeof *planar);
    run_store(&out, planar);
    run_free(&r);
    return planar;
}

/* Fuses and compares; `nodes` are left. */
static void check(struct fixture *f, int y, int nodes)
{
    size_t count;
    must(graph_output(&f->graph, y, &f->e, "y"), &f->e);
    real *before = results(f, y, &count);
    graph_fuse(&f->graph);
    assert_int_equal(f->graph.nnodes, nodes);
    real *after = results(f, y, &count);
    for (size_t i = 0; i < count; i++)
        if (fabs((double)(before[i] - after[i])) > 1e-5)
            fail_msg("number %zu was %g and is %g", i, (double)before[i], (double)after[i]);
    for (int i = 0; i < nodes; i++)
        assert_int_equal(f->graph.values[f->graph.nodes[i].out[0]].producer, i);
    test_free(before);
    test_free(after);
    end(f);
}

static void a_norm_joins_its_convolution(void **state)
{
    (void)state;
    struct fixture f;
    for (int side = 1; side <= 3; side += 2) {
        begin(&f);
        check(&f, norm(&f, conv(&f, f.image, side, "c"), false), 1);
    }
    for (int side = 2; side <= 4; side += 2)
        for (int bias = 0; bias < 2; bias++) {
            begin(&f);
            check(&f, norm(&f, transposed(&f, f.image, side, bias), false), 1);
        }
}

static void a_convolution_joins_the_gate_before_it(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    check(&f, norm(&f, conv(&f, gate(&f, f.image), 1, "c"), false), 1);
    begin(&f); /* 3x3: the map is not the same for all that it sums */
    check(&f, norm(&f, conv(&f, gate(&f, f.image), 3, "c"), false), 2);
}

static void what_others_read_stays(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    int c = conv(&f, f.image, 1, "c");
    must(graph_output(&f.graph, c, &f.e, "c"), &f.e);
    check(&f, norm(&f, c, false), 2);
    begin(&f);
    c = conv(&f, f.image, 1, "c");
    int y, both[2] = {norm(&f, c, false), c};
    struct add_attr add = {ACT_NONE};
    must(graph_node(&f.graph, &op_add, both, 2, 1, &add, sizeof add, &y, &f.e), &f.e);
    check(&f, y, 3);
}

/* In training: the norm's map is not stored, and outputs and gradients stay what they were. */
static void a_norm_is_made_on_load(void **state)
{
    (void)state;
    struct fixture f;
    struct run r;
    real *grads[2];
    for (int per_image = 0; per_image < 2; per_image++) {
        begin(&f);
        f.graph.training = true;
        int n = norm(&f, conv(&f, f.image, 3, "a"), per_image), y = conv(&f, n, 3, "b");
        must(graph_output(&f.graph, y, &f.e, "y"), &f.e);
        for (int fused = 0; fused < 2; fused++) {
            if (fused) graph_fuse(&f.graph);
            assert_int_equal(f.graph.values[n].unstored, fused);
            must(run_create(&f.graph, kernels_for(kernels_best()), NULL, NULL, &r, &f.e), &f.e);
            assert_int_equal(r.plan.value_at[n] == PLAN_NOWHERE, fused);
            assert_int_equal(f.graph.nodes[0].idle != 0, fused); /* its bias */
            fill_params(&f.params);
            struct tensor image = run_tensor(&r, f.image), dy;
            memset(image.p, 0, tensor_size(&image) * sizeof *image.p);
            fill(&image);
            run_forward(&r);
            dy = run_gradient(&r, y);
            memset(dy.p, 0, tensor_size(&dy) * sizeof *dy.p);
            fill(&dy);
            run_backward_seeded(&r);
            grads[fused] = test_malloc(f.params.size * sizeof **grads);
            memcpy(grads[fused], r.grads, f.params.size * sizeof **grads);
            run_free(&r);
        }
        double max = 0;
        for (size_t i = 0; i < f.params.size; i++) max = fmax(max, fabs((double)grads[0][i]));
        for (size_t i = 0; i < f.params.size; i++)
            if (fabs((double)(grads[0][i] - grads[1][i])) > 1e-5 * max)
                fail_msg(
                    "gradient %zu was %g and is %g", i, (double)grads[0][i], (double)grads[1][i]);
        assert_true(max > 0);
        test_free(grads[0]);
        test_free(grads[1]);
        end(&f);
    }
}

/* Where the mean is fixed a bias counts; where another reads the map, or it is an output, too. */
static void other_biases_train(void **state)
{
    (void)state;
    struct fixture f;
    for (int kind = 0; kind < 4; kind++) {
        begin(&f);
        f.graph.training = true;
        const int c = conv(&f, f.image, 3, "a"), n = norm(&f, c, false), node = f.graph.nnodes - 1;
        must(graph_output(&f.graph, n, &f.e, "n"), &f.e);
        ((struct norm_attr *)(void *)f.graph.nodes[node].attr)->fixed = kind == 1;
        if (kind == 2) conv(&f, c, 1, "b");
        if (kind == 3) must(graph_output(&f.graph, c, &f.e, "c"), &f.e);
        graph_fuse(&f.graph);
        assert_int_equal(f.graph.nodes[0].idle, kind ? 0 : READS_IN(2));
        end(&f);
    }
}

/* A norm that is an output, or has two readers, or is read by a 1x1 convolution, is stored. */
static void other_norms_are_stored(void **state)
{
    (void)state;
    struct fixture f;
    for (int kind = 0; kind < 3; kind++) {
        begin(&f);
        f.graph.training = true;
        int n = norm(&f, conv(&f, f.image, 3, "a"), false), y = conv(&f, n, kind == 2 ? 1 : 3, "b");
        must(graph_output(&f.graph, kind == 1 ? conv(&f, n, 3, "c") : y, &f.e, "y"), &f.e);
        if (kind == 0) must(graph_output(&f.graph, n, &f.e, "n"), &f.e);
        graph_fuse(&f.graph);
        assert_false(f.graph.values[n].unstored);
        end(&f);
    }
}

static void what_is_gone_is_refused(void **state)
{
    (void)state;
    struct fixture f;
    int y;
    begin(&f);
    int c = conv(&f, f.image, 3, "c");
    must(graph_output(&f.graph, norm(&f, c, false), &f.e, "y"), &f.e);
    graph_fuse(&f.graph);
    assert_int_equal(graph_output(&f.graph, c, &f.e, "c"), ATT_FAILED);
    assert_int_equal(
        graph_node(&f.graph, &op_gate, (int[]){c, f.map}, 2, 1, NULL, 0, &y, &f.e), ATT_FAILED);
    end(&f);
    begin(&f); /* what a gate scales has no memory, what the convolution behind it makes has */
    const int scaled = gate(&f, f.image), behind = conv(&f, scaled, 1, "c");
    must(graph_output(&f.graph, behind, &f.e, "y"), &f.e);
    graph_fuse(&f.graph);
    assert_int_equal(graph_output(&f.graph, scaled, &f.e, "s"), ATT_FAILED);
    err_clear(&f.e);
    must(graph_output(&f.graph, behind, &f.e, "z"), &f.e);
    end(&f);
}

static void an_instance_norm_stays(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    check(&f, norm(&f, conv(&f, f.image, 3, "c"), true), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_norm_joins_its_convolution),
        cmocka_unit_test(a_convolution_joins_the_gate_before_it),
        cmocka_unit_test(other_biases_train),
        cmocka_unit_test(what_others_read_stays),
        cmocka_unit_test(an_instance_norm_stays),
        cmocka_unit_test(a_norm_is_made_on_load),
        cmocka_unit_test(other_norms_are_stored),
        cmocka_unit_test(what_is_gone_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

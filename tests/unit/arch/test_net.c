/* SPDX-License-Identifier: Apache-2.0 */
/* Layers: parameters under torch's names and shapes, nodes, and that the first failure stays. */
#include "unit/arch/net_test.h"

#include <stdio.h>

struct fixture {
    struct params params;
    struct graph graph;
    struct err e;
    struct net net;
    int x; /* 6 channels */
};

static struct net *begin(struct fixture *f, int dims)
{
    memset(f, 0, sizeof *f);
    params_init(&f->params);
    graph_init(&f->graph, &f->params, true);
    must(graph_input(
             &f->graph, (struct shape){2, 6, dims == 3 ? 4 : 1, 8, 8}, LANES, true, &f->x, &f->e),
        &f->e);
    f->net = (struct net){
        .g = &f->graph, .e = &f->e, .status = ATT_OK, .dims = dims, .norm = NORM_BATCH};
    return &f->net;
}

static void end(struct fixture *f)
{
    graph_free(&f->graph);
    params_free(&f->params);
}

static void has(const struct fixture *f, const char *name, const char *shape)
{
    int i = params_find(&f->params, name);
    if (i < 0) fail_msg("there is no parameter %s", name);
    char text[64] = "";
    for (int k = 0, at = 0; k < f->params.list[i].dims; k++)
        at += snprintf(
            text + at, sizeof text - (size_t)at, "%s%d", k ? "x" : "", f->params.list[i].shape[k]);
    assert_string_equal(text, shape);
}

static void is_shape(const struct fixture *f, int value, int c, int d, int h, int w)
{
    struct shape s = f->graph.values[value].s;
    assert_int_equal(s.n, 2);
    assert_int_equal(s.c, c);
    assert_int_equal(s.d, d);
    assert_int_equal(s.h, h);
    assert_int_equal(s.w, w);
}

static void test_convolutions(void **state)
{
    (void)state;
    struct fixture f;
    struct net *n = begin(&f, 2);
    int y = net_conv(n,
        (struct conv_layer){.x = {f.x, f.x}, .nx = 2, .out = 5, .kernel = CUBE(3), .pad = CUBE(1)},
        "enc.%d.%s", 0, "conv");
    int z = net_conv(n,
        (struct conv_layer){.x = {y},
            .out = 2,
            .kernel = CUBE(2),
            .stride = CUBE(2),
            .no_bias = true,
            .planar = true},
        "theta");
    must(n->status, &f.e);
    has(&f, "enc.0.conv.weight", "5x12x3x3");
    has(&f, "enc.0.conv.bias", "5");
    has(&f, "theta.weight", "2x5x2x2");
    assert_int_equal(params_find(&f.params, "theta.bias"), -1);
    is_shape(&f, y, 5, 1, 8, 8);
    is_shape(&f, z, 2, 1, 4, 4);
    assert_int_equal(f.graph.values[y].lanes, LANES);
    assert_int_equal(f.graph.values[z].lanes, 1);
    end(&f);
    n = begin(&f, 3);
    y = net_conv(
        n, (struct conv_layer){.x = {f.x}, .out = 5, .kernel = CUBE(2), .stride = CUBE(2)}, "wx");
    must(n->status, &f.e);
    has(&f, "wx.weight", "5x6x2x2x2");
    is_shape(&f, y, 5, 2, 4, 4);
    end(&f);
}

static void test_an_initial_bias(void **state)
{
    (void)state;
    struct fixture f;
    struct net *n = begin(&f, 2);
    net_conv(n, (struct conv_layer){.x = {f.x}, .out = 1, .bias = 3}, "psi");
    must(n->status, &f.e);
    must(params_allocate(&f.params, &f.e), &f.e);
    params_initialise(&f.params, 1);
    assert_true(params_at(&f.params, params_find(&f.params, "psi.bias"))[0] == 3);
    end(&f);
}

static void test_a_convolution_without_a_node(void **state)
{
    (void)state;
    struct fixture f;
    struct net *n = begin(&f, 2);
    net_conv_parameters(n, (struct conv_layer){.x = {f.x}, .out = 3}, "head.%d", 1);
    must(n->status, &f.e);
    has(&f, "head.1.weight", "3x6x1x1");
    has(&f, "head.1.bias", "3");
    assert_int_equal(f.graph.nnodes, 0);
    end(&f);
}

static void test_transposed_convolutions(void **state)
{
    (void)state;
    struct fixture f;
    struct net *n = begin(&f, 2);
    int y = net_conv_transposed(n,
        (struct conv_layer){
            .x = {f.x}, .out = 5, .kernel = CUBE(4), .stride = CUBE(2), .pad = CUBE(1)},
        "up.%d", 0);
    must(n->status, &f.e);
    has(&f, "up.0.weight", "6x5x4x4"); /* torch: input channels first */
    has(&f, "up.0.bias", "5");
    is_shape(&f, y, 5, 1, 16, 16);
    end(&f);
    n = begin(&f, 3);
    y = net_conv_transposed(
        n, (struct conv_layer){.x = {f.x}, .out = 5, .kernel = CUBE(2), .stride = CUBE(2)}, "up");
    must(n->status, &f.e);
    has(&f, "up.weight", "6x5x2x2x2");
    is_shape(&f, y, 5, 8, 16, 16);
    y = net_conv_up(n, f.x, 5, (int[3])CUBE(2), "near.%d", 1);
    must(n->status, &f.e);
    has(&f, "near.1.weight", "5x6x3x3x3"); /* as of the convolution alone */
    has(&f, "near.1.bias", "5");
    is_shape(&f, y, 5, 8, 16, 16);
    end(&f);
}

static void test_norms(void **state)
{
    (void)state;
    struct fixture f;
    struct net *n = begin(&f, 2);
    int y = net_norm(n, f.x, ACT_RELU, "bn");
    n->norm = NORM_INSTANCE;
    net_norm(n, y, ACT_NONE, "in");
    n->norm = NORM_NONE;
    assert_int_equal(net_norm(n, y, ACT_NONE, "none"), y);
    must(n->status, &f.e);
    has(&f, "bn.weight", "6");
    has(&f, "bn.bias", "6");
    has(&f, "bn.running_mean", "6");
    has(&f, "bn.running_var", "6");
    has(&f, "bn.num_batches_tracked", "");
    has(&f, "in.weight", "6");
    assert_int_equal(params_find(&f.params, "in.running_mean"), -1);
    assert_int_equal(params_find(&f.params, "none.weight"), -1);
    assert_int_equal(f.graph.nnodes, 2);
    end(&f);
}

static void test_grids(void **state)
{
    (void)state;
    struct fixture f;
    for (int dims = 2; dims <= 3; dims++) {
        struct net *n = begin(&f, dims);
        int d = dims == 3 ? 4 : 1, small = net_maxpool(n, f.x, (int[3])CUBE(2));
        is_shape(&f, small, 6, dims == 3 ? 2 : 1, 4, 4);
        is_shape(&f, net_conv_up(n, small, 5, (int[3])CUBE(2), "up"), 5, d, 8, 8);
        is_shape(&f, net_linear(n, small, (int[3])CUBE(2)), 6, d, 8, 8);
        is_shape(&f, net_linear_like(n, small, f.x), 6, d, 8, 8);
        int nodes = f.graph.nnodes;
        assert_int_equal(net_linear_like(n, f.x, f.x), f.x);
        assert_int_equal(f.graph.nnodes, nodes);
        end(&f);
    }
}

/* The map and the product of a gate in one pass (at inference) are those of the separate ops (as in
 * training), whatever the norms are. */
static void test_both_forms_of_a_gate(void **state)
{
    (void)state;
    static const struct gate_names names = {
        "wg", "wg_norm", "wx", "wx_norm", "psi", "psi_norm", NULL};
    for (int normed = 0; normed < 2; normed++) {
        struct fixture f;
        struct net *n = begin(&f, 2);
        int g, y[2];
        n->norm = normed ? NORM_BATCH : NORM_NONE;
        must(graph_input(&f.graph, (struct shape){2, 19, 1, 8, 8}, LANES, true, &g, &f.e), &f.e);
        for (int i = 0; i < 2; i++) {
            f.graph.training = i == 0;
            y[i] = net_attention(n, f.x, g, 5, 0.5f, &names, "gate");
            net_output(n, y[i], "product.%d", i);
        }
        must(n->status, &f.e);
        assert_ptr_equal(f.graph.nodes[f.graph.nnodes - 1].op, &op_attend);
        for (int v = 0; v < f.graph.nvalues; v++) f.graph.values[v].grad = false;
        struct run r;
        must(run_create(&f.graph, kernels_for(kernels_best()), NULL, NULL, &r, &f.e), &f.e);
        struct rng rng = rng_stream(6, RNG_TEST, 0, 0);
        for (int i = 0; i < f.params.count; i++)
            for (size_t k = 0; k < f.params.list[i].count && f.params.list[i].kind != STATE_COUNT;
                 k++) {
                real value =
                    (real)rng_range(&rng, 0.2, 1.2); /* in torch's order, so that pads stay zero */
                real *all = test_malloc(f.params.list[i].count * sizeof *all);
                params_export(&f.params.list[i], params_at(&f.params, i), all);
                all[k] = value * (k % 2 ? -1 : 1) *
                    (f.params.list[i].kind == PARAM_CONV ? 1
                            : k % 2                      ? -1
                                                         : 1);
                params_import(&f.params.list[i], all, params_at(&f.params, i));
                test_free(all);
            }
        for (int i = 0; i < 2; i++) {
            struct tensor t = run_tensor(&r, i ? g : f.x);
            memset(t.p, 0, tensor_size(&t) * sizeof *t.p);
            for (int image = 0; image < t.s.n; image++)
                for (int c = 0; c < t.s.c; c++)
                    for (size_t p = 0; p < shape_pixels(t.s); p++)
                        tensor_channel(&t, image, c)[p * LANES] = (real)rng_range(&rng, -1, 1);
        }
        run_forward(&r);
        struct tensor a = run_tensor(&r, y[0]), b = run_tensor(&r, y[1]);
        for (size_t i = 0; i < tensor_size(&a); i++) assert_float_equal(a.p[i], b.p[i], 1e-5);
        run_free(&r);
        end(&f);
    }
}

static void test_the_first_failure_stays(void **state)
{
    (void)state;
    struct fixture f;
    struct net *n = begin(&f, 2);
    int small = net_maxpool(n, f.x, (int[3])CUBE(2));
    int bad = net_add(n, f.x, small, ACT_RELU);
    assert_int_equal(bad, -1);
    assert_int_equal(n->status, ATT_MODEL);
    assert_string_equal(f.e.text, "a sum cannot join maps of 6x1x8x8 and 6x1x4x4");
    int nodes = f.graph.nnodes, outputs = f.graph.noutputs;
    assert_int_equal(net_conv(n, (struct conv_layer){.x = {bad}, .out = 4}, "late"), -1);
    assert_int_equal(net_linear(n, bad, (int[3])CUBE(2)), -1);
    net_output(n, bad, "late");
    assert_int_equal(f.graph.nnodes, nodes);
    assert_int_equal(f.graph.noutputs, outputs);
    assert_int_equal(params_find(&f.params, "late.weight"), -1);
    assert_string_equal(f.e.text, "a sum cannot join maps of 6x1x8x8 and 6x1x4x4");
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_convolutions),
        cmocka_unit_test(test_an_initial_bias),
        cmocka_unit_test(test_a_convolution_without_a_node),
        cmocka_unit_test(test_transposed_convolutions),
        cmocka_unit_test(test_norms),
        cmocka_unit_test(test_grids),
        cmocka_unit_test(test_both_forms_of_a_gate),
        cmocka_unit_test(test_the_first_failure_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

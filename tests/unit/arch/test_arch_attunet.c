/* SPDX-License-Identifier: Apache-2.0 */
/* The attention gates of arch=attunet: where the map lies, what it scales, and what the keys of the
 * spec change. */
#include "unit/arch/net_test.h"

#include <math.h>
#include <stdio.h>

#include "ops/ops.h"

/* The node that multiplies by the attention map called `name`. */
static const struct node *gate_of(const struct built *b, const char *name)
{
    int map = graph_find_output(&b->graph, name);
    if (map < 0) fail_msg("there is no output %s", name);
    for (int i = 0; i < b->graph.nnodes; i++)
        if (b->graph.nodes[i].op == &op_gate && b->graph.nodes[i].in[1] == map)
            return &b->graph.nodes[i];
    fail_msg("%s scales nothing", name);
    return NULL;
}

static struct shape shape_of(const struct built *b, int value) { return b->graph.values[value].s; }

static void is_grid(struct shape s, int c, int d, int h, int w)
{
    assert_int_equal(s.c, c);
    assert_int_equal(s.d, d);
    assert_int_equal(s.h, h);
    assert_int_equal(s.w, w);
}

/* The result of a norm whose scale is the parameter `name`. */
static int norm_called(const struct built *b, const char *name)
{
    int index = params_find(&b->params, name);
    for (int i = 0; i < b->graph.nnodes; i++) {
        const struct node *n = &b->graph.nodes[i];
        if (n->op == &op_norm && b->graph.values[n->in[1]].param == index) return n->out[0];
    }
    fail_msg("there is no norm %s", name);
    return -1;
}

/* The convolution whose weight is the parameter `name`. */
static const struct node *conv_called(const struct built *b, const char *name)
{
    int index = params_find(&b->params, name);
    for (int i = 0; i < b->graph.nnodes; i++) {
        const struct node *n = &b->graph.nodes[i];
        for (int k = 1; k < n->nin; k++)
            if (n->op == &op_conv && b->graph.values[n->in[k]].param == index) return n;
    }
    fail_msg("there is no convolution %s", name);
    return NULL;
}

/* x has 64 channels at 128x128, g 128 channels at 64x64, the gate 32 inside: both published gates
 * give a map 1x128x128. */
static void test_a_map_lies_on_the_grid_of_what_it_scales(void **state)
{
    (void)state;
    static const char *const kinds[] = {"gate=grid sub=2", "gate=same"};
    for (int i = 0; i < 2; i++) {
        char text[200];
        struct built b;
        snprintf(text, sizeof text,
            "arch=attunet dims=2 in=1 classes=2 widths=64,128 gated=all signal=coarse inter=32 %s",
            kinds[i]);
        built_new(&b, &(struct trial_net){text, 1, 1, 128, 128, 2}, false);
        const struct node *n = gate_of(&b, "attention.gate.0");
        const struct node *wx = conv_called(&b, "gate.0.wx.weight"),
                          *wg = conv_called(&b, "gate.0.wg.weight");
        is_grid(shape_of(&b, wx->in[0]), 64, 1, 128, 128);
        is_grid(shape_of(&b, wg->in[0]), 128, 1, 64, 64);
        is_grid(shape_of(&b, wx->out[0]), 32, 1, i ? 128 : 64, i ? 128 : 64);
        is_grid(shape_of(&b, n->in[1]), 1, 1, 128, 128);
        is_grid(shape_of(&b, n->out[0]), 64, 1, 128, 128);
        assert_int_equal(b.graph.values[n->in[1]].lanes, 1);
        built_free(&b);
    }
}

/* Along an axis that the step below does not stride, a grid gate's map has all places. */
static void test_a_map_per_axis(void **state)
{
    (void)state;
    struct built b;
    built_new(&b,
        &(struct trial_net){
            "arch=attunet dims=3 in=1 classes=2 widths=4,6,8 strides=1x2x2,2x2x1 gated=all", 1, 4,
            8, 16, 2},
        false);
    is_grid(shape_of(&b, conv_called(&b, "gate.0.wx.weight")->out[0]), 4, 4, 4, 8);
    is_grid(shape_of(&b, conv_called(&b, "gate.1.wx.weight")->out[0]), 6, 2, 2, 8);
    is_grid(shape_of(&b, graph_find_output(&b.graph, "attention.gate.0")), 1, 4, 8, 16);
    is_grid(shape_of(&b, graph_find_output(&b.graph, "attention.gate.1")), 1, 4, 4, 8);
    is_grid(shape_of(&b, conv_called(&b, "enc.2.conv1.weight")->in[0]), 6, 2, 2, 8);
    const int *up = b.params.list[params_find(&b.params, "up.0.conv.weight")].shape,
              *w = b.params.list[params_find(&b.params, "gate.1.wx.weight")].shape;
    assert_true(up[2] == 1 && up[3] == 4 && up[4] == 4 && w[2] == 2 && w[3] == 2 && w[4] == 1);
    built_free(&b);
}

/* The map scales the skip connection (in a graph that trains: at inference nodes are joined), that
 * is what the encoder gave at the level, never the gating signal; the decoder reads the product.
 */
static void test_the_skip_connection_is_scaled(void **state)
{
    (void)state;
    struct built b;
    built_new(&b,
        &(struct trial_net){
            "arch=attunet dims=2 in=1 classes=2 widths=4,6,8 gated=all gate=grid", 1, 1, 16, 16, 2},
        true);
    for (int level = 0; level < 2; level++) {
        char name[32];
        snprintf(name, sizeof name, "attention.gate.%d", level);
        const struct node *n = gate_of(&b, name);
        snprintf(name, sizeof name, "enc.%d.norm2.weight", level);
        int skip = norm_called(&b, name);
        assert_int_equal(n->in[0], skip);
        snprintf(name, sizeof name, "gate.%d.wx.weight", level);
        assert_int_equal(conv_called(&b, name)->in[0], skip);
        snprintf(name, sizeof name, "dec.%d.conv1.weight", level);
        assert_int_equal(conv_called(&b, name)->in[0], n->out[0]);
    }
    /* the gating signals: the bottleneck for level 1, the decoder's level 1 for level 0 */
    assert_int_equal(
        conv_called(&b, "gate.1.wg.weight")->in[0], norm_called(&b, "enc.2.norm2.weight"));
    assert_int_equal(
        conv_called(&b, "gate.0.wg.weight")->in[0], norm_called(&b, "dec.1.norm2.weight"));
    built_free(&b);
}

static void test_the_product(void **state)
{
    (void)state;
    struct err e = {0};
    struct built b;
    struct run r;
    built_new(&b,
        &(struct trial_net){
            "arch=attunet dims=2 in=1 classes=2 widths=4,6 gated=all gate=same psi_bias=1.5", 1, 1,
            8, 8, 2},
        false);
    const struct node *n = gate_of(&b, "attention.gate.0");
    must(graph_output(&b.graph, n->in[0], &e, "skip"), &e);
    must(graph_output(&b.graph, n->out[0], &e, "product"), &e);
    must(run_create(&b.graph, kernels_for(ISA_REF), NULL, NULL, &r, &e), &e);
    params_initialise(&b.params, 1);
    built_fill(&b, &r);
    run_forward(&r);
    struct tensor x = run_tensor(&r, n->in[0]), map = run_tensor(&r, n->in[1]),
                  y = run_tensor(&r, n->out[0]);
    double min = 1, max = 0;
    for (size_t i = 0; i < 64; i++) {
        min = fmin(min, (double)map.p[i]);
        max = fmax(max, (double)map.p[i]);
        for (int c = 0; c < 4; c++)
            assert_true(tensor_channel(&y, 0, c)[i * LANES] ==
                tensor_channel(&x, 0, c)[i * LANES] * map.p[i]);
    }
    assert_true(min > 0 && max < 1 && min < max);
    /* without weights in psi, the map is sigmoid(psi_bias) everywhere */
    const struct param *psi = &b.params.list[params_find(&b.params, "gate.0.psi.weight")];
    memset(b.params.data + psi->offset, 0, psi->size * sizeof(real));
    built_fill(&b, &r);
    run_forward(&r);
    for (size_t i = 0; i < 64; i++)
        assert_true(fabs((double)map.p[i] - 1 / (1 + exp(-1.5))) < 1e-6);
    run_free(&r);
    built_free(&b);
}

static void test_which_levels_are_gated(void **state)
{
    (void)state;
    struct built b;
    built_new(
        &b, &(struct trial_net){"arch=attunet dims=2 in=1 widths=4,6,8", 1, 1, 8, 8, 2}, true);
    assert_int_equal(graph_find_output(&b.graph, "attention.gate.0"), -1); /* gated=inner */
    assert_true(graph_find_output(&b.graph, "attention.gate.1") >= 0);
    built_free(&b);
    built_new(&b, &(struct trial_net){"arch=unet dims=2 in=1 widths=4,6,8", 1, 1, 8, 8, 2}, true);
    assert_int_equal(graph_find_output(&b.graph, "attention.gate.1"), -1);
    built_free(&b);
    built_new(&b,
        &(struct trial_net){
            "arch=attunet dims=2 in=1 widths=4,6,8 gated=all gates=multi", 1, 1, 8, 8, 2},
        true);
    assert_true(graph_find_output(&b.graph, "attention.gate.0.1") >= 0);
    assert_true(graph_find_output(&b.graph, "attention.gate.0.2") >= 0);
    assert_int_equal(
        conv_called(&b, "gate.0.merge.conv.weight")->nin, 4); /* two gated maps, weight, bias */
    built_free(&b);
}

static void test_signals(void **state)
{
    (void)state;
    struct built b;
    built_new(&b,
        &(struct trial_net){
            "arch=attunet dims=2 in=1 widths=4,6,8 gated=all signal=up gate=same up=nearest", 1, 1,
            8, 8, 2},
        true);
    assert_int_equal(
        conv_called(&b, "gate.1.wg.weight")->in[0], norm_called(&b, "up.1.norm.weight"));
    built_free(&b);
    built_new(&b,
        &(struct trial_net){
            "arch=attunet dims=2 in=1 widths=4,6,8 gated=all gating_conv=yes", 1, 1, 8, 8, 2},
        true);
    assert_int_equal(
        conv_called(&b, "gate.1.wg.weight")->in[0], norm_called(&b, "signal.norm.weight"));
    assert_int_equal(
        conv_called(&b, "gate.0.wg.weight")->in[0], norm_called(&b, "dec.1.norm2.weight"));
    built_free(&b);
}

static void test_inner_widths_and_norms(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        int width;
    } list[] = {{"inter=x", 6}, {"inter=half", 3}, {"inter=5", 5}};
    for (int i = 0; i < 3; i++) {
        char text[200];
        struct built b;
        snprintf(text, sizeof text,
            "arch=attunet dims=2 in=1 widths=4,6,8 gate_norm=batch gate_out=yes %s", list[i].key);
        built_new(&b, &(struct trial_net){text, 1, 1, 8, 8, 2}, false);
        assert_int_equal(
            b.params.list[params_find(&b.params, "gate.1.wx.weight")].shape[0], list[i].width);
        assert_int_equal(
            params_find(&b.params, "gate.1.wx.bias"), -1); /* a grid gate's strided convolution */
        assert_int_equal(
            b.params.list[params_find(&b.params, "gate.1.wg_norm.weight")].shape[0], list[i].width);
        assert_int_equal(
            b.params.list[params_find(&b.params, "gate.1.psi_norm.weight")].shape[0], 1);
        assert_int_equal(
            b.params.list[params_find(&b.params, "gate.1.out_norm.weight")].shape[0], 6);
        built_free(&b);
    }
}

/* The heads: one; side heads, trained on their own grids and idle in prediction; all fused into
 * one. */
static void test_heads(void **state)
{
    (void)state;
    struct built b;
    struct trial_net side = {
        "arch=unet dims=2 in=1 classes=3 widths=4,6,8,10 heads=side", 1, 1, 16, 16, 3};
    built_new(&b, &side, true);
    is_grid(shape_of(&b, graph_find_output(&b.graph, "logits")), 3, 1, 16, 16);
    is_grid(shape_of(&b, graph_find_output(&b.graph, "logits.1")), 3, 1, 8, 8);
    is_grid(shape_of(&b, graph_find_output(&b.graph, "logits.2")), 3, 1, 4, 4);
    assert_int_equal(graph_find_output(&b.graph, "logits.3"), -1);
    built_free(&b);
    built_new(&b, &side, false);
    assert_int_equal(graph_find_output(&b.graph, "logits.1"), -1);
    assert_true(params_find(&b.params, "head.2.weight") >= 0);
    built_free(&b);
    built_new(&b,
        &(struct trial_net){
            "arch=unet dims=2 in=1 classes=3 widths=4,6,8,10 heads=fused", 1, 1, 16, 16, 3},
        false);
    const struct node *fuse = conv_called(&b, "fuse.weight");
    assert_int_equal(fuse->nin, 5);
    assert_int_equal(fuse->out[0], graph_find_output(&b.graph, "logits"));
    built_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_map_lies_on_the_grid_of_what_it_scales),
        cmocka_unit_test(test_a_map_per_axis),
        cmocka_unit_test(test_the_skip_connection_is_scaled),
        cmocka_unit_test(test_the_product),
        cmocka_unit_test(test_which_levels_are_gated),
        cmocka_unit_test(test_signals),
        cmocka_unit_test(test_inner_widths_and_norms),
        cmocka_unit_test(test_heads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

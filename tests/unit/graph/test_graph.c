/* SPDX-License-Identifier: Apache-2.0 */
/* Making graphs: ids, shapes, who wants a gradient, names of outputs, memory that lives with the
 * graph. */
#include "unit/arch/net_test.h"

#include "ops/ops.h"

struct fixture {
    struct params params;
    struct graph graph;
};

static void begin(struct fixture *f, bool training)
{
    params_init(&f->params);
    graph_init(&f->graph, &f->params, training);
}

static void end(struct fixture *f)
{
    graph_free(&f->graph);
    params_free(&f->params);
}

static void test_ids_are_given_in_order(void **state)
{
    (void)state;
    struct fixture f;
    struct err e = {0};
    int x, label, y, out[2];
    begin(&f, true);
    must(graph_input(&f.graph, (struct shape){2, 3, 1, 4, 6}, 1, true, &x, &e), &e);
    must(graph_label(&f.graph, (struct shape){2, 1, 1, 4, 6}, &label, &e), &e);
    must(graph_node(&f.graph, &op_sigmoid, &x, 1, 1, NULL, 0, &y, &e), &e);
    struct loss_attr a = {.set = {1}};
    must(graph_node(&f.graph, &loss_dice.op, (int[]){y, label}, 2, 2, &a, sizeof a, out, &e), &e);
    assert_int_equal(x, 0);
    assert_int_equal(label, 1);
    assert_int_equal(y, 2);
    assert_int_equal(out[0], 3);
    assert_int_equal(out[1], 4);
    const struct value *v = f.graph.values;
    assert_int_equal(v[x].kind, VALUE_INPUT);
    assert_int_equal(v[x].producer, -1);
    assert_int_equal(v[label].kind, VALUE_LABEL);
    assert_int_equal(v[label].bytes, 2 * 4 * 6);
    assert_int_equal(v[y].kind, VALUE_MAP);
    assert_int_equal(v[y].producer, 0);
    assert_int_equal(v[y].bytes, 2 * 3 * 4 * 6 * sizeof(real));
    assert_int_equal(v[out[0]].producer, 1);
    assert_int_equal(v[out[1]].kind, VALUE_AUX);
    assert_int_equal(v[out[1]].bytes, 5 * 2 * 3 * sizeof(double));
    assert_true(v[y].grad && v[out[0]].grad);
    assert_false(v[out[1]].grad);
    assert_float_equal(
        ((const struct loss_attr *)(const void *)f.graph.nodes[1].attr)->set[0], 1, 0);
    end(&f);
}

static void test_a_blocked_map_holds_whole_blocks(void **state)
{
    (void)state;
    struct fixture f;
    struct err e = {0};
    int x;
    begin(&f, false);
    must(graph_input(&f.graph, (struct shape){1, 17, 2, 3, 4}, LANES, false, &x, &e), &e);
    assert_int_equal(f.graph.values[x].bytes, 32 * 24 * sizeof(real));
    end(&f);
}

static void test_gradients_flow_in_training_only(void **state)
{
    (void)state;
    for (int training = 0; training < 2; training++) {
        struct fixture f;
        struct err e = {0};
        struct shape s = {1, 4, 1, 4, 4};
        int x, w, y;
        begin(&f, training);
        must(graph_input(&f.graph, s, LANES, false, &x, &e), &e);
        struct param p = {.name = "w",
            .kind = PARAM_CONV,
            .dims = 4,
            .shape = {4, 4, 1, 1},
            .k = 4,
            .nx = 1,
            .channels = {4},
            .taps = 1};
        must(graph_param(&f.graph, &p, &w, &e), &e);
        struct conv_attr a = {.kernel = {1, 1, 1}, .stride = {1, 1, 1}, .out = 4};
        must(graph_node(&f.graph, &op_conv, (int[]){x, w}, 2, 1, &a, sizeof a, &y, &e), &e);
        assert_false(f.graph.values[x].grad);
        assert_true(f.graph.values[w].grad);
        assert_int_equal(f.graph.values[y].grad, training);
        end(&f);
    }
}

/* Sizes that leave size_t or int are a sentence, wherever they are made: in an input, in labels, by
 * a node. */
static void test_impossible_sizes(void **state)
{
    (void)state;
    struct fixture f;
    struct err e = {0};
    int x, y;
    begin(&f, false);
    assert_error(
        graph_input(&f.graph, (struct shape){4096, 1024, 65536, 65536, 65536}, 1, false, &x, &e),
        ATT_MODEL,
        "this network needs a map of 4096 x 1024 channels on 65536x65536x65536; use a smaller "
        "patch, batch or network");
    assert_error(graph_label(&f.graph, (struct shape){1 << 20, 1, 65536, 65536, 65536}, &x, &e),
        ATT_MODEL,
        "this network needs a map of 1048576 x 1 channels on 65536x65536x65536; use a smaller "
        "patch, batch or network");
    err_clear(&e);
    must(graph_input(&f.graph, (struct shape){1, 1, 1, 1, 1 << 28}, 1, false, &x, &e), &e);
    struct grid_attr twice = {.size = {1, 1, 1 << 29}};
    assert_error(graph_node(&f.graph, &op_linear, &x, 1, 1, &twice, sizeof twice, &y, &e),
        ATT_MODEL,
        "this network needs a map of 1 x 1 channels on 1x1x536870912; use a smaller patch, "
        "batch or network");
    end(&f);
}

static void test_outputs_are_found_by_name(void **state)
{
    (void)state;
    struct fixture f;
    struct err e = {0};
    int x;
    begin(&f, false);
    must(graph_input(&f.graph, (struct shape){1, 1, 1, 2, 2}, 1, false, &x, &e), &e);
    for (int i = 0; i < GRAPH_MAX_OUTPUTS; i++)
        must(graph_output(&f.graph, x, &e, "map.%d", i), &e);
    assert_int_equal(graph_find_output(&f.graph, "map.7"), x);
    assert_int_equal(graph_find_output(&f.graph, "map"), -1);
    assert_error(graph_output(&f.graph, x, &e, "one more"), ATT_MODEL,
        "the network has more than 64 outputs");
    end(&f);
}

static void test_a_node_has_limits(void **state)
{
    (void)state;
    struct fixture f;
    struct err e = {0};
    int in[NODE_MAX_IN + 1] = {0}, y;
    begin(&f, false);
    must(graph_input(&f.graph, (struct shape){1, 1, 1, 2, 2}, 1, false, &in[0], &e), &e);
    assert_error(graph_node(&f.graph, &op_sum, in, NODE_MAX_IN + 1, 1, NULL, 0, &y, &e), ATT_FAILED,
        "op sum has too many inputs, outputs or settings for a node");
    assert_int_equal(f.graph.nnodes, 0);
    end(&f);
}

static void test_shapes_that_do_not_meet(void **state)
{
    (void)state;
    struct fixture f;
    struct err e = {0};
    int a, b, y;
    struct add_attr add = {ACT_RELU};
    begin(&f, false);
    must(graph_input(&f.graph, (struct shape){1, 8, 1, 4, 4}, LANES, false, &a, &e), &e);
    must(graph_input(&f.graph, (struct shape){1, 8, 1, 4, 2}, LANES, false, &b, &e), &e);
    assert_error(graph_node(&f.graph, &op_add, (int[]){a, b}, 2, 1, &add, sizeof add, &y, &e),
        ATT_MODEL, "a sum cannot join maps of 8x1x4x4 and 8x1x4x2");
    assert_error(graph_node(&f.graph, &op_gate, (int[]){a, b}, 2, 1, NULL, 0, &y, &e), ATT_MODEL,
        "an attention map of 8 channels on 1x4x2 cannot scale a skip connection on 1x4x4");
    assert_error(graph_node(&f.graph, &op_maxpool, &b, 1, 1,
                     &(struct grid_attr){.factor = {2, 2, 2}}, sizeof(struct grid_attr), &y, &e),
        ATT_MODEL,
        "an image or patch is too small for this network: a map of 1x4x2 cannot be halved");
    end(&f);
}

static void test_own_memory_is_zero(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, false);
    for (int i = 0; i < 100; i++) {
        unsigned char *p = graph_own(&f.graph, 64);
        assert_non_null(p);
        for (int j = 0; j < 64; j++) assert_int_equal(p[j], 0);
        memset(p, i, 64);
    }
    end(&f);
}

/* 8x8 pixels, 5 filters of 3 channels 3x3; then 4x4 pixels, 2 filters of 5 channels 2x2, moving
 * by 2. */
static void test_multiply_adds_are_counted(void **state)
{
    (void)state;
    struct fixture f;
    struct err e = {0};
    int x;
    begin(&f, false);
    must(graph_input(&f.graph, (struct shape){2, 3, 1, 8, 8}, 1, false, &x, &e), &e);
    struct net n = {.g = &f.graph, .e = &e, .status = ATT_OK, .dims = 2};
    int y = net_conv(
        &n, (struct conv_layer){.x = {x}, .out = 5, .kernel = CUBE(3), .pad = CUBE(1)}, "a");
    net_conv(
        &n, (struct conv_layer){.x = {y}, .out = 2, .kernel = CUBE(2), .stride = CUBE(2)}, "b");
    must(n.status, &e);
    assert_true(graph_macs(&f.graph) == 2 * (64.0 * 5 * 3 * 9 + 16.0 * 2 * 5 * 4));
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ids_are_given_in_order),
        cmocka_unit_test(test_a_blocked_map_holds_whole_blocks),
        cmocka_unit_test(test_gradients_flow_in_training_only),
        cmocka_unit_test(test_impossible_sizes),
        cmocka_unit_test(test_outputs_are_found_by_name),
        cmocka_unit_test(test_a_node_has_limits),
        cmocka_unit_test(test_shapes_that_do_not_meet),
        cmocka_unit_test(test_own_memory_is_zero),
        cmocka_unit_test(test_multiply_adds_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

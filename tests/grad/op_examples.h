/* SPDX-License-Identifier: Apache-2.0 */
/* Small graphs around one node of each op. Inputs with grad get gradients; tests fill labels. */
#ifndef OP_EXAMPLES_H
#define OP_EXAMPLES_H

#include <string.h>

#include "ops/loss_op.h"
#include "ops/overlap.h"

static const real loss_weights[] = {1, 2, (real).5};
static const struct class_set loss_regions[] = {{{1u << 1 | 1u << 2}}, {{1u << 2}}};

/* A convolution of inputs of `shape` with the listed channels. */
struct conv_example {
    struct conv_attr a;
    int nx, channels[2], lanes, dims;
    struct shape shape;
};

static bool conv_example(struct graph *g, const struct op *op, const struct conv_example *x,
    bool transposed, struct err *e)
{
    int in[NODE_MAX_IN], nin = 0, y;
    for (int i = 0; i < x->nx; i++) {
        struct shape s = x->shape;
        s.c = x->channels[i];
        if (graph_input(g, s, x->lanes, true, &in[nin++], e) != ATT_OK) return false;
    }
    if (ops_weights(g, "w", &x->a, x->channels, x->nx, x->dims, transposed, &in[nin++], e) !=
        ATT_OK)
        return false;
    if (x->a.has_bias && ops_vector(g, "b", PARAM_VECTOR, x->a.out, 0, &in[nin++], e) != ATT_OK)
        return false;
    return graph_node(g, op, in, nin, 1, &x->a, sizeof x->a, &y, e) == ATT_OK &&
        graph_output(g, y, e, "y") == ATT_OK;
}

static bool loss_example(struct graph *g, const struct op *op, int outputs,
    const struct loss_attr *a, struct shape s, struct err *e)
{
    int in[2], out[2];
    if (graph_input(g, s, 1, true, &in[0], e) != ATT_OK || graph_label(g, s, &in[1], e) != ATT_OK)
        return false;
    return graph_node(g, op, in, 2, outputs, a, sizeof *a, out, e) == ATT_OK &&
        graph_output(g, out[0], e, "y") == ATT_OK;
}

static bool overlap_example(
    struct graph *g, int index, const struct op *op, const struct loss_attr list[4], struct err *e)
{
    static const struct shape shapes[] = {
        {2, 3, 1, 3, 4}, {2, 2, 1, 3, 4}, {2, 3, 2, 3, 2}, {2, 4, 1, 3, 3}};
    if (index >= 4) return false;
    struct loss_attr a = list[index];
    if (index == 1) a.region = loss_regions;
    return loss_example(g, op, OVERLAP_OUTPUTS, &a, shapes[index], e);
}

static bool op_conv_example(struct graph *g, int index, struct err *e)
{
    static const struct conv_example list[] = {
        {{{1, 3, 3}, {1, 1, 1}, {0, 1, 1}, {0}, 5, true, false, {0}, {0}}, 1, {3}, 1, 2,
            {2, 0, 1, 5, 4}},
        {{{3, 3, 3}, {1, 1, 1}, {1, 1, 1}, {0}, 17, true, false, {0}, {0}}, 2, {5, 18}, LANES, 3,
            {1, 0, 3, 2, 4}},
        {{{2, 2, 2}, {2, 2, 2}, {0, 0, 0}, {0}, 4, false, false, {0}, {0}}, 1, {6}, LANES, 3,
            {2, 0, 4, 5, 4}},
        {{{1, 1, 1}, {1, 1, 1}, {0, 0, 0}, {0}, 1, true, true, {0}, {0}}, 1, {7}, LANES, 2,
            {2, 0, 1, 3, 4}},
        {{{1, 1, 1}, {1, 1, 1}, {0, 0, 0}, {0}, 3, true, true, {0}, {0}}, 2, {3, 3}, 1, 2,
            {2, 0, 1, 3, 4}},
        {{{3, 3, 1}, {2, 1, 1}, {1, 1, 0}, {0}, 3, true, false, {0}, {0}}, 1, {4}, LANES, 3,
            {1, 0, 5, 3, 4}},
        {{{3, 3, 3}, {1, 2, 2}, {1, 1, 1}, {0}, 6, true, false, {0}, {0}}, 1, {5}, LANES, 3,
            {1, 0, 2, 5, 4}},
    };
    return index < (int)(sizeof list / sizeof *list) &&
        conv_example(g, &op_conv, &list[index], false, e);
}

static bool op_conv_transposed_example(struct graph *g, int index, struct err *e)
{
    static const struct conv_example list[] = {
        {{{1, 4, 4}, {1, 2, 2}, {0, 1, 1}, {0}, 5, true, false, {0}, {0}}, 1, {6}, LANES, 2,
            {2, 0, 1, 3, 2}},
        {{{4, 4, 4}, {2, 2, 2}, {1, 1, 1}, {0}, 3, true, false, {0}, {0}}, 1, {18}, LANES, 3,
            {1, 0, 2, 1, 3}},
        {{{2, 2, 2}, {2, 2, 2}, {0, 0, 0}, {0}, 4, false, false, {0}, {0}}, 1, {5}, LANES, 3,
            {2, 0, 1, 2, 3}},
        {{{1, 2, 2}, {1, 2, 2}, {0, 0, 0}, {0}, 17, true, false, {0}, {0}}, 1, {3}, LANES, 3,
            {1, 0, 3, 2, 2}},
        {{{3, 3, 3}, {2, 2, 2}, {1, 1, 1}, {1, 1, 1}, 4, true, false, {0}, {0}}, 1, {5}, LANES, 3,
            {2, 0, 2, 1, 3}},
        {{{1, 5, 3}, {1, 2, 1}, {0, 2, 1}, {0, 1, 0}, 3, true, false, {0}, {0}}, 1, {4}, LANES, 2,
            {2, 0, 1, 3, 4}},
    };
    return index < (int)(sizeof list / sizeof *list) &&
        conv_example(g, &op_conv_transposed, &list[index], true, e);
}

static bool op_conv_up_example(struct graph *g, int index, struct err *e)
{
    static const struct conv_example list[] = {
        {{{1, 3, 3}, {1, 1, 1}, {0, 1, 1}, {0}, 5, true, false, {0}, {0}}, 1, {18}, LANES, 2,
            {2, 0, 1, 3, 2}},
        {{{3, 3, 3}, {1, 1, 1}, {1, 1, 1}, {0}, 17, true, false, {0}, {0}}, 1, {3}, LANES, 3,
            {1, 0, 2, 1, 3}},
        {{{1, 3, 3}, {1, 1, 1}, {0, 1, 1}, {0}, 3, false, false, {0}, {0}}, 1, {4}, LANES, 2,
            {1, 0, 1, 1, 1}},
        {{{3, 1, 3}, {1, 1, 1}, {1, 0, 1}, {0}, 4, true, false, {0}, {0}}, 1, {5}, LANES, 3,
            {1, 0, 2, 3, 2}},
        {{{1, 3, 3}, {1, 1, 1}, {0, 1, 1}, {0}, 2, true, false, {0}, {0}}, 1, {3}, LANES, 2,
            {1, 0, 1, 11, 10}},
        {{{3, 3, 3}, {1, 1, 1}, {1, 1, 1}, {0}, 3, true, false, {0}, {0}}, 1, {2}, LANES, 3,
            {2, 0, 3, 4, 5}},
    };
    return index < (int)(sizeof list / sizeof *list) &&
        conv_example(g, &op_conv_up, &list[index], false, e);
}

static bool op_norm_example(struct graph *g, int index, struct err *e)
{
    static const struct {
        struct norm_attr a;
        struct shape s;
        int lanes;
        bool frozen, plain;
    } list[] = {
        {{false, ACT_RELU, 1e-5f, .1f, false}, {2, 5, 1, 4, 3}, LANES, false, false},
        {{false, ACT_NONE, 1e-5f, .1f, false}, {3, 1, 1, 2, 3}, 1, false, false},
        {{true, ACT_LEAKY, 1e-5f, .1f, false}, {2, 18, 2, 3, 3}, LANES, false, false},
        {{false, ACT_LEAKY, 1e-5f, .1f, false}, {2, 18, 1, 4, 3}, LANES, true, false},
        {{true, ACT_NONE, 1e-5f, .1f, false}, {2, 17, 2, 2, 3}, LANES, false, true},
    };
    if (index >= (int)(sizeof list / sizeof *list)) return false;
    struct shape s = list[index].s;
    const struct norm_attr *a = &list[index].a;
    int in[6], nin = 3, out[2];
    if (graph_input(g, s, list[index].lanes, true, &in[0], e) != ATT_OK) return false;
    if (list[index].plain)
        return graph_node(g, &op_norm, in, 1, 2, a, sizeof *a, out, e) == ATT_OK &&
            graph_output(g, out[0], e, "y") == ATT_OK;
    if (ops_vector(g, "gamma", PARAM_VECTOR, s.c, 1, &in[1], e) != ATT_OK) return false;
    if (ops_vector(g, "beta", PARAM_VECTOR, s.c, 0, &in[2], e) != ATT_OK) return false;
    if (list[index].frozen) g->values[in[1]].grad = g->values[in[2]].grad = false;
    if (!a->per_image) {
        if (ops_vector(g, "mean", STATE_VECTOR, s.c, 0, &in[3], e) != ATT_OK) return false;
        if (ops_vector(g, "var", STATE_VECTOR, s.c, 1, &in[4], e) != ATT_OK) return false;
        if (ops_vector(g, "batches", STATE_COUNT, 1, 0, &in[5], e) != ATT_OK) return false;
        nin = 6;
    }
    return graph_node(g, &op_norm, in, nin, 2, a, sizeof *a, out, e) == ATT_OK &&
        graph_output(g, out[0], e, "y") == ATT_OK;
}

static bool op_prelu_example(struct graph *g, int index, struct err *e)
{
    static const struct {
        struct shape s;
        int lanes;
    } list[] = {{{2, 18, 2, 3, 2}, LANES}, {{2, 3, 1, 3, 4}, 1}};
    if (index >= 2) return false;
    int in[2], y;
    return graph_input(g, list[index].s, list[index].lanes, true, &in[0], e) == ATT_OK &&
        ops_vector(g, "slope", PARAM_VECTOR, 1, .25f, &in[1], e) == ATT_OK &&
        graph_node(g, &op_prelu, in, 2, 1, NULL, 0, &y, e) == ATT_OK &&
        graph_output(g, y, e, "y") == ATT_OK;
}

static bool op_add_example(struct graph *g, int index, struct err *e)
{
    static const enum act acts[] = {ACT_RELU, ACT_NONE, ACT_LEAKY};
    if (index >= 3) return false;
    int in[2], y;
    struct add_attr a = {acts[index]};
    struct shape s = {2, 18, 2, 3, 2};
    for (int i = 0; i < 2; i++)
        if (graph_input(g, s, LANES, true, &in[i], e) != ATT_OK) return false;
    return graph_node(g, &op_add, in, 2, 1, &a, sizeof a, &y, e) == ATT_OK &&
        graph_output(g, y, e, "y") == ATT_OK;
}

static bool op_sigmoid_example(struct graph *g, int index, struct err *e)
{
    if (index > 0) return false;
    int x, y;
    return graph_input(g, (struct shape){2, 3, 2, 3, 4}, 1, true, &x, e) == ATT_OK &&
        graph_node(g, &op_sigmoid, &x, 1, 1, NULL, 0, &y, e) == ATT_OK &&
        graph_output(g, y, e, "y") == ATT_OK;
}

static bool op_gate_example(struct graph *g, int index, struct err *e)
{
    if (index > 0) return false;
    int in[2], y;
    if (graph_input(g, (struct shape){2, 18, 2, 3, 4}, LANES, true, &in[0], e) != ATT_OK)
        return false;
    if (graph_input(g, (struct shape){2, 1, 2, 3, 4}, 1, true, &in[1], e) != ATT_OK) return false;
    return graph_node(g, &op_gate, in, 2, 1, NULL, 0, &y, e) == ATT_OK &&
        graph_output(g, y, e, "y") == ATT_OK;
}

static bool op_maxpool_example(struct graph *g, int index, struct err *e)
{
    static const struct grid_attr list[] = {
        {.factor = {1, 2, 2}}, {.factor = {2, 2, 2}}, {.factor = {2, 1, 2}}};
    if (index >= 3) return false;
    int x, y;
    return graph_input(g, (struct shape){2, 18, 2, 5, 4}, LANES, true, &x, e) == ATT_OK &&
        graph_node(g, &op_maxpool, &x, 1, 1, &list[index], sizeof list[index], &y, e) == ATT_OK &&
        graph_output(g, y, e, "y") == ATT_OK;
}

static bool op_linear_example(struct graph *g, int index, struct err *e)
{
    static const struct {
        struct grid_attr a;
        struct shape s;
        int lanes;
    } list[] = {
        {{.size = {1, 6, 8}}, {2, 5, 1, 3, 4}, LANES},
        {{.size = {4, 6, 4}, .align_corners = true}, {1, 18, 2, 3, 2}, LANES},
        {{.size = {3, 7, 5}}, {2, 1, 2, 3, 4}, 1},
        {{.size = {1, 2, 3}}, {1, 3, 1, 5, 4}, 1},
    };
    if (index >= (int)(sizeof list / sizeof *list)) return false;
    int x, y;
    return graph_input(g, list[index].s, list[index].lanes, true, &x, e) == ATT_OK &&
        graph_node(g, &op_linear, &x, 1, 1, &list[index].a, sizeof list[index].a, &y, e) ==
        ATT_OK &&
        graph_output(g, y, e, "y") == ATT_OK;
}

static bool op_sum_example(struct graph *g, int index, struct err *e)
{
    if (index > 0) return false;
    int in[3], y;
    struct sum_attr a = {{.5f, 2, -1}};
    for (int i = 0; i < 3; i++)
        if (graph_input(g, (struct shape){1, 1, 1, 1, 1}, 1, true, &in[i], e) != ATT_OK)
            return false;
    return graph_node(g, &op_sum, in, 3, 1, &a, sizeof a, &y, e) == ATT_OK &&
        graph_output(g, y, e, "y") == ATT_OK;
}

static bool loss_cross_entropy_example(struct graph *g, int index, struct err *e)
{
    static const struct loss_attr list[] = {
        {.weight = NULL}, {.weight = loss_weights}, {.region = loss_regions}};
    static const struct shape shapes[] = {{2, 3, 1, 3, 4}, {1, 3, 2, 3, 2}, {2, 2, 1, 3, 4}};
    return index < 3 && loss_example(g, &loss_cross_entropy.op, 1, &list[index], shapes[index], e);
}

static bool loss_dice_example(struct graph *g, int index, struct err *e)
{
    /* batch, background, smooth */
    static const struct loss_attr list[] = {
        {.set = {0, 0, 1e-5}}, {.set = {0, 0, 1e-5}}, {.set = {1, 1, 1}}, {.set = {1}}};
    return overlap_example(g, index, &loss_dice.op, list, e);
}

static bool loss_tversky_example(struct graph *g, int index, struct err *e)
{
    /* alpha, beta, batch, background, smooth */
    static const struct loss_attr list[] = {{.set = {.3, .7, 0, 0, 1e-5}},
        {.set = {.3, .7, 0, 0, 1e-5}}, {.set = {.8, .1, 1, 1, 1}}, {.set = {1, 2, 1}}};
    return overlap_example(g, index, &loss_tversky.op, list, e);
}

static bool loss_focal_tversky_example(struct graph *g, int index, struct err *e)
{
    /* alpha, beta, gamma, batch, background, smooth */
    static const struct loss_attr list[] = {{.set = {.3, .7, .75, 0, 0, 1e-5}},
        {.set = {.3, .7, .75, 0, 0, 1e-5}}, {.set = {.8, .1, 2, 1, 1, 1}}, {.set = {1, 2, .5, 1}}};
    return overlap_example(g, index, &loss_focal_tversky.op, list, e);
}

static bool loss_gdice_example(struct graph *g, int index, struct err *e)
{
    /* batch, background, smooth */
    static const struct loss_attr list[] = {
        {.set = {0, 1, 1e-5}}, {.set = {0, 0, 1e-5}}, {.set = {1, 1, 1}}, {.set = {1}}};
    return overlap_example(g, index, &loss_gdice.op, list, e);
}

static bool loss_focal_example(struct graph *g, int index, struct err *e)
{
    static const struct loss_attr list[] = {{.set = {2, -1}},
        {.set = {.5, .25}, .weight = loss_weights}, {.set = {2, .75}, .region = loss_regions},
        {.set = {1.5, -1}, .region = loss_regions, .weight = loss_weights}, {.set = {0, .3}}};
    static const struct shape shapes[] = {
        {2, 3, 1, 3, 4}, {1, 3, 2, 3, 2}, {2, 2, 1, 3, 4}, {1, 2, 1, 3, 4}, {1, 3, 1, 3, 4}};
    return index < 5 && loss_example(g, &loss_focal.op, 1, &list[index], shapes[index], e);
}

static bool loss_topk_example(struct graph *g, int index, struct err *e)
{
    static const struct loss_attr list[] = {{.set = {10}}, {.set = {50}, .weight = loss_weights},
        {.set = {25}, .region = loss_regions}, {.set = {100}}, {.set = {.01}}};
    static const struct shape shapes[] = {
        {2, 3, 1, 4, 5}, {1, 3, 2, 3, 2}, {2, 2, 1, 3, 4}, {1, 3, 1, 3, 4}, {1, 3, 1, 3, 4}};
    return index < 5 && loss_example(g, &loss_topk.op, 2, &list[index], shapes[index], e);
}

static bool loss_boundary_example(struct graph *g, int index, struct err *e)
{
    static const struct loss_attr list[] = {{.set = {0, 1}}, {.set = {1, 2.5}},
        {.set = {0, 1}, .region = loss_regions}, {.set = {0, 1}}};
    static const struct shape shapes[] = {
        {2, 3, 1, 4, 5}, {1, 3, 3, 3, 3}, {2, 2, 1, 3, 4}, {1, 2, 1, 3, 3}};
    return index < 4 && loss_example(g, &loss_boundary.op, 2, &list[index], shapes[index], e);
}

static bool loss_cldice_example(struct graph *g, int index, struct err *e)
{
    static const struct loss_attr list[] = {{.set = {3, 0, 0, 1}}, {.set = {2, 1, 1, .5}},
        {.set = {1, 0, 0, 1}, .region = loss_regions}, {.set = {0, 1, 0, 1e-3}}};
    static const struct shape shapes[] = {
        {2, 3, 1, 7, 6}, {2, 3, 3, 4, 5}, {2, 2, 1, 5, 6}, {2, 3, 1, 5, 5}};
    return index < 4 && loss_example(g, &loss_cldice.op, 2, &list[index], shapes[index], e);
}

/* The graph number `index` (from 0) of an op; false: it has no more. */
static bool op_example(const struct op *op, struct graph *g, int index, struct err *e)
{
    static const struct {
        const struct op *op;
        bool (*example)(struct graph *g, int index, struct err *e);
    } list[] = {
        {&op_conv, op_conv_example},
        {&op_conv_transposed, op_conv_transposed_example},
        {&op_conv_up, op_conv_up_example},
        {&op_norm, op_norm_example},
        {&op_prelu, op_prelu_example},
        {&op_add, op_add_example},
        {&op_sigmoid, op_sigmoid_example},
        {&op_gate, op_gate_example},
        {&op_maxpool, op_maxpool_example},
        {&op_linear, op_linear_example},
        {&op_sum, op_sum_example},
        {&loss_cross_entropy.op, loss_cross_entropy_example},
        {&loss_dice.op, loss_dice_example},
        {&loss_tversky.op, loss_tversky_example},
        {&loss_focal_tversky.op, loss_focal_tversky_example},
        {&loss_gdice.op, loss_gdice_example},
        {&loss_focal.op, loss_focal_example},
        {&loss_topk.op, loss_topk_example},
        {&loss_boundary.op, loss_boundary_example},
        {&loss_cldice.op, loss_cldice_example},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (list[i].op == op) return list[i].example(g, index, e);
    return false;
}

#endif

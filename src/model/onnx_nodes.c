/* SPDX-License-Identifier: Apache-2.0 */
#include "model/onnx_nodes.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "ops/conv_end.h"

enum { ONNX_NAME = 160 }; /* bytes of a name */
enum { NODE_INPUT = 1, NODE_OUTPUT = 2, NODE_NAME = 3, NODE_TYPE = 4, NODE_ATTRIBUTE = 5 };
enum { ATTRIBUTE_NAME = 1, ATTRIBUTE_F = 2, ATTRIBUTE_I = 3, ATTRIBUTE_S = 4, ATTRIBUTE_INTS = 8 };
enum { ATTRIBUTE_TYPE = 20, TYPE_FLOAT = 1, TYPE_INT = 2, TYPE_STRING = 3, TYPE_INTS = 7 };

/* ---- attributes: fields of a node that is not complete */

static void attribute_end(struct proto *node, struct proto *a, const char *name, int type)
{
    proto_text(a, ATTRIBUTE_NAME, name);
    proto_int(a, ATTRIBUTE_TYPE, type);
    proto_message(node, NODE_ATTRIBUTE, a);
}

static void attribute_int(struct proto *node, const char *name, int value)
{
    struct proto a = {0};
    proto_int(&a, ATTRIBUTE_I, value);
    attribute_end(node, &a, name, TYPE_INT);
}

static void attribute_float(struct proto *node, const char *name, float value)
{
    struct proto a = {0};
    proto_float(&a, ATTRIBUTE_F, value);
    attribute_end(node, &a, name, TYPE_FLOAT);
}

static void attribute_text(struct proto *node, const char *name, const char *value)
{
    struct proto a = {0};
    proto_text(&a, ATTRIBUTE_S, value);
    attribute_end(node, &a, name, TYPE_STRING);
}

/* The last `dims` of d, h, w, `times` over: pads at the begin and the end of each axis. */
static void attribute_axes(
    struct proto *node, const char *name, const int values[3], int dims, int times)
{
    struct proto a = {0};
    for (int i = 0; i < times * dims; i++)
        proto_int(&a, ATTRIBUTE_INTS, values[3 - dims + i % dims]);
    attribute_end(node, &a, name, TYPE_INTS);
}

/* ---- names, constants and nodes */

bool onnx_is_output(const char *name)
{
    return strcmp(name, "logits") == 0 || strncmp(name, "attention.", 10) == 0;
}

/* The name of a value: an output's, a parameter's, or a number's. */
static const char *onnx_value(const struct onnx *x, int value, char name[ONNX_NAME])
{
    const struct graph *g = &x->g[0];
    if (g->values[value].kind == VALUE_PARAM) {
        const int param = g->values[value].param;
        x->used[param] = true;
        snprintf(name, ONNX_NAME, "%s", x->m->params.list[param].name);
        return name;
    }
    if (g->values[value].kind == VALUE_INPUT) return x->input;
    for (int i = 0; i < g->noutputs; i++)
        if (g->outputs[i].value == value && onnx_is_output(g->outputs[i].name))
            return g->outputs[i].name;
    snprintf(name, ONNX_NAME, "map.%d", value);
    return name;
}

/* A constant of 4 or 8 bytes a number. */
static const char *onnx_constant(struct onnx *x, int type, const void *numbers,
    const int64_t *shape, int dims, char name[ONNX_NAME])
{
    struct proto t = {0};
    size_t count = 1;
    for (int i = 0; i < dims; i++) count *= (size_t)shape[i];
    snprintf(name, ONNX_NAME, "constant.%d", x->constants++);
    for (int i = 0; i < dims; i++) proto_int(&t, ONNX_TENSOR_DIMS, shape[i]);
    proto_int(&t, ONNX_TENSOR_TYPE, type);
    proto_text(&t, ONNX_TENSOR_NAME, name);
    proto_bytes(&t, ONNX_TENSOR_RAW, numbers, count * (type == ONNX_FLOAT ? 4 : 8));
    proto_message(&x->fields, ONNX_GRAPH_INITIALIZER, &t);
    return name;
}

/* A vector of `count` equal numbers. */
static const char *onnx_constant_vector(
    struct onnx *x, float value, int count, char name[ONNX_NAME])
{
    const int64_t shape = count;
    float *numbers = mem_array((size_t)count, sizeof *numbers);
    x->fields.lost = x->fields.lost || !numbers;
    for (int i = 0; numbers && i < count; i++) numbers[i] = value;
    if (numbers) onnx_constant(x, ONNX_FLOAT, numbers, &shape, 1, name);
    mem_free(numbers);
    return name;
}

/* Completes a node that has its attributes. in: ends with NULL; "" is left out. */
static void onnx_node(
    struct onnx *x, struct proto *node, const char *type, const char *output, const char *const *in)
{
    for (; *in; in++) proto_text(node, NODE_INPUT, *in);
    proto_text(node, NODE_OUTPUT, output);
    proto_text(node, NODE_NAME, output);
    proto_text(node, NODE_TYPE, type);
    proto_message(&x->fields, ONNX_GRAPH_NODE, node);
}

#define ONNX_NODE(x, node, type, output, ...)                                                      \
    onnx_node(x, node, type, output, (const char *const[]){__VA_ARGS__, NULL})

static const char *onnx_part(const char *of, const char *what, char name[ONNX_NAME])
{
    snprintf(name, ONNX_NAME, "%.100s.%s", of, what);
    return name;
}

/* Nodes before an activation write there. */
static const char *before_act(const char *output, enum act act, char name[ONNX_NAME])
{
    return act == ACT_NONE ? output : onnx_part(output, "linear", name);
}

static void onnx_act(struct onnx *x, enum act act, const char *input, const char *output)
{
    struct proto node = {0};
    if (act == ACT_NONE) return;
    if (act == ACT_LEAKY) attribute_float(&node, "alpha", .01f);
    ONNX_NODE(x, &node, act == ACT_LEAKY ? "LeakyRelu" : "Relu", output, input);
}

/* ---- resizing */

static void value_size(const struct graph *g, int value, int size[3])
{
    const struct shape s = g->values[value].s;
    memcpy(size, ((int[]){s.d, s.h, s.w}), 3 * sizeof *size);
}

/* Whether an output is a whole multiple of its input along each axis, or the input of it. */
static bool onnx_ratio(const struct onnx *x, int from, int to, float ratio[3])
{
    int in[2][3], out[2][3];
    for (int k = 0; k < 2; k++) {
        value_size(&x->g[k], from, in[k]);
        value_size(&x->g[k], to, out[k]);
    }
    for (int i = 0; i < 3; i++) {
        const int a = in[0][i], b = out[0][i];
        if (b % a && a % b) return false;
        if ((int64_t)a * out[1][i] != (int64_t)b * in[1][i]) return false;
        ratio[i] = (float)b / (float)a;
    }
    return true;
}

/* An earlier map of the same grid at both sizes, or -1. */
static int onnx_like(const struct onnx *x, int value)
{
    for (int v = value - 1; v >= 0; v--) {
        const enum value_kind kind = x->g[0].values[v].kind;
        bool same = kind == VALUE_MAP || kind == VALUE_INPUT;
        for (int k = 0; k < 2 && same; k++) {
            int a[3], b[3];
            value_size(&x->g[k], v, a);
            value_size(&x->g[k], value, b);
            same = image_same_triple(a, b);
        }
        if (same) return v;
    }
    return -1;
}

/* The sizes of `like` behind batch and channels of `input`, as a tensor. */
static void onnx_sizes(struct onnx *x, const char *input, const char *like, const char *output)
{
    char first[ONNX_NAME], last[ONNX_NAME];
    struct proto node = {0};
    onnx_part(output, "channels", first);
    onnx_part(output, "grid", last);
    attribute_int(&node, "start", 0);
    attribute_int(&node, "end", 2);
    ONNX_NODE(x, &node, "Shape", first, input);
    attribute_int(&node, "start", 2);
    ONNX_NODE(x, &node, "Shape", last, like);
    attribute_int(&node, "axis", 0);
    ONNX_NODE(x, &node, "Concat", output, first, last);
}

static const char *onnx_scales(struct onnx *x, const float ratio[3], char name[ONNX_NAME])
{
    const int dims = x->m->facts.dims;
    float numbers[5] = {1, 1};
    for (int i = 0; i < dims; i++) numbers[2 + i] = ratio[3 - dims + i];
    return onnx_constant(x, ONNX_FLOAT, numbers, (int64_t[]){2 + dims}, 1, name);
}

static att_status onnx_linear(struct onnx *x, const struct node *n)
{
    const struct grid_attr *a = (const void *)n->attr;
    char in[ONNX_NAME], out[ONNX_NAME], other[ONNX_NAME], sizes[ONNX_NAME];
    const char *input = onnx_value(x, n->in[0], in), *output = onnx_value(x, n->out[0], out);
    struct proto node = {0};
    float ratio[3];
    attribute_text(&node, "mode", "linear");
    attribute_text(
        &node, "coordinate_transformation_mode", a->align_corners ? "align_corners" : "half_pixel");
    if (onnx_ratio(x, n->in[0], n->out[0], ratio)) {
        ONNX_NODE(x, &node, "Resize", output, input, "", onnx_scales(x, ratio, other));
        return ATT_OK;
    }
    const int like = onnx_like(x, n->out[0]);
    if (like < 0) {
        proto_free(&node);
        return err_model(x->e,
            "the network resizes a map to a grid that no other map has, which ONNX cannot say");
    }
    onnx_sizes(x, input, onnx_value(x, like, other), onnx_part(output, "sizes", sizes));
    ONNX_NODE(x, &node, "Resize", output, input, "", "", sizes);
    return ATT_OK;
}

/* ---- the others */

static void onnx_window(
    struct proto *node, const int *kernel, const int *stride, const int *pad, int dims)
{
    attribute_axes(node, "kernel_shape", kernel, dims, 1);
    attribute_axes(node, "strides", stride, dims, 1);
    if (pad) attribute_axes(node, "pads", pad, dims, 2);
}

/* Several maps as one along the channels. */
static const char *onnx_join(
    struct onnx *x, const struct node *n, int count, const char *output, char name[ONNX_NAME])
{
    char names[CONV_MAX_X][ONNX_NAME];
    const char *in[CONV_MAX_X + 1] = {NULL};
    struct proto node = {0};
    if (count == 1) return onnx_value(x, n->in[0], name);
    for (int i = 0; i < count; i++) in[i] = onnx_value(x, n->in[i], names[i]);
    attribute_int(&node, "axis", 1);
    onnx_node(x, &node, "Concat", onnx_part(output, "joined", name), in);
    return name;
}

/* conv_up: the map doubled along the axes with a kernel of 3. */
static const char *onnx_doubled(struct onnx *x, const struct conv_attr *a, const char *input,
    const char *output, char name[ONNX_NAME])
{
    float ratio[3];
    char scales[ONNX_NAME];
    struct proto node = {0};
    for (int i = 0; i < 3; i++) ratio[i] = a->kernel[i] == 1 ? 1 : 2;
    attribute_text(&node, "mode", "nearest");
    attribute_text(&node, "coordinate_transformation_mode", "asymmetric");
    attribute_text(&node, "nearest_mode", "floor");
    ONNX_NODE(x, &node, "Resize", onnx_part(output, "doubled", name), input, "",
        onnx_scales(x, ratio, scales));
    return name;
}

/* in: scale, shift, mean, variance. */
static void onnx_batch_norm(
    struct onnx *x, float eps, const char *input, const int *in, const char *output)
{
    char names[4][ONNX_NAME];
    const char *inputs[6] = {input};
    struct proto node = {0};
    for (int i = 0; i < 4; i++) inputs[1 + i] = onnx_value(x, in[i], names[i]);
    attribute_float(&node, "epsilon", eps);
    onnx_node(x, &node, "BatchNormalization", output, inputs);
}

/* A 1x1 convolution of map * input: what conv_end.h computes the other way round. */
static const char *onnx_scaled(
    struct onnx *x, const char *input, int map, const char *output, char name[ONNX_NAME])
{
    char by[ONNX_NAME];
    struct proto node = {0};
    ONNX_NODE(x, &node, "Mul", onnx_part(output, "scaled", name), input, onnx_value(x, map, by));
    return name;
}

/* With the norm and the activation that it has absorbed. */
static att_status onnx_conv(struct onnx *x, const struct node *n)
{
    const struct conv_attr *a = (const void *)n->attr;
    const int dims = x->m->facts.dims, bias = a->has_bias ? 1 : 0,
              nx = n->nin - 1 - bias - conv_end_inputs(&a->end), *end = n->in + nx + 1 + bias;
    const bool transposed = n->op == &op_conv_transposed;
    char name[6][ONNX_NAME], conv[ONNX_NAME], linear[ONNX_NAME];
    const char *output = onnx_value(x, n->out[0], name[0]),
               *input = onnx_join(x, n, nx, output, name[1]),
               *before = before_act(output, a->end.act, linear);
    struct proto node = {0};
    if (a->end.map) input = onnx_scaled(x, input, n->in[n->nin - 1], output, name[2]);
    if (n->op == &op_conv_up) input = onnx_doubled(x, a, input, output, name[3]);
    onnx_window(&node, a->kernel, a->stride, a->pad, dims);
    if (transposed) attribute_axes(&node, "output_padding", a->more, dims, 1);
    const char *in[] = {input, onnx_value(x, n->in[nx], name[4]),
        bias ? onnx_value(x, n->in[nx + 1], name[5]) : NULL, NULL};
    const char *result = a->end.norm ? onnx_part(output, "conv", conv) : before;
    onnx_node(x, &node, transposed ? "ConvTranspose" : "Conv", result, in);
    if (a->end.norm) onnx_batch_norm(x, a->end.eps, conv, end, before);
    onnx_act(x, a->end.act, before, output);
    return ATT_OK;
}

static att_status onnx_norm(struct onnx *x, const struct node *n)
{
    const struct norm_attr *a = (const void *)n->attr;
    char names[6][ONNX_NAME];
    const char *in[6] = {NULL}, *output = onnx_value(x, n->out[0], names[5]);
    const int channels = x->g[0].values[n->in[0]].s.c, nin = a->per_image ? 3 : 5;
    struct proto node = {0};
    char before[ONNX_NAME];
    for (int i = 0; i < nin; i++)
        in[i] = i < n->nin ? onnx_value(x, n->in[i], names[i])
                           : onnx_constant_vector(x, i == 1 ? 1.f : 0.f, channels, names[i]);
    attribute_float(&node, "epsilon", a->eps);
    const char *linear = before_act(output, a->act, before);
    onnx_node(x, &node, a->per_image ? "InstanceNormalization" : "BatchNormalization", linear, in);
    onnx_act(x, a->act, linear, output);
    return ATT_OK;
}

/* A slope of one number, whose shape must meet that of the map. */
static att_status onnx_prelu(struct onnx *x, const struct node *n)
{
    char in[ONNX_NAME], slope[ONNX_NAME], out[ONNX_NAME], shape[ONNX_NAME], reshaped[ONNX_NAME];
    const char *output = onnx_value(x, n->out[0], out);
    const int64_t ones[] = {1, 1, 1, 1};
    const int64_t count = 1 + x->m->facts.dims;
    struct proto node = {0};
    onnx_part(output, "slope", reshaped);
    ONNX_NODE(x, &node, "Reshape", reshaped, onnx_value(x, n->in[1], slope),
        onnx_constant(x, ONNX_INT64, ones, &count, 1, shape));
    ONNX_NODE(x, &node, "PRelu", output, onnx_value(x, n->in[0], in), reshaped);
    return ATT_OK;
}

static att_status onnx_pair(struct onnx *x, const struct node *n)
{
    const bool adds = n->op == &op_add;
    const enum act act = adds ? ((const struct add_attr *)(const void *)n->attr)->act : ACT_NONE;
    char a[ONNX_NAME], b[ONNX_NAME], out[ONNX_NAME], before[ONNX_NAME];
    const char *output = onnx_value(x, n->out[0], out), *sum = before_act(output, act, before);
    struct proto node = {0};
    ONNX_NODE(x, &node, adds ? "Add" : "Mul", sum, onnx_value(x, n->in[0], a),
        onnx_value(x, n->in[1], b));
    onnx_act(x, act, sum, output);
    return ATT_OK;
}

static att_status onnx_single(struct onnx *x, const struct node *n)
{
    const bool pools = n->op == &op_maxpool;
    const struct grid_attr *a = (const void *)n->attr;
    char in[ONNX_NAME], out[ONNX_NAME];
    struct proto node = {0};
    if (pools) onnx_window(&node, a->factor, a->factor, NULL, x->m->facts.dims);
    ONNX_NODE(x, &node, pools ? "MaxPool" : "Sigmoid", onnx_value(x, n->out[0], out),
        onnx_value(x, n->in[0], in));
    return ATT_OK;
}

/* A layer of a gate: a 1x1 convolution and perhaps its norm. in: the first of its parameters. */
static const char *onnx_gate_layer(struct onnx *x, const struct attend_attr *a, const char *input,
    const int *in, const char *output, char name[ONNX_NAME])
{
    static const int ones[] = {1, 1, 1};
    char weight[ONNX_NAME], bias[ONNX_NAME], conv[ONNX_NAME];
    struct proto node = {0};
    onnx_part(output, a->norm ? "conv" : "value", conv);
    onnx_part(output, "value", name);
    onnx_window(&node, ones, ones, NULL, x->m->facts.dims);
    ONNX_NODE(
        x, &node, "Conv", conv, input, onnx_value(x, in[0], weight), onnx_value(x, in[1], bias));
    if (a->norm) onnx_batch_norm(x, a->eps, conv, in + 2, name);
    return name;
}

/* Unfolded: map = sigmoid(psi(relu(W_x x + W_g g))), then map * x. */
static att_status onnx_attend(struct onnx *x, const struct node *n)
{
    const struct attend_attr *a = (const void *)n->attr;
    const int each = a->norm ? 6 : 2, *layer = n->in + 2;
    char in[2][ONNX_NAME], out[2][ONNX_NAME], part[3][ONNX_NAME], value[3][ONNX_NAME];
    const char *input = onnx_value(x, n->in[0], in[0]), *signal = onnx_value(x, n->in[1], in[1]),
               *output = onnx_value(x, n->out[0], out[0]), *map = onnx_value(x, n->out[1], out[1]);
    static const char *const parts[] = {"x", "g", "psi"};
    struct proto node = {0};
    for (int i = 0; i < 3; i++) onnx_part(map, parts[i], part[i]);
    char sum[ONNX_NAME], relu[ONNX_NAME];
    ONNX_NODE(x, &node, "Add", onnx_part(map, "sum", sum),
        onnx_gate_layer(x, a, input, layer, part[0], value[0]),
        onnx_gate_layer(x, a, signal, layer + each, part[1], value[1]));
    ONNX_NODE(x, &node, "Relu", onnx_part(map, "relu", relu), sum);
    ONNX_NODE(
        x, &node, "Sigmoid", map, onnx_gate_layer(x, a, relu, layer + 2 * each, part[2], value[2]));
    ONNX_NODE(x, &node, "Mul", output, input, map);
    return ATT_OK;
}

att_status onnx_network(struct onnx *x)
{
    static const struct {
        const struct op *op;
        att_status (*write)(struct onnx *x, const struct node *n);
    } writers[] = {{&op_conv, onnx_conv}, {&op_conv_up, onnx_conv},
        {&op_conv_transposed, onnx_conv}, {&op_norm, onnx_norm}, {&op_prelu, onnx_prelu},
        {&op_add, onnx_pair}, {&op_gate, onnx_pair}, {&op_maxpool, onnx_single},
        {&op_sigmoid, onnx_single}, {&op_linear, onnx_linear}, {&op_attend, onnx_attend}};
    for (int i = 0; i < x->g[0].nnodes; i++) {
        const struct node *n = &x->g[0].nodes[i];
        size_t k = 0;
        while (k < sizeof writers / sizeof *writers && writers[k].op != n->op) k++;
        if (k == sizeof writers / sizeof *writers)
            return err_set(
                x->e, ATT_FAILED, "the operation %s cannot be written to ONNX", n->op->name);
        TRY(writers[k].write(x, n));
    }
    return ATT_OK;
}

/* ---- normalising: (x cut to lower..upper - shift) / divisor, with one of each per channel */

/* [maps, 1, 1 (, 1)]: the number of its channel for each map */
static const char *per_channel(struct onnx *x, const float *numbers, char name[ONNX_NAME])
{
    const int maps = arch_maps(&x->m->facts);
    const int64_t shape[] = {maps, 1, 1, 1};
    float each[DATASET_CHANNELS * ARCH_SLICES];
    for (int i = 0; i < maps; i++) each[i] = numbers[i / x->m->facts.slices];
    return onnx_constant(x, ONNX_FLOAT, each, shape, x->m->facts.dims == 3 ? 4 : 3, name);
}

/* A statistic of each channel of each image. */
static const char *over_image(
    struct onnx *x, const char *type, const char *input, const char *output)
{
    const int axes[] = {2, 3, 4};
    struct proto node = {0}, a = {0};
    for (int i = 0; i < x->m->facts.dims; i++) proto_int(&a, ATTRIBUTE_INTS, axes[i]);
    attribute_end(&node, &a, "axes", TYPE_INTS);
    attribute_int(&node, "keepdims", 1);
    ONNX_NODE(x, &node, type, output, input);
    return output;
}

static const char *onnx_two(
    struct onnx *x, const char *type, const char *a, const char *b, const char *output)
{
    struct proto node = {0};
    ONNX_NODE(x, &node, type, output, a, b);
    return output;
}

/* By numbers of the data set, or none. */
static void normalise_fixed(struct onnx *x)
{
    float lower[DATASET_CHANNELS], upper[DATASET_CHANNELS], shift[DATASET_CHANNELS],
        divisor[DATASET_CHANNELS];
    char name[4][ONNX_NAME];
    for (int c = 0; c < x->m->prep.channels; c++) {
        struct normaliser n;
        normaliser_begin(&n, &x->m->prep.normalise[c]);
        lower[c] = (float)n.lower;
        upper[c] = (float)n.upper;
        shift[c] = (float)n.shift;
        divisor[c] = (float)n.divisor;
    }
    onnx_two(x, "Max", "image", per_channel(x, lower, name[0]), "image.above");
    onnx_two(x, "Min", "image.above", per_channel(x, upper, name[1]), "image.cut");
    onnx_two(x, "Sub", "image.cut", per_channel(x, shift, name[2]), "image.shifted");
    onnx_two(x, "Div", "image.shifted", per_channel(x, divisor, name[3]), "image.normalised");
}

/* By the image's own numbers. */
static void normalise_own(struct onnx *x, bool zscore)
{
    const float least = 1e-8f;
    char name[ONNX_NAME];
    struct proto node = {0};
    const char *divisor = "image.range";
    over_image(x, zscore ? "ReduceMean" : "ReduceMin", "image", "image.shift");
    onnx_two(x, "Sub", "image", "image.shift", "image.shifted");
    if (zscore) {
        onnx_two(x, "Mul", "image.shifted", "image.shifted", "image.squares");
        over_image(x, "ReduceMean", "image.squares", "image.variance");
        ONNX_NODE(x, &node, "Sqrt", divisor, "image.variance");
    } else
        over_image(x, "ReduceMax", "image.shifted", divisor);
    onnx_constant(x, ONNX_FLOAT, &least, NULL, 0, name);
    onnx_two(x, "Max", divisor, name, "image.divisor");
    onnx_two(x, "Div", "image.shifted", "image.divisor", "image.normalised");
}

att_status onnx_normalise(struct onnx *x)
{
    const struct preparation *p = &x->m->prep;
    int own = 0;
    for (int c = 0; c < p->channels; c++) {
        const enum normalise_scheme scheme = p->normalise[c].scheme;
        const bool by_image = scheme == NORMALISE_ZSCORE || scheme == NORMALISE_MINMAX01;
        own += by_image && scheme == p->normalise[0].scheme;
        if (by_image != (own > 0) || (by_image && own != c + 1) || (by_image && p->nonzero))
            return err_model(x->e,
                "the model normalises %s, which an ONNX file cannot hold; leave out "
                "`onnx-normalise`, and normalise images before they enter the network",
                p->nonzero ? "over non-zero voxels" : "its channels in different ways");
    }
    if (own)
        normalise_own(x, p->normalise[0].scheme == NORMALISE_ZSCORE);
    else
        normalise_fixed(x);
    x->input = "image.normalised";
    return ATT_OK;
}

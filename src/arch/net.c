/* SPDX-License-Identifier: Apache-2.0 */
#include "arch/net.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { NAME = 200 };
#define NORM_EPS 1e-5f /* torch's */

#define FORMAT_NAME(buffer, name)                                                                  \
    do {                                                                                           \
        va_list args_;                                                                             \
        va_start(args_, name);                                                                     \
        vsnprintf(buffer, sizeof buffer, name, args_);                                             \
        va_end(args_);                                                                             \
    } while (0)

/* Run `call` unless an earlier one failed. */
#define NET_DO(n, call)                                                                            \
    do {                                                                                           \
        if ((n)->status == ATT_OK) (n)->status = (call);                                           \
    } while (0)

static int node(struct net *n, const struct op *op, const int *in, int nin, int nout,
    const void *attr, size_t size)
{
    int out[NODE_MAX_OUT] = {-1, -1};
    NET_DO(n, graph_node(n->g, op, in, nin, nout, attr, size, out, n->e));
    return n->status == ATT_OK ? out[0] : -1;
}

static const char *prefix(const struct net *n) { return n->prefix ? n->prefix : ""; }

static int vector(struct net *n, const char *name, const char *suffix, enum param_kind kind,
    int size, float value)
{
    char full[NAME + 64];
    snprintf(full, sizeof full, "%s%s.%s", prefix(n), name, suffix);
    int id = -1;
    NET_DO(n, ops_vector(n->g, full, kind, size, value, &id, n->e));
    return id;
}

int net_channels(const struct net *n, int value)
{
    return n->status == ATT_OK ? n->g->values[value].s.c : 1;
}

/* Axes of a network from three; `fallback` along d in 2D, and in place of 0. */
static void net_axes(const struct net *n, int to[3], const int from[3], int fallback)
{
    for (int i = 0; i < 3; i++) to[i] = (i > 0 || n->dims == 3) && from[i] ? from[i] : fallback;
}

static struct conv_attr net_settings(const struct net *n, const struct conv_layer *l)
{
    struct conv_attr a = {.out = l->out, .has_bias = !l->no_bias, .planar = l->planar};
    net_axes(n, a.kernel, l->kernel, 1);
    net_axes(n, a.stride, l->stride, 1);
    net_axes(n, a.pad, l->pad, 0);
    net_axes(n, a.more, l->more, 0);
    return a;
}

struct conv_layer conv_same(const int *x, int nx, int out, const int kernel[3])
{
    struct conv_layer l = {.nx = nx, .out = out};
    for (int i = 0; i < nx; i++) l.x[i] = x[i];
    for (int i = 0; i < 3; i++) {
        l.kernel[i] = kernel[i];
        l.pad[i] = (kernel[i] - 1) / 2;
    }
    return l;
}

/* Append the ids of weight and bias to `in`. */
static int parameters(struct net *n, const struct conv_attr *a, const int *channels, int nx,
    bool transposed, float bias, const char *name, int *in)
{
    char full[NAME + 64];
    snprintf(full, sizeof full, "%s%s.weight", prefix(n), name);
    int count = 0;
    NET_DO(n, ops_weights(n->g, full, a, channels, nx, n->dims, transposed, &in[count++], n->e));
    if (a->has_bias) in[count++] = vector(n, name, "bias", PARAM_VECTOR, a->out, bias);
    return count;
}

int net_conv(struct net *n, struct conv_layer l, const char *name, ...)
{
    char full[NAME];
    FORMAT_NAME(full, name);
    struct conv_attr a = net_settings(n, &l);
    int in[NODE_MAX_IN], channels[CONV_MAX_X], nx = l.nx ? l.nx : 1;
    for (int i = 0; i < nx; i++) {
        in[i] = l.x[i];
        channels[i] = net_channels(n, l.x[i]);
    }
    int nin = nx + parameters(n, &a, channels, nx, false, l.bias, full, in + nx);
    return node(n, &op_conv, in, nin, 1, &a, sizeof a);
}

void net_conv_parameters(struct net *n, struct conv_layer l, const char *name, ...)
{
    char full[NAME];
    FORMAT_NAME(full, name);
    struct conv_attr a = net_settings(n, &l);
    int in[2], channels = net_channels(n, l.x[0]);
    parameters(n, &a, &channels, 1, false, l.bias, full, in);
}

int net_conv_transposed(struct net *n, struct conv_layer l, const char *name, ...)
{
    char full[NAME];
    FORMAT_NAME(full, name);
    struct conv_attr a = net_settings(n, &l);
    int in[3] = {l.x[0]}, channels = net_channels(n, l.x[0]);
    int nin = 1 + parameters(n, &a, &channels, 1, true, l.bias, full, in + 1);
    return node(n, &op_conv_transposed, in, nin, 1, &a, sizeof a);
}

int net_conv_up(struct net *n, int x, int out, const int factor[3], const char *name, ...)
{
    char full[NAME];
    FORMAT_NAME(full, name);
    struct conv_layer l =
        conv_same(&x, 1, out, (int[3]){2 * factor[0] - 1, 2 * factor[1] - 1, 2 * factor[2] - 1});
    struct conv_attr a = net_settings(n, &l);
    int in[3] = {x}, channels = net_channels(n, x);
    int nin = 1 + parameters(n, &a, &channels, 1, false, 0, full, in + 1);
    return node(n, &op_conv_up, in, nin, 1, &a, sizeof a);
}

enum { NORM_VECTORS = 4 }; /* of batch norm, which inference reads, too */

/* Add the parameters of a norm of c channels; returns their number. */
static int norm_parameters(
    struct net *n, const char *full, int c, float weight, int in[NORM_VECTORS + 1])
{
    int count = 0;
    in[count++] = vector(n, full, "weight", PARAM_VECTOR, c, weight);
    in[count++] = vector(n, full, "bias", PARAM_VECTOR, c, 0);
    if (n->norm != NORM_BATCH) return count;
    in[count++] = vector(n, full, "running_mean", STATE_VECTOR, c, 0);
    in[count++] = vector(n, full, "running_var", STATE_VECTOR, c, 1);
    in[count++] = vector(n, full, "num_batches_tracked", STATE_COUNT, 1, 0);
    return count;
}

static int norm(struct net *n, int x, enum act act, float weight, const char *full)
{
    if (n->norm == NORM_NONE) return x;
    struct norm_attr a = {
        .per_image = n->norm != NORM_BATCH, .act = act, .eps = NORM_EPS, .momentum = .1f};
    if (n->norm == NORM_PLAIN) return node(n, &op_norm, &x, 1, 2, &a, sizeof a);
    int in[1 + NORM_VECTORS + 1] = {x},
                              nin =
                                  1 + norm_parameters(n, full, net_channels(n, x), weight, in + 1);
    return node(n, &op_norm, in, nin, 2, &a, sizeof a);
}

int net_norm(struct net *n, int x, enum act act, const char *name, ...)
{
    char full[NAME];
    FORMAT_NAME(full, name);
    return norm(n, x, act, 1, full);
}

int net_norm_zero(struct net *n, int x, const char *name, ...)
{
    char full[NAME];
    FORMAT_NAME(full, name);
    return norm(n, x, ACT_NONE, 0, full);
}

int net_prelu(struct net *n, int x, const char *name, ...)
{
    char full[NAME];
    FORMAT_NAME(full, name);
    int in[2] = {x, vector(n, full, "weight", PARAM_VECTOR, 1, .25f)};
    return node(n, &op_prelu, in, 2, 1, NULL, 0);
}

int net_add(struct net *n, int a, int b, enum act act)
{
    struct add_attr attr = {act};
    return node(n, &op_add, (int[]){a, b}, 2, 1, &attr, sizeof attr);
}

int net_sigmoid(struct net *n, int x) { return node(n, &op_sigmoid, &x, 1, 1, NULL, 0); }

int net_gate(struct net *n, int x, int map)
{
    return node(n, &op_gate, (int[]){x, map}, 2, 1, NULL, 0);
}

/* Inputs of one of op_attend's layers: a 1x1 convolution and its norm. */
static int gate_layer(
    struct net *n, int channels, int out, float bias, const char *conv, const char *norm, int *in)
{
    struct conv_layer l = {.out = out, .bias = bias};
    struct conv_attr a = net_settings(n, &l);
    int count = parameters(n, &a, &channels, 1, false, bias, conv, in);
    int vectors[NORM_VECTORS + 1];
    if (n->norm == NORM_NONE) return count;
    norm_parameters(n, norm, out, 1, vectors);
    memcpy(in + count, vectors, NORM_VECTORS * sizeof *in);
    return count + NORM_VECTORS;
}

int net_attention(struct net *n, int x, int g, int inter, float psi_bias,
    const struct gate_names *names, const char *name)
{
    const char *const part[6] = {
        names->wg, names->wg_norm, names->wx, names->wx_norm, names->psi, names->psi_norm};
    char full[6][NAME];
    for (int i = 0; i < 6; i++) snprintf(full[i], sizeof full[i], "%s.%s", name, part[i]);
    const char *map = names->map ? names->map : name;
    int cx = net_channels(n, x), cg = net_channels(n, g);
    if (n->g->training || n->norm == NORM_INSTANCE || n->norm == NORM_PLAIN ||
        !attend_fits(cx, cg)) {
        int p = net_norm(n, net_conv(n, (struct conv_layer){.x = {g}, .out = inter}, "%s", full[0]),
            ACT_NONE, "%s", full[1]);
        int t = net_norm(n, net_conv(n, (struct conv_layer){.x = {x}, .out = inter}, "%s", full[2]),
            ACT_NONE, "%s", full[3]);
        struct conv_layer psi = {
            .x = {net_add(n, p, t, ACT_RELU)}, .out = 1, .planar = true, .bias = psi_bias};
        int alpha =
            net_sigmoid(n, net_norm(n, net_conv(n, psi, "%s", full[4]), ACT_NONE, "%s", full[5]));
        net_output(n, alpha, "attention.%s", map);
        return net_gate(n, x, alpha);
    }
    struct attend_attr a = {.inter = inter, .norm = n->norm == NORM_BATCH, .eps = NORM_EPS};
    int in[NODE_MAX_IN] = {x, g}, wg[6], out[NODE_MAX_OUT] = {-1, -1};
    int each = gate_layer(n, cg, inter, 0, full[0], full[1], wg);
    gate_layer(n, cx, inter, 0, full[2], full[3], in + 2);
    memcpy(in + 2 + each, wg, (size_t)each * sizeof *in);
    gate_layer(n, inter, 1, psi_bias, full[4], full[5], in + 2 + 2 * each);
    NET_DO(n, graph_node(n->g, &op_attend, in, 2 + 3 * each, 2, &a, sizeof a, out, n->e));
    if (n->status != ATT_OK) return -1;
    net_output(n, out[1], "attention.%s", map);
    return out[0];
}

int net_maxpool(struct net *n, int x, const int factor[3])
{
    struct grid_attr a = {.align_corners = false};
    net_axes(n, a.factor, factor, 1);
    return node(n, &op_maxpool, &x, 1, 1, &a, sizeof a);
}

static int linear_to(struct net *n, int x, int d, int h, int w)
{
    struct grid_attr a = {.size = {d, h, w}, .align_corners = n->align_corners};
    return node(n, &op_linear, &x, 1, 1, &a, sizeof a);
}

/* Midway between two samples linear interpolation is their mean. */
int net_average(struct net *n, int x, const int factor[3])
{
    if (n->status != ATT_OK) return -1;
    struct shape s = n->g->values[x].s;
    return linear_to(n, x, n->dims == 3 ? s.d / factor[0] : s.d, s.h / factor[1], s.w / factor[2]);
}

int net_linear(struct net *n, int x, const int factor[3])
{
    if (n->status != ATT_OK) return -1;
    struct shape s = n->g->values[x].s;
    return linear_to(n, x, n->dims == 3 ? factor[0] * s.d : s.d, factor[1] * s.h, factor[2] * s.w);
}

int net_linear_like(struct net *n, int x, int like)
{
    if (n->status != ATT_OK) return -1;
    struct shape s = n->g->values[x].s, t = n->g->values[like].s;
    if (s.d == t.d && s.h == t.h && s.w == t.w) return x;
    return linear_to(n, x, t.d, t.h, t.w);
}

void net_output(struct net *n, int value, const char *name, ...)
{
    char full[NAME];
    FORMAT_NAME(full, name);
    NET_DO(n, graph_output(n->g, value, n->e, "%s%s", n->prefix_outputs ? prefix(n) : "", full));
}

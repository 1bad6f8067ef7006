/* SPDX-License-Identifier: Apache-2.0 */
/* Layers of architectures. Each call adds parameters NAME.weight, NAME.bias, ... (torch's names)
 * and nodes, and returns the new value, or -1 after the first failure. `status` keeps that failure,
 * so an architecture checks once, at its end. */
#pragma once

#include "arch/spec.h"
#include "graph/graph.h"
#include "ops/ops.h"

enum norm_kind {
    NORM_BATCH,
    NORM_INSTANCE,
    NORM_PLAIN /* instance norm without parameters */,
    NORM_NONE /* net_norm does nothing */
};

struct net {
    struct graph *g;
    const struct spec *spec;
    struct err *e;
    att_status status;
    int dims;            /* 2 or 3 */
    bool align_corners;  /* of every linear interpolation */
    enum norm_kind norm; /* of every net_norm */
    const char *prefix;  /* of every parameter's name, or NULL */
    bool prefix_outputs; /* also prefix outputs */
    bool features;       /* the decoder's finest level is also an output, "features" */
};

/* Per axis d, h, w; a 2D network ignores d. */
#define CUBE(number)                                                                               \
    {                                                                                              \
        number, number, number                                                                     \
    }

struct conv_layer {
    int x[CONV_MAX_X], nx;         /* nx 0 counts as 1 */
    int out, kernel[3], stride[3]; /* kernel and stride 0 count as 1 */
    int pad[3], more[3];           /* more: of a transposed convolution, see ops.h */
    bool no_bias, planar;
    float bias; /* initial bias */
};

#define NET_NAME(text, first) __attribute__((format(printf, text, first)))

/* A layer that keeps the size: padded by half the (odd) kernel. */
struct conv_layer conv_same(const int *x, int nx, int out, const int kernel[3]);
int net_conv(struct net *n, struct conv_layer l, const char *name, ...) NET_NAME(3, 4);
/* Parameters of a convolution that this graph does not run (a side head at inference). */
void net_conv_parameters(struct net *n, struct conv_layer l, const char *name, ...) NET_NAME(3, 4);
int net_conv_transposed(struct net *n, struct conv_layer l, const char *name, ...) NET_NAME(3, 4);
/* Nearest upsampling by factors 1 or 2, then a convolution with kernel 3 and pad 1 along upsampled
 * axes, kernel 1 along others. */
int net_conv_up(struct net *n, int x, int out, const int factor[3], const char *name, ...)
    NET_NAME(5, 6);
int net_norm(struct net *n, int x, enum act act, const char *name, ...) NET_NAME(4, 5);
/* with initial weight 0: the last before a residual sum */
int net_norm_zero(struct net *n, int x, const char *name, ...) NET_NAME(3, 4);
/* x above zero, slope * x below, with one learned slope, initially 0.25 (torch.nn.PReLU). */
int net_prelu(struct net *n, int x, const char *name, ...) NET_NAME(3, 4);
int net_add(struct net *n, int a, int b, enum act act);
int net_sigmoid(struct net *n, int x);
int net_gate(struct net *n, int x, int map);
/* Attention gate with a map on x's grid: map = sigmoid(psi(ReLU(W_x x + W_g g))), each of the three
 * followed by the net's norm, if any; returns map * x. NAME precedes the six layers' names. The map
 * is output attention.MAP, or attention.NAME if map is NULL. */
struct gate_names {
    const char *wg, *wg_norm, *wx, *wx_norm, *psi, *psi_norm, *map;
};
int net_attention(struct net *n, int x, int g, int inter, float psi_bias,
    const struct gate_names *names, const char *name);
int net_maxpool(struct net *n, int x, const int factor[3]);
/* over blocks of factors 1 or 2 that divide x's sizes */
int net_average(struct net *n, int x, const int factor[3]);
int net_linear(struct net *n, int x, const int factor[3]);
/* to the grid of `like`; x itself if it has that grid */
int net_linear_like(struct net *n, int x, int like);
void net_output(struct net *n, int value, const char *name, ...) NET_NAME(3, 4);
int net_channels(const struct net *n, int value);

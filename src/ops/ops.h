/* SPDX-License-Identifier: Apache-2.0 */
/* The ops of a network and their settings.  One file per op or loss (op_*.c, loss_*.c), each with shape, cost, forward, backward, what
 * backward reads, and its own examples for the gradient test; ops_list() finds them all. */
#ifndef OPS_OPS_H
#define OPS_OPS_H

#include "graph/graph.h"

/* in: x... (joined along channels), weight, bias if has_bias; out: y with `out` channels. */
struct conv_attr {
    int kernel[3], stride[3], pad[3];
    int out;
    bool has_bias, planar; /* planar: y is planar (logits, one-channel maps) */
};
extern const struct op op_conv;

/* Transposed convolution. in: x, weight (torch: Cin, Cout, k...), bias if has_bias; attr as above. Output size (in-1)*stride - 2*pad +
 * kernel. */
extern const struct op op_conv_transposed;

/* Batch norm (per_image false: batch statistics in training, running ones else) or instance norm (per_image: always the image's own), then
 * an activation. in: x, gamma, beta [, running mean, running variance, batches]; out: y, aux. */
struct norm_attr {
    bool per_image;
    enum act act;
    float eps, momentum;
};
extern const struct op op_norm;

/* y = act(a + b) */
struct add_attr {
    enum act act;
};
extern const struct op op_add;

extern const struct op op_sigmoid; /* planar */

/* y = x * map: in: x, map (one channel, planar, x's grid). The tensor that the attention map scales is input 0, the skip connection. */
extern const struct op op_gate;

struct grid_attr {
    int factor[3];      /* max-pool: window and stride; nearest: how many times */
    int size[3];        /* linear, label: the new grid */
    bool align_corners; /* linear */
};
extern const struct op op_maxpool, op_nearest, op_linear;
extern const struct op op_label; /* labels at the nearest voxel of a coarser grid: for losses on side heads */

/* in: logits (planar), labels; out: the loss, one number. Arrays belong to the graph (graph_own). */
struct loss_attr {
    const uint64_t *region; /* see kernel.h struct loss_input */
    const real *weight;
    bool batch, background;
    float smooth;
};
struct loss {
    const char *name;           /* in objectives: "ce", "dice" */
    const char *keys;           /* settings it takes in parentheses, space-separated: batch background smooth */
    struct loss_attr otherwise; /* their defaults */
    int outputs;                /* the loss, and what backward needs besides */
    struct op op;
};
extern const struct loss loss_cross_entropy, loss_dice;

/* in: scalars; out: sum of weight[i] * in[i]. */
struct sum_attr {
    float weight[NODE_MAX_IN];
};
extern const struct op op_sum;

/* NULL-terminated. */
const struct op *const *ops_list(void); /* losses among them */
const struct loss *const *losses_list(void);

/* A parameter of `size` numbers, or convolution weights, ready to be read by a node. */
att_status ops_vector(struct graph *g, const char *name, enum param_kind kind, int size, float value, int *id, struct err *e);
att_status ops_weights(struct graph *g, const char *name, const struct conv_attr *a, const int *channels, int nx, int dims, bool transposed,
                       int *id, struct err *e);

#endif

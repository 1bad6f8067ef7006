/* SPDX-License-Identifier: Apache-2.0 */
/* The ops of a network and their settings.  One file per op or loss (op_*.c, loss_*.c), each with
 * shape, cost, forward, backward, what backward reads, and its own examples for the gradient test;
 * ops_list() finds them all.
 *
 * An op never touches a value's memory: it hands addresses to kernels (kernel/kernel.h). */
#ifndef OPS_OPS_H
#define OPS_OPS_H

#include "graph/graph.h"

/* What a convolution has absorbed (conv_end.h): y = act(norm(map * (w*x) + b)). */
struct conv_end {
    enum act act;
    bool norm, map;
    float eps;
};

/* The norm before a convolution, which makes its result while it reads (op.on_load): x is that
 * result and not stored. */
struct conv_load_attr {
    bool on, per_image;
    enum act act;
};

/* in: x... (joined along channels), weight, bias if has_bias, then what end says, then the norm's
 * input and its second output if load.on; out: y with `out` channels. */
struct conv_attr {
    int kernel[3], stride[3], pad[3];
    int more[3]; /* transposed convolution: sizes become larger by this, less than the stride
                    (torch's output_padding) */
    int out;
    bool has_bias, planar; /* planar: y is planar (logits, one-channel maps) */
    struct conv_end end;
    struct conv_load_attr load;
};
extern const struct op op_conv; /* y = end(w * x + b) */

/* in: x, weight (torch: Cin, Cout, k...), bias if has_bias; attr as above. Output size
 * (in-1)*stride - 2*pad + kernel + more. */
extern const struct op op_conv_transposed; /* y = end(w^T * x + b) */

/* up is nearest, by 2, along the axes with a kernel of 3; stride 1, pad 1. in and attr as of
 * op_conv, one x. */
extern const struct op op_conv_up; /* y = end(w * up(x) + b) */

/* Batch norm (per_image false: batch statistics in training, running ones else) or instance norm
 * (per_image: always the image's own), then an activation. in: x [, gamma, beta [, running mean,
 * running variance, batches]]; out: y, aux. Only an instance norm may go without gamma and beta,
 * which then are 1 and 0. */
struct norm_attr {
    bool per_image;
    enum act act;
    float eps, momentum;
    bool fixed; /* set by the op: in training, too, with the running statistics, since scale and
                   shift are frozen */
};
extern const struct op op_norm; /* y = act(gamma * (x - mean) / sqrt(var + eps) + beta) */
/* Where the second output of a norm keeps scale and shift, for a reader on load. */
void norm_numbers_of(const real *aux, const struct tensor *x, bool per_image, const real **scale,
    const real **shift);

/* in: x, slope (one number). */
extern const struct op op_prelu; /* y = x > 0 ? x : slope * x */

struct add_attr {
    enum act act;
};
extern const struct op op_add; /* y = act(a + b) */

extern const struct op op_sigmoid; /* y = 1 / (1 + exp(-x)), planar */

/* in: x (the skip connection), map (one channel, planar, x's grid). */
extern const struct op op_gate; /* y = x * map */

/* A whole gate at inference. in: x, g, then for W_x, W_g and psi each weight, bias and, if norm,
 * gamma, beta, running mean, running variance; out: map * x, map. */
struct attend_attr {
    int inter;
    bool norm;
    float eps;
};
extern const struct op op_attend; /* map = sigmoid(psi * relu(W_x * x + W_g * g)); y = x * map */

struct grid_attr {
    int factor[3];      /* max-pool: window and stride */
    int size[3];        /* linear, label: the new grid */
    bool align_corners; /* linear */
};
extern const struct op op_maxpool; /* y[i] = max of x over the window i */
extern const struct op op_linear;  /* y[i] = x between the voxels around i * in/out */
extern const struct op op_label;   /* y[i] = x[floor(i * in/out)], for losses on side heads */

/* What an objective may say about a loss in parentheses: KEY=VALUE. Values are numbers; yes is 1,
 * no is 0. */
enum { LOSS_SETTINGS = 6 };
struct loss_setting {
    const char *key;
    enum { LOSS_REAL, LOSS_WHOLE, LOSS_YES_NO } kind;
    double otherwise, min,
        max; /* the default (may be outside: not given), and the range of the first two kinds */
};

/* in: logits (planar), labels; out: the loss, one number. Arrays belong to the graph (graph_own).
 */
struct loss_attr {
    const struct class_set *region; /* see kernel.h struct loss_input */
    const real *weight;
    double set[LOSS_SETTINGS]; /* in the order of the loss's own table */
};
struct loss {
    const char *name;                            /* in objectives: "ce", "dice" */
    struct loss_setting settings[LOSS_SETTINGS]; /* up to a key that is NULL */
    int outputs;                                 /* the loss, and what backward needs besides */
    bool weights;                                /* it takes class weights */
    struct op op;
};
/* p: probability; p_t: of the truth; t: 1 where the class is the truth, else 0. Means are over
 * pixels, or classes. */
extern const struct loss loss_cross_entropy; /* mean -log p_t */
extern const struct loss loss_dice;          /* 1 - mean 2 sum pt / (sum p + sum t) */
extern const struct loss loss_tversky;       /* 1 - mean TI, TI = sum pt / (sum pt + a FP + b FN) */
extern const struct loss loss_focal_tversky; /* mean (1 - TI)^gamma */
extern const struct loss
    loss_gdice; /* 1 - 2 sum w sum pt / sum w (sum p + sum t), w = (sum t)^-2 */
extern const struct loss loss_focal;    /* mean -(1 - p_t)^gamma log p_t */
extern const struct loss loss_topk;     /* mean of the k percent largest -log p_t */
extern const struct loss loss_boundary; /* mean p phi, phi the signed distance to t */
extern const struct loss loss_cldice;   /* 1 - mean of the Dice of two shares of skeletons */

/* in: single numbers. */
enum { SUM_MAX_IN = 10 }; /* as many as the deepest network has heads, and more */
struct sum_attr {
    float weight[SUM_MAX_IN];
};
extern const struct op op_sum; /* y = sum of weight[i] * x[i] */

/* NULL-terminated. */
const struct op *const *ops_list(void); /* losses among them */
const struct loss *const *losses_list(void);

/* A parameter of `size` numbers, or convolution weights, ready to be read by a node. */
att_status ops_vector(struct graph *g, const char *name, enum param_kind kind, int size,
    float value, int *id, struct err *e);
att_status ops_weights(struct graph *g, const char *name, const struct conv_attr *a,
    const int *channels, int nx, int dims, bool transposed, int *id, struct err *e);

/* For tests/grad: one of the convolutions on inputs of `shape`, whose channels are listed. */
struct conv_example {
    struct conv_attr a;
    int nx, channels[2], lanes, dims;
    struct shape shape;
};
bool conv_example(struct graph *g, const struct op *op, const struct conv_example *x,
    bool transposed, struct err *e);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The ops of a network and their settings. Each op or loss is one file (op_*.c, loss_*.c) with
 * shape, cost, forward and backward. Ops only pass addresses to kernels (kernel/kernel.h). */
#pragma once

#include "graph/graph.h"

/* The fused end of a convolution (conv_end.h): y = act(norm(map * (w*x) + b)). */
struct conv_end {
    enum act act;
    bool norm, map;
    float eps;
};

/* The norm before a convolution, computed on load (op.on_load): x is the norm's result and not
 * stored. */
struct conv_load_attr {
    bool on, per_image;
    enum act act;
};

/* in: x... (concatenated channels), weight, bias if has_bias, inputs of `end`, and if load.on the
 * norm's input and its second output; out: y with `out` channels. */
struct conv_attr {
    int kernel[3], stride[3], pad[3];
    int more[3]; /* transposed convolution: torch's output_padding, less than the stride */
    int out;
    bool has_bias, planar; /* planar y (logits, one-channel maps) */
    struct conv_end end;
    struct conv_load_attr load;
};
extern const struct op op_conv; /* y = end(w * x + b) */

/* in: x, weight (torch: Cin, Cout, k...), bias if has_bias. Output size (in-1)*stride - 2*pad +
 * kernel + more. */
extern const struct op op_conv_transposed; /* y = end(w^T * x + b) */

/* up: nearest, by 2, along axes with kernel 3; stride 1, pad 1. in and attr as op_conv, one x. */
extern const struct op op_conv_up; /* y = end(w * up(x) + b) */

/* Batch norm (batch statistics in training, else running ones) or instance norm (per_image), then
 * an activation. in: x [, gamma, beta [, running mean, running variance, batches]]; out: y, aux.
 * Only instance norm may omit gamma and beta (1 and 0). */
struct norm_attr {
    bool per_image;
    enum act act;
    float eps, momentum;
    /* set by the op: scale and shift are frozen, so training, too, uses the running statistics */
    bool fixed;
};
extern const struct op op_norm; /* y = act(gamma * (x - mean) / sqrt(var + eps) + beta) */
/* Scale and shift within a norm's second output, for a reader on load. */
void norm_numbers_of(const real *aux, const struct tensor *x, bool per_image, const real **scale,
    const real **shift);

/* in: x, slope (one number). */
extern const struct op op_prelu; /* y = x > 0 ? x : slope * x */

struct add_attr {
    enum act act;
};
extern const struct op op_add; /* y = act(a + b) */

extern const struct op op_sigmoid; /* y = 1 / (1 + exp(-x)), planar */

/* in: x (the skip connection), map (one planar channel, x's grid). */
extern const struct op op_gate; /* y = x * map */

/* A whole gate for inference. in: x, g, then for W_x, W_g, psi each: weight, bias and, if norm,
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

/* Settings of a loss in an objective: KEY=VALUE; yes is 1, no is 0. */
enum { LOSS_SETTINGS = 6 };
struct loss_setting {
    const char *key;
    enum { LOSS_REAL, LOSS_WHOLE, LOSS_YES_NO } kind;
    /* the default (outside the range: unset), and the range of real and whole numbers */
    double initial, min, max;
};

/* in: logits (planar), labels; out: the loss. The graph owns the arrays. */
struct loss_attr {
    const struct class_set *region; /* see struct loss_input in kernel.h */
    const real *weight;
    double set[LOSS_SETTINGS]; /* in the order of loss.settings */
};
struct loss {
    const char *name;                            /* in objectives: "ce", "dice" */
    struct loss_setting settings[LOSS_SETTINGS]; /* a NULL key ends the list */
    int outputs;                                 /* the loss, and what backward needs */
    bool weights;                                /* has class weights */
    struct op op;
};
/* p: probability; p_t: of the truth; t: 1 for the true class, else 0. Means over pixels or
 * classes. */
extern const struct loss loss_cross_entropy; /* mean -log p_t */
extern const struct loss loss_dice;          /* 1 - mean 2 sum pt / (sum p + sum t) */
extern const struct loss loss_tversky;       /* 1 - mean TI, TI = sum pt / (sum pt + a FP + b FN) */
extern const struct loss loss_focal_tversky; /* mean (1 - TI)^gamma */
extern const struct loss
    loss_gdice; /* 1 - 2 sum w sum pt / sum w (sum p + sum t), w = (sum t)^-2 */
extern const struct loss loss_focal;    /* mean -(1 - p_t)^gamma log p_t */
extern const struct loss loss_topk;     /* mean of the k percent largest -log p_t */
extern const struct loss loss_boundary; /* mean p phi, phi the signed distance to t */
extern const struct loss loss_cldice;   /* 1 - Dice of skeleton precision and sensitivity */

/* in: single numbers. */
enum { SUM_MAX_IN = 10 }; /* more than the deepest network's heads */
struct sum_attr {
    float weight[SUM_MAX_IN];
};
extern const struct op op_sum; /* y = sum of weight[i] * x[i] */

/* NULL-terminated. */
const struct op *const *ops_list(void); /* with losses */
const struct loss *const *losses_list(void);

/* A vector of `size` numbers, or convolution weights, as a value for a node. */
att_status ops_vector(struct graph *g, const char *name, enum param_kind kind, int size,
    float value, int *id, struct err *e);
att_status ops_weights(struct graph *g, const char *name, const struct conv_attr *a,
    const int *channels, int nx, int dims, bool transposed, int *id, struct err *e);

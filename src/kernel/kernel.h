/* SPDX-License-Identifier: Apache-2.0 */
/* The table of kernels. kernels_for(ISA_REF) has plain loops (ref_*.c); faster sets start from it
 * and replace entries, so a missing fast kernel is slow, never wrong. tests/kernel compares every
 * entry of every ISA with the plain one.
 *
 * Kernels split work by shape only and sum in a fixed order: the same bits for any number of
 * threads.
 *
 * Per-channel arrays (scale, mean, ...) have tensor_padded() entries, n sets if `per_image`. All
 * tensors of a call have the same lanes, except planar one-channel maps. Any of the blocked ones
 * may be half; in attend all of them together, and none on a device. Pixelwise kernels (affine,
 * norm_dx, pointwise) may work in place. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/class_set.h"
#include "base/pool.h"
#include "base/status.h"
#include "kernel/attend.h"
#include "kernel/buffer.h"
#include "kernel/conv.h"
#include "kernel/small.h"
#include "kernel/tensor.h"

struct boundary;
struct cldice;
struct overlap_rule;
struct overlap_sums;

/* Targets of losses: a class index per pixel, [n][d][h][w]; LABEL_IGNORE pixels do not count. */
enum { LABEL_IGNORE = 255 };

/* Linear interpolation along one axis, torch's two conventions. align: src = dst*(in-1)/(out-1);
 * else src = max(0, (dst+.5)*in/out - .5). */
struct resize {
    bool align_corners;
};

/* Input of a per-pixel loss with up to 512 channels. Softmax: channels are classes, target = label.
 * Sigmoid: channel k is a region; its target is whether region[k] has the label. */
struct loss_input {
    struct tensor logits; /* planar */
    const uint8_t *label;
    const struct class_set *region; /* NULL: softmax; else a label set per channel */
    const real *weight;             /* cross-entropy: per class or region; NULL: 1 */
};

/* Focal loss: the exponent, and the weights of targets that are 0 or class 0, and of others. */
struct focal {
    double gamma, balance[2];
};

struct kernels;

/* Kernels for some processor features: a file that fills a table, and a line in kernels.c. */
struct kernel_set {
    const char *name;                /* the instruction set in the user interface */
    unsigned needs;                  /* bits of enum cpu_feature */
    void (*fill)(struct kernels *k); /* replaces plain kernels by faster ones */
};

struct kernels {
    const struct kernel_set *set;
    const struct memory *memory;                     /* their memory */
    const struct conv_impl *const *conv[CONV_SLOTS]; /* NULL-terminated lists */

    /* ---- norm: y = act(x*scale + shift) with scale = gamma*rstd, shift = beta -
     * mean*gamma*rstd */
    /* Mean and biased variance of every channel over the batch or per image. Welford or shifted
     * partials, merged in order in double. */
    void (*moments)(
        const struct tensor *x, bool per_image, real *mean, real *var, struct pool *pool);
    void (*affine)(const struct tensor *x, const struct tensor *y, const real *scale,
        const real *shift, bool per_image, enum act act, struct pool *pool);
    /* With dz = dy * act'(x*scale+shift): sum_dz = sum dz, sum_dzx = sum dz*(x - mean)*rstd, per
     * channel over the batch or per image. */
    void (*norm_sums)(const struct tensor *x, const struct tensor *dy, const real *scale,
        const real *shift, const real *mean, const real *rstd, bool per_image, enum act act,
        real *sum_dz, real *sum_dzx, struct pool *pool);
    /* dx (+)= a*dz + b*x + c with per-channel a, b, c. */
    void (*norm_dx)(const struct tensor *x, const struct tensor *dy, const struct tensor *dx,
        const real *scale, const real *shift, const real *a, const real *b, const real *c,
        bool per_image, enum act act, bool add, struct pool *pool);
    /* Per-channel numbers: small.h. */
    void (*norm_fold)(const struct norm_numbers *n, int images, int channels, const real *mean,
        const real *var, const real *bias, const real *gamma, const real *beta, double eps);
    void (*norm_track)(const real *mean, const real *var, int channels, double count,
        double momentum, real *running_mean, real *running_var, real *batches);
    void (*norm_coefficients)(const struct norm_numbers *n, int images, int channels, double count,
        const real *gamma, const real *sum_dz, const real *sum_dzx, real *a, real *b, real *c,
        real *dgamma, bool add_gamma, real *dbeta, bool add_beta);

    /* ---- sums: out[c] (+)= sum over images and pixels (bias gradients) */
    void (*channel_sum)(const struct tensor *x, real *out, bool add, struct pool *pool);

    /* ---- pointwise */
    void (*add_act)(const struct tensor *a, const struct tensor *b, const struct tensor *y,
        enum act act, struct pool *pool);
    /* dx (+)= dy * act'(y), y the result of add_act (ACT_NONE: y unused). */
    void (*act_dx)(const struct tensor *y, const struct tensor *dy, const struct tensor *dx,
        enum act act, bool add, struct pool *pool);
    /* y = x > 0 ? x : *slope * x; dx (+)= dy times its derivative; *dslope (+)= sum of dy * x where
     * x <= 0. */
    void (*prelu)(
        const struct tensor *x, const real *slope, const struct tensor *y, struct pool *pool);
    void (*prelu_dx)(const struct tensor *x, const real *slope, const struct tensor *dy,
        const struct tensor *dx, bool add, struct pool *pool);
    void (*prelu_dslope)(
        const struct tensor *x, const struct tensor *dy, real *dslope, bool add, struct pool *pool);
    void (*sigmoid)(const struct tensor *x, const struct tensor *y, struct pool *pool); /* planar */
    void (*sigmoid_dx)(const struct tensor *y, const struct tensor *dy, const struct tensor *dx,
        bool add, struct pool *pool);
    /* y = x * map, a planar map for all channels of x; and its two gradients. */
    void (*gate)(const struct tensor *x, const struct tensor *map, const struct tensor *y,
        struct pool *pool);
    void (*gate_dx)(const struct tensor *map, const struct tensor *dy, const struct tensor *dx,
        bool add, struct pool *pool);
    void (*gate_dmap)(const struct tensor *x, const struct tensor *dy, const struct tensor *dmap,
        bool add, struct pool *pool);

    /* Nearest upsampling by 2 and a convolution with kernel 3, pad 1 equal a transposed convolution
     * with kernel 4, stride 2, pad 1 and taps w2, w1+w2, w0+w1, w0 along an axis. `c` is its
     * reverse convolution: y is the input, x the result; a kernel of 1 along d keeps that axis. w3
     * is packed for the convolution after the upsampling, from c->y's channels to c->x[0]'s; w for
     * c. */
    void (*up_expand)(const struct conv *c, const real *w3, real *w, struct pool *pool);
    /* The gradient by w becomes that by w3, written or added. */
    void (*up_contract)(const struct conv *c, const real *w, real *w3, bool add, struct pool *pool);
    /* The upsampled blocked map: y[i] = x[floor(i * in/out)]. */
    void (*upsample)(const struct tensor *x, const struct tensor *y);

    /* A fused gate for inference, and its preparation: attend.h. */
    void (*attend_fold)(struct attend *a, const struct attend_layer *wx,
        const struct attend_layer *wg, const struct attend_layer *psi, double eps, real *memory,
        struct pool *pool);
    void (*attend)(const struct attend *a, struct pool *pool);

    /* ---- grids */
    /* Max over windows factor[3], stride = factor, remainder dropped; the gradient goes to the
     * first maximum in d, h, w order. */
    void (*maxpool)(
        const struct tensor *x, const struct tensor *y, const int factor[3], struct pool *pool);
    void (*maxpool_dx)(const struct tensor *x, const struct tensor *y, const struct tensor *dy,
        const struct tensor *dx, const int factor[3], bool add, struct pool *pool);
    void (*linear)(const struct tensor *x, const struct tensor *y, struct resize how,
        struct pool *pool); /* any sizes */
    void (*linear_dx)(const struct tensor *dy, const struct tensor *dx, struct resize how, bool add,
        struct pool *pool);
    /* Labels at the nearest voxel: small.h. */
    void (*label_nearest)(const uint8_t *x, struct shape xs, uint8_t *y, struct shape ys);

    /* ---- losses: each writes *loss; *_dx writes or adds *seed * d loss / d logits; without valid
     * pixels both are 0 */
    /* Weighted cross-entropy over valid pixels as in torch: sum w[t]*nll / sum w[t]; sigmoid: mean
     * over pixels and regions of binary cross-entropy with logits times weight. */
    void (*cross_entropy)(const struct loss_input *in, real *loss, struct pool *pool);
    void (*cross_entropy_dx)(const struct loss_input *in, const real *seed, const struct tensor *dx,
        bool add, struct pool *pool);
    /* Each pixel's term of that sum, in the order of the labels; -1: ignored. */
    void (*cross_entropy_map)(const struct loss_input *in, real *map, struct pool *pool);
    /* Labels of the largest numbers of such a map: top.h. */
    void (*top_labels)(const real *x, const uint8_t *label, size_t n, double percent,
        uint8_t fallback, uint8_t *out);
    /* The mean of balance * (1 - p)^gamma * cross-entropy, p the probability of the truth. */
    void (*focal)(
        const struct loss_input *in, const struct focal *f, real *loss, struct pool *pool);
    void (*focal_dx)(const struct loss_input *in, const struct focal *f, const real *seed,
        const struct tensor *dx, bool add, struct pool *pool);
    /* For losses of sums over pixels, 3 doubles per image and channel: sum p t, sum p, sum t; p =
     * softmax or sigmoid, t the target. */
    void (*overlap)(const struct loss_input *in, double *sums, struct pool *pool);
    /* Their gradient, from 2 doubles per image and channel: d loss / d p of a pixel with target 0,
     * and 1. */
    void (*overlap_dx)(const struct loss_input *in, const double *slopes, const real *seed,
        const struct tensor *dx, bool add, struct pool *pool);
    /* The loss and these slopes from the sums: loss.h. */
    void (*overlap_rule)(const struct overlap_rule *r, struct shape s, struct overlap_sums *sums,
        double *slopes, real *loss);
    /* Probabilities as planar maps, 0 at ignored pixels; the sum of p times a field laid out like
     * the logits, divided by *below (<= 0: the loss is 0; NULL: 1); and its gradient. */
    void (*soft)(const struct loss_input *in, const struct tensor *p, struct pool *pool);
    void (*field)(const struct loss_input *in, const struct tensor *f, const double *below,
        real *loss, struct pool *pool);
    void (*field_dx)(const struct loss_input *in, const struct tensor *f, const double *below,
        const real *seed, const struct tensor *dx, bool add, struct pool *pool);
    /* The boundary loss's field, and centreline Dice through other kernels of `k`: loss.h. */
    void (*boundary)(const struct boundary *b, struct pool *pool);
    void (*cldice)(const struct kernels *k, const struct cldice *c, real *loss, struct pool *pool);
    void (*cldice_dx)(const struct kernels *k, const struct cldice *c, const real *seed,
        const struct tensor *dx, bool add, struct pool *pool);
    /* y = sum of weight[i] * x[i], single numbers; dx (+)= weight * dy. */
    void (*weighted_sum)(const struct tensor *x, const float *weight, int n, real *y);
    void (*weighted_sum_dx)(const real *dy, real weight, real *dx, bool add);

    /* ---- windows on planar maps, clipped: the minimum of a pixel and its neighbours along the
     * axes, the maximum of the box of 3 (soft skeletons). `code`, unless NULL, stores which one
     * (kernel/window.h), the first of equal ones. */
    void (*erode)(const struct tensor *x, const struct tensor *y, real *code, struct pool *pool);
    void (*dilate)(const struct tensor *x, const struct tensor *y, real *code, struct pool *pool);
    /* dx (+)= every dy whose extreme the pixel is; box: of dilate. */
    void (*window_dx)(const real *code, const struct tensor *dy, const struct tensor *dx, bool box,
        bool add, struct pool *pool);

    /* Logits [channels][pixels] in host memory become probabilities: softmax over exclusive
     * classes, else sigmoid. */
    void (*probabilities)(
        float *logits, int channels, size_t pixels, bool exclusive, struct pool *pool);

    /* ---- flat arrays: optimisers over all parameters at once */
    void (*fill)(real *x, size_t n, real value);
    /* to += share * (from - to) */
    void (*blend)(real *to, const real *from, size_t n, real share, struct pool *pool);
    double (*sum_squares)(const real *x, size_t n, struct pool *pool);
    /* torch.optim.SGD: g += decay*p; m = first ? g : momentum*m + g; p -= lr * (nesterov ? g +
     * momentum*m : m). g is scaled by `scale` first. */
    void (*sgd)(real *p, const real *g, real *m, size_t n, real lr, real momentum, bool nesterov,
        real decay, real scale, bool first, struct pool *pool);
    /* torch.optim.AdamW, step from 1. */
    void (*adamw)(real *p, const real *g, real *m, real *v, size_t n, real lr, real beta1,
        real beta2, real eps, real decay, real scale, int64_t step, struct pool *pool);
};

/* The sets of this build, plain first, best last; NULL-terminated. */
extern const struct kernel_set *const kernel_sets[];
enum { ISA_REF }; /* index of the plain kernels */
/* Tables of the sets that this processor can run, in the order of kernel_sets; `index`: 0 to
 * kernels_best(). */
const struct kernels *kernels_for(int index);
int kernels_best(void);
/* `name` NULL or "auto": the environment variable ATTUNET_ISA, else the best set. ATT_USAGE: no
 * such set, or the processor cannot run it. */
att_status kernels_choose(const char *name, const struct kernels **k, struct err *e);

/* Whether a forward convolution may be asked for by this name. */
bool kernels_has_conv(const struct kernels *k, const char *name);
/* Whether its convolutions called CONV_BF16 use a matrix unit; without one floats are faster. */
bool kernels_has_matrix(const struct kernels *k);
/* The first implementation in the slot's list that fits and wins, or the one called `name` if it
 * fits. */
const struct conv_impl *kernels_conv(
    const struct kernels *k, enum conv_slot slot, const struct conv *c, const char *name);

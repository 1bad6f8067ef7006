/* SPDX-License-Identifier: Apache-2.0 */
/* Convolution: forward, backward by input, backward by weight, for any kernel, stride and padding
 * per axis.
 *
 * y[n,k,o] = b[k] + sum over c, t of w[k,c,t] x[n,c,o*stride + t - pad] (o, t per axis; x is 0
 * outside)
 *
 * A transposed convolution is the backward-by-input of the reverse convolution (its weights already
 * have torch's (Cin, Cout, k...) order).
 *
 * x is a list of tensors concatenated along their channels, without a copy.
 *
 * Packed weights are [kb][ib][tap][LANES c][LANES k]: kb counts blocks of output channels; ib
 * counts blocks of input channels, each tensor of x begins a new block; tap = (td*kh + th)*kw + tw;
 * excess lanes are zero. The layout serves blocked and planar tensors and all three directions. */
#pragma once

#include <stdbool.h>

#include "base/pool.h"
#include "kernel/tensor.h"

enum { CONV_MAX_X = 6 };

struct conv {
    int kernel[3], stride[3], pad[3]; /* d, h, w */
    int nx;
    struct tensor x[CONV_MAX_X];
    struct tensor y;
    real *w; /* packed */
    /* forward and backward by input: replaces w for implementations that read it; see up_expand in
     * kernel.h */
    const real *w3;
    /* Forward and backward by input write act(scale*map*sum + b): scale and b per channel,
     * LANES-padded, map per pixel (planar, one channel); each may be NULL. Adding uses only b. */
    const real *scale, *b, *map;
    enum act act;
    /* Forward and backward by weight of one tensor: x is read as act(scale*x + shift); NULL:
     * unchanged. Only for implementations with `loads`. */
    struct conv_load {
        const real *scale, *shift; /* LANES-padded; n sets if per_image */
        bool per_image;
        enum act act;
    } load;
    /* backward by input: adds to x[i]; forward and backward by weight: add[0] adds to y or w */
    bool add[CONV_MAX_X];
    bool skip[CONV_MAX_X]; /* backward by input: x[i] needs no gradient, p may be NULL */
};

/* A slot is one direction with a list of implementations, best first, `ref` last. The first that
 * accepts the problem runs it: the choice depends on the problem only, never on timing. */
enum conv_slot { CONV_FORWARD, CONV_BACKWARD_X, CONV_BACKWARD_W, CONV_SLOTS };

/* The name of implementations with products in bfloat16 (docs/numerics.md). */
#define CONV_BF16 "bf16"

struct conv_impl {
    const char *name; /* "direct", "winograd", "ref", CONV_BF16 */
    bool (*fits)(const struct conv *c);
    bool (*wins)(const struct conv *c); /* chosen by default; NULL: always */
    /* bytes for run(), 64-byte aligned; may depend on threads */
    size_t (*workspace)(const struct conv *c, int threads);
    void (*run)(const struct conv *c, void *workspace, struct pool *pool);
    bool reads_w3, loads; /* accepts conv.w3, conv.load */
    bool by_name;         /* only for who asks for its name, and only where it wins */
};

/* Output size along one axis. */
static inline int conv_out(int in, int kernel, int stride, int pad)
{
    return (in + 2 * pad - kernel) / stride + 1;
}
static inline int conv_taps(const struct conv *c)
{
    return c->kernel[0] * c->kernel[1] * c->kernel[2];
}
/* Input blocks of all x, output blocks, elements of packed weights. */
int conv_in_blocks(const struct conv *c);
int conv_out_blocks(const struct conv *c);
size_t conv_weights(const struct conv *c);
/* Multiply-adds of one direction. */
double conv_macs(const struct conv *c);
/* Workspace of a convolution in a backward pass, where a plan does not know what will be added. */
size_t conv_backward_workspace(const struct conv_impl *impl, const struct conv *c, int threads);

/* What all implementations called CONV_BF16 accept: by shape, so that every processor computes the
 * same layers with them. */
enum { CONV_BF16_KERNEL = 8 /* along an axis */, CONV_BF16_TAPS = 64 };
bool conv_bf16_fits(const struct conv *c);
/* Whether a block is two neighbouring taps of one strip, in place of two strips under one tap. */
bool conv_bf16_pairs(const struct conv *c, bool backward);
/* Backward by weight: where they beat floats on a matrix unit. */
bool conv_bf16_wins_w(const struct conv *c);

/* The order of sums of gradients by weight, docs/numerics.md: rows of outputs lie `pitch` places
 * apart; stripes of `rows` rows, the last of a plane may have fewer, belong to `sums` sums in
 * turn. */
struct conv_bf16_order {
    int pitch, rows, stripes /* of a plane */, sums;
};
struct conv_bf16_order conv_bf16_order_of(const struct conv *c);

/* Between torch's w[k][c][taps] and the packed order. channels[i]: channels of x[i]. */
size_t conv_packed_size(int k, int nx, const int *channels, int taps);
/* The index of w[k][c][tap] in the packed order; c counts over all tensors. */
size_t conv_packed_at(int nx, const int *channels, int taps, int k, int c, int tap);
void conv_pack(int k, int nx, const int *channels, int taps, const real *w, real *packed);
void conv_unpack(int k, int nx, const int *channels, int taps, const real *packed, real *w);

/* SPDX-License-Identifier: Apache-2.0 */
/* Convolution: forward, backward by input, backward by weight, for any kernel, stride and padding
 * per axis.
 *
 * y[n,k,o] = b[k] + sum over c, t of w[k,c,t] x[n,c,o*stride + t - pad]        (o, t per axis;
 * outside of x is 0)
 *
 * A transposed convolution is the backward-by-input of the convolution that runs the other way (its
 * weights have torch's (Cin, Cout, k...) order already), so it needs no kernel of its own.
 *
 * x is a list of tensors joined along their channels: concatenation is reading several tensors,
 * never a copy.
 *
 * Packed weights are [kb][ib][tap][LANES c][LANES k]: kb counts blocks of LANES output channels; ib
 * counts blocks of LANES input channels, each tensor of x begins a new block; tap = (td*kh + th)*kw
 * + tw; lanes beyond the real channels are zero.  The same layout serves blocked and planar tensors
 * and all three directions. */
#ifndef KERNEL_CONV_H
#define KERNEL_CONV_H

#include <stdbool.h>

#include "base/pool.h"
#include "kernel/tensor.h"

enum { CONV_MAX_X = 6 };

struct conv {
    int kernel[3], stride[3], pad[3]; /* d, h, w */
    int nx;
    struct tensor x[CONV_MAX_X];
    struct tensor y;
    real *w;        /* packed */
    const real *w3; /* forward and backward by input: see up_expand in kernel.h; only for an
                       implementation that reads it, in place of w */
    /* Forward and backward by input: what is written is act(scale*map*sum + b): scale and b per
     * channel, of LANES-padded length, map per pixel (planar, one channel); each may be NULL. Where
     * it is added to what is there, there is only b. */
    const real *scale, *b, *map;
    enum act act;
    /* Forward and backward by weight of a single tensor: it is read as act(scale*x + shift); NULL:
     * as it is.  Only for an implementation that says so. */
    struct conv_load {
        const real *scale, *shift; /* LANES-padded; n times as many, image by image, if per_image */
        bool per_image;
        enum act act;
    } load;
    bool add[CONV_MAX_X];  /* backward by input: add to x[i] instead of writing it; forward and
                              backward by weight: add[0] adds to y or w */
    bool skip[CONV_MAX_X]; /* backward by input: x[i] needs no gradient, its p may be NULL */
};

/* A slot is one of the three directions; its implementations stand in a list, best first, `ref`
 * last.  An implementation may decline a problem; the first that does not is used, a pure function
 * of the problem: nothing is chosen by timing at run time. */
enum conv_slot { CONV_FORWARD, CONV_BACKWARD_X, CONV_BACKWARD_W, CONV_SLOTS };

struct conv_impl {
    const char *name; /* "direct", "winograd", "ref" */
    bool (*fits)(const struct conv *c);
    bool (*wins)(const struct conv
            *c); /* of what fits: chosen without being asked for by name; NULL: all of it */
    size_t (*workspace)(const struct conv *c,
        int threads); /* bytes that run() needs, 64-byte aligned; may depend on threads */
    void (*run)(const struct conv *c, void *workspace, struct pool *pool);
    bool reads_w3, loads; /* takes conv.w3, conv.load */
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
/* Input blocks of all x together, output blocks, elements of the packed weights. */
int conv_in_blocks(const struct conv *c);
int conv_out_blocks(const struct conv *c);
size_t conv_weights(const struct conv *c);
/* Multiply-adds of one direction. */
double conv_macs(const struct conv *c);

/* Between torch's order w[k][c][taps] and the packed one.  channels[i] is the number of channels of
 * x[i]. */
size_t conv_packed_size(int k, int nx, const int *channels, int taps);
/* Where torch's w[k][c][tap] stands in the packed order; c counts over all tensors joined. */
size_t conv_packed_at(int nx, const int *channels, int taps, int k, int c, int tap);
void conv_pack(int k, int nx, const int *channels, int taps, const real *w, real *packed);
void conv_unpack(int k, int nx, const int *channels, int taps, const real *packed, real *w);

#endif

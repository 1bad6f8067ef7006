/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes and the packed order of weights, for ops, models and all implementations. */
#include "kernel/conv.h"

#include <string.h>

#include "base/ints.h"

enum { BLOCK = LANES * LANES }; /* from tap to tap */

static int conv_blocks_of(int channels) { return (channels + LANES - 1) / LANES; }

int conv_in_blocks(const struct conv *c)
{
    int blocks = 0;
    for (int i = 0; i < c->nx; i++) blocks += conv_blocks_of(c->x[i].s.c);
    return blocks;
}

int conv_out_blocks(const struct conv *c) { return conv_blocks_of(c->y.s.c); }

size_t conv_weights(const struct conv *c)
{
    return (size_t)conv_out_blocks(c) * (size_t)conv_in_blocks(c) * (size_t)conv_taps(c) * LANES *
        LANES;
}

double conv_macs(const struct conv *c)
{
    double channels = 0;
    for (int i = 0; i < c->nx; i++) channels += c->x[i].s.c;
    return channels * c->y.s.c * conv_taps(c) * c->y.s.n * (double)shape_pixels(c->y.s);
}

size_t conv_backward_workspace(const struct conv_impl *impl, const struct conv *c, int threads)
{
    struct conv adds = *c;
    for (int i = 0; i < CONV_MAX_X; i++) adds.add[i] = true;
    return max_size(impl->workspace(c, threads), impl->workspace(&adds, threads));
}

bool conv_bf16_fits(const struct conv *c)
{
    bool fits = conv_taps(c) <= CONV_BF16_TAPS && c->y.lanes == LANES;
    for (int i = 0; i < 3; i++)
        fits = fits && c->kernel[i] <= CONV_BF16_KERNEL && c->stride[i] <= CONV_BF16_KERNEL;
    for (int i = 0; i < c->nx; i++) fits = fits && c->x[i].lanes == LANES;
    return fits;
}

bool conv_bf16_pairs(const struct conv *c, bool backward)
{
    return (backward ? conv_out_blocks(c) : conv_in_blocks(c)) == 1 &&
        (backward || c->stride[2] == 1) && c->kernel[2] > 1;
}

bool conv_bf16_wins_w(const struct conv *c)
{
    enum { ENOUGH = 36 }; /* 16 channels in 3D lose to Winograd */
    const int in = conv_in_blocks(c), out = conv_out_blocks(c);
    return conv_taps(c) * (in < out ? in : out) >= ENOUGH;
}

struct conv_bf16_order conv_bf16_order_of(const struct conv *c)
{
    enum { STRIPE = 1024 /* places */, SUMS = 8, ENOUGH = 512 /* blocks of weights */ };
    const struct shape y = c->y.s;
    const int reach = (c->kernel[2] - 1) / c->stride[2];
    struct conv_bf16_order o = {.pitch = (y.w + reach + 1) / 2 * 2};
    o.rows = STRIPE / o.pitch;
    if (o.rows < 1) o.rows = 1;
    if (o.rows > y.h) o.rows = y.h;
    o.stripes = (y.h + o.rows - 1) / o.rows;
    const int all = y.n * y.d * o.stripes;
    const bool many = conv_weights(c) / BLOCK >= ENOUGH;
    o.sums = many ? 1 : all < SUMS ? all : SUMS;
    return o;
}

size_t conv_packed_size(int k, int nx, const int *channels, int taps)
{
    size_t blocks = 0;
    for (int i = 0; i < nx; i++) blocks += (size_t)conv_blocks_of(channels[i]);
    return (size_t)conv_blocks_of(k) * blocks * (size_t)taps * LANES * LANES;
}

size_t conv_packed_at(int nx, const int *channels, int taps, int k, int c, int tap)
{
    int blocks = 0, block = 0,
        lane = 0; /* all tensors' blocks; the block of c, and c's place in it */
    for (int i = 0; i < nx; i++) {
        if (c >= 0 && c < channels[i]) {
            block = blocks + c / LANES;
            lane = c % LANES;
        }
        c -= channels[i];
        blocks += conv_blocks_of(channels[i]);
    }
    size_t at = ((size_t)(k / LANES) * (size_t)blocks + (size_t)block) * (size_t)taps + (size_t)tap;
    return (at * LANES + (size_t)lane) * LANES + (size_t)(k % LANES);
}

/* A block in torch's order, where `flat` is its first number and outputs are `step` apart, and its
 * place in the packed order. */
struct packed_block {
    int outputs, inputs, taps;
    size_t flat, step, at;
};

static void walk_block(const struct packed_block *b, const real *from, real *to, bool pack)
{
    for (int o = 0; o < b->outputs; o++) {
        size_t flat = b->flat + (size_t)o * b->step;
        for (int c = 0; c < b->inputs; c++)
            for (int t = 0; t < b->taps; t++, flat++) {
                const size_t at = b->at + (size_t)((t * LANES + c) * LANES + o);
                if (pack)
                    to[at] = from[flat];
                else
                    to[flat] = from[at];
            }
    }
}

/* One walk serves both directions, block by block: a block stays in the nearest cache. */
static void walk(
    int k, int nx, const int *channels, int taps, const real *from, real *to, bool pack)
{
    size_t all = 0;
    for (int i = 0; i < nx; i++) all += (size_t)channels[i];
    struct packed_block b = {.taps = taps, .step = all * (size_t)taps};
    for (int o = 0; o < k; o += LANES) {
        b.outputs = min_int(LANES, k - o);
        b.flat = (size_t)o * b.step;
        for (int i = 0; i < nx; i++)
            for (int c = 0; c < channels[i]; c += LANES) {
                b.inputs = min_int(LANES, channels[i] - c);
                walk_block(&b, from, to, pack);
                b.flat += (size_t)b.inputs * (size_t)taps;
                b.at += (size_t)taps * BLOCK;
            }
    }
}

void conv_pack(int k, int nx, const int *channels, int taps, const real *w, real *packed)
{
    memset(packed, 0, conv_packed_size(k, nx, channels, taps) * sizeof *packed);
    walk(k, nx, channels, taps, w, packed, true);
}

void conv_unpack(int k, int nx, const int *channels, int taps, const real *packed, real *w)
{
    walk(k, nx, channels, taps, packed, w, false);
}

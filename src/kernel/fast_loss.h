/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the fast losses: pixels come in tiles, copied to an L1 buffer with all channels, padded
 * to whole vectors, where all softmax passes run. */
#pragma once

#include <string.h>

#include "kernel/fast_map.h"
#include "kernel/fast_math.h"
#include "kernel/loss.h"

enum {
    TILE = 256,          /* maximum pixels of a tile */
    TILE_FLOATS = 8192,  /* maximum logits */
    LOSS_CHANNELS = 512, /* maximum: twice that of objectives */
    LOSS_PIXELS = 4096,  /* pixels per task */
};

struct tile {
    size_t pixels, padded; /* padded to whole vectors */
    /* logits, then probabilities (tile_softmax()); channel k begins at k * padded */
    float z[TILE_FLOATS];
    uint8_t raw[TILE];  /* raw labels */
    float label[TILE];  /* -1: ignored */
    float weight[TILE]; /* 0 at ignored pixels */
    float target[TILE]; /* of the current region */
    float top[TILE], sum[TILE];
};

/* The meaning of every label. */
struct labels {
    float label[256], weight[256];
};

INLINE void label_table(const struct loss_input *in, struct labels *t)
{
    for (int l = 0; l < 256; l++) {
        bool valid = loss_valid(in, l);
        t->label[l] = valid ? (float)l : -1;
        t->weight[l] = !valid ? 0 : in->region || !in->weight ? 1 : in->weight[l];
    }
}

INLINE size_t tile_pixels(int channels)
{
    size_t max = TILE_FLOATS / (size_t)channels / LANES * LANES;
    return max < TILE ? max : TILE;
}

INLINE int loss_pieces(const struct loss_input *in)
{
    return (int)((shape_pixels(in->logits.s) + LOSS_PIXELS - 1) / LOSS_PIXELS);
}

/* Pixels of piece k, counted over images; returns the image. */
INLINE int loss_piece(const struct loss_input *in, int k, size_t *from, size_t *to)
{
    size_t pixels = shape_pixels(in->logits.s);
    int pieces = loss_pieces(in);
    *from = (size_t)(k % pieces) * LOSS_PIXELS;
    *to = pixels - *from < LOSS_PIXELS ? pixels : *from + LOSS_PIXELS;
    return k / pieces;
}

/* Fills z, label and weight; lanes after the last pixel are ignored. */
INLINE void tile_load(struct tile *t, const struct loss_input *in, const struct labels *table,
    int image, size_t from, size_t to)
{
    const uint8_t *label = in->label + (size_t)image * shape_pixels(in->logits.s) + from;
    size_t max = tile_pixels(in->logits.s.c);
    t->pixels = to - from < max ? to - from : max;
    t->padded = (t->pixels + VEC_LANES - 1) / VEC_LANES * VEC_LANES;
    for (int k = 0; k < in->logits.s.c; k++) {
        float *z = t->z + (size_t)k * t->padded;
        memcpy(z, tensor_channel(&in->logits, image, k) + from, t->pixels * sizeof(float));
        for (size_t i = t->pixels; i < t->padded; i++) z[i] = 0;
    }
    for (size_t i = 0; i < t->padded; i++) {
        uint8_t l = i < t->pixels ? label[i] : LABEL_IGNORE;
        t->raw[i] = l;
        t->label[i] = table->label[l];
        t->weight[i] = table->weight[l];
    }
}

/* Targets of a region with weights 1; 0 at ignored pixels. */
INLINE void tile_targets(struct tile *t, struct class_set region)
{
    for (size_t i = 0; i < t->padded; i++) {
        uint8_t label = t->raw[i];
        uint64_t low = label & 64 ? region.bits[1] : region.bits[0],
                 high = label & 64 ? region.bits[3] : region.bits[2];
        t->target[i] = t->weight[i] * (float)(int)((label & 128 ? high : low) >> (label & 63) & 1);
    }
}

/* The true class's z of VEC_LANES pixels from i; 0 at ignored ones. */
INLINE vec tile_truth(const struct tile *t, int channels, size_t i)
{
    vec label = vec_load(t->label + i), z = vec_zero();
    for (int k = 0; k < channels; k++)
        z = vec_pick(
            vec_equal(label, vec_set((float)k)), vec_load(t->z + (size_t)k * t->padded + i), z);
    return z;
}

/* top = max over channels, z = exp(z - top), sum = their sum. */
INLINE void tile_exp(struct tile *t, int channels)
{
    for (size_t i = 0; i < t->padded; i += VEC_LANES) {
        vec top = vec_load(t->z + i), sum = vec_zero();
        for (int k = 1; k < channels; k++)
            top = vec_max(top, vec_load(t->z + (size_t)k * t->padded + i));
        for (int k = 0; k < channels; k++) {
            float *z = t->z + (size_t)k * t->padded + i;
            vec e = vec_exp(vec_sub(vec_load(z), top));
            vec_store(z, e);
            sum = vec_add(sum, e);
        }
        vec_store(t->top + i, top);
        vec_store(t->sum + i, sum);
    }
}

/* z becomes probabilities; 0 at ignored pixels. */
INLINE void tile_softmax(struct tile *t, int channels)
{
    tile_exp(t, channels);
    for (size_t i = 0; i < t->padded; i += VEC_LANES) {
        vec label = vec_load(t->label + i), over = vec_div(vec_set(1), vec_load(t->sum + i));
        mask out = vec_greater(vec_zero(), label);
        for (int k = 0; k < channels; k++) {
            float *z = t->z + (size_t)k * t->padded + i;
            vec_store(z, vec_pick(out, vec_zero(), vec_mul(vec_load(z), over)));
        }
    }
}

/* For regions. */
INLINE void tile_sigmoid(struct tile *t, int channels)
{
    for (size_t i = 0; i < t->padded; i += VEC_LANES) {
        mask out = vec_greater(vec_zero(), vec_load(t->label + i));
        for (int k = 0; k < channels; k++) {
            float *z = t->z + (size_t)k * t->padded + i;
            vec_store(z, vec_pick(out, vec_zero(), vec_sigmoid(vec_load(z))));
        }
    }
}

INLINE void tile_probabilities(struct tile *t, const struct loss_input *in)
{
    if (in->region)
        tile_sigmoid(t, in->logits.s.c);
    else
        tile_softmax(t, in->logits.s.c);
}

/* The divisor of a weighted mean: the sum of the labels' weights. */
INLINE double loss_divisor(const struct loss_input *in, const struct labels *table)
{
    size_t pixels = shape_pixels(in->logits.s) * (size_t)in->logits.s.n, count[4][256] = {{0}},
           i = 0;
    double sum = 0;
    for (; i + 4 <= pixels; i += 4) /* four tables, since equal labels are adjacent */
        for (size_t k = 0; k < 4; k++) count[k][in->label[i + k]]++;
    for (; i < pixels; i++) count[0][in->label[i]]++;
    for (int l = 0; l < 256; l++)
        sum += (double)(count[0][l] + count[1][l] + count[2][l] + count[3][l]) *
            (double)table->weight[l];
    return in->region ? sum * in->logits.s.c : sum;
}

/* Sums all lanes in double. */
INLINE double vec_sum_double(vec v)
{
    float lane[VEC_LANES];
    double sum = 0;
    vec_store(lane, v);
    for (int i = 0; i < VEC_LANES; i++) sum += (double)lane[i];
    return sum;
}

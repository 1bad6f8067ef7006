/* SPDX-License-Identifier: Apache-2.0 */
/* Hard attention (arch=hard, arch=glimpse): a policy and two networks of arch=attunet. The coarse
 * network sees the image averaged over blocks, the policy scores the tiles of a grid, the fine
 * network sees the chosen tiles with a halo.
 * Keys with 2D defaults: scale=4, tile=64 (3D: 32), halo=16 (8; one number, or a size per axis),
 * tiles=8 (how many are computed; 0: the policy stops), coarse=W,W,... and fine=W,W,... (widths),
 * policy=32 (hidden channels), detail=no (the policy sees the variation within blocks), cluster=1
 * (maximum tiles per axis in a shared window, policy/cluster.h; arch=hard). All others are those of
 * arch=attunet, for both networks. */
#pragma once

#include "arch/arch.h"

enum arch_part { PART_COARSE, PART_FINE, PART_POLICY, PARTS };
extern const char *const part_name[PARTS]; /* "coarse", ...: parameters are named coarse.NAME */

/* Planar outputs of the policy, on the grid of tiles. */
enum policy_output {
    POLICY_SCORE, /* of every tile */
    POLICY_STOP,  /* its mean is the stop token's score */
    POLICY_VALUE, /* its mean is the expected reward */
    POLICY_OUTPUTS
};

/* First channel of each kind in the policy's input (predict/look.h). */
struct policy_inputs {
    int mean, max;            /* of the coarse features */
    int probability;          /* of the classes */
    int foreground;           /* its largest probability */
    int entropy, entropy_max; /* mean and maximum */
    int detail, detail_max;
    int place; /* along each axis of the network */
    int seen;  /* arch=glimpse: the tile was looked at */
    int count;
};

enum { HARD_CLUSTER = 8 };         /* the largest cluster= */
#define HARD_WIDTHS "16,32,64,128" /* for a network without widths in the spec */

struct hard {
    bool glimpse; /* the policy is sequential: it knows past looks and their results */
    int dims, in, classes;
    int scale[3], tile[3], halo[3], window[3]; /* window: the fine network's input, tile + 2 halo */
    int tiles;                                 /* 0: the policy stops */
    int cluster[3];                            /* 1 along every axis: no shared windows */
    int hidden;                                /* channels of the policy's convolutions */
    struct policy_inputs input;
    int detail;   /* image channels with their variation within blocks as inputs: in, or 0 */
    int features; /* channels of the coarse network's output "features" */
    struct arch_facts part[PARTS];
};

bool hard_is(const struct spec *s);
att_status hard_read(const struct spec *s, struct hard *h, struct err *e);
/* The coarse or fine network's spec; its parameters have the same names without the prefix. */
att_status hard_part_spec(
    const struct spec *s, enum arch_part part, struct spec *out, struct err *e);

/* Build one part in an initialised graph, with parameters PART.NAME. Outputs: "logits" and
 * attention maps of networks, when not training also the coarse one's "features" (its finest
 * decoder level); "policy", POLICY_OUTPUTS channels. The policy's input is planar, hard.input.count
 * channels on the grid of tiles (predict/look.h). */
att_status arch_build_part(const struct spec *s, enum arch_part part, struct graph *g, int n, int d,
    int h, int w, int *input, struct err *e);

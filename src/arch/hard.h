/* SPDX-License-Identifier: Apache-2.0 */
/* Hard attention (arch=hard, arch=glimpse): two networks of arch=attunet and a policy.  The coarse
 * network sees the image averaged over blocks, the policy scores the tiles of a grid, the fine
 * network sees the chosen tiles and a halo around them.
 *
 * Keys, with the defaults of 2D: scale=4, tile=64 (3D: 32), halo=16 (8; one number, or sizes of
 * axes), tiles=8 (how many are computed; 0: the policy stops by itself), coarse=W,W,... and
 * fine=W,W,... (the networks' widths), policy=32 (hidden channels), detail=no (whether the policy
 * sees how much the image varies within blocks, which their means have lost), cluster=1 (how many
 * chosen tiles along an axis may share a window of the fine network, policy/cluster.h; of
 * arch=hard); all others are those of arch=attunet and hold for both networks. */
#ifndef ARCH_HARD_H
#define ARCH_HARD_H

#include "arch/arch.h"

enum arch_part { PART_COARSE, PART_FINE, PART_POLICY, PARTS };
extern const char *const part_name[PARTS]; /* "coarse", ...: parameters are called coarse.NAME */

/* Planar outputs of the policy, on the grid of tiles. */
enum policy_output {
    POLICY_SCORE, /* of every tile */
    POLICY_STOP,  /* its mean is the stop token's score */
    POLICY_VALUE, /* its mean is the reward that is expected */
    POLICY_OUTPUTS
};

/* Channels of the policy's input, in their order (predict/look.h): each the first of its kind. */
struct policy_inputs {
    int mean, max;            /* of the coarse features */
    int probability;          /* of the classes */
    int foreground;           /* its largest probability */
    int entropy, entropy_max; /* mean and maximum */
    int detail, detail_max;
    int place; /* along each axis of the network */
    int seen;  /* of arch=glimpse: it was looked at */
    int count;
};

enum { HARD_CLUSTER = 8 };         /* the largest cluster= */
#define HARD_WIDTHS "16,32,64,128" /* of a network whose widths the spec does not say */

struct hard {
    bool glimpse; /* the policy is sequential: it knows where it has looked, and what was there */
    int dims, in, classes;
    int scale[3], tile[3], halo[3],
        window[3];  /* window: what the fine network takes, tile + 2 halo */
    int tiles;      /* 0: the policy stops by itself */
    int cluster[3]; /* 1 along every axis: each tile has a window of its own */
    int hidden;     /* channels of the policy's convolutions */
    struct policy_inputs input;
    int detail;   /* channels of the image whose variation within blocks is among these: in, or 0 */
    int features; /* channels of the coarse network's output "features" */
    struct arch_facts part[PARTS];
};

bool hard_is(const struct spec *s);
att_status hard_read(const struct spec *s, struct hard *h, struct err *e);
/* The coarse or the fine network's own spec: an ordinary one, whose parameters are called the same
 * but for the prefix. */
att_status hard_part_spec(
    const struct spec *s, enum arch_part part, struct spec *out, struct err *e);

/* One part into an initialised graph; its parameters are called PART.NAME.  Outputs: "logits", and
 * attention maps, of the networks, in a graph that does not train also "features" of the coarse one
 * (its finest decoder level); "policy", POLICY_OUTPUTS channels.  The policy's input is planar,
 * hard.input.count channels on the grid of tiles (predict/look.h fills it). */
att_status arch_build_part(const struct spec *s, enum arch_part part, struct graph *g, int n, int d,
    int h, int w, int *input, struct err *e);

#endif

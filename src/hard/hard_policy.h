/* SPDX-License-Identifier: Apache-2.0 */
/* The policy of a hard model while it learns: a small network on grids of tiles, REINFORCE, and its
 * own optimiser. */
#pragma once

#include "arch/hard.h"
#include "graph/run.h"
#include "model/model.h"
#include "policy/glimpse.h"
#include "policy/plackett.h"
#include "train/optimiser.h"
#include "train/train_context.h"

/* A policy stays where it was created: graphs point to its parameters. */

/* The network for one grid of tiles. */
struct policy_run {
    int grid[3];
    struct graph graph;
    struct run run;
    int input, output;
};

struct hard_policy {
    const struct train_context *c;
    const struct spec *spec; /* the model's */
    struct hard hard;
    struct reinforce how;
    struct params
        params; /* the policy's alone, under the names that the whole model has for them */
    struct policy_run **runs; /* one for every grid that was asked for */
    int count;
    struct optimiser optimiser; /* AdamW */
    struct buffer sums;
    real *grads;                   /* in it, of a step, laid out like params.data */
    struct reinforcer *reinforcer; /* of arch=hard */
    struct glimpser *glimpser;     /* of arch=glimpse */
    struct choice greedy;          /* the likeliest one, where nothing is learnt */
    int items;                     /* the largest grid's */
    double *score, *gradient;
};

/* Of a model whose parameters are there. Then the grids, then hard_policy_ready. */
att_status hard_policy_create(const struct train_context *c, const struct model *m,
    const struct reinforce *how, struct hard_policy *p, struct err *e);
att_status hard_policy_grid(
    struct hard_policy *p, const int grid[3], struct err *e);       /* one that lessons will have */
att_status hard_policy_ready(struct hard_policy *p, struct err *e); /* again after further grids */
void hard_policy_free(struct hard_policy *p);

/* For a policy that has not learned yet: a tile's score begins as `weight` times the sum of `count`
 * of its own inputs, which is not below 0, and as little else. */
att_status hard_policy_prefer(
    struct hard_policy *p, int first, int count, double weight, struct err *e);

/* The parameters of a model with the same spec. */
att_status hard_policy_set(struct hard_policy *p, const struct model *m, struct err *e);

/* An image to learn from. */
struct lesson {
    int grid[3];
    const float *inputs; /* [hard.input.count][grid] */
    const float *seen;   /* the same after a look at the tile: for arch=glimpse */
    struct rewards rewards;
    int max;         /* tiles of a choice, at most twice the model's; 0: as many as the model's */
    int samples;     /* at most how.samples */
    struct rng *rng; /* its stream */
    double weight;   /* of its gradient in the step's */
};
void hard_policy_begin(struct hard_policy *p); /* a step: gradients are 0 */
void hard_policy_learn(
    struct hard_policy *p, const struct lesson *l, struct reinforce_report *report);
/* The reward of the likeliest choice; nothing is learnt. The lesson's samples, rng and weight do
 * not count. */
double hard_policy_judge(struct hard_policy *p, const struct lesson *l);
/* The tiles' scores in the lesson's image, before any look at a tile; they hold until the next
 * lesson. */
const double *hard_policy_scores(struct hard_policy *p, const struct lesson *l);
/* Returns the gradients' norm; NaN or infinity: nothing was changed. `step` counts from 1. */
double hard_policy_update(struct hard_policy *p, double lr, int64_t step);

/* SPDX-License-Identifier: Apache-2.0 */
/* The policy of a hard model in training: a small network on grids of tiles, REINFORCE and an
 * optimiser. */
#pragma once

#include "arch/hard.h"
#include "graph/run.h"
#include "model/model.h"
#include "policy/glimpse.h"
#include "policy/plackett.h"
#include "train/optimiser.h"
#include "train/train_context.h"

/* The network for one grid of tiles. */
struct policy_run {
    int grid[3];
    struct graph graph;
    struct run run;
    int input, output;
};

/* Do not move it: graphs point to its parameters. */
struct hard_policy {
    const struct train_context *c;
    const struct spec *spec; /* the model's */
    struct hard hard;
    struct reinforce reinforce;
    struct params params;     /* the policy's alone, with their names in the whole model */
    struct policy_run **runs; /* one per grid */
    int count;
    struct optimiser optimiser; /* AdamW */
    struct buffer sums;
    real *grads;                   /* in `sums`: gradients of a step, in the order of params.data */
    struct reinforcer *reinforcer; /* for arch=hard */
    struct glimpser *glimpser;     /* for arch=glimpse */
    struct choice greedy;          /* for hard_policy_evaluate */
    int items;                     /* tiles of the largest grid */
    double *score, *gradient;
};

/* Copies the policy's parameters from the model. Next call hard_policy_grid for each grid, then
 * hard_policy_allocate (again after further grids). */
att_status hard_policy_create(const struct train_context *c, const struct model *m,
    const struct reinforce *reinforce, struct hard_policy *p, struct err *e);
att_status hard_policy_grid(struct hard_policy *p, const int grid[3], struct err *e);
att_status hard_policy_allocate(struct hard_policy *p, struct err *e);
void hard_policy_free(struct hard_policy *p);

/* For an untrained policy: a tile's initial score is about `weight` times the sum of `count` of its
 * inputs, which must not be negative. */
att_status hard_policy_init(
    struct hard_policy *p, int first, int count, double weight, struct err *e);

/* Copies the parameters of a model with the same spec. */
att_status hard_policy_set(struct hard_policy *p, const struct model *m, struct err *e);

/* An image to learn from, with its rewards. */
struct policy_example {
    int grid[3];
    const float *inputs; /* [hard.input.count][grid] */
    const float *seen;   /* the same once the tile was computed, for arch=glimpse */
    struct rewards rewards;
    int max;     /* max tiles, at most twice the model's number; 0: the model's */
    int samples; /* at most reinforce.samples */
    struct rng *rng;
    double weight; /* of its gradient */
};
void hard_policy_begin(struct hard_policy *p); /* starts a step: zeroes gradients */
void hard_policy_learn(
    struct hard_policy *p, const struct policy_example *l, struct reinforce_report *report);
/* The reward of the likeliest choice, without learning. Ignores samples, rng and weight. */
double hard_policy_evaluate(struct hard_policy *p, const struct policy_example *l);
/* Scores before any tile is computed, valid until the next call. */
const double *hard_policy_scores(struct hard_policy *p, const struct policy_example *l);
/* Returns the gradient norm; if it is NaN or infinite, changes nothing. `step` counts from 1. */
double hard_policy_update(struct hard_policy *p, double lr, int64_t step);

/* SPDX-License-Identifier: Apache-2.0 */
/* The sequential policy (recurrent attention; Mnih et al. 2014): draw a tile, look at it, replace
 * its entry by what was seen, and score again.
 * The entry of a tile depends only on whether it was looked at, so two tables, before and after,
 * make any state. They are data without gradient. A step draws from the tiles not yet looked at and
 * the optional stop token (plackett.h with one item). log pi of a sequence is the sum over its
 * steps: grad E[R] = E[sum over t of A_t grad log p_t(tile_t)], A_t and entropy as in reinforce.h;
 * with `learned` the baseline of step t is the network's value of state t. */
#pragma once

#include "policy/reinforce.h"

/* The policy's network, run by the caller. */
struct glimpse_net {
    /* Scores of a state, [inputs][items] planar: [items], then the stop token's; returns the
     * value. */
    double (*scores)(void *arg, const float *state, double *score);
    /* Backpropagate gradients of the loss by the last state's scores ([items], the stop token's)
     * and value to the parameters. */
    void (*backward)(void *arg, const double *gradient, double value);
    void *arg;
};

struct glimpse_scene {
    const float *before,
        *after;             /* [inputs][items] planar: entries of tiles before and after a look */
    int items, inputs, max; /* looks */
    bool stop;
    reward_fn *reward;
    void *arg;
};

/* Memory of an estimate, for one thread. */
struct glimpser;
att_status glimpser_create(
    int items, int inputs, int max, int samples, struct glimpser **g, struct err *e);
void glimpser_destroy(struct glimpser *g);

/* Sample sequences and backpropagate the gradient of the loss. The scene must fit the sizes g was
 * made for. The common first state runs once. */
void glimpse_estimate(struct glimpser *g, const struct reinforce *settings,
    const struct glimpse_scene *scene, const struct glimpse_net *net, struct rng *stream,
    struct reinforce_report *report);
/* The likeliest tile at every step until the stop token is likelier; returns their number. */
int glimpse_greedy(struct glimpser *g, const struct glimpse_scene *scene,
    const struct glimpse_net *net, int *item);

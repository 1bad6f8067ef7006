/* SPDX-License-Identifier: Apache-2.0 */
/* The sequential policy (recurrent attention; Mnih et al. 2014): a tile is drawn, looked at, and
 * what was seen there takes the place of what the policy knew of it; the next draw is from new
 * scores.
 *
 * What is known of a tile depends on whether it was looked at alone, so the state after any looks
 * is made of two tables, before and after. They are data: no gradient flows through them or through
 * places.  A step draws from the tiles not yet looked at and the stop token, if there is one
 * (plackett.h with one item), log pi of a sequence is the sum over its steps, and so is its
 * gradient: grad E[R] = E[sum over t of A_t grad log p_t(tile_t)], A_t as in reinforce.h; with
 * `learned` the baseline of step t is the value that the network gives the state at t.  The entropy
 * is that of reinforce.h, too. */
#ifndef POLICY_GLIMPSE_H
#define POLICY_GLIMPSE_H

#include "policy/reinforce.h"

/* The policy's network, run by the caller. */
struct glimpse_net {
    /* The scores of a state, [inputs][items] planar: [items], then the stop token's; returns the
     * value. */
    double (*scores)(void *arg, const float *state, double *score);
    /* Gradients of the loss by the scores ([items], the stop token's) and the value of the last
     * state go back through the network, onto those of its parameters. */
    void (*backward)(void *arg, const double *gradient, double value);
    void *arg;
};

struct glimpse_scene {
    const float *before, *after; /* [inputs][items] planar: what is known of a tile not looked at,
                                    and of one looked at */
    int items, inputs, max;      /* looks */
    bool stop;
    reward_fn *reward;
    void *arg;
};

/* The memory of an estimate: for one thread. */
struct glimpser;
att_status glimpser_create(
    int items, int inputs, int max, int samples, struct glimpser **g, struct err *e);
void glimpser_destroy(struct glimpser *g);

/* Samples sequences and takes the gradient of the loss back through the network. The scene is at
 * most as large as g was made for.  The first state is the same for all samples and is run once. */
void glimpse_estimate(struct glimpser *g, const struct reinforce *how,
    const struct glimpse_scene *scene, const struct glimpse_net *net, struct rng *stream,
    struct reinforce_report *report);
/* The likeliest tile at every step, until the stop token is likelier: how many. */
int glimpse_greedy(struct glimpser *g, const struct glimpse_scene *scene,
    const struct glimpse_net *net, int *item);

#endif

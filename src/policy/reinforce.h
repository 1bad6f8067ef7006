/* SPDX-License-Identifier: Apache-2.0 */
/* REINFORCE (Williams 1992): the gradient of the loss -E[R] - beta H(pi) by the scores, from
 * samples of choices.
 * For samples c_1 .. c_S the estimate of grad E[R] is the mean of A_s grad log pi(c_s). The
 * advantage A_s is R_s minus a baseline independent of sample s, which keeps it unbiased.
 * Baselines: raw, none; greedy, the greedy choice's reward (self-critical; Rennie et al. 2017);
 * loo, the other samples' mean reward (leave one out; Kool, van Hoof, Welling 2019); learned, a
 * value the network predicts, trained with half the squared error; local, an expectation
 * (policy/local.h) from rewards of choices that differ by a tile. docs/hard.md measures them.
 * The entropy is H = E[sum over t of h_t], h_t the entropy of step t given earlier steps; beta
 * weighs H divided by the maximum number of tiles, so that one weight fits any number (drawn steps
 * would bias it). grad H = E[sum over t of grad h_t + (sum over u > t of h_u) grad log p_t]; the
 * second term's baseline is the mean over the other samples. All estimates are unbiased. */
#pragma once

#include "policy/plackett.h"

enum advantage {
    ADVANTAGE_RAW,
    ADVANTAGE_GREEDY,
    ADVANTAGE_LOO,
    ADVANTAGE_LEARNED,
    ADVANTAGE_LOCAL,
    ADVANTAGES
};
extern const char *const advantage_name[ADVANTAGES]; /* raw greedy loo learned local */

struct reinforce {
    enum advantage advantage;
    double entropy; /* beta */
    int samples;    /* at least 1; at least 2 for loo, and for local, which may fall back to it */
};

/* Reward of a choice. */
typedef double reward_fn(void *arg, const int *item, int k); /* k items */
/* Reward of the set `reward_fn` evaluated last, plus `in` and minus `out` (-1: none); `keep` stores
 * that set. */
typedef double change_fn(void *arg, int in, int out, bool keep);

struct rewards {
    reward_fn *of;
    change_fn *change; /* NULL: unavailable, so `loo` replaces `local` */
    void *arg;
};

struct reinforce_report {
    double reward;         /* of the samples, mean */
    double greedy;         /* reward of the greedy choice */
    double entropy;        /* estimated */
    double count;          /* items chosen, mean */
    double value_gradient; /* of half the mean squared error (value - R)^2 / 2, by the value */
};

/* Memory of an estimate, for one thread. */
struct reinforcer;
att_status reinforcer_create(int items, int max, int samples, struct reinforcer **r, struct err *e);
void reinforcer_destroy(struct reinforcer *r);

/* ATT_USAGE for invalid samples or entropy. */
att_status reinforce_check(const struct reinforce *settings, struct err *e);
/* Add the gradient of the loss to `gradient` ([items], and the stop token's). `value` is for
 * `learned` only. Items, p->max and settings->samples must fit the sizes of r. */
void reinforce_estimate(struct reinforcer *r, const struct reinforce *settings,
    const struct plackett *p, double value, struct rng *stream, const struct rewards *rewards,
    double *gradient, struct reinforce_report *report);

/* The estimator used: `local` with rewards of changed choices, else `loo`. */
enum advantage reinforce_kind(const struct reinforce *settings, bool has_change);
/* Weight of a step's entropy, for choices of at most `max` tiles. */
double reinforce_step_weight(const struct reinforce *settings, int max);
/* Advantages from rewards, for policies of other forms. 0 for `local`. */
void reinforce_advantages(enum advantage kind, const double *reward, int samples, double greedy,
    double value, double *advantage);

/* SPDX-License-Identifier: Apache-2.0 */
/* REINFORCE (Williams 1992): the gradient of the loss -E[R] - beta H(pi) by the scores, from
 * samples of choices.
 *
 * With samples c_1 .. c_S the estimate of grad E[R] is the mean of A_s grad log pi(c_s).  The
 * advantage A_s is R_s less a baseline that does not depend on sample s, which leaves the estimate
 * unbiased.  Baselines: raw, nothing; greedy, the reward of the greedy choice (self-critical;
 * Rennie et al. 2017); loo, the mean reward of the other samples (leave one out; Kool, van Hoof,
 * Welling 2019); learned, a value that the network predicts, taught with half the squared error;
 * local, no baseline but an expectation (policy/local.h), which needs rewards of choices that
 * differ from a sample by a tile.  docs/hard.md measures them.
 *
 * The entropy of the choice is a sum over its steps, H = E[sum over t of h_t], h_t the entropy of
 * step t given the steps before; beta weighs it by step: H divided by the most tiles that the
 * choice may have, so that one weight fits few tiles and many (with a stop token these are all
 * tiles of the image, and the weight of a step is small: the steps that were drawn would make a
 * biased estimate).  Its gradient has a direct and a score-function term, grad H = E[sum over t of
 * grad h_t + (sum over u > t of h_u) grad log p_t]; the latter's baseline is the mean over the
 * other samples, if there are others.  All of these estimates are unbiased. */
#ifndef POLICY_REINFORCE_H
#define POLICY_REINFORCE_H

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
    int samples;    /* at least 1; loo, and local, whose place loo may take: at least 2 */
};

/* What choices are worth. */
typedef double reward_fn(void *arg, const int *item, int k); /* k items */
/* The set that `reward_fn` was last asked about, with `in` put in and `out` left out (-1: none);
 * with `keep` that becomes the set. */
typedef double change_fn(void *arg, int in, int out, bool keep);

struct rewards {
    reward_fn *of;
    change_fn
        *change; /* NULL: not known, so that `local` is not possible and `loo` takes its place */
    void *arg;
};

struct reinforce_report {
    double reward;         /* of the samples, mean */
    double greedy;         /* reward of the greedy choice */
    double entropy;        /* estimated */
    double count;          /* items chosen, mean */
    double value_gradient; /* of half the mean squared error (value - R)^2 / 2, by the value */
};

/* The memory of an estimate: for one thread. */
struct reinforcer;
att_status reinforcer_create(int items, int max, int samples, struct reinforcer **r, struct err *e);
void reinforcer_destroy(struct reinforcer *r);

/* `how` as far as it goes: ATT_USAGE for samples or an entropy that make no sense. */
att_status reinforce_check(const struct reinforce *how, struct err *e);
/* Adds the gradient of the loss to `gradient` ([items], and the stop token's). `value` counts for
 * `learned` only. The items, p->most and how->samples are at most those that r was made for. */
void reinforce_estimate(struct reinforcer *r, const struct reinforce *how, const struct plackett *p,
    double value, struct rng *stream, const struct rewards *rewards, double *gradient,
    struct reinforce_report *report);

/* How the gradient is estimated: `local` where rewards of changed choices are known, else `loo` in
 * its place. */
enum advantage reinforce_kind(const struct reinforce *how, bool changes_known);
/* The weight of a step's entropy, in choices of at most `most` tiles. */
double reinforce_by_step(const struct reinforce *how, int max);
/* Rewards of samples to advantages, for policies of other forms. `local` has none: they are 0. */
void reinforce_advantages(enum advantage kind, const double *reward, int samples, double greedy,
    double value, double *advantage);

#endif

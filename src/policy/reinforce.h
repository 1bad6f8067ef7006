/* SPDX-License-Identifier: Apache-2.0 */
/* REINFORCE (Williams 1992): the gradient of the loss -E[R] - beta H(pi) by the scores, from samples of choices.
 *
 * With samples c_1 .. c_S the estimate of grad E[R] is the mean of A_s grad log pi(c_s).  The advantage A_s is R_s less a baseline that
 * does not depend on sample s, which leaves the estimate unbiased.  Baselines: raw, nothing; greedy, the reward of the greedy choice
 * (self-critical; Rennie et al. 2017); loo, the mean reward of the other samples (leave one out; Kool, van Hoof, Welling 2019); learned, a
 * value that the network predicts, taught with half the squared error.  docs/hard.md measures them.
 *
 * The entropy of the choice is a sum over its steps, H = E[sum over t of h_t], h_t the entropy of step t given the steps before.  Its
 * gradient has a direct and a score-function term, grad H = E[sum over t of grad h_t + (sum over u > t of h_u) grad log p_t]; the latter's
 * baseline is the mean over the other samples, if there are others.  Both estimates are unbiased.
 *
 * With `standardise` advantages are divided by their root mean square over the samples, but by no less than REINFORCE_LEAST, so that
 * choices of no consequence stay small: that changes the gradient's length only, but along with the samples, so it is no longer unbiased.
 */
#ifndef POLICY_REINFORCE_H
#define POLICY_REINFORCE_H

#include "policy/plackett.h"

#define REINFORCE_LEAST 1e-3

enum advantage { ADVANTAGE_RAW, ADVANTAGE_GREEDY, ADVANTAGE_LOO, ADVANTAGE_LEARNED, ADVANTAGES };
extern const char *const advantage_name[ADVANTAGES]; /* raw greedy loo learned */

struct reinforce {
    enum advantage advantage;
    bool standardise;
    double entropy; /* beta */
    int samples;    /* at least 1; loo: at least 2 */
};

/* What a choice of k items is worth. */
typedef double reward_fn(void *arg, const int *item, int k);

struct reinforce_report {
    double reward, variance; /* of the samples' rewards: mean, and over S - 1 (0 for one sample) */
    double greedy;           /* reward of the greedy choice */
    double entropy;          /* estimated */
    double count;            /* items chosen, mean */
    double value_gradient;   /* of half the mean squared error (value - R)^2 / 2, by the value */
};

/* The memory of an estimate: for one thread. */
struct reinforcer;
att_status reinforcer_create(int items, int most, int samples, struct reinforcer **r, struct err *e);
void reinforcer_destroy(struct reinforcer *r);

/* `how` as far as it goes: ATT_USAGE for samples or an entropy that make no sense. */
att_status reinforce_check(const struct reinforce *how, struct err *e);
/* Adds the gradient of the loss to `gradient` ([items], and the stop token's). `value` counts for `learned` only. The items, p->most and
 * how->samples are at most those that r was made for. */
void reinforce_estimate(struct reinforcer *r, const struct reinforce *how, const struct plackett *p, double value, struct rng *stream,
                        reward_fn *reward, void *arg, double *gradient, struct reinforce_report *report);

/* Rewards of samples to advantages, for policies of other forms. Returns what they were divided by: 1 unless standardised. */
double reinforce_advantages(const struct reinforce *how, const double *reward, int samples, double greedy, double value, double *advantage);

#endif

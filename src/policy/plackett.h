/* SPDX-License-Identifier: Apache-2.0 */
/* Ordered choices without replacement: Plackett-Luce over N items and, if wanted, a stop token
 * (Plackett 1975; Luce 1959).
 *
 * Step t draws from what is left with probability p_t(i) = exp(s_i - L_t), L_t = logsumexp of the
 * scores left.  The stop token is one more item: drawing it ends the choice, and its probability is
 * a factor of that of the choice, log pi(a_1 .. a_k) = sum over t of s_(a_t) - L_t. A choice ends,
 * too, when `most` items are chosen or no item is left; then nothing is drawn for the stop token.
 * Scores of -INFINITY are items that cannot be chosen.  All of it takes time linear in the items
 * (times log `most` for drawing). */
#ifndef POLICY_PLACKETT_H
#define POLICY_PLACKETT_H

#include <stdbool.h>

#include "base/rng.h"
#include "base/status.h"

struct plackett {
    const double *score; /* [items], and the stop token's behind them if there is one */
    int items, max;      /* 0 <= most <= items */
    bool stop;
};

/* A choice, and what its steps had to choose from.  Room is made once, for so many items and so
 * many of them chosen; the functions below allocate nothing.  A choice belongs to the scores it was
 * made with, until the next is made in its place. */
struct choice {
    int *item; /* [count] in the order of choice */
    int count;
    int steps;  /* count, or one more when the last was the stop token */
    int ranked; /* of a sample: items that are known in the order of their keys, those that would
                   have come next behind the choice */
    uint8_t *taken;  /* [items] */
    double *key;     /* [ranked] of drawing */
    double stop;     /* the stop token's key; -INFINITY: there is none */
    double *rest;    /* [steps] L_t */
    double *mean;    /* [steps] the scores' mean under p_t */
    double *gathers; /* [3 steps] of the gradient */
};

att_status choice_create(struct choice *c, int items, int max, struct err *e);
void choice_free(struct choice *c);

/* Draws a choice by Gumbel's top-K: the items in the order of their keys s_i - log(-log u_i), up to
 * the stop token's (an exact draw; Yellott 1977).  One item more than `most` is ranked, if there is
 * one. */
void plackett_sample(const struct plackett *p, struct rng *stream, struct choice *c);
/* What is likeliest at every step: the items in the order of their scores (the first of equal ones
 * first), as long as they are above the stop token's. */
void plackett_greedy(const struct plackett *p, struct choice *c);
/* A choice that the caller makes: k items. */
void plackett_take(const struct plackett *p, const int *item, int k, struct choice *c);

/* The entropy of step t's distribution, L_t - mean_t. The sum of the entropies along a sampled
 * choice is an unbiased estimate of the entropy of pi. */
double plackett_entropy(const struct choice *c, int step);

/* Adds to the gradient by the scores, [items] and the stop token's behind them if there is one:
 *   sum over t of a_t grad log p_t(what step t drew) + b_t grad entropy_t;  a and b have c->steps
 * numbers, NULL counts as 0s. */
void plackett_gradient(
    const struct plackett *p, struct choice *c, const double *a, const double *b, double *gradient);

#endif

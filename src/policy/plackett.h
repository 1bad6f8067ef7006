/* SPDX-License-Identifier: Apache-2.0 */
/* Ordered choices without replacement: Plackett-Luce over N items and an optional stop token
 * (Plackett 1975; Luce 1959).
 * Step t draws from the remaining items with p_t(i) = exp(s_i - L_t), L_t the logsumexp of their
 * scores. The stop token is one more item: drawing it ends the choice, and its probability is a
 * factor of log pi(a_1 .. a_k) = sum over t of s_(a_t) - L_t. A choice also ends, without a draw
 * for the token, at `max` items or when none is left. Score -INFINITY excludes an item. Time is
 * linear in the items (times log `max` for drawing). */
#pragma once

#include <stdbool.h>

#include "base/rng.h"
#include "base/status.h"

struct plackett {
    const double *score; /* [items], and the stop token's if any */
    int items, max;      /* 0 <= max <= items */
    bool stop;
};

/* A choice with its steps' statistics. Memory is allocated once for the sizes given; the functions
 * below allocate nothing. It belongs to the scores it was made with. */
struct choice {
    int *item; /* [count] in the order of choice */
    int count;
    int steps;      /* count, or one more if the last was the stop token */
    int ranked;     /* of a sample: items in key order, including those that would have come next */
    uint8_t *taken; /* [items] */
    double *key;    /* [ranked] of drawing */
    double stop;    /* the stop token's key; -INFINITY: none */
    double *log_sum; /* [steps] L_t */
    double *mean;    /* [steps] the scores' mean under p_t */
    double *gathers; /* [3 steps] of the gradient */
};

att_status choice_create(struct choice *c, int items, int max, struct err *e);
void choice_free(struct choice *c);

/* Draw a choice by Gumbel's top-K: items in order of keys s_i - log(-log u_i) up to the stop
 * token's (exact; Yellott 1977). Ranks one item more than `max`, if there is one. */
void plackett_sample(const struct plackett *p, struct rng *stream, struct choice *c);
/* The likeliest at every step: items in order of scores (the first of equals first) while above the
 * stop token's. */
void plackett_greedy(const struct plackett *p, struct choice *c);
/* Take k items of the caller's choice. */
void plackett_take(const struct plackett *p, const int *item, int k, struct choice *c);

/* Entropy of step t, L_t - mean_t. The sum along a sampled choice is an unbiased estimate of the
 * entropy of pi. */
double plackett_entropy(const struct choice *c, int step);

/* Add to the gradient by the scores, [items] and the stop token's if any: sum over t of a_t grad
 * log p_t(draw of step t) + b_t grad entropy_t; a and b have c->steps numbers, NULL is 0. */
void plackett_gradient(
    const struct plackett *p, struct choice *c, const double *a, const double *b, double *gradient);

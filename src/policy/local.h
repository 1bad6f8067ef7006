/* SPDX-License-Identifier: Apache-2.0 */
/* Local expectations (Titsias and Lazaro-Gredilla, Local Expectation Gradients, NIPS 2015) of
 * Gumbel's top-K.
 * Item i is chosen if its key s_i + G_i exceeds k_i: the stop token's key or, if the maximum of
 * other items exceed that, the last of these. k_i does not depend on s_i; with all other noise
 * fixed, E[R | all but G_i] = R(without i) + P(s_i + G_i > k_i) (R(with i) - R(without i)). Its
 * derivative by s_i is exp(u - exp(u)) (R(with i) - R(without i)), u = s_i - k_i, and the mean over
 * noise is the derivative of E[R]. So one sample gives an unbiased estimate in which each item
 * counts by its own effect; the common reward of a score function has much more variance. The stop
 * token sums over what it may cut off. */
#pragma once

#include "policy/reinforce.h"

/* Add `weight` times the estimate to the gradient, [items] and the stop token's. `c` is a sample of
 * p, and `reward` the answer of `rewards` to it, its last call; the order must not matter. Calls
 * `rewards` once per item, twice with a stop token, and leaves it at another set. */
void local_gradient(const struct plackett *p, const struct choice *c, const struct rewards *rewards,
    double reward, double weight, double *gradient);

/* SPDX-License-Identifier: Apache-2.0 */
/* Local expectations (Titsias and Lazaro-Gredilla, Local Expectation Gradients, NIPS 2015) of
 * Gumbel's top-K.
 *
 * An item is chosen when its key s_i + G_i exceeds what it must beat, k_i: the stop token's key, or
 * where as many others as can be chosen are above that, the last of these.  k_i does not depend on
 * s_i, and with all other noise as it was drawn E[R | all but G_i] = R(without i) + P(s_i + G_i >
 * k_i) (R(with i) - R(without i)), whose derivative by s_i is exp(u - exp(u)) (R(with i) -
 * R(without i)), u = s_i - k_i. Its mean over the noise is the derivative of E[R]: an unbiased
 * estimate from one sample, in which every item, chosen or not, is told by what it changes alone.
 * That a score function has of all items one common reward is what makes its estimates scatter. For
 * the stop token it is the sum over what it may cut off. */
#ifndef POLICY_LOCAL_H
#define POLICY_LOCAL_H

#include "policy/reinforce.h"

/* Adds `weight` times the estimate to the gradient, [items] and the stop token's behind them. `c`
 * is a sample from p, and the choice that `rewards` was last asked about, with that answer; a
 * reward is one of the set, whatever its order. As many questions as there are items, with a stop
 * token twice as many, after which `rewards` is at another set. */
void local_gradient(const struct plackett *p, const struct choice *c, const struct rewards *rewards,
    double reward, double weight, double *gradient);

#endif

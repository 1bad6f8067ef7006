/* SPDX-License-Identifier: Apache-2.0 */
/* Measures how many voxels a second a network trains on here, and chooses how it multiplies. */
#pragma once

#include "arch/arch.h"
#include "base/host.h"

struct speed_case {
    const struct spec *spec;
    const struct arch_facts *facts;
    const char *conv; /* as run_create */
    bool half;        /* feature maps and their gradients in bfloat16 */
    bool predicts;    /* forward passes alone, as a prediction makes them */
    int patch[3];     /* a multiple of facts->multiple; a part of it is enough */
};

/* Million voxels a second of forward and backward passes on noise: the best of a few, within
 * about a second, in steps of a quarter octave, so that chance rarely changes a plan. Never 0.
 * Not for hard attention. */
att_status speed_measure(
    const struct speed_case *c, struct host *host, double *speed, struct err *e);
/* Whether products in bfloat16 are faster by a quarter, measured here, both by turns within about
 * a second; *gain: how many times as fast they are. 0 without a matrix unit and for hard attention:
 * nothing is measured. Ignores c->conv. */
att_status speed_choose_bf16(
    const struct speed_case *c, struct host *host, bool *bf16, double *gain, struct err *e);
/* The implementation of convolutions that `conv` (NULL: any) and products in bfloat16 ask for.
 * Warns if they are slow. ATT_USAGE: these kernels have none, or the two contradict each other. */
att_status speed_conv(
    struct host *host, const char *conv, bool bf16, const char **name, struct err *e);
/* The same for `precision` f32, bf16 or auto, which is f32 with a `conv`; says what auto chose. */
att_status speed_precision(const struct speed_case *c, struct host *host, const char *precision,
    const char *conv, const char **name, struct err *e);
/* The quarter octave that is nearest to a positive number, to two digits. */
double speed_round(double speed);

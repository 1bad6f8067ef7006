/* SPDX-License-Identifier: Apache-2.0 */
/* Model of an ultrasound probe, for the phantom. */
#pragma once

#include "base/rng.h"
#include "base/status.h"

struct probe {
    double axial, lateral; /* standard deviation of the point spread, pixels */
    int looks;             /* averaged envelope images of independent scatterers */
    double range;          /* dB from black to white */
    double level;          /* grey value of 0 dB */
};

/* In place: echo strength in dB, [h][w], becomes grey values 0..255 (not rounded). */
att_status speckle_image(
    float *echo, int h, int w, const struct probe *p, struct rng *r, struct err *e);

/* A random field with Gaussian correlation, mean 0, standard deviation about 1: sigma in pixels (d,
 * h, w). */
att_status speckle_field(
    float *x, const int size[3], const double sigma[3], struct rng *r, struct err *e);

/* SPDX-License-Identifier: Apache-2.0 */
/* The learning rate of a step. */
#ifndef TRAIN_SCHEDULE_H
#define TRAIN_SCHEDULE_H

#include <stdint.h>

enum schedule { SCHEDULE_POLY, SCHEDULE_COSINE, SCHEDULE_CONSTANT };

/* Step counted from 0 of `steps`: lr * (1 - step/steps)^0.9 (nnU-Net), lr * (1 + cos(pi*step/steps))/2 (Loshchilov and Hutter 2017), or lr;
 * in the first `warmup` steps times (step + 1)/warmup. */
double schedule_rate(enum schedule s, double lr, int64_t step, int64_t steps, int64_t warmup);

#endif

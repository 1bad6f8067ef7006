/* SPDX-License-Identifier: Apache-2.0 */
/* Losses that compare predicted and true classes as sets, through three sums per class over the
 * pixels of an image or batch. */
#pragma once

#include "ops/loss_op.h"

/* Settings of all such losses. */
#define OVERLAP_BATCH                                                                              \
    {                                                                                              \
        "batch", LOSS_YES_NO, 0, 0, 1                                                              \
    }
#define OVERLAP_BACKGROUND(value)                                                                  \
    {                                                                                              \
        "background", LOSS_YES_NO, value, 0, 1                                                     \
    }
#define OVERLAP_SMOOTH                                                                             \
    {                                                                                              \
        "smooth", LOSS_REAL, 1e-5, 0, (double)INFINITY                                             \
    }

/* The Tversky index (Tversky 1977; Salehi et al. 2017, arXiv 1706.05721): TI = (TP + smooth) / (TP
 * + alpha FP + beta FN + smooth), soft counts. Computes 1 - TI and its derivatives; false: nothing
 * to compare. */
bool overlap_tversky(const struct overlap_sums *s, double alpha, double beta, double smooth,
    double *miss, struct overlap_slope *by);

/* shape, forward, backward; reads READS_OVERLAP. */
enum { OVERLAP_OUTPUTS = 2, READS_OVERLAP = READS_IN(0) | READS_IN(1) | READS_OUT(1) };
att_status overlap_shape(struct graph *g, struct node *n, struct err *e);
void overlap_forward(const struct step *s, const struct overlap_loss *l);
void overlap_backward(const struct step *s);

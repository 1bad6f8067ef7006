/* SPDX-License-Identifier: Apache-2.0 */
/* The passes of a step, and who computes them: of n passes on R ranks, rank r computes passes r,
 * r + R, ... Their losses and running statistics are taken in the order of passes. */
#pragma once

#include "train/grad_sum.h"

struct step_passes {
    int count; /* of a step, of all ranks */
    struct team *team;
    bool sums; /* several passes on processors; a device adds theirs itself */
    struct grad_sum sum;
    /* Of each pass, a row: running statistics as step_passes_run leaves them, and the loss. */
    real *rows, *own;
    size_t row; /* numbers in it */
};

/* `count` passes for a built network, whose gradients have p->size numbers. A device adds those of
 * its passes itself, in bits of its own, and has no ranks. half: see grad_sum.h. */
att_status step_passes_init(struct step_passes *s, int count, bool half, struct team *team,
    const struct params *p, struct err *e);
void step_passes_free(struct step_passes *s);
double step_passes_bytes(
    int count, bool half, const struct team *team, const struct params *p); /* of memory */

static inline int step_passes_own(const struct step_passes *s)
{
    return s->count / team_size(s->team);
}

/* Forward and backward of this rank's pass number `index`, from 0, whose batch is loaded. */
att_status step_passes_run(
    struct step_passes *s, int index, struct run *r, int loss, struct err *e);
/* After the last: the mean loss and gradient of all, and the running statistics after them, from
 * `old`, those before the step. */
att_status step_passes_end(
    struct step_passes *s, struct run *r, const real *old, double *loss, struct err *e);

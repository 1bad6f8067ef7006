/* SPDX-License-Identifier: Apache-2.0 */
/* The passes of a step, and who computes them. Gradients of whole passes are added in the order of
 * passes, each rounded before, so a step has the same bits however its passes are shared out: of n
 * passes on R ranks, rank r computes pass r, r + R, ... Each rank adds one slice of all gradients;
 * then all ranks get all slices. */
#pragma once

#include "base/team.h"
#include "graph/run.h"

struct step_passes {
    int count; /* of a step, of all ranks */
    struct team *team;
    real *sum; /* of the gradients so far: all, or this rank's slice. NULL: see step_passes_init */
    real *received; /* the same slice of the other ranks' */
    /* Of each pass, a row: running statistics as step_passes_run leaves them, and the loss. */
    real *rows, *own;
    size_t row; /* numbers in it */
};

/* `count` passes for a built network, whose gradients have p->size numbers. A device adds those of
 * its passes itself, in bits of its own, and has no ranks. */
att_status step_passes_init(
    struct step_passes *s, int count, struct team *team, const struct params *p, struct err *e);
void step_passes_free(struct step_passes *s);
double step_passes_bytes(
    int count, const struct team *team, const struct params *p); /* of memory */

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

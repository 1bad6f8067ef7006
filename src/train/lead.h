/* SPDX-License-Identifier: Apache-2.0 */
/* Training by a team (base/team.h). Rank 0 runs everything and alone decides and writes; before
 * each thing that all ranks compute it sends an order. Alone, these functions do nothing. */
#pragma once

#include "train/training.h"

enum order_kind {
    ORDER_SHARE,    /* rank 0's weights, averages and moments become all ranks' */
    ORDER_STEP,     /* training_step */
    ORDER_TRY,      /* training_try_step */
    ORDER_RESET,    /* training_reset_moments */
    ORDER_CHECK,    /* a batch of training_check_last */
    ORDER_VALIDATE, /* training_validate_part; `step` cases that rank 0 shows */
    ORDER_END       /* of this training */
};

struct order {
    int32_t kind, diverged;
    int64_t step, updates;
    double rate;
};

/* What a rank that waits for work gets: bytes of text about a training (follow.h), or 0 and the
 * status with which rank 0 ends. */
struct task {
    int64_t bytes;
    int32_t status, unused;
};

/* Before a decided training is built: the others build it, too. ATT_USAGE: this team cannot. */
att_status lead_begin(struct training *t, struct err *e);
att_status lead_built(struct training *t, att_status status, struct err *e);
/* Of all ranks: agree on `status`, and that all have the same files. t may be NULL without ATT_OK.
 */
att_status lead_ready(
    struct host *host, const struct training *t, att_status status, struct err *e);
att_status lead_order(
    struct training *t, enum order_kind kind, int64_t step, double rate, struct err *e);
/* Of rank 0 and of those that follow, in an ORDER_SHARE. */
att_status lead_share(struct training *t, struct err *e);
void lead_end(struct training *t);
void lead_dismiss(struct team *team, att_status status); /* after the last training */

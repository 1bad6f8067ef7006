/* SPDX-License-Identifier: Apache-2.0 */
/* Training by a team (base/team.h). Rank 0 runs everything and alone decides and writes; before
 * each thing that all ranks compute it sends an order. Alone, these functions do nothing. */
#pragma once

#include "train/training.h"

enum order_kind {
    ORDER_BUILD,    /* a training, from `step` bytes of text that follow (follow.h) */
    ORDER_SHARE,    /* rank 0's weights, averages and moments become all ranks' */
    ORDER_STEP,     /* training_step */
    ORDER_TRY,      /* training_try_step */
    ORDER_RESET,    /* training_reset_moments */
    ORDER_CHECK,    /* a batch of training_check_last */
    ORDER_VALIDATE, /* training_validate_part; `step` cases that rank 0 shows */
    ORDER_MEET,     /* team_agree: a rank that shall stop says so */
    ORDER_END,      /* of this training */
    ORDER_DISMISS   /* of the ranks, with rank 0's status in `step` */
};

struct order {
    int32_t kind, net; /* training.net */
    int64_t step, updates;
    double rate;
    uint64_t seed; /* of the patches, and how many cases they are from */
    int32_t diverged, cases;
    int32_t placed, unused; /* positions of the batch's patches follow */
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
/* Where rank 0 alone works: a few times a second, ranks that shall stop stop it. */
att_status lead_meet(struct training *t, struct err *e);
/* Of a rank that follows: patches are drawn as rank 0 draws them for this order. */
att_status lead_draw_alike(struct training *t, const struct order *o, struct err *e);
void lead_end(struct training *t);
void lead_dismiss(struct team *team, att_status status); /* after the last training */

/* SPDX-License-Identifier: Apache-2.0 */
/* Early stopping of stage 2; called by hard_train.c. */
#include "hard/hard_best.h"

#include "hard/hard_keep.h"
#include "hard/hard_step.h"

att_status hard_best_look(struct hard_training *h, struct hard_cache *held, struct err *e)
{
    if (!held->count) return ATT_OK;
    h->held_reward = hard_alone_judge(h, held);
    if (h->best_step >= 0 && !(h->held_reward > h->best)) return ATT_OK;
    TRY(hard_keep_write(h, h->held_reward, e));
    h->best = h->held_reward;
    h->best_step = h->step;
    if (h->step == 0) h->first = h->best;
    return ATT_OK;
}

att_status hard_best_take(struct hard_training *h, struct hard_cache *held, struct err *e)
{
    if (!held->count || h->taken) return ATT_OK;
    TRY(hard_best_look(h, held, e));
    if (h->best_step < h->step) {
        struct model best = {.history = NULL};
        TRY(hard_keep_load(h, &best, e));
        att_status status = hard_policy_set(&h->policy, &best, e);
        model_free(&best);
        if (status != ATT_OK) return status;
    }
    h->taken = true;
    host_say(h->c->host, LOG_INFO,
        "stage 2 of 3: reward %.4f on training cases held back, %.4f at its beginning and %.4f "
        "at its end: the policy of step %lld is taken",
        h->best, h->first, h->held_reward, (long long)h->best_step);
    return ATT_OK;
}

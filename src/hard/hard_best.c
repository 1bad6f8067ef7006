/* SPDX-License-Identifier: Apache-2.0 */
/* Early stopping of stage 2; called by hard_train.c. */
#include "hard/hard_best.h"

#include "hard/hard_keep.h"
#include "hard/hard_step.h"

att_status hard_best_look(struct hard_training *h, struct hard_cache *holdout, struct err *e)
{
    if (!holdout->count) return ATT_OK;
    h->holdout_reward = hard_alone_judge(h, holdout);
    if (h->best_step >= 0 && !(h->holdout_reward > h->best)) return ATT_OK;
    TRY(hard_keep_write(h, h->holdout_reward, e));
    h->best = h->holdout_reward;
    h->best_step = h->step;
    if (h->step == 0) h->first = h->best;
    return ATT_OK;
}

att_status hard_best_take(struct hard_training *h, struct hard_cache *holdout, struct err *e)
{
    if (!holdout->count || h->taken) return ATT_OK;
    TRY(hard_best_look(h, holdout, e));
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
        h->best, h->first, h->holdout_reward, (long long)h->best_step);
    return ATT_OK;
}

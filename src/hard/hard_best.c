/* SPDX-License-Identifier: Apache-2.0 */
/* Early stopping of stage 2; called by hard_train.c. */
#include "hard/hard_best.h"

#include "hard/hard_keep.h"
#include "hard/hard_step.h"

att_status hard_best_update(struct hard_training *h, struct hard_cache *holdout, struct err *e)
{
    if (!holdout->count) return ATT_OK;
    h->holdout_reward = policy_stage_evaluate(h, holdout);
    if (h->best_step >= 0 && !(h->holdout_reward > h->best)) return ATT_OK;
    TRY(hard_keep_write(h, h->holdout_reward, e));
    h->best = h->holdout_reward;
    h->best_step = h->step;
    if (h->step == 0) h->first = h->best;
    return ATT_OK;
}

att_status hard_best_restore(struct hard_training *h, struct hard_cache *holdout, struct err *e)
{
    if (!holdout->count || h->best_restored) return ATT_OK;
    TRY(hard_best_update(h, holdout, e));
    if (h->best_step < h->step) {
        struct model best = {.history = NULL};
        TRY(hard_keep_load(h, &best, e));
        att_status status = hard_policy_set(&h->policy, &best, e);
        model_free(&best);
        if (status != ATT_OK) return status;
    }
    h->best_restored = true;
    host_say(h->c->host, LOG_INFO,
        "stage 2 of 3: the policy of step %lld is best; reward %.4f on held-out training cases, "
        "%.4f at the beginning and %.4f at the end",
        (long long)h->best_step, h->best, h->first, h->holdout_reward);
    return ATT_OK;
}

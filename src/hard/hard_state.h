/* SPDX-License-Identifier: Apache-2.0 */
/* A hard model in stages 2 and 3, and its checkpoint. */
#pragma once

#include "hard/hard_policy.h"
#include "hard/hard_record.h"
#include "hard/hard_settings.h"
#include "hard/hard_views.h"
#include "predict/look.h"
#include "train/training.h"

/* Input of both stages. */
struct hard_work {
    const struct train_context *c;
    const char *run;
    const json_t *plan;          /* hard_plan.h */
    const struct options *table; /* of the command `train`; only the option table is used */
    struct hard_record *record;  /* or NULL */
};

enum { NETS = PART_POLICY }; /* the coarse and the fine network, as in enum arch_part */

/* Sums over the steps since the last log row. */
struct hard_sums {
    double reward, greedy, entropy, count, norm;
    int steps;
};

/* Do not move it: members point to each other. */
struct hard_training {
    const struct hard_work *work;
    struct hard_joint *joint_step;                  /* in stage 3 (hard_step.h) */
    struct hard_cache *train_cache, *holdout_cache; /* in stage 2: to learn from; to evaluate on */
    const struct train_context *c;
    struct hard_settings settings;
    struct hard hard;
    struct model model;        /* the whole model; up to date after hard_join */
    struct training net[NETS]; /* they train in stage 3; views use the fine network's cases */
    struct hard_policy policy;
    struct optimiser moments; /* of the whole model, for the checkpoint */
    struct average average;   /* the same */
    struct hard_runner *runner;
    struct view_rules rules;   /* views of training cases */
    struct view_rules holdout; /* views of held-out cases (hard_holdout.h) */

    int64_t step;                      /* of the policy, in both stages */
    int64_t updates;                   /* steps that changed it, as in struct training */
    int64_t policy_steps, joint_steps; /* of each stage; joint 0: unknown */
    int views, holdout_views;          /* of stage 2 */
    bool policy_done;                  /* stage 2 has ended, with its validation */
    bool joint;                        /* stage 3 */
    bool finished;
    int64_t net_steps;     /* of both networks in stage 1 */
    double ended;          /* when the steps of stage 2 ended; 0: in an earlier process */
    double seconds, began; /* as in struct training, including stage 1 */
    struct rate_transition transition; /* of the policy's learning rate in stage 3 */
    struct hard_sums sums;
    bool loaded;                  /* complete, so it can be saved */
    bool due;                     /* as in struct training */
    int diverged;                 /* steps of the policy in a row without a finite gradient */
    struct validation validation; /* the last one; only seconds if an earlier process made it */
    int64_t validated;            /* its step */
    double holdout_reward; /* the policy's last reward on held-out views; NaN: none since the last
                              log row */
    double first, best;    /* this reward at the start of stage 2, and the highest */
    int64_t best_step;     /* step of the highest; -1: none yet */
    bool best_restored;    /* stage 2 has ended with the best policy */
    double before;       /* reward of the earlier model: after stage 2, or after an earlier stage 3
                            (hard_keep.h) */
    int64_t before_step; /* its step */
    double compare_seconds; /* time to measure it */
    bool kept;              /* the earlier model was written as the result */
    bool fallback;          /* as in struct training */
};

/* From both finished networks. */
att_status hard_state_create(struct hard_training *h, const struct hard_work *work, struct err *e);
/* From RUN's checkpoint *path (the caller frees it). hard_state_moments reads moments and averages
 * later. */
att_status hard_state_open(
    struct hard_training *h, const struct hard_work *work, char **path, struct err *e);
att_status hard_state_moments(struct hard_training *h, const char *path, struct err *e);
void hard_state_free(struct hard_training *h);

/* Copies the parts' weights into the whole model. */
att_status hard_join(struct hard_training *h, struct err *e);
/* The same, with averages and moments. */
att_status hard_join_all(struct hard_training *h, struct err *e);
/* Copies the whole model's weights into both built networks. */
att_status hard_split(struct hard_training *h, struct err *e);

double hard_elapsed(const struct hard_training *h);
att_status hard_save(struct hard_training *h, struct err *e); /* the checkpoint and the record */

/* SPDX-License-Identifier: Apache-2.0 */
/* A hard model in its stages 2 and 3: the whole in memory, and its checkpoint. */
#pragma once

#include "hard/hard_policy.h"
#include "hard/hard_record.h"
#include "hard/hard_settings.h"
#include "hard/hard_views.h"
#include "predict/look.h"
#include "train/training.h"

/* What both stages begin with. */
struct hard_work {
    const struct train_context *c;
    const char *run;
    const json_t *plan; /* hard_plan.h */
    const struct options
        *table;                 /* options of the command `train`, of which only the table counts */
    struct hard_record *record; /* NULL: none is kept */
};

enum { NETS = PART_POLICY }; /* the coarse and the fine one, in the order of enum arch_part */

/* Sums over the steps since the last row of the log. */
struct hard_sums {
    double reward, greedy, entropy, count, norm;
    int steps;
};

/* It stays where it is: parts of it point to others. */
struct hard_training {
    const struct hard_work *work;
    struct hard_joint *joint_step;                   /* of stage 3 (hard_step.h) */
    struct hard_cache *views_learnt, *holdout_cache; /* in stage 2: what the policy learns from, and
                                                     is judged by */
    const struct train_context *c;
    struct hard_settings settings;
    struct hard hard;
    struct model model;        /* the whole; up to date after hard_join */
    struct training net[NETS]; /* runs of their own in stage 3; of the fine one's cases the views
                                  are, in stage 2, too */
    struct hard_policy policy;
    struct optimiser moments;  /* laid out like the whole model: for the checkpoint */
    struct average average;    /* the same */
    struct looker *looker;     /* of the whole model */
    struct view_rules rules;   /* views of the cases that policies learn from */
    struct view_rules holdout; /* views of those that are held back (hard_holdout.h) */

    int64_t step;    /* of the policy, in both stages, */
    int64_t updates; /* and those of them that changed it: as in struct training */
    int64_t policy_steps, joint_steps; /* of each stage; joint 0: not known yet */
    int views, holdout_views;          /* that the policy's stage learns from, and is judged by */
    bool policy_done;                  /* stage 2 has ended, with its validation */
    bool joint;                        /* stage 3 */
    bool finished;
    int64_t net_steps; /* of both nets, before they were joined */
    double
        ended; /* when the steps of stage 2 were done, on this process's clock; 0: by another one */
    double seconds, began; /* as in struct training, after those of the nets */
    struct leg leg;        /* of the policy's learning rate in stage 3 */
    struct hard_sums sums;
    bool loaded;  /* everything is as it is to be saved; not while it is made or read */
    bool due;     /* as in struct training */
    int diverged; /* steps of the policy in a row without a finite gradient */
    struct validation validation; /* the last one; of an earlier process its seconds alone */
    int64_t validated;            /* after which step that was */
    double holdout_reward; /* of the policy on views held back, when it was last judged; NaN: not
                           since the last row of the log */
    double first, best;    /* the same at the beginning of stage 2, and the highest */
    int64_t best_step;     /* when that was; -1: never yet */
    bool taken;            /* stage 2 is over, and its best policy is the policy */
    double before;       /* what the model was worth at the end of stage 2, or of an earlier stage 3
                            (hard_keep.h) */
    int64_t before_step; /* when that was */
    double keeping;      /* seconds that took */
    bool kept;           /* that model is the one that was written last */
    bool fallback;       /* as in struct training */
};

/* From two finished nets. */
att_status hard_state_create(struct hard_training *h, const struct hard_work *work, struct err *e);
/* From RUN's checkpoint, but for the moments and averages, which are read from *path (a fresh
 * string) later. */
att_status hard_state_open(
    struct hard_training *h, const struct hard_work *work, char **path, struct err *e);
att_status hard_state_moments(struct hard_training *h, const char *path, struct err *e);
void hard_state_free(struct hard_training *h);

/* The parts' weights into the whole model. */
att_status hard_join(struct hard_training *h, struct err *e);
/* The same, and the averages and moments into the whole model's. */
att_status hard_join_all(struct hard_training *h, struct err *e);
/* The whole model's into the nets, which are prepared. */
att_status hard_split(struct hard_training *h, struct err *e);

double hard_elapsed(const struct hard_training *h);
att_status hard_save(
    struct hard_training *h, struct err *e); /* the checkpoint, and what the run has taken so far */

/* SPDX-License-Identifier: Apache-2.0 */
/* One step of stage 2 or 3 of a hard model. */
#pragma once

#include "hard/hard_cache.h"
#include "hard/hard_state.h"

double hard_rate(const struct hard_training *h, int64_t step); /* the policy's learning rate */
double hard_joint_lr(const struct hard_training *h); /* the same in stage 3, at its highest */

/* What both steps begin with, */
void hard_begin_step(struct hard_training *h);
/* and end with: the policy's parameters follow its gradients, unless they are not finite, and the
 * sums go into those of the log's next row. */
void hard_add_report(struct hard_sums *sums, const struct reinforce_report *report, double weight);
att_status hard_update(struct hard_training *h, const struct hard_sums *sums, struct err *e);

/* ---- the policy alone: some of the cached views, drawn anew for every step */

/* Before the first step: the networks for the views' grids. */
att_status hard_alone_begin(struct hard_training *h, const struct hard_cache *cache, struct err *e);
/* For a policy that has not learned yet: it begins as a choice by the coarse network's foreground.
 */
att_status hard_alone_prefer(
    struct hard_training *h, const struct hard_cache *cache, struct err *e);
/* The mean reward of the likeliest choices in all views of the cache. */
double hard_alone_judge(struct hard_training *h, struct hard_cache *cache);
/* Fits the model's temperature (policy/temperature.h) to the views of the cache. */
att_status hard_alone_temperature(struct hard_training *h, struct hard_cache *cache, struct err *e);
/* `trial`, from 1: for timing; it draws what the step so many further on would, nothing is updated,
 * and nothing counts. 0: in earnest. */
att_status hard_alone_step(
    struct hard_training *h, struct hard_cache *cache, int trial, struct err *e);

/* ---- all three: a view of any case is looked at as a prediction would; the policy learns from
 * samples of choices, whose tiles are computed once each; the fine net from patches around tiles
 * that were chosen and of any place; the coarse net from patches of any place */

struct hard_joint;
/* The nets are prepared. */
att_status hard_joint_create(struct hard_training *h, struct hard_joint **j, struct err *e);
void hard_joint_free(struct hard_joint *j);                                 /* NULL is fine */
att_status hard_joint_step(struct hard_joint *j, int trial, struct err *e); /* as above */

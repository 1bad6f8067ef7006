/* SPDX-License-Identifier: Apache-2.0 */
#include "train/split_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan/recipe.h"

static att_status read_folds(const char *text, struct split_rule *rule, struct err *e)
{
    char *end;
    if (!text) return ATT_OK;
    rule->by_group = strcmp(text, "groups") == 0;
    if (rule->by_group) return ATT_OK;
    long n = strtol(text, &end, 10);
    if (end == text || *end || n < 2 || n > FOLDS_MAX)
        return err_usage(
            e, "`folds` %s is invalid; give a number from 2 to %d, or groups", text, FOLDS_MAX);
    rule->folds = (int)n;
    return ATT_OK;
}

att_status split_options_rule(const struct options *o, struct dataset *d, struct pool *pool,
    struct host *host, struct split_rule *rule, struct err *e)
{
    *rule = (struct split_rule){.stratify = options_bool(o, train, stratify),
        .holdout = options_real(o, train, holdout),
        .cut = strcmp(o->command, "tune") == 0};
    TRY(read_folds(options_text(o, train, folds), rule, e));
    if (rule->holdout > 0 && (rule->folds || rule->by_group))
        return err_usage(e, "give `folds` or `holdout`, not both");
    if (rule->by_group && rule->stratify)
        return err_usage(e, "`folds` groups makes each group a fold; leave out `stratify`");
    return rule->stratify ? dataset_find_present(d, pool, host, e) : ATT_OK;
}

att_status split_options_choose(const struct options *o, const struct train_context *c,
    struct dataset *d, struct split *s, struct err *e)
{
    const char *train = options_text(o, train, train_list), *val = options_text(o, train, val_list),
               *fold = options_text(o, train, fold);
    struct split_rule rule;
    int k = 0;
    if (val && fold) return err_usage(e, "give `fold` or `val-list`, not both");
    if (fold && !recipe_fold(fold, &k))
        return err_usage(e, "`fold` %s is invalid; give a number from 0, or all", fold);
    TRY(split_options_rule(o, d, c->host->pool, c->host, &rule, e));
    bool folds = rule.folds || rule.by_group || rule.stratify;
    if (rule.holdout > 0 && (fold || val))
        return err_usage(e, "give `holdout` alone, without `%s`", fold ? "fold" : "val-list");
    if (folds && !fold && !(rule.holdout > 0))
        return err_usage(e, "no fold is chosen for validation; give `fold` 0, or `fold` all");
    if (fold || rule.holdout > 0)
        return options_blame_one(o, train, fold, split_fold(d, &rule, train, k, s, e), e);
    if (!train && !val && !(c->quiet & QUIET_SPLIT) && split_named_folds(d) > 0 &&
        strcmp(o->command, "pack") != 0)
        host_warn(c->host, WARN_NO_VALIDATION,
            "%s defines folds, but without `fold` all cases train and none validates; add `fold` 0",
            d->path);
    return train || val ? split_lists(d, train, val, s, e) : split_all(d, s, e);
}

const char *split_summary(const struct split *s, char text[SPLIT_SUMMARY])
{
    const bool one = s->ntrain == 1;
    snprintf(text, SPLIT_SUMMARY, "%d case%s train%s, %d validate%s", s->ntrain, one ? "" : "s",
        one ? "s" : "", s->nval, s->nval == 1 ? "s" : "");
    return text;
}

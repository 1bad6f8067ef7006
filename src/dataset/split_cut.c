/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/split_cut.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/order.h"
#include "base/text.h"
#include "dataset/groups.h"
#include "dataset/mt19937.h"
#include "dataset/stratify.h"

enum { FOLDS = 5, SEED = 12345 };

/* KFold: `folds` runs of the shuffled cases, the first n % folds one longer. */
int split_kfold(int n, int folds, uint32_t seed, int fold, int *out)
{
    struct mt19937 r;
    int size = n / folds, longer = n % folds;
    int start = fold * size + (fold < longer ? fold : longer), count = size + (fold < longer);
    for (int i = 0; i < n; i++) out[i] = i;
    mt19937_seed(&r, seed);
    mt19937_shuffle(&r, out, n);
    memmove(out, out + start, (size_t)count * sizeof *out);
    qsort(out, (size_t)count, sizeof *out, order_ints);
    return count;
}

struct cut {
    const struct dataset *d;
    const struct split_rule *rule; /* not NULL */
    const int *list;
    int n, folds, fold;
    int *group, groups; /* by entry of the list, without gaps; groups 0: none */
    int *of, *room;     /* n each */
    int *validates;
};

/* Groups of the listed cases, ranked without gaps. */
static att_status split_cut_find_groups(struct cut *c, struct err *e)
{
    int all, used = 0;
    size_t bytes = (size_t)c->d->count * sizeof(int);
    int *group = mem_alloc(bytes), *rank = mem_alloc(bytes);
    att_status status =
        group && rank ? groups_read(c->d, group, &all, e) : err_memory(e, bytes, "the groups");
    if (status == ATT_OK && all > 0) {
        for (int i = 0; i < c->n; i++) rank[group[c->list[i]]] = 1;
        for (int g = 0; g < all; g++) rank[g] = rank[g] ? used++ : -1;
        for (int i = 0; i < c->n; i++) c->group[i] = rank[group[c->list[i]]];
        c->groups = used;
    }
    mem_free(rank);
    mem_free(group);
    return status;
}

/* ShuffleSplit, GroupShuffleSplit: the first shuffled ones validate. */
static att_status hold_out(struct cut *c, struct err *e)
{
    struct mt19937 r;
    int all = c->groups ? c->groups : c->n, count = (int)ceil(c->rule->holdout * all);
    if (count < 1 || count >= all)
        return err_data(e, "`holdout` %g of %d %s leaves none to %s; give another share",
            c->rule->holdout, all, c->groups ? "groups" : "cases",
            count < 1 ? "validate" : "train");
    for (int i = 0; i < all; i++) c->room[i] = i;
    mt19937_seed(&r, SEED);
    mt19937_shuffle(&r, c->room, all);
    for (int i = 0; i < all; i++) c->of[c->room[i]] = i < count;
    for (int i = 0; i < c->n; i++) c->validates[i] = c->of[c->groups ? c->group[i] : i];
    return ATT_OK;
}

static att_status stratified(struct cut *c, struct err *e)
{
    int *kind = c->validates; /* reused until validation cases are known */
    int kinds = stratify_kinds(c->d->present, c->list, c->n, kind, c->room);
    att_status status = c->groups
        ? stratify_groups(kind, c->n, kinds, c->group, c->groups, c->folds, c->of, e)
        : stratify_kfold(kind, c->n, kinds, c->folds, SEED, c->of, e);
    for (int i = 0; i < c->n && status == ATT_OK; i++) c->validates[i] = c->of[i] == c->fold;
    return status;
}

static att_status split_cut_plain(struct cut *c, struct err *e)
{
    if (c->groups) {
        if (!c->rule->by_group) TRY(groups_kfold(c->group, c->n, c->groups, c->folds, c->of, e));
        const int *of = c->rule->by_group ? c->group : c->of;
        for (int i = 0; i < c->n; i++) c->validates[i] = of[i] == c->fold;
        return ATT_OK;
    }
    int count = split_kfold(c->n, c->folds, SEED, c->fold, c->room);
    memset(c->validates, 0, (size_t)c->n * sizeof *c->validates);
    for (int i = 0; i < count; i++) c->validates[c->room[i]] = 1;
    return ATT_OK;
}

/* Sets the number of parts; all are folds unless one is the holdout. */
static att_status count_parts(struct cut *c, struct err *e)
{
    const struct split_rule *r = c->rule;
    c->folds = r->folds ? r->folds : FOLDS;
    if (r->by_group && !c->groups)
        return err_data(e,
            "%s has no groups to leave out one by one; write a groups.csv (image,group) into it",
            c->d->root);
    if (r->by_group) c->folds = c->groups;
    if (!(r->holdout > 0)) return ATT_OK;
    c->folds = r->stratify ? (int)floor(1 / r->holdout + .5) : 1;
    if (!r->stratify || (c->folds > 1 && fabs(r->holdout * c->folds - 1) < .01)) return ATT_OK;
    return err_usage(
        e, "`stratify` needs parts of equal size; give `holdout` 0.5, 0.333, 0.25, 0.2 or 0.1");
}

static att_status check_enough(const struct cut *c, struct err *e)
{
    const bool twice = c->rule->cut > 0;
    const char *left = c->rule->cut == 2 ? " left after the first of two cuts" : "";
    const char *of_twice =
        "give fewer `folds`, or add some; a search splits twice, so `folds` 2 needs four";
    if (c->rule->holdout > 0 && c->n < 2)
        return err_data(e, "%s has %d case%s, too few to hold some out; leave out `holdout`",
            c->d->root, c->n, TEXT_S(c->n));
    if (c->n == 1 && !twice)
        return err_data(e,
            "%s has 1 case, too few to validate any; add cases, or train on it without `fold`",
            c->d->root);
    if (c->n < c->folds || c->n < 2)
        return err_data(e, "%s has %d case%s%s, too few for %d fold%s; %s", c->d->root, c->n,
            TEXT_S(c->n), left, c->folds, TEXT_S(c->folds),
            twice
                ? of_twice
                : "give fewer `folds`, train without `fold`, or name the cases in `train-list` and "
                  "`val-list`");
    const char *where = c->d->has_groups ? c->d->path : "groups.csv";
    if (c->groups == 1) /* lists cannot split it either */
        return err_data(e,
            "%s has 1 group%s, and a split keeps groups whole, so no case is left to validate; "
            "correct the groups%s%s",
            where, left, c->d->has_groups ? "" : ", remove the file",
            twice ? "" : ", or train on all cases without `fold` and `holdout`");
    if (c->groups && c->groups < c->folds)
        return err_data(e, "%s has %d group%s%s, too few for %d folds; %s", where, c->groups,
            TEXT_S(c->groups), left, c->folds,
            twice ? of_twice
                  : "give fewer `folds`, or name the cases in `train-list` and `val-list`");
    return ATT_OK;
}

static att_status split_cut_run(struct cut *c, struct err *e)
{
    TRY(split_cut_find_groups(c, e));
    TRY(count_parts(c, e));
    int folds = c->rule->holdout > 0 ? 1 : c->folds;
    if (c->fold < 0 || c->fold >= folds)
        return err_usage(
            e, "there is no fold %d; give %s%d", c->fold, folds > 1 ? "0 to " : "", folds - 1);
    TRY(check_enough(c, e));
    if (c->rule->stratify && c->d->present) return stratified(c, e);
    return c->rule->holdout > 0 ? hold_out(c, e) : split_cut_plain(c, e);
}

static const struct split_rule usual;

att_status split_cut(const struct dataset *d, const struct split_rule *rule, const int *list, int n,
    int fold, int *validates, struct err *e)
{
    size_t room = (size_t)n + 1;
    struct cut c = {.d = d,
        .rule = rule ? rule : &usual,
        .list = list,
        .n = n,
        .fold = fold,
        .validates = validates};
    TRY(MEM_ARRAY(c.of, 3 * room, "the split", e));
    c.room = c.of + room;
    c.group = c.room + room;
    att_status status = split_cut_run(&c, e);
    mem_free(c.of);
    return status;
}

att_status split_cut_count(const struct dataset *d, const struct split_rule *rule, const int *list,
    int n, int *count, struct err *e)
{
    size_t room = (size_t)n + 1;
    struct err few = {0};
    struct cut c = {.d = d, .rule = rule ? rule : &usual, .list = list, .n = n};
    *count = 0;
    TRY(MEM_ARRAY(c.group, room, "the split", e));
    att_status status = split_cut_find_groups(&c, e);
    if (status == ATT_OK) status = count_parts(&c, e);
    if (status == ATT_OK && check_enough(&c, &few) == ATT_OK)
        *count = c.rule->holdout > 0 ? 1 : c.folds;
    mem_free(c.group);
    return status;
}

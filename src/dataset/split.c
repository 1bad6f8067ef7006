/* SPDX-License-Identifier: Apache-2.0 */
/* Which cases train and which validate: by fold, as nnU-Net and scikit-learn cut them, or by lists of names. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json_file.h"
#include "base/mem.h"
#include "base/order.h"
#include "dataset/groups.h"
#include "dataset/mt19937.h"
#include "dataset/names.h"

enum { FOLDS = 5, SEED = 12345 };

/* The part a case plays while a split is put together; one for each case. */
enum role { NONE, TRAIN, VAL };

/* KFold: the shuffled cases are cut into `folds` runs, of which the first n % folds are one longer. */
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

static att_status from_roles(const struct dataset *d, const uint8_t *roles, struct split *s, struct err *e)
{
    size_t bytes = (size_t)d->count * sizeof *s->train;
    s->train = mem_alloc(bytes);
    s->val = mem_alloc(bytes);
    if (!s->train || !s->val) {
        split_free(s);
        return err_memory(e, bytes, "the split");
    }
    for (int i = 0; i < d->count; i++) {
        if (roles[i] == TRAIN) s->train[s->ntrain++] = i;
        if (roles[i] == VAL) s->val[s->nval++] = i;
    }
    return ATT_OK;
}

/* ---- lists */

/* A list of names while it is read. */
struct list {
    const struct dataset *d;
    const char *path, *other; /* its file, and that of the list read before */
    enum role role;
    uint8_t *roles;
    int count;
};

static att_status take(struct list *l, const char *name, struct err *e)
{
    int index = names_find(l->d, name);
    if (index < 0) return names_unknown(l->d, l->path, name, e);
    if (l->roles[index] != NONE && l->roles[index] != (uint8_t)l->role)
        return err_set(e, ATT_DATA, "case %.200s is to train (%s) and to validate (%s); take it out of one of them", l->d->cases[index].id,
                       l->other, l->path);
    l->roles[index] = (uint8_t)l->role;
    l->count++;
    return ATT_OK;
}

static att_status take_line(void *list, const char *name, struct err *e) { return take(list, name, e); }

static att_status take_json(struct list *l, const json_t *names, struct err *e)
{
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *name = json_string_value(json_array_get(names, i));
        if (!name) return err_set(e, ATT_DATA, "%s: entry %zu is no name of a case; write it as text", l->path, i);
        TRY(take(l, name, e));
    }
    if (l->count > 0) return ATT_OK;
    return err_set(e, ATT_DATA, "%s: there is no list of cases; write [{\"train\": [...], \"val\": [...]}, ...]", l->path);
}

/* ---- splits */

static uint8_t *make_roles(const struct dataset *d, struct err *e)
{
    uint8_t *roles = mem_alloc((size_t)d->count);
    if (!roles) err_memory(e, (size_t)d->count, "the split");
    return roles;
}

/* Lists and splits_final.json may not take a group of groups.csv apart. */
static att_status check_groups(const struct dataset *d, const uint8_t *roles, struct err *e)
{
    size_t most = (size_t)d->count;
    int *group = mem_array(2 * most, sizeof *group), count = 0;
    if (!group) return err_memory(e, 2 * most * sizeof *group, "the groups");
    int *first = group + most;
    att_status status = groups_read(d, group, &count, e);
    for (int i = 0; i < d->count && count > 0 && status == ATT_OK; i++) {
        if (roles[i] == NONE) continue;
        int *other = &first[group[i]]; /* case + 1 */
        if (!*other) *other = i + 1;
        if (roles[*other - 1] != roles[i])
            status =
                err_set(e, ATT_DATA, "%s/groups.csv holds cases %.200s and %.200s together, and one is to train, the other to validate",
                        d->root, d->cases[*other - 1].id, d->cases[i].id);
    }
    mem_free(group);
    return status;
}

att_status split_lists(const struct dataset *d, const char *train_list, const char *val_list, struct split *s, struct err *e)
{
    *s = (struct split){0};
    uint8_t *roles = make_roles(d, e);
    if (!roles) return ATT_MEMORY;
    struct list train = {.d = d, .path = train_list, .role = TRAIN, .roles = roles};
    struct list val = {.d = d, .path = val_list, .other = train_list, .role = VAL, .roles = roles};
    att_status status = names_read(train.path, take_line, &train, e);
    if (status == ATT_OK && val_list) status = names_read(val.path, take_line, &val, e);
    if (status == ATT_OK) status = check_groups(d, roles, e);
    if (status == ATT_OK) status = from_roles(d, roles, s, e);
    mem_free(roles);
    return status;
}

att_status split_all(const struct dataset *d, struct split *s, struct err *e)
{
    *s = (struct split){0};
    uint8_t *roles = make_roles(d, e);
    if (!roles) return ATT_MEMORY;
    memset(roles, TRAIN, (size_t)d->count);
    att_status status = from_roles(d, roles, s, e);
    mem_free(roles);
    return status;
}

static att_status take_fold(const struct dataset *d, const json_t *folds, const char *path, int fold, uint8_t *roles, struct err *e)
{
    size_t count = json_array_size(folds);
    if (fold < 0 || (size_t)fold >= count)
        return err_set(e, ATT_USAGE, "there is no fold %d in %s, which holds %zu; folds are counted from 0", fold, path, count);
    char where[2][1200];
    snprintf(where[0], sizeof where[0], "%s, \"train\" of fold %d", path, fold);
    snprintf(where[1], sizeof where[1], "%s, \"val\" of fold %d", path, fold);
    struct list train = {.d = d, .path = where[0], .role = TRAIN, .roles = roles};
    struct list val = {.d = d, .path = where[1], .other = where[0], .role = VAL, .roles = roles};
    const json_t *j = json_array_get(folds, (size_t)fold);
    TRY(take_json(&train, json_object_get(j, "train"), e));
    return take_json(&val, json_object_get(j, "val"), e);
}

static att_status fold_from_file(const struct dataset *d, const char *path, int fold, uint8_t *roles, struct err *e)
{
    json_t *folds;
    TRY(json_file_read(path, &folds, e));
    att_status status = take_fold(d, folds, path, fold, roles, e);
    json_decref(folds);
    return status;
}

/* The folds of the `n` cases of `list`: into `of`. */
static att_status cut_folds(const struct dataset *d, const int *list, int n, int *group, int fold, uint8_t *roles, int *of, struct err *e)
{
    int count;
    TRY(groups_read(d, group, &count, e));
    if (count > 0) {
        for (int i = 0; i < n; i++) group[i] = group[list[i]]; /* list[i] >= i */
        TRY(groups_kfold(group, n, count, FOLDS, of, e));
    } else {
        int validate = split_kfold(n, FOLDS, SEED, fold, group);
        for (int i = 0; i < n; i++) of[i] = -1;
        for (int i = 0; i < validate; i++) of[group[i]] = fold;
    }
    for (int i = 0; i < n; i++) roles[list[i]] = of[i] == fold ? VAL : TRAIN;
    return ATT_OK;
}

/* Of the cases whose role is not NONE. */
static att_status fold_by_rule(const struct dataset *d, int fold, uint8_t *roles, struct err *e)
{
    int n = 0, *list = mem_array(3 * (size_t)d->count, sizeof *list);
    if (!list) return err_memory(e, 3 * (size_t)d->count * sizeof *list, "the split");
    for (int i = 0; i < d->count; i++)
        if (roles[i] != NONE) list[n++] = i;
    att_status status = ATT_OK;
    if (fold < 0 || fold >= FOLDS) status = err_set(e, ATT_USAGE, "there is no fold %d; give one from 0 to %d", fold, FOLDS - 1);
    if (status == ATT_OK && n < FOLDS)
        status = err_set(e, ATT_DATA,
                         "%s has %d cases, too few for %d folds; leave --fold out, or name the cases in --train-list and --val-list",
                         d->root, n, FOLDS);
    if (status == ATT_OK) status = cut_folds(d, list, n, list + d->count, fold, roles, list + 2 * (size_t)d->count, e);
    mem_free(list);
    return status;
}

att_status split_count(const struct dataset *d, int *count, struct err *e)
{
    char *path = file_join(d->root, "splits_final.json");
    if (!path) return err_memory(e, strlen(d->root), "a file name");
    json_t *folds = NULL;
    bool there = file_exists(path);
    att_status status = there ? json_file_read(path, &folds, e) : ATT_OK;
    *count = (int)json_array_size(folds);
    json_decref(folds);
    mem_free(path);
    if (there) return status;
    int *group = mem_array((size_t)d->count, sizeof *group), groups;
    if (!group) return err_memory(e, (size_t)d->count * sizeof *group, "the groups");
    status = groups_read(d, group, &groups, e);
    *count = d->count < FOLDS || (groups > 0 && groups < FOLDS) ? 0 : FOLDS;
    mem_free(group);
    return status;
}

/* The roles in splits_final.json of the cases whose role was not NONE before. */
static att_status fold_by_file(const struct dataset *d, const char *path, const char *list, int fold, uint8_t *roles, struct err *e)
{
    uint8_t *all = make_roles(d, e);
    if (!all) return ATT_MEMORY;
    att_status status = fold_from_file(d, path, fold, all, e);
    if (status == ATT_OK) status = check_groups(d, all, e);
    int left[3] = {0};
    for (int i = 0; i < d->count; i++) left[roles[i] = roles[i] == NONE ? NONE : all[i]]++;
    mem_free(all);
    if (status != ATT_OK || !list || (left[TRAIN] && left[VAL])) return status;
    return err_set(e, ATT_DATA, "%s: of fold %d in %s no case is left to %s", list, fold, path, left[TRAIN] ? "validate" : "train");
}

static att_status put_roles(const struct dataset *d, const char *list, int fold, uint8_t *roles, struct err *e)
{
    struct list among = {.d = d, .path = list, .role = TRAIN, .roles = roles};
    if (list)
        TRY(names_read(among.path, take_line, &among, e));
    else
        memset(roles, TRAIN, (size_t)d->count);
    char *path = file_join(d->root, "splits_final.json");
    if (!path) return err_memory(e, strlen(d->root), "a file name");
    att_status status = file_exists(path) ? fold_by_file(d, path, list, fold, roles, e) : fold_by_rule(d, fold, roles, e);
    mem_free(path);
    return status;
}

att_status split_fold(const struct dataset *d, const char *list, int fold, struct split *s, struct err *e)
{
    *s = (struct split){0};
    uint8_t *roles = make_roles(d, e);
    if (!roles) return ATT_MEMORY;
    att_status status = put_roles(d, list, fold, roles, e);
    if (status == ATT_OK) status = from_roles(d, roles, s, e);
    mem_free(roles);
    return status;
}

void split_free(struct split *s)
{
    mem_free(s->train);
    mem_free(s->val);
    *s = (struct split){0};
}

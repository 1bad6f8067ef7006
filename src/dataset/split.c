/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "dataset/groups.h"
#include "dataset/names.h"
#include "dataset/split.h"
#include "dataset/split_cut.h"
#include "files/file.h"
#include "files/json_file.h"

/* Role of each case. TEST: no fold uses it. */
enum role { NONE, TRAIN, VAL, TEST };

static att_status from_roles(
    const struct dataset *d, const uint8_t *roles, struct split *s, struct err *e)
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

/* A list of names being read. */
struct list {
    const struct dataset *d;
    const char *path, *other; /* its file, and the previous list's */
    enum role role;
    uint8_t *roles;
    int count;
};

static att_status split_take(void *list, const char *name, struct err *e)
{
    struct list *l = list;
    int index = names_find(l->d, name);
    if (index < 0) return names_unknown(l->d, l->path, name, e);
    if (l->roles[index] != NONE && l->roles[index] != (uint8_t)l->role)
        return err_data(e,
            "case %.200s is in the list to train (%s) and in the list to validate (%s); remove it "
            "from one of them",
            l->d->cases[index].id, l->other, l->path);
    l->roles[index] = (uint8_t)l->role;
    l->count++;
    return ATT_OK;
}

static att_status take_json(struct list *l, const json_t *names, struct err *e)
{
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *name = json_string_value(json_array_get(names, i));
        if (!name)
            return err_data(e, "%s: entry %zu is not a case name; write it as text", l->path, i);
        TRY(split_take(l, name, e));
    }
    if (l->count > 0) return ATT_OK;
    if (json_is_array(names))
        return err_data(e,
            "%s: the list is empty; name at least one case there, or train without `fold`, "
            "with `train-list`",
            l->path);
    return err_data(e,
        "%s: there is no list of cases; write [{\"train\": [...], \"val\": [...]}, ...]", l->path);
}

/* A layout may reserve cases for a test. */
static bool takes_part(const struct dataset *d, int index)
{
    return !d->has_folds || d->cases[index].fold != FOLD_OUT;
}

static enum role role_of(const struct dataset *d, const uint8_t *roles, int index)
{
    return roles[index] == NONE && !takes_part(d, index) ? TEST : (enum role)roles[index];
}

/* The first case with another of its group, *other, in another role; -1: none. */
static int find_separate(
    const struct dataset *d, const uint8_t *roles, const int *group, int *first, int *other)
{
    memset(first, 0, (size_t)d->count * sizeof *first); /* by group: its case + 1 */
    for (int i = 0; i < d->count; i++) {
        const enum role role = role_of(d, roles, i);
        if (role == NONE) continue;
        int *seen = &first[group[i]];
        if (!*seen) *seen = i + 1;
        *other = *seen - 1;
        if (role_of(d, roles, *other) != role) return i;
    }
    return -1;
}

/* Checks that no group is split between roles, whatever the source of roles and groups. */
static att_status check_groups(const struct dataset *d, const uint8_t *roles, struct err *e)
{
    static const char *const is[] = {"is unused", "trains", "validates", "is a test case"};
    size_t max = (size_t)d->count;
    int *group, count = 0, other = 0;
    TRY(MEM_ARRAY(group, 2 * max, "the groups", e));
    att_status status = groups_read(d, group, &count, e);
    int separate =
        status == ATT_OK && count > 0 ? find_separate(d, roles, group, group + max, &other) : -1;
    if (separate >= 0)
        status = err_data(e,
            "%s%s puts cases %.200s and %.200s into one group%s, but the first %s and the second "
            "%s; %s",
            d->has_groups ? d->path : d->root, d->has_groups ? "" : "/groups.csv",
            d->cases[other].id, d->cases[separate].id, d->name_groups ? " by their names" : "",
            is[role_of(d, roles, other)], is[role_of(d, roles, separate)],
            d->has_groups && d->has_folds
                ? "give both the same fold, or different groups (columns fold and group)"
                : d->name_groups
                ? "give both the same role, or, if they are of two patients, list groups in a "
                  "groups.csv"
                : "give both the same role, or different groups");
    mem_free(group);
    return status;
}

att_status split_lists(const struct dataset *d, const char *train_list, const char *val_list,
    struct split *s, struct err *e)
{
    *s = (struct split){0};
    uint8_t *roles;
    TRY(MEM_BYTES(roles, (size_t)d->count, "the split", e));
    struct list train = {.d = d, .path = train_list, .role = TRAIN, .roles = roles};
    struct list val = {.d = d, .path = val_list, .other = train_list, .role = VAL, .roles = roles};
    att_status status = train_list ? names_read(train.path, split_take, &train, e) : ATT_OK;
    if (status == ATT_OK && val_list) status = names_read(val.path, split_take, &val, e);
    for (int i = 0; i < d->count && !train_list; i++)
        if (roles[i] == NONE && takes_part(d, i)) roles[i] = TRAIN;
    if (status == ATT_OK) status = check_groups(d, roles, e);
    if (status == ATT_OK) status = from_roles(d, roles, s, e);
    mem_free(roles);
    return status;
}

static void all_that_take_part(const struct dataset *d, uint8_t *roles)
{
    for (int i = 0; i < d->count; i++) roles[i] = takes_part(d, i) ? TRAIN : NONE;
}

att_status split_all(const struct dataset *d, struct split *s, struct err *e)
{
    *s = (struct split){0};
    uint8_t *roles;
    TRY(MEM_BYTES(roles, (size_t)d->count, "the split", e));
    all_that_take_part(d, roles);
    att_status status = check_groups(d, roles, e);
    if (status == ATT_OK) status = from_roles(d, roles, s, e);
    mem_free(roles);
    if (status != ATT_OK || s->ntrain > 0) return status;
    split_free(s);
    return err_data(e,
        "%s: the column fold says test for every case, so none is left to train; correct it",
        d->path);
}

static att_status no_folds(const char *path, struct err *e)
{
    return err_data(e, "%s has no folds; write [{\"train\": [...], \"val\": [...]}, ...]", path);
}

static att_status split_take_fold(const struct dataset *d, const json_t *folds, const char *path,
    int fold, uint8_t *roles, struct err *e)
{
    size_t count = json_array_size(folds);
    if (!count) return no_folds(path, e);
    if (fold < 0 || (size_t)fold >= count)
        return err_usage(
            e, "there is no fold %d in %s, which has %zu; folds count from 0", fold, path, count);
    char where[2][1200];
    snprintf(where[0], sizeof where[0], "%s, \"train\" of fold %d", path, fold);
    snprintf(where[1], sizeof where[1], "%s, \"val\" of fold %d", path, fold);
    struct list train = {.d = d, .path = where[0], .role = TRAIN, .roles = roles};
    struct list val = {.d = d, .path = where[1], .other = where[0], .role = VAL, .roles = roles};
    const json_t *j = json_array_get(folds, (size_t)fold);
    TRY(take_json(&train, json_object_get(j, "train"), e));
    return take_json(&val, json_object_get(j, "val"), e);
}

static att_status fold_from_file(
    const struct dataset *d, const char *path, int fold, uint8_t *roles, struct err *e)
{
    json_t *folds;
    TRY(json_file_read(path, &folds, e));
    att_status status = split_take_fold(d, folds, path, fold, roles, e);
    json_decref(folds);
    return status;
}

/* Cuts the cases that have a role. */
static att_status fold_by_rule(
    const struct dataset *d, const struct split_rule *rule, int fold, uint8_t *roles, struct err *e)
{
    int n = 0, *list = mem_array(2 * (size_t)d->count, sizeof *list);
    if (!list) return err_memory(e, 2 * (size_t)d->count * sizeof *list, "the split");
    int *validates = list + d->count;
    for (int i = 0; i < d->count; i++)
        if (roles[i] != NONE) list[n++] = i;
    att_status status = split_cut(d, rule, list, n, fold, validates, e);
    for (int i = 0; i < n && status == ATT_OK; i++) roles[list[i]] = validates[i] ? VAL : TRAIN;
    mem_free(list);
    return status;
}

int split_named_folds(const struct dataset *d)
{
    int max = -1;
    for (int i = 0; d->has_folds && i < d->count; i++)
        max = d->cases[i].fold > max ? d->cases[i].fold : max;
    return max + 1;
}

static att_status fold_by_column(const struct dataset *d, int fold, uint8_t *roles, struct err *e)
{
    int count = split_named_folds(d), left[3] = {0};
    if (fold < 0 || fold >= count)
        return err_usage(e, "there is no fold %d in %s, which names %d; folds count from 0", fold,
            d->path, count);
    for (int i = 0; i < d->count; i++) {
        int own = d->cases[i].fold;
        if (roles[i] != NONE) roles[i] = own == FOLD_OUT ? NONE : own == fold ? VAL : TRAIN;
        left[roles[i]]++;
    }
    if (left[TRAIN] && left[VAL]) return ATT_OK;
    return err_data(e, "%s: fold %d leaves no case to %s; correct the column, or give `folds`",
        d->path, fold, left[TRAIN] ? "validate" : "train");
}

/* Takes roles from splits_final.json, for cases in use. */
static att_status fold_by_file(const struct dataset *d, const char *path, const char *list,
    int fold, uint8_t *roles, struct err *e)
{
    uint8_t *all;
    TRY(MEM_BYTES(all, (size_t)d->count, "the split", e));
    att_status status = fold_from_file(d, path, fold, all, e);
    if (status == ATT_OK) status = check_groups(d, all, e);
    int left[3] = {0};
    for (int i = 0; i < d->count; i++) left[roles[i] = roles[i] == NONE ? NONE : all[i]]++;
    mem_free(all);
    if (status != ATT_OK || !list || (left[TRAIN] && left[VAL])) return status;
    return err_data(e, "%s: it leaves no case of fold %d in %s to %s; add cases to it", list, fold,
        path, left[TRAIN] ? "validate" : "train");
}

enum source { BY_RULE, BY_COLUMN, BY_FILE };

static att_status find_source(const struct dataset *d, const struct split_rule *rule,
    const char *path, enum source *source, struct err *e)
{
    const bool file = file_exists(path),
               wanted = rule &&
        (rule->folds > 0 || rule->by_group || rule->stratify || rule->holdout > 0);
    *source = wanted ? BY_RULE : d->has_folds ? BY_COLUMN : file ? BY_FILE : BY_RULE;
    if (*source != BY_COLUMN || !file) return ATT_OK;
    return err_data(e,
        "both %s and the column fold of %s state folds; keep one of them, or give `folds`", path,
        d->path);
}

/* Cases in use: those listed, or all but test cases. */
static att_status take_part(
    const struct dataset *d, const char *list, uint8_t *roles, struct err *e)
{
    struct list among = {.d = d, .path = list, .role = TRAIN, .roles = roles};
    if (list) return names_read(among.path, split_take, &among, e);
    all_that_take_part(d, roles);
    return ATT_OK;
}

static att_status put_roles(const struct dataset *d, const struct split_rule *rule,
    const char *list, int fold, const char *path, uint8_t *roles, struct err *e)
{
    enum source source;
    TRY(take_part(d, list, roles, e));
    TRY(find_source(d, rule, path, &source, e));
    if (source == BY_COLUMN) return fold_by_column(d, fold, roles, e);
    return source == BY_RULE ? fold_by_rule(d, rule, fold, roles, e)
                             : fold_by_file(d, path, list, fold, roles, e);
}

att_status split_fold(const struct dataset *d, const struct split_rule *rule, const char *list,
    int fold, struct split *s, struct err *e)
{
    *s = (struct split){0};
    uint8_t *roles = mem_alloc((size_t)d->count);
    char *path = file_join(d->root, "splits_final.json");
    att_status status = roles && path ? put_roles(d, rule, list, fold, path, roles, e)
                                      : err_memory(e, (size_t)d->count, "the split");
    if (status == ATT_OK) status = check_groups(d, roles, e);
    if (status == ATT_OK) status = from_roles(d, roles, s, e);
    mem_free(path);
    mem_free(roles);
    return status;
}

static att_status count_listed(const char *path, int *count, struct err *e)
{
    json_t *folds = NULL;
    TRY(json_file_read(path, &folds, e));
    *count = (int)json_array_size(folds);
    json_decref(folds);
    return *count ? ATT_OK : no_folds(path, e);
}

static att_status count_by_rule(const struct dataset *d, const struct split_rule *rule,
    const char *list, int *count, struct err *e)
{
    int n = 0, *cases = mem_array((size_t)d->count, sizeof *cases);
    uint8_t *roles = mem_alloc((size_t)d->count);
    att_status status = cases && roles
        ? take_part(d, list, roles, e)
        : err_memory(e, (size_t)d->count * sizeof *cases, "the split");
    for (int i = 0; i < d->count && status == ATT_OK; i++)
        if (roles[i] != NONE) cases[n++] = i;
    if (status == ATT_OK) status = split_cut_count(d, rule, cases, n, count, e);
    mem_free(roles);
    mem_free(cases);
    return status;
}

att_status split_count(const struct dataset *d, const struct split_rule *rule, const char *list,
    int *count, struct err *e)
{
    char *path = file_join(d->root, "splits_final.json");
    enum source source = BY_RULE;
    *count = 0;
    if (!path) return err_path(e);
    att_status status = find_source(d, rule, path, &source, e);
    if (status == ATT_OK && source == BY_FILE) status = count_listed(path, count, e);
    if (status == ATT_OK && source == BY_COLUMN) *count = split_named_folds(d);
    if (status == ATT_OK && source == BY_RULE) status = count_by_rule(d, rule, list, count, e);
    mem_free(path);
    return status;
}

static att_status keeps_in_fold(const struct dataset *d, const int *group, int fold, uint8_t *roles,
    int *first, bool *keeps, struct err *e)
{
    struct split s;
    int other;
    TRY(split_fold(d, NULL, NULL, fold, &s, e));
    memset(roles, NONE, (size_t)d->count);
    for (int i = 0; i < s.ntrain; i++) roles[s.train[i]] = TRAIN;
    for (int i = 0; i < s.nval; i++) roles[s.val[i]] = VAL;
    *keeps = find_separate(d, roles, group, first, &other) < 0;
    split_free(&s);
    return ATT_OK;
}

att_status split_keeps_groups(const struct dataset *d, const int *group, bool *keeps, struct err *e)
{
    char *path = file_join(d->root, "splits_final.json");
    enum source source = BY_RULE;
    int count = 0, *first = mem_array((size_t)d->count, sizeof *first);
    uint8_t *roles = mem_alloc((size_t)d->count);
    *keeps = true;
    att_status status = path && roles && first ? find_source(d, NULL, path, &source, e)
                                               : err_memory(e, (size_t)d->count, "the split");
    if (status == ATT_OK && source != BY_RULE) status = split_count(d, NULL, NULL, &count, e);
    for (int fold = 0; fold < count && *keeps && status == ATT_OK; fold++)
        status = keeps_in_fold(d, group, fold, roles, first, keeps, e);
    mem_free(roles);
    mem_free(first);
    mem_free(path);
    return status;
}

void split_free(struct split *s)
{
    mem_free(s->train);
    mem_free(s->val);
    *s = (struct split){0};
}

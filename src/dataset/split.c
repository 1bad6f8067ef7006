/* SPDX-License-Identifier: Apache-2.0 */
/* Which cases train and which validate: by fold, as nnU-Net and scikit-learn cut them, or by lists of names. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "dataset/dataset.h"
#include "dataset/json_file.h"
#include "dataset/mt19937.h"
#include "format/format.h"

enum { FOLDS = 5, SEED = 12345, LIST_LIMIT = 64 << 20 };

/* The part a case plays while a split is put together; one for each case. */
enum role { NONE, TRAIN, VAL };

static int by_number(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

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
    qsort(out, (size_t)count, sizeof *out, by_number);
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

/* ---- names */

/* NULL when no case is near. */
static const char *nearest(const struct dataset *d, const char *name)
{
    const char *best = NULL;
    for (int i = 0, smallest = text_too_far(name); i < d->count; i++) {
        int here = text_distance(name, d->cases[i].id);
        if (here >= smallest) continue;
        smallest = here;
        best = d->cases[i].id;
    }
    return best;
}

/* The case whose id is the first `length` bytes of a name. */
static int find_cut(const struct dataset *d, const char *name, size_t length)
{
    for (int i = 0; i < d->count; i++)
        if (strncmp(d->cases[i].id, name, length) == 0 && d->cases[i].id[length] == 0) return i;
    return -1;
}

/* The case that a name means, as it is or without folder, without ending, without a channel's _0000; -1 when there is none. */
static int find_case(const struct dataset *d, const char *name)
{
    size_t ending = 0, length;
    int index = dataset_find(d, name);
    if (index >= 0) return index;
    name = file_base(name);
    length = strlen(name);
    index = dataset_find(d, name);
    if (index >= 0) return index;
    if (format_by_name(name, &ending)) length -= ending;
    index = find_cut(d, name, length);
    bool tail = length > 5 && name[length - 5] == '_' && strspn(name + length - 4, "0123456789") >= 4;
    return index < 0 && tail ? find_cut(d, name, length - 5) : index;
}

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
    int index = find_case(l->d, name);
    const char *near = index < 0 ? nearest(l->d, file_base(name)) : NULL;
    if (near) return err_set(e, ATT_DATA, "%s: there is no case '%.200s' in %s; did you mean %.200s?", l->path, name, l->d->root, near);
    if (index < 0)
        return err_set(e, ATT_DATA, "%s: there is no case '%.200s' in %s; give names of its cases, such as %.200s", l->path, name,
                       l->d->root, l->d->cases[0].id);
    if (l->roles[index] != NONE && l->roles[index] != (uint8_t)l->role)
        return err_set(e, ATT_DATA, "case %.200s is to train (%s) and to validate (%s); take it out of one of them", l->d->cases[index].id,
                       l->other, l->path);
    l->roles[index] = (uint8_t)l->role;
    l->count++;
    return ATT_OK;
}

/* One name a line; blank lines, blanks around names and a byte order mark do not count. Cuts the text into strings. */
static att_status take_lines(struct list *l, char *text, struct err *e)
{
    if (strncmp(text, "\xef\xbb\xbf", 3) == 0) text += 3;
    while (*text) {
        char *name = text + strspn(text, " \t\r\n"), *end = name + strcspn(name, "\r\n");
        text = end + (*end != 0);
        while (end > name && isspace((unsigned char)end[-1])) end--;
        *end = 0;
        if (*name) TRY(take(l, name, e));
    }
    return ATT_OK;
}

static att_status take_file(struct list *l, struct err *e)
{
    char *text;
    size_t size;
    TRY(file_read(l->path, LIST_LIMIT, &text, &size, e));
    att_status status = take_lines(l, text, e);
    mem_free(text);
    if (status == ATT_OK && l->count == 0) return err_set(e, ATT_DATA, "%s names no case; write one name a line into it", l->path);
    return status;
}

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

att_status split_lists(const struct dataset *d, const char *train_list, const char *val_list, struct split *s, struct err *e)
{
    *s = (struct split){0};
    uint8_t *roles = make_roles(d, e);
    if (!roles) return ATT_MEMORY;
    struct list train = {.d = d, .path = train_list, .role = TRAIN, .roles = roles};
    struct list val = {.d = d, .path = val_list, .other = train_list, .role = VAL, .roles = roles};
    att_status status = take_file(&train, e);
    if (status == ATT_OK && val_list) status = take_file(&val, e);
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

static att_status fold_by_rule(const struct dataset *d, int fold, uint8_t *roles, struct err *e)
{
    if (fold < 0 || fold >= FOLDS) return err_set(e, ATT_USAGE, "there is no fold %d; give one from 0 to %d", fold, FOLDS - 1);
    if (d->count < FOLDS)
        return err_set(e, ATT_DATA, "%s has %d cases, too few for %d folds; name the cases to train and to validate in lists", d->root,
                       d->count, FOLDS);
    int *val = mem_array((size_t)d->count, sizeof *val);
    if (!val) return err_memory(e, (size_t)d->count * sizeof *val, "the split");
    int count = split_kfold(d->count, FOLDS, SEED, fold, val);
    memset(roles, TRAIN, (size_t)d->count);
    for (int i = 0; i < count; i++) roles[val[i]] = VAL;
    mem_free(val);
    return ATT_OK;
}

att_status split_count(const struct dataset *d, int *count, struct err *e)
{
    *count = d->count < FOLDS ? 0 : FOLDS;
    char *path = file_join(d->root, "splits_final.json");
    if (!path) return err_memory(e, strlen(d->root), "a file name");
    json_t *folds = NULL;
    att_status status = file_exists(path) ? json_file_read(path, &folds, e) : ATT_OK;
    if (folds) *count = (int)json_array_size(folds);
    json_decref(folds);
    mem_free(path);
    return status;
}

att_status split_fold(const struct dataset *d, int fold, struct split *s, struct err *e)
{
    *s = (struct split){0};
    char *path = file_join(d->root, "splits_final.json");
    if (!path) return err_memory(e, strlen(d->root), "a file name");
    uint8_t *roles = make_roles(d, e);
    att_status status = !roles ? ATT_MEMORY : file_exists(path) ? fold_from_file(d, path, fold, roles, e) : fold_by_rule(d, fold, roles, e);
    if (status == ATT_OK) status = from_roles(d, roles, s, e);
    mem_free(roles);
    mem_free(path);
    return status;
}

void split_free(struct split *s)
{
    mem_free(s->train);
    mem_free(s->val);
    *s = (struct split){0};
}

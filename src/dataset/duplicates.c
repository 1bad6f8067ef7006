/* SPDX-License-Identifier: Apache-2.0 */
/* Compares all pairs of signatures, and groups similar ones by union-find. */
#include "dataset/duplicates.h"

#include <string.h>

#include "base/ints.h"
#include "base/mem.h"
#include "image/signature.h"

static const float min_flat = .75F, min_volume = .85F; /* from docs/data.md */
enum { ROWS = 32 };                                    /* of a task */

struct found {
    struct duplicate *list;
    int count;
    bool lost; /* no memory */
};

struct search {
    const float *x;
    int n, length;
    int from, rows; /* compares rows of x below `rows` with later ones from `from` on */
    bool flat;
    struct found *found; /* by task */
};

static void duplicates_add(struct found *f, const struct duplicate *one)
{
    f->lost |= MEM_ROOM(f->list, f->count, NULL, NULL) != ATT_OK;
    if (!f->lost) f->list[f->count++] = *one;
}

static void duplicates_compare_row(const struct search *s, int a, struct found *f)
{
    const float *x = s->x + (size_t)a * (size_t)s->length, min = s->flat ? min_flat : min_volume;
    float other[SIGNATURE_SIDE * SIGNATURE_SIDE];
    if (s->flat) signature_mirror(x, other);
    for (int b = a + 1 > s->from ? a + 1 : s->from; b < s->n && !f->lost; b++) {
        const float *y = s->x + (size_t)b * (size_t)s->length;
        struct duplicate one = {a, b, signature_likeness(x, y, s->length), false};
        float mirrored = s->flat ? signature_likeness(other, y, s->length) : 0;
        if (mirrored > one.likeness) {
            one.likeness = mirrored;
            one.mirrored = true;
        }
        if (one.likeness >= min) duplicates_add(f, &one);
    }
}

static void compare_rows(void *arg, int task, int worker)
{
    const struct search *s = arg;
    (void)worker;
    for (int a = task * ROWS; a < (task + 1) * ROWS && a < s->rows; a++)
        duplicates_compare_row(s, a, &s->found[task]);
}

static att_status duplicates_gather(
    const struct search *s, int tasks, struct duplicate **list, int *count, struct err *e)
{
    size_t all = 0, at = 0;
    bool lost = false;
    for (int i = 0; i < tasks; i++) {
        all += (size_t)s->found[i].count;
        lost |= s->found[i].lost;
    }
    *list = lost ? NULL : mem_array(all + 1, sizeof **list);
    if (!*list) return err_memory(e, all * sizeof **list, "pairs of similar images");
    for (int i = 0; i < tasks; i++) {
        if (s->found[i].count)
            memcpy(*list + at, s->found[i].list, (size_t)s->found[i].count * sizeof **list);
        at += (size_t)s->found[i].count;
    }
    *count = (int)all;
    return ATT_OK;
}

static att_status dataset_duplicates_find(
    struct search *s, struct pool *pool, struct duplicate **list, int *count, struct err *e)
{
    int tasks = divide_up(s->rows, ROWS);
    s->length = signature_length(s->flat);
    *list = NULL;
    *count = 0;
    TRY(MEM_ARRAY(s->found, (size_t)tasks + 1, "pairs of similar images", e));
    pool_run(pool, tasks, compare_rows, s);
    att_status status = duplicates_gather(s, tasks, list, count, e);
    for (int i = 0; i < tasks; i++) mem_free(s->found[i].list);
    mem_free(s->found);
    return status;
}

att_status duplicates_find(const float *signatures, int n, bool flat, struct pool *pool,
    struct duplicate **list, int *count, struct err *e)
{
    return dataset_duplicates_find(
        &(struct search){.x = signatures, .n = n, .rows = n, .flat = flat}, pool, list, count, e);
}

att_status duplicates_across(const float *signatures, int n, int others, bool flat,
    struct pool *pool, struct duplicate **list, int *count, struct err *e)
{
    return dataset_duplicates_find(
        &(struct search){.x = signatures, .n = n + others, .from = n, .rows = n, .flat = flat},
        pool, list, count, e);
}

static int root_of(int *parent, int i)
{
    while (parent[i] != i) i = parent[i] = parent[parent[i]];
    return i;
}

static void duplicates_join(int *parent, int a, int b)
{
    int x = root_of(parent, a), y = root_of(parent, b);
    if (x < y)
        parent[y] = x;
    else
        parent[x] = y;
}

/* Each tree's root is its first case, so roots come first. */
int duplicates_groups(const struct duplicate *list, int count, const int *group, int n, int *out)
{
    int groups = 0;
    for (int i = 0; i < n; i++) out[i] = i;
    for (int i = 0; group && i < n; i++)
        for (int k = i - 1; k >= 0; k--)
            if (group[k] == group[i]) {
                duplicates_join(out, k, i);
                break;
            }
    for (int i = 0; i < count; i++) duplicates_join(out, list[i].a, list[i].b);
    for (int i = 0; i < n; i++) out[i] = root_of(out, i);
    for (int i = 0; i < n; i++) out[i] = out[i] == i ? groups++ : out[out[i]];
    return groups;
}

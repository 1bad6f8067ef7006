/* SPDX-License-Identifier: Apache-2.0 */
/* Compares all pairs of signatures, and groups similar ones by union-find. */
#include "dataset/duplicates.h"

#include <math.h>
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
    /* Of flat images: the sums, then the differences, of cells that mirroring exchanges, and the
     * length of the latter. Their products are the likeness of an image and of its mirror image. */
    float *halves, *rest;
    struct found *found; /* by task */
};

static void duplicates_add(struct found *f, const struct duplicate *one)
{
    f->lost |= MEM_ROOM(f->list, f->count, NULL, NULL) != ATT_OK;
    if (!f->lost) f->list[f->count++] = *one;
}

static const float rounding = 1e-5F;

/* Most pairs end after half of the work: the rest cannot make them similar. */
static float compare_flat(const struct search *s, int a, int b, bool *mirrored)
{
    const int half = s->length / 2;
    const float *x = s->halves + (size_t)a * (size_t)s->length,
                *y = s->halves + (size_t)b * (size_t)s->length;
    const float sums = signature_likeness(x, y, half);
    if (sums + s->rest[a] * s->rest[b] < min_flat - rounding) return 0;
    const float differences = signature_likeness(x + half, y + half, half);
    *mirrored = differences < 0;
    return sums + fabsf(differences);
}

static void duplicates_compare_row(const struct search *s, int a, struct found *f)
{
    const float *x = s->x + (size_t)a * (size_t)s->length, min = s->flat ? min_flat : min_volume;
    for (int b = a + 1 > s->from ? a + 1 : s->from; b < s->n && !f->lost; b++) {
        struct duplicate one = {a, b, 0, false};
        one.likeness = s->flat
            ? compare_flat(s, a, b, &one.mirrored)
            : signature_likeness(x, s->x + (size_t)b * (size_t)s->length, s->length);
        if (one.likeness >= min) duplicates_add(f, &one);
    }
}

static att_status cut_halves(struct search *s, struct err *e)
{
    enum { SIDE = SIGNATURE_SIDE, HALF = SIDE / 2 };
    const float scale = 1 / sqrtf(2);
    TRY(MEM_ARRAY(s->halves, (size_t)s->n * (size_t)s->length, "similar images", e));
    TRY(MEM_ARRAY(s->rest, (size_t)s->n + 1, "similar images", e));
    for (int i = 0; i < s->n; i++) {
        const float *x = s->x + (size_t)i * (size_t)s->length;
        float *sum = s->halves + (size_t)i * (size_t)s->length, *less = sum + SIDE * HALF;
        for (int h = 0; h < SIDE; h++)
            for (int w = 0; w < HALF; w++) {
                const float left = x[h * SIDE + w], right = x[h * SIDE + SIDE - 1 - w];
                sum[h * HALF + w] = (left + right) * scale;
                less[h * HALF + w] = (left - right) * scale;
            }
        s->rest[i] = sqrtf(signature_likeness(less, less, SIDE * HALF));
    }
    return ATT_OK;
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
    att_status status = s->flat && s->n ? cut_halves(s, e) : ATT_OK;
    if (status == ATT_OK) pool_run(pool, tasks, compare_rows, s);
    if (status == ATT_OK) status = duplicates_gather(s, tasks, list, count, e);
    mem_free(s->halves);
    mem_free(s->rest);
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

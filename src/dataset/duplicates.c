/* SPDX-License-Identifier: Apache-2.0 */
/* Compares signatures in whole numbers, and exactly where these leave a doubt; of many similar
 * images keeps only the pairs that join them; groups by union-find. */
#include "dataset/duplicates.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/ints.h"
#include "base/mem.h"
#include "image/signature.h"

static const float min_flat = .75F, min_volume = .85F; /* from docs/data.md */
enum { ROWS = 32 };                                    /* of a task */

struct found {
    struct duplicate *list;
    int count;
};

struct search {
    const float *x;
    int n, length;
    int from, rows; /* compares rows of x below `rows` with later ones from `from` on */
    bool flat;
    /* The signatures in SCALE parts of 1. Flat ones as the sums, then the differences, of cells
     * that mirroring exchanges, of which `rest` is the length; products of these two are the
     * likeness of an image and of its mirror image. */
    float *halves, *rest;
    int16_t *coarse;
    struct found *found; /* by task */
    bool *lost;          /* by task: no memory */
};

enum { SCALE = INT16_MAX };
static const float coarseness = 2e-3F; /* of products in whole numbers */

/* Of PART numbers at a time: a constant length is faster. */
enum { PART = SIGNATURE_SIDE * SIGNATURE_SIDE / 4 };

static int32_t coarse_product(const int16_t *a, const int16_t *b, int length)
{
    int32_t sum = 0;
    for (int from = 0; from < length; from += PART)
        for (int i = 0; i < PART; i++) sum += a[from + i] * b[from + i];
    return sum;
}

static float compare_flat(const struct search *s, int a, int b, bool *mirrored)
{
    const int half = s->length / 2;
    const float *x = s->halves + (size_t)a * (size_t)s->length,
                *y = s->halves + (size_t)b * (size_t)s->length;
    const float differences = signature_likeness(x + half, y + half, half);
    *mirrored = differences < 0;
    return signature_likeness(x, y, half) + fabsf(differences);
}

static void compare_exactly(const struct search *s, struct duplicate *one)
{
    const size_t length = (size_t)s->length;
    one->likeness = s->flat ? compare_flat(s, one->a, one->b, &one->mirrored)
                            : signature_likeness(s->x + (size_t)one->a * length,
                                  s->x + (size_t)one->b * length, s->length);
}

/* Whether they are similar; the likeness is that of whole numbers. Most pairs of flat ones end
 * after half of the work: the rest cannot make them similar. */
static bool are_similar(const struct search *s, int a, int b, struct duplicate *one)
{
    const int first = s->flat ? s->length / 2 : s->length;
    const int16_t *x = s->coarse + (size_t)a * (size_t)s->length,
                  *y = s->coarse + (size_t)b * (size_t)s->length;
    const float min = s->flat ? min_flat : min_volume, unit = 1.F / SCALE / SCALE;
    const int32_t sums = coarse_product(x, y, first);
    if ((float)sums * unit + s->rest[a] * s->rest[b] < min - coarseness) return false;
    const int32_t differences = s->flat ? coarse_product(x + first, y + first, first) : 0;
    *one = (struct duplicate){a, b, (float)(sums + abs(differences)) * unit, false};
    if (fabsf(one->likeness - min) > coarseness) return one->likeness > min;
    compare_exactly(s, one);
    return one->likeness >= min;
}

static void cut_halves(struct search *s)
{
    enum { SIDE = SIGNATURE_SIDE, HALF = SIDE / 2 };
    const float scale = 1 / sqrtf(2);
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
}

static att_status duplicates_prepare(struct search *s, struct err *e)
{
    const size_t all = (size_t)s->n * (size_t)s->length;
    TRY(MEM_ARRAY(s->rest, s->n + 1, "similar images", e));
    TRY(MEM_ARRAY(s->coarse, all + 1, "similar images", e));
    if (s->flat) {
        TRY(MEM_ARRAY(s->halves, all + 1, "similar images", e));
        cut_halves(s);
    }
    const float *x = s->flat ? s->halves : s->x;
    for (size_t i = 0; i < all; i++) s->coarse[i] = (int16_t)lrintf(x[i] * SCALE);
    return ATT_OK;
}

/* Of the images similar to one, keep the most similar; then the next that is not similar to any
 * kept one, and so on. All stay joined, directly or by others, but not each with each. */
static void keep_nearest(const struct search *s, struct found *all, struct found *kept, bool *lost)
{
    while (all->count && !*lost) {
        int best = 0, left = 0;
        for (int i = 1; i < all->count; i++)
            if (all->list[i].likeness > all->list[best].likeness) best = i;
        struct duplicate one = all->list[best];
        compare_exactly(s, &one);
        *lost = MEM_ROOM(kept->list, kept->count, NULL, NULL) != ATT_OK;
        if (!*lost) kept->list[kept->count++] = one;
        for (int i = 0; i < all->count; i++) {
            struct duplicate unused;
            const int a = all->list[i].a;
            if (i != best && !are_similar(s, min_int(a, one.a), max_int(a, one.a), &unused))
                all->list[left++] = all->list[i];
        }
        all->count = left;
    }
}

static void compare_rows(void *arg, int task, int worker)
{
    const struct search *s = arg;
    const int first = s->from + task * ROWS, end = min_int(first + ROWS, s->n);
    struct found all[ROWS] = {{NULL, 0}};
    bool lost = false;
    (void)worker;
    for (int a = 0; a < s->rows && a < end; a++)
        for (int b = max_int(a + 1, first); b < end && !lost; b++) {
            struct found *f = &all[b - first];
            struct duplicate one;
            if (!are_similar(s, a, b, &one)) continue;
            lost = MEM_ROOM(f->list, f->count, NULL, NULL) != ATT_OK;
            if (!lost) f->list[f->count++] = one;
        }
    for (int i = 0; i < ROWS; i++) {
        keep_nearest(s, &all[i], &s->found[task], &lost);
        mem_free(all[i].list);
    }
    s->lost[task] = lost;
}

static int by_cases(const void *a, const void *b)
{
    const struct duplicate *x = a, *y = b;
    return x->a != y->a ? x->a - y->a : x->b - y->b;
}

static att_status duplicates_gather(
    const struct search *s, int tasks, struct duplicate **list, int *count, struct err *e)
{
    size_t all = 0, at = 0;
    bool lost = false;
    for (int i = 0; i < tasks; i++) {
        all += (size_t)s->found[i].count;
        lost |= s->lost[i];
    }
    *list = lost ? NULL : mem_array(all + 1, sizeof **list);
    if (!*list) return err_memory(e, all * sizeof **list, "pairs of similar images");
    for (int i = 0; i < tasks; i++) {
        if (s->found[i].count)
            memcpy(*list + at, s->found[i].list, (size_t)s->found[i].count * sizeof **list);
        at += (size_t)s->found[i].count;
    }
    qsort(*list, all, sizeof **list, by_cases);
    *count = (int)all;
    return ATT_OK;
}

static att_status dataset_duplicates_find(
    struct search *s, struct pool *pool, struct duplicate **list, int *count, struct err *e)
{
    const int tasks = divide_up(s->n - s->from, ROWS);
    s->length = signature_length(s->flat);
    *list = NULL;
    *count = 0;
    TRY(MEM_ARRAY(s->found, tasks + 1, "pairs of similar images", e));
    att_status status = MEM_ARRAY(s->lost, tasks + 1, "pairs of similar images", e);
    if (status == ATT_OK) status = duplicates_prepare(s, e);
    if (status == ATT_OK) pool_run(pool, tasks, compare_rows, s);
    if (status == ATT_OK) status = duplicates_gather(s, tasks, list, count, e);
    mem_free(s->halves);
    mem_free(s->rest);
    mem_free(s->coarse);
    for (int i = 0; i < tasks; i++) mem_free(s->found[i].list);
    mem_free(s->found);
    mem_free(s->lost);
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
